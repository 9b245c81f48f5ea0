from __future__ import annotations

import pytest

from batten.formats.compose import READER
from batten.model.source import File
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Capabilities
from formats.compose.support import box, compose, container, messages, project, service, shown, workload


def test_identity() -> None:
    found = workload(project({"shop/compose.yaml": "services: {web: {image: a}}"}, "shop/compose.yaml"))
    assert found.id == found.containers[0].workload == "shop/compose//service/web"
    assert found.resource == found.containers[0].resource
    assert (found.platform, found.kind, found.name, found.pointer) == ("compose", "service", "web", ("services", "web"))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("nginx:1.25", ("docker.io/library/nginx", "1.25")),
        ("ghcr.io/a/b", ("ghcr.io/a/b", "")),
        ("a:${TAG:-2}", ("docker.io/library/a", "2")),
    ],
)
def test_image(image: str, expected: tuple[str, str]) -> None:
    found = container(compose(f"services:\n  web:\n    image: {image}\n"))
    assert not isinstance(found.image, type(UNKNOWN))
    assert found.image is not None
    assert (found.image.name, found.image.tag) == expected
    assert shown(found.where("image")) == f"compose.yaml:3: {image}"


def test_image_of_a_variable_is_unknown() -> None:
    assert container(compose("services: {web: {image: 'a:$TAG'}}")).image is UNKNOWN


def test_image_that_is_none_is_a_problem() -> None:
    reading = compose("services: {web: {image: 'A b'}}")
    assert messages(reading) == ["compose.yaml:1: expected an image reference, found 'A b'"]


def test_commands() -> None:
    found = box("entrypoint: sh -c 'a b'\ncommand: [c, $$d]")
    assert (found.command, found.args) == (("sh", "-c", "a b"), ("c", "$d"))
    assert (box("tty: true").command, box("tty: true").args) == (None, None)
    assert box("command: it's").args == ("it's",)


@pytest.mark.parametrize(
    ("written", "os"),
    [
        ("node.platform.os == windows", "windows"),
        ("node.Platform.OS==Windows", "windows"),
        ("node.platform.os != linux", "windows"),
        ("node.platform.os == linux", "linux"),
        ("node.platform.os != windows", "linux"),
        ("node.labels.os == windows", ""),
    ],
)
def test_the_system_that_a_stack_is_placed_on(written: str, os: str) -> None:
    body = f"deploy:\n  placement:\n    constraints:\n      - node.role == worker\n      - {written}"
    found = service(body, "stack.yaml")
    assert (found.platform, found.os, found.containers[0].os) == ("swarm", os, os)


def test_labels_annotations_and_os() -> None:
    found = service("labels: [a=1, b]\nannotations: {c: 2}\nplatform: windows/amd64")
    assert (found.labels, found.annotations, found.os) == ({"a": "1", "b": ""}, {"c": "2"}, "windows")
    assert found.containers[0].os == "windows"


def test_anchors_and_merge_keys() -> None:
    reading = compose(
        """\
        x-base: &base
          image: a
          privileged: true
          cap_add: [A]
        services:
          web:
            <<: *base
            privileged: false
        """.replace("        ", "")
    )
    found = container(reading)
    assert found.privileged is False
    assert shown(found.where("privileged")) == "compose.yaml:8: false"
    assert found.capabilities == Capabilities(("A",))
    assert shown(found.where("capabilities.add")) == "compose.yaml:4: [A]"


def test_service_without_image_or_build_is_a_part_of_another_file() -> None:
    found = workload(compose("services: {web: {privileged: true, ports: ['80:80']}}", "compose.debug.yaml"))
    web = found.containers[0]
    assert web.privileged is True
    assert web.user is web.privilege_escalation is web.memory_limit is web.image is UNKNOWN
    assert web.host_process is NOT_EXPRESSIBLE
    assert found.host_pid is UNKNOWN
    assert found.facts == {"partial": "true"}


