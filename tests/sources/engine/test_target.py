"""`docker:` and `podman:`: what runs in an engine, from the answers of real ones."""

from __future__ import annotations

import re
import socket
import sys
from pathlib import Path

import pytest

from batten import api
from batten.engine.read import build_inventory, read_target
from batten.model.image import StoredImage
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.objects import Configuration
from batten.model.settings import ImageSettings, Settings
from batten.model.workload import Workload
from batten.sources import OpenTarget, TargetError, open_target
from engine_cases import DOCKER, DOCKER_STOPPED, PODMAN, PODMAN_STOPPED, SECRETS, by_resource
from sources.engine.fake import Recorded, over_unix, recorded, scan, told
from sources.oci.made import docker_save, image, tar_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="unix sockets")


def inventory_of(engine: Recorded, folder: Path, *, stopped: bool = False) -> tuple[Inventory, OpenTarget]:
    with over_unix(engine, folder) as address:
        opened = open_target(f"docker:{address}", stopped=stopped)
        reading = read_target(opened, Settings())
    folder.unlink()
    return build_inventory([reading]), opened


# ---------------------------------------------------------------------------- what is found


def test_what_runs_in_docker(docker: Recorded, folder: Path) -> None:
    report = scan(docker, folder)
    assert by_resource(report) == DOCKER
    assert report.targets[0].kind == "engine"
    assert report.targets[0].status == "complete"
    assert told(report, severe=False) == ["2 containers that do not run were not read; --stopped reads them, too"]
    assert by_resource(scan(docker, folder, stopped=True)) == {**DOCKER, **DOCKER_STOPPED}


def test_what_runs_under_podman(podman: Recorded, folder: Path) -> None:
    assert by_resource(scan(podman, folder, scheme="podman")) == PODMAN
    assert by_resource(scan(podman, folder, scheme="podman", stopped=True)) == {**PODMAN, **PODMAN_STOPPED}


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_an_engine_in_which_nothing_runs_is_whole(name: str, folder: Path) -> None:
    engine = recorded(name)
    for kind in ("containers/json", "pods/json", "services", "secrets", "configs", "networks"):
        engine.set(f"/{kind}", [])
        engine.set(f"/libpod/{kind}", [])
    report = scan(engine, folder, scheme=name)
    assert (report.targets[0].status, report.targets[0].files) == ("complete", 0)
    assert "nothing runs in it" in told(report, severe=False)


def test_podman_behind_the_socket_of_docker_is_asked_in_its_own_words(podman: Recorded, folder: Path) -> None:
    assert by_resource(scan(podman, folder, scheme="docker")) == PODMAN


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_an_engine_is_asked_and_never_told(name: str, folder: Path) -> None:
    engine = recorded(name)
    scan(engine, folder, scheme=name, stopped=True)
    assert engine.methods == {"GET"}
    # the tokens by which a machine joins the swarm; what secrets and configs hold, one by one
    assert not {path for path in engine.asked() if path.startswith(("/swarm", "/secrets/", "/configs/"))}


def test_findings_point_into_the_records(docker: Recorded, folder: Path) -> None:
    report = scan(docker, folder, stopped=True)
    [finding] = [one for one in report.findings if one.check == "PRV001"]
    assert finding.location.path.endswith("!containers/privileged.json")
    assert finding.location.pointer == "/HostConfig/Privileged"
    assert finding.excerpt is not None
    assert '"Privileged": true' in "\n".join(finding.excerpt.lines)


def test_no_secret_leaves_the_engine(docker: Recorded, folder: Path) -> None:
    report = scan(docker, folder, stopped=True)
    for name in ("json", "html", "sarif"):
        written = str(api.render(report, name))
        assert not [one for one in SECRETS if one in written]


def test_secrets_and_configs_of_a_swarm_are_names(docker: Recorded, folder: Path) -> None:
    inventory, _ = inventory_of(docker, folder)
    found = {(one.resource.kind, one.name): one for one in inventory.of(Configuration)}
    assert set(found) == {("secret", "db"), ("config", "nginx")}
    assert not any(one.entries or SECRETS[2] in one.document.file.text() for one in found.values())


