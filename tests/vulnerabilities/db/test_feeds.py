"""Files of a mirror: every packing, told by content; what is damaged is named and leaves the rest."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from batten import limits
from batten.vulnerabilities.db import DatabaseError, open_database
from batten.vulnerabilities.db.build import Outcome, build

from .conftest import DATA, Built

Make = Callable[..., Built]
RECORD = (DATA / "osv" / "GHSA-838r-hvwh-24h8.json").read_bytes()


def zipped(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def tarred(**members: bytes) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


def found(built: Built) -> bool:
    return bool(built.rows("maven", "org.apache.any23:apache-any23"))


@pytest.mark.parametrize(
    "data",
    [
        RECORD,
        b"\xef\xbb\xbf" + RECORD,
        gzip.compress(RECORD),
        bz2.compress(RECORD),
        lzma.compress(RECORD),
        lzma.compress(RECORD[:100]) + lzma.compress(RECORD[100:]),
        zstandard.compress(RECORD),
        zipped(a=RECORD),
        zipped(a=gzip.compress(RECORD)),
        tarred(a=RECORD),
        zstandard.compress(tarred(a=RECORD, b=b"text")),
        gzip.compress(tarred(a=gzip.compress(RECORD))),
    ],
    ids=["json", "bom", "gz", "bz2", "xz", "xz-twice", "zst", "zip", "zip-gz", "tar", "tar.zst", "tar.gz-gz"],
)
def test_every_packing_is_told_by_content(built: Make, data: bytes) -> None:
    assert found(built(("feed", data)))


def test_lines_of_json_are_read_one_by_one(built: Make) -> None:
    lines = b"\n".join(json.dumps(json.loads(RECORD) | {"id": f"GHSA-{number}"}).encode() for number in range(3))
    result = built(("feed.jsonl", lines + b"\n\n{broken\n"))
    assert result.outcome.records == 3
    assert "line 5" in result.outcome.problems[0].text


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(RECORD)[:-20],
        lzma.compress(RECORD)[:-20],
        bz2.compress(RECORD)[:-20],
        zstandard.compress(RECORD)[:-20],
        zipped(a=RECORD)[:-40],
        zipped(a=RECORD).replace(b"PK\x01\x02", b"PK\x00\x00"),
        tarred(a=RECORD)[:1200],
        gzip.compress(gzip.compress(gzip.compress(RECORD))),
        b"\x1f\x8b garbage",
        b"<oval_definitions><definitions>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><updates>&a;</updates>',
        b"<updates>" + b"<update>" + b"<a>" * 100 + b"</a>" * 100 + b"</update></updates>",
    ],
    ids=["gz", "xz", "bz2", "zst", "zip-end", "zip-directory", "tar", "thrice", "no-gz", "xml", "doctype", "deep"],
)
def test_a_damaged_file_is_named_and_leaves_the_rest(built: Make, data: bytes) -> None:
    result = built(("a-good.json", RECORD), ("damaged", data))
    assert found(result)
    (problem,) = result.outcome.problems
    assert (problem.origin, problem.lost) == ("damaged", True)
    assert "\n" not in problem.text
    assert len(result.db.states()) == 1


def test_one_broken_member_costs_only_itself(built: Make) -> None:
    result = built(("all.zip", zipped(good=RECORD, broken=b"{", older=gzip.compress(RECORD)[:-9], text=b"hello")))
    assert found(result)
    (problem,) = result.outcome.problems
    assert not problem.lost
    assert problem.text.startswith("2 of 3 records cannot be read: broken: ")
    assert result.db.states()[0].problem == problem.text


def test_a_damaged_member_of_a_zip_loses_the_file(built: Make) -> None:
    data = bytearray(zipped(a=RECORD, b=RECORD))
    data[len(data) // 3] ^= 0xFF
    result = built(("a.json", RECORD), ("all.zip", bytes(data)))
    assert [problem.lost for problem in result.outcome.problems] == [True]


def test_bombs_are_refused(built: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FEED_BYTES", 100_000)
    monkeypatch.setattr(limits, "FEED_UNPACKED_BYTES", 1_000_000)
    bomb = b'{"id":"' + b"a" * 5_000_000 + b'"}'
    result = built(
        ("a.json", RECORD),
        ("bomb.gz", gzip.compress(bomb)),
        ("bomb.zip", zipped(a=bomb)),
        (
            "lines.csv.gz",
            gzip.compress(b"#model_version:v1,score_date:2026-01-01\ncve,epss,percentile\n" + b"\n" * 5_000_000),
        ),
        ("bomb.tar.gz", gzip.compress(tarred(a=bomb))),
    )
    assert found(result)
    assert sorted(problem.origin for problem in result.outcome.problems) == [
        "bomb.gz",
        "bomb.tar.gz",
        "bomb.zip",
        "lines.csv.gz",
    ]


def test_what_is_no_feed_is_passed_over_by_name(built: Make) -> None:
    result = built(("a.json", RECORD), ("notes.txt", b"hello"), ("page.html", b"<html>"), ("list.json", b"[1, 2]"))
    assert result.outcome.unknown == ("list.json", "notes.txt", "page.html")
    assert result.outcome.problems == ()


def test_folders_are_searched_and_hidden_files_are_not(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    (mirror / "osv" / "npm").mkdir(parents=True)
    (mirror / ".git").mkdir()
    (mirror / "osv" / "npm" / "a.json").write_bytes(RECORD)
    (mirror / ".git" / "b.json").write_bytes(RECORD)
    (mirror / "again").symlink_to(mirror, target_is_directory=True)
    outcome = build(mirror, tmp_path / "db.sqlite")
    assert (outcome.feeds, outcome.records) == (1, 1)
    with open_database(tmp_path / "db.sqlite") as db:
        assert db.states()[0].origin == "osv/npm/a.json"


def test_the_old_database_stays_where_nothing_can_be_built(tmp_path: Path) -> None:
    mirror, path = tmp_path / "mirror", tmp_path / "db.sqlite"
    mirror.mkdir()
    (mirror / "a.json").write_bytes(RECORD)
    build(mirror, path)
    (mirror / "a.json").write_bytes(b"{")
    with pytest.raises(DatabaseError, match=r"found none that can be read: a\.json"):
        build(mirror, path)
    with open_database(path) as db:
        assert db.counts()["advisories"] == 1
    with pytest.raises(DatabaseError, match="expected a directory"):
        build(tmp_path / "nowhere", path)


def test_a_version_cannot_forge_an_interval(built: Make) -> None:
    events = [{"introduced": "0"}, {"fixed": "1|\n2||"}]
    affected = [{"package": {"ecosystem": "npm", "name": "a"}, "ranges": [{"type": "SEMVER", "events": events}]}]
    forged = json.dumps({"id": "X-1", "modified": "2024-01-01T00:00:00Z", "affected": affected}).encode()
    result = built(("a.json", RECORD), ("forged.json", forged))
    assert [problem.origin for problem in result.outcome.problems] == ["forged.json"]
    assert not result.rows("npm", "a")


def test_the_same_files_give_the_same_rows(tmp_path: Path) -> None:
    def dump(path: Path) -> list[object]:
        with open_database(path) as db:
            return [db.advisories(name, ["curl", "openssl", "botan"]) for name in sorted(db.ecosystems())]

    outcomes: list[Outcome] = [build(DATA, tmp_path / f"{number}.sqlite") for number in range(2)]
    assert outcomes[0].records == outcomes[1].records
    assert dump(tmp_path / "0.sqlite") == dump(tmp_path / "1.sqlite")
