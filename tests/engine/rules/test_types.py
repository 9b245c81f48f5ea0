"""What is told of an expression before it runs, and at which character."""

import pytest

from batten.engine.rules.tree import RuleError
from engine.rules.cases import compiled

WRONG = [
    ("containr.privileged", 0, "did you mean 'container'"),
    ("container.privilegd", 10, "did you mean 'privileged'"),
    ("container.user.uuid == 0", 15, "did you mean 'uid'"),
    ("container.privileged == 'yes'", 21, "a bool == a string"),
    ("container.name + 1 == 'x'", 15, "a string + an int"),
    ("container.name", 0, "expected an expression that is a bool"),
    ("container.kind == 'sidcar'", 18, "did you mean 'sidecar'"),
    ("container.kind in ['main', 'inti']", 27, "did you mean 'init'"),
    ("container.user.uid < 1000", 0, "may be unset (null)"),
    ("container.memory_limit > 5 || has(container.memory_limit)", 0, "may be unset"),
    ("container.mounts.exists(m, m.source.startsWith('/'))", 27, "m.source may be unset"),
    ("workload.labels.team == 'x'", 16, "the key 'team' may be missing"),
    ("workload.labels['a/b'] == 'x'", 16, "the key 'a/b' may be missing"),
    ("container.name == null", 0, "never null"),
    ("container.user == 5", 15, "an object cannot be compared"),
    ("container.mounts == []", 17, "an object cannot be compared"),
    ("container.name.startsWith(1)", 26, "expected a string, found an int"),
    ("container.name.startsWith()", 15, "with 1 argument"),
    ("startsWith(container.name)", 0, "expected value.startsWith"),
    ("container.name.matches('(')", 23, "unclosed group"),
    ("container.name.matches('(?=x)')", 23, "look-around"),
    ("container.name.matches(container.name)", 23, "written out"),
    ("container.name.frobnicate()", 15, "there is no function"),
    ("container.ports.all(p, p.host)", 23, "expected a bool in all()"),
    ("container.ports.all(container, true)", 0, "a name of its own"),
    ("true ? 1 : 'a'", 11, "one type on both sides"),
    ("container.privileged &&", 23, "found the end"),
    ("container.privileged && && true", 24, "expected a value"),
    ("container.privileged & true", 21, "did you mean &&"),
    ("container.privileged = true", 21, "did you mean =="),
    ("container.name == 'abc", 18, "closing quote"),
    ("has(container)", 0, "expected has(noun.field)"),
    ("container.ports.all(1, true)", 20, "a simple name first"),
    ("container.?user.uid == 0", 10, "optional fields"),
    ("5u == 5", 0, "without u"),
    ("99999999999999999999 == 1", 0, "64 bits"),
    ("'\\q' == 'q'", 0, "expected an escape"),
    ("b'x' == b'x'", 0, "found bytes"),
]


@pytest.mark.parametrize(("text", "at", "words"), WRONG, ids=[one[0] for one in WRONG])
def test_what_is_wrong_is_told_with_its_character(text: str, at: int, words: str):
    with pytest.raises(RuleError) as raised:
        compiled(text)
    assert words in raised.value.message
    assert raised.value.at == at


RIGHT = [
    "has(container.user.uid) && container.user.uid < 1000",
    "!has(container.user.uid) || container.user.uid < 1000",
    "container.user.uid == null || container.user.uid > 5",
    "container.user.uid != null && container.user.uid > 5",
    "has(container.user.uid) ? container.user.uid > 5 : false",
    "container.user.uid == 0",
    "'team' in workload.labels && workload.labels.team == 'x'",
    "has(workload.labels.team) && workload.labels['team'] != ''",
    "!('team' in workload.labels) || workload.labels.team == ''",
    "workload.labels.all(k, workload.labels[k] != '')",
    "container.image != null && container.image.tag == ''",
    "container.mounts.exists(m, has(m.source) && m.source.startsWith('/var'))",
    "workload.containers.exists_one(c, c.user.is_root)",
    "workload.containers.existsOne(c, c.name == container.name)",
    "container.capabilities.add.filter(c, c != 'X').map(c, c + '!').size() > 0",
    "container.cpu_limit == null || container.cpu_limit > 2",
    "container.name.lowerAscii().split('-').join('.').replace('a', 'b').trim().upperAscii() != ''",
    "-1 < 0 && - 1 < 0 && !(!true) && 0x10 == 16 && 1.5e3 > 1.0",
    "size(container.ports) in [0, 1]",
    "{'a': 1}['a'] == 1 // a map\n && r'\\d' == '\\\\d'",
    "container.command == ['a'] || container.command == null",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_is_taken(text: str):
    assert compiled(text).checked.type.kind == "bool"
