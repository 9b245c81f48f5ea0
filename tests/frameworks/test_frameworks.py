"""The framework tables: complete, consistent, and loaded when asked for."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from batten.engine.rooms import all_checks
from batten.frameworks import NAMES, Framework, UnknownFramework, controls_of, frameworks, get, pss

CHECK = re.compile(r"(IMG|PRV|ACC|RUN|NET|VUL|AUD|SUR|PAT|CLD)\d{3}")

# how many controls the document (or the section that is covered) has
SIZES = {
    "pss-baseline": 12,
    "pss-restricted": 15,
    "nsa-cisa": 36,
    "cis-kubernetes": 13 + 12 + 2 + 2 + 1 + 4,
    "cis-docker": 12 + 32,
    "nist-800-190": 5 + 3 + 5 + 5 + 5 + 1,
    "mitre-containers": 48,
}


@pytest.mark.parametrize("framework", frameworks(), ids=lambda one: one.name)
class TestTable:
    def test_identifiers_are_unique(self, framework: Framework) -> None:
        ids = [control.id for control in framework.controls]
        assert len(set(ids)) == len(ids)

    def test_every_control_of_the_section_is_listed(self, framework: Framework) -> None:
        assert len(framework.controls) == SIZES.get(framework.name, len(framework.controls))

    def test_manual_controls_and_only_they_have_no_checks(self, framework: Framework) -> None:
        assert [c.id for c in framework.controls if (c.coverage == "manual") == bool(c.checks)] == []

    def test_what_is_not_covered_is_said(self, framework: Framework) -> None:
        assert [c.id for c in framework.controls if c.coverage != "full" and not c.note] == []

    def test_checks_are_named_once_and_by_identifier(self, framework: Framework) -> None:
        for control in framework.controls:
            assert len(set(control.checks)) == len(control.checks), control.id
            assert all(CHECK.fullmatch(check) for check in control.checks), control.id

    def test_it_says_where_it_comes_from(self, framework: Framework) -> None:
        assert framework.name in NAMES
        assert framework.title
        assert framework.version
        assert framework.url.startswith("https://")


def test_numbered_controls_stand_in_the_order_of_the_document() -> None:
    for name in ("cis-kubernetes", "cis-docker", "nist-800-190", "pci-dss-4"):
        numbers = [tuple(map(int, control.id.split("."))) for control in get(name).controls]
        assert numbers == sorted(numbers), name


def test_a_section_of_pci_dss_is_listed_whole_or_by_its_requirements() -> None:
    ids = [control.id for control in get("pci-dss-4").controls]
    assert [one for one in ids if one.count(".") == 1 and any(other.startswith(one + ".") for other in ids)] == []
    sections = {".".join(one.split(".")[:2]) for one in ids}
    assert len(sections) == 5 + 3 + 7 + 2 + 4 + 5 + 3 + 6 + 5 + 7 + 6 + 10


@pytest.mark.parametrize("level", pss.LEVELS)
def test_pod_security_tables_hold_the_controls_that_are_evaluated(level: str) -> None:
    table = get(f"pss-{level}")
    assert [(control.id, control.title) for control in table.controls] == pss.controls(level)
    assert {control.coverage for control in table.controls} == {"full"}


def test_a_check_knows_the_controls_that_it_answers() -> None:
    assert ("cis-docker", "5.5") in controls_of("PRV001")
    assert ("pss-restricted", "privileged-containers") in controls_of("PRV001")
    assert controls_of("XYZ999") == []


def test_an_unknown_framework_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownFramework) as caught:
        get("cis-dokcer")
    assert str(caught.value) == "no framework 'cis-dokcer': did you mean cis-docker?"


def test_a_name_like_no_framework_is_answered_with_all_names() -> None:
    with pytest.raises(UnknownFramework, match=r"known are pss-baseline, .*pci-dss-4"):
        get("..sys")


def test_tables_are_loaded_when_asked_for() -> None:
    program = (
        "import sys, batten.frameworks as f\n"
        "tables = lambda: sorted(m for m in sys.modules if m.startswith('batten.frameworks.tables.'))\n"
        "print(tables()); f.get('cis-docker'); print(tables())"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == ["[]", "['batten.frameworks.tables.cis_docker']"]


def test_every_check_that_a_table_names_exists() -> None:
    named = {check for one in frameworks() for control in one.controls for check in control.checks}
    assert named - set(all_checks()) == set()


def test_the_beginning_of_names_is_answered_with_all_of_them() -> None:
    with pytest.raises(UnknownFramework) as caught:
        get("pss")
    assert str(caught.value) == "no framework 'pss': did you mean pss-baseline or pss-restricted?"
