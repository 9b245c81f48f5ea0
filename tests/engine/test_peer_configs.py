"""Configuration files of other tools: what they pass over, and where."""

import json
import tomllib
from pathlib import Path

import pytest

from batten.engine import ignores

from .support import scan

DEPLOYMENT = """\
# a comment of the file
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
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
"""
OTHER = DEPLOYMENT.replace("name: web\n", "name: other\n")
DOCKERFILE = "FROM registry.example/a\nRUN sudo make\nUSER root\n"


def imported(root: Path, files: dict[str, str], owner: str = "@me") -> ignores.Import:
    return ignores.import_from(scan(root, files), owner)


def rows(result: ignores.Import) -> set[tuple[str, str, str]]:
    return {(waiver.check, waiver.path, waiver.reason) for _, waiver in result.waivers}


def left(result: ignores.Import) -> dict[str, str]:
    return {ignore.identifier: why for ignore, why in result.left}


@pytest.mark.parametrize("above", ["          securityContext:\n", "spec:\n", "kind: Deployment\n"])
def test_a_checkov_comment_anywhere_in_an_object_holds_for_it_and_no_other(tmp_path: Path, above: str) -> None:
    comment = f"{' ' * (len(above) - len(above.lstrip()))}# checkov:skip=CKV_K8S_16:the driver needs it\n"
    text = DEPLOYMENT.replace(above, comment + above, 1)
    assert text != DEPLOYMENT
    result = imported(tmp_path, {"web.yaml": f"{text}---\n{OTHER}"})
    assert [(one.check, one.resource, one.reason) for _, one in result.waivers] == [
        ("PRV001", "Deployment/shop/web", "the driver needs it")
    ]


def test_a_checkov_comment_before_the_separator_holds_for_what_follows(tmp_path: Path) -> None:
    text = f"# checkov:skip=CKV_K8S_16, CKV_K8S_22:it needs it\n---\n{OTHER}---\n{DEPLOYMENT}"
    result = imported(tmp_path, {"web.yaml": text})
    assert {(one.check, one.resource) for _, one in result.waivers} == {
        ("PRV001", "Deployment/shop/other"),
        ("RUN009", "Deployment/shop/other"),
    }


@pytest.mark.parametrize("key", ["checkov.io/skip", "checkov.io/skip12", "bridgecrew.io/skip1"])
def test_the_annotations_of_checkov_are_known_under_all_their_names(tmp_path: Path, key: str) -> None:
    text = DEPLOYMENT.replace("  namespace: shop\n", f"  namespace: shop\n  annotations: {{{key}: CKV_K8S_16=it}}\n")
    assert rows(imported(tmp_path, {"web.yaml": text})) == {("PRV001", "web.yaml", "it")}


def test_ignore_all_of_kube_linter_accepts_what_it_would_have_found_on_the_object(tmp_path: Path) -> None:
    note = "  annotations: {kube-linter.io/ignore-all: vendored}\n"
    text = DEPLOYMENT.replace("  namespace: shop\n", f"  namespace: shop\n{note}")
    result = imported(tmp_path, {"web.yaml": text, "other.yaml": OTHER})
    assert {"PRV001", "RUN009", "RUN010"} <= {one.check for _, one in result.waivers}
    assert {one.path for _, one in result.waivers} == {"web.yaml"}


def test_skip_check_of_checkov_takes_its_reasons_from_the_comments(tmp_path: Path) -> None:
    config = (
        "framework: [kubernetes]\nskip-check:\n  - CKV_K8S_16  # the driver\n  # its cache\n  - CKV_K8S_22\n  - LOW\n"
    )
    result = imported(tmp_path, {".checkov.yaml": config, "k8s/web.yaml": DEPLOYMENT, "Dockerfile": DOCKERFILE})
    assert rows(result) == {("PRV001", "k8s/web.yaml", "the driver"), ("RUN009", "k8s/web.yaml", "its cache")}
    assert left(result)["LOW"].startswith("no check of batten")


def test_a_wildcard_of_checkov_stands_for_all_of_its_checks(tmp_path: Path) -> None:
    files = {
        ".checkov.yml": "skip-check: CKV_DOCKER_*,CKV2_DOCKER_1\n",
        "web.yaml": DEPLOYMENT,
        "Dockerfile": DOCKERFILE,
    }
    result = imported(tmp_path, files)
    assert {path for _, path, _ in rows(result)} == {"Dockerfile"}
    assert {"IMG014", "PRV003", "PRV015"} <= {check for check, _, _ in rows(result)}


def test_hadolint_s_ignored_rules_hold_below_its_file_and_its_registries_are_told(tmp_path: Path) -> None:
    config = "ignored:\n  - DL3004 # built by hand\ntrustedRegistries:\n  - docker.io\n  - '*.example'\n"
    files = {"a/.hadolint.yaml": config, "a/Dockerfile": DOCKERFILE, "b/Dockerfile": DOCKERFILE}
    result = imported(tmp_path, files)
    assert rows(result) == {("PRV015", "a/Dockerfile", "built by hand")}
    assert 'allowed-registries = ["docker.io/*", "*.example/*"]' in ignores.tables(result)
    assert "hadolint trustedRegistries, a/.hadolint.yaml:4" in ignores.tables(result)


