from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from batten.engine.read import build_inventory, read_target
from batten.formats.compose import WRITER
from batten.model.edits import CannotEdit
from batten.model.settings import Settings
from batten.model.values import Capabilities, Profile, SELinux, User
from batten.model.verdict import Change
from batten.model.workload import Container, Port, Workload
from batten.sources import open_target
from formats.compose.support import compose, container, project, workload

Picker = Callable[[Workload], Any]


def applied(text: str, edits: Any, document: Any) -> str:
    """`text` with the edits, last splice first."""
    for splice in reversed(document.splices(edits)):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


def change(body: str, field: str, value: Any, path: str = "compose.yaml", top: str = "") -> tuple[str, Workload]:
    """The lines below `image:` after the change of service `web`, and what is read then."""
    lines = "".join(f"    {line}\n" for line in dedent(body).strip("\n").split("\n") if line)
    text = f"services:\n  web:\n    image: nginx:1\n{lines}{dedent(top)}"
    found = workload(compose(text, path))
    target: Container | Workload = found
    if not (field.startswith("host_") and field != "host_process") and field not in ("user_namespace", "remove"):
        target = found.containers[-1]
    if callable(value):
        value = value(found)
        if field == "remove" and type(value).__name__ not in ("Volume", "Sysctl"):
            target = found.containers[-1]
    after = applied(text, WRITER.edits(Change(target, field, value)), found.document)
    start = after.index("    image: nginx:1\n") + len("    image: nginx:1\n")
    end = len(after) - len(dedent(top))
    return dedent(after[start:end]), workload(compose(after, path))


def bare(text: str) -> str:
    """Without quotes: which ones a new value gets is the document's business."""
    return text.replace('"', "").replace("'", "")


CONTAINER = [
    ("privileged: true # c\ntty: true", "privileged", False, "tty: true\n", False),
    ("tty: true", "privilege_escalation", False, "tty: true\nsecurity_opt:\n  - no-new-privileges:true\n", False),
    (
        "security_opt:\n- label=disable # keep",
        "privilege_escalation",
        False,
        "security_opt:\n- label=disable # keep\n- no-new-privileges:true\n",
        False,
    ),
    (
        "security_opt: [no-new-privileges:false, label=disable]",
        "privilege_escalation",
        False,
        "security_opt: [label=disable, no-new-privileges:true]\n",
        False,
    ),
    (
        "security_opt: ['no-new-privileges:true', 'no-new-privileges:false']",
        "privilege_escalation",
        False,
        "security_opt: [no-new-privileges:true]\n",
        False,
    ),
    ("cap_drop: [MKNOD]", "drop_capabilities", ("ALL",), "cap_drop: [MKNOD, ALL]\n", None),
    ("", "drop_capabilities", ("ALL",), "cap_drop:\n  - ALL\n", None),
    ("cap_add:\n- cap_net_admin\n- SYS_TIME", "remove_capabilities", ("NET_ADMIN",), "cap_add:\n- SYS_TIME\n", None),
    ("cap_add: [NET_ADMIN]\ntty: true", "remove_capabilities", ("NET_ADMIN",), "tty: true\n", None),
    ("security_opt: ['seccomp:unconfined']\ntty: true", "seccomp", "runtime-default", "tty: true\n", None),
    (
        "security_opt:\n- seccomp=unconfined\n- apparmor:unconfined",
        "apparmor",
        "runtime-default",
        "security_opt:\n- seccomp=unconfined\n",
        None,
    ),
    ("security_opt: ['label:disable', 'label=type:x', a=b]", "selinux", None, "security_opt: [a=b]\n", None),
    ("security_opt: [systempaths=unconfined]\ntty: true", "proc_mount", "default", "tty: true\n", "default"),
    ("tty: true", "user", 10001, "tty: true\nuser: 10001:10001\n", User(uid=10001, group="10001")),
    ("user: 'root' # why", "user", 10001, "user: '10001:10001' # why\n", User(uid=10001, group="10001")),
    ("read_only: false", "read_only_root", True, "read_only: true\n", True),
    ("", "read_only_root", True, "read_only: true\n", True),
    ("", "memory_mounts", ("/tmp", "/run"), "tmpfs:\n  - /tmp\n  - /run\n", None),
    ("tmpfs: /run", "memory_mounts", ("/tmp", "/run"), "tmpfs:\n  - /run\n  - /tmp\n", None),
    ("", "memory_limit", 512 << 20, "mem_limit: 512m\n", 512 << 20),
    ("mem_limit: 8g", "memory_limit", 512 << 20, "mem_limit: 512m\n", 512 << 20),
    (
        "deploy:\n  resources:\n    limits:\n      cpus: '1'",
        "memory_limit",
        512 << 20,
        "deploy:\n  resources:\n    limits:\n      cpus: '1'\n      memory: 512m\n",
        512 << 20,
    ),
    (
        "mem_limit: 8g\ndeploy: {resources: {limits: {memory: 8g}}}",
        "memory_limit",
        512 << 20,
        "mem_limit: 512m\ndeploy: {resources: {limits: {memory: 512m}}}\n",
        512 << 20,
    ),
    ("pids_limit: -1", "pids_limit", 200, "pids_limit: 200\n", 200),
    ("", "cpu_limit", 0.5, "cpus: 0.5\n", 0.5),
    ("deploy: {resources: {limits: {pids: 5}}}", "cpu_limit", 0.5, None, 0.5),
]


