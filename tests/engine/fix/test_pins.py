"""`batten fix --pin`: references get the digest that their registry gives, where the text decides them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from batten import api
from batten.engine.fix import FixPlan, write
from batten.model.settings import Settings
from batten.sources.oci.tags import Tags
from engine.support import write as written
from sources.oci.made import image
from sources.oci.registry import Fault, Registry

CHECKS = ("IMG001", "IMG002", "IMG014", "IMG015")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Registry]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", str(tmp_path / "registries.conf"))
    (tmp_path / "registries.conf").touch()
    monkeypatch.delenv("BATTEN_REGISTRY_MIRRORS", raising=False)
    with Registry() as one:
        yield one


@pytest.fixture
def digest(registry: Registry) -> str:
    """Of an index of two platforms: every name below has it."""
    several = [image(), image(platform="linux/arm64")]
    for name in ("nginx", "redis", "tool", "mirror/nginx"):
        found = registry.store_index(name, several, "1.27", "1.28", "latest")
    return found


def planned(folder: Path, files: dict[str, str], host: str, checks: tuple[str, ...] = CHECKS) -> FixPlan:
    """The plan for these files, in which `H` is the registry."""
    shop = folder / "shop"
    written(shop, {path: text.replace("H/", f"{host}/") for path, text in files.items()})
    return api.fix([str(shop)], Settings(checks=checks), tags=Tags())


def after(plan: FixPlan, host: str, digest: str) -> dict[str, str]:
    """Path -> text after, the registry and the digest written short."""
    return {one.path: one.after.text().replace(host, "H").replace(digest, "D") for one in plan.patches}


def reasons(plan: FixPlan) -> dict[str, str]:
    """Message of what is left as it is -> why."""
    return {one.finding.message: one.reason for one in plan.proposals if not one.applied}


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers:
    - name: first
      image: "H/nginx:1.27"   # why
  containers:
    - {name: web, image: 'H/nginx'}
    - name: cache
      image: H/redis:1.28
  ephemeralContainers:
    - name: look
      image: H/tool:latest
"""

ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: H/nginx:1.27
"""


def test_in_kubernetes_all_kinds_of_containers_are_pinned(registry: Registry, digest: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, {"pod.yaml": POD, "rollout.yaml": ROLLOUT}, registry.host)
    found = after(plan, registry.host, digest)
    assert found["pod.yaml"] == (
        POD.replace('"H/nginx:1.27"', '"H/nginx:1.27@D"')
        .replace("'H/nginx'", "'H/nginx:latest@D'")
        .replace("redis:1.28", "redis:1.28@D")
        .replace("tool:latest", "tool:latest@D")
    )
    assert found["rollout.yaml"] == ROLLOUT.replace("1.27", "1.27@D")
    assert reasons(plan) == {}
    assert len(registry.asked("/manifests/")) == 4


def test_a_second_run_has_nothing_to_do_and_asks_nobody(registry: Registry, digest: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, {"pod.yaml": POD}, registry.host)
    write(plan.patches)
    registry.seen.clear()
    again = api.fix([str(tmp_path / "shop")], Settings(checks=CHECKS), tags=Tags())
    assert (again.patches, again.proposals, registry.seen) == ([], [], [])


def test_a_single_manifest_is_pinned_to_its_own_digest(registry: Registry, tmp_path: Path) -> None:
    single = registry.store("solo", image(), "3")
    plan = planned(tmp_path, {"r.yaml": ROLLOUT.replace("nginx:1.27", "solo:3")}, registry.host)
    assert f"solo:3@{single}" in plan.patches[0].after.text()


def test_what_moves_is_pinned_and_told(registry: Registry, digest: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, {"r.yaml": ROLLOUT.replace(":1.27", ":latest")}, registry.host)
    told = {one.finding.check: one.finding.fix.summary for one in plan.proposals if one.finding.fix is not None}
    assert told.keys() == {"IMG001", "IMG002"}
    assert all("what latest leads to now; the tag of a release" in one for one in told.values())
    assert all(one.applied for one in plan.proposals)


def test_without_an_auditor_each_image_is_one_finding(registry: Registry, digest: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, {"pod.yaml": POD}, registry.host, ())
    told = sorted(one.finding.check for one in plan.proposals if one.applied and one.finding.check in CHECKS)
    assert told == ["IMG001", "IMG001", "IMG002", "IMG002"]


def test_one_that_is_gone_is_named_and_the_rest_is_pinned(registry: Registry, digest: str, tmp_path: Path) -> None:
    text = POD.replace("H/redis:1.28", "H/redis:9")
    plan = planned(tmp_path, {"pod.yaml": text}, registry.host)
    (problem,) = plan.unresolved
    host = registry.host
    assert problem.message == f"{host}/redis:9: {host} has no such thing; see the name and the tag"
    assert (problem.path.rpartition("/")[2], problem.line) == ("pod.yaml", 11)
    assert reasons(plan) == {
        f"{host}/redis:9 is not pinned by a digest": "its registry did not say which digest it has"
    }
    assert plan.patches[0].after.text().count(digest) == 3


def test_a_registry_that_denies_is_named(registry: Registry, digest: str, tmp_path: Path) -> None:
    registry.faults.append(Fault("/nginx/manifests/", status=403, times=99))
    plan = planned(tmp_path, {"pod.yaml": POD}, registry.host)
    assert {one.message.partition(": ")[0] for one in plan.unresolved} == {
        f"{registry.host}/nginx:1.27",
        f"{registry.host}/nginx:latest",
    }
    assert plan.patches[0].after.text().count(digest) == 2


# ------------------------------------------------------------------------------------- Kustomize

BASE = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: one
      image: H/redis:1.27
    - name: two
      image: web
    - name: three
      image: nginx:1.28
"""
OVERLAY = """\
resources: [../base]
images:
  - name: web
    newName: H/tool
    newTag: "1.27"  # ours
  - name: nginx
    newName: H/mirror/nginx
"""


