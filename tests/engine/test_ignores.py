"""Ignores of other tools: where they are found, what they become."""

import tomllib
from pathlib import Path

import pytest

from batten.engine import config, ignores
from batten.engine.peer_ids import TABLES
from batten.engine.rooms import all_checks
from batten.model.source import File

from .support import scan

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations:
    checkov.io/skip1: CKV_K8S_16=the driver needs it
    ignore-check.kube-linter.io/no-read-only-root-fs: writes its cache
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app
          image: registry.example/web:1.2
          securityContext:
            privileged: true
        - name: side
          image: registry.example/side:1.2
          securityContext:
            # trivy:ignore:AVD-KSV-0017
            privileged: true
"""
OTHER = DEPLOYMENT.replace("name: web\n", "name: other\n").replace("skip1: CKV_K8S_16", "skip1: CKV_K8S_9999")


def found(text: str, name: str = "Dockerfile") -> list[tuple[str, str, str]]:
    return [(one.tool, one.identifier, one.reason) for one in ignores.in_comments(File(name, text.encode()))]


def imported(root: Path, files: dict[str, str], owner: str = "@me") -> ignores.Import:
    done = scan(root, files)
    return ignores.waivers(ignores.find(done), done.judged, owner)


def rows(result: ignores.Import) -> set[tuple[str, str, str]]:
    return {(waiver.check, waiver.resource, waiver.container) for _, waiver in result.waivers}


def test_every_mapped_check_exists():
    known = all_checks()
    missing = {
        (tool, identifier)
        for tool, table in TABLES.items()
        for identifier, checks in table.items()
        if not checks or not set(checks) <= set(known)
    }
    assert not missing


def test_a_checkov_comment_brings_its_reason():
    assert found("# checkov:skip=CKV_DOCKER_8:needs root\nFROM x\n") == [("checkov", "CKV_DOCKER_8", "needs root")]


def test_a_hadolint_comment_may_name_several_rules_and_a_reason():
    text = "# hadolint ignore=DL3006, DL3008 # the mirror is frozen\nFROM x\n"
    assert found(text) == [
        ("hadolint", "DL3006", "the mirror is frozen"),
        ("hadolint", "DL3008", "the mirror is frozen"),
    ]


def test_a_hadolint_comment_holds_for_the_next_instruction_a_global_one_for_the_file():
    text = "# hadolint global ignore=DL3002\nFROM x\n# hadolint ignore=DL3004\nRUN a && \\\n  b\nRUN c\n"
    spans = [(one.identifier, one.first, one.last) for one in ignores.in_comments(File("Dockerfile", text.encode()))]
    assert spans == [("DL3002", 0, 0), ("DL3004", 4, 5)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "run: |\n  # checkov:skip=CKV_K8S_8:in a script\nother: 'x # trivy:ignore:KSV001'\n"),
        ("a.yaml", 'a: "# hadolint ignore=DL3006"\n'),
        ("a.json", '{"a": "# checkov:skip=CKV_K8S_8:x"}\n'),
        ("Dockerfile", "FROM x\nRUN <<EOF\n# checkov:skip=CKV_DOCKER_8:x\nEOF\n"),
        ("main.tf", 'a = "#checkov:skip=CKV_AWS_1:x"\nb = <<E\n# trivy:ignore:AVD-AWS-0001\nE\n'),
    ],
)
def test_what_stands_in_a_string_is_no_ignore(name: str, text: str):
    assert list(ignores.in_comments(File(name, text.encode()))) == []


def test_comments_between_strings_and_behind_them_are_ignores():
    text = "a: '#'  # trivy:ignore:KSV001\nb: |\n  # x\n# checkov:skip=CKV_K8S_8:é\nc: d\n"
    spans = [(one.identifier, one.first) for one in ignores.in_comments(File("a.yaml", text.encode()))]
    assert spans == [("KSV001", 1), ("CKV_K8S_8", 1)]


def test_a_file_without_ignores_gives_none():
    assert found("# hadolint is nice\nFROM x\n") == []


def test_bytes_that_are_no_text_give_none():
    assert list(ignores.in_comments(File("Dockerfile", b"# checkov:skip=CKV_DOCKER_8:\xff"))) == []


def test_trivyignore_rows_have_an_expiry_and_the_comment_above_as_reason():
    text = "# accepted by the board\nAVD-KSV-0017 exp:2027-01-01\n\nCVE-2024-1\n"
    got = [(one.identifier, one.reason, one.expires) for one in ignores.in_trivyignore(File("x", text.encode()))]
    assert got == [("AVD-KSV-0017", "accepted by the board", "2027-01-01"), ("CVE-2024-1", "", "")]


@pytest.mark.parametrize("spelt", ["AVD-KSV-0017", "KSV-0017", "KSV017", "avd-ksv-0017"])
def test_every_spelling_of_a_trivy_identifier_is_known(spelt: str):
    assert ignores.checks_for(ignores.Ignore(tool="trivy", identifier=spelt, written="x")) == ("PRV001",)


def test_an_annotation_covers_its_object_and_no_other(tmp_path: Path):
    result = imported(tmp_path, {"web.yaml": DEPLOYMENT, "other.yaml": OTHER})
    assert {row for row in rows(result) if row[0] == "PRV001" and row[2] == "app"} == {
        ("PRV001", "Deployment/shop/web", "app")
    }


def test_a_comment_covers_its_line_alone(tmp_path: Path):
    text = DEPLOYMENT.replace("    checkov.io/skip1: CKV_K8S_16=the driver needs it\n", "")
    privileged = {row for row in rows(imported(tmp_path, {"web.yaml": text})) if row[0] == "PRV001"}
    assert privileged == {("PRV001", "Deployment/shop/web", "side")}


def test_where_two_ignores_meet_the_one_with_a_reason_is_kept(tmp_path: Path):
    result = imported(tmp_path, {"web.yaml": DEPLOYMENT})
    reasons = {waiver.container: waiver.reason for _, waiver in result.waivers if waiver.check == "PRV001"}
    assert reasons == {"app": "the driver needs it", "side": "the driver needs it"}


def test_an_ignore_of_nothing_we_know_is_listed_as_a_comment(tmp_path: Path):
    result = imported(tmp_path, {"web.yaml": OTHER})
    assert "#   checkov CKV_K8S_9999, web.yaml: annotation checkov.io/skip1: no check" in ignores.tables(result)


def test_complete_waivers_hold_and_incomplete_ones_are_commented_out(tmp_path: Path):
    result = imported(tmp_path, {"web.yaml": DEPLOYMENT.replace("CKV_K8S_16=the driver needs it", "CKV_K8S_16")})
    live = tomllib.loads(ignores.tables(result))["waiver"]
    assert {(row["check"], row["reason"]) for row in live} == {("RUN009", "writes its cache")}
    assert '# check = "PRV001"' in ignores.tables(result)


def test_imported_waivers_close_their_findings(tmp_path: Path):
    result = imported(tmp_path, {"web.yaml": DEPLOYMENT})
    path = tmp_path / "batten.toml"
    path.write_text(ignores.tables(result), encoding="utf-8")
    done = scan(tmp_path, {}, waivers=config.load(path).waivers)
    open_now = {one.check for one in done.report.findings if one.status == "open"}
    assert not open_now & {"PRV001", "RUN009", "AUD001", "AUD003"}


def test_hostile_reasons_stay_inside_their_string(tmp_path: Path):
    hostile = DEPLOYMENT.replace("=the driver needs it", '=x" \\ \u202e [[waiver]]')
    table = tomllib.loads(ignores.tables(imported(tmp_path, {"web.yaml": hostile})))
    assert {row["check"] for row in table["waiver"]} == {"PRV001", "RUN009"}


def test_an_ignore_of_dockerfiles_covers_no_pod_and_the_other_way_round(tmp_path: Path):
    dockerfile = "FROM registry.example/a:1\nRUN b\n"
    files = {".trivyignore": "# reviewed\nDS002\n", "Dockerfile": dockerfile, "web.yaml": DEPLOYMENT}
    assert {one[1] for one in rows(imported(tmp_path / "a", files))} == {"Dockerfile/Dockerfile"} | {
        name for check, name, _ in rows(imported(tmp_path / "b", {"web.yaml": DEPLOYMENT}))
    }
    files = {".trivyignore": "# reviewed\nAVD-KSV-0012\n", "Dockerfile": dockerfile}
    assert rows(imported(tmp_path / "c", files)) == set()


def test_an_ignored_vulnerability_becomes_a_waiver_of_it(tmp_path: Path):
    listed = "# not reachable\nCVE-2024-1234 exp:2027-01-31\nGHSA-aaaa-bbbb-cccc\n"
    result = imported(tmp_path, {".trivyignore": listed, "web.yaml": DEPLOYMENT})
    flaws = [waiver for _, waiver in result.waivers if waiver.check.startswith(("CVE", "GHSA"))]
    assert [(one.check, one.reason, one.expires) for one in flaws] == [
        ("CVE-2024-1234", "not reachable", "2027-01-31"),
        ("GHSA-aaaa-bbbb-cccc", "not reachable", None),
    ]
    (tmp_path / "batten.toml").write_text(ignores.tables(result))
    assert {"CVE-2024-1234"} <= {one.check for one in config.load(str(tmp_path / "batten.toml")).waivers}
