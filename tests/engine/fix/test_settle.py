"""What a fix brings to light: fixes that come along, findings that are named, reasons that say where."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.engine.fix import FixPlan, Proposal
from batten.model.settings import Settings
from engine.support import POD, write

STACK = """\
version: "3.8"
services:
  web:
    image: registry.example/web:1.27
    networks: [outside]
    deploy:
      replicas: 2
networks:
  outside:
    external: true
    name: host
"""
UNIT = """\
[Container]
Image=registry.example/web:1.27
PodmanArgs=--privileged
"""
SHARED_FLAG = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
  - name: app
    image: registry.example/app:1.0
    securityContext:
      privileged: true
      allowPrivilegeEscalation: &flag true
    tty: *flag
"""
"""The second setting cannot be changed without the third."""


def planned(root: Path, files: dict[str, str], **settings: object) -> FixPlan:
    return api.fix([str(write(root, files))], Settings(as_of="2026-11-01", **settings), review=True)  # type: ignore[arg-type]


def of(plan: FixPlan, check: str) -> list[Proposal]:
    return [one for one in plan.proposals if one.finding.check == check]


def written(root: Path, plan: FixPlan) -> None:
    for patch in plan.patches:
        (root / patch.path).write_bytes(patch.after.data)


@pytest.mark.parametrize(
    ("name", "text", "check", "follower"),
    [
        ("web.container", UNIT, "PRV001", "NoNewPrivileges=true"),
        ("stack.yaml", STACK, "NET001", "encrypted:"),
        ("pod.yaml", POD, "PRV001", "allowPrivilegeEscalation: false"),
    ],
)
def test_the_fix_of_what_it_uncovers_comes_along(
    tmp_path: Path, name: str, text: str, check: str, follower: str
) -> None:
    plan = planned(tmp_path, {name: text})
    (proposal,) = of(plan, check)
    assert proposal.applied, proposal.reason
    assert not proposal.uncovers
    assert follower not in text
    assert follower in plan.patches[0].after.text()
    written(tmp_path, plan)
    assert not api.fix([str(tmp_path)], Settings(as_of="2026-11-01"), review=True).patches


def test_what_it_uncovers_and_cannot_be_mended_is_named(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"pod.yaml": SHARED_FLAG})
    (proposal,) = of(plan, "PRV001")
    assert proposal.applied, proposal.reason
    (told,) = proposal.uncovers.values()
    assert told.startswith("PRV004 ")
    written(tmp_path, plan)
    again = planned(tmp_path, {})
    (left,) = of(again, "PRV004")
    assert "&flag" in left.reason
    assert not again.patches


def test_what_an_anchor_would_bring_back_is_refused_by_name(tmp_path: Path) -> None:
    files = {
        "compose.yaml": """\
x-common: &common
  cap_add: [SYS_ADMIN]
services:
  web:
    <<: *common
    image: registry.example/web:1.27
    cap_add: [SYS_ADMIN]
"""
    }
    (proposal,) = of(planned(tmp_path, files), "PRV005")
    assert not proposal.applied
    assert proposal.reason == (
        "it would change more than it says: /services/web/cap_add is inherited through <<: *common on line 5; "
        "mend it where that anchor stands"
    )


def test_many_files_of_one_folder_settle_together(tmp_path: Path) -> None:
    """Each of them fails its first proof, and each is mended as it is when it is alone."""
    alone = planned(tmp_path / "one", {"web.yaml": POD}).patches[0].after.text()
    plan = planned(tmp_path / "many", {f"p{n:02}.yaml": POD.replace("name: web", f"name: web{n}") for n in range(30)})
    assert [patch.path for patch in plan.patches] == [f"p{n:02}.yaml" for n in range(30)]
    for n, patch in enumerate(plan.patches):
        assert patch.after.text() == alone.replace("name: web\n", f"name: web{n}\n")


MOUNTED_AT_TMP = {
    "pod.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
        "  containers:\n    - name: web\n      image: registry.example/shop/web:1.4\n"
        "      volumeMounts:\n        - {name: etc, mountPath: /tmp}\n"
        "  volumes:\n    - name: etc\n      hostPath: {path: /etc}\n"
    ),
    "compose.yaml": "services:\n  web:\n    image: registry.example/shop/web:1.4\n    volumes:\n      - /etc:/tmp\n",
}


