"""`docker_container` is read as the container that the engine would start."""

from __future__ import annotations

import pytest

from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Capabilities, User
from formats.terraform.reading import container, read, workload

TEXT = """
resource "docker_image" "web" {
  name = "registry.example/shop/web:1.4"
}
resource "docker_container" "web" {
  name         = "web"
  image        = docker_image.web.image_id
  privileged   = true
  read_only    = true
  memory       = 128
  network_mode = "host"
  restart      = "always"
  env          = ["A=1"]
  capabilities {
    add  = ["CAP_NET_ADMIN"]
    drop = ["ALL"]
  }
  ports {
    internal = 80
    external = 8080
    ip       = "127.0.0.1"
  }
  volumes {
    host_path      = "/var/run/docker.sock"
    container_path = "/var/run/docker.sock"
    read_only      = true
  }
  mounts {
    type   = "tmpfs"
    target = "/tmp"
  }
  devices {
    host_path = "/dev/kvm"
  }
}
"""


def test_a_container_field_by_field() -> None:
    reading = read(TEXT)
    assert reading.problems == []
    found = workload(reading)
    assert (found.platform, found.name, found.host_network) == ("docker", "web", True)
    assert [(one.kind, one.source) for one in found.volumes] == [("host", "/var/run/docker.sock"), ("memory", "")]
    web = container(reading)
    assert (web.image.name, web.image.tag) == ("registry.example/shop/web", "1.4")
    assert (web.privileged, web.read_only_root, web.memory_limit) == (True, True, 128 << 20)
    assert web.capabilities == Capabilities(("NET_ADMIN",), ("ALL",))
    assert [(one.container, one.host, one.host_ip) for one in web.ports] == [(80, 8080, "127.0.0.1")]
    assert [(one.name, one.value) for one in web.environment] == [("A", "1")]
    assert [one.path for one in web.devices] == ["/dev/kvm"]
    # the image has not had its say yet, and the provider has no argument for the other
    assert (web.user, web.pids_limit) == (User(decided_by="default"), NOT_EXPRESSIBLE)
    assert web.where("privileged").location().line == 8


@pytest.mark.parametrize(
    ("argument", "field"),
    [("privileged = var.x", "privileged"), ("user = var.x", "user"), ("security_opts = var.x", "privilege_escalation"),
     ("memory = var.x", "memory_limit"), ("read_only = var.x", "read_only_root")],
)  # fmt: skip
def test_what_is_not_known_is_not_judged(argument: str, field: str) -> None:
    text = f'resource "docker_container" "web" {{\n  name  = "web"\n  image = "a:1"\n  {argument}\n}}\n'
    reading = read(text)
    assert getattr(container(reading), field) is UNKNOWN
    assert [problem.severe for problem in reading.problems] == [False]