def test_excluded_checks_of_kube_linter_become_waivers(tmp_path: Path) -> None:
    config = "checks:\n  addAllBuiltIn: true\n  exclude:\n    - privileged-container\n  ignorePaths: [x/**]\n"
    result = imported(tmp_path, {".kube-linter.yaml": config, "web.yaml": DEPLOYMENT})
    assert rows(result) == {("PRV001", "web.yaml", "")}
    assert result.passed_over == [(f"{tmp_path}/.kube-linter.yaml", "checks.ignorePaths: put its globs into exclude")]


TRIVY = """\
misconfigurations:
  - id: AVD-KSV-0017
    paths: ["k8s/**/web.yaml"]
    statement: the driver
    expired_at: 2027-01-31
  - id: KSV-0014
    paths: ["k8s/*.yaml"]
  - id: DS-0010
    expired_at: 2026-01-31
vulnerabilities:
  - id: CVE-2024-1234
    statement: not reachable
  - id: CVE-2024-1111
    purls: ["pkg:deb/debian/x"]
  - id: CVE-2024-5678
    paths: ["usr/bin/*"]
secrets:
  - id: aws-access-key-id
"""


def test_trivyignore_yaml_is_followed_as_far_as_a_waiver_goes(tmp_path: Path) -> None:
    files = {".trivyignore.yaml": TRIVY, "k8s/a/web.yaml": DEPLOYMENT, "web.yaml": OTHER, "Dockerfile": DOCKERFILE}
    result = imported(tmp_path, files)
    found = {(one.check, one.path, one.reason, one.expires) for _, one in result.waivers}
    assert found == {
        ("PRV001", "k8s/a/web.yaml", "the driver", "2027-01-31"),
        ("CVE-2024-1234", "", "not reachable", None),
    }
    assert left(result) == {
        "KSV-0014": "RUN009 finds nothing there",
        "DS-0010": "it expired on 2026-01-31",
        "CVE-2024-1111": "it holds for some packages alone, which a waiver does not name",
        "CVE-2024-5678": "it holds for some paths alone; write a waiver with the path",
        "aws-access-key-id": "no check of batten is surely the same",
    }


@pytest.mark.parametrize("glob", ["{a,b}/*.yaml", "[ab].yaml", "**/a/" * 5 + "x"])
def test_a_glob_that_is_not_followed_is_told(tmp_path: Path, glob: str) -> None:
    rows_of = f"misconfigurations:\n- {{id: KSV-0017, paths: ['{glob}']}}\n"
    result = imported(tmp_path, {".trivyignore.yaml": rows_of, "web.yaml": DEPLOYMENT})
    assert result.waivers == []
    assert left(result) == {"KSV-0017": f"its path {glob!r} is not followed"}


def exceptions(*resources: dict[str, str], control: str = "C-0057", **more: str) -> str:
    listed = [{"designatorType": "Attributes", "attributes": one} for one in resources]
    policy = {"name": "driver", "policyType": "postureExceptionPolicy", "actions": ["alertOnly"], "resources": listed}
    return json.dumps([{**policy, "posturePolicies": [{"controlID": control}], **more}])


@pytest.mark.parametrize(
    ("attributes", "covered"),
    [
        ({"kind": "Deployment", "name": "web"}, {"web.yaml"}),
        ({"kind": "^Deployment$", "namespace": "shop"}, {"web.yaml", "other.yaml"}),
        ({"kind": ".*", "name": "o.*er"}, {"other.yaml"}),
        ({"kind": "DaemonSet"}, set()),
        ({"name": "we"}, set()),
        ({"kind": "Deployment", "app": "web"}, set()),
        ({"name": "(w+)+x"}, set()),
    ],
)
def test_exceptions_of_kubescape_hold_for_the_resources_that_they_name(
    tmp_path: Path, attributes: dict[str, str], covered: set[str]
) -> None:
    text = exceptions(attributes, reason="the driver", expirationDate="2027-03-01T00:00:00Z")
    result = imported(tmp_path, {"exceptions.json": text, "web.yaml": DEPLOYMENT, "other.yaml": OTHER})
    assert {path for _, path, _ in rows(result)} == covered
    assert {(one.check, one.reason, one.expires) for _, one in result.waivers} <= {
        ("PRV001", "the driver", "2027-03-01")
    }
    assert bool(result.left) is not bool(covered)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        (".checkov.yaml", "- a\n", "expected a mapping, found something else"),
        (".hadolint.yaml", "ignored: [", "expected YAML, found something else"),
        (
            ".trivyignore.yaml",
            "misconfigurations:\n- paths: [a]\n",
            "expected an id in each entry of misconfigurations",
        ),
        (".snyk", "ignore: {}\n", "Snyk: not imported"),
        (".checkov.yaml", "check: [CKV_K8S_1]\n", "check: names what is run alone"),
        ("exceptions.json", "[", "cannot be read"),
    ],
)
def test_what_is_passed_over_is_told_by_name(tmp_path: Path, name: str, text: str, why: str) -> None:
    result = imported(tmp_path, {name: text, "web.yaml": DEPLOYMENT})
    assert result.passed_over == [(f"{tmp_path}/{name}", why)]
    written = ignores.tables(result)
    assert f"{name}: {why}" in written
    assert tomllib.loads(written) == {}


def test_a_trivy_comment_may_expire(tmp_path: Path) -> None:
    text = DOCKERFILE.replace("RUN", "# trivy:ignore:DS-0010:exp:2027-01-01\nRUN")
    result = imported(tmp_path, {"Dockerfile": text})
    assert [(one.check, one.expires) for _, one in result.waivers] == [("PRV015", "2027-01-01")]
