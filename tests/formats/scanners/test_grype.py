"""Grype's JSON, from the snapshots of its own tests."""

from formats.scanners.support import of, report, row

FOUND = report("grype-image.json")


def test_the_image_is_known_by_manifest_configuration_and_layers() -> None:
    assert FOUND.target.digest == "sha256:ca738abb87a8d58f112d3400ebb079b61ceae7dc290beb34bda735be4b1941d5"
    assert FOUND.target.image_id == "sha256:ab5608d634db2716a297adbfa6a5dd5d8f8f5a7d0cab73649ea7fbb8c8da544f"
    assert len(FOUND.target.diff_ids) == 3


def test_a_match_carries_fix_score_and_probability() -> None:
    found = row(FOUND, "CVE-1999-0001")
    assert found.package.purl == "pkg:rpm/centos/package-1@1.1.1?epoch=2"  # which stands in its metadata
    assert found.fixed == "1.2.1"
    assert found.severity == "low"
    assert [(one.source, one.score) for one in found.scores] == [("nvd", 8.2)]
    assert (found.epss, found.epss_date) == (0.03, "")
    assert found.package.paths == ("foo/bar/somefile-1.txt",)


def test_known_exploitation_is_taken_over() -> None:
    found = row(FOUND, "CVE-1999-0002")
    assert (found.kev, found.ransomware, found.exploit) == (True, True, "active")


def test_related_vulnerabilities_are_aliases_and_guesses_are_of_low_confidence() -> None:
    found = report("grype-ghsa.json")
    sure, guessed = row(found, "GHSA-cfh5-3ghh-wfjx"), row(found, "CVE-2014-3577")
    assert sure.aliases == ("CVE-2014-3577",)
    assert (sure.confidence, guessed.confidence, guessed.reason) == ("high", "low", "matched by CPE")


def test_ignored_matches_are_waived_and_vex_is_told() -> None:
    match = {
        "vulnerability": {"id": "CVE-2020-1", "fix": {"versions": [], "state": "wont-fix"}},
        "artifact": {"name": "a", "version": "1", "type": "npm"},
    }
    rules = [{"vulnerability": "CVE-2020-1", "reason": "not used"}]
    vex = [{"namespace": "vex", "vex-status": "not_affected", "vex-justification": "component_not_present"}]
    found = of(
        {
            "matches": [match],
            "ignoredMatches": [
                {**match, "appliedIgnoreRules": rules},
                {**match, "appliedIgnoreRules": vex},
            ],
            "descriptor": {"name": "grype"},
        }
    )
    assert [(one.status, one.reason) for one in found.rows] == [
        ("will_not_fix", ""),
        ("waived", "not used"),
        ("not_affected", "component_not_present"),
    ]
