"""One root cause on one container is one entry."""

from __future__ import annotations

from msgspec.structs import replace

from batten.report.groups import entries, group_title
from report import sample


def test_findings_of_a_group_are_one_entry() -> None:
    found = sample.hardening(sample.K8S, "- name: app", sample.WEB)
    (entry,) = entries(found)
    assert entry.merged
    assert entry.title == "Hardening is missing"
    assert entry.checks == ["PRV002", "PRV003", "PRV004", "RUN001"]


def test_a_waived_finding_leaves_its_group() -> None:
    found = sample.hardening(sample.K8S, "- name: app", sample.WEB)
    found[1] = replace(found[1], status="waived")
    assert [entry.checks for entry in entries(found)] == [["PRV002", "PRV004", "RUN001"], ["PRV003"]]


def test_a_finding_alone_keeps_its_title() -> None:
    (entry,) = entries(sample.hardening(sample.K8S, "- name: app", sample.WEB)[:1])
    assert not entry.merged
    assert entry.title == "Container may run as root"


def test_findings_without_group_stay_apart() -> None:
    one = sample.findings()[1]
    assert len(entries([one, one])) == 2


def test_a_group_without_words_of_its_own_is_called_by_its_name() -> None:
    assert group_title("public-address") == "Public address"
