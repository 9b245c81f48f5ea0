"""`npm audit` over random advisories and a lock file with every version beside their bounds: npm is given the ranges
over loopback (its bulk endpoint) and decides by itself which packages they are about."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest

from batten import api
from batten.model.settings import ImageSettings, Settings
from batten.vulnerabilities.db.build import build

NPM = shutil.which("npm")
SEED = int(os.environ.get("JUDGED_SEED", "1"))
PACKAGES, VERSIONS = 200, 10

pytestmark = [pytest.mark.judge, pytest.mark.skipif(NPM is None, reason="no npm is here")]


def version(random: Random) -> str:
    pre = random.choice(("", "", "", "-0", "-beta", "-rc.1", "-rc.10"))
    return f"{random.randint(0, 3)}.{random.randint(0, 3)}.{random.randint(0, 3)}{pre}"


def release(random: Random) -> str:
    # no pre-release of 0.0.0: what begins there begins with everything
    return f"{random.randint(0, 3)}.{random.randint(0, 3)}.{random.randint(1, 3)}"


def osv(name: str, random: Random) -> tuple[dict[str, Any], str]:
    """A record, and the same as a range of npm."""
    events: list[dict[str, str]] = []
    told = []
    for lower, upper in zip(*[iter(sorted((version(random) for _ in range(4)), key=order))] * 2, strict=True):
        kind = random.choice(("fixed", "fixed", "last_affected"))
        if order(lower) >= order(upper) or (events and "last_affected" in events[-1] and lower == told[-1][1]):
            continue
        events += [{"introduced": lower}, {kind: upper}]
        told.append((f">={lower} {'<' if kind == 'fixed' else '<='}{upper}", upper))
    if not told:
        events, told = [{"introduced": "0"}], [("*", "")]
    affected = {"package": {"ecosystem": "npm", "name": name}, "ranges": [{"type": "SEMVER", "events": events}]}
    record = {"id": f"GHSA-{name}", "modified": "2026-01-01T00:00:00Z", "affected": [affected]}
    return record, " || ".join(text for text, _ in told)


def working_group(name: str, number: int, random: Random) -> tuple[dict[str, Any], str]:
    """An advisory of the security working group, whose range is npm's own."""
    one, other = release(random), release(random)
    text = random.choice(
        (
            f"<{one}",
            f"<={one}",
            f"={one}",
            f"~{one}",
            f"^{one}",
            f"{one[0]}.x",
            f">={min(one, other)} <{max(one, other)}",
            f"<{min(one, other)} || >={max(one, other)}",
            f">{min(one, other)} <={max(one, other)}",
        )
    )
    record = {"id": number, "module_name": name, "vulnerable_versions": text, "patched_versions": None, "cves": []}
    return record, text


def order(text: str) -> tuple[Any, ...]:
    from batten.versions import sort_key

    key = sort_key("semver", text)
    assert isinstance(key, tuple)
    return key


@contextmanager
def registry(advisories: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """npm's bulk endpoint for these; it has no packages."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            self._send(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
            self._send(200, {name: advisories[name] for name in asked if name in advisories})

        def _send(self, status: int, found: object) -> None:
            data = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def project(folder: Path, versions: dict[str, list[str]]) -> None:
    """A lock file that has each version of each package, one below one holder."""
    root = {"name": "shop", "version": "1.0.0", "dependencies": {f"holder-{n}": "1.0.0" for n in range(VERSIONS)}}
    packages: dict[str, Any] = {"": root}
    for n in range(VERSIONS):
        needs = {name: found[n] for name, found in versions.items() if n < len(found)}
        packages[f"node_modules/holder-{n}"] = {"version": "1.0.0", "dependencies": needs}
        for name, found in needs.items():
            packages[f"node_modules/holder-{n}/node_modules/{name}"] = {"version": found}
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps(root))
    lock = {"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    (folder / "package-lock.json").write_text(json.dumps(lock))


def audited(folder: Path, address: str) -> set[tuple[str, str]]:
    """(package, version) that npm holds for vulnerable by an advisory of its own."""
    assert NPM is not None
    command = [NPM, "audit", "--json", "--package-lock-only", "--registry", address, "--cache", str(folder / "cache")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    found = json.loads(done.stdout)
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    return {
        (name, packages[node]["version"])
        for name, one in found["vulnerabilities"].items()
        if any(isinstance(via, dict) for via in one["via"])
        for node in one["nodes"]
    }


def test_random_advisories_are_about_the_same_packages(tmp_path: Path) -> None:
    random = Random(SEED)
    advisories: dict[str, list[dict[str, Any]]] = {}
    versions: dict[str, list[str]] = {}
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    with zipfile.ZipFile(mirror / "all.zip", "w") as archive:
        for number in range(PACKAGES):
            name = f"package-{number}"
            make = osv(name, random) if number % 2 else working_group(name, number, random)
            archive.writestr(f"{name}.json" if number % 2 else f"vuln/npm/{number}.json", json.dumps(make[0]))
            fields = {"id": number, "url": f"https://a.example/{number}", "title": name, "severity": "high"}
            advisories[name] = [{**fields, "vulnerable_versions": make[1], "cwe": [], "cvss": {"score": 0}}]
            near = [part.lstrip("<>=~^") for part in make[1].split() if part.lstrip("<>=~^")[:1].isdigit()]
            exact = [text for text in near if text.count(".") >= 2 and "x" not in text]
            versions[name] = list(dict.fromkeys([*exact, *(version(random) for _ in range(VERSIONS))]))[:VERSIONS]
    project(tmp_path / "shop", versions)
    database = tmp_path / "advisories.sqlite"
    assert build(mirror, database).problems == ()
    with registry(advisories) as address:
        theirs = audited(tmp_path / "shop", address)
    settings = Settings(images=ImageSettings(database=str(database), offline=True))
    report = api.scan([str(tmp_path / "shop")], settings).report
    ours = {(row.name, row.installed) for row in report.vulnerabilities if row.status == "affected"}
    assert len(theirs) > PACKAGES
    told = {name: advisories[name][0]["vulnerable_versions"] for name, _ in ours ^ theirs}
    assert ours == theirs, told
