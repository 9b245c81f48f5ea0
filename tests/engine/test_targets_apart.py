"""Several targets in one scan: what lies in different folders is joined as in one target that holds both."""

import tarfile
from pathlib import Path

from batten import api
from batten.engine import baseline
from batten.engine.scan import Scan
from batten.model.settings import Settings
from engine.support import findings, write

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: web, image: "r.example/w:1", securityContext: {privileged: true}}]}
"""
WEB, OTHER = DEPLOYMENT.replace("NAME", "web"), DEPLOYMENT.replace("NAME", "other")
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
"""
APART = {"a/d.yaml": WEB, "b/s.yaml": f"{OTHER}---\n{SERVICE}"}


def judged(root: Path, *names: str, **settings: object) -> Scan:
    refs = [str(root / name) for name in names]
    return api.scan(refs, Settings(as_of="2026-11-01", **settings))  # type: ignore[arg-type]


def told(done: Scan) -> set[tuple[str, str, str, str, str]]:
    return {
        (one.check, one.resource.name, one.message, one.exposure, one.fingerprint_from_top or one.fingerprint)
        for one in done.report.findings
    }


def test_targets_are_joined_as_the_folders_of_one(tmp_path: Path) -> None:
    root = write(tmp_path, {**APART, "batten.toml": ""})
    whole = told(judged(root, "."))
    assert told(judged(root, "a", "b")) == whole
    assert told(judged(root, "a/d.yaml", "b/s.yaml")) == whole
    (finding,) = [one for one in findings(judged(root, "a", "b"), "PRV001") if one.resource.name == "web"]
    assert finding.exposure == ""
    assert findings(judged(root, "a", "b"), "NET004") == []


def test_files_of_one_folder_are_joined(tmp_path: Path) -> None:
    root = write(tmp_path, {"k8s/d.yaml": WEB, "k8s/o.yaml": OTHER, "k8s/s.yaml": SERVICE, "batten.toml": ""})
    done = judged(root, "k8s/d.yaml", "k8s/o.yaml", "k8s/s.yaml")
    assert told(done) == told(judged(root, "k8s"))
    (finding,) = [one for one in findings(done, "PRV001") if one.resource.name == "web"]
    assert finding.exposure == "Service web (LoadBalancer)"
    (missing,) = findings(done, "NET004")
    assert "for this directory: its 2 workloads" in missing.message


def test_folders_are_joined_where_both_name_their_namespace(tmp_path: Path) -> None:
    named = {path: text.replace("metadata: {name", "metadata: {namespace: shop, name") for path, text in APART.items()}
    (finding,) = [
        one for one in findings(judged(write(tmp_path, named), "a", "b"), "PRV001") if one.resource.name == "web"
    ]
    assert finding.exposure == "Service shop/web (LoadBalancer)"


def test_fingerprints_and_facts_are_those_of_the_target_alone(tmp_path: Path) -> None:
    root = write(tmp_path, {"a/x/d.yaml": WEB, "b/s.yaml": OTHER})
    both = judged(root, "a", "b", with_inventory=True)
    alone = [judged(root, name, with_inventory=True) for name in "ab"]
    assert {one.fingerprint for one in both.report.findings} == {
        one.fingerprint for done in alone for one in done.report.findings
    }
    facts = [one for done in alone for one in done.report.inventory or ()]
    assert {(one.scope, one.resource) for one in both.report.inventory or ()} == {
        (one.scope, one.resource) for one in facts
    }
    assert {type(one.scope) for one in both.report.inventory or ()} == {str}


def test_a_baseline_of_the_folder_holds_for_its_parts(tmp_path: Path) -> None:
    root = write(tmp_path, {**APART, "batten.toml": ""})
    known = {baseline.mark_of(one) for one in judged(root, ".").report.findings}
    refs = [str(root / name) for name in "ab"]
    done = api.scan(refs, Settings(as_of="2026-11-01"), known=known)
    assert {one.status for one in done.report.findings} == {"baseline"}


def test_archives_have_scopes_of_their_own(tmp_path: Path) -> None:
    root = write(tmp_path, APART)
    for name in "ab":
        with tarfile.open(root / f"{name}.tar", "w") as packed:
            for path in (root / name).iterdir():
                packed.add(path, path.name)
    assert {one.exposure for one in findings(judged(root, "a.tar", "b.tar"), "PRV001")} == {""}


def test_what_a_file_of_a_later_target_includes_is_of_that_target(tmp_path: Path) -> None:
    project = {
        "b/compose.yaml": "include:\n  - path: sub/inner.yaml\n",
        "b/sub/inner.yaml": "services:\n  inner:\n    image: r.example/w:1\n    privileged: true\n",
    }
    write(tmp_path, {"a/d.yaml": WEB, **project})
    done = judged(tmp_path, "a", "b", checks=("PRV001",))
    paths = sorted(one.location.path.removeprefix(f"{tmp_path}/") for one in done.report.findings)
    assert paths == ["a/d.yaml", "b/sub/inner.yaml"]
    plan = api.fix([str(tmp_path / "a"), str(tmp_path / "b")], done.settings, review=True)
    assert [one.reason for one in plan.proposals if not one.applied] == []
    assert sorted(patch.path for patch in plan.patches) == ["d.yaml", "sub/inner.yaml"]
