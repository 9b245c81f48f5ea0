"""`pip-audit` over random advisories and pinned requirements.

Of its services that of Ecosyste.ms alone lets it decide by itself which versions an advisory is about: it is answered
here, behind a proxy on loopback and with a certificate made for the test.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from batten import api
from batten.model.settings import ImageSettings, Settings
from batten.versions import compare
from batten.vulnerabilities.db.build import build

PROGRAM = Path(__file__).parents[2] / ".judges" / "pip-audit" / "bin" / "pip-audit"
HOST = "advisories.ecosyste.ms"
SEED = int(os.environ.get("JUDGED_SEED", "1"))
PACKAGES = 300

pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not PROGRAM.exists(), reason="pip-audit is not here: make judges"),
]


def version(random: Random) -> str:
    """No pre-release: where a range names none pip-audit holds it for safe."""
    epoch = random.choice(("", "", "", "", "1!"))
    parts = ".".join(str(random.choice((0, 1, 2, 9, 10))) for _ in range(random.randint(1, 4)))
    return f"{epoch}{parts}{random.choice(('', '', '', '.post1', '.post10'))}"


def advisory(name: str, random: Random) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """The record of OSV, what the service says of the same, the bounds."""
    while compare("pep440", *(bounds := sorted_pair(random))) == 0:
        pass
    lower, upper = bounds
    kind, sign = random.choice((("fixed", "<"), ("last_affected", "<=")))
    events = [{"introduced": lower}, {kind: upper}]
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    record = {"id": f"PYSEC-{name}", "modified": "2026-01-01T00:00:00Z", "affected": [affected]}
    ranges = [{"vulnerable_version_range": f">= {lower}, {sign} {upper}", "first_patched_version": None}]
    said = {
        "identifiers": [f"PYSEC-{name}"], "withdrawn_at": None, "title": name, "published": "2026-01-01T00:00:00Z",
        "packages": [{"package_name": name, "ecosystem": "pypi", "versions": ranges}],
    }  # fmt: skip
    return record, said, [lower, upper]


def sorted_pair(random: Random) -> tuple[str, str]:
    one, other = version(random), version(random)
    return (one, other) if compare("pep440", one, other) < 0 else (other, one)


@contextmanager
def service(folder: Path, advisories: dict[str, dict[str, Any]]) -> Iterator[dict[str, str]]:
    """What the environment says, so that a program finds Ecosyste.ms here."""
    certificate, key = folder / "service.crt", folder / "service.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"]
    command += ["-addext", f"subjectAltName=DNS:{HOST}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():  # CONNECT and its headers
                pass
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with context.wrap_socket(self.request, server_side=True) as spoken, spoken.makefile("rb") as lines:
                while asked := lines.readline():
                    while lines.readline().strip():
                        pass
                    name = parse_qs(urlsplit(asked.split()[1].decode()).query)["package_name"][0]
                    data = json.dumps([advisories[name]] if name in advisories else []).encode()
                    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
                    spoken.sendall(head.encode() + data)

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        yield {"HTTPS_PROXY": address, "https_proxy": address, "REQUESTS_CA_BUNDLE": str(certificate), "NO_PROXY": ""}
        server.shutdown()


def test_random_advisories_are_about_the_same_versions(tmp_path: Path) -> None:
    random = Random(SEED)
    said: dict[str, dict[str, Any]] = {}
    lines = []
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    with zipfile.ZipFile(mirror / "all.zip", "w") as archive:
        for number in range(PACKAGES):
            name = f"package-{number}"
            record, said[name], bounds = advisory(name, random)
            archive.writestr(f"PYSEC-{number}.json", json.dumps(record))
            lines.append(f"{name}=={random.choice((*bounds, version(random), version(random)))}")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "requirements.txt").write_text("\n".join(lines) + "\n")
    database = tmp_path / "advisories.sqlite"
    assert build(mirror, database).problems == ()
    with service(tmp_path, said) as environment:
        command = [str(PROGRAM), "-r", "requirements.txt", "--no-deps", "--disable-pip", "-s", "esms", "-f", "json"]
        command += ["--progress-spinner", "off", "--cache-dir", str(tmp_path / "cache")]
        done = subprocess.run(
            command, cwd=tmp_path / "shop", env={**os.environ, **environment}, capture_output=True, text=True,
            check=False, timeout=300,
        )  # fmt: skip
    assert done.stdout, done.stderr[-1000:]
    dependencies = json.loads(done.stdout)["dependencies"]
    assert len(dependencies) == PACKAGES
    theirs = {one["name"] for one in dependencies if one["vulns"]}
    settings = Settings(images=ImageSettings(database=str(database), offline=True))
    report = api.scan([str(tmp_path / "shop")], settings).report
    ours = {row.name for row in report.vulnerabilities if row.status == "affected"}
    assert PACKAGES / 4 < len(theirs) < PACKAGES
    assert ours == theirs, {line for line in lines if line.partition("==")[0] in ours ^ theirs}
