"""Waivers that have expired or match nothing: told by every scan that can tell, and by no other."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from batten import api
from batten.engine.scan import Scan
from batten.model.report import Finding
from batten.model.settings import ImageSettings
from engine.support import POD, findings, write
from vulnerabilities.support import database, osv

AS_OF = "2026-11-01"
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  rules:
  - host: shop.example
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""
UNUSED = POD.replace(
    "      privileged: true\n", "      privileged: false  # batten: ignore[PRV001] the agent needs it\n"
)
EXPIRED = POD.replace("true\n", "true  # batten: ignore[PRV001] the agent needs it until 2026-10-31\n")
TABLE = """
[[waiver]]
check = "PRV001"
reason = "the agent needs it"
owner = "@platform"
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scan(*targets: str, known: set[str] | None = None, **more: object) -> Scan:
    """What `batten scan TARGETS` in the current directory finds, with its configuration."""
    from msgspec.structs import replace

    settings = replace(api.settings_for(targets), **{"as_of": AS_OF, **more})  # type: ignore[arg-type]
    return api.scan(targets, settings, known=known or ())


def one(done: Scan, check: str) -> Finding:
    (found,) = findings(done, check)
    return found


NARROWED = [
    {"skip": ("PRV001",)},
    {"skip": ("PRV",)},
    {"checks": ("PRV004", "AUD003")},
    {"strategies": (7,)},
    {"frameworks": ("pss-baseline",)},
]


@pytest.mark.parametrize("narrowed", NARROWED, ids=str)
@pytest.mark.parametrize("where", ["comment", "configuration"])
def test_nothing_is_said_of_a_waiver_whose_check_did_not_say_all(
    repository: Path, where: str, narrowed: dict[str, object]
) -> None:
    if where == "comment":
        write(repository, {"pod.yaml": UNUSED})
    else:
        write(repository, {"pod.yaml": POD.replace("true", "false"), "batten.toml": TABLE})
    assert findings(scan("."), "AUD003")
    assert not findings(scan(".", **narrowed), "AUD003")


def test_a_framework_that_asks_all_of_the_check_tells_the_waiver(repository: Path) -> None:
    write(repository, {"pod.yaml": UNUSED})
    assert one(scan(".", frameworks=("nsa-cisa",)), "AUD003").status == "open"


def test_a_waiver_of_what_is_hidden_as_not_sure_enough_is_of_use(repository: Path) -> None:
    write(repository, {"ingress.yaml": INGRESS})
    unsure = next(found for found in scan(".").report.findings if found.confidence != "high")
    write(repository, {"batten.toml": TABLE.replace("PRV001", unsure.check)})
    done = scan(".", min_confidence="high")
    assert not findings(done, unsure.check)
    assert not findings(done, "AUD003")


def test_a_waiver_of_an_opinion_is_not_judged_by_a_persona_without_it(repository: Path) -> None:
    write(repository, {"pod.yaml": POD, "batten.toml": TABLE.replace("PRV001", "RUN004") + 'resource = "gone"\n'})
    assert not findings(scan("."), "AUD003")
    assert findings(scan(".", persona="auditor"), "AUD003")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("PRV", "the waiver names 'PRV', the beginning of several checks; a waiver names one whole identifier"),
        ("PRV00", "the waiver names 'PRV00', the beginning of several checks; a waiver names one whole identifier"),
        ("PRV1", "the waiver names 'PRV1', which is neither a check nor a vulnerability; did you mean PRV001?"),
    ],
)
def test_a_waiver_names_one_whole_identifier(word: str, told: str, repository: Path) -> None:
    write(repository, {"pod.yaml": POD.replace("true", f"true  # batten: ignore[{word}] the agent")})
    assert told in one(scan("."), "AUD003").message


