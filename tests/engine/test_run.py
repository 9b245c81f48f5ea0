"""Running checks over an inventory: order, bounds, what is let go of on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten.engine import run
from batten.formats.dockerfile import nodes
from batten.formats.dockerfile.nodes import Dockerfile
from engine.support import POD, scan, write

DOCKERFILE = "FROM debian:13\n" + "RUN sudo make\n" * 5 + "USER app\n"


def test_results_come_check_by_check_whatever_the_order_they_were_asked_in(tmp_path: Path) -> None:
    write(tmp_path, {"Dockerfile": DOCKERFILE, "a.yaml": POD, "b.yaml": POD.replace("name: web", "name: api")})
    results = scan(tmp_path).results
    identifiers = [one.check.id for one in results if one.check.id < "AUD" or one.check.id > "AUD999"]
    assert identifiers == sorted(identifiers)
    privileged = [one.resource.name for one in results if one.check.id == "PRV001" and one.failures]
    assert privileged == ["web", "api"]


def test_what_fails_all_over_one_resource_is_reported_up_to_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "FAILURES", 3)
    write(tmp_path, {"Dockerfile": DOCKERFILE})
    report = scan(tmp_path).report
    assert len([one for one in report.findings if one.check == "PRV015"]) == 3
    (told,) = [one for one in report.targets[0].problems if "PRV015" in one.message]
    assert told.message == "check PRV015 finds 5 places in Dockerfile Dockerfile; the first 3 are reported"
    assert not told.severe


def test_the_commands_of_a_large_dockerfile_are_let_go_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"Dockerfile": DOCKERFILE})
    kept = _commands_kept(tmp_path)
    monkeypatch.setattr(nodes, "_LARGE", 10)
    assert kept
    assert not _commands_kept(tmp_path)


def _commands_kept(tmp_path: Path) -> bool:
    found = scan(tmp_path)
    assert len([one for one in found.report.findings if one.check == "PRV015"]) == 5
    documents = [one.noun.document for one in found.results if isinstance(one.noun.document, Dockerfile)]
    return any(key.startswith("commands/") for key in documents[0].cache)
