"""Updates over real sockets: what is unchanged is not sent again, what is broken leaves the old rows."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest

from batten import limits
from batten.vulnerabilities.db import DatabaseError, open_database
from batten.vulnerabilities.db.addresses import Address, everything, of_ecosystems
from batten.vulnerabilities.db.fetch import Fetcher, FetchError
from batten.vulnerabilities.db.transfer import export_file
from batten.vulnerabilities.db.update import update as update_database
from batten.vulnerabilities.db.update import wanted

from .feed_server import FeedServer

KEV = json.dumps({"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2024-1111", "dateAdded": "2024-01-01"}]})


READER = """
import sys
from pathlib import Path
from batten.vulnerabilities.db import open_database
path = Path(sys.argv[1])
with open_database(path) as database:
    print(len(database.advisories("npm", ["left-pad"])["left-pad"]), flush=True)
    sys.stdin.readline()
    print(len(database.advisories("npm", ["left-pad"])["left-pad"]), flush=True)
    sys.stdin.read()
with open_database(path) as database:
    print(len(database.advisories("npm", ["left-pad"])["left-pad"]), flush=True)
"""


update = partial(update_database, waits=(0.0, 0.0))


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db" / "advisories.sqlite"


def record(ident: str, fixed: str, name: str = "left-pad") -> dict[str, object]:
    ranges = [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    affected = [{"package": {"ecosystem": "npm", "name": name}, "ranges": ranges}]
    return {"id": ident, "modified": "2024-01-01T00:00:00Z", "affected": affected}


def zipped(*records: dict[str, object]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in records:
            archive.writestr(f"{one['id']}.json", json.dumps(one))
    return data.getvalue()


def idents(path: Path) -> list[str]:
    with open_database(path) as db:
        return sorted(row.id for row in db.advisories("npm", ["left-pad"]).get("left-pad", []))


def test_the_second_update_asks_only_whether_anything_changed(server: FeedServer, path: Path) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    feeds = [Address(f"{server.url}/all.zip")]
    first = update(path, feeds)
    assert (first.feeds, first.records, first.problems) == (1, 1, ())
    second = update(path, feeds)
    assert (second.feeds, second.unchanged, second.problems) == (0, 1, ())
    assert server.seen[-1] == ("/all.zip", server.etag("/all.zip"))
    assert idents(path) == ["GHSA-a"]


def test_what_changed_replaces_what_was_there(server: FeedServer, path: Path) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"), record("GHSA-b", "1.0.0"))
    server.files["/kev.json"] = KEV.encode()
    feeds = [Address(f"{server.url}/all.zip"), Address(f"{server.url}/kev.json")]
    update(path, feeds)
    server.files["/all.zip"] = zipped(record("GHSA-b", "2.0.0"), record("GHSA-c", "1.0.0"))
    assert update(path, feeds).unchanged == 1
    assert idents(path) == ["GHSA-b", "GHSA-c"]
    with open_database(path) as db:
        assert db.counts()["kev"] == 1
        assert sorted(state.name for state in db.states()) == ["ghsa", "kev"]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("404", "the server answered 404"),
        ("truncated", "cannot be fetched"),
        ("500", "the server answered 500"),
        ("hang-up", "cannot be fetched"),
    ],
)
def test_a_feed_that_fails_keeps_its_old_rows_and_the_others_are_renewed(
    server: FeedServer, path: Path, fault: str, told: str
) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    server.files["/kev.json"] = KEV.encode()
    feeds = [Address(f"{server.url}/all.zip"), Address(f"{server.url}/kev.json")]
    update(path, feeds)
    server.files["/all.zip"] = zipped(record("GHSA-b", "1.0.0"))
    server.files["/kev.json"] = KEV.replace("1111", "2222").encode()
    server.faults["/all.zip"] = [fault] * 3
    outcome = update(path, feeds)
    (problem,) = outcome.problems
    assert problem.lost
    assert problem.origin.endswith("/all.zip")
    assert told in problem.text
    assert idents(path) == ["GHSA-a"]
    with open_database(path) as db:
        assert db.details(["CVE-2024-2222"])
        assert not db.details(["CVE-2024-1111"])
        assert {state.name: bool(state.problem) for state in db.states()} == {"ghsa": True, "kev": False}
    server.faults.clear()
    assert update(path, feeds).problems == ()
    assert idents(path) == ["GHSA-b"]
    with open_database(path) as db:
        assert not any(state.problem for state in db.states())


@pytest.mark.parametrize("data", [b"<html>maintenance</html>", b"PK\x03\x04 cut off", b"\x1f\x8b\x08 no gzip", b"{"])
def test_bytes_that_are_no_feed_change_nothing(server: FeedServer, path: Path, data: bytes) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    feeds = [Address(f"{server.url}/all.zip")]
    update(path, feeds)
    server.files["/all.zip"] = data
    assert len(update(path, feeds).problems) == 1
    assert idents(path) == ["GHSA-a"]


def test_a_feed_of_which_most_is_broken_changes_nothing(server: FeedServer, path: Path) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    feeds = [Address(f"{server.url}/all.zip")]
    update(path, feeds)
    broken = [{"id": f"GHSA-{number}", "affected": 7} for number in range(3)]
    server.files["/all.zip"] = zipped(record("GHSA-b", "1.0.0"), *broken)
    (problem,) = update(path, feeds).problems
    assert problem.text.startswith("3 of 4 records cannot be read: GHSA-0.json:")
    assert idents(path) == ["GHSA-a"]


def test_feeds_of_other_ecosystems_stay(server: FeedServer, path: Path) -> None:
    server.files["/npm.zip"] = zipped(record("GHSA-a", "1.0.0"))
    server.files["/kev.json"] = KEV.encode()
    update(path, [Address(f"{server.url}/npm.zip")])
    outcome = update(path, [Address(f"{server.url}/kev.json")])
    assert (outcome.feeds, outcome.unchanged) == (1, 0)
    assert idents(path) == ["GHSA-a"]
    assert [one.url for one in wanted(path, [])[0]][-2:] == [f"{server.url}/npm.zip", f"{server.url}/kev.json"]


def test_a_server_that_stumbles_is_asked_again(server: FeedServer, path: Path) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    server.faults["/all.zip"] = ["503", "429"]
    assert update(path, [Address(f"{server.url}/all.zip")]).problems == ()
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("7", 7.0),
        ("100000", 30.0),
        ("-1", 0.25),
        ("soon", 0.25),
        ("Fri, 15 Jan 2027 08:00:20 GMT", 20.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.25),
    ],
)
def test_a_server_says_when_it_wants_to_be_asked_again(
    server: FeedServer, path: Path, monkeypatch: pytest.MonkeyPatch, said: str, expected: float
) -> None:
    waited: list[float] = []
    clock = SimpleNamespace(
        sleep=waited.append, monotonic=time.monotonic, time=lambda: 1_800_000_000.0
    )  # 2027-01-15T08:00:00Z
    monkeypatch.setattr("batten.vulnerabilities.db.fetch.time", clock)
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    server.faults["/all.zip"] = [f"503 {said}"]
    assert update_database(path, [Address(f"{server.url}/all.zip")], waits=(0.25,)).problems == ()
    assert waited == [expected]


def test_a_server_that_is_silent_has_failed_and_the_others_are_read(server: FeedServer, path: Path) -> None:
    server.files |= {"/all.zip": zipped(record("GHSA-a", "1.0.0")), "/kev.json": KEV.encode()}
    server.faults["/kev.json"] = ["hang"] * 3
    feeds = [Address(f"{server.url}/kev.json"), Address(f"{server.url}/all.zip")]
    began = time.monotonic()
    (problem,) = update(path, feeds, seconds=0.2).problems
    assert time.monotonic() - began < 5
    assert problem.origin.endswith("/kev.json")
    assert problem.text == "cannot be fetched: timed out"
    assert idents(path) == ["GHSA-a"]


@pytest.mark.parametrize("lead", ["", "latest"])
def test_a_server_that_sends_a_byte_now_and_then_is_given_up(
    server: FeedServer, path: Path, monkeypatch: pytest.MonkeyPatch, lead: Literal["", "latest"]
) -> None:
    monkeypatch.setattr(limits, "FEED_SLOW_SECONDS", 0.3)
    server.files["/all.zip"] = b"x"
    server.faults["/all.zip"] = ["trickle"]
    (problem,) = update(path, [Address(f"{server.url}/all.zip", (), lead)]).problems
    assert "too slow" in problem.text


def test_a_server_without_etags_is_asked_by_date(path: Path) -> None:
    day = "Sat, 01 Aug 2026 10:00:00 GMT"
    with FeedServer(dated=day) as server:
        server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
        feeds = [Address(f"{server.url}/all.zip")]
        assert update(path, feeds).feeds == 1
        assert update(path, feeds).unchanged == 1
        assert server.seen == [("/all.zip", ""), ("/all.zip", day)]


def test_another_process_keeps_what_it_reads_while_the_database_is_replaced(server: FeedServer, path: Path) -> None:
    feeds = [Address(f"{server.url}/all.zip")]
    server.files["/all.zip"] = zipped(*(record(f"GHSA-{number}", "1.0.0") for number in range(400)))
    update(path, feeds)
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == "400\n"
        server.files["/all.zip"] = zipped(record("GHSA-new", "2.0.0"))
        update(path, feeds)
        reader.stdin.write("again\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "400\n"
        reader.stdin.close()
        assert reader.stdout.readline() == "1\n"


def test_redirects_are_followed_and_compression_is_undone(server: FeedServer, path: Path) -> None:
    server.files["/moved.json"] = KEV.encode()
    server.redirects["/kev.json"] = "/moved.json"
    server.faults["/moved.json"] = ["gzip"]
    assert update(path, [Address(f"{server.url}/kev.json")]).records == 1


def test_a_ring_of_redirects_ends(server: FeedServer, path: Path) -> None:
    server.redirects["/a"] = "/a"
    (problem,) = update(path, [Address(f"{server.url}/a")]).problems
    assert "redirected more than 5 times" in problem.text
    assert not path.exists()


@pytest.mark.parametrize("url", ["http://feeds.example/all.zip", "file:///etc/passwd", "ftp://feeds.example/a"])
def test_nothing_is_fetched_unencrypted(path: Path, url: str) -> None:
    (problem,) = update(path, [Address(url)]).problems
    assert "expected an address that begins with https://" in problem.text


def test_a_redirect_leads_to_no_unencrypted_place(server: FeedServer, path: Path) -> None:
    server.redirects["/a"] = "http://feeds.example/all.zip"
    (problem,) = update(path, [Address(f"{server.url}/a")]).problems
    assert "https://" in problem.text


def test_the_newest_archive_is_found_through_its_name(server: FeedServer, tmp_path: Path) -> None:
    server.files["/vex/archive_latest.txt"] = b"csaf_vex_2026-01-01.tar.zst\n"
    server.files["/vex/csaf_vex_2026-01-01.tar.zst"] = b"content"
    with Fetcher(tmp_path) as fetcher:
        found = fetcher.fetch(Address(f"{server.url}/vex/archive_latest.txt", (), "latest"))
        assert found.path is not None
        assert found.path.read_bytes() == b"content"
        server.files["/vex/archive_latest.txt"] = b"../../etc/passwd"
        with pytest.raises(FetchError, match="expected the name of an archive"):
            fetcher.fetch(Address(f"{server.url}/vex/archive_latest.txt", (), "latest"))


def test_notices_of_a_repository_are_found_through_its_mirrors(server: FeedServer, tmp_path: Path) -> None:
    server.files["/mirror.list"] = f"{server.url}/core/2.0/x86_64/abc\n".encode()
    server.files["/core/2.0/x86_64/abc/repodata/repomd.xml"] = (
        b'<repomd><data type="primary"><location href="repodata/primary.xml.gz"/></data>'
        b'<data type="updateinfo">\n<checksum>x</checksum><location href="repodata/updateinfo.xml.gz"/></data></repomd>'
    )
    server.files["/core/2.0/x86_64/abc/repodata/updateinfo.xml.gz"] = b"content"
    with Fetcher(tmp_path) as fetcher:
        found = fetcher.fetch(Address(f"{server.url}/mirror.list", (), "repository"))
    assert found.path is not None
    assert found.path.read_bytes() == b"content"


def test_a_mirror_stands_for_every_publisher(server: FeedServer, path: Path) -> None:
    server.files["/security-tracker.debian.org/tracker/data/json"] = json.dumps(
        {"zlib": {"CVE-2024-1": {"releases": {"bookworm": {"status": "open"}}}}}
    ).encode()
    feeds, missing = of_ecosystems(["debian:12"])
    assert missing == []
    assert update(path, feeds, mirror=server.url).problems == ()
    with open_database(path) as db:
        assert db.states()[0].origin == "https://security-tracker.debian.org/tracker/data/json"
    again, _ = wanted(path, [])
    assert "https://security-tracker.debian.org/tracker/data/json" in [one.url for one in again]


def test_a_scan_in_progress_keeps_the_database_that_it_opened(server: FeedServer, path: Path) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    feeds = [Address(f"{server.url}/all.zip")]
    update(path, feeds)
    with open_database(path) as db:
        server.files["/all.zip"] = zipped(*(record(f"GHSA-{number}", "1.0.0", f"p{number}") for number in range(500)))
        update(path, feeds)
        assert [row.id for row in db.advisories("npm", ["left-pad"])["left-pad"]] == ["GHSA-a"]
    assert idents(path) == []


def test_a_damaged_database_is_made_anew(server: FeedServer, path: Path) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    update(path, [Address(f"{server.url}/all.zip")])
    path.write_bytes(path.read_bytes()[:100] + b"garbage" * 9_000)
    assert update(path, [Address(f"{server.url}/all.zip")]).feeds == 1
    assert idents(path) == ["GHSA-a"]


def test_nothing_is_left_beside_the_database(server: FeedServer, path: Path) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    server.faults["/b"] = ["500"] * 3
    update(path, [Address(f"{server.url}/all.zip"), Address(f"{server.url}/b")])
    assert [entry.name for entry in path.parent.iterdir()] == ["advisories.sqlite"]


UPDATER = """
import sys
from pathlib import Path
from batten.vulnerabilities.db.addresses import Address
from batten.vulnerabilities.db.update import update
update(Path(sys.argv[1]), [Address(sys.argv[2])])
"""


def test_what_a_killed_update_left_is_removed_a_day_later(server: FeedServer, path: Path) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    update(path, [Address(f"{server.url}/all.zip")])
    before = path.read_bytes()
    server.faults["/all.zip"] = ["hang"]
    killed = subprocess.Popen([sys.executable, "-c", UPDATER, str(path), f"{server.url}/all.zip"])
    asked = len(server.seen) + 1
    for _ in range(600):
        if len(server.seen) >= asked:
            break
        time.sleep(0.05)
    killed.kill()
    assert killed.wait() != 0
    assert path.read_bytes() == before
    left = [entry for entry in path.parent.iterdir() if entry != path]
    assert {entry.is_dir() for entry in left} == {True, False}
    others = [path.with_name(".advisories.sqlite.mine"), path.with_name(".other.sqlite.abcd1234.new")]
    for other in others:
        other.write_bytes(b"")

    update(path, [Address(f"{server.url}/all.zip")])
    assert all(entry.exists() for entry in left), "another run may be writing them"
    for entry in (*left, *others):
        os.utime(entry, (1, 1))
    update(path, [Address(f"{server.url}/all.zip")])
    assert sorted(path.parent.iterdir()) == sorted([path, *others])


@pytest.mark.parametrize(
    ("ecosystem", "url"),
    [
        ("alpine:3.20", "https://secdb.alpinelinux.org/v3.20/main.json"),
        ("alpine:edge", "https://secdb.alpinelinux.org/edge/community.json"),
        ("rocky:9", "https://osv-vulnerabilities.storage.googleapis.com/Rocky%20Linux/all.zip"),
        ("amazon:2", "https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list"),
        ("azurelinux:3.0", "azurelinux-3.0-oval.xml"),
    ],
)
def test_every_ecosystem_knows_its_publisher(ecosystem: str, url: str) -> None:
    found, missing = of_ecosystems([ecosystem])
    assert missing == []
    assert any(one.url.endswith(url) for one in found)


def test_every_address_is_encrypted() -> None:
    assert all(one.url.startswith("https://") for one in everything())
    assert of_ecosystems(["mysterylinux:1"]) == ([], ["mysterylinux:1"])


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises((DatabaseError, OSError)):
        update(tmp_path / "file" / "db.sqlite", [Address("https://feeds.example/")])


def test_the_credentials_of_an_address_are_used_but_neither_kept_nor_told(server: FeedServer, path: Path) -> None:
    server.files["/all.zip?token=TokSecret6"] = server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    address = Address(server.url.replace("//", "//bob:FeedSecret1@") + "/all.zip?token=TokSecret6")
    told: list[str] = []
    assert update(path, [address], progress=lambda feed, *_: told.append(feed)).feeds == 1
    assert update(path, [address]).unchanged == 1
    (renewed,) = (one for one in wanted(path, [])[0] if "127.0.0.1" in one.url)
    again = update(path, [renewed])
    gone = update(path, [Address(address.url.replace("all", "gone"))])
    assert "its credentials are not kept" in again.problems[0].text
    assert idents(path) == ["GHSA-a"]
    with open_database(path) as database:
        states = repr(database.states())
    shown = server.url.replace("//", "//…@") + "/all.zip?token=…"
    assert set(told) == {shown}
    assert shown in states
    for text in (states, repr(again), repr(gone)):
        assert "Secret" not in text
    assert b"Secret" not in path.read_bytes()


def test_a_mirror_is_not_told_the_credentials_of_the_publisher(server: FeedServer, path: Path) -> None:
    server.files["/feeds.example/osv.zip"] = zipped(record("GHSA-a", "1.0.0"))
    address = Address("https://bob:FeedSecret1@feeds.example/osv.zip?token=TokSecret6")
    assert update(path, [address], mirror=server.url).feeds == 1
    assert [path for path, _ in server.seen] == ["/feeds.example/osv.zip"]


def test_a_database_that_kept_credentials_loses_them_when_it_is_renewed(server: FeedServer, path: Path) -> None:
    server.files["/all.zip"] = zipped(record("GHSA-a", "1.0.0"))
    update(path, [Address(server.url + "/all.zip")])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE feed SET origin = 'https://bob:FeedSecret1@feeds.example/osv.zip?token=TokSecret6'")
    with open_database(path) as database:
        assert "Secret" not in repr([database.states(), database.origins()])
    with pytest.raises(DatabaseError, match="hold credentials; `batten db update` takes them out"):
        export_file(path, path.with_name("out.tar"))
    update(path, [Address(server.url + "/all.zip")])
    assert b"Secret" not in path.read_bytes()
    assert export_file(path, path.with_name("out.tar"))


@pytest.mark.parametrize("url", ["https://u:Secret7/zz@h.example/x", "https://u:Secret7@[::/x", "https://h:0x1/a"])
def test_an_address_that_is_none_is_told_without_its_password(path: Path, url: str) -> None:
    (problem,) = update(path, [Address(url)]).problems
    assert problem.text == "cannot be fetched: expected an address such as https://HOST/PATH, found none"
    assert "Secret7" not in problem.origin