@pytest.mark.parametrize(
    ("more", "target", "told"),
    [
        ("", ".", True),
        ("", "a", False),
        ("", "a/pod.yaml", False),
        ('path = "a/pod.yaml"', ".", True),
        ('path = "a/pod.yaml"', "a", True),
        ('path = "a/pod.yaml"', "a/pod.yaml", True),
        ('path = "a/pod.yaml"', "b", False),
        ('path = "a/*.yaml"', "a", False),
        ('path = "gone.yaml"', ".", True),
        ('path = "pod.yaml"', "a", False),
        ('resource = "gone"', ".", True),
        ('resource = "gone"', "a", False),
    ],
)
def test_a_waiver_of_the_configuration_is_judged_where_its_files_were_read(
    repository: Path, more: str, target: str, told: bool
) -> None:
    clean = POD.replace("true", "false")
    write(repository, {"a/pod.yaml": clean, "b/pod.yaml": clean, "batten.toml": TABLE + more + "\n"})
    assert bool(findings(scan(target), "AUD003")) is told


def test_what_the_command_line_leaves_out_may_be_what_the_waiver_is_for(repository: Path) -> None:
    write(repository, {"a/pod.yaml": POD, "b/pod.yaml": POD.replace("true", "false"), "batten.toml": TABLE})
    assert not findings(scan(".", exclude=("a/",), narrowed=True), "AUD003")
    write(repository, {"batten.toml": 'exclude = ["a/"]\n' + TABLE})
    assert findings(scan("."), "AUD003")


def test_a_file_that_cannot_be_read_may_hold_what_the_waiver_is_for(repository: Path) -> None:
    files = {"a/pod.yaml": POD.replace("true", "false"), "b/broken.yaml": POD + "  - [\n"}
    write(repository, {**files, "batten.toml": TABLE + 'path = "b/*"\n'})
    assert not findings(scan("."), "AUD003")
    write(repository, {"batten.toml": TABLE + 'path = "a/*"\n'})
    assert findings(scan("."), "AUD003")


def test_a_shared_configuration_is_not_judged_by_one_repository(repository: Path) -> None:
    write(repository, {"shared/batten.toml": TABLE, "mine/batten.toml": 'extends = "../shared/batten.toml"\n'})
    write(repository, {"mine/pod.yaml": POD.replace("true", "false"), "mine/waivers.toml": TABLE})
    os.chdir("mine")
    assert not findings(scan("."), "AUD003")
    write(repository, {"mine/batten.toml": 'extends = "waivers.toml"\n'})
    assert one(scan("."), "AUD003").location.path == "waivers.toml"


def test_a_waiver_that_names_no_check_matches_nothing_in_any_scan(repository: Path) -> None:
    write(repository, {"pod.yaml": POD.replace("true", "true  # batten: ignore[prv001] the agent")})
    assert "did you mean PRV001?" in one(scan(".", skip=("PRV",)), "AUD003").message


LOCK = {
    "name": "shop",
    "lockfileVersion": 3,
    "packages": {"": {"name": "shop"}, "node_modules/jquery": {"version": "1.8.0"}},
}
FLAW = osv("CVE-2020-11023", "npm", "jquery", ("introduced", "0"), ("fixed", "3.5.0"))


def flawed(folder: Path, check: str, more: str = "", **files: str) -> ImageSettings:
    waiver = TABLE.replace("PRV001", check) + more
    write(folder, {"package-lock.json": json.dumps(LOCK), "batten.toml": waiver, **files})
    with database(folder.parent / "db", FLAW) as db:
        return ImageSettings(database=str(db.path))


@pytest.mark.parametrize(
    ("check", "more", "told"),
    [
        ("CVE-2020-11023", 'resource = "jqueryy"', True),
        ("CVE-2020-11023", 'resource = "jquery"', False),
        ("CVE-2020-11023", "", False),
        ("CVE-2020-11024", "", True),
    ],
)
def test_a_waiver_of_a_flaw_that_matches_nothing(repository: Path, check: str, more: str, told: bool) -> None:
    images = flawed(repository, check, more)
    assert bool(findings(scan(".", images=images), "AUD003")) is told
    assert not findings(scan("package-lock.json", images=images), "AUD003")


