"""A provider's archive and the lists beside it: what changed since is fetched alone, what was deleted is gone."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import zstandard

from batten import limits
from batten.vulnerabilities.db import open_database
from batten.vulnerabilities.db.addresses import Address, of_ecosystems
from batten.vulnerabilities.db.changes import UnreadableList, archive_day, identifiers, since
from batten.vulnerabilities.db.update import update as update_database
from batten.vulnerabilities.db.update import wanted

from .conftest import DATA
from .feed_server import FeedServer

SIMPLE = json.loads((DATA / "csaf/cve-2024-24786-simple.json").read_text())
update = partial(update_database, waits=(0.0, 0.0))


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "advisories.sqlite"


def document(ident: str, day: str, status: str) -> bytes:
    """Red Hat's document on one flaw, under another number, with another verdict on its one package."""
    found = json.loads(json.dumps(SIMPLE).replace("CVE-2024-24786", ident))
    found["document"]["tracking"]["current_release_date"] = f"{day}T00:00:00+00:00"
    (flaw,) = found["vulnerabilities"]
    flaw["product_status"] = {status: flaw["product_status"]["fixed"]}
    return json.dumps(found).encode()


def archive(server: FeedServer, day: str, **documents: bytes) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, text in documents.items():
            member = tarfile.TarInfo(f"2024/{name.replace('_', '-')}.json")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    name = f"csaf_vex_{day}.tar.zst"
    server.files["/vex/archive_latest.txt"] = f"{name}\n".encode()
    server.files[f"/vex/{name}"] = zstandard.ZstdCompressor().compress(data.getvalue())


def listed(*rows: tuple[str, str]) -> bytes:
    return "".join(f'"2024/{name}.json","{day}T10:00:00+00:00"\n' for name, day in rows).encode()


def feeds(server: FeedServer) -> list[Address]:
    latest = f"{server.url}/vex/archive_latest.txt"
    return [
        Address(latest, ("redhat",), "latest"),
        Address(f"{server.url}/vex/changes.csv", ("redhat",), "changes", renews=latest),
    ]


def said(path: Path) -> dict[str, str]:
    """What Red Hat says of each flaw of `cri-tools`."""
    with open_database(path) as db:
        return {
            row.id: row.status if row.status != "affected" or not row.ranges[0].fixed else "mended"
            for rows in db.advisories("redhat-openshift", ["cri-tools"]).values()
            for row in rows
        }


def test_documents_newer_than_the_archive_take_the_place_of_its_own(server: FeedServer, path: Path) -> None:
    old = {f"cve_2024_100{n}": document(f"CVE-2024-100{n}", "2024-10-01", "known_affected") for n in range(3)}
    archive(server, "2024-11-01", **old)
    server.files["/vex/changes.csv"] = listed(("cve-2024-1001", "2024-11-03"), ("cve-2024-1000", "2024-10-20"))
    server.files["/vex/deletions.csv"] = listed(("cve-2024-1002", "2024-11-02"), ("cve-2024-1000", "2024-10-09"))
    server.files["/vex/2024/cve-2024-1001.json"] = document("CVE-2024-1001", "2024-11-03", "under_investigation")
    outcome = update(path, feeds(server))
    assert outcome.problems == ()
    assert said(path) == {"CVE-2024-1000": "affected", "CVE-2024-1001": "under_investigation"}
    asked = [name for name, _ in server.seen]
    assert "/vex/2024/cve-2024-1000.json" not in asked


def test_the_next_update_fetches_the_changes_alone(server: FeedServer, path: Path) -> None:
    archive(server, "2024-11-01", cve_2024_1000=document("CVE-2024-1000", "2024-10-01", "known_affected"))
    server.files["/vex/changes.csv"] = listed(("cve-2024-1000", "2024-10-01"))
    server.files["/vex/deletions.csv"] = b""
    update(path, feeds(server))
    server.seen.clear()
    server.files["/vex/changes.csv"] = listed(("cve-2024-1000", "2024-11-05"), ("cve-2024-1000", "2024-10-01"))
    server.files["/vex/2024/cve-2024-1000.json"] = document("CVE-2024-1000", "2024-11-05", "fixed")
    assert update(path, feeds(server)).problems == ()
    assert said(path) == {"CVE-2024-1000": "mended"}
    tar = "/vex/csaf_vex_2024-11-01.tar.zst"
    assert (tar, server.etag(tar)) in server.seen
    assert update(path, feeds(server)).unchanged == 2


def test_a_new_archive_makes_earlier_changes_a_thing_of_the_past(server: FeedServer, path: Path) -> None:
    archive(server, "2024-11-01", cve_2024_1000=document("CVE-2024-1000", "2024-10-01", "known_affected"))
    server.files["/vex/changes.csv"] = listed(("cve-2024-1000", "2024-11-05"))
    server.files["/vex/deletions.csv"] = b""
    server.files["/vex/2024/cve-2024-1000.json"] = document("CVE-2024-1000", "2024-11-05", "under_investigation")
    update(path, feeds(server))
    assert said(path) == {"CVE-2024-1000": "under_investigation"}
    archive(server, "2024-12-01", cve_2024_1000=document("CVE-2024-1000", "2024-11-30", "fixed"))
    server.files["/vex/changes.csv"] = listed(("cve-2024-1000", "2024-11-30"))
    update(path, feeds(server))
    assert said(path) == {"CVE-2024-1000": "mended"}


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("changes.csv", b"<html>maintenance</html>", "expected lines such as"),
        ("changes.csv", b'"../../etc/passwd.json","2024-11-05T00:00:00+00:00"\n', "expected lines such as"),
        ("changes.csv", b'"https://evil.example/a.json","2024-11-05T00:00:00+00:00"\n', "expected lines such as"),
        ("archive_latest.txt", b"csaf_vex.tar.zst", "expected an archive with its day in the name"),
    ],
)
def test_lists_that_say_something_else_leave_the_archive_as_it_is(
    server: FeedServer, path: Path, name: str, data: bytes, told: str
) -> None:
    archive(server, "2024-11-01", cve_2024_1000=document("CVE-2024-1000", "2024-10-01", "known_affected"))
    server.files["/vex/changes.csv"] = listed(("cve-2024-1000", "2024-10-01"))
    server.files["/vex/deletions.csv"] = b""
    update(path, feeds(server))
    server.files[f"/vex/{name}"] = data
    server.files["/vex/changes.csv"] += b"\n"
    problems = update(path, feeds(server)).problems
    assert any(told in problem.text and problem.lost for problem in problems)
    assert said(path) == {"CVE-2024-1000": "affected"}


