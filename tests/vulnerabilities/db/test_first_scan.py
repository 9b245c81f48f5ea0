"""The first scan, with no database yet: it fetches what it needs from a server, or says why it did not."""

from __future__ import annotations

import gzip
import io
import json
import os
import ssl
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batten.cli.group import run
from batten.model.progress import Step
from batten.vulnerabilities.db import open_database
from images import builder

from .feed_server import FeedServer

DATA = Path(__file__).parents[2] / "data"
TRACKER = "/security-tracker.debian.org/tracker/data/json"
OSV = "/osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"
KEV = "/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
EPSS = "/epss.empiricalsecurity.com/epss_scores-current.csv.gz"
ENDS = "/endoflife.date/api/v1/products/full"
STATUS = b"""\
Package: sope
Status: install ok installed
Architecture: amd64
Version: 5.8.0-1
"""
RELEASE = b'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n'
METADATA = b"Metadata-Version: 2.1\nName: Plone\nVersion: 2.0.5\n\n"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cache" / "db.sqlite"
    for name in ("BATTEN_FEED_MIRROR", "BATTEN_DB_ADDRESS", "BATTEN_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BATTEN_DB", str(path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "layers"))
    monkeypatch.setattr("batten.vulnerabilities.enrich.advisories._SECONDS", 0.5)
    monkeypatch.setattr("batten.vulnerabilities.enrich.advisories._WAITS", (0.0,))
    return path


@pytest.fixture
def archive(tmp_path: Path) -> str:
    """Debian 12 with a package that the tracker's own sample speaks of, and one of Python."""
    layers = [
        builder.layer([builder.file("etc/os-release", RELEASE), builder.file("var/lib/dpkg/status", STATUS)]),
        builder.layer([builder.file("srv/lib/python3/site-packages/Plone-2.0.5.dist-info/METADATA", METADATA)]),
    ]
    return str(builder.docker_archive(tmp_path / "web.tar", layers, builder.configuration(layers, User="1000")))


def publish(server: FeedServer) -> None:
    """What the publishers of these ecosystems have, each in its own words."""
    withdrawn = json.loads((DATA / "advisories/osv/pysec-withdrawn.json").read_bytes())
    open_one = {**withdrawn, "id": "PYSEC-2006-11", "aliases": ["CVE-2006-9999"]}
    del open_one["withdrawn"]
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for one in (withdrawn, open_one):
            packed.writestr(f"{one['id']}.json", json.dumps(one))
    tracker = json.loads((DATA / "advisories/debian/tracker.json").read_bytes())
    server.files |= {
        TRACKER: json.dumps({"sope": tracker["sope"]}).encode(),
        OSV: data.getvalue(),
        KEV: (DATA / "advisories/facts/kev.json").read_bytes(),
        EPSS: gzip.compress((DATA / "advisories/facts/example-1.csv").read_bytes()),
        ENDS: (DATA / "advisories/endoflife/products.json").read_bytes(),
    }


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    with FeedServer() as server:
        publish(server)
        monkeypatch.setenv("BATTEN_FEED_MIRROR", server.url)
        yield server