@pytest.mark.parametrize(("body", "field", "value", "after", "read"), CONTAINER)
def test_container_field(body: str, field: str, value: Any, after: str | None, read: Any) -> None:
    text, found = change(body, field, value)
    assert after is None or bare(text) == bare(after)
    if read is not None:
        assert getattr(found.containers[-1], field) == read


def test_what_profiles_and_capabilities_are_afterwards() -> None:
    assert change("security_opt: [seccomp=unconfined]", "seccomp", "runtime-default")[1].containers[
        0
    ].seccomp == Profile("runtime-default")
    assert change("security_opt: [label=disable]", "selinux", None)[1].containers[0].selinux == SELinux()
    found = change("cap_add: [ALL, KILL]", "remove_capabilities", ("ALL",))[1]
    assert found.containers[0].capabilities == Capabilities(("KILL",))
    mounts = change("", "memory_mounts", ("/tmp",))[1].containers[0].mounts
    assert [one.target for one in mounts] == ["/tmp"]


@pytest.mark.parametrize(
    ("body", "field", "after"),
    [
        ("pid: host\ntty: true", "host_pid", "tty: true\n"),
        ("ipc: host\ntty: true", "host_ipc", "tty: true\n"),
        ("network_mode: host\ntty: true", "host_network", "tty: true\n"),
    ],
)
def test_namespaces(body: str, field: str, after: str) -> None:
    text, found = change(body, field, False)
    assert text == after
    assert getattr(found, field) is False


def test_user_namespace() -> None:
    text, found = change("userns_mode: host\ntty: true", "user_namespace", True)
    assert text == "tty: true\n"
    assert not found.is_set("user_namespace")


def test_network_of_the_host() -> None:
    top = "networks:\n  out: {external: true, name: host}\n"
    text, found = change("networks: [out, back]", "host_network", False, top=top)
    assert (text, found.host_network) == ("networks: [back]\n", False)