def test_jobs_are_workloads_and_providers_are_not() -> None:
    reading = compose("services: {a: {image: x}, b: {provider: {type: y}}}\njobs: {j: {image: z, privileged: true}}\n")
    assert [(one.kind, one.name) for one in reading.nouns if hasattr(one, "containers")] == [
        ("service", "a"),
        ("job", "j"),
    ]


def test_pre_start_containers_have_the_services_specification() -> None:
    found = service(
        """\
        user: app
        volumes: ['./a:/a']
        pre_start:
        - command: x
          user: root
          privileged: true
          volumes: ['/etc:/e']
        """
    )
    hook, main = found.containers
    assert (hook.kind, main.kind) == ("init", "main")
    assert hook.name == hook.resource.container == "web pre_start 0"
    assert getattr(hook.image, "repository", "") == "library/nginx"
    assert (hook.privileged, main.privileged) == (True, False)
    assert [one.target for one in hook.mounts] == ["/e"]
    assert [one.source for one in found.volumes] == ["./a", "/etc"]
    assert shown(hook.where("privileged")) == "compose.yaml:9: true"


@pytest.mark.parametrize("service", ["c: null", "c: {}", "c: {user: '5'}", "c: {build: null}"])
def test_a_service_without_an_image_is_a_problem_where_no_other_file_completes_it(service: str) -> None:
    text = f"services:\n  a: {{image: x}}\n  {service}\n"
    (problem,) = compose(text).problems
    message = "expected image or build in the service c, found none: was the file cut off?"
    assert (problem.message, problem.line, problem.severe) == (message, 3, True)
    assert messages(compose(text, main="compose.prod.yaml")) == []


def test_a_service_without_an_image_that_the_override_completes_is_no_problem() -> None:
    over = "services: {a: {image: x}}\n"
    assert messages(compose("services: {a: {user: '5'}}\n", compose__override__yaml=over)) == []


@pytest.mark.parametrize("key", ["ports", "security_opt"])
def test_a_file_that_ends_in_a_key_of_a_service_without_a_value_is_a_problem(key: str) -> None:
    (problem,) = compose(f"services:\n  a:\n    image: x\n    {key}:\n").problems
    message = f"expected a value of the last key, {key}, found the end of the file: was it cut off?"
    assert (problem.message, problem.line) == (message, 4)


@pytest.mark.parametrize(
    ("end", "what"),
    [
        ("    cap_add:\n      -", "the last item of cap_add"),
        ("    deploy:\n      resources:\n", "the last key, resources"),
        ("  b:\n", "the last key, b"),
        ("secrets:\n  s:\n", "the last key, s"),
        ("volumes:\n  v:\n    driver:\n", "the last key, driver"),
    ],
)
def test_a_file_that_ends_in_what_may_not_be_empty_is_told_once(end: str, what: str) -> None:
    text = f"services:\n  a:\n    image: x\n{end}"
    (problem,) = compose(text).problems
    message = f"expected a value of {what}, found the end of the file: was it cut off?"
    assert (problem.message, problem.line) == (message, text.rstrip().count("\n") + 1)


@pytest.mark.parametrize(
    ("text", "expected", "line"),
    [
        ("", "services in a Compose file, found none", 1),
        ("nam", "services in a Compose file, found none", 1),
        ("# nothing\n", "services in a Compose file, found none", 1),
        ("name: shop\nvolumes: {}\n", "services in a Compose file, found none", 1),
        ("name: shop\nservices:\n", "services in a Compose file, found none", 2),
        ("services:\n  web:\n", "image or build in the service web, found none", 2),
        ("services:\n  web:\n    im", "a mapping for service web, found another value", 2),
        ("services:\n  w", "a mapping of services, found another value", 1),
    ],
)
def test_a_project_without_a_service_is_told(text: str, expected: str, line: int) -> None:
    assert READER.wants(File("compose.yaml", text.encode()))
    (problem,) = compose(text).problems
    assert (problem.message, problem.line) == (f"expected {expected}: was the file cut off?", line)


