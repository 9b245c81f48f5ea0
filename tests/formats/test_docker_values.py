"""Values as the engines' command lines write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats import docker_values as values
from batten.model.values import UNKNOWN, Capabilities, Profile, SELinux, User
from batten.model.workload import Device, Port, Ulimit


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1000", User(uid=1000)),
        ("0:0", User(uid=0, group="0")),
        ("app:staff", User(name="app", group="staff")),
        ("", User(decided_by="default")),
        (":5", User(group="5", decided_by="default")),
        ("²", User(name="²")),
        ("${UID}", UNKNOWN),
        ("<USER>", UNKNOWN),
    ],
)
def test_users(text: str, read: object):
    assert values.user(text) == read


def test_capabilities_in_any_spelling_are_one():
    assert values.capabilities(["cap_chown", "CHOWN", " net_raw"], ["all"]) == Capabilities(
        ("CHOWN", "NET_RAW"), ("ALL",)
    )


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512m", 512 << 20),
        ("1.5g", 3 << 29),
        ("64MiB", 64 << 20),
        ("10kb", 10240),
        ("7", 7),
        ("7b", 7),
        ("", None),
        ("m", None),
        ("1e9", None),
        ("-5m", None),
        ("9" * 40, None),
    ],
)
def test_sizes(text: str, size: int | None):
    assert values.size(text) == size


@pytest.mark.parametrize("text", ["", ":", "x", "80:x", "70000", "90-80", "1:2:3:x", "80:[::1"])
def test_what_is_no_port_is_none(text: str):
    assert values.published_port(text) is None


@given(st.text(st.sampled_from("0189:-[]/.abtcp "), max_size=20))
def test_a_port_of_any_text_is_a_port_or_none(text: str):
    port = values.published_port(text)
    assert port is None or (0 <= port.container <= 65535 and -1 <= port.host <= 65535)


@given(
    st.sampled_from(["", "127.0.0.1", "::1"]),
    st.integers(0, 65535),
    st.integers(1, 65535),
    st.sampled_from(["", "udp"]),
)
def test_a_written_port_is_read_back(address: str, host: int, container: int, protocol: str):
    shown = f"[{address}]:" if ":" in address else f"{address}:" if address else ""
    text = f"{shown}{host}:{container}" + (f"/{protocol}" if protocol else "")
    assert values.published_port(text) == Port(container, host or -1, address, protocol or "tcp")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/dev/kvm", Device("/dev/kvm", "/dev/kvm")),
        ("/dev/a:/dev/b", Device("/dev/a", "/dev/b")),
        ("/dev/a:/dev/b:r", Device("/dev/a", "/dev/b", "r")),
        ("/dev/a:rw", Device("/dev/a", "/dev/a", "rw")),
        ("nvidia.com/gpu=all", Device("nvidia.com/gpu=all", "nvidia.com/gpu=all")),
    ],
)
def test_devices(text: str, read: Device):
    assert values.device(text) == read


def test_ulimits():
    assert values.ulimit("nofile=1:2") == Ulimit("nofile", 1, 2)
    assert values.ulimit("RLIMIT_NPROC=-1") == Ulimit("nproc", -1, -1)
    assert values.ulimit("host") is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/a:/b:ro,Z", ("/a", "/b", ("ro", "Z"))),
        ("data:/b", ("data", "/b", ())),
        ("/b", ("", "/b", ())),
        (r"C:\a:C:\b:ro", (r"C:\a", r"C:\b", ("ro",))),
        (r"\\.\pipe\docker_engine:\\.\pipe\docker_engine", (r"\\.\pipe\docker_engine", r"\\.\pipe\docker_engine", ())),
        ("c:/b", ("c", "/b", ())),
    ],
)
def test_binds(text: str, read: tuple[str, str, tuple[str, ...]]):
    assert values.bind(text) == read


def test_fields_of_a_mount_have_one_spelling():
    assert values.mount_fields('type=bind,"src=/a,b",dst=/c,ro') == {
        "type": "bind",
        "source": "/a,b",
        "target": "/c",
        "readonly": "true",
    }


@pytest.mark.parametrize(
    ("options", "field", "value"),
    [
        (["no-new-privileges"], "no_new_privileges", True),
        (["no-new-privileges:true"], "no_new_privileges", True),
        (["no-new-privileges=false"], "no_new_privileges", False),
        (["seccomp=unconfined"], "seccomp", Profile("unconfined")),
        (["seccomp:unconfined"], "seccomp", Profile("unconfined")),
        (["seccomp=/etc/a.json"], "seccomp", Profile("localhost", "/etc/a.json")),
        (['seccomp={"defaultAction":"SCMP_ACT_ERRNO"}'], "seccomp", Profile("localhost")),
        (["apparmor:mine"], "apparmor", Profile("localhost", "mine")),
        (["apparmor=docker-default"], "apparmor", Profile("runtime-default")),
        (["label:disable"], "selinux", SELinux(disabled=True)),
        (["label=type:spc_t", "label:user:u"], "selinux", SELinux(type="spc_t", user="u")),
        (["systempaths=unconfined"], "unmasked", True),
        (["unmask=ALL"], "unmasked", True),
        (["unmask=/proc/acpi"], "unmasked", False),
        (["credentialspec:file://x.json"], "selinux", None),
    ],
)
def test_security_options(options: list[str], field: str, value: object):
    assert getattr(values.security_options(options), field) == value


def test_security_options_tell_which_of_them_decided():
    read = values.security_options(["label=type:a", "seccomp=unconfined", "label=level:s0"])
    assert read.at == {"selinux": [0, 2], "seccomp": [1]}


@pytest.mark.parametrize("text", ["${X}", "a{{ b }}", "<%= x %>", "<IMAGE1_NAME>", "$IMAGE", "$(TAG)"])
def test_templates_are_seen(text: str):
    assert values.is_template(text)


@pytest.mark.parametrize("text", ["nginx:1", "a$b", "", "<html>x</html>", "cost $5"])
def test_other_text_is_no_template(text: str):
    assert not values.is_template(text)


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ('{"defaultAction":"SCMP_ACT_ALLOW"}', True),
        ('{"defaultAction":"SCMP_ACT_LOG","syscalls":[{"names":["bpf"],"action":"SCMP_ACT_ALLOW"}]}', True),
        ('{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["bpf"],"action":"SCMP_ACT_ERRNO"}]}', False),
        ('{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[]}', False),
        ('{"defaultAction":"SCMP_ACT_ALLOW","syscalls":7}', False),
        ('{"defaultAction":"SCMP_ACT_ALLOW"', False),
        ('{"syscalls":' + "[" * 50_000, False),
    ],
)
def test_a_profile_that_lets_everything_through_is_none(text: str, nothing: bool) -> None:
    assert values.filters_nothing(text) == nothing
    assert values.profile(text) == Profile("unconfined" if nothing else "localhost")