def test_a_flaw_may_be_in_an_image_that_was_not_read(repository: Path) -> None:
    images = flawed(repository, "CVE-2020-11024", **{"pod.yaml": POD})
    assert not findings(scan(".", images=images), "AUD003")
    images = flawed(repository, "CVE-2020-11023", 'resource = "jqueryy"', **{"pod.yaml": POD})
    assert findings(scan(".", images=images), "AUD003")


def test_without_a_database_no_waiver_of_a_flaw_is_told_to_match_nothing(repository: Path) -> None:
    flawed(repository, "CVE-2020-11024")
    images = ImageSettings(database=str(repository / "none.sqlite"), offline=True)
    assert not findings(scan(".", images=images), "AUD003")


@pytest.mark.parametrize(
    "name", ["CVE-2027-12345", "GHSA-jfh8-c2jp-5v3q", "RHSA-2027:0001", "DSA-5555-1", "RUSTSEC-2027-0001"]
)
def test_a_waiver_may_name_a_vulnerability(repository: Path, name: str) -> None:
    write(repository, {"pod.yaml": UNUSED.replace("PRV001", name), "batten.toml": TABLE.replace("PRV001", name)})
    assert not findings(scan("."), "AUD003")
    write(repository, {"batten.toml": TABLE.replace("PRV001", name) + "expires = 2026-10-31\n"})
    assert name in one(scan("."), "AUD001").message


def test_a_waiver_of_the_finding_on_a_waiver_is_of_use(repository: Path) -> None:
    write(repository, {"pod.yaml": UNUSED.replace("[PRV001]", "[PRV001,AUD003]")})
    assert [found.status for found in findings(scan("."), "AUD003")] == ["waived"]


@pytest.mark.parametrize(
    "narrowed",
    [
        {},
        {"checks": ("PRV001",)},
        {"strategies": (2,)},
        {"skip": ("RUN",)},
        {"min_confidence": "high"},
        {"frameworks": ("pss-baseline",)},
        {"frameworks": ("nsa-cisa",)},
        {"persona": "auditor"},
    ],
    ids=str,
)
@pytest.mark.parametrize("target", [".", "pod.yaml"])
@pytest.mark.parametrize("where", ["comment", "configuration"])
def test_an_expired_waiver_is_always_told_and_what_it_covered_open(
    repository: Path, where: str, target: str, narrowed: dict[str, object]
) -> None:
    if where == "comment":
        write(repository, {"pod.yaml": EXPIRED})
    else:
        write(repository, {"pod.yaml": POD, "batten.toml": TABLE + "expires = 2026-10-31\n"})
    done = scan(target, **narrowed)
    assert (one(done, "AUD001").status, one(done, "AUD001").severity) == ("open", "high")
    assert one(done, "PRV001").status == "open"


def test_no_baseline_hides_an_expired_waiver_nor_what_it_covered(repository: Path) -> None:
    write(repository, {"pod.yaml": EXPIRED})
    known = {found.fingerprint for found in scan(".").report.findings}
    done = scan(".", known=known)
    assert {found.check for found in done.report.findings if found.status == "open"} == {"PRV001", "AUD001"}


def test_a_check_by_name_leaves_expired_waivers_of_others_alone(repository: Path) -> None:
    write(repository, {"pod.yaml": EXPIRED})
    done = scan(".", checks=("PRV004",))
    assert not findings(done, "AUD001")
    assert done.report.score.strategies[6].assessed is False


def test_an_expired_waiver_does_not_decide_the_verdict_of_a_framework(repository: Path) -> None:
    clean = POD.replace("true", "false  # batten: ignore[RUN010] measured until 2026-10-31")
    write(repository, {"pod.yaml": clean})
    done = scan(".", frameworks=("pss-baseline",))
    assert one(done, "AUD001").status == "open"
    assert done.report.exit_code == 0


