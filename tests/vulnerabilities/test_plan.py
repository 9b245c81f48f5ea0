"""Updates in order of the risk that goes, and to which version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from batten.formats.lockfiles.document import LockDocument
from batten.formats.text import TextDocument
from batten.model.image_content import BaseImage, Image
from batten.model.package import Distribution, Package
from batten.model.source import File, Place
from batten.model.vulnerability import UpdateStep, Vulnerability
from batten.model.workload import Resource
from batten.vulnerabilities.commands import command, one_command, system_command
from batten.vulnerabilities.match import Matches
from batten.vulnerabilities.plan import DigestOf, Planned, plan, shared
from vulnerabilities.support import TARGET, apk, deb, matched, osv, package, rpm, tracker


def fixed(version: str, urgency: str = "high") -> dict[str, str]:
    return {"status": "resolved", "fixed_version": version, "urgency": urgency}


def planned(
    found: Matches, packages: list[Package], priorities: dict[str, float] | None = None, **fields: Any
) -> list[UpdateStep]:
    known = priorities or {}
    rows = [replace(row, priority=known.get(row.id, 10.0)) for row in found.rows]
    digest_of: DigestOf | None = fields.pop("digest_of", None)
    one = Planned(target=TARGET, packages=packages, rows=rows, heard=found.heard, **fields)
    return plan([one], digest_of)


def steps(folder: Path, packages: list[Package], *feeds: Any, **fields: Any) -> list[UpdateStep]:
    return planned(matched(folder, packages, *feeds), packages, **fields)


def image(base: BaseImage) -> Image:
    return Image(
        document=None,  # type: ignore[arg-type]
        pointer=(),
        resource=Resource("image", "Image", "a"),
        scope="a",
        name="a",
        id="sha256:1",
        reference="shop/web:1",
        base=base,
    )


def test_one_update_moves_all_packages_of_a_source(tmp_path: Path) -> None:
    feed = tracker(
        openssl={"CVE-2024-1": fixed("3.0.14-1"), "CVE-2024-2": fixed("3.0.16-1")},
        curl={"CVE-2024-3": fixed("7.88-2"), "CVE-2024-4": {"status": "open", "urgency": "low"}},
    )
    packages = [deb("libssl3", "3.0.13-1", "openssl"), deb("openssl", "3.0.13-1"), deb("curl", "7.88-1")]
    first, second = steps(tmp_path, packages, feed)
    assert (first.name, first.installed, first.to) == ("openssl", "3.0.13-1", "3.0.16-1")
    assert (first.removes, first.of, first.remaining, first.risk) == (("CVE-2024-1", "CVE-2024-2"), 4, 2, 20.0)
    assert first.text == "openssl 3.0.16-1: 2 of 4 flaws gone"
    assert "--only-upgrade libssl3 openssl " in first.command
    assert second.text == "curl 7.88-2: 1 more of 4 flaws gone"
    assert second.remaining == 1, "what has no fix stays"


def test_risk_decides_not_the_number(tmp_path: Path) -> None:
    feed = tracker(a={"CVE-2024-1": fixed("2")}, b={"CVE-2024-2": fixed("2"), "CVE-2024-3": fixed("3")})
    found = steps(tmp_path, [deb("a", "1"), deb("b", "1")], feed, priorities={"CVE-2024-1": 90.0})
    assert [step.name for step in found] == ["a", "b"]


def test_a_flaw_is_gone_when_no_package_has_it(tmp_path: Path) -> None:
    feed = tracker(a={"CVE-2024-1": fixed("2")}, b={"CVE-2024-1": fixed("2")})
    first, second = steps(tmp_path, [deb("a", "1"), deb("b", "1")], feed)
    assert (first.removes, first.risk, first.remaining) == ((), 0.0, 1)
    assert first.text == "a 2: 1 flaw that other packages have as well, mended here"
    assert (second.removes, second.risk, second.remaining) == (("CVE-2024-1",), 10.0, 0)


def test_nothing_to_update_no_steps(tmp_path: Path) -> None:
    assert not steps(tmp_path, [deb("curl", "1")], tracker(curl={"CVE-2024-1": {"status": "open", "urgency": "low"}}))


# ------------------------------------------------------------------------------------------ the base
def based() -> list[Package]:
    return [
        deb("openssl", "3.0.13-1", from_base=True),
        deb("zlib", "1.2-1", from_base=True),
        deb("curl", "7.88-1", from_base=False),
    ]


BASED = tracker(
    openssl={"CVE-2024-1": fixed("3.0.14-1")}, zlib={"CVE-2024-2": fixed("1.2-2")}, curl={"CVE-2024-3": fixed("7.88-2")}
)
BASE = BaseImage("docker.io/library/debian:12", "sha256:" + "a" * 64, 1)


def test_the_base_image_moves_all_that_came_with_it(tmp_path: Path) -> None:
    first, second = steps(tmp_path, based(), BASED, image=image(BASE), digest_of=lambda _: "sha256:" + "b" * 64)
    assert (
        first.text
        == "update the base image docker.io/library/debian:12 to digest sha256:bbbbbbbbbbbb: 2 of 3 flaws gone"
    )
    assert first.command == "FROM docker.io/library/debian:12@sha256:" + "b" * 64
    assert (second.name, second.remaining) == ("curl", 0)


def test_a_base_that_is_the_newest_is_no_update(tmp_path: Path) -> None:
    found = steps(tmp_path, based(), BASED, image=image(BASE), digest_of=lambda _: BASE.digest)
    assert {step.kind for step in found} == {"package"}
    assert len(found) == 3


def test_without_a_registry_pulling_the_base_is_advised(tmp_path: Path) -> None:
    first = steps(tmp_path, based(), BASED, image=image(BASE))[0]
    assert (first.kind, first.to) == ("base", "its newest build")
    assert "if it was built again since; pull it" in first.text


# -------------------------------------------------------------------------------------- languages
def python(*versions: str) -> list[Package]:
    return [package("pypi", "x", version, paths=(f"{version}/x",)) for version in versions]


def test_the_lowest_version_that_closes_all(tmp_path: Path) -> None:
    feeds = [
        osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"), ("fixed", "1.6")),
        osv("PYSEC-2024-2", "PyPI", "x", ("introduced", "1.0"), ("fixed", "1.8")),
    ]
    found = steps(tmp_path, python("1.5"), *feeds)
    assert [(step.to, step.removes) for step in found] == [("1.8", ("PYSEC-2024-1", "PYSEC-2024-2"))]


def test_a_fix_that_lies_in_another_affected_range_is_passed_over(tmp_path: Path) -> None:
    two_branches = osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"), ("fixed", "1.6"))
    events = two_branches["affected"][0]["ranges"][0]["events"]
    events += [{"introduced": "2.0"}, {"fixed": "2.0.5"}]
    other = osv("PYSEC-2024-2", "PyPI", "x", ("introduced", "1.0"), ("fixed", "2.0.2"))
    (step,) = steps(tmp_path, python("1.5"), two_branches, other)
    assert step.to == "2.0.5"
    assert step.removes == ("PYSEC-2024-1", "PYSEC-2024-2")
    assert "a new major version" in step.text


def test_what_a_fix_brings_along_is_told(tmp_path: Path) -> None:
    feeds = [
        osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"), ("fixed", "1.6")),
        osv("PYSEC-2024-9", "PyPI", "x", ("introduced", "1.6")),
    ]
    (step,) = steps(tmp_path, python("1.5"), *feeds)
    assert "has PYSEC-2024-9 instead" in step.text


def test_a_version_that_brings_as_many_as_it_mends_is_not_the_one(tmp_path: Path) -> None:
    feeds = [
        osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"), ("fixed", "1.6")),
        *(
            osv(f"PYSEC-2024-{number}", "PyPI", "x", ("introduced", "1.6"), ("fixed", f"1.{number}"))
            for number in (7, 8, 30)
        ),
    ]
    (step,) = steps(tmp_path, python("1.5"), *feeds)
    assert (step.to, step.removes) == ("1.30", ("PYSEC-2024-1",))
    assert "instead" not in step.text


def test_one_flaw_more_is_not_hidden_behind_another(tmp_path: Path) -> None:
    feeds = [
        osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"), ("fixed", "1.6")),
        *(osv(f"PYSEC-2024-{number}", "PyPI", "x", ("introduced", "1.6")) for number in (7, 8, 9)),
    ]
    (step,) = steps(tmp_path, python("1.5"), *feeds)
    assert "has PYSEC-2024-7 and 2 more instead" in step.text


def test_a_lower_version_is_taken_where_the_highest_leaves_more(tmp_path: Path) -> None:
    feeds = [
        osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"), ("fixed", "1.6")),
        osv("PYSEC-2024-2", "PyPI", "x", ("introduced", "0"), ("fixed", "2.0")),
        *(osv(f"PYSEC-2024-{number}", "PyPI", "x", ("introduced", "2.0")) for number in (7, 8, 9)),
    ]
    (step,) = steps(tmp_path, python("1.5"), *feeds)
    assert (step.to, step.removes, step.remaining) == ("1.6", ("PYSEC-2024-1",), 1)


def test_the_end_of_a_line_that_was_never_mended_is_no_version(tmp_path: Path) -> None:
    packages = [package("npm", "x", "1.5.0", paths=("x",))]
    never = osv("RETIREJS-npm-x-1", "npm", "x", ("introduced", "0"), ("fixed", "1.999"))
    assert steps(tmp_path / "a", packages, never) == []
    mended = osv("RETIREJS-npm-x-2", "npm", "x", ("introduced", "0"), ("fixed", "1.8.0"))
    (step,) = steps(tmp_path / "b", packages, never, mended)
    assert (step.to, step.removes, step.remaining) == ("1.8.0", ("RETIREJS-npm-x-2",), 1)


def test_an_update_mends_rows_without_a_fix_of_their_own(tmp_path: Path) -> None:
    feeds = [
        osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"), ("fixed", "1.6")),
        osv("PYSEC-2024-2", "PyPI", "x", ("introduced", "0"), ("last_affected", "1.5.9")),
    ]
    (step,) = steps(tmp_path, python("1.5"), *feeds)
    assert step.removes == ("PYSEC-2024-1", "PYSEC-2024-2")


def test_copies_of_one_version_are_one_update(tmp_path: Path) -> None:
    copies = [package("pypi", "x", "1.5", paths=(path,)) for path in ("a/x", "b/x")]
    (step,) = steps(tmp_path, copies, osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"), ("fixed", "1.6")))
    assert step.removes == ("PYSEC-2024-1",)


def test_steps_that_would_read_alike_name_what_is_installed(tmp_path: Path) -> None:
    place = Place(TextDocument(File("package-lock.json", b"")))
    packages = [package("npm", "x", version, paths=(version,), place=place) for version in ("1.8.0", "1.9.0")]
    found = steps(tmp_path, packages, osv("GHSA-1", "npm", "x", ("introduced", "0"), ("fixed", "3.5.0")))
    assert sorted(step.text.partition(":")[0] for step in found) == ["x 1.8.0 → 3.5.0", "x 1.9.0 → 3.5.0"]


def test_copies_in_programs_name_the_program(tmp_path: Path) -> None:
    packages = [package("golang", "stdlib", version, paths=(f"bin/{version}",)) for version in ("1.23.2", "1.23.3")]
    found = steps(tmp_path, packages, osv("GO-2026-1", "Go", "stdlib", ("introduced", "0"), ("fixed", "1.25.13")))
    texts = sorted(step.text.partition(":")[0] for step in found)
    assert texts == ["stdlib 1.23.2 → 1.25.13 (bin/1.23.2)", "stdlib 1.23.3 → 1.25.13 (bin/1.23.3)"]


def test_one_version_in_two_files_names_the_files(tmp_path: Path) -> None:
    places = [Place(TextDocument(File(f"{name}/package-lock.json", b""))) for name in "ab"]
    packages = [package("npm", "x", "1.8.0", paths=(str(n),), place=place) for n, place in enumerate(places)]
    found = steps(tmp_path, packages, osv("GHSA-1", "npm", "x", ("introduced", "0"), ("fixed", "3.5.0")))
    texts = sorted(step.text.partition(":")[0] for step in found)
    assert texts == ["x 1.8.0 → 3.5.0 (a/package-lock.json)", "x 1.8.0 → 3.5.0 (b/package-lock.json)"]


# ------------------------------------------------------------------------------------ many targets
def test_the_same_update_of_many_images_is_one(tmp_path: Path) -> None:
    packages = [deb("curl", "7.88-1", target=target) for target in ("image:a", "image:b")]
    found = matched(tmp_path, packages, tracker(curl={"CVE-2024-1": fixed("7.88-2")}))
    targets = [
        Planned(
            target=target,
            packages=packages,
            rows=[row for row in found.rows if row.target == target],
            heard=found.heard,
        )
        for target in ("image:a", "image:b")
    ]
    (one,) = shared(plan(targets))
    assert (one.name, one.to, one.targets) == ("curl", "7.88-2", ("image:a", "image:b"))
    assert (one.removes, one.gone, one.of) == (("CVE-2024-1",), 2, 2)
    assert one.text == "curl 7.88-2: 2 of 2 flaws gone in 2 images"
    assert shared(plan(targets[:1])) == []  # it stands in the target's own plan


def test_over_many_images_what_removes_most_risk_comes_first(tmp_path: Path) -> None:
    held = {"image:a": ("curl", "bash"), "image:b": ("curl",), "image:c": ("curl",)}
    packages = [deb(name, "1-1", target=target) for target, names in held.items() for name in names]
    feed = tracker(curl={"CVE-2024-1": fixed("1-2")}, bash={"CVE-2024-2": fixed("1-2")})
    priority = {"CVE-2024-1": 30.0, "CVE-2024-2": 70.0}
    matches = matched(tmp_path, packages, feed)
    rows = [replace(row, priority=priority[row.id]) for row in matches.rows]
    targets = [
        Planned(target=name, packages=packages, rows=[row for row in rows if row.target == name], heard=matches.heard)
        for name in held
    ]
    assert [(one.name, one.risk, one.text) for one in shared(plan(targets))] == [
        ("curl", 90.0, "curl 1-2: 3 of 4 flaws gone in 3 images"),
        ("bash", 70.0, "bash 1-2: 1 of 4 flaws gone in image:a"),
    ]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 100)), min_size=1, max_size=25))
def test_every_order_counts_down_to_what_stays(drawn: list[tuple[int, int, int]]) -> None:
    """(package, flaw, priority) in any mixture: each step counts what the ones before it have left."""
    packages = {number: deb(f"p{number}", "1") for number, _, _ in drawn}
    rows = [
        Vulnerability(
            id=f"CVE-2024-{flaw}",
            package=packages[number].purl,
            name=f"p{number}",
            installed="1",
            target=TARGET,
            status="affected",
            fixed="2",
            priority=float(priority),
        )
        for (number, flaw), priority in {(number, flaw): priority for number, flaw, priority in drawn}.items()
    ]
    found = plan([Planned(target=TARGET, packages=list(packages.values()), rows=rows)])
    left = {row.id for row in rows}
    holders = {flaw: {row.name for row in rows if row.id == flaw} for flaw in left}
    for step in found:
        for flaw in list(left):
            holders[flaw].discard(step.name)
        gone = {flaw for flaw in left if not holders[flaw]}
        assert set(step.removes) == gone
        left -= gone
        assert (step.of, step.remaining) == (len(holders), len(left))
    assert not left, "all of them have a fix"
    assert len(found) == len(packages)


# ---------------------------------------------------------------------------------------- commands
@pytest.mark.parametrize(
    ("one", "to", "wanted"),
    [
        (apk("libssl3", "3.1-r0", "openssl"), "3.2-r0", "apk upgrade --no-cache libssl3"),
        (rpm("openssl", "1-1"), "1-2", "dnf upgrade -y openssl"),
        (rpm("curl", "1-1", distribution=Distribution("amzn", "2")), "1-2", "yum update -y curl"),
        (rpm("curl", "1-1", distribution=Distribution("amzn", "2023")), "1-2", "dnf upgrade -y curl"),
        (rpm("curl", "1-1", distribution=Distribution("azurelinux", "3.0")), "1-2", "tdnf update -y curl"),
        (package("pypi", "requests", "1"), "2.0", "pip install --upgrade requests==2.0"),
        (package("npm", "a", "1", paths=("usr/lib/node_modules/a/package.json",)), "2", "npm install --global a@2"),
        (package("npm", "a", "1", paths=("app/node_modules/a/package.json",)), "2", ""),
        (package("golang", "github.com/a/b", "1"), "2", ""),
    ],
)
def test_commands(one: Package, to: str, wanted: str) -> None:
    assert command([one], to) == wanted


@pytest.mark.parametrize(
    ("name", "written", "direct", "wanted"),
    [
        ("package-lock.json", "npm install {name}@{version}", True, "npm install a@2"),
        ("package-lock.json", "npm install {name}@{version}", False, "npm update a"),
        ("yarn.lock", "yarn upgrade {name}@{version}", True, "yarn upgrade a@2"),
        ("yarn.lock", "yarn up {name}@{version}", True, "yarn up a@2"),
        ("yarn.lock", "yarn up {name}@{version}", False, "yarn up -R a"),
        ("bun.lock", "bun add {name}@{version}", True, "bun add a@2"),
        ("bun.lock", "bun add {name}@{version}", False, "bun update a"),
        ("Cargo.lock", "cargo update", None, "cargo update -p a@1 --precise 2"),
    ],
)
def test_what_writes_a_lock_moves_its_packages(name: str, written: str, direct: bool | None, wanted: str) -> None:
    file = File(f"web/{name}", b"", "web")
    place = Place(LockDocument(file, written))
    assert command([package("npm", "a", "1", place=place, direct=direct)], "2") == wanted


def test_names_out_of_images_are_quoted() -> None:
    assert command([package("pypi", "x;rm -rf ~", "1")], "$(id)") == "pip install --upgrade 'x;rm -rf ~==$(id)'"
    assert "'a$(id)'" in command([deb("a$(id)", "1")], "2")


WOLFI = Distribution("wolfi", "20230201")
UBI = Distribution("rhel", "9.4")


@pytest.mark.parametrize(
    ("one", "installed", "wanted"),
    [
        (deb("libssl3", "1", paths=("var/lib/dpkg/status.d/libssl3",)), {"libssl3"}, ""),
        (apk("openssl", "1", distribution=WOLFI), {"openssl", "wolfi-baselayout"}, ""),
        (apk("openssl", "1", distribution=WOLFI), {"openssl", "apk-tools"}, "apk upgrade --no-cache openssl"),
        (apk("openssl", "1", distribution=WOLFI), (), "apk upgrade --no-cache openssl"),
        (rpm("openssl", "1", distribution=UBI), {"openssl", "bash"}, ""),
        (rpm("openssl", "1", distribution=UBI), {"openssl", "microdnf"}, "microdnf update -y openssl"),
        (rpm("openssl", "1", distribution=UBI), {"openssl", "dnf", "yum"}, "dnf upgrade -y openssl"),
        (rpm("openssl", "1", distribution=UBI), (), "dnf upgrade -y openssl"),
    ],
)
def test_an_image_is_updated_by_the_package_manager_that_it_has(one: Package, installed: set[str], wanted: str) -> None:
    assert command([one], "2", installed) == wanted


def test_updates_of_one_package_manager_are_one_command() -> None:
    openssl, curl = [deb("libssl3", "1"), deb("openssl", "1")], [deb("curl", "1"), deb("openssl", "1")]
    told = one_command([system_command(openssl), system_command(curl)])
    assert told == system_command([*openssl, *curl])
    assert one_command([system_command(curl), system_command([apk("curl", "1")])]) == ""
    assert one_command([system_command([apk("a", "1")]), system_command([apk("b", "1")])]) == (
        "apk upgrade --no-cache a b"
    )


def test_names_stay_quoted_where_commands_become_one() -> None:
    hostile = [deb("x; id", "1"), deb("z id", "1")]
    assert one_command([system_command([one]) for one in hostile]) == system_command(hostile)