@pytest.mark.parametrize(
    ("written", "after"),
    [
        ("- 8080:80", "- 127.0.0.1:8080:80"),
        ('- "8080:80" # web', '- "127.0.0.1:8080:80" # web'),
        ("- 80", '- "127.0.0.1::80"'),
        ("- 53:53/udp", "- 127.0.0.1:53:53/udp"),
        ("- '${PORT:-8080}:80'", "- '127.0.0.1:${PORT:-8080}:80'"),
        ("- 0.0.0.0:8080:80", "- 127.0.0.1:8080:80"),
        ("- '[::]:8080:80'", "- '127.0.0.1:8080:80'"),
        ("- target: 80\n  published: 8080", "- target: 80\n  published: 8080\n  host_ip: 127.0.0.1"),
        ("- {target: 80, host_ip: 0.0.0.0}", "- {target: 80, host_ip: 127.0.0.1}"),
    ],
)
def test_port_is_bound_to_an_address(written: str, after: str) -> None:
    text, found = change(f"ports:\n{written}", "bind_port", lambda one: (one.containers[0].ports[0], "127.0.0.1"))
    assert bare(text) == bare(f"ports:\n{after}\n")
    assert [port.host_ip for port in found.containers[0].ports] == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("written", "after"),
    [
        ("- '[::]:8080:80'", "- '[::1]:8080:80'"),
        ("- {target: 80, host_ip: '::'}", "- {target: 80, host_ip: '::1'}"),
    ],
)
def test_port_is_bound_to_an_address_of_version_6(written: str, after: str) -> None:
    text, found = change(f"ports:\n{written}", "bind_port", lambda one: (one.containers[0].ports[0], "::1"))
    assert bare(text) == bare(f"ports:\n{after}\n")
    assert [port.host_ip for port in found.containers[0].ports] == ["::1"]


REMOVALS: list[tuple[str, Picker, str]] = [
    ("volumes: ['/etc:/e', db:/d]", lambda one: one.containers[0].mounts[0], "volumes: [db:/d]\n"),
    ("volumes: ['/etc:/a', '/etc:/b']\ntty: true", lambda one: one.volumes[0], "tty: true\n"),
    ("use_api_socket: true\ntty: true", lambda one: one.volumes[0], "tty: true\n"),
    ("devices:\n- /dev/kvm\n- /dev/a", lambda one: one.containers[0].devices[0], "devices:\n- /dev/a\n"),
    ("ports: ['80:80', '81:81']", lambda one: one.containers[0].ports[1], "ports: ['80:80']\n"),
    ("environment:\n  A: 1\n  B: 2", lambda one: one.containers[0].environment[0], "environment:\n  B: 2\n"),
    ("environment: [A=1, B=2]", lambda one: one.containers[0].environment[0], "environment: [B=2]\n"),
    ("env_file: x.env\ntty: true", lambda one: one.containers[0].environment_from[0], "tty: true\n"),
    ("ulimits: {nofile: 5, nproc: 6}", lambda one: one.containers[0].ulimits[0], "ulimits: {nproc: 6}\n"),
    ("sysctls: [a=1, b=2]", lambda one: one.sysctls[0], "sysctls: [b=2]\n"),
]


@pytest.mark.parametrize(("body", "pick", "after"), REMOVALS)
def test_entry_is_removed(body: str, pick: Picker, after: str) -> None:
    assert change(body, "remove", pick)[0] == after


def test_named_volume_that_is_a_path_loses_its_mounts() -> None:
    top = "volumes:\n  db: {driver: local, driver_opts: {type: none, o: bind, device: /etc}}\n"
    text, found = change("volumes: [db:/d, /x]", "remove", lambda one: one.volumes[0], top=top)
    assert text == "volumes: [/x]\n"
    assert [volume.kind for volume in found.volumes] == ["volume"]


def test_image() -> None:
    text = "services:\n  web: {image: nginx}\n"
    found = container(compose(text))
    after = applied(text, WRITER.edits(Change(found, "image", "nginx:1.25")), found.document)
    assert bare(after) == "services:\n  web: {image: nginx:1.25}\n"


# ------------------------------------------------------------------ anchors, extends, other files

ANCHORED = """\
x-base: &base
  privileged: true
  security_opt: [seccomp:unconfined, label=disable]
services:
  web:
    <<: *base
    image: a
"""