def test_a_waiver_of_the_configuration_is_shown_where_it_is_written(repository: Path) -> None:
    text = 'skip = ["RUN010"]\n' + TABLE.replace("[[waiver]]", "  [[waiver]]") + "expires = 2026-10-31\n"
    write(repository, {"a/pod.yaml": POD, "batten.toml": text})
    found = one(scan("a"), "AUD001")
    assert (found.location.path, found.location.line, found.location.column) == ("batten.toml", 3, 3)
    assert found.excerpt is not None
    assert found.excerpt.lines == ["", "  [[waiver]]", 'check = "PRV001"']


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("table", "  5:3 "),
        ("json", '"line": 5,\n'),
        ("sarif", '"startLine": 5,\n'),
        ("junit", "pyproject.toml:5:3"),
        ("gitlab", '"begin": 5'),
        ("markdown", "line 5"),
        ("csv", ",5,3,"),
        ("html", '<span data-line="5" class="meant">  <mark>{check'),
    ],
)
def test_every_format_names_the_line_of_the_waiver(repository: Path, name: str, place: str) -> None:
    rows = "[tool.other]\n[tool.batten]\nwaiver = [\n" + '  {check = "PRV001", reason = "r", owner = "@o"},\n' * 2
    write(repository, {"pod.yaml": POD.replace("true", "false"), "pyproject.toml": rows + "]\n"})
    done = scan(".", checks=("PRV001", "AUD003"))
    assert [(found.location.line, found.location.column) for found in findings(done, "AUD003")] == [(4, 3), (5, 3)]
    rendered = api.render(done.report, name)
    text = rendered.decode() if isinstance(rendered, bytes) else rendered
    assert "pyproject.toml" in text
    assert place in text


def test_an_annotation_is_shown_in_its_line(repository: Path) -> None:
    text = POD.replace("namespace: shop\n", "namespace: shop\n  annotations:\n    batten.dev/ignore.PRV001: gone\n")
    write(repository, {"pod.yaml": "# a pod\n---\n" + text.replace("true", "false")})
    found = one(scan("."), "AUD003")
    assert (found.location.line, found.location.column) == (9, 5)


def test_a_finding_on_a_waiver_keeps_its_fingerprint_when_lines_move_and_files_are_renamed(repository: Path) -> None:
    write(repository, {"pod.yaml": UNUSED, "batten.toml": TABLE + 'resource = "gone"\n'})
    before = {found.fingerprint for found in findings(scan("."), "AUD003")}
    (repository / "pod.yaml").rename(repository / "renamed.yaml")
    write(repository, {"renamed.yaml": "# moved\n" + UNUSED, "batten.toml": "#\n" + TABLE + 'resource = "gone"\n'})
    assert {found.fingerprint for found in findings(scan("."), "AUD003")} == before
    assert len(before) == 2


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_change_answers_for_the_waivers_that_it_brings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    clean = POD.replace("true", "false")
    write(tmp_path, {"pod.yaml": clean, "batten.toml": TABLE + 'resource = "old"\n'})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    write(tmp_path, {"batten.toml": TABLE + 'resource = "old"\n' + TABLE + 'resource = "new"\n'})
    from msgspec.structs import replace

    settings = replace(api.settings_for(["."]), as_of=AS_OF)
    done = api.scan(["."], settings, diff_base="HEAD")
    told = {found.resource.name: found.status for found in findings(done, "AUD003") if found.resource}
    assert told == {"PRV001 on old": "baseline", "PRV001 on new": "open"}
    settings = replace(settings, as_of="2026-11-02", waivers=tuple(replace(w, expires=AS_OF) for w in settings.waivers))
    done = api.scan(["."], settings, diff_base="HEAD")
    assert {found.status for found in findings(done, "AUD001")} == {"open"}
