"""An image and the bills of materials that describe it, scanned together: every flaw once."""

from __future__ import annotations

import json
from collections import Counter
from itertools import permutations
from pathlib import Path

import pytest

from batten import api
from batten.model.report import Report
from batten.model.settings import ImageSettings, Settings
from batten.report.sbom import write
from images import builder
from vulnerabilities.support import database, osv, tracker

STATUS = b"Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.13-1\n"
RELEASE = b'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'
METADATA = b"Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n\n"
FORMATS = ("cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-tag-value", "spdx3-json")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    db = database(
        tmp_path / "db",
        tracker(openssl={"CVE-2024-1000": {"status": "resolved", "fixed_version": "3.0.14-1", "urgency": "high"}}),
        osv("PYSEC-2024-1", "PyPI", "requests", ("introduced", "0"), ("fixed", "2.32.0"), aliases=["CVE-2024-2000"]),
        osv("PYSEC-2024-2", "PyPI", "jinja2", ("introduced", "0"), ("fixed", "3.2.0"), aliases=["CVE-2024-3000"]),
    )
    images = ImageSettings(cache=False, offline=True, database=str(db.path))
    return Settings(as_of="2026-11-01", images=images)


def image(folder: Path, name: str, version: str = "3.0.13-1") -> Path:
    status = STATUS.replace(b"3.0.13-1", version.encode())
    layers = [
        builder.layer([builder.file("etc/os-release", RELEASE), builder.file("var/lib/dpkg/status", status)]),
        builder.layer([builder.file("srv/site-packages/requests-2.31.0.dist-info/METADATA", METADATA)]),
    ]
    config = builder.configuration(layers, User="1000")
    return builder.docker_archive(folder / f"{name}.tar", layers, config, f"shop/{name}:1")


def bill(target: Path, name: str) -> Path:
    document, _ = api.sbom(str(target), Settings(images=ImageSettings(cache=False, offline=True)))
    path = target.with_name(f"{target.stem}.{name}")
    path.write_bytes(write(name, document))
    return path


def scanned(settings: Settings, *targets: Path) -> Report:
    return api.scan([str(target) for target in targets], settings).report


def rows(report: Report) -> Counter[tuple[str, str]]:
    return Counter((row.target, row.id) for row in report.vulnerabilities)


@pytest.mark.parametrize("name", FORMATS)
def test_an_image_and_its_bill_give_each_flaw_once(tmp_path: Path, settings: Settings, name: str) -> None:
    web = image(tmp_path, "web")
    alone = scanned(settings, web)
    assert len(alone.vulnerabilities) == 2
    for order in permutations([web, bill(web, name)]):
        found = scanned(settings, *order)
        assert rows(found) == rows(alone)
        assert [step.name for step in found.plan] == [step.name for step in alone.plan]


def test_bills_find_their_image_among_several(tmp_path: Path, settings: Settings) -> None:
    web, api_image = image(tmp_path, "web"), image(tmp_path, "api", "3.0.12-1")
    alone = scanned(settings, web, api_image)
    found = scanned(settings, bill(api_image, "spdx-json"), web, bill(web, "cyclonedx-json"), api_image)
    assert rows(found) == rows(alone)
    assert len(found.vulnerabilities) == 4


def test_two_bills_of_one_image_are_one_target(tmp_path: Path, settings: Settings) -> None:
    web = image(tmp_path, "web")
    one, other = bill(web, "spdx-json"), bill(web, "cyclonedx-json")
    found = scanned(settings, one, other)
    assert len(found.vulnerabilities) == 2
    assert len({row.target for row in found.vulnerabilities}) == 1


def test_a_bill_of_another_image_stands_apart(tmp_path: Path, settings: Settings) -> None:
    web, old = image(tmp_path, "web"), image(tmp_path, "old", "3.0.12-1")
    assert len(scanned(settings, web, bill(old, "spdx-json")).vulnerabilities) == 4


def test_what_the_bill_alone_lists_is_a_package_of_the_image(tmp_path: Path, settings: Settings) -> None:
    web = image(tmp_path, "web")
    path = bill(web, "cyclonedx-json")
    document = json.loads(path.read_bytes())
    more = {"type": "library", "name": "jinja2", "version": "3.1.0", "purl": "pkg:pypi/jinja2@3.1.0"}
    document["components"].append({**more, "bom-ref": "jinja2"})
    path.write_text(json.dumps(document))
    found = scanned(settings, web, path)
    (target,) = {row.target for row in found.vulnerabilities}
    assert target == f"image:{web}"
    assert sorted(row.id for row in found.vulnerabilities) == ["CVE-2024-1000", "CVE-2024-2000", "CVE-2024-3000"]


def test_what_a_bill_says_of_flaws_is_joined_with_the_image(tmp_path: Path, settings: Settings) -> None:
    web = image(tmp_path, "web")
    path = bill(web, "cyclonedx-json")
    document = json.loads(path.read_bytes())
    reference = next(one["bom-ref"] for one in document["components"] if one["name"] == "openssl")
    document["vulnerabilities"] = [{"id": "CVE-2024-1000", "affects": [{"ref": reference}]}]
    path.write_text(json.dumps(document))
    for order in permutations([web, path]):
        found = scanned(settings, *order)
        assert len(found.vulnerabilities) == 2
        (row,) = [row for row in found.vulnerabilities if row.id == "CVE-2024-1000"]
        assert row.target == f"image:{web}"
        assert len({one.source for one in row.statements}) == 2