def scan(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> Any:
    capsys.readouterr()
    assert run(["scan", *arguments, "--format", "json", "--quiet"]) == code
    return json.loads(capsys.readouterr().out)


def rows(report: Any) -> dict[str, str]:
    return {one["id"]: one["fixed"] for one in report["vulnerabilities"]}


def problems(report: Any) -> list[str]:
    return [f"{one['path']}: {one['message']}" for one in report["targets"][0]["problems"]]


def test_it_fetches_the_feeds_of_the_ecosystems_met_and_no_others(
    archive: str, server: FeedServer, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = scan(capsys, archive, "--fail-on", "none", code=0)
    assert rows(report) == {"CVE-2025-53603": "5.8.0-1+deb12u1", "CVE-2006-9999": ""}
    assert report["targets"][0]["status"] == "complete"
    assert sorted({path for path, _ in server.seen}) == sorted([TRACKER, OSV, KEV, EPSS, ENDS])
    before = len(server.seen)
    assert rows(scan(capsys, archive, "--fail-on", "none", code=0)) == rows(report)
    assert len(server.seen) == before, "a database that is there is not renewed by a scan"
    assert run(["db", "update", "--quiet"]) == 0
    conditions = server.seen[before:]
    assert conditions
    assert all(condition == server.etag(path) for path, condition in conditions)


def test_it_does_so_over_https_with_an_authority_of_ones_own(
    archive: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DATA / "tls/server.crt", DATA / "tls/server.key")
    with FeedServer(tls=context) as server:
        publish(server)
        monkeypatch.setenv("BATTEN_FEED_MIRROR", server.url)
        untrusted = scan(capsys, archive, "--fail-on", "none", code=3)
        assert "the certificate is not trusted (" in problems(untrusted)[0]
        assert "put its authority into SSL_CERT_FILE" in problems(untrusted)[0]
        assert server.seen == []
        monkeypatch.setenv("SSL_CERT_FILE", str(DATA / "tls/ca.crt"))
        assert set(rows(scan(capsys, archive, "--fail-on", "none", code=0))) == {"CVE-2025-53603", "CVE-2006-9999"}


@pytest.mark.parametrize("fault", ["404", "500", "503 1", "hang", "truncated", "hang-up"])
def test_a_feed_that_fails_is_named_and_the_rest_is_matched(
    archive: str, server: FeedServer, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    server.faults[OSV] = [fault] * 2
    report = scan(capsys, archive, "--fail-on", "none", code=3)
    assert rows(report) == {"CVE-2025-53603": "5.8.0-1+deb12u1"}
    (problem,) = problems(report)
    assert problem.startswith("https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip: cannot be fetched: ")
    assert "`batten db update` tries again" in problem
    assert report["targets"][0]["status"] == "partial"


def test_without_a_network_there_is_the_inventory_and_one_line(
    archive: str, database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FeedServer() as gone:
        monkeypatch.setenv("BATTEN_FEED_MIRROR", gone.url)
    report = scan(capsys, archive, code=3)
    assert sorted(one["name"] for one in report["packages"]) == ["plone", "sope"]
    (problem,) = problems(report)
    assert "nothing was matched: expected a vulnerability database, found none" in problem
    assert "`batten db update`" in problem
    assert not database.exists()


@pytest.mark.parametrize("how", ["option", "environment"])
def test_offline_asks_nobody(
    archive: str,
    server: FeedServer,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    how: str,
) -> None:
    monkeypatch.setenv("BATTEN_DB_ADDRESS", f"{server.url}/ready.tar")
    if how == "environment":
        monkeypatch.setenv("BATTEN_OFFLINE", "1")
    report = scan(capsys, archive, *(["--offline"] if how == "option" else []), code=3)
    assert "--offline fetches none" in problems(report)[0]
    assert server.seen == []
    assert not database.exists()


def test_a_ready_database_is_taken_from_the_address_of_the_environment(
    archive: str,
    server: FeedServer,
    database: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scan(capsys, archive, "--fail-on", "none", code=0)
    assert run(["db", "export", str(tmp_path / "ready.tar"), "-q"]) == 0
    database.unlink()
    server.seen.clear()
    server.files["/ready.tar"] = (tmp_path / "ready.tar").read_bytes()
    monkeypatch.setenv("BATTEN_DB_ADDRESS", f"{server.url}/ready.tar")
    assert len(rows(scan(capsys, archive, "--fail-on", "none", code=0))) == 2
    assert [path for path, _ in server.seen] == ["/ready.tar"]


@pytest.mark.parametrize("data", [b"", b"no archive", None])
def test_a_ready_database_that_cannot_be_had_is_one_line(
    archive: str,
    server: FeedServer,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    data: bytes | None,
) -> None:
    if data is not None:
        server.files["/ready.tar"] = data
    monkeypatch.setenv("BATTEN_DB_ADDRESS", f"{server.url}/ready.tar")
    (problem,) = problems(scan(capsys, archive, code=3))
    assert "none could be taken from BATTEN_DB_ADDRESS" in problem
    assert not database.exists()


def test_a_configuration_that_lies_in_the_target_decides_no_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "batten.toml").write_text('[images]\ndatabase-address = "https://evil.example/db.tar"\n')
    assert run(["scan", str(tmp_path)]) == 2
    assert "database-address" in capsys.readouterr().err


def test_a_terminal_sees_how_far_it_is(archive: str, server: FeedServer) -> None:
    pty = pytest.importorskip("pty")
    server.files[OSV + "x"] = b""
    primary, secondary = pty.openpty()
    command = [sys.executable, "-m", "batten", "scan", archive, "--fail-on", "none", "--format", "json"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=secondary, check=True, env={**os.environ, "TERM": "xterm"}
    )
    os.close(secondary)
    told = os.read(primary, 65536).decode()
    os.close(primary)
    assert "\r\x1b[Kadvisories [" in told
    assert " of 5 feeds: https://" in told
    assert "files  advisories" not in told
    assert json.loads(done.stdout)["targets"][0]["status"] == "complete"
    assert isinstance(Step("a"), str)


def test_what_was_fetched_stays_for_the_next_scan(
    archive: str, server: FeedServer, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan(capsys, archive, "--fail-on", "none", code=0)
    with open_database(database) as db:
        origins = [origin for origin, _, _ in db.origins()]
    assert f"https:/{OSV}" in origins, "the database names the publisher, not the mirror"


def test_the_credentials_of_an_address_without_a_database_are_not_told(
    archive: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BATTEN_DB_ADDRESS", "http://u:AddrSecret5@127.0.0.1:1/db.tar?sig=TokSecret6")
    for format_name in ("json", "table", "sarif", "html"):
        run(["scan", archive, "--format", format_name, "-v"])
        told = capsys.readouterr()
        assert "http://…@127.0.0.1:1/db.tar?sig=…" in " ".join(told.out.split())
        assert "AddrSecret5" not in told.out + told.err
        assert "TokSecret6" not in told.out + told.err
