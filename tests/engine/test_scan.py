"""A scan as a whole: exit codes, fingerprints, severities, secrets, links."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from batten import api
from batten.engine import baseline
from batten.model.settings import Settings
from batten.sources import Unreachable
from engine.support import POD, findings, scan, write

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  tls: [{hosts: [shop.example], secretName: tls}]
  rules:
  - host: shop.example
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""


def fingerprints(root: Path, files: dict[str, str]) -> set[str]:
    return {one.fingerprint for one in scan(root, files).report.findings}


def test_findings_point_at_key_and_value(tmp_path: Path) -> None:
    (finding,) = findings(scan(tmp_path, {"k8s/pod.yaml": POD}), "PRV001")
    location = finding.location
    assert (location.line, location.column, location.end_line, location.end_column) == (11, 7, 11, 23)
    assert location.pointer == "/spec/containers/0/securityContext/privileged"
    assert location.path.endswith("k8s/pod.yaml")
    assert finding.excerpt is not None
    assert "privileged: true" in finding.excerpt.lines[finding.location.line - finding.excerpt.start]


@pytest.mark.parametrize(("fail_on", "code"), [("high", 1), ("critical", 1), ("none", 0)])
def test_the_gate_follows_fail_on(tmp_path: Path, fail_on: str, code: int) -> None:
    assert scan(tmp_path, {"pod.yaml": POD}, fail_on=fail_on).report.exit_code == code


def test_a_broken_file_is_a_problem_and_the_rest_goes_on(tmp_path: Path) -> None:
    done = scan(tmp_path, {"a.yaml": "apiVersion: v1\nkind: Pod\n  bad: [\n", "b.yaml": POD}, fail_on="none")
    (target,) = done.report.targets
    assert target.status == "partial"
    assert [(problem.path.rpartition("/")[2], bool(problem.line)) for problem in target.problems] == [("a.yaml", True)]
    assert findings(done, "PRV001")


def test_unreadable_parts_give_exit_3_where_nothing_else_counts(tmp_path: Path) -> None:
    done = scan(tmp_path, {"a.yaml": "apiVersion: v1\nkind: Pod\n  bad: [\n"})
    assert done.report.exit_code == 3


def test_a_directory_with_nothing_to_read_is_no_success(tmp_path: Path) -> None:
    done = scan(tmp_path, {"notes.txt": "hello"})
    assert done.report.exit_code == 3
    assert "nothing here that batten reads" in done.report.targets[0].problems[0].message


def test_fingerprints_survive_moved_lines_renamed_files_and_order(tmp_path: Path) -> None:
    other = POD.replace("name: web", "name: db")
    before = fingerprints(tmp_path / "a", {"one.yaml": POD + "---\n" + other})
    after = fingerprints(tmp_path / "b", {"two.yaml": "# moved\n\n" + other + "---\n# and turned\n" + POD})
    assert before == after


def test_two_resources_of_one_name_have_different_fingerprints(tmp_path: Path) -> None:
    done = scan(tmp_path, {"one.yaml": POD, "two.yaml": POD})
    both = findings(done, "PRV001")
    assert len({one.fingerprint for one in both}) == len(both) == 2


def test_exposure_raises_the_severity_and_says_so(tmp_path: Path) -> None:
    root = POD.replace("      privileged: true", "      runAsUser: 0").replace(
        "metadata:\n", "metadata:\n  labels: {app: web}\n"
    )
    (inside,) = findings(scan(tmp_path / "a", {"pod.yaml": root}), "PRV003")
    (outside,) = findings(scan(tmp_path / "b", {"pod.yaml": root, "net.yaml": SERVICE + "---\n" + INGRESS}), "PRV003")
    assert (inside.severity, inside.raised) == ("high", "")
    assert (outside.severity, outside.raised) == ("critical", "reachable through Ingress shop/web")


def test_links_do_not_cross_scopes_where_the_name_is_that_of_several(tmp_path: Path) -> None:
    root = POD.replace("      privileged: true", "      runAsUser: 0").replace(
        "metadata:\n", "metadata:\n  labels: {app: web}\n"
    )
    network = SERVICE + "---\n" + INGRESS
    done = scan(tmp_path, {"a/pod.yaml": root, "b/net.yaml": network, "c/net.yaml": network})
    assert findings(done, "PRV003")[0].raised == ""


def test_the_dockerfile_decides_the_user_where_the_manifest_is_silent(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services:\n  api: {build: ./api}\n  web: {build: ./web}\n",
        "api/Dockerfile": "FROM debian:13\nUSER 1000\n",
        "web/Dockerfile": "FROM debian:13\nUSER root\n",
    }
    done = scan(tmp_path, files)
    told = {
        (one.resource.name, one.check)
        for one in done.report.findings
        if one.resource and one.resource.platform == "compose" and one.check in ("PRV002", "PRV003")
    }
    assert told == {("web", "PRV003")}


def test_a_known_finding_is_baseline_and_does_not_count(tmp_path: Path) -> None:
    done = scan(tmp_path, {"pod.yaml": POD})
    known = baseline.read(baseline.make(done.report.findings, "2026-11-01"), "x")
    again = api.scan([str(tmp_path)], Settings(as_of="2026-11-01"), known=known)
    assert {one.status for one in again.report.findings} == {"baseline"}
    assert again.report.exit_code == 0


def test_a_saved_report_serves_as_a_baseline(tmp_path: Path) -> None:
    done = scan(tmp_path, {"pod.yaml": POD})
    saved = api.render(done.report, "json")
    assert isinstance(saved, (str, bytes))
    known = baseline.read(saved.encode() if isinstance(saved, str) else saved, "x")
    assert known == {one.fingerprint for one in done.report.findings}


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"schema": "other/v1"}'])
def test_what_is_no_baseline_is_refused(data: bytes) -> None:
    with pytest.raises(baseline.BaselineError, match="base\\.json: expected"):
        baseline.read(data, "base.json")


def test_no_secret_reaches_the_report(tmp_path: Path) -> None:
    secret = "Wint3r" + "Sale99"
    text = POD.replace(
        "    securityContext:",
        f"    env:\n    - name: DB_PASSWORD\n      value: {secret}\n"
        "    - name: PORT\n      value: '80'\n    securityContext:",
    )
    done = scan(tmp_path, {"pod.yaml": text})
    assert findings(done, "ACC009")
    for name in ("json", "sarif", "table", "html", "markdown", "csv", "junit", "gitlab"):
        rendered = api.render(done.report, name)
        assert secret not in (rendered if isinstance(rendered, str) else rendered.decode())


def test_an_archive_is_scanned_like_its_directory(tmp_path: Path) -> None:
    write(tmp_path / "tree", {"k8s/pod.yaml": POD})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(tmp_path / "tree", ".")
    path = tmp_path / "tree.tar.gz"
    path.write_bytes(gzip.compress(buffer.getvalue()))
    packed = api.scan([str(path)], Settings()).report
    plain = api.scan([str(tmp_path / "tree")], Settings()).report
    assert [one.fingerprint for one in packed.findings] == [one.fingerprint for one in plain.findings]


def test_pod_security_verdicts_exit_by_the_level(tmp_path: Path) -> None:
    text = POD.replace("      privileged: true", "      allowPrivilegeEscalation: true")
    baseline_level = scan(tmp_path, {"pod.yaml": text}, frameworks=("pss-baseline",))
    restricted = scan(tmp_path, {"pod.yaml": text}, frameworks=("pss-restricted",))
    assert (baseline_level.report.exit_code, restricted.report.exit_code) == (0, 1)
    failed = {one.id for one in restricted.report.frameworks[0].controls if one.status == "failed"}
    assert len(failed) == 4  # escalation, non-root, seccomp, capabilities


def test_the_order_is_most_urgent_first(tmp_path: Path) -> None:
    ranks = ["critical", "high", "medium", "low", "info"]
    order = [ranks.index(one.severity) for one in scan(tmp_path, {"pod.yaml": POD}).report.findings]
    assert order == sorted(order)


def test_a_file_that_lies_in_several_targets_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s/pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: nginx}]}\n"
    )
    once = api.scan(["k8s"], Settings()).report
    twice = api.scan(["k8s/pod.yaml", "./k8s/pod.yaml", "k8s"], Settings()).report
    assert len(twice.findings) == len(once.findings) > 0
    assert [target.files for target in twice.targets] == [1, 0, 0]
    assert not any(target.problems for target in twice.targets)


NAMED = """\
services:
  web: {build: {context: ., dockerfile: Df}}
  api: {build: {context: build, dockerfile: ./web.docker}}
