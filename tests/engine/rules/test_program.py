"""Answers of expressions, and that what is unknown or has no notion gives none."""

import pytest

from batten.engine.rules.program import Stopped, Unanswered
from engine.rules.cases import ask, read

ANSWERS = [
    ("container.user.uid == 1000", True),
    ("container.privileged", False),
    ("container.image.registry == 'registry.example' && container.image.tag == '1.4'", True),
    ("container.capabilities.add == ['NET_ADMIN']", True),
    ("container.mounts.exists(m, m.kind == 'host' && has(m.source) && m.source == '/var/lib')", True),
    ("has(container.memory_limit) && container.memory_limit == 64 * 1024 * 1024", True),
    ("has(container.cpu_limit)", False),
    ("'user' in container.written && !('seccomp' in container.written)", True),
    ("workload.containers.map(c, c.name) == ['app', 'side']", True),
    ("workload.containers.filter(c, c.user.uid == null).size() == 1", True),
    ("workload.containers.exists(c, !has(c.user.uid))", True),
    ("workload.containers[1].image.name == 'docker.io/library/nginx'", True),
    ("has(workload.labels.team) && workload.labels.team == 'shop'", True),
    ("workload.labels.exists(k, k == 'tier')", False),
    ("container.file == 'pod.yaml' && workload.platform == 'kubernetes'", True),
    ("container.build == null", True),
    ("'Shop'.lowerAscii() == 'shop' && 'a,b'.split(',').join('-').replace('b', 'c').upperAscii() == 'A-C'", True),
    ("workload.exposed", False),
    ("false && workload.containers[9].privileged", False),
]


@pytest.mark.parametrize(("text", "answer"), ANSWERS)
def test_an_expression_has_its_answer(text: str, answer: bool):
    assert ask(text, read()) is answer


def test_what_the_platform_cannot_express_has_no_answer():
    scan = read()
    for text in ("container.pids_limit == 5", "!has(container.pids_limit)", "container.pids_limit == null"):
        with pytest.raises(Unanswered) as raised:
            ask(text, scan)
        assert (raised.value.field, raised.value.unknown) == ("container.pids_limit", False)


def test_what_is_decided_elsewhere_has_no_answer_and_is_named():
    scan = read("services:\n  web:\n    image: nginx\n    privileged: ${PRIVILEGED}\n", "compose.yaml")
    for text in ("container.privileged", "!container.privileged", "workload.containers.all(c, c.privileged)"):
        with pytest.raises(Unanswered) as raised:
            ask(text, scan)
        assert raised.value.unknown
    assert ask("container.privileged || container.name == 'web'", scan) is True
    assert ask("container.privileged && container.name == 'other'", scan) is False


def test_a_field_of_what_is_not_there_has_no_answer():
    scan = read("services:\n  web:\n    build: .\n", "compose.yaml")
    assert ask("has(container.image)", scan) is False
    with pytest.raises(Unanswered) as raised:
        ask("container.image.registry != 'x'", scan)
    assert not raised.value.unknown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("container.ports[3].host == 1", "no such entry"),
        ("workload.labels.exists(k, workload.labels[k + 'x'] == '')", "there is no key"),
        ("1 / (container.ports.size()) == 1", "no value there"),
        ("int(container.name) == 1", "no value there"),
    ],
)
def test_an_error_of_the_rules_own_is_told(text: str, words: str):
    with pytest.raises(Stopped, match=words):
        ask(text, read())


def test_a_text_that_is_no_unicode_is_asked_all_the_same():
    scan = read('{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x\\ud800"}, "spec": {"containers": []}}')
    assert ask("workload.name.startsWith('x')", scan, "workload") is True
