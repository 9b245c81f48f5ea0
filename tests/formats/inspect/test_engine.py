"""What an engine knows besides the records of its containers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batten.formats.inspect import READER
from batten.formats.inspect.engine import EngineFacts
from batten.formats.interface import ReadContext
from batten.formats.swarm import READER as SWARM
from batten.model.image import parse_reference
from batten.model.objects import Network
from batten.model.source import File
from batten.model.values import UNKNOWN, User
from batten.model.workload import Workload
from batten.sources.interface import NoFiles

DIGEST = "sha256:" + "a" * 64


def image(user: str) -> dict[str, Any]:
    names = {"RepoTags": ["shop/web:1.4"], "RepoDigests": [f"shop/web@{DIGEST}"]}
    return {"Id": "sha256:" + "1" * 64, **names, "Config": {"User": user}}


@pytest.mark.parametrize(
    ("user", "found"), [("", User(uid=0)), ("10001:10001", User(uid=10001, group="10001")), ("app", User(name="app"))]
)
@pytest.mark.parametrize("name", ["shop/web:1.4", "docker.io/shop/web:1.4", f"shop/web:1.4@{DIGEST}", "1" * 64])
def test_an_image_is_known_by_its_names_and_its_identifier(user: str, found: User, name: str) -> None:
    facts = EngineFacts()
    facts.add_image(image(user))
    reference = parse_reference(name)
    assert facts.user_of(name if name == "1" * 64 or reference is None else reference) == found


@pytest.mark.parametrize("name", ["shop/web:1.5", "shop/web", "other/web:1.4", f"shop/web@sha256:{'b' * 64}"])
def test_another_image_is_not_known(name: str) -> None:
    facts = EngineFacts()
    facts.add_image(image(""))
    reference = parse_reference(name)
    assert reference is not None
    assert facts.user_of(reference) is None


@pytest.mark.parametrize(
    "record", [None, [], {}, {"Id": 7}, {"Id": "sha256:1", "Config": []}, {"Id": "x", "Config": {}}]
)
def test_a_record_that_is_no_image_is_no_fact(record: Any) -> None:
    facts = EngineFacts()
    facts.add_image(record)
    assert facts.user_of("sha256:1") is None


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"type": "none", "o": "bind", "device": "/etc"}, "/etc"),
        ({"type": "none", "o": "ro,rbind", "device": "/etc"}, "/etc"),
        ({"type": "nfs", "o": "addr=10.0.0.1,rw", "device": ":/export"}, ""),
        ({"type": "tmpfs", "o": "size=1m", "device": "tmpfs"}, ""),
        (None, ""),
        ("bind", ""),
    ],
)
def test_a_volume_may_be_a_folder_of_the_host(options: Any, path: str) -> None:
    assert EngineFacts(volumes={"data": options}).bound("data") == path


def test_a_volume_that_is_a_folder_of_the_host_is_one_in_the_model() -> None:
    mount = {
        "Type": "volume",
        "Name": "data",
        "Source": "/var/lib/docker/volumes/data/_data",
        "Destination": "/d",
        "RW": True,
    }
    record = {"Id": "1" * 64, "Name": "/web", "Config": {}, "HostConfig": {}, "Mounts": [mount]}
    facts = EngineFacts(volumes={"data": {"o": "bind", "device": "/etc"}})
    [workload] = READER.read(File("x.json", json.dumps(record).encode()), ReadContext(NoFiles(), engine=facts)).nouns
    assert isinstance(workload, Workload)
    assert [(one.kind, one.source) for one in workload.volumes] == [("host", "/etc")]


def network(**more: Any) -> list[Any]:
    record = {"Name": "back", "Driver": "overlay", "IPAM": {}, "Options": {}, **more}
    return READER.read(File("n.json", json.dumps([record]).encode()), ReadContext(NoFiles())).nouns


def test_overlay_networks_span_machines() -> None:
    [plain] = network(Labels={"com.docker.stack.namespace": "shop"})
    assert isinstance(plain, Network)
    assert (plain.name, plain.encrypted, plain.scope) == ("back", False, "shop")
    [encrypted] = network(Options={"encrypted": ""})
    assert encrypted.encrypted
    assert network(Driver="bridge") == network(Ingress=True) == []


def service(**more: Any) -> dict[str, Any]:
    task = {"ContainerSpec": {"Image": "shop/web:1.4"}, **more}
    return {
        "ID": "s1",
        "Spec": {"Name": "web", "TaskTemplate": task},
        "Endpoint": {"VirtualIPs": [{"NetworkID": "n1"}]},
    }


def of_service(facts: EngineFacts | None, **more: Any) -> Workload:
    context = ReadContext(NoFiles(), engine=facts)
    [found] = SWARM.read(File("s.json", json.dumps(service(**more)).encode()), context).nouns
    assert isinstance(found, Workload)
    return found


def test_networks_of_a_service_have_their_names() -> None:
    networks = [{"Target": "n2"}]
    assert of_service(None, Networks=networks).host_network is UNKNOWN
    host = of_service(EngineFacts(networks={"n2": "host"}), Networks=networks)
    assert (host.networks, host.host_network) == (("host",), True)
    other = of_service(EngineFacts(networks={"n2": "back"}), Networks=networks)
    assert (other.networks, other.host_network) == (("back",), False)


def test_the_nodes_of_a_swarm_say_which_system_a_service_runs_on() -> None:
    assert of_service(EngineFacts(systems=frozenset({"linux"}))).os == "linux"
    assert of_service(EngineFacts(systems=frozenset({"windows"}))).os == "windows"
    assert of_service(EngineFacts(systems=frozenset({"linux", "windows"}))).os == ""


def test_the_image_of_a_service_says_whom_it_runs_as() -> None:
    facts = EngineFacts()
    facts.add_image(image("10001"))
    user = of_service(facts).containers[0].user
    assert isinstance(user, User)
    assert (user.uid, user.decided_by) == (10001, "image")
    written = of_service(facts, ContainerSpec={"Image": "shop/web:1.4", "User": "root"}).containers[0].user
    assert isinstance(written, User)
    assert written.is_root