"""
RUN_AS_ROOT = "# built by hand\nFROM debian:13\nRUN curl -s https://get.example/x | sh\n"


@pytest.mark.parametrize("order", [1, -1])
def test_an_override_that_is_a_target_too_is_read_once(tmp_path: Path, order: int) -> None:
    over = "services:\n  a:\n    privileged: true\n"
    write(tmp_path, {"compose.yaml": "services:\n  a:\n    image: x:1\n", "compose.override.yaml": over})
    targets = [str(tmp_path / name) for name in ("compose.yaml", "compose.override.yaml")][::order]
    done = api.scan(targets, Settings(as_of="2026-11-01", checks=("PRV001",)))
    assert [one.location.path for one in done.report.findings] == [str(tmp_path / "compose.override.yaml")]


def test_a_dockerfile_that_compose_names_is_read_whatever_its_name(tmp_path: Path) -> None:
    done = scan(tmp_path, {"compose.yaml": NAMED, "Df": RUN_AS_ROOT, "build/web.docker": RUN_AS_ROOT})
    places = {(one.location.path, one.location.line) for one in findings(done, "IMG005")}
    assert places == {(f"{tmp_path}/Df", 3), (f"{tmp_path}/build/web.docker", 3)}
    assert done.report.targets[0].files == 3
    assert not done.report.targets[0].problems


def test_a_dockerfile_that_compose_names_and_discovery_finds_is_read_once(tmp_path: Path) -> None:
    text = "services: {web: {build: {context: ., dockerfile: web.Dockerfile}}}\n"
    done = scan(tmp_path, {"compose.yaml": text, "web.Dockerfile": RUN_AS_ROOT})
    assert len(findings(done, "IMG005")) == 1
    assert done.report.targets[0].files == 2


def test_compose_alone_leads_to_its_dockerfile(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": NAMED, "Df": RUN_AS_ROOT})
    done = api.scan([str(tmp_path / "compose.yaml")])
    assert [one.location.path for one in findings(done, "IMG005")] == [f"{tmp_path}/Df"]
    (problem,) = done.report.targets[0].problems
    assert (problem.line, problem.severe) == (3, False)
    assert "dockerfile ./web.docker: no such file" in problem.message
    assert done.report.targets[0].status == "complete"


def test_the_user_is_that_of_the_dockerfile_that_compose_names(tmp_path: Path) -> None:
    files = {"compose.yaml": NAMED, "Df": "FROM debian:13\nUSER 1000\n", "build/web.docker": "FROM debian:13\n"}
    found = findings(scan(tmp_path, files), "PRV002")
    assert "web" not in {one.resource.name for one in found if one.resource.platform == "compose"}


def test_a_fix_reaches_a_dockerfile_that_compose_names(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": NAMED, "Df": "FROM debian:13\nRUN chmod 777 /srv\n"})
    plan = api.fix([str(tmp_path)], review=True, choose=lambda one: one.finding.check == "IMG011")
    assert [(one.path, one.after.data) for one in plan.patches] == [("Df", b"FROM debian:13\nRUN chmod 775 /srv\n")]


@pytest.mark.parametrize(
    ("text", "recognised"),
    [
        (RUN_AS_ROOT, True),
        ("# syntax=docker/dockerfile:1\n\nfrom debian:13 as web\n", True),
        ("ARG BASE=debian:13\nFROM $BASE\n", True),
        ("FROM --platform=$BUILDPLATFORM debian:13\n", True),
        ("from flask import Flask\n", False),
        ("FROM the very beginning of it\n", False),
        ("select 1\nFROM x\n", False),
    ],
)
def test_a_file_named_directly_is_a_dockerfile_by_what_it_begins_with(
    tmp_path: Path, text: str, recognised: bool
) -> None:
    write(tmp_path, {"Df": text})
    done = api.scan([str(tmp_path / "Df")], Settings(fail_on="none"))
    assert (
        [one.message[:20] for one in done.report.targets[0].problems] == [] if recognised else ["no reader recognises"]
    )


INLINE = """\
services:
  web:
    build:
      context: .
      dockerfile_inline: |
        FROM debian:13

        ARG A=$WHO
        RUN true && \\
          curl -s https://get.example/x | sh
        USER 1000
  api: {build: {dockerfile_inline: "FROM debian:13\\nRUN curl -s https://get.example/x | sh\\n"}}
