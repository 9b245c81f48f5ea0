"""Rows written to a database are found again, exactly."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from batten.model.package import Distribution
from batten.vulnerabilities.db import DatabaseError, EndOfLife, Interval, Kev, Ssvc, default_path, open_database
from batten.vulnerabilities.db.ecosystems import from_osv, is_few, of_type
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import Title
from batten.vulnerabilities.db.writer import Advisory, Affected, Feed, Writer

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("db") / "advisories.sqlite"
    with Writer(path) as writer:
        writer.begin(Feed(origin="tracker.json"))
        writer.source("debian", format="debian-tracker", comprehensive=True)
        writer.add(
            Advisory(
                id="CVE-2023-44487",
                severity="medium",
                modified="2026-01-02",
                affected=[
                    Affected(
                        ecosystem="debian:12",
                        name="nginx",
                        unit="source",
                        status="will_not_fix",
                        reason="no-dsa",
                        ranges=[Interval(fixed="1.22.1-9+deb12u1"), Interval("1.24.0-1", "", "1.24.0-2")],
                    ),
                    Affected(ecosystem="debian:12", name="h2o", unit="source", status="not_affected"),
                ],
            )
        )
        writer.end()
        writer.begin(Feed(origin="PyPI.zip"))
        writer.source("osv:PyPI", format="osv", licence="CC-BY-4.0")
        writer.add(
            Advisory(
                id="PYSEC-2023-1",
                aliases=["CVE-2023-44487", "GHSA-qppj-fm5r-hxr3"],
                published="2023-10-10",
                modified="2023-11-01",
                affected=[Affected(ecosystem="pypi", name="H2.Server", versions=["1.0", "1.1"])],
                facts=Facts(summary="x" * 300, scores=(("", VECTOR),), cwes=("CWE-400",), urls=("https://e.example/",)),
            )
        )
        writer.add(Advisory(id="PYSEC-2023-2", withdrawn="2024-01-01", affected=[]))
        writer.end(problem="a member is broken")
        writer.begin(Feed(origin="adp"))
        writer.source("adp", format="cve5")
        writer.add_fact("CVE-2023-44487", Facts(ssvc=Ssvc("active", "yes", "partial"), severities=(("cisa", "High"),)))
        writer.add_kev("CVE-2023-44487", Kev("2023-10-10", "2023-10-31", False))
        writer.add_epss([("CVE-2023-44487", 0.94435, 0.99981)], "2026-08-16", "v2025.03.14")
        writer.add_end_of_life(EndOfLife(product="debian", cycle="12", released="2023-06-10", eol="2026-06-10"))
        writer.end()
        writer.finish()
    return path


def test_rows_come_back_in_the_words_of_their_source(path: Path) -> None:
    with open_database(path) as db:
        found = db.advisories("debian:12", ["nginx", "h2o", "nothing"])
    assert set(found) == {"nginx", "h2o"}
    (row,) = found["nginx"]
    assert (row.id, row.source, row.comprehensive, row.unit) == ("CVE-2023-44487", "debian", True, "source")
    assert (row.status, row.reason, row.severity, row.severity_word) == ("will_not_fix", "no-dsa", "medium", "medium")
    assert row.ranges == (Interval("", "1.22.1-9+deb12u1", ""), Interval("1.24.0-1", "", "1.24.0-2"))
    assert found["h2o"][0].status == "not_affected"
    assert found["h2o"][0].ranges == ()


def test_names_are_asked_in_any_spelling(path: Path) -> None:
    with open_database(path) as db:
        assert db.advisories("pypi", ["h2_server"])["h2_server"][0].versions == ("1.0", "1.1")


def test_aliases_join_over_several_steps(path: Path) -> None:
    with open_database(path) as db:
        assert db.aliases(["GHSA-qppj-fm5r-hxr3", "PYSEC-2023-2"]) == {
            "GHSA-qppj-fm5r-hxr3": {"CVE-2023-44487", "PYSEC-2023-1"}
        }


def test_details_join_what_all_sources_say(path: Path) -> None:
    with open_database(path) as db:
        found = db.details(["CVE-2023-44487", "PYSEC-2023-1", "PYSEC-2023-2", "CVE-1999-0001", "nonsense"])
    assert set(found) == {"CVE-2023-44487", "PYSEC-2023-1", "PYSEC-2023-2"}
    cve, pysec, gone = found["CVE-2023-44487"], found["PYSEC-2023-1"], found["PYSEC-2023-2"]
    assert cve.epss is not None
    assert (cve.epss.score, cve.epss.percentile, cve.epss.date) == (0.94435, 0.99981, "2026-08-16")
    assert cve.kev == Kev("2023-10-10", "2023-10-31", False)
    assert cve.ssvc == Ssvc("active", "yes", "partial")
    assert [(one.source, one.word) for one in cve.severities] == [("debian", "medium"), ("cisa", "High")]
    assert [(one.source, one.version, one.score) for one in pysec.scores] == [("osv:PyPI", "3.1", 9.8)]
    assert (pysec.cwes, pysec.urls, pysec.titles) == (
        ("CWE-400",),
        ("https://e.example/",),
        (Title("osv:PyPI", "x" * 300),),
    )
    assert gone.withdrawn == "2024-01-01"


def test_sources_tell_their_age_and_what_they_speak_of(path: Path) -> None:
    with open_database(path) as db:
        adp, debian, pypi = db.states()
        assert (debian.name, debian.ecosystems, debian.records, debian.newest) == (
            "debian",
            ("debian:12",),
            1,
            "2026-01-02",
        )
        assert (pypi.problem, pypi.licence) == ("a member is broken", "CC-BY-4.0")
        assert adp.ecosystems == ()
        assert db.sources_of("debian:12") == ["debian"]
        assert db.sources_of("npm") == []


def test_ends_of_life_are_found_by_product_and_cycle(path: Path) -> None:
    with open_database(path) as db:
        found = db.end_of_life("debian", "12")
        assert found is not None
        assert found.eol == "2026-06-10"
        assert db.end_of_life("debian", "99") is None


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        (Distribution("debian", "12"), ["debian:12"]),
        (Distribution("debian", "", "trixie"), ["debian:13"]),
        (Distribution("debian"), ["debian:sid"]),
        (Distribution("ubuntu", "22.04"), ["ubuntu:22.04"]),
        (Distribution("alpine", "3.20.3"), ["alpine:3.20"]),
        (Distribution("alpine", "3.23_alpha20250612"), ["alpine:edge"]),
        (Distribution("wolfi", "20230201"), ["wolfi"]),
        (Distribution("chainguard", "20230214"), ["chainguard", "wolfi"]),
        (Distribution("rhel", "9.4"), ["redhat:9"]),
        (Distribution("centos", "7"), ["redhat:7"]),
        (Distribution("almalinux", "9.4"), ["alma:9"]),
        (Distribution("ol", "8.10"), ["oracle:8"]),
        (Distribution("amzn", "2023"), ["amazon:2023"]),
        (Distribution("amzn", "2018.03"), ["amazon:1"]),
        (Distribution("sles", "15.5"), ["sles:15.5"]),
        (Distribution("azurelinux", "3.0"), ["azurelinux:3.0"]),
        (Distribution("mysterylinux", "1"), []),
    ],
)
def test_a_distribution_knows_its_ecosystems(path: Path, distribution: Distribution, expected: list[str]) -> None:
    with open_database(path) as db:
        assert db.ecosystems_of(distribution) == expected


def test_a_component_of_kubernetes_is_no_module_of_its_name() -> None:
    assert of_type("golang", "k8s.io") == ["golang"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Debian:12", "debian:12"),
        ("Debian:bookworm", "debian:12"),
        ("Ubuntu:22.04:LTS", "ubuntu:22.04"),
        ("Ubuntu:Pro:FIPS:18.04:LTS", "ubuntu-pro:18.04"),
        ("Alpine:v3.20", "alpine:3.20"),
        ("Alpine:edge", "alpine:edge"),
        ("AlmaLinux:9", "alma:9"),
        ("almalinux8", "alma:8"),
        ("Rocky Linux:9", "rocky:9"),
        ("Red Hat:enterprise_linux:9::appstream", "redhat:9"),
        ("Red Hat:openshift:4.16::el9", "redhat"),
        ("SUSE:Linux Enterprise Server 15 SP5", "sles:15.5"),
        ("openSUSE:Leap 15.6", "opensuse-leap:15.6"),
        ("openSUSE:Tumbleweed", "opensuse-tumbleweed"),
        ("Azure Linux:3", "azurelinux:3"),
        ("crates.io", "cargo"),
        ("Go", "golang"),
        ("Maven:https://repo1.maven.org/maven2", "maven"),
        ("Chainguard", "chainguard"),
    ],
)
def test_ecosystems_of_osv_have_one_name(text: str, expected: str) -> None:
    assert from_osv(text) == expected


def test_a_missing_database_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"^expected a vulnerability database at .*found none; `batten db update`"):
        open_database(tmp_path / "none")


def test_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE feed (x)")
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseError, match="expected a vulnerability database of batten"):
        open_database(other)
    (tmp_path / "text").write_text("hello, this is no database at all" * 40)
    with pytest.raises(DatabaseError, match="found another file"):
        open_database(tmp_path / "text")


def test_views_are_refused(path: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.sqlite"
    hostile.write_bytes(path.read_bytes())
    connection = sqlite3.connect(hostile)
    connection.executescript(
        "DROP TABLE epss; CREATE VIEW epss AS WITH RECURSIVE n(cve) AS (SELECT 1 UNION ALL SELECT cve + 1 FROM n)"
        " SELECT cve, 1 AS score, 1 AS percentile FROM n;"
    )
    connection.close()
    with pytest.raises(DatabaseError, match="expected tables alone in the database, found 'epss'"):
        open_database(hostile)


def test_a_damaged_database_is_one_line(path: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite"
    data = path.read_bytes()
    damaged.write_bytes(data[:8192] + b"\xff" * (len(data) - 8192))
    with pytest.raises(DatabaseError, match="is damaged") as raised, open_database(damaged) as db:
        db.advisories("debian:12", ["nginx"])
    assert "\n" not in str(raised.value)


def test_a_reader_keeps_the_old_file_while_a_new_one_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "advisories.sqlite"
    for number in (1, 2):
        with Writer(path) as writer:
            writer.begin(Feed(origin="x"))
            writer.source("test", format="osv")
            writer.add(Advisory(id=f"A-{number}", affected=[Affected(ecosystem="npm", name="left-pad")]))
            writer.end()
            writer.finish()
        if number == 1:
            db = open_database(path)
    with db:
        assert db.advisories("npm", ["left-pad"])["left-pad"][0].id == "A-1"
    with open_database(path) as new:
        assert new.advisories("npm", ["left-pad"])["left-pad"][0].id == "A-2"
    assert [entry.name for entry in tmp_path.iterdir()] == ["advisories.sqlite"]


def test_what_is_not_finished_leaves_no_trace(tmp_path: Path) -> None:
    with Writer(tmp_path / "advisories.sqlite") as writer:
        writer.begin(Feed(origin="x"))
        writer.source("test", format="osv")
    assert list(tmp_path.iterdir()) == []


def test_the_path_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BATTEN_DB", str(tmp_path / "my.sqlite"))
    assert default_path() == tmp_path / "my.sqlite"
    monkeypatch.delenv("BATTEN_DB")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_path() == tmp_path / "batten" / "db" / "advisories.sqlite"


@pytest.mark.parametrize(
    ("ecosystem", "packages", "few"),
    [
        ("ubuntu:22.04", 9, True),
        ("debian:12", 172, False),
        ("wolfi", 12, True),
        ("npm", 425, True),  # libraries of browsers alone
        ("npm", 3_000, False),
        ("pypi", 1_535, False),
        ("swift", 1, False),  # a whole feed has few
        ("kubernetes", 11, False),
    ],
)
def test_a_sample_of_a_feed_is_known_by_how_few_packages_it_names(ecosystem: str, packages: int, few: bool) -> None:
    assert is_few(ecosystem, packages) is few
