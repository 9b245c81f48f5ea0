"""The advisories that RubySec and FriendsOfPHP keep as YAML."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batten.versions import in_range, satisfies
from batten.vulnerabilities.db import Interval
from batten.vulnerabilities.db.importers.rubysec import affected

from .conftest import Built

Make = Callable[..., Built]
GEM = """\
---
gem: rack
cve: 2022-44570
ghsa: 65f5-mfpf-vfhj
url: https://github.com/rack/rack/security/advisories
title: Denial of service via header parsing in Rack
date: 2023-01-18
description: |
  gem: this line belongs to the description
cvss_v3: 7.5
unaffected_versions:
  - "< 1.5.0"
patched_versions:
  - "~> 2.0.9, >= 2.0.9.2"
  - "~> 2.1.4, >= 2.1.4.2"
  - ">= 3.0.4.1"
related:
  url:
    - https://github.com/rack/rack/releases/tag/v3.0.4.1
"""
PHP = """\
title: Denial of Service via "MadeYouReset" vulnerability
link: https://github.com/amphp/http-server/security/advisories/GHSA-8grv-jq2g-cfhw
cve: CVE-2025-8671
branches:
    3.x:
        time: 2026-02-08 22:45:00
        versions: [ '>=3.0.0-beta1', '<3.4.4' ]
    2.x:
        time: 2026-02-09 22:45:00
        versions: [ '>=2.0.0-rc1', '<=2.1.10' ]
reference: composer://amphp/http-server
"""


def test_a_gem_is_affected_wherever_nothing_is_said_of_it(built: Make) -> None:
    found = built(("CVE-2022-44570.yml", GEM.encode()))
    row = found.row("gem", "rack")
    assert (row.id, row.source, row.published) == ("RUBYSEC-rack-CVE-2022-44570", "rubysec", "2023-01-18")
    assert row.aliases == ("CVE-2022-44570", "GHSA-65f5-mfpf-vfhj")
    assert row.ranges == (
        Interval("1.5.0", "2.0.9.2"),
        Interval("2.1.a", "2.1.4.2"),  # a pre-release of 2.1 is no `~> 2.0.9`
        Interval("2.2.a", "3.0.4.1"),
    )
    assert [one.text for one in found.db.details([row.id])[row.id].titles] == [
        "Denial of service via header parsing in Rack"
    ]


@pytest.mark.parametrize(
    ("requirements", "ranges"),
    [
        ([], (Interval(),)),
        ([">= 1.10"], (Interval("", "1.10"),)),
        (["> 0.16.0"], (Interval("", "", "0.16.0"),)),
        (["<= 0.12.1", ">= 0.15"], (Interval("0.12.1.0.0.1", "0.15"),)),
        (["= 1.6.0"], (Interval("", "1.6.0"), Interval("1.6.0.0.0.1"))),
        ([">= 0"], (Interval("", "0"),)),
        ([">= 1", "~> 2.0", "< 3, >= 2"], (Interval("", "1"),)),
    ],
)
def test_requirements_as_intervals(requirements: list[str], ranges: tuple[Interval, ...]) -> None:
    assert affected(requirements) == ranges


versions = st.builds(
    lambda numbers, word: ".".join(map(str, numbers)) + word,
    st.lists(st.integers(0, 3), min_size=1, max_size=3),
    st.sampled_from(["", "", "", ".rc1", ".beta"]),
)
requirements = st.lists(st.tuples(st.sampled_from([">=", "~>", "<", ">", "<=", "="]), versions), max_size=2).map(
    lambda parts: ", ".join(f"{operator} {version}" for operator, version in parts) or ">= 3"
)


@example(["< 0"], "0.rc1")
@given(st.lists(requirements, max_size=4), versions)
def test_what_no_requirement_takes_is_affected(texts: list[str], version: str) -> None:
    wanted = not any(satisfies("gem", version, text) for text in texts)
    found = any(
        in_range(
            "gem",
            version,
            introduced=one.introduced,
            fixed=one.fixed,
            last_affected=one.last_affected,
        )
        for one in affected(texts)
    )
    assert found == wanted


def test_the_branches_of_a_package_of_composer(built: Make) -> None:
    row = built(("CVE-2025-8671.yaml", PHP.encode())).row("composer", "amphp/http-server")
    assert (row.id, row.source) == ("FRIENDSOFPHP-amphp-http-server-CVE-2025-8671", "friendsofphp")
    assert row.aliases == ("CVE-2025-8671",)
    assert row.ranges == (Interval("2.0.0-rc1", "", "2.1.10"), Interval("3.0.0-beta1", "3.4.4"))
    assert (row.published, row.modified) == ("2026-02-08", "2026-02-09")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.yml", "gem: rack\npatched_versions: ['newer ones']\n", "expected a requirement such as >= 1.2"),
        ("a.yml", "gem: rack\npatched_versions: [\n", "expected YAML"),
        ("a.yml", "gem: rack\npatched_versions: ['>= one']\n", "one"),
        ("a.yaml", PHP.replace("amphp/http-server\n", "amphp\n"), "expected `reference: composer://VENDOR/NAME`"),
        ("a.yaml", PHP.replace("'<3.4.4'", "'3.4 or so'"), "expected a version such as <1.2"),
        ("a.yaml", PHP.replace("versions: [ '>=3.0.0-beta1', '<3.4.4' ]", "versions: []"), "of the branch '3.x'"),
    ],
)
def test_a_document_that_says_nothing_is_a_broken_record(built: Make, name: str, text: str, told: str) -> None:
    found = built((name, text.encode()), ("CVE-2022-44570.yml", GEM.encode()))
    (problem,) = found.outcome.problems
    assert told in problem.text


def test_the_same_record_as_osv_counts_once(built: Make) -> None:
    import json

    affected = {"package": {"ecosystem": "RubyGems", "name": "rack"}}
    affected |= {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}]}  # type: ignore[dict-item]
    record = {"id": "RUBYSEC-rack-CVE-2022-44570", "modified": "2020-01-01T00:00:00Z", "affected": [affected]}
    found = built(("CVE-2022-44570.yml", GEM.encode()), ("old.json", json.dumps(record).encode()))
    assert found.row("gem", "rack").ranges[0] == Interval("1.5.0", "2.0.9.2")


def test_blank_lines_and_comments_before_a_document_cost_nothing(built: Make) -> None:
    blank = "\n" * 2_000
    found = built(("CVE-2022-44570.yml", f"# a comment\n{blank}{GEM}".encode()), ("none", f"{blank}no gem".encode()))
    assert found.row("gem", "rack").id == "RUBYSEC-rack-CVE-2022-44570"
    assert found.outcome.unknown == ("none",)
    wide = " " * 100_000
    text = f"gem: rack\npatched_versions: ['>={wide}1{wide}2']\n"
    broken = built(("a.yml", text.encode()), ("b.yml", GEM.encode()))
    assert broken.outcome.problems[0].text.startswith("expected a requirement such as >= 1.2")
