"""Modules: variables, files of values, calls, instances; what is not in the target is told."""

from __future__ import annotations

import pytest

from batten.formats.terraform import READER
from batten.limits import TERRAFORM_MODULES, TERRAFORM_RESOURCES
from batten.model.cloud import SecurityGroup
from batten.model.image import ImageReference
from batten.model.source import File
from batten.model.workload import Workload
from formats.terraform.reading import container, read, read_files, workload

TASK = """
resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = jsonencode([{ name = "web", image = var.image, privileged = var.privileged }])
}
variable "image" { default = "nginx:1" }
variable "privileged" { default = false }
"""
CALL = """
module "web" {
  source     = "./web"
  privileged = true
}
"""


def images(files: dict[str, str], path: str = "main.tf") -> list[str]:
    reading = read_files(files, path)
    found = [each.image for noun in reading.nouns if isinstance(noun, Workload) for each in noun.containers]
    return [
        f"{image.name}:{image.tag}".removeprefix("docker.io/library/")
        for image in found
        if isinstance(image, ImageReference)
    ]


def test_values_come_from_their_files_the_last_one_wins() -> None:
    files = {"main.tf": TASK, "terraform.tfvars": 'image = "a:1"\n'}
    assert images(files) == ["a:1"]
    assert images({**files, "b.auto.tfvars": 'image = "b:1"\n', "a.auto.tfvars": 'image = "c:1"\n'}) == ["b:1"]
    assert images({"main.tf": TASK, "x.tfvars": 'image = "x:1"\n'}) == ["nginx:1"]


def test_the_place_is_where_the_value_was_decided() -> None:
    reading = read(TASK, terraform__tfvars='\nimage = "a:1"\n')
    found = container(reading).where("image").location()
    assert (found.path, found.line, found.column) == ("terraform.tfvars", 2, 9)
    written = container(reading).where("privileged").location()
    assert (written.path, written.line) == ("main.tf", 7)


def test_each_file_gives_its_own_resources() -> None:
    other = TASK.replace('"web"', '"other"').replace("var.image", '"other:1"').replace("var.privileged", "false")
    other = other[: other.index("variable")]
    files = {"main.tf": TASK, "other.tf": other}
    assert (images(files), images(files, "other.tf")) == (["nginx:1"], ["other:1"])


def test_a_called_module_is_read_with_what_it_is_given() -> None:
    reading = read_files({"main.tf": CALL, "web/main.tf": TASK})
    assert container(reading).privileged is True
    assert reading.consumed == ["web/main.tf"]
    location = container(reading).where("privileged").location()
    assert (location.path, location.line) == ("main.tf", 4)


def test_outputs_of_modules_are_followed() -> None:
    files = {
        "main.tf": 'module "name" {\n  source = "./name"\n}\n' + TASK.replace("var.image", "module.name.image"),
        "name/main.tf": 'output "image" {\n  value = "out:1"\n}\n',
    }
    assert images(files) == ["out:1"]


def test_instances_of_a_module_have_their_own_values() -> None:
    call = 'module "web" {\n  source   = "./web"\n  for_each = { a = "a:1", b = "b:1" }\n  image    = each.value\n}\n'
    assert images({"main.tf": call, "web/main.tf": TASK}) == ["a:1", "b:1"]


@pytest.mark.parametrize(("count", "found"), [("0", 0), ("2", 2), ("var.on ? 1 : 0", 1), ("false ? 1 : 0", 0)])
def test_what_is_switched_off_is_not_there(count: str, found: int) -> None:
    text = f'variable "on" {{}}\nresource "aws_security_group" "x" {{\n  count = {count}\n}}\n'
    assert len([one for one in read(text).nouns if isinstance(one, SecurityGroup)]) == found


def test_dynamic_blocks_are_written_out() -> None:
    text = """
    resource "aws_security_group" "x" {
      dynamic "ingress" {
        for_each = [22, 443]
        content {
          from_port   = ingress.value
          to_port     = ingress.value
          protocol    = "tcp"
          cidr_blocks = ["0.0.0.0/0"]
        }
      }
    }
    """
    [group] = read(text).nouns
    assert [rule.first for rule in group.rules] == [22, 443]


def test_a_module_from_elsewhere_is_told() -> None:
    [problem] = read('module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n').problems
    assert problem.severe
    assert (problem.line, "vpc (terraform-aws-modules/vpc/aws)" in problem.message) == (1, True)


def test_a_module_that_was_fetched_is_read() -> None:
    listed = '{"Modules": [{"Key": "web", "Source": "x/y/z", "Dir": ".terraform/modules/web"}]}'
    files = {
        "main.tf": CALL.replace("./web", "x/y/z"),
        ".terraform/modules/modules.json": listed,
        ".terraform/modules/web/main.tf": TASK,
    }
    assert container(read_files(files)).privileged is True


@pytest.mark.parametrize("source", ["../elsewhere", "./missing", "./../../x"])
def test_a_folder_out_of_the_target_is_told(source: str) -> None:
    [problem] = read(f'module "x" {{\n  source = "{source}"\n}}\n').problems
    assert problem.severe
    assert source in problem.message


def test_modules_that_call_each_other_end() -> None:
    call = 'module "x" {\n  source = "../%s"\n}\n'
    reading = read_files({"a/main.tf": call % "b", "b/main.tf": call % "a"}, "a/main.tf")
    assert any("calls itself" in problem.message for problem in reading.problems)


