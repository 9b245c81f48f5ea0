"""Whole OSV records through the database, against the schema's algorithm read literally: several ranges, several
entries on one package, listed versions, Git ranges beside the others."""

from __future__ import annotations

import json
import os
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from batten.versions import InvalidVersion, compare, scheme_of
from batten.vulnerabilities.db import Database, open_database
from batten.vulnerabilities.db.build import build
from batten.vulnerabilities.db.ecosystems import from_osv
from batten.vulnerabilities.ranges import standing
from versions import (
    slow_apk,
    slow_dpkg,
    slow_gem,
    slow_golang,
    slow_maven,
    slow_nuget,
    slow_packagist,
    slow_pep440,
    slow_rpm,
    slow_semver,
)
from vulnerabilities import slow_ranges
from vulnerabilities.support import DATA

Record = dict[str, Any]
SLOW: Final[dict[str, Callable[[str, str], int | None]]] = {
    "apk": slow_apk.compare,
    "dpkg": slow_dpkg.compare,
    "gem": slow_gem.compare,
    "golang": slow_golang.compare,
    "maven": slow_maven.compare,
    "nuget": slow_nuget.compare,
    "packagist": slow_packagist.compare,
    "pep440": slow_pep440.compare,
    "rpm": slow_rpm.compare,
    "semver": slow_semver.compare,
}
SEVERAL: Final[Record] = {
    "id": "GHSA-aaaa-bbbb-cccc",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "npm", "name": "jquery"},
            "ranges": [
                {"type": "GIT", "repo": "https://example.org/jquery", "events": [{"introduced": "0"}]},
                {
                    "type": "SEMVER",
                    "events": [
                        {"fixed": "3.0.0"},
                        {"introduced": "1.8.4"},
                        {"last_affected": "1.12.4"},
                        {"introduced": "2.0.0-beta.1"},
                    ],
                },
                {"type": "ECOSYSTEM", "events": [{"introduced": "4.0.0"}, {"last_affected": "4.0.2"}]},
            ],
            "versions": ["1.2.3", "3.5.0-rc.1"],
        },
        {
            "package": {"ecosystem": "npm", "name": "jquery"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "5.0.0"}]}],
        },
        {
            "package": {"ecosystem": "npm", "name": "other"},
            "ranges": [{"type": "GIT", "repo": "https://example.org/other", "events": [{"introduced": "0"}]}],
            "versions": ["7.0.0"],
        },
    ],
}


def differences(folder: Path, records: list[Record], more: int = 2) -> tuple[list[str], int]:
    """(where the database's rows and the schema's algorithm differ, how many questions were asked)."""
    source = folder / "feed"
    source.mkdir(parents=True)
    with zipfile.ZipFile(source / "all.zip", "w") as archive:
        for number, record in enumerate(records):
            archive.writestr(f"{number}.json", json.dumps(record))
    build(source, folder / "db.sqlite")
    found, asked = [], 0
    with open_database(folder / "db.sqlite") as db:
        for record, ecosystem, name in _packages(records):
            scheme = scheme_of("", ecosystem)
            if scheme not in SLOW or not _is_sound(record, scheme):
                continue
            for version in _versions(record, ecosystem, name, scheme, more):
                try:
                    wanted = slow_ranges.is_vulnerable(record, ecosystem, name, version, SLOW[scheme])
                except AssertionError:  # a bound that is no version; see test_ranges.py
                    continue
                asked += 1
                if wanted != _affected(db, record["id"], ecosystem, name, version, scheme):
                    found.append(f"{record['id']} {ecosystem} {name} {version}: by the schema {wanted}")
    return found, asked


