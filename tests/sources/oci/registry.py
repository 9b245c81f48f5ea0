"""A small real OCI registry over sockets, and what a bad one does: for tests of everything that asks registries."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sources.oci.made import Made, index_of, sha256

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass
class Fault:
    """What happens to requests whose path has `path` in it, `times` times; "" in `method` is any."""

    path: str
    times: int = 1
    method: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    truncate: int = -1
    """So many bytes of the body are sent, then the connection is cut."""
    pause: float = 0
    """Seconds before the answer."""
    drip: float = 0
    """Seconds between the bytes of the body, which come one by one."""
    echo: bool = False
    """Strikes only where credentials were sent, and repeats them."""
    change: Callable[[bytes], bytes] | None = None
    """A lie: the body is sent so instead."""


@dataclass
class Seen:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


class Registry:
    """`auth` is none, basic or bearer; everything else is set on the attributes."""

    def __init__(
        self, auth: str = "none", users: dict[str, str] | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.auth = auth
        self.users = users or {}
        self.refresh_tokens: set[str] = set()
        self.anonymous = True
        """Does everybody get a token for pulling?"""
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, dict[str, tuple[str, bytes]]] = {}
        """Repository -> tag or digest -> (media type, bytes)."""
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.redirect_blobs = ""
        """Origin of a host that has the blobs."""
        self.ranges = True
        self.referrers_api = True
        self.page = 1000
        self.tokens: dict[str, str] = {}
        """Token -> scope."""
        self.token_answer: dict[str, Any] | None = None
        self.challenge: str | None = None
        self.post_tokens_only = False
        self.upload_origin = ""
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        self.origin = f"{'https' if tls else 'http'}://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Registry:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def store(self, repository: str, made: Made, *tags: str) -> str:
        self.blobs |= made.blobs
        self.put(repository, made.manifest, json.loads(made.manifest).get("mediaType", OCI_MANIFEST), *tags)
        return made.digest

    def put(self, repository: str, data: bytes, media_type: str, *references: str) -> str:
        known = self.manifests.setdefault(repository, {})
        for reference in (sha256(data), *references):
            known[reference] = (media_type, data)
        return sha256(data)

    def store_index(
        self, repository: str, made: list[Made], *tags: str, more: list[dict[str, Any]] | None = None
    ) -> str:
        for one in made:
            self.store(repository, one)
        data = index_of(*(one.descriptor for one in made), *(more or []))
        return self.put(repository, data, OCI_INDEX, *tags)

    def asked(self, path: str = "", method: str = "") -> list[Seen]:
        return [one for one in self.seen if path in one.path and method in ("", one.method)]

    def fault(self, method: str, path: str, given: str) -> Fault | None:
        with self._lock:
            for one in self.faults:
                if one.times > 0 and one.path in path and one.method in ("", method) and (given or not one.echo):
                    one.times -= 1
                    return one
        return None


def _handler(registry: Registry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def log_message(self, *_: object) -> None:
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (ConnectionError, ssl.SSLError, OSError):
                self.close_connection = True

        def _any(self) -> None:
            length = self.headers.get("Content-Length")
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b"".join(self._chunks())
            else:
                body = self.rfile.read(int(length or 0))
            registry.seen.append(Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            given = self.headers.get("Authorization", "")
            self._fault = registry.fault(self.command, self.path, given)
            if self._fault is not None and self._fault.pause:
                time.sleep(self._fault.pause)
            if self._fault is not None and self._fault.echo:
                decoded = base64.b64decode(given.partition(" ")[2] + "==", validate=False).decode("utf-8", "replace")
                self.refuse(self._fault.status, given, f"found {decoded} in {given}")
                return
            if self._fault is not None and self._fault.status:
                self.answer(self._fault.status, self._fault.body or b"", self._fault.headers)
                return
            url = urlsplit(self.path)
            if url.path == "/token":
                self._token(parse_qs(url.query), body)
            elif url.path == "/v2/" or url.path.startswith("/v2/"):
                self._api(url.path.removeprefix("/v2/"), parse_qs(url.query), body)
            elif url.path.startswith("/elsewhere/"):
                self._blob(url.path.rpartition("/")[2])
            else:
                self.answer(404)

        do_GET = do_HEAD = do_POST = do_PUT = _any

        def _chunks(self) -> Iterator[bytes]:
            while size := int(self.rfile.readline().strip() or b"0", 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()

        def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
            fault = self._fault
            if fault is not None and fault.change:
                body = fault.change(body)
            self.send_response(status)
            sent = {"Content-Length": str(len(body)), **(fault.headers if fault else {}), **(headers or {})}
            for name, value in sent.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            if fault is not None and fault.truncate >= 0:
                self.wfile.write(body[: fault.truncate])
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            if fault is not None and fault.drip:
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(fault.drip)
                return
            self.wfile.write(body)

        def refuse(self, status: int, code: str, message: str = "", headers: dict[str, str] | None = None) -> None:
            body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
            self.answer(status, body, {"Content-Type": "application/json", **(headers or {})})

        def _allowed(self, repository: str, actions: str) -> bool:
            given = self.headers.get("Authorization", "")
            if registry.auth == "none":
                return True
            if registry.auth == "basic":
                challenge = 'Basic realm="registry"'
                if given.startswith("Basic ") and self._user(given):
                    return True
            else:
                scope = f"repository:{repository}:{actions}"
                challenge = f'Bearer realm="{registry.origin}/token",service="made",scope="{scope}"'
                granted = registry.tokens.get(given.removeprefix("Bearer "), "")
                if granted.startswith(f"repository:{repository}:") and set(actions.split(",")) <= set(
                    granted.rpartition(":")[2].split(",")
                ):
                    return True
            self.refuse(
                401, "UNAUTHORIZED", f"authentication required, not {given}",
                {"WWW-Authenticate": registry.challenge or challenge},
            )  # fmt: skip
            return False

        def _user(self, given: str) -> str:
            user, _, password = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")
            return user if registry.users.get(user) == password and user else ""

        def _token(self, query: dict[str, list[str]], body: bytes) -> None:
            scope = query.get("scope", [""])[0]
            if self.command == "POST":
                form = {key: value[0] for key, value in parse_qs(body.decode()).items()}
                scope = form.get("scope", "")
                good = form.get("refresh_token") in registry.refresh_tokens or (
                    form.get("grant_type") == "password" and registry.users.get(form["username"]) == form["password"]
                )
                key = "access_token"
            elif registry.post_tokens_only:
                self.answer(405)
                return
            else:
                given = self.headers.get("Authorization", "")
                good = bool(self._user(given)) if given else registry.anonymous and "push" not in scope
                key = "token"
            if not good:
                self.refuse(401, "UNAUTHORIZED", "incorrect username or password")
                return
            token = f"token-{len(registry.tokens)}-of-{scope}".replace(" ", "+")
            registry.tokens[token] = scope
            self.answer(200, json.dumps(registry.token_answer or {key: token, "expires_in": 300}).encode())

        def _api(self, path: str, query: dict[str, list[str]], body: bytes) -> None:
            for middle, serve in (
                ("/manifests/", self._manifest),
                ("/blobs/uploads/", self._upload),
                ("/blobs/", self._get_blob),
                ("/tags/", self._tags),
                ("/referrers/", self._referrers),
            ):
                repository, found, rest = path.partition(middle)
                if found:
                    writes = self.command in ("POST", "PUT")
                    if self._allowed(repository, "pull,push" if writes else "pull"):
                        serve(repository, rest, query, body)
                    return
            if path == "" and registry.auth == "none":
                self.answer(200, b"{}")
            else:
                self._allowed("", "")

        def _manifest(self, repository: str, reference: str, query: dict[str, list[str]], body: bytes) -> None:
            if self.command == "PUT":
                media_type = self.headers.get("Content-Type", "")
                registry.put(repository, body, media_type, reference)
                subject = json.loads(body).get("subject")
                told = {"OCI-Subject": subject["digest"]} if subject and registry.referrers_api else {}
                self.answer(201, b"", {"Docker-Content-Digest": sha256(body), **told})
                return
            found = registry.manifests.get(repository, {}).get(reference)
            if found is None:
                self.refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
                return
            media_type, data = found
            if media_type not in self.headers.get("Accept", ""):
                self.refuse(404, "MANIFEST_UNKNOWN", "not acceptable")
                return
            self.answer(200, data, {"Content-Type": media_type, "Docker-Content-Digest": sha256(data)})

        def _get_blob(self, repository: str, digest: str, query: dict[str, list[str]], body: bytes) -> None:
            if digest not in registry.blobs and not registry.redirect_blobs:
                self.refuse(404, "BLOB_UNKNOWN")
            elif registry.redirect_blobs and self.command == "GET":
                self.answer(307, b"", {"Location": f"{registry.redirect_blobs}/elsewhere/{digest}?signature=sesame"})
            else:
                self._blob(digest)

        def _blob(self, digest: str) -> None:
            data = registry.blobs.get(digest)
            if data is None:
                self.answer(404)
                return
            asked = self.headers.get("Range", "")
            if asked and registry.ranges:
                start = int(asked.removeprefix("bytes=").partition("-")[0])
                self.answer(206, data[start:], {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"})
                return
            self.answer(200, data)

        def _upload(self, repository: str, rest: str, query: dict[str, list[str]], body: bytes) -> None:
            if self.command == "POST":
                location = f"{registry.upload_origin}/v2/{repository}/blobs/uploads/one?state=a%2Fb"
                self.answer(202, b"", {"Location": location})
                return
            digest = query["digest"][0]
            if sha256(body) != digest:
                self.refuse(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
                return
            registry.blobs[digest] = body
            self.answer(201, b"", {"Location": f"/v2/{repository}/blobs/{digest}"})

        def _tags(self, repository: str, rest: str, query: dict[str, list[str]], body: bytes) -> None:
            if repository not in registry.manifests:
                self.refuse(404, "NAME_UNKNOWN")
                return
            names = [one for one in registry.manifests[repository] if ":" not in one]
            last = query.get("last", [""])[0]
            start = names.index(last) + 1 if last in names else 0
            part = names[start : start + registry.page]
            more = {}
            if start + registry.page < len(names):
                more = {"Link": f'</v2/{repository}/tags/list?last={part[-1]}&n={registry.page}>; rel="next"'}
            self.answer(200, json.dumps({"name": repository, "tags": part}).encode(), more)

        def _referrers(self, repository: str, digest: str, query: dict[str, list[str]], body: bytes) -> None:
            if not registry.referrers_api:
                self.answer(404)
                return
            entries = []
            for name, (media_type, data) in registry.manifests.get(repository, {}).items():
                document = json.loads(data)
                if ":" in name and document.get("subject", {}).get("digest") == digest:
                    kind = document.get("artifactType") or document["config"]["mediaType"]
                    entries.append({"mediaType": media_type, "digest": name, "size": len(data), "artifactType": kind})
            self.answer(200, index_of(*entries), {"Content-Type": OCI_INDEX})

    return Handler


@contextmanager
def silent() -> Iterator[str]:
    """A host that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"