"""


def test_a_dockerfile_inside_compose_is_judged_in_its_place(tmp_path: Path) -> None:
    done = scan(tmp_path, {"compose.yaml": INLINE})
    found = {one.resource.name: one for one in findings(done, "IMG005")}
    assert sorted(found) == ["compose.yaml (api)", "compose.yaml (web)"]
    place = found["compose.yaml (web)"].location
    assert (place.path, place.line, place.column) == (f"{tmp_path}/compose.yaml", 10, 11)
    assert (place.end_line, place.end_column) == (10, 45)
    assert found["compose.yaml (api)"].location.line == 12
    users = {one.resource.name for one in findings(done, "PRV002") if one.resource.platform == "compose"}
    assert users == {"api"}


def test_a_dockerfile_inside_compose_is_not_edited(tmp_path: Path) -> None:
    text = INLINE.replace("curl -s https://get.example/x | sh", "chmod 777 /srv")
    write(tmp_path, {"compose.yaml": text})
    reason = "the Dockerfile is a text inside another file: change it there by hand"
    assert {(one.fix, one.no_fix) for one in findings(scan(tmp_path), "IMG011")} == {(None, reason)}
    plan = api.fix([str(tmp_path)], review=True, choose=lambda one: one.finding.check == "IMG011")
    assert not plan.patches
    assert {one.reason for one in plan.proposals if one.finding.check == "IMG011"} == {reason}


def test_what_is_no_dockerfile_inside_compose_is_a_problem_in_its_line(tmp_path: Path) -> None:
    text = "services:\n  web:\n    build:\n      dockerfile_inline: |\n        FROM a\n        RUNN x\n"
    done = scan(tmp_path, {"compose.yaml": text})
    assert [(one.line, "RUNN" in one.message) for one in done.report.targets[0].problems] == [(6, True)]


def test_a_dockerfile_that_services_share_by_an_anchor_is_told_once(tmp_path: Path) -> None:
    text = """\