def _is_sound(record: Record, scheme: str) -> bool:
    """Whether no range ends before it begins: by the letter of the schema such a range holds every later version
    (its events are sorted), for batten it holds none. `ANCHORE-CVE-2023-34442` has 4 mended in 4.0.0-RC1."""
    for one in record["affected"]:
        for each in one.get("ranges") or ():
            bounds = [next(iter(event.items())) for event in each["events"]]
            if each["type"] == "GIT" or len(bounds) != 2 or bounds[0][0] != "introduced" or bounds[0][1] == "0":
                continue
            if (SLOW[scheme](bounds[1][1], bounds[0][1]) or 0) < 0:
                return False
    return True


def _packages(records: list[Record]) -> Iterator[tuple[Record, str, str]]:
    for record in records:
        if record.get("withdrawn"):
            continue
        names = [one["package"] for one in record.get("affected") or () if one.get("package")]
        for ecosystem, name in dict.fromkeys((one["ecosystem"], one["name"]) for one in names):
            yield record, ecosystem, name


def _versions(record: Record, ecosystem: str, name: str, scheme: str, more: int) -> list[str]:
    """Every bound, some that are listed, and what lies close to them, as far as they are versions."""
    found: dict[str, None] = {}
    for one in record["affected"]:
        if (one.get("package") or {}) != {**(one.get("package") or {}), "ecosystem": ecosystem, "name": name}:
            continue
        listed = one.get("versions") or []
        found |= dict.fromkeys(random.Random(record["id"]).sample(listed, min(more, len(listed))))
        for each in one.get("ranges") or ():
            if each["type"] != "GIT":
                found |= dict.fromkeys(str(bound) for event in each["events"] for bound in event.values())
    found |= dict.fromkeys([f"{text}.1" for text in list(found)[:4]] + ["0.0.1", "1.8.4", "99999.0.0"])
    if scheme == "rpm":  # a package has a release; what a version without one is held against, has none compared
        found = {text: None for text in found if "-" in text}
    return [text for text in found if text != "0" and _is_version(scheme, text)]


def _is_version(scheme: str, text: str) -> bool:
    try:
        return compare(scheme, text, text) == 0
    except InvalidVersion:
        return False


def _affected(db: Database, ident: str, ecosystem: str, name: str, version: str, scheme: str) -> bool:
    rows = db.advisories(from_osv(ecosystem), [name]).get(name, [])
    said = [standing(scheme, version, row) for row in rows if row.id == ident]
    return any(one is not None and one.status in ("affected", "will_not_fix") for one in said)


def test_a_record_with_everything(tmp_path: Path) -> None:
    found, asked = differences(tmp_path, [SEVERAL])
    assert not found
    assert asked > 15


def test_recorded_feeds(tmp_path: Path) -> None:
    records = [json.loads(path.read_bytes()) for path in sorted((DATA / "osv").glob("*.json"))]
    found, asked = differences(tmp_path, [one for one in records if one.get("id")])
    assert not found
    assert asked > 20


def _archives() -> dict[str, Path]:
    """Archives of real records: not part of the repository, used where they are at hand."""
    folders = [Path(__file__).resolve().parents[3] / "shared" / "data" / "advisories"]
    if shared := os.environ.get("BATTEN_SHARED"):
        folders.insert(0, Path(shared) / "advisories")
    found = next((some for folder in folders if (some := sorted(folder.glob("osv-*.zip")))), [])
    return {path.stem.removeprefix("osv-"): path for path in found}


@pytest.mark.parametrize(
    "name",
    ["AlmaLinux", "Bitnami", "Debian", "Go", "Maven", "NuGet", "PyPI", "Packagist", "RubyGems", "crates.io", "npm"],
)
def test_real_records(tmp_path: Path, name: str) -> None:
    path = _archives().get(name)
    if path is None:
        pytest.skip("the archives of real advisories are not here (set BATTEN_SHARED)")
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.namelist() if one.endswith(".json")]
        most = int(os.environ.get("BATTEN_RECORDS", "150"))
        records = [
            json.loads(archive.read(one)) for one in random.Random(name).sample(members, min(most, len(members)))
        ]
    found, asked = differences(tmp_path, records)
    assert not found
    assert asked > len(records) // 4