def overlaid(base: str = BASE, overlay: str = OVERLAY, **more: str) -> dict[str, str]:
    files = {"base/kustomization.yaml": "resources: [pod.yaml]\n", "base/pod.yaml": base}
    return {**files, "prod/kustomization.yaml": overlay, **more}


def test_in_kustomize_what_decides_is_edited(registry: Registry, digest: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, overlaid(), registry.host)
    assert reasons(plan) == {}
    assert after(plan, registry.host, digest) == {
        "base/pod.yaml": BASE.replace("redis:1.27", "redis:1.27@D"),
        "prod/kustomization.yaml": OVERLAY.replace("# ours\n", "# ours\n    digest: D\n")
        + '    newTag: "1.28"\n    digest: D\n',
    }


def test_the_built_objects_are_pinned_after_that(registry: Registry, digest: str, tmp_path: Path) -> None:
    write(planned(tmp_path, overlaid(), registry.host).patches)
    again = api.fix([str(tmp_path / "shop")], Settings(checks=CHECKS), tags=Tags())
    assert (again.patches, again.proposals) == ([], [])


def test_an_entry_that_decides_several_tags_is_left(registry: Registry, digest: str, tmp_path: Path) -> None:
    base = BASE + "    - name: four\n      image: nginx:1.27\n"
    plan = planned(tmp_path, overlaid(base), registry.host)
    told = {message.rpartition("/")[2]: reason for message, reason in reasons(plan).items()}
    host = registry.host
    assert told == {
        "nginx:1.28 is not pinned by a digest": (
            f"its entry of images decides {host}/mirror/nginx:1.27, too; give each an entry of its own"
        ),
        "nginx:1.27 is not pinned by a digest": (
            f"its entry of images decides {host}/mirror/nginx:1.28, too; give each an entry of its own"
        ),
    }


def test_a_suffix_of_tags_is_left(registry: Registry, digest: str, tmp_path: Path) -> None:
    overlay = OVERLAY.replace("    newName: H/mirror/nginx\n", "    newName: H/mirror/nginx\n    tagSuffix: -alpine\n")
    plan = planned(tmp_path, overlaid(overlay=overlay), registry.host)
    assert [*reasons(plan).values()] == ["tagSuffix makes its tag; write newTag in its place"]


# --------------------------------------------------------------------------------------- Compose

COMPOSE = """\
services:
  web:
    image: H/nginx:1.27
  variable:
    image: ${IMAGE:-H/redis:1.27}
  own:
    build: .
    image: H/own:1
  again:
    image: H/own:1
  shared:
    extends:
      file: common.yml
      service: base
"""
COMMON = "services:\n  base:\n    image: H/tool:1.28\n"


def test_in_compose_the_file_that_decides_is_edited(registry: Registry, digest: str, tmp_path: Path) -> None:
    files = {"compose.yaml": COMPOSE, "common.yml": COMMON, "Dockerfile": "FROM H/own:1\n"}
    plan = planned(tmp_path, files, registry.host)
    assert after(plan, registry.host, digest) == {
        "compose.yaml": COMPOSE.replace("nginx:1.27", "nginx:1.27@D"),
        "common.yml": COMMON.replace("1.28", "1.28@D"),
    }
    host, built = registry.host, "compose.yaml builds it; it has a digest once it is pushed to a registry"
    assert reasons(plan) == {
        f"{host}/own:1 is not pinned by a digest": built,
        f"the base {host}/own:1 is not pinned by a digest": built,
        f"{host}/redis:1.27 is not pinned by a digest": (
            "the image is put together from variables; pin it where they are set"
        ),
    }
    assert not registry.asked("/own/")