@pytest.mark.parametrize(("path", "writable"), [("pod.yaml", "mountPath: /tmp"), ("compose.yaml", "tmpfs:")])
def test_a_writable_path_whose_mount_goes_gets_a_mount_of_its_own(tmp_path: Path, path: str, writable: str) -> None:
    write(tmp_path, {path: MOUNTED_AT_TMP[path]})
    settings = Settings(checks=("PRV009", "RUN009"))
    plan = api.fix([str(tmp_path)], settings, review=True)
    assert {one.finding.check for one in plan.proposals if one.applied} == {"PRV009", "RUN009"}
    text = plan.patches[0].after.text()
    assert "/etc" not in text
    assert writable in text


def test_a_mount_that_stays_is_the_writable_path(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": MOUNTED_AT_TMP["compose.yaml"]})
    plan = api.fix([str(tmp_path)], Settings(checks=("RUN009",)), review=True)
    assert [one.finding.check for one in plan.proposals if one.applied] == ["RUN009"]
    assert "tmpfs" not in plan.patches[0].after.text()


HOST_STACK = """\
version: "3.8"
services:
  web:
    image: registry.example/web:1.27
    cap_add: [SYS_ADMIN]
    networks: [outside]
    ports: ["9000"]
    deploy:
      replicas: 2
networks:
  outside:
    external: true
    name: host
"""
HOST_TASK = """\
{
  "family": "web",
  "networkMode": "host",
  "requiresCompatibilities": ["EC2"],
  "containerDefinitions": [
    {
      "name": "web",
      "image": "registry.example/web:1.27",
      "linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"]}},
      "portMappings": [{"containerPort": 80, "hostPort": 0}]
    }
  ]
}
"""
HOST_SERVICE = """\
services:
  web:
    image: registry.example/web:1.27
    cap_add: [SYS_ADMIN]
    network_mode: host
    ports: ["9000"]
"""
HOST_UNIT = """\
[Container]
Image=registry.example/web:1.27
AddCapability=SYS_ADMIN
Network=host
PublishPort=8080:80
"""


@pytest.mark.parametrize(("name", "text"), [("stack.yaml", HOST_STACK), ("task.json", HOST_TASK)])
def test_a_network_of_its_own_that_would_publish_a_port_is_refused(tmp_path: Path, name: str, text: str) -> None:
    plan = planned(tmp_path, {name: text})
    (proposal,) = of(plan, "NET001")
    assert not proposal.applied
    assert proposal.reason.startswith("it brings a new finding: NET002 a random port is published")
    assert of(plan, "PRV005")[0].applied
    assert not any(one.uncovers for one in plan.proposals)
    written(tmp_path, plan)
    again = planned(tmp_path, {})
    assert not of(again, "NET002")
    assert not again.patches


@pytest.mark.parametrize(
    ("name", "text", "bound"),
    [("compose.yaml", HOST_SERVICE, "127.0.0.1::9000"), ("web.container", HOST_UNIT, "127.0.0.1:8080:80")],
)
def test_a_network_of_its_own_comes_with_its_ports_on_loopback(
    tmp_path: Path, name: str, text: str, bound: str
) -> None:
    plan = planned(tmp_path, {name: text})
    (proposal,) = of(plan, "NET001")
    assert proposal.applied, proposal.reason
    assert bound in plan.patches[0].after.text()
    written(tmp_path, plan)
    again = planned(tmp_path, {})
    assert not of(again, "NET002")
    assert not again.patches


def test_what_is_gone_with_the_fix_of_something_else_is_not_left(tmp_path: Path) -> None:
    text = """\
{
  "family": "web",
  "networkMode": "bridge",
  "requiresCompatibilities": ["EC2"],
  "containerDefinitions": [
    {
      "name": "web",
      "image": "registry.example/web:1.27",
      "portMappings": [{"containerPort": 22, "hostPort": 22}, {"containerPort": 80, "hostPort": 8080}]
    }
  ]
}
"""
    plan = planned(tmp_path, {"task.json": text})
    ssh, web = sorted(of(plan, "NET002"), key=lambda one: "SSH" not in one.finding.message)
    assert of(plan, "SUR001")[0].applied
    assert (ssh.applied, ssh.reason) == (True, "")
    assert (web.applied, web.reason[:24]) == (False, "port mappings of ECS hav")
    assert '"containerPort": 22' not in plan.patches[0].after.text()
