"""A scan as a whole: exit codes, fingerprints, severities, secrets, links."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from batten import api
from batten.engine import baseline
from batten.model.settings import Settings
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


def test_links_do_not_cross_scopes(tmp_path: Path) -> None:
    root = POD.replace("      privileged: true", "      runAsUser: 0").replace(
        "metadata:\n", "metadata:\n  labels: {app: web}\n"
    )
    done = scan(tmp_path, {"a/pod.yaml": root, "b/net.yaml": SERVICE + "---\n" + INGRESS})
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
