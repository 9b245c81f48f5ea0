"""An image that was read decides the user where a manifest is silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings
from images import builder

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
  - name: web
    image: IMAGE
"""
TAG = "registry.example/shop/web:1"


def save(folder: Path, user: str, name: str = "web.tar", tag: str = TAG) -> str:
    path = folder / name
    layers = [builder.layer([builder.file("app", b"x")])]
    builder.docker_archive(path, layers, builder.configuration(layers, User=user), tag)
    return str(path)


def found(folder: Path, image: str, *targets: str, more: str = "") -> set[str]:
    (folder / "pod.yaml").write_text(POD.replace("IMAGE", image) + more)
    report = api.scan([str(folder / "pod.yaml"), *targets], Settings()).report
    return {
        one.check
        for one in report.findings
        if one.location.path.endswith("pod.yaml") and one.check in ("PRV002", "PRV003")
    }


@pytest.mark.parametrize(
    ("user", "findings"),
    [
        ("10001", set()),
        ("10001:0", set()),
        ("app", set()),
        ("", {"PRV003"}),
        ("0", {"PRV003"}),
        ("0:10001", {"PRV003"}),
        ("root", {"PRV003"}),
        ("root:app", {"PRV003"}),
        ("99999999999", set()),
    ],
)
def test_the_user_of_the_image_counts_where_the_manifest_is_silent(tmp_path: Path, user: str, findings: set[str]):
    assert found(tmp_path, TAG, save(tmp_path, user)) == findings


def test_an_image_of_another_tag_says_nothing(tmp_path: Path):
    assert found(tmp_path, "registry.example/shop/web:2", save(tmp_path, "10001")) == {"PRV002"}


def test_images_of_one_name_that_differ_say_nothing(tmp_path: Path):
    both = [save(tmp_path, "10001", "a.tar"), save(tmp_path, "0", "b.tar")]
    assert found(tmp_path, TAG, *both) == {"PRV002"}


def test_the_manifest_goes_first(tmp_path: Path):
    said = "    securityContext: {runAsUser: 0}\n"
    assert found(tmp_path, TAG, save(tmp_path, "10001"), more=said) == {"PRV003"}


def test_a_compose_service_takes_the_user_of_its_image(tmp_path: Path):
    (tmp_path / "compose.yaml").write_text(f"services:\n  web:\n    image: {TAG}\n")
    report = api.scan([str(tmp_path / "compose.yaml"), save(tmp_path, "10001")], Settings()).report
    assert not {"PRV002", "PRV003"} & {one.check for one in report.findings}


def test_a_fix_is_proved_with_the_image_of_the_other_target(tmp_path: Path):
    (tmp_path / "pod.yaml").write_text(POD.replace("IMAGE", TAG))
    plan = api.fix([str(tmp_path / "pod.yaml"), save(tmp_path, "")], Settings(), review=True)
    applied = {one.judged.finding.check for one in plan.proposals if one.applied}
    assert "PRV003" in applied
    [patch] = [one for one in plan.patches if one.path.endswith("pod.yaml")]
    assert b"runAsNonRoot: true" in patch.after.data
