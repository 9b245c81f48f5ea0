"""Which workloads run an image, and what a break-in there would meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batten import api
from batten.model.image_content import Image
from batten.model.package import Package
from batten.model.settings import Settings
from batten.model.workload import Resource
from batten.vulnerabilities.context import UNKNOWN, Context
from batten.vulnerabilities.running import contexts
from vulnerabilities.support import deb

DIGEST = "sha256:" + "a" * 64
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
  - name: web
    image: IMAGE
"""


def image(**fields: Any) -> Image:
    given: dict[str, Any] = {
        "document": None,
        "pointer": (),
        "resource": Resource("image", "Image", "a"),
        "scope": "a",
        "name": "a",
        "id": "sha256:" + "c" * 64,
        "reference": "shop/web:1",
        "digest": DIGEST,
        "raw_config": {"config": {}},
    }
    return Image(**{**given, **fields})


def context(folder: Path, manifest: str, one: Image | None = None, target: str = "image:shop/web:1") -> Context:
    (folder / "m.yaml").write_text(manifest)
    inventory = api.scan([str(folder / "m.yaml")], Settings()).inventory
    inventory.add(one or image())
    packages: list[Package] = [deb("curl", "1", target=target)]
    inventory.extend(packages)
    return contexts(inventory, packages)[target]


def pod(named: str, more: str = "") -> str:
    return POD.replace("IMAGE", named) + more


@pytest.mark.parametrize(
    ("named", "runs"),
    [
        ("shop/web:1", True),
        ("docker.io/shop/web:1", True),
        ("index.docker.io/shop/web:1", True),
        ("shop/web:2", False),
        ("shop/web", False),
        ("ghcr.io/shop/web:1", False),
        (f"shop/web@{DIGEST}", True),
        (f"shop/web:1@sha256:{'b' * 64}", False),
        (f"registry.example/web@{DIGEST}", True),
        ("registry.example/web:1", False),
    ],
)
def test_an_image_is_run_under_each_of_its_names(tmp_path: Path, named: str, runs: bool) -> None:
    one = image(repository_digests=(f"registry.example/web@{DIGEST}",))
    assert (context(tmp_path, pod(named), one).workloads == ("Pod shop/web",)) is runs


def test_tags_of_an_archive_are_names(tmp_path: Path) -> None:
    one = image(reference="out/web.tar", tags=("shop/web:1",))
    assert context(tmp_path, pod("shop/web:1"), one, "image:out/web.tar").workloads == ("Pod shop/web",)


@pytest.mark.parametrize(
    ("security", "user", "root"),
    [
        ("", "", True),
        ("", "1000:1000", False),
        ("{runAsUser: 0}", "1000", True),
        ("{runAsUser: 1000}", "", False),
        ("{runAsNonRoot: true}", "", False),
    ],
)
def test_who_the_process_is(tmp_path: Path, security: str, user: str, root: bool) -> None:
    more = f"    securityContext: {security}\n" if security else ""
    assert context(tmp_path, pod("shop/web:1", more), image(user=user)).root is root


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("    securityContext: {privileged: true}\n", {"privileged": True}),
        ("  hostNetwork: true\n", {"privileged": True}),
        ("    securityContext: {capabilities: {add: [SYS_ADMIN, CHOWN]}}\n", {"capabilities": ("SYS_ADMIN",)}),
        ("    envFrom: [{secretRef: {name: db}}]\n", {"secrets": True}),
        (
            "    volumeMounts: [{name: s, mountPath: /s}]\n  volumes: [{name: s, secret: {secretName: db}}]\n",
            {"secrets": True},
        ),
    ],
)
def test_what_it_holds(tmp_path: Path, more: str, wanted: dict[str, Any]) -> None:
    found = context(tmp_path, pod("shop/web:1", more))
    assert {name: getattr(found, name) for name in wanted} == wanted
    assert context(tmp_path, pod("shop/web:1")).privileged is False


def test_no_service_no_exposure(tmp_path: Path) -> None:
    assert context(tmp_path, pod("shop/web:1")).exposure == "none"


def test_a_published_port_is_outside(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    image: shop/web:1\n    ports: ['80:80']\n")
    inventory = api.scan([str(tmp_path)], Settings()).inventory
    inventory.add(image())
    packages = [deb("curl", "1", target="image:shop/web:1")]
    found = contexts(inventory, packages)["image:shop/web:1"]
    assert (found.exposure, found.through) == ("public", ("published port 80",))


def test_an_image_alone_says_who_it_runs_as(tmp_path: Path) -> None:
    assert context(tmp_path, pod("other:1"), image(user="1000")) == Context(root=False)
    assert context(tmp_path, pod("other:1"), image(user="root")) == Context(root=True)
    assert context(tmp_path, pod("other:1"), image(raw_config={})) == UNKNOWN