def test_a_document_that_went_since_the_list_was_written_is_left_out(server: FeedServer, path: Path) -> None:
    old = {f"cve_2024_100{n}": document(f"CVE-2024-100{n}", "2024-10-01", "known_affected") for n in range(2)}
    archive(server, "2024-11-01", **old)
    server.files["/vex/changes.csv"] = listed(("cve-2024-1001", "2024-11-05"), ("cve-2024-1002", "2024-11-05"))
    server.files["/vex/deletions.csv"] = b""
    server.files["/vex/2024/cve-2024-1002.json"] = document("CVE-2024-1002", "2024-11-05", "known_affected")
    assert update(path, feeds(server)).problems == ()
    # what the archive says of it stays: that it is gone would stand in the other list
    assert sorted(said(path)) == ["CVE-2024-1000", "CVE-2024-1001", "CVE-2024-1002"]


def test_a_mirror_with_the_lists_alone_is_told_and_the_archive_stays(server: FeedServer, path: Path) -> None:
    archive(server, "2024-11-01", cve_2024_1000=document("CVE-2024-1000", "2024-10-01", "known_affected"))
    server.files["/vex/changes.csv"] = listed(("cve-2024-1000", "2024-11-05"))
    server.files["/vex/deletions.csv"] = b""
    (problem,) = update(path, feeds(server)).problems
    assert problem.text == "cannot be fetched: none of the 1 documents that the list names is there"
    assert said(path) == {"CVE-2024-1000": "affected"}


def test_a_document_that_cannot_be_had_leaves_all_as_it_was(server: FeedServer, path: Path) -> None:
    archive(server, "2024-11-01", cve_2024_1000=document("CVE-2024-1000", "2024-10-01", "known_affected"))
    server.files["/vex/changes.csv"] = listed(("cve-2024-1000", "2024-11-05"))
    server.files["/vex/deletions.csv"] = b""
    server.files["/vex/2024/cve-2024-1000.json"] = document("CVE-2024-1000", "2024-11-05", "fixed")
    server.faults["/vex/2024/cve-2024-1000.json"] = ["500"] * 3
    (problem,) = update(path, feeds(server)).problems
    assert problem.text == "cannot be fetched: the server answered 500"
    assert said(path) == {"CVE-2024-1000": "affected"}


def test_the_lists_of_red_hat() -> None:
    changes = '"2024/cve-2024-2.json","2024-11-08T18:28:22+00:00"\n"2024/cve-2024-1.json","2024-11-07T00:00:00+00:00"\n'
    found = since("2024-11-08", changes, '"2024/cve-2024-2.json","2024-11-08T19:00:00+00:00"\n')
    assert (found.changed, found.gone) == ((), ("2024/cve-2024-2.json",))
    again = since("2024-11-08", changes, '"2024/cve-2024-2.json","2024-11-08T17:00:00+00:00"\n')
    assert (again.changed, again.gone) == (("2024/cve-2024-2.json",), ())
    assert identifiers([*again.changed, "2024/cve-2024-10001.json", "2024/rhsa-2024_1.json"]) == ("CVE-2024-10001",)
    assert archive_day("csaf_vex_2024-11-08.tar.zst") == "2024-11-08"


def test_a_list_without_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FEED_CHANGES", 2)
    rows = listed(*((f"cve-2024-100{n}", "2024-11-05") for n in range(3))).decode()
    with pytest.raises(UnreadableList, match="at most 2 documents that are newer than the archive of 2024-11-01"):
        since("2024-11-01", rows, "")


def test_red_hat_is_asked_for_both() -> None:
    urls = [one.url.rpartition("/")[2] for one in of_ecosystems(["redhat:9"])[0]]
    assert urls == ["archive_latest.txt", "changes.csv"]


def test_a_bare_update_asks_for_changes_where_there_were_none(server: FeedServer, path: Path) -> None:
    archive_url, changes_url = (one.url for one in of_ecosystems(["redhat:9"])[0])
    archive(server, "2024-11-01", cve_2024_1000=document("CVE-2024-1000", "2024-10-01", "known_affected"))
    for name in ("archive_latest.txt", "csaf_vex_2024-11-01.tar.zst"):
        server.files[f"/security.access.redhat.com/data/csaf/v2/vex/{name}"] = server.files[f"/vex/{name}"]
    update(path, [Address(archive_url, ("redhat",), "latest")], mirror=server.url)
    assert [one.url for one in wanted(path, [])[0]][-2:] == [archive_url, changes_url]