def test_many_calls_are_bounded() -> None:
    call = "".join(f'module "x{n}" {{\n  source = "../m{{}}"\n}}\n' for n in range(10))
    files = {f"m{n}/main.tf": call.replace("{}", str(n + 1)) for n in range(8)}
    files["m8/main.tf"] = TASK
    reading = read_files(files, "m0/main.tf")
    assert len([one for one in reading.nouns if isinstance(one, Workload)]) <= TERRAFORM_MODULES
    assert any(problem.severe for problem in reading.problems)


def test_the_json_syntax_is_read() -> None:
    text = """
    {"resource": {"aws_ecs_task_definition": {"web": {
      "family": "web",
      "container_definitions": "${jsonencode([{name = \\"web\\", image = var.image}])}"
    }}},
     "variable": {"image": {"default": "json:1"}}}
    """
    reading = read_files({"main.tf.json": text}, "main.tf.json")
    assert workload(reading).name == "web"
    assert container(reading).where("image").location().line == 6
    assert images({"main.tf.json": text}, "main.tf.json") == ["json:1"]


def test_a_fault_is_told_with_its_line_and_the_rest_is_read() -> None:
    files = {"main.tf": TASK, "broken.tf": "a = \n"}
    assert images(files) == ["nginx:1"]
    [problem] = read_files(files, "broken.tf").problems
    assert (problem.path, problem.line) == ("broken.tf", 1)


OVERRIDDEN = {
    "main.tf": """\
variable "image" { default = "nginx:1" }
locals {
  privileged = true
  kept       = 1
}
resource "kubernetes_pod" "web" {
  metadata { name = "web" }
  spec {
    container {
      name  = "web"
      image = var.image
      security_context { privileged = local.privileged }
    }
    container {
      name  = "other"
      image = "b"
    }
  }
}
resource "docker_container" "many" {
  count = 3
  name  = "a"
  image = "a:1"
}
""",
    "a_override.tf": """\
variable "image" { default = "nginx:2" }
locals { privileged = false }
resource "docker_container" "many" {
  count      = 1
  privileged = true
}
""",
    "override.tf": 'resource "docker_container" "many" {\n  image = "b:2"\n}\n',
}


def test_overrides_are_merged_the_last_one_wins() -> None:
    reading = read_files(OVERRIDDEN)
    many, pod = [one for one in reading.nouns if isinstance(one, Workload)]
    web = pod.containers[0]
    assert (web.image.tag, web.privileged) == ("2", False)
    [one] = many.containers
    assert (many.name, one.image.name, one.image.tag, one.privileged) == ("a", "docker.io/library/b", "2", True)
    assert reading.problems == []
    for name in ("override.tf", "a_override.tf"):
        assert read_files(OVERRIDDEN, name).nouns == []


def test_what_an_override_decides_stands_in_it() -> None:
    [many] = [one for one in read_files(OVERRIDDEN).nouns if isinstance(one, Workload) and one.name == "a"]
    [one] = many.containers
    places = [one.where(field).location() for field in ("image", "privileged")]
    assert [(place.path, place.line) for place in places] == [("override.tf", 2), ("a_override.tf", 5)]


def test_blocks_of_an_override_take_the_place_of_all_of_their_type() -> None:
    override = """\
      resource "aws_security_group" "web" {
        dynamic "ingress" {
          for_each = [443]
          content {
            from_port   = ingress.value
            to_port     = ingress.value
            protocol    = "tcp"
            cidr_blocks = ["10.0.0.0/8"]
          }
        }
      }
    """
    ports = '    from_port = %d\n    to_port = %d\n    protocol = "tcp"\n'
    rule = f'  ingress {{\n{ports}    cidr_blocks = ["0.0.0.0/0"]\n  }}\n'
    base = 'resource "aws_security_group" "web" {\n' + rule % (22, 22) + rule % (23, 23) + "}\n"
    [group] = read_files({"main.tf": base, "web_override.tf": override}).nouns
    assert [(rule.first, rule.ranges) for rule in group.rules] == [(443, ("10.0.0.0/8",))]


def test_an_override_of_nothing_is_told() -> None:
    [problem] = read_files({"override.tf": TASK}, "override.tf").problems
    assert (problem.severe, problem.line) == (True, 2)
    assert problem.message == "overrides resource.aws_ecs_task_definition.web, which no other file here declares"


def test_what_is_piped_in_is_a_module_of_its_own() -> None:
    reading = read_files({"-": TASK}, "-")
    assert [one.image.tag for one in workload(reading).containers] == ["1"]
    assert READER.wants(File("-", TASK.encode()))
    assert not READER.wants(File("-", b"apiVersion: v1\nkind: Pod\n"))


def test_opentofu_reads_its_own_file_of_two() -> None:
    files = {"main.tf": TASK, "main.tofu": TASK.replace("nginx:1", "tofu:1")}
    assert images(files, "main.tofu") == ["tofu:1"]
    assert images(files, "main.tf") == []


def test_resources_and_containers_are_bounded() -> None:
    group = 'resource "aws_security_group" "g%d" {\n  count = 100\n}\n'
    reading = read("".join(group % n for n in range(50)))
    assert len(reading.nouns) == TERRAFORM_RESOURCES
    assert [problem.message for problem in reading.problems if problem.severe] == [
        f"expected at most {TERRAFORM_RESOURCES:,} resources for one file, found more; the rest is not read"
    ]
    many = 'jsonencode([for n in setproduct(range(50), range(60)) : { name = "c${n[0]}-${n[1]}", image = "a:1" }])'
    reading = read(f'resource "aws_ecs_task_definition" "t" {{\n  container_definitions = {many}\n}}\n')
    assert (reading.nouns, len(reading.problems)) == ([], 1)
