"""`batten db` on real files and a real server."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from batten.cli.group import run
from vulnerabilities.db.feed_server import FeedServer

DATA = Path(__file__).parent.parent / "data" / "advisories"
KEV = b'{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2024-1111","dateAdded":"2024-01-01"}]}'


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("BATTEN_FEED_MIRROR", "BATTEN_DB_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BATTEN_DB", str(tmp_path / "cache" / "db.sqlite"))
    return tmp_path / "cache" / "db.sqlite"


def mirror(tmp_path: Path, *names: str) -> str:
    folder = tmp_path / "mirror"
    folder.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(DATA / name, folder)
    return str(folder)


def test_build_status_export_import(tmp_path: Path, database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["db", "build", "--from", mirror(tmp_path, "osv/DSA.json", "secdb/wolfi.json")]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "2 feeds read, 16 records" in told.err
    assert run(["db", "status"]) == 0
    table = capsys.readouterr().out
    assert "debian-security" in table
    assert "wolfi" in table
    assert run(["db", "export", str(tmp_path / "out.tar")]) == 0
    before = database.read_bytes()
    database.unlink()
    assert run(["db", "import", str(tmp_path / "out.tar"), "--quiet"]) == 0
    assert database.read_bytes() == before


def test_names_of_files_command_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(mirror(tmp_path, "osv/DSA.json"))
    (folder / "a\x1b[31m\nb").write_bytes(b"hello")
    (folder / "c\x1b[31m\nd").write_bytes(b"{")
    assert run(["db", "build", "--from", str(folder)]) == 3
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert told.count("\n") == 3


def test_status_tells_a_problem_once_and_the_age_of_what_is_published_daily(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mirror"
    folder.mkdir()
    records = {
        "a.json": {"id": "PYSEC-2024-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "x"}}]},
        "b.json": {"id": "RUSTSEC-2024-1", "affected": [{"package": {"ecosystem": "crates.io", "name": "x"}}]},
        "c.json": {"id": "", "affected": [{"package": {"ecosystem": "PyPI", "name": "y"}}]},
    }
    with ZipFile(folder / "all.zip", "w") as archive:
        for name, record in records.items():
            archive.writestr(name, json.dumps({"modified": "2024-01-01T00:00:00Z", **record}))
    day = (datetime.now(UTC) - timedelta(days=30)).strftime("%Y-%m-%d")
    scores = f"#model_version:v2025.03.14,score_date:{day}T00:00:00+0000\ncve,epss,percentile\nCVE-2024-1,0.1,0.2\n"
    (folder / "epss.csv").write_text(scores)
    run(["db", "build", "--from", str(folder), "-q"])
    capsys.readouterr()
    assert run(["db", "status"]) == 0
    told = capsys.readouterr().out
    assert told.count("records cannot be read") == 1
    assert "\nproblem: all.zip: 1 of 3 records cannot be read" in told
    lines = {line.split()[0]: line.split() for line in told.splitlines() if line.strip()}
    assert lines["epss"][4:6] == ["30", "d!"]
    assert lines["pypa"][4:7] == ["0", "d", "CC-BY-4.0"]


def test_where_nothing_was_fetched_no_database_is_made(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FeedServer() as server:
        assert run(["db", "update", "pypi", "--mirror", server.url]) == 3
    assert "0 feeds read, 0 records, no database was made" in capsys.readouterr().err
    assert not database.exists()


def test_status_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["db", "build", "--from", mirror(tmp_path, "osv/DSA.json"), "-q"])
    capsys.readouterr()
    assert run(["db", "status", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["counts"]["advisories"] == 1
    assert found["sources"][0]["name"] == "debian-security"
    assert found["sources"][0]["ecosystems"] == ["debian:11"]


def test_a_broken_feed_is_named_and_exits_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = mirror(tmp_path, "osv/DSA.json", "facts/missing-date.csv")
    assert run(["db", "build", "--from", folder]) == 3
    assert "missing-date.csv: not used: expected `#model_version" in capsys.readouterr().err
    assert run(["db", "status"]) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["status"], "expected a vulnerability database at"),
        (["export", "out.tar"], "expected a vulnerability database at"),
        (["import", "nowhere.tar"], "expected an exported database or an OCI reference"),
        (["update"], "expected ECOSYSTEM"),
        (["build", "--from", "nowhere"], "expected a directory of advisory feeds"),
        (["build", "--from", ".", "-o", "-"], "a database is not printed"),
        (["export", "-"], "a database is not printed"),
        (["build"], "Missing option '--from'"),
        (["export", "nowhere/out.tar"], "expected a file after FILE in a folder that exists"),
        (["status", "--db", "."], "expected a vulnerability database at ., found a folder"),
        (["build", "--from", ".", "--db", "nowhere/db"], "expected a file after --db in a folder that exists"),
        (["build", "--from", ".", "--db", "-"], "a database is not printed"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["db", *arguments]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert told in found.err
    assert found.err.count("\n") == 1


def test_every_subcommand_takes_the_same_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, one, other = mirror(tmp_path, "osv/DSA.json"), str(tmp_path / "one"), str(tmp_path / "other")
    tar, json_please = str(tmp_path / "out.tar"), ("--format", "json", "--quiet")

    def told(*arguments: str) -> dict[str, object]:
        assert run(["db", *arguments, *json_please]) == 0
        found = capsys.readouterr()
        assert found.err == ""
        answer: dict[str, object] = json.loads(found.out)
        return answer

    built = told("build", "--from", folder, "--db", one)
    assert (built["path"], built["feeds"], built["problems"]) == (one, 1, [])
    exported = told("export", tar, "--db", one)
    assert str(exported["digest"]).startswith("sha256:")
    assert told("import", tar, "--db", other)["path"] == other
    assert Path(other).read_bytes() == Path(one).read_bytes()
    with FeedServer() as server:
        server.files["/kev.json"] = KEV
        updated = told("update", "--feed", f"{server.url}/kev.json", "--db", other)
    assert (updated["feeds"], updated["missing"]) == (1, [])
    assert [source["name"] for source in told("status", "--db", other)["sources"]] == ["debian-security", "kev"]  # type: ignore[attr-defined]
    assert [source["name"] for source in told("status", "--db", one)["sources"]] == ["debian-security"]  # type: ignore[attr-defined]


def test_what_is_no_database_of_this_format_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, tar = mirror(tmp_path, "osv/DSA.json"), str(tmp_path / "out.tar")
    assert run(["db", "build", "--from", folder, "-q"]) == 0
    assert run(["db", "export", tar, "-q"]) == 0
    text, foreign, newer = tmp_path / "thesis.txt", tmp_path / "foreign.sqlite", tmp_path / "newer.sqlite"
    text.write_text("chapter one")
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE mine (a)")
    connection.close()
    assert run(["db", "import", tar, "--db", str(newer), "-q"]) == 0
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    for path, found in ((text, "another file"), (foreign, "another file"), (newer, "a newer one (9)")):
        before = path.read_bytes()
        for arguments in (
            ["build", "--from", folder],
            ["import", tar],
            ["update", "pypi", "--mirror", "http://127.0.0.1:9"],
            ["status"],
            ["export", str(tmp_path / "no.tar")],
        ):
            assert run(["db", *arguments, "--db", str(path)]) == 2
            told = capsys.readouterr()
            assert (told.out, told.err.count("\n")) == ("", 1)
            assert f"found {found}" in told.err
            assert path.read_bytes() == before
    assert not (tmp_path / "no.tar").exists()


def test_a_damaged_database_is_told_and_built_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, path = mirror(tmp_path, "osv/DSA.json"), tmp_path / "db"
    assert run(["db", "build", "--from", folder, "--db", str(path), "-q"]) == 0
    path.write_bytes(path.read_bytes()[:8192] + bytes(range(256)) * 200)
    assert run(["db", "status", "--db", str(path)]) == 2
    assert "the vulnerability database is damaged" in capsys.readouterr().err
    assert run(["db", "build", "--from", folder, "--db", str(path), "-q"]) == 0
    assert run(["db", "status", "--db", str(path)]) == 0


def test_no_device_and_no_database_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, path, pipe = mirror(tmp_path, "osv/DSA.json"), tmp_path / "db", tmp_path / "pipe"
    os.mkfifo(pipe)
    assert run(["db", "build", "--from", folder, "--db", str(pipe)]) == 2
    assert "found a device, pipe or socket" in capsys.readouterr().err
    assert pipe.is_fifo()
    assert run(["db", "build", "--from", folder, "--db", str(path), "-q"]) == 0
    before = path.read_bytes()
    assert run(["db", "export", str(path), "--db", str(path)]) == 2
    assert "found the database itself" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_update_from_a_mirror(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FeedServer() as server:
        server.files["/security-tracker.debian.org/tracker/data/json"] = (DATA / "debian/tracker.json").read_bytes()
        server.files["/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"] = KEV
        assert run(["db", "update", "debian:12", "--mirror", server.url]) == 3
        told = capsys.readouterr().err
        assert "epss_scores-current.csv.gz: not used: cannot be fetched: the server answered 404" in told
        assert "endoflife.date/api/v1/products/full: not used" in told
        assert "tracker/data/json: used in part" in told
        assert run(["db", "update", "--mirror", server.url, "-q"]) == 3
        assert "2 unchanged" not in capsys.readouterr().err
        assert [condition for path, condition in server.seen if path.endswith("json") and condition]
    assert run(["db", "status"]) == 0
    assert "problem: " in capsys.readouterr().out


def test_a_feed_that_is_none_is_told_once(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FeedServer() as server:
        server.files["/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"] = KEV
        server.files["/security-tracker.debian.org/tracker/data/json"] = b"<html>Sign in to go on</html>"
        assert run(["db", "update", "debian:12", "--mirror", server.url]) == 3
    (told,) = [line for line in capsys.readouterr().err.splitlines() if "tracker/data/json" in line]
    assert "not used: expected an advisory feed" in told


def test_update_takes_a_ready_database(tmp_path: Path, database: Path) -> None:
    run(["db", "build", "--from", mirror(tmp_path, "osv/DSA.json"), "-q"])
    run(["db", "export", str(tmp_path / "out.tar"), "-q"])
    before = database.read_bytes()
    database.unlink()
    with FeedServer() as server:
        server.files["/out.tar"] = (tmp_path / "out.tar").read_bytes()
        assert run(["db", "update", "--from", f"{server.url}/out.tar", "-q"]) == 0
    assert database.read_bytes() == before


def test_an_ecosystem_without_a_publisher_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["db", "update", "mysterylinux:1"]) == 3
    assert "no publisher of advisories is known for 'mysterylinux:1'" in capsys.readouterr().err


def test_the_bar_is_for_terminals_only(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    folder = mirror(tmp_path, "osv/DSA.json")
    command = [sys.executable, "-m", "batten", "db", "build", "--from", folder]
    plain = subprocess.run(command, capture_output=True, check=True)
    assert b"\r" not in plain.stderr
    primary, secondary = pty.openpty()
    subprocess.run(command, stderr=secondary, check=True, env={**os.environ, "TERM": "xterm"})
    os.close(secondary)
    assert b"reading DSA.json" in os.read(primary, 4096)
    os.close(primary)


def test_help_without_a_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["db"]) == 0
    assert "batten db update debian:12 pypi npm" in capsys.readouterr().out


def test_no_credentials_of_addresses_are_printed_or_handed_on(
    tmp_path: Path, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FeedServer() as server:
        server.files["/kev.json?token=TokSecret6"] = KEV
        login = server.url.replace("//", "//bob:FeedSecret1@")
        assert run(["db", "update", "--feed", f"{login}/kev.json?token=TokSecret6"]) == 0
        assert run(["db", "status", "--format", "json"]) == 0
        assert run(["db", "export", str(tmp_path / "out.tar")]) == 0
        assert run(["db", "update", "--feed", f"{login}/gone.json?token=TokSecret6"]) == 3
        assert run(["db", "update", "--from", f"{login}/gone.tar?sig=TokSecret6"]) == 2
    told = capsys.readouterr()
    assert "//…@127.0.0.1" in told.out
    assert "gone.tar?sig=…" in told.err
    assert "Secret" not in told.out + told.err
    assert b"Secret" not in (tmp_path / "out.tar").read_bytes() + database.read_bytes()
