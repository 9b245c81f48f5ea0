"""An API server that answers as a real one did (recorded.json, by `tests/judges/test_cluster.py --renew`), over TLS."""

from __future__ import annotations

import contextlib
import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from batten import api
from batten.model.report import Report
from batten.model.settings import Settings
from sources.engine.fake import TLS, told
from sources.engine.fake import tls as served_tls

__all__ = ["TLS", "Cluster", "Handler", "cluster", "config", "deployments", "scan", "serving", "told"]

HERE = Path(__file__).parent
NAMESPACE = "owners"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
Json = dict[str, Any]


class Handler(BaseHTTPRequestHandler):
    """What an answer of one's own is given."""

    cluster: Cluster
    protocol_version = "HTTP/1.1"
    timeout = 20

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: Any, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def handle_any(self) -> None:
        cluster = self.cluster
        cluster.methods.add(self.command)
        cluster.paths.append(self.path)
        cluster.headers.append(dict(self.headers))
        parts = urlsplit(self.path)
        found = cluster.answers.get(parts.path, 404)
        if callable(found):
            found(self)
        elif isinstance(found, int):
            message = {"kind": "Status", "status": "Failure", "message": f"no {parts.path}", "code": found}
            self.answer(found, message)
        else:
            self.answer(200, self.page(found, parse_qs(parts.query)))

    def page(self, found: Any, query: dict[str, list[str]]) -> Any:
        """In chunks, as it is asked for."""
        items = found.get("items") if isinstance(found, dict) else None
        if not isinstance(items, list) or "limit" not in query:
            return found
        start, size = int(query.get("continue", ["0"])[0]), min(int(query["limit"][0]), self.cluster.page)
        following = str(start + size) if start + size < len(items) else ""
        return {**found, "items": items[start : start + size], "metadata": {"continue": following}}

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any


Answer = Callable[[Handler], None]


class Cluster:
    """What it answers, and what it was asked."""

    def __init__(self, answers: Json) -> None:
        self.answers: dict[str, Any] = answers
        """JSON by path; a status alone, or what sends the answer itself."""
        self.page = 500
        self.methods: set[str] = set()
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []

    def asked(self) -> list[str]:
        return [urlsplit(path).path for path in self.paths]


def cluster() -> Cluster:
    return Cluster(json.loads((HERE / "recorded.json").read_text(encoding="utf-8")))


def deployments(*names: str, **spec: Any) -> Json:
    """A list of them, as the server gives one: without the kind of each."""
    pod = {"containers": [{"name": "app", "image": "registry.example/app:1"}], **spec}
    items = [
        {"metadata": {"name": name, "namespace": NAMESPACE, "uid": name}, "spec": {"template": {"spec": pod}}}
        for name in names
    ]
    return {"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": {}, "items": items}


@contextlib.contextmanager
def serving(found: Cluster, *, encrypted: bool = True, mutual: bool = False) -> Iterator[str]:
    """Its address."""
    handler = type("Bound", (Handler,), {"cluster": found})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        if encrypted:
            server.socket = served_tls(asks_for_a_certificate=mutual).wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"{'https' if encrypted else 'http'}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def config(path: Path, server: str, user: Json | None = None, **more: Any) -> Path:
    """A kubeconfig with one context, `prod`; `more` is said of its cluster."""
    authority = b64encode((TLS / "ca.crt").read_bytes()).decode()
    known = {"server": server, "certificate-authority-data": authority, **more}
    value = {
        "current-context": "prod",
        "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {key: one for key, one in known.items() if one is not None}}],
        "users": [{"name": "u", "user": {"token": "token-of-mine"} if user is None else user}],
    }
    path.write_text(json.dumps(value))
    return path


def scan(
    found: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    namespaces: tuple[str, ...] = (NAMESPACE,),
    **more: Any,
) -> Report:
    with serving(found) as address:
        monkeypatch.setenv("KUBECONFIG", str(config(tmp_path / "config", address)))
        return api.scan(["cluster:"], Settings(as_of="2026-11-01", namespaces=namespaces, **more)).report
