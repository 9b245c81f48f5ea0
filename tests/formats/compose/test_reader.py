from __future__ import annotations

import pytest

from batten.formats.compose import READER
from batten.formats.interface import ReadContext
from batten.model.source import File
from batten.model.values import NOT_EXPRESSIBLE
from formats.compose.support import Memory, compose, messages, project, shown, workload


def read(path: str, text: str) -> object:
    return READER.read(File(path, text.encode()), ReadContext(Memory({path: text})))


def test_names_that_are_opened() -> None:
    assert [READER.wants_name(path) for path in ("a.yml", "b/c.YAML", "-", "d.json", "Dockerfile")] == [
        *(True, True, True),
        *(False, False),
    ]


def test_foreign_file_is_not_recognised() -> None:
    reading = READER.read(File("x.yml", b"services: [a]\n"), ReadContext(Memory({})))
    assert (reading.recognised, reading.nouns) == (False, [])


def test_broken_file_with_a_compose_name_is_told() -> None:
    reading = READER.read(File("compose.yaml", b"services:\n  a: [\n"), ReadContext(Memory({})))
    assert reading.recognised
    assert messages(reading) == ["compose.yaml:2: expected a value, found the end of the document"]


def test_broken_file_with_another_name_is_left_to_others() -> None:
    assert not READER.read(File("x.yaml", b"services:\n  a: [\n"), ReadContext(Memory({}))).recognised


def test_first_version_of_the_format_is_told() -> None:
    reading = compose("web: {image: a}\ndb: {image: b}\n", "docker-compose.yml")
    assert reading.recognised
    assert "services at the top level (the first format" in messages(reading)[0]


def test_template_of_another_tool_is_told_once() -> None:
    reading = compose("services: {a: {image: 'x:{{ tag }}', user: '{{ u }}', logging: {options: {tag: '{{.Name}}'}}}}")
    assert messages(reading) == [
        "compose.yaml:1: template: 2 values are filled in by a template; render the file first, then scan the result"
    ]


def test_key_that_stands_twice_is_told_and_the_last_one_judged() -> None:
    reading = compose("services:\n  a:\n    image: x\n    privileged: false\n    privileged: true\n")
    assert [problem.severe for problem in reading.problems] == [False]
    assert workload(reading).containers[0].privileged is True


def test_standard_input() -> None:
    found = workload(project({"-": "services: {a: {image: x}}"}, "-"))
    assert found.scope == "."


STACK = """\
services:
  web:
    image: nginx:1
    privileged: true
    pid: host
    security_opt: [seccomp:unconfined]
    tmpfs: /x
    user: app
    read_only: true
    cap_drop: [ALL]
    ports: ['127.0.0.1:80:80']
    sysctls: {a: 1}
    deploy:
      replicas: 2
      restart_policy: {condition: on-failure, max_attempts: 3}
      resources: {limits: {memory: 64M, pids: 5, cpus: '0.5'}}
"""


def test_stack_is_a_swarm_workload_without_what_stacks_ignore() -> None:
    reading = compose(STACK, "docker-stack.yml")
    found = workload(reading)
    web = found.containers[0]
    assert found.platform == web.platform == "swarm"
    assert {web.privileged, web.seccomp, web.privilege_escalation, web.devices, found.host_pid} == {NOT_EXPRESSIBLE}
    assert (web.read_only_root, web.memory_limit, web.pids_limit, web.cpu_limit) == (True, 64 << 20, 5, 0.5)
    assert (web.restart, found.replicas, web.mounts) == ("on-failure:3", 2, ())
    assert web.ports[0].host_ip == ""  # a swarm publishes everywhere
    assert shown(web.where("memory_limit")) == "docker-stack.yml:16: 64M"
    assert [problem.severe for problem in reading.problems] == [False] * 4
    assert "docker-stack.yml:5: docker stack deploy ignores pid: it has no effect here" in messages(reading)


def test_stack_on_the_hosts_network() -> None:
    text = (
        "services: {a: {image: x, networks: [h], deploy: {mode: global}}}\nnetworks: {h: {external: true, name: host}}"
    )
    assert workload(compose(text, "stack.yml")).host_network is True


@pytest.mark.parametrize("platform", ["compose", "swarm"])
def test_stacks_read_no_dot_env(platform: str) -> None:
    path = "compose.yaml" if platform == "compose" else "stack.yml"
    reading = project(
        {path: "services: {a: {image: 'x:$T', deploy: {mode: global}, tty: true}}", ".env": "T=1\n"}, path
    )
    found = workload(reading)
    if platform == "compose":
        found = workload(project({path: "services: {a: {image: 'x:$T'}}", ".env": "T=1\n"}, path))
    assert found.platform == platform
    assert getattr(found.containers[0].image, "tag", "unknown") == ("1" if platform == "compose" else "unknown")


def test_a_variable_without_a_value_is_told_once_with_what_it_decides() -> None:
    reading = compose("""
        services:
          web: {image: "web:${TAG}", user: "${WHO}", environment: {A: "${SECRET}"}, command: ["${ARG}"]}
          api: {image: "api:$TAG", privileged: "${P:-false}", cap_add: ["${CAP}"]}
          job: {image: "job:$TAG", cap_add: ["${CAP}"], labels: {a: "${L}"}}
          end: {image: "end:$TAG"}
    """)
    ending = "; give it one in .env, or scan what `docker compose config` prints"
    start = "has neither a value nor a default here, and decides"
    assert sorted(messages(reading)) == [
        f"compose.yaml:3: variable TAG {start} image of web, image of api, image of job and 1 more{ending}",
        f"compose.yaml:3: variable WHO {start} user of web{ending}",
        f"compose.yaml:4: variable CAP {start} cap_add of api, cap_add of job{ending}",
    ]
    assert not any(problem.severe for problem in reading.problems)


def test_a_variable_that_env_gives_a_value_is_not_told() -> None:
    assert messages(compose("services: {web: {image: 'a:$TAG'}}\n", __env="TAG=1\n")) == []
