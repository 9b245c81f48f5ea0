"""A real API server with its store on loopback: started for a test, spoken to as its administrator."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

JUDGE = Path(__file__).parents[2] / ".judges" / "cluster"
ADMIN, JANE, NOBODY = "admin-token-0123456789", "jane-token-0123456789", "nobody-token-0123456789"
"""`jane` has the rights that a test binds to her, `nobody` those of everybody."""


_SERVED = {"batch/v1beta1": "batch/v1", "policy/v1beta1": "policy/v1", "extensions/v1beta1": "apps/v1"}
"""Versions that are gone -> those that objects are kept in."""


class _Loader(yaml.SafeLoader):
    """Dates stay texts."""


_Loader.yaml_implicit_resolvers = {
    key: [one for one in found if one[0] != "tag:yaml.org,2002:timestamp"]
    for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Kube:
    """What the administrator does by hand, where controllers would."""

    def __init__(self, address: str, authority: bytes) -> None:
        self.address = address
        self.authority = authority
        self.client = self.as_user(ADMIN)
        self._plurals: dict[str, dict[str, tuple[str, bool]]] = {}

    def as_user(self, token: str) -> httpx.Client:
        import ssl

        return httpx.Client(
            base_url=self.address,
            verify=ssl.create_default_context(cadata=self.authority.decode()),
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
            trust_env=False,
        )

    def is_ready(self) -> bool:
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def kubeconfig(self, path: Path, token: str = ADMIN, context: str = "judge") -> Path:
        data = base64.b64encode(self.authority).decode()
        path.write_text(
            json.dumps({
                "apiVersion": "v1", "kind": "Config", "current-context": context,
                "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": {"server": self.address, "certificate-authority-data": data}}],
                "users": [{"name": "u", "user": {"token": token}}],
            })
        )  # fmt: skip
        return path

    def path(self, version: str, kind: str, namespace: str) -> str:
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if version not in self._plurals or kind not in self._plurals[version]:
            listed = self.client.get(root).raise_for_status().json()["resources"]
            self._plurals[version] = {
                one["kind"]: (one["name"], one["namespaced"]) for one in listed if "/" not in one["name"]
            }
        plural, namespaced = self._plurals[version][kind]
        return f"{root}/namespaces/{namespace}/{plural}" if namespaced else f"{root}/{plural}"

    def create(self, value: dict[str, Any], namespace: str = "default") -> dict[str, Any]:
        """As `kubectl create`, with what `kubectl apply` notes of it; into its own namespace or this one."""
        value = json.loads(json.dumps(value))
        value["apiVersion"] = _SERVED.get(value["apiVersion"], value["apiVersion"])
        metadata = value.setdefault("metadata", {})
        said = json.dumps(value)
        if value["kind"] not in ("Secret", "ConfigMap"):
            metadata["annotations"] = {**(metadata.get("annotations") or {})}
            metadata["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = said
        path = self.path(value["apiVersion"], value["kind"], metadata.get("namespace", namespace))
        answer = self.client.post(path, json=value, params={"fieldManager": "kubectl"})
        if answer.status_code == 409 and value["kind"] == "Namespace":
            return {}
        assert answer.status_code == 201, (value["kind"], metadata.get("name"), answer.text[:600])
        made: dict[str, Any] = answer.json()
        return made

    def status(self, made: dict[str, Any], status: dict[str, Any]) -> None:
        metadata = made["metadata"]
        path = self.path(made["apiVersion"], made["kind"], metadata.get("namespace", ""))
        body = {"status": status}
        headers = {"Content-Type": "application/merge-patch+json"}
        answer = self.client.patch(f"{path}/{metadata['name']}/status", json=body, headers=headers)
        assert answer.status_code == 200, answer.text

    def namespace(self, name: str) -> None:
        """With the account that a controller makes in each."""
        self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        self.account(name)

    def account(self, namespace: str) -> None:
        for _ in range(2):
            answer = self.client.post(
                f"/api/v1/namespaces/{namespace}/serviceaccounts",
                json={"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}},
            )
            if answer.status_code in (201, 409):
                return

    def apply(self, paths: list[Path], namespace: str = "default") -> tuple[list[dict[str, Any]], list[str]]:
        """Every object of files, namespaces first: those that the server took as they were written, and why others
        were refused."""
        objects = [one for path in paths for one in objects_in(path)]
        objects.sort(key=lambda one: one["kind"] != "Namespace")
        taken, refused = [], []
        for one in objects:
            try:
                self.create(one, namespace)
            except (AssertionError, httpx.HTTPStatusError, KeyError) as error:
                refused.append(str(error)[:300])
            else:
                taken.append(one)
                if one["kind"] == "Namespace":
                    self.account(one["metadata"]["name"])
        return taken, refused


def objects_in(path: Path) -> list[dict[str, Any]]:
    """Of a file; none of one that is no manifest (a template, a Compose file)."""
    try:
        found = [one for one in yaml.load_all(path.read_text(), _Loader) if isinstance(one, dict)]
    except yaml.YAMLError:
        return []
    objects = [inner for one in found for inner in (one["items"] if one.get("kind") == "List" else [one])]
    return [one for one in objects if "kind" in one and "apiVersion" in one]


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def running(folder: Path) -> Iterator[Kube]:
    """etcd and kube-apiserver, with RBAC, until the end."""
    client, peer, secure = free(), free(), free()
    (folder / "tokens.csv").write_text(f'{ADMIN},admin,1,"system:masters"\n{JANE},jane,2\n{NOBODY},nobody,3\n')
    key = folder / "account.key"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    stores = f"http://127.0.0.1:{client}"
    peers = f"http://127.0.0.1:{peer}"
    with (
        _started(
            folder / "etcd.log", "etcd", "--name=judge", f"--data-dir={folder}/etcd",
            f"--listen-client-urls={stores}", f"--advertise-client-urls={stores}", f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=judge={peers}", "--unsafe-no-fsync",
            "--log-level=error",
        ),
        _started(
            folder / "apiserver.log", "kube-apiserver", f"--etcd-servers={stores}", f"--secure-port={secure}",
            "--bind-address=127.0.0.1", f"--cert-dir={folder}/tls", "--authorization-mode=RBAC",
            f"--token-auth-file={folder}/tokens.csv", "--service-account-issuer=https://judge.invalid",
            f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged=true",
        ) as server,
    ):  # fmt: skip
        certificate = folder / "tls" / "apiserver.crt"
        _until(certificate.exists, server, folder)
        kube = Kube(f"https://127.0.0.1:{secure}", certificate.read_bytes())
        try:
            _until(kube.is_ready, server, folder)
            kube.account("default")
            yield kube
        finally:
            kube.client.close()


def _until(there: Callable[[], bool], server: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, (folder / "apiserver.log").read_text()[-2000:]
        if there():
            return
        time.sleep(0.1)
    raise AssertionError((folder / "apiserver.log").read_text()[-2000:])


@contextmanager
def _started(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        environ = {"PATH": os.environ["PATH"], "HOME": str(log.parent)}
        process = subprocess.Popen([JUDGE, *command], stdout=output, stderr=output, env=environ, cwd=log.parent)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