def test_what_lies_in_podman_alone_is_left(registry: Registry, digest: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, {"a.container": "[Container]\nImage=localhost/web:1\n"}, registry.host)
    (reason,) = reasons(plan).values()
    assert reason.startswith("localhost/ is the engine's own storage")
    assert plan.unresolved == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("web.container", "[Container]\nImage=H/nginx:1.27\n"),
        ("stack.yml", 'version: "3.8"\nservices:\n  web:\n    image: H/nginx:1.27\n    deploy: {replicas: 2}\n'),
        (
            "task.json",
            '{\n  "family": "web",\n  "containerDefinitions": [{"name": "web", "image": "H/nginx:1.27"}]\n}\n',
        ),
    ],
)
def test_other_platforms(registry: Registry, digest: str, tmp_path: Path, path: str, text: str) -> None:
    plan = planned(tmp_path, {path: text}, registry.host)
    assert after(plan, registry.host, digest) == {path: text.replace("nginx:1.27", "nginx:1.27@D")}


# ------------------------------------------------------------------------------------ Dockerfiles

DOCKERFILE = """\
ARG BASE=H/nginx:1.27
FROM ${BASE} AS build
FROM build AS test
FROM scratch AS empty
COPY --from=build /a /a
COPY --from=0 /b /b
COPY --chown=1 --from=H/tool:1.27 /t /t
FROM --platform=$BUILDPLATFORM H/redis AS last
RUN --mount=type=bind,from=H/tool:1.28,source=/x,target=/y --mount=type=cache,target=/c make
COPY --from=tools /z /z
"""


def test_in_a_dockerfile_bases_and_sources_are_pinned(registry: Registry, digest: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, {"Dockerfile": DOCKERFILE}, registry.host)
    assert reasons(plan) == {}
    assert after(plan, registry.host, digest)["Dockerfile"] == (
        DOCKERFILE.replace("BASE=H/nginx:1.27", "BASE=H/nginx:1.27@D")
        .replace("tool:1.27", "tool:1.27@D")
        .replace("H/redis", "H/redis:latest@D")
        .replace("tool:1.28", "tool:1.28@D")
    )
    write(plan.patches)
    again = api.fix([str(tmp_path / "shop")], Settings(checks=CHECKS), tags=Tags())
    assert (again.patches, again.proposals) == ([], [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ARG TAG=1.27\nFROM H/nginx:$TAG\n", "it is put together from variables (H/nginx:$TAG)"),
        ("ARG TAG=1.27\nARG BASE=H/nginx:$TAG\nFROM $BASE\n", "ARG BASE on line 2 is put together from variables"),
        (
            "ARG BASE=H/nginx:1.27\nFROM $BASE\nFROM ${BASE}-slim\n",
            "ARG BASE is used in another way on line 3, too",
        ),
        (
            "ARG BASE=H/nginx:1.27\nFROM $BASE\nARG BASE\nLABEL base=$BASE\n",
            "ARG BASE is used in another way on line 3, too",
        ),
        ("ARG BASE=H/nginx:1.27\nARG OTHER=x-$BASE\nFROM $BASE\n", "ARG BASE is used in another way on line 2, too"),
    ],
)
def test_an_argument_that_does_not_decide_wholly_is_left(
    registry: Registry, digest: str, tmp_path: Path, text: str, reason: str
) -> None:
    registry.store("nginx", image(), "1.27-slim")
    plan = planned(tmp_path, {"Dockerfile": text}, registry.host)
    assert plan.patches == []
    told = {one.replace(registry.host, "H") for one in reasons(plan).values()}
    assert any(one.startswith(reason) for one in told)


def test_a_context_that_compose_gives_the_build_is_left(registry: Registry, digest: str, tmp_path: Path) -> None:
    compose = (
        "services:\n  web:\n    build:\n      context: .\n      additional_contexts:\n"
        "        base: docker-image://H/nginx:1.27\n"
    )
    plan = planned(tmp_path, {"compose.yaml": compose, "Dockerfile": "FROM base\n"}, registry.host)
    assert [*reasons(plan).values()] == [
        f"additional_contexts in compose.yaml decides what {registry.host}/nginx:1.27 is; pin it there"
    ]