x-build: &build
  dockerfile_inline: |
    FROM debian:13
    RUN echo $$HOME && chmod 777 /srv
services:
  web: {build: *build}
  api: {build: {<<: *build, context: api}}
"""
    [finding] = findings(scan(tmp_path, {"compose.yaml": text}), "IMG011")
    assert finding.location.line == 4
    assert finding.resource.name == "compose.yaml (web)"


@pytest.mark.parametrize("target", ["docker:", "docker:tcp://127.0.0.1:1", "image:127.0.0.1:1/shop/web:1"])
def test_what_cannot_be_reached_fails_alone_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setattr("batten.sources.engine.where.os.path.exists", lambda path: False)
    folder = tmp_path / "k8s"
    write(folder, {"pod.yaml": POD})
    report = api.scan([target, str(folder)], Settings(as_of="2026-11-01", fail_on="none")).report
    assert [one.status for one in report.targets] == ["failed", "complete"]
    assert [one.severe for one in report.targets[0].problems] == [True]
    assert report.findings
    assert report.exit_code == 3
    with pytest.raises(Unreachable, match="expected a target that can be read"):
        api.diff(str(folder), target)


def test_a_target_that_is_named_twice_loses_nothing(tmp_path: Path) -> None:
    secret = "DB_PASSWORD=Tr0ub4dor&3x\n"
    files = {".env": secret, "compose.yaml": "services:\n  db: {image: 'db:1', env_file: .env}\n", "pod.yaml": POD}
    write(tmp_path, files)
    once, twice = (api.scan([str(tmp_path)] * count, Settings(as_of="2026-11-01")).report for count in (1, 2))
    assert any(one.location.path.endswith(".env") for one in once.findings)
    assert [one.fingerprint for one in twice.findings] == [one.fingerprint for one in once.findings]


def test_a_search_for_secrets_that_fails_is_a_problem_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(text: str, *, path: str) -> list[object]:
        if path == "bad.yaml":
            raise ValueError(path)
        return []

    monkeypatch.setattr("batten.engine.read.secrets.find", find)
    done = scan(tmp_path, {"bad.yaml": POD, "good.yaml": POD})
    [problem] = done.report.targets[0].problems
    assert problem.message.startswith("the search for secrets failed on it (ValueError: bad.yaml); please report this")
    assert {one.location.path.rpartition("/")[2] for one in findings(done, "PRV001")} == {"bad.yaml", "good.yaml"}
