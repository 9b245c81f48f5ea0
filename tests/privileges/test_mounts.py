"""Fixes of mounts never take data or configuration away."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.engine.fix import FixPlan
from batten.model.settings import Settings

_POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  containers:
  - name: web
    image: registry.example/web:1
    args: ["--root={args}"]
    volumeMounts:
    - name: host
      mountPath: {target}
  volumes:
  - name: host
    hostPath: {{path: {path}}}
"""


def planned(tmp_path: Path, name: str, text: str) -> tuple[FixPlan, str]:
    (tmp_path / name).write_text(text)
    plan = api.fix([str(tmp_path)], Settings(checks=("PRV009", "PRV010")), review=True)
    return plan, plan.patches[0].after.text() if plan.patches else text


def service(tmp_path: Path, *mounts: str, more: str = "") -> tuple[FixPlan, str]:
    lines = "".join(f"      - {one}\n" for one in mounts)
    return planned(tmp_path, "compose.yaml", f"services:\n  db:\n    image: db:1\n    volumes:\n{lines}{more}")


def pod(tmp_path: Path, path: str, target: str, args: str = "/srv") -> tuple[FixPlan, str]:
    return planned(tmp_path, "pod.yaml", _POD.format(path=path, target=target, args=args))


def reason(plan: FixPlan) -> str:
    (one,) = plan.proposals
    assert not one.applied
    return one.reason


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        ("/srv/pgdata:/var/lib/postgresql/data", "srv-pgdata:/var/lib/postgresql/data", "srv-pgdata"),
        ("./db/data:/data:z", "db-data:/data:z", "db-data"),
        ("./db/data/:/data:rw", "db-data:/data:rw", "db-data"),
        ('"./mysql:/var/lib/mysql/"', '"mysql:/var/lib/mysql/"', "mysql"),
        ("{type: bind, source: ./mysql, target: /data}", "{type: volume, source: mysql, target: /data}", "mysql"),
    ],
)
def test_data_moves_to_a_named_volume(tmp_path: Path, before: str, after: str, name: str) -> None:
    plan, text = service(tmp_path, before)
    assert [one.lowers for one in plan.proposals if one.applied] == [False]
    assert f"      - {after}\n" in text
    assert text.endswith(f"volumes:\n  {name}: {{}}\n")
    assert "must be copied" in plan.proposals[0].judged.failure.fix.summary  # type: ignore[union-attr]


def test_its_name_is_none_that_is_there(tmp_path: Path) -> None:
    _, text = service(tmp_path, "./data:/data", more="volumes:\n  data: {external: true}\n")
    assert "- data-2:/data\n" in text
    assert text.endswith("volumes:\n  data: {external: true}\n  data-2: {}\n")


def test_a_path_that_two_services_share_stays(tmp_path: Path) -> None:
    more = "  other:\n    image: db:1\n    volumes: ['./data/:/input:ro']\n"
    plan, text = service(tmp_path, "./data:/data", more=more)
    assert "data: {}" not in text
    assert "service other mounts it, too: give both of them one volume by hand" in {
        one.reason for one in plan.proposals
    }


@pytest.mark.parametrize("mount", ["${DATA:-./data}:/data", "./data:${WHERE:-/data}", "./data:/data:cached"])
def test_what_a_variable_or_option_decides_is_refused(tmp_path: Path, mount: str) -> None:
    plan, _ = service(tmp_path, mount)
    assert reason(plan).endswith("change it by hand")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("./nginx.conf:/etc/nginx/nginx.conf", "./nginx.conf:/etc/nginx/nginx.conf:ro"),
        ("./nginx.conf:/etc/nginx/nginx.conf:rw,z", "./nginx.conf:/etc/nginx/nginx.conf:z,ro"),
        ("./init:/docker-entrypoint-initdb.d", "./init:/docker-entrypoint-initdb.d:ro"),
        ("./prometheus.yml:/prometheus.yml", "./prometheus.yml:/prometheus.yml:ro"),
        ("/etc/nginx/certs:/certs", "/etc/nginx/certs:/certs:ro"),
        ("/var/log:/logs", "/var/log:/logs:ro"),
    ],
)
def test_configuration_is_mounted_read_only(tmp_path: Path, before: str, after: str) -> None:
    plan, text = service(tmp_path, before)
    assert [one.lowers for one in plan.proposals if one.applied] == [True]
    assert f"      - {after}\n" in text
    again = api.fix([str(tmp_path)], Settings(checks=("PRV009", "PRV010")), review=True)
    assert again.patches[0].after.text() == text


@pytest.mark.parametrize(
    "mount", ["./nginx.conf:/etc/nginx.conf:ro", "./web:/srv/www:ro", "/etc/passwd:/etc/passwd:ro"]
)
def test_what_is_read_only_already_stays(tmp_path: Path, mount: str) -> None:
    plan, _ = service(tmp_path, mount)
    assert "must come from elsewhere before the mount can go" in reason(plan)


def test_what_may_be_either_stays(tmp_path: Path) -> None:
    plan, _ = service(tmp_path, "./backend:/code")
    assert "whether it is data or only read is for its owner to say" in reason(plan)


@pytest.mark.parametrize("path", ["/", "/etc", "/proc", "/sys/fs/cgroup", "/dev/mem"])
def test_the_hosts_own_goes(tmp_path: Path, path: str) -> None:
    plan, text = pod(tmp_path, path, "/host")
    assert [one.applied for one in plan.proposals] == [True]
    assert "hostPath" not in text
    assert "mountPath" not in text


def test_but_for_what_the_arguments_name(tmp_path: Path) -> None:
    plan, _ = pod(tmp_path, "/etc", "/host", args="/host")
    assert reason(plan) == "the settings of container web name /host: it uses the mount"


def test_which_is_mounted_read_only_where_an_agent_reads_it(tmp_path: Path) -> None:
    plan, text = pod(tmp_path, "/", "/rootfs", args="/rootfs")
    assert [one.lowers for one in plan.proposals if one.applied] == [True]
    assert "mountPath: /rootfs\n      readOnly: true\n" in text


@pytest.mark.parametrize(("path", "target"), [("/mnt/pgdata", "/var/lib/postgresql/data"), ("/data", "/data")])
def test_data_on_a_node_stays(tmp_path: Path, path: str, target: str) -> None:
    plan, text = pod(tmp_path, path, target)
    assert "move it into a persistent volume claim" in reason(plan)
    assert f"hostPath: {{path: {path}}}" in text


def test_a_volume_that_nothing_mounts_goes(tmp_path: Path) -> None:
    text = _POD.format(path="/srv/web", target="/data", args="x").replace(
        "    - name: host\n      mountPath", "    - name: no\n      mountPath"
    )
    plan, text = planned(tmp_path, "pod.yaml", text)
    assert [one.applied for one in plan.proposals] == [True]
    assert "hostPath" not in text


def test_source_that_the_image_is_built_from_goes(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "Dockerfile").write_text("FROM scratch\nCOPY . /app\n")
    text = "services:\n  api:\n    build: ./api\n    volumes:\n      - ./api:/app\n      - ./web:/web\n"
    plan, text = planned(tmp_path, "compose.yaml", text)
    assert "./api:/app" not in text
    assert "./web:/web" in text
    assert sum(one.applied for one in plan.proposals) == 1