def test_a_waived_finding_is_left_alone(registry: Registry, digest: str, tmp_path: Path) -> None:
    waiver = "# batten: ignore[IMG002] it moves on purpose\n"
    plan = planned(
        tmp_path, {"r.yaml": ROLLOUT.replace("          image", f"          {waiver}          image")}, registry.host
    )
    assert (plan.patches, registry.seen) == ([], [])


def test_a_bare_name_that_a_folder_builds_is_asked_nowhere(registry: Registry, digest: str, tmp_path: Path) -> None:
    files = {"pod.yaml": ROLLOUT.replace("H/nginx:1.27", "cart"), "src/cart/Dockerfile": "FROM scratch\n"}
    plan = planned(tmp_path, files, registry.host)
    built = "src/cart/Dockerfile builds it, as its folder says; it has a digest once it is pushed to a registry"
    assert set(reasons(plan).values()) == {built}
    assert plan.unresolved == []


def test_one_that_is_gone_and_may_be_built_here_is_told_so(registry: Registry, tmp_path: Path) -> None:
    files = {"pod.yaml": ROLLOUT.replace("nginx:1.27", "shop/cart:1"), "src/cart/Dockerfile": "FROM scratch\n"}
    (problem,) = planned(tmp_path, files, registry.host).unresolved
    assert problem.message.endswith("see the name and the tag; src/cart/Dockerfile may build it: push it first")


def test_of_several_targets_each_is_pinned_where_it_decides(registry: Registry, digest: str, tmp_path: Path) -> None:
    files = {**overlaid(), "shop/compose.yaml": COMPOSE, "shop/common.yml": COMMON, "shop/Dockerfile": "FROM scratch\n"}
    written(tmp_path, {path: text.replace("H/", f"{registry.host}/") for path, text in files.items()})
    targets = [str(tmp_path / name) for name in ("prod", "base", "shop")]
    first = api.fix(targets[1:], Settings(checks=CHECKS), tags=Tags())
    assert after(first, registry.host, digest).keys() == {"pod.yaml", "compose.yaml", "common.yml"}
    whole = api.fix([str(tmp_path / "shop"), str(tmp_path)], Settings(checks=CHECKS), tags=Tags())
    assert "" not in reasons(whole).values()


def test_pins_hold_together_with_other_fixes(registry: Registry, digest: str, tmp_path: Path) -> None:
    written(tmp_path / "shop", {"pod.yaml": POD.replace("H/", f"{registry.host}/")})
    plan = api.fix([str(tmp_path / "shop")], Settings(), review=True, tags=Tags())
    write(plan.patches)
    text = (tmp_path / "shop/pod.yaml").read_text()
    assert text.count(digest) == 4
    assert "runAsNonRoot: true" in text
    again = api.fix([str(tmp_path / "shop")], Settings(), review=True, tags=Tags())
    assert again.patches == []


def test_the_bytes_around_a_pin_stay(registry: Registry, digest: str, tmp_path: Path) -> None:
    before = ("\ufeff" + ROLLOUT + "          # the end\n").replace("\n", "\r\n").replace("H/", f"{registry.host}/")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/r.yaml").write_bytes(before.encode())
    plan = api.fix([str(tmp_path / "shop")], Settings(checks=CHECKS), tags=Tags())
    assert plan.patches[0].after.data == before.replace("1.27", f"1.27@{digest}").encode()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (
            "services:\n  a:\n    image: &web H/nginx:1.27\n  b:\n    image: *web\n",
            "services:\n  a:\n    image: &web H/nginx:1.27@D\n  b:\n    image: H/nginx:1.27@D\n",
        ),
        (
            "x-web: &web\n  image: H/nginx:1.27\nservices:\n  a:\n    <<: *web\n",
            "x-web: &web\n  image: H/nginx:1.27\nservices:\n  a:\n    <<: *web\n    image: H/nginx:1.27@D\n",
        ),
    ],
)
def test_what_an_anchor_gives_is_pinned_where_it_is_used(
    registry: Registry, digest: str, tmp_path: Path, before: str, expected: str
) -> None:
    plan = planned(tmp_path, {"compose.yaml": before}, registry.host)
    assert after(plan, registry.host, digest) == {"compose.yaml": expected}


def test_an_override_is_pinned_where_it_decides(registry: Registry, digest: str, tmp_path: Path) -> None:
    base = "services:\n  web:\n    image: H/nginx:1.27\n"
    override = "services:\n  web:\n    image: H/redis:1.27\n"
    plan = planned(tmp_path, {"compose.yaml": base, "compose.override.yaml": override}, registry.host)
    assert after(plan, registry.host, digest) == {"compose.override.yaml": override.replace("1.27", "1.27@D")}
