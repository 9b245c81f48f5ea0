"""Keys that Podman's generator refuses."""

from __future__ import annotations

import pytest

from batten.formats.quadlet import keys
from batten.formats.quadlet.known import KEYS
from batten.model.source import Problem
from formats.quadlet.reading import read

IMAGE = "[Container]\nImage=docker.io/library/nginx:1.29\n"


def problems(name: str, text: str, more: dict[str, str] | None = None) -> list[Problem]:
    return read(name, {name: text, **(more or {})}).problems


@pytest.mark.parametrize(
    ("name", "text", "line", "found", "instead"),
    [
        ("a.container", IMAGE + "Privileged=true\n", 3, "Privileged=", "write PodmanArgs=--privileged"),
        ("a.container", IMAGE + "Pid=host\n", 3, "Pid=", "write PodmanArgs=--pid=…"),
        ("a.container", IMAGE + "CapAdd=SYS_ADMIN\n", 3, "CapAdd=", "write AddCapability="),
        ("a.container", IMAGE + "Readonly=true\n", 3, "Readonly=", "write ReadOnly="),
        ("a.container", IMAGE + "PublishPorts=80:80\n", 3, "PublishPorts=", "write PublishPort="),
        ("a.container", IMAGE + "Restart=always\n", 3, "Restart=", "it belongs into [Service]"),
        (
            "a.container",
            IMAGE + "[Quadlet]\nDefaultDependency=no\n",
            4,
            "DefaultDependency=",
            "write DefaultDependencies=",
        ),
        ("a.pod", "[Pod]\nImage=x\n", 2, "Image=", "what has no key is written as an option in PodmanArgs="),
        ("a.kube", "[Kube]\nYaml=a.yaml\nYAML=b.yaml\n", 3, "YAML=", "write Yaml="),
        ("a.volume", "[Volume]\nDevices=/x\n", 2, "Devices=", "write Device="),
    ],
)
def test_a_key_that_podman_does_not_know_is_told_with_what_was_meant(
    name: str, text: str, line: int, found: str, instead: str
) -> None:
    [problem] = problems(name, text, {"a.yaml": "", "b.yaml": ""})
    section = "Quadlet" if "[Quadlet]" in text else KEYS_OF[name.rpartition(".")[2]]
    assert (problem.path, problem.line) == (name, line)
    assert problem.message == (
        f"expected a key that Podman knows in [{section}], found {found}: Podman 6.0 and before refuse such a unit; "
        f"{instead}"
    )


KEYS_OF = {"container": "Container", "pod": "Pod", "kube": "Kube", "volume": "Volume"}


def test_several_are_one_line_and_the_unit_is_judged_all_the_same() -> None:
    text = IMAGE + "Privileged=true\nPid=host\nPid=host\nIpc=host\nUts=host\nCpus=2\nUser=0\n"
    reading = read("a.container", {"a.container": text})
    [problem] = reading.problems
    assert "found Privileged= (nor Pid=, Ipc=, Uts= …)" in problem.message
    [workload] = reading.nouns
    assert workload.containers[0].user.uid == 0


def test_a_key_of_a_drop_in_is_told_there() -> None:
    [problem] = problems("a.container", IMAGE, {"a.container.d/10.conf": "[Container]\n\nPrivileged=true\n"})
    assert (problem.path, problem.line) == ("a.container.d/10.conf", 3)


@pytest.mark.parametrize(
    "text",
    [
        IMAGE
        + "AppArmor=x\nHttpProxy=no\nUmask=0027\nImageVolume=ignore\nReloadCmd=x\nRemapUsers=auto\nVolatileTmp=yes\n",
        IMAGE
        + "PodmanArgs=--privileged\n[Service]\nRestart=always\nAnything=1\n[X-Notes]\nWho=me\n[Install]\nWantedBy=a\n",
    ],
)
def test_keys_of_every_version_and_of_other_sections_are_none_of_them(text: str) -> None:
    assert not problems("a.container", text)


def test_every_key_that_is_read_is_one_that_podman_knows() -> None:
    assert {*keys._KEYS, *keys._SWITCHED, *keys.COMMAND_KEYS} <= KEYS["Container"]