def test_own_key_is_written_beside_a_merge() -> None:
    found = container(compose(ANCHORED))
    after = applied(ANCHORED, WRITER.edits(Change(found, "privileged", False)), found.document)
    assert after == ANCHORED + "    privileged: false\n"
    after = applied(ANCHORED, WRITER.edits(Change(found, "seccomp", "runtime-default")), found.document)
    assert container(compose(after)).seccomp == Profile("runtime-default")
    assert container(compose(after)).selinux == SELinux(disabled=True)
    after = applied(ANCHORED, WRITER.edits(Change(found, "privilege_escalation", False)), found.document)
    assert container(compose(after)).privilege_escalation is False
    assert container(compose(after)).seccomp == Profile("unconfined")


def test_field_is_edited_in_the_service_of_the_same_file_that_decides_it() -> None:
    text = "services:\n  base:\n    image: a\n    privileged: true\n  web:\n    extends: base\n"
    found = container(compose(text), "web")
    after = applied(text, WRITER.edits(Change(found, "privileged", False)), found.document)
    assert container(compose(after), "web").privileged is False


@pytest.mark.parametrize(
    ("files", "field", "value", "reason"),
    [
        (
            {"compose.yaml": "services: {web: {image: 'a:${T:-1}'}}"},
            "image",
            "a:2",
            "the image is put together from variables; pin it where they are set",
        ),
        ({"compose.yaml": "services: {web: {build: .}}"}, "image", "a:2", "the image is built, not named"),
        (
            {"compose.yaml": "services: {web: {image: a}}"},
            "seccomp",
            "runtime-default",
            "nothing in the file has to be changed for that",
        ),
        (
            {"compose.yaml": "services: {web: {image: a}}"},
            "host_process",
            False,
            "Compose has no HostProcess containers",
        ),
        ({"compose.yaml": "services: {web: {image: a}}"}, "_service", 1, "Compose has no way to change _service"),
    ],
)
def test_what_cannot_be_edited_says_why(files: dict[str, str], field: str, value: Any, reason: str) -> None:
    found = container(project(files))
    with pytest.raises(CannotEdit) as refused:
        WRITER.edits(Change(found, field, value))
    assert str(refused.value) == reason


EXTENDED = {
    "compose.yaml": "services: {web: {extends: {file: base.yaml, service: b}}}",
    "base.yaml": "services: {b: {image: a, privileged: true}}",
}
ADDED = {
    "compose.yaml": "services: {web: {image: a, cap_add: [ALL]}}",
    "compose.override.yaml": "services: {web: {cap_add: [CHOWN, SYS_ADMIN]}}",
}


@pytest.mark.parametrize(
    ("files", "field", "value", "path", "after"),
    [
        (EXTENDED, "privileged", False, "base.yaml", "services: {b: {image: a}}"),
        (
            {
                "compose.yaml": "services: {web: {image: a, user: app}}",
                "compose.override.yaml": "services: {web: {user: root}}",
            },
            "user",
            10001,
            "compose.override.yaml",
            'services: {web: {user: "10001:10001"}}',
        ),
        (
            {"compose.yaml": "services: {web: {image: a}}\n---\nservices: {web: {user: root}}\n"},
            "user",
            10001,
            "compose.yaml",
            'services: {web: {image: a}}\n---\nservices: {web: {user: "10001:10001"}}\n',
        ),
        (
            ADDED,
            "remove_capabilities",
            ("SYS_ADMIN", "CHOWN"),
            "compose.override.yaml",
            "services: {web: {}}",
        ),
    ],
)
def test_a_field_is_edited_in_the_file_that_decides_it(
    files: dict[str, str], field: str, value: Any, path: str, after: str
) -> None:
    found = container(project(files))
    documents = {id(document): document for document, _ in WRITER.placed(Change(found, field, value))}
    (document,) = documents.values()
    assert document.file.path == path
    assert applied(files[path], [edit for _, edit in WRITER.placed(Change(found, field, value))], document) == after


def test_a_list_that_two_files_make_up_is_edited_in_both() -> None:
    found = container(project(ADDED))
    paths = {
        document.file.path for document, _ in WRITER.placed(Change(found, "remove_capabilities", ("ALL", "CHOWN")))
    }
    assert paths == {"compose.yaml", "compose.override.yaml"}