def test_an_image_decides_where_its_container_is_silent(docker: Recorded, folder: Path) -> None:
    inventory, _ = inventory_of(docker, folder)
    users = {one.name: one.containers[0].user for one in inventory.of(Workload)}
    assert (users["root"].uid, users["root"].decided_by) == (0, "image")
    assert (users["api"].uid, users["api"].decided_by) == (10001, "image")


def test_replicas_are_told_once_and_a_project_is_a_scope(docker: Recorded, folder: Path) -> None:
    inventory, _ = inventory_of(docker, folder)
    scopes = {one.name: one.scope for one in inventory.of(Workload)}
    assert scopes["shop-web-1"] == "shop"
    assert scopes["root"] == "."
    assert "shop-web-2" not in scopes
    assert not [name for name in scopes if name.startswith("api.")]


def test_two_scans_have_the_same_fingerprints(docker: Recorded, folder: Path) -> None:
    first, second = (scan(docker, folder, stopped=True) for _ in range(2))
    assert [one.fingerprint for one in first.findings] == [one.fingerprint for one in second.findings]


def test_tasks_are_read_where_services_are_not_told(docker: Recorded, folder: Path) -> None:
    """On a worker of a swarm: under the name of the service, which stays when the task is made anew."""
    docker.get("/info")["Swarm"]["ControlAvailable"] = False
    labels = {"com.docker.swarm.service.id": "s1", "com.docker.swarm.service.name": "api"}
    listed = next(one for one in docker.get("/containers/json") if one["Names"] == ["/root"])
    listed["Names"], listed["Labels"] = ["/api.1.q1ruaaorn2b7ktxsqkvw8cfdx"], labels
    docker.get(f"/containers/{listed['Id']}/json")["Config"]["Labels"] = labels
    report = scan(docker, folder)
    assert by_resource(report)["api"] == DOCKER["root"]
    assert "a worker of a swarm: its tasks are read; a manager tells the services" in told(report, severe=False)
    assert "/services" not in docker.asked()


def test_containers_of_kubernetes_have_the_names_of_their_pods(docker: Recorded, folder: Path) -> None:
    pod = {"io.kubernetes.pod.name": "web-0", "io.kubernetes.pod.namespace": "shop"}
    for name, container, kind in (("root", "POD", "podsandbox"), ("secret", "app", "container")):
        labels = {**pod, "io.kubernetes.container.name": container, "io.kubernetes.docker.type": kind}
        listed = next(one for one in docker.get("/containers/json") if one["Names"] == [f"/{name}"])
        listed["Labels"] = labels
        docker.get(f"/containers/{listed['Id']}/json")["Config"]["Labels"] = labels
    report = scan(docker, folder)
    found = {one.resource for one in report.findings if one.resource.namespace}
    assert {(one.namespace, one.name) for one in found} == {("shop", "web-0/app")}
    assert "root" not in by_resource(report)
    assert "1 containers belong to pods of Kubernetes: mend them in their manifests, not here" in told(
        report, severe=False
    )


@pytest.mark.parametrize(
    ("options", "mode", "mapped"),
    [
        (["name=seccomp,profile=builtin", "name=rootless"], "", True),
        (["name=seccomp,profile=builtin", "name=rootless"], "host", True),
        (["name=seccomp,profile=builtin", "name=userns"], "", True),
        (["name=seccomp,profile=builtin", "name=userns"], "host", False),
        (["name=seccomp,profile=builtin"], "", False),
    ],
)
def test_the_engine_says_whether_root_is_root(
    docker: Recorded, folder: Path, options: list[str], mode: str, mapped: bool
) -> None:
    docker.get("/info")["SecurityOptions"] = options
    for answer in docker.answers.values():
        if isinstance(answer, dict) and "HostConfig" in answer:
            answer["HostConfig"]["UsernsMode"] = mode
    inventory, _ = inventory_of(docker, folder)
    assert {one.user_namespace for one in inventory.of(Workload) if one.platform == "docker"} == {mapped}