@pytest.mark.parametrize("text", ["version: '3.8'\n", "version: '3.8'\nservices:\n  web:\n"])
def test_a_stack_that_is_cut_off_before_its_first_service_is_told(text: str) -> None:
    assert READER.wants(File("stack.yaml", text.encode()))
    assert len(compose(text, main="stack.yaml").problems) == 1


def test_a_service_that_is_cut_off_does_not_hide_those_before_it() -> None:
    reading = compose("services:\n  a: {image: x}\n  b:\n", main="shop.yaml")
    assert [one.name for one in reading.nouns if hasattr(one, "containers")] == ["a"]
    assert len(reading.problems) == 1


WHOLE = """\
services:
  web:
    build:
      context: ./web
    ports:
      - 80:80
      - target: 90
    volumes:
      - ./a:/a
    environment:
      A: ${A:-b}
    deploy:
      resources:
        limits: {memory: 1g}
  db:
    image: postgres
volumes:
  v:
    driver: local
"""


@pytest.mark.parametrize("size", range(len(WHOLE)))
def test_one_cut_is_one_line_at_most(size: int) -> None:
    assert len([one for one in compose(WHOLE[:size]).problems if one.severe]) <= 1


@pytest.mark.parametrize("end", ["    environment:\n      A:\n", "    networks:\n      n:\n", "volumes:\n  v:\n"])
def test_a_file_that_ends_in_a_name_that_needs_no_value_is_whole(end: str) -> None:
    assert messages(compose(f"networks: {{n: {{}}}}\nservices:\n  a:\n    image: x\n{end}")) == []


@pytest.mark.parametrize(
    ("body", "line", "what"),
    [
        ("depends_on: [db]", 4, "the service db"),
        ("depends_on: {db: {condition: service_healthy}}", 4, "the service db"),
        ("networks: [back]", 4, "back among the networks"),
        ("secrets: [{source: key, target: x}]", 4, "key among the secrets"),
        ("configs: [conf]", 4, "conf among the configs"),
        ("volumes: ['data:/var/lib', 'more:/x']", 4, "data among the volumes and 1 more that are named"),
        ("volumes: [{type: volume, source: data, target: /x}]", 4, "data among the volumes"),
    ],
)
def test_what_a_service_names_and_nothing_declares_is_told_once(body: str, line: int, what: str) -> None:
    found = f"compose.yaml:{line}: expected {what} in the project, found none: "
    told = "was the file cut off, or is another one laid over it (docker compose -f)?"
    assert messages(compose(f"services:\n  a:\n    image: x\n    {body}\n")) == [found + told]


@pytest.mark.parametrize(
    "body",
    [
        "depends_on: {db: {condition: service_started, required: false}}",
        "networks: [default]",
        "volumes: ['./x:/x', '/y', '~/z:/z', 'C:/a:/a', '${V:-./v}:/v', {type: bind, source: a, target: /a}]",
    ],
)
def test_what_needs_no_declaration_is_not_asked_for(body: str) -> None:
    assert messages(compose(f"services:\n  a:\n    image: x\n    {body}\n")) == []


def test_a_fragment_under_another_name_may_leave_its_names_to_others() -> None:
    assert messages(compose("services:\n  a:\n    image: x\n    networks: [back]\n", "compose.prod.yaml")) == []


def test_service_that_is_no_mapping_is_a_problem() -> None:
    reading = compose("services: {a: {image: x}, b: [y]}")
    assert messages(reading) == ["compose.yaml:1: expected a mapping for service b, found a list"]


def test_service_whose_base_is_not_here_has_no_defaults() -> None:
    found = container(compose("services: {web: {image: a, user: me, extends: {file: gone.yaml, service: b}}}"))
    assert getattr(found.user, "name", "") == "me"
    assert found.privileged is found.read_only_root is UNKNOWN
