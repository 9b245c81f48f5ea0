"""Resources become the nouns of the platforms that they are of; what is not known is said once, and blamed nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten.formats.interface import Reading
from batten.model.cloud import AccessPolicy, ImageRepository, PolicyAttachment, SecurityGroup
from batten.model.objects import Configuration, Grant, Identity, Namespace, Role, Route, Service, TrafficPolicy
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Capabilities, User
from batten.model.workload import Workload
from formats.terraform.reading import container, read, workload

KUBERNETES = Path(__file__).parents[2] / "data" / "terraform" / "kubernetes.tf"
POD = """
resource "kubernetes_deployment_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
    labels    = { app = "web", tier = 1 }
  }
  spec {
    replicas = "2"
    selector {
      match_labels = { app = "web" }
    }
    template {
      metadata {
        labels = { app = "web" }
      }
      spec {
        host_network = true
        host_pid     = "true"
        security_context {
          run_as_user = "1000"
          sysctl {
            name  = "kernel.shm_rmid_forced"
            value = 0
          }
        }
        container {
          name  = "web"
          image = "registry.example/shop/web:1.4"
          env {
            name  = "PORT"
            value = 8080
          }
          port {
            container_port = "8080"
            host_ip        = "127.0.0.1"
          }
          resources {
            limits = { cpu = 0.5, memory = "64Mi" }
          }
          security_context {
            capabilities {
              drop = ["ALL"]
            }
          }
          volume_mount {
            name       = "run"
            mount_path = "/run"
          }
          liveness_probe {
            http_get {
              path = "/"
              port = 8080
              http_header {
                name  = "Host"
                value = "shop"
              }
            }
          }
        }
        volume {
          name = "run"
          host_path {
            path = "/run"
          }
        }
      }
    }
  }
}
"""


def test_a_deployment_is_read_without_a_word_of_complaint() -> None:
    reading = read(POD)
    assert reading.problems == []
    found = workload(reading)
    assert (found.platform, found.kind, found.namespace, found.name, found.replicas) == (
        "kubernetes", "Deployment", "shop", "web", 2,
    )  # fmt: skip
    assert (found.host_network, found.host_pid) == (True, True)
    [web] = found.containers
    assert web.user == User(uid=1000)
    assert web.capabilities == Capabilities(drop=("ALL",))
    assert (web.memory_limit, web.cpu_limit) == (64 << 20, 0.5)
    assert [(one.container, one.host_ip) for one in web.ports] == [(8080, "127.0.0.1")]
    assert [(one.name, one.value) for one in web.environment] == [("PORT", "8080")]
    [volume] = found.volumes
    assert (volume.kind, volume.source) == ("host", "/run")


def test_its_parts_stand_where_they_are_written() -> None:
    found = workload(read(POD))
    web = found.containers[0]
    lines = POD.splitlines()

    def line(text: str) -> int:
        return next(n for n, one in enumerate(lines, 1) if text in one)

    assert found.where("host_network").location().line == line("host_network")
    assert web.where("capabilities").location().line == line("capabilities {")
    assert web.where().location().line == line("container {")
    assert web.where("memory_limit").location().line == line("limits =")


@pytest.mark.parametrize("kind", ["kubernetes_deployment", "kubernetes_stateful_set_v1", "kubernetes_daemonset"])
def test_other_controllers_are_read(kind: str) -> None:
    assert container(read(POD.replace("kubernetes_deployment_v1", kind))).name == "web"


def test_a_cron_job_is_read() -> None:
    text = """
    resource "kubernetes_cron_job_v1" "job" {
      metadata { name = "job" }
      spec {
        schedule = "0 * * * *"
        job_template {
          metadata {}
          spec {
            template {
              metadata {}
              spec {
                container {
                  name  = "job"
                  image = "a:1"
                  security_context { privileged = true }
                }
              }
            }
          }
        }
      }
    }
    """
    assert container(read(text)).privileged is True


def test_a_manifest_is_read_as_it_is_written() -> None:
    text = """
    resource "kubernetes_manifest" "pod" {
      manifest = {
        apiVersion = "v1"
        kind       = "Pod"
        metadata   = { name = "web" }
        spec       = { hostNetwork = true, containers = [{ name = "web", image = "a:1" }] }
      }
    }
    """
    found = workload(read(text))
    assert found.host_network is True
    assert found.where("host_network").location().line == 7


def test_manifests_in_files_and_texts_are_read() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostPID: true\n  containers: [{image: a}]\n"
    from_file = read(
        'resource "kubernetes_manifest" "p" {\n  manifest = yamldecode(file("${path.module}/pod.yaml"))\n}\n',
        pod__yaml=pod,
    )
    assert workload(from_file).where("host_pid").location().path == "pod.yaml"
    assert from_file.consumed == ["pod.yaml"]
    text = f'resource "kubectl_manifest" "p" {{\n  yaml_body = <<-Y\n{pod}  Y\n}}\n'
    assert workload(read(text)).host_pid is True


def test_what_is_declared_is_read() -> None:
    reading = read(
        """
        resource "kubernetes_namespace_v1" "shop" {
          metadata { name = "shop" }
        }
        resource "kubernetes_cluster_role" "all" {
          metadata { name = "all" }
          rule {
            api_groups = ["*"]
            resources  = ["*"]
            verbs      = ["*"]
          }
        }
        resource "kubernetes_cluster_role_binding" "all" {
          metadata { name = "all" }
          role_ref {
            api_group = "rbac.authorization.k8s.io"
            kind      = "ClusterRole"
            name      = kubernetes_cluster_role.all.metadata[0].name
          }
          subject {
            kind      = "ServiceAccount"
            name      = "web"
            namespace = "shop"
          }
        }
        resource "kubernetes_secret" "s" {
          metadata { name = "s" }
          data = { password = "correct-horse" }
        }
        resource "kubernetes_service" "web" {
          metadata { name = "web" }
          spec {
            type     = "LoadBalancer"
            selector = { app = "web" }
            port {
              port        = 80
              target_port = "http"
            }
          }
        }
        resource "kubernetes_network_policy" "web" {
          metadata { name = "web" }
          spec {
            pod_selector {}
            policy_types = ["Ingress"]
            ingress {
              from {
                namespace_selector { match_labels = { name = "shop" } }
              }
              ports {
                port     = "http"
                protocol = "TCP"
              }
            }
          }
        }
        """
    )
    assert reading.problems == []

    def only(kind: type) -> list:
        return [noun for noun in reading.nouns if isinstance(noun, kind)]

    [namespace], [role], [grant] = only(Namespace), only(Role), only(Grant)
    assert (namespace.name, role.permissions[0].verbs) == ("shop", ("*",))
    assert (grant.role_name, grant.subjects[0].name) == ("all", "web")
    [secret], [service], [policy] = only(Configuration), only(Service), only(TrafficPolicy)
    assert (secret.secret, secret.entries[0].value) == (True, "correct-horse")
    assert (service.type, service.selector, service.ports[0].port) == ("LoadBalancer", {"app": "web"}, 80)
    assert policy.ingress[0].peers[0].namespaces.match_labels == {"name": "shop"}


def test_blocks_of_all_shapes_are_read_without_a_word_of_complaint() -> None:
    reading = read(KUBERNETES.read_text("utf-8"))
    assert reading.problems == []
    found = workload(reading)
    init, main = found.containers
    assert (init.kind, init.selinux.type, init.seccomp.kind) == ("init", "spc_t", "unconfined")
    assert [(one.kind, one.reference) for one in main.environment_from] == [("secret", "s")]
    assert [(one.name, one.source) for one in main.environment] == [("X", "secret")]
    assert [one.kind for one in found.volumes] == ["secret", "projected"]
    [route] = [noun for noun in reading.nouns if isinstance(noun, Route)]
    assert (route.hosts, route.tls_hosts, [one.service for one in route.backends]) == (
        ("a.example",), ("b.example",), ["d", "web"],
    )  # fmt: skip
    [account] = [noun for noun in reading.nouns if isinstance(noun, Identity)]
    assert account.automount_token is False


TASK = """
resource "aws_ecs_task_definition" "web" {
  family                   = "web"
  network_mode             = "host"
  pid_mode                 = "host"
  requires_compatibilities = ["EC2"]
  container_definitions    = <<DEF
[
  {
    "name": "web",
    "image": "${var.image}",
    "privileged": ${var.privileged},
    "user": "0"
  }
]
DEF
  volume {
    name      = "run"
    host_path = "/var/run"
  }
  volume {
    name = "efs"
    efs_volume_configuration {
      file_system_id     = "fs-1"
      transit_encryption = "DISABLED"
    }
  }
}
variable "image" {}
variable "privileged" { default = true }
"""


def test_a_task_definition_with_a_heredoc() -> None:
    reading = read(TASK)
    found = workload(reading)
    assert (found.name, found.host_network, found.host_pid) == ("web", True, True)
    [web] = found.containers
    assert (web.image, web.privileged, web.user) == (UNKNOWN, True, User(uid=0))
    assert [(one.kind, one.source) for one in found.volumes] == [("host", "/var/run"), ("other", "fs-1")]
    assert found.facts["efs-encryption:efs"] == "false"
    assert web.where("user").location().line == 13
    [note] = reading.problems
    assert not note.severe
    assert note.message.startswith("image of aws_ecs_task_definition.web: known when Terraform runs")


@pytest.mark.parametrize(
    "field",
    ["linuxParameters = var.x", "linuxParameters = { capabilities = var.x }",
     "linuxParameters = { capabilities = { drop = var.x } }", "dockerSecurityOptions = var.x"],
)  # fmt: skip
def test_what_is_not_known_is_not_judged(field: str) -> None:
    text = f'resource "aws_ecs_task_definition" "w" {{\n  family = "w"\n  container_definitions = jsonencode([{{ name = "w", image = "a:1", {field} }}])\n}}\n'  # noqa: E501
    found = container(read(text))
    assert (found.privilege_escalation if "docker" in field else found.capabilities) is UNKNOWN


@pytest.mark.parametrize("text", ["var.definitions", 'templatefile("missing.json", {})', 'file("missing.json")'])
def test_containers_that_are_not_known_are_a_problem(text: str) -> None:
    reading = read(
        f'resource "aws_ecs_task_definition" "web" {{\n  family = "web"\n  container_definitions = {text}\n}}\n'
    )
    [problem] = reading.problems
    assert problem.severe
    assert (problem.line, "its containers are known when Terraform runs" in problem.message) == (3, True)


def test_a_service() -> None:
    found = workload(
        read(
            """
            resource "aws_ecs_service" "web" {
              name                   = "web"
              enable_execute_command = true
              network_configuration {
                subnets          = []
                assign_public_ip = true
              }
            }
            """
        )
    )
    assert (found.kind, found.facts["exec"], found.facts["public-ip"]) == ("Service", "true", "true")
    assert found.where("fact:public-ip").location().line == 7


def test_roles_and_repositories_and_groups() -> None:
    reading = read(
        """
        resource "aws_iam_role" "r" {
          assume_role_policy  = jsonencode({ Statement = { Effect = "Allow", Principal = { Service = ["x"] } } })
          managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
          inline_policy {
            policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = var.bucket }] })
          }
        }
        resource "aws_ecr_repository" "r" {
          name                 = "r"
          image_tag_mutability = "IMMUTABLE"
          image_scanning_configuration { scan_on_push = true }
        }
        resource "aws_security_group" "g" {
          ingress = [{ from_port = 1, to_port = 2, protocol = 6, cidr_blocks = ["10.0.0.0/8"], ipv6_cidr_blocks = [] }]
        }
        """
    )
    trust, identity = [noun for noun in reading.nouns if isinstance(noun, AccessPolicy)]
    assert (trust.kind, trust.statements[0].principals) == ("trust", ("Service:x",))
    assert (identity.kind, identity.statements[0].resources) == ("identity", ("${var.bucket}",))
    [attachment] = [noun for noun in reading.nouns if isinstance(noun, PolicyAttachment)]
    assert attachment.policies[0][0] == "arn:aws:iam::aws:policy/ReadOnlyAccess"
    [repository] = [noun for noun in reading.nouns if isinstance(noun, ImageRepository)]
    assert (repository.mutable_tags, repository.scan_on_push) == (False, True)
    [group] = [noun for noun in reading.nouns if isinstance(noun, SecurityGroup)]
    [rule] = group.rules
    assert (rule.protocol, rule.first, rule.last, rule.ranges) == ("tcp", 1, 2, ("10.0.0.0/8",))


def severe(reading: Reading) -> list[bool]:
    return [problem.severe for problem in reading.problems]


@pytest.mark.parametrize("chart", ["./chart", "nginx"])
def test_charts_that_are_not_here_are_told(chart: str) -> None:
    assert severe(read(f'resource "helm_release" "web" {{\n  name  = "web"\n  chart = "{chart}"\n}}\n')) == [True]


def test_other_resources_give_nothing() -> None:
    reading = read('resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\nprovider "aws" {}\nterraform {}\n')
    assert (reading.nouns, reading.problems, reading.recognised) == ([], [], True)
    assert [noun for noun in reading.nouns if isinstance(noun, Workload)] == []


def test_a_template_in_a_file_is_worked_out() -> None:
    definition = """
    [
      {"name": "w", "image": "${image}",
       "portMappings": [{"containerPort": ${port}}],
       "privileged": true}
    ]
    """
    reading = read(
        """
        resource "aws_ecs_task_definition" "w" {
          family                = "w"
          container_definitions = templatefile("${path.module}/task.json", { image = var.image, port = 80 })
        }
        variable "image" { default = "a:1" }
        """,
        task__json=definition,
    )
    assert (reading.problems, reading.consumed) == ([], ["task.json"])
    web = container(reading)
    assert (web.image.tag, web.ports[0].container) == ("1", 80)
    location = web.where("privileged").location()
    assert (location.path, location.line) == ("task.json", 5)
    assert web.where("image").location().path == "main.tf"


@pytest.mark.parametrize("types", ["var.types", "[var.type]"])
def test_where_it_runs_is_not_guessed(types: str) -> None:
    text = f"""
    resource "aws_ecs_task_definition" "w" {{
      family                   = "w"
      requires_compatibilities = {types}
      container_definitions = jsonencode([{{ name = "w", image = "a:1", portMappings = [{{ containerPort = 80 }}] }}])
    }}
    """
    found = container(read(text))
    assert (found.privilege_escalation, found.ports[0].host) == (NOT_EXPRESSIBLE, 0)
    privileged = container(read(text.replace('image = "a:1"', 'image = "a:1", privileged = true')))
    assert privileged.privileged is True  # only instances take that