@pytest.mark.parametrize("options", [["name=seccomp,profile=unconfined"], ["name=apparmor"]])
def test_an_engine_without_a_seccomp_profile_gives_its_containers_none(
    docker: Recorded, folder: Path, options: list[str]
) -> None:
    docker.get("/info")["SecurityOptions"] = options
    assert "RUN001" in by_resource(scan(docker, folder))["root"]


def test_an_engine_may_forbid_new_privileges_for_all(docker: Recorded, folder: Path) -> None:
    docker.get("/info")["SecurityOptions"] = ["name=seccomp,profile=builtin", "name=no-new-privileges"]
    assert "PRV004" not in by_resource(scan(docker, folder))["root"]


def test_the_images_of_containers_are_read_from_the_engine_that_runs_them(docker: Recorded, folder: Path) -> None:
    """Also offline: no registry is asked."""
    made = image()
    files, links = docker_save(made, tags=[["shop/app:1"]])
    docker.answers["/images/shop/app:1/get"] = tar_of(files, links)
    docker.answers["/images/shop/app:1/json"] = {"RepoTags": ["shop/app:1"]}
    docker.answers["/images/shop/base:1/json"] = 404
    wanted = ImageSettings(with_images=True, offline=True, cache=False)
    with over_unix(docker, folder) as address:
        found = api.scan([f"docker:{address}"], Settings(images=wanted))
    [read] = found.inventory.of(Image)
    assert (read.reference, read.tags) == ("shop/app:1", ("shop/app:1",))
    problems = {one.path: one.message for one in found.report.targets[0].problems}
    assert "docker holds no such image" in problems["shop/base:1"]
    assert found.report.targets[0].status == "partial"
    assert docker.methods == {"GET"}


def test_an_image_whose_tag_was_moved_is_asked_for_by_its_identifier(docker: Recorded, folder: Path) -> None:
    for path, answer in docker.answers.items():
        if "/images/" in path:
            answer["RepoTags"] = []
    inventory, _ = inventory_of(docker, folder)
    stored = {one.raw: one.name for one in inventory.of(StoredImage)}
    assert stored["shop/base:1"].startswith("sha256:")


# ------------------------------------------------------------------------ fixes, comparisons


@pytest.mark.parametrize("scheme", ["docker", "podman"])
def test_nothing_that_runs_is_edited(folder: Path, scheme: str) -> None:
    with over_unix(recorded(scheme), folder) as address:
        plan = api.fix([f"{scheme}:{address}"], Settings(stopped=True), review=True)
    assert not plan.patches
    reasons = {one.reason for one in plan.proposals}
    assert reasons
    assert all(re.search("no text|record of a service|rotate it", one) for one in reasons)


def test_an_engine_is_compared_with_itself_and_with_a_directory(docker: Recorded, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/compose.yaml").write_text("services: {web: {image: 'nginx:1.29', privileged: true}}")
    with over_unix(docker, folder) as address:
        same = api.diff(f"docker:{address}", f"docker:{address}")
        other = api.diff(str(tmp_path / "here"), f"docker:{address}")
    assert not same.added
    assert not same.removed
    assert other.added
    assert [one.check for one in other.removed if one.check == "PRV001"]


def test_no_connection_stays_open(docker: Recorded, folder: Path) -> None:
    with over_unix(docker, folder) as address:
        opened = open_target(f"docker:{address}")
        entries = opened.entries()
        next(entries)
        entries.close()  # type: ignore[attr-defined]
        opened.close()
    with socket.socket(socket.AF_UNIX) as late, pytest.raises(OSError):
        late.connect(str(folder))


def test_an_engine_has_no_bill_of_materials_but_its_images_have(docker: Recorded, folder: Path) -> None:
    with over_unix(docker, folder) as address, pytest.raises(TargetError) as told:
        api.sbom(f"docker:{address}")
    folder.unlink()
    first = sorted({one.name for one in inventory_of(recorded("docker"), folder)[0].of(StoredImage)})[0]
    assert re.search(r"expected one image, found an engine with \d+ in use \(", str(told.value))
    assert str(told.value).endswith(f"; name one: docker:{first}")


def test_an_engine_that_does_not_run_has_none_either(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(TargetError, match=r"^docker: it does not answer; is docker running"):
        api.sbom("docker:")