def test_variable_of_an_env_file_is_not_removed_here() -> None:
    found = container(project({"compose.yaml": "services: {web: {image: a, env_file: x.env}}", "x.env": "P=1\n"}))
    with pytest.raises(CannotEdit, match=r"it is decided in x\.env"):
        WRITER.edits(Change(found, "remove", found.environment[0]))


def test_user_namespace_is_the_daemons_where_nothing_is_written() -> None:
    found = workload(compose("services: {web: {image: a}}"))
    with pytest.raises(CannotEdit, match="userns-remap"):
        WRITER.edits(Change(found, "user_namespace", True))


def test_port_that_has_an_address_keeps_it() -> None:
    found = container(compose("services: {web: {image: a, ports: ['10.0.0.1:80:80']}}"))
    with pytest.raises(CannotEdit, match="has an address already"):
        WRITER.edits(Change(found, "bind_port", (found.ports[0], "127.0.0.1")))


# ------------------------------------------------------------------ Swarm

STACK = "docker-stack.yml"


@pytest.mark.parametrize(
    ("field", "value", "after"),
    [
        ("memory_limit", 64 << 20, "deploy:\n  replicas: 1\n  resources:\n    limits:\n      memory: 64m\n"),
        ("pids_limit", 100, "deploy:\n  replicas: 1\n  resources:\n    limits:\n      pids: 100\n"),
        ("cpu_limit", 0.5, "deploy:\n  replicas: 1\n  resources:\n    limits:\n      cpus: '0.5'\n"),
        ("user", 10001, "deploy:\n  replicas: 1\nuser: 10001:10001\n"),
        ("read_only_root", True, "deploy:\n  replicas: 1\nread_only: true\n"),
        ("drop_capabilities", ("ALL",), "deploy:\n  replicas: 1\ncap_drop:\n  - ALL\n"),
        ("memory_mounts", ("/tmp",), "deploy:\n  replicas: 1\nvolumes:\n  - type: tmpfs\n    target: /tmp\n"),
    ],
)
def test_swarm_field(field: str, value: Any, after: str) -> None:
    text, found = change("deploy:\n  replicas: 1", field, value, STACK)
    assert bare(text) == bare(after)
    assert found.platform == "swarm"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("privilege_escalation", False, "docker stack deploy ignores security_opt"),
        ("bind_port", (Port(80, 80), "127.0.0.1"), "a swarm publishes a port on every address"),
    ],
)
def test_what_a_stack_cannot_say_is_refused(field: str, value: Any, reason: str) -> None:
    with pytest.raises(CannotEdit, match=reason):
        change("deploy:\n  replicas: 1", field, value, STACK)


@pytest.mark.parametrize(
    ("override", "field", "value", "becomes"),
    [
        ("privileged: true", "privileged", False, "privileged: false"),
        ("network_mode: host", "host_network", False, ""),
        ("cap_add:\n      - SYS_ADMIN", "remove_capabilities", ("SYS_ADMIN",), ""),
    ],
)
def test_an_override_that_says_nothing_else_keeps_its_service(
    tmp_path: Path, override: str, field: str, value: object, becomes: str
) -> None:
    before = f"# of this machine\nservices:\n  web:\n    {override}\n"
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    image: nginx\n")
    (tmp_path / "compose.override.yaml").write_text(before)
    reading = read_target(open_target(str(tmp_path)), Settings())
    [workload] = [one for one in build_inventory([reading]).of(Workload) if one.platform == "compose"]
    target = workload if field == "host_network" else workload.containers[0]
    [(document, edit)] = WRITER.placed(Change(target, field, value))
    text = applied(before, [edit], document)
    whole = f"  web:\n    {becomes}\n" if becomes else "  web: {}\n"
    assert text == f"# of this machine\nservices:\n{whole}"
    (tmp_path / "compose.override.yaml").write_text(text)
    again = read_target(open_target(str(tmp_path)), Settings())
    assert [one.message for reading in again.files.values() for one in reading.problems] == []
