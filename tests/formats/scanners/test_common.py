"""What all imports share."""

import json

import pytest

from batten.formats.scanners import READER
from batten.formats.scanners.common import first_fix, flaws, package, probability, score_of
from batten.limits import IMPORT_ROWS
from batten.model.imported import ImportedReport
from batten.model.source import File, Unreadable
from formats.scanners.support import of, read


@pytest.mark.parametrize(
    ("name", "others", "found"),
    [
        ("CVE-2020-1000", ["GHSA-aaaa-bbbb-cccc"], [("CVE-2020-1000", ("GHSA-aaaa-bbbb-cccc",))]),
        ("GHSA-aaaa-bbbb-cccc", ["CVE-2020-1000"], [("GHSA-aaaa-bbbb-cccc", ("CVE-2020-1000",))]),
        ("CVE-2020-1000", ["CVE-2020-2000", "RHSA-2020:1"], [("CVE-2020-1000", ())]),
        ("RHSA-2020:1", ["CVE-2020-1000", "CVE-2020-2000"], [("CVE-2020-1000", ()), ("CVE-2020-2000", ())]),
        ("RHSA-2020:1", ["CVE-2020-1000"], [("CVE-2020-1000", ())]),
        ("SNYK-JS-A-1", ["CVE-2020-1000", "CWE-79"], [("SNYK-JS-A-1", ("CVE-2020-1000",))]),
    ],
)
def test_cves_are_never_joined_with_each_other(
    name: str, others: list[str], found: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert flaws(name, others) == found


def test_the_fix_is_the_lowest_above_the_installed_version() -> None:
    one = package("npm", "a", "4.1.0")
    assert one is not None
    assert first_fix(one, ["5.0.0", "3.9.9", "4.1.1", "None"]) == "4.1.1"
    assert first_fix(one, ["None"]) == ""
    assert first_fix(one, ["nonsense of a version", "5.0.0"]) == "nonsense of a version"


@pytest.mark.parametrize(
    ("vector", "value", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", None, 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 7.0, 7.0),
        ("AV:N/AC:L/Au:N/C:P/I:N/A:N", None, 5.0),
        ("CVSS:9.9/AV:N", 5.0, None),
        ("nonsense", None, None),
        ("", 5.0, None),
    ],
)
def test_a_score_needs_its_vector(vector: str, value: object, score: float | None) -> None:
    found = score_of("nvd", vector, value)
    assert (found.score if found else None) == score


@pytest.mark.parametrize("text", ["[]", '{"a": 1}', "", "{", "no matches descriptor"])
def test_other_files_are_left_to_other_readers(text: str) -> None:
    file = File("x.json", text.encode())
    assert not READER.wants(file)
    assert not READER.wants_name("trivy.json")  # only what is named itself


def test_rows_beyond_the_bound_are_told_once() -> None:
    flaw = '{"VulnerabilityID":"CVE-2020-%d","PkgName":"a","InstalledVersion":"1"}'
    rows = ",".join(flaw % (1000 + number) for number in range(IMPORT_ROWS + 5))
    text = '{"SchemaVersion":2,"Results":[{"Type":"npm","Vulnerabilities":[' + rows + "]}]}"
    found = read(text)
    (one,) = found.nouns
    assert isinstance(one, ImportedReport)
    assert len(one.rows) == IMPORT_ROWS
    assert [problem.message[:40] for problem in found.problems] == ["expected at most 50,000 vulnerabilities i"[:40]]


def test_entries_without_a_package_are_counted() -> None:
    flaws_ = [{"VulnerabilityID": "CVE-2020-1"}, {"PkgName": "a", "InstalledVersion": "1"}, 7]
    found = read(json.dumps({"SchemaVersion": 2, "Results": [{"Type": "npm", "Vulnerabilities": flaws_}]}))
    (problem,) = found.problems
    assert problem.message.startswith("2 entries name no package")
    assert not problem.severe


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("https://oauth2:glpat-Secret1@gitlab.example/x/y.git", "https://…@gitlab.example/x/y.git"),
        ("u:trivyS3cret@reg.example/shop/web:1", "…@reg.example/shop/web:1"),
    ],
)
def test_the_name_of_what_was_scanned_holds_no_credentials(name: str, shown: str) -> None:
    trivy = {"SchemaVersion": 2, "ArtifactName": name, "Metadata": {"RepoDigests": [f"{name}@sha256:00"]}}
    target = of(trivy).target
    assert (target.name, target.repository_digests) == (shown, (f"{shown}@sha256:00",))


@pytest.mark.parametrize(
    "document",
    [
        {"@context": "https://openvex.dev/ns/v0.2.0", "statements": []},
        {"document": {"category": "csaf_vex", "csaf_version": "2.0"}, "vulnerabilities": []},
    ],
)
def test_statements_are_no_target(document: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match="found VEX statements: give them with --vex FILE"):
        read(json.dumps(document))


# Trivy's `FixedVersion` of crates, gems and pods
@pytest.mark.parametrize(
    ("kind", "installed", "fixed", "first"),
    [
        ("cargo", "1.9.0", [">= 2.1.0"], "2.1.0"),
        ("gem", "5.2.3", ["~> 5.2.4", ">= 5.2.4.3", ">= 6.0.3.1"], "5.2.4.3"),
        ("gem", "5.2.3", ["~> 2.3.5", "~> 5.2.4"], "5.2.4"),
        ("npm", "4.17.4", [">=4.17.11 <5.0.0"], "4.17.11"),
        ("cocoapods", "2.41.0", ["2.29.1", "2.39.1", "2.42.0"], "2.42.0"),
        ("k8s", "1.27.0", ["1.24.14", "1.25.10", "1.27.2", "1.26.5"], "1.27.2"),
        ("npm", "1.0.0", ["> 1.0.0"], "> 1.0.0"),
    ],
)
def test_operators_before_a_fix_are_no_part_of_it(kind: str, installed: str, fixed: list[str], first: str) -> None:
    one = package(kind, "a", installed)
    assert one is not None
    assert first_fix(one, fixed) == first


@pytest.mark.parametrize(
    ("value", "found"),
    [(0.5, 0.5), (0, 0.0), ("0.97565", 0.97565), ("nan", None), ("much", None), ("", None), (2, None), (True, None)],
)
def test_a_probability_may_be_a_text(value: object, found: float | None) -> None:
    assert probability(value) == found
