"""The reader of Groovy: calls in every spelling, strings with their places, and what is told of what it cannot read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.formats.pipelines.groovy import Node, parse
from batten.formats.pipelines.groovy_lex import string_at, tokens
from batten.model.source import Unreadable


def calls(text: str) -> list[str]:
    """The names of all calls, in the order of the text."""
    found: list[Node] = []
    waiting = parse(text)
    while waiting:
        node = waiting.pop()
        found += [node] if node.kind == "call" else []
        waiting += [*node.arguments, *node.named.values()]
        waiting += [one for one in (node.closure, node.base) if one is not None]
    return [one.name for one in sorted(found, key=lambda one: (one.start, -one.end))]


SPELLINGS = {
    "sh 'make'": ["sh"],
    "sh('make')": ["sh"],
    "sh(script: 'make', returnStatus: true)": ["sh"],
    "sh script: 'make',\n   returnStdout: true": ["sh"],
    "def x = sh(returnStdout: true, script: 'a').trim()": ["sh.trim", "sh"],
    "node('linux') {\n  sh 'a'\n}": ["node", "sh"],
    "stage('A') { steps { sh 'a' } }": ["stage", "steps", "sh"],
    "docker.image('x').inside('-u root') { sh 'a' }": ["docker.image.inside", "docker.image", "sh"],
    "if (a && !b) { sh 'a' } else if (c) sh 'b'\nelse { sh 'c' }": ["sh", "sh", "sh"],
    "try { sh 'a' } catch (Exception | Error e) { sh 'b' } finally { sh 'c' }": ["sh", "sh", "sh"],
    "for (x in list) { sh x }": ["sh"],
    "for (int i = 0; i < 4; i++) sh 'a'": ["sh"],
    'list.each { k, v -> sh "$k" }': ["list.each", "sh"],
    "parallel(a: { sh 'a' }, b: { sh 'b' })": ["parallel", "sh", "sh"],
    "def m = [a: 1, 'b': [c: { sh 'x' }]]": ["sh"],
    "switch (x) {\n case 'a':\n  sh 'a'\n  break\n default:\n  sh 'b'\n}": ["sh", "sh"],
    "def call(Map config = [:]) {\n  sh 'a'\n}": ["sh"],
    "@Library('x@1') _\nsh 'a'": ["@Library", "sh"],
    "a = b ? c : d\nsh 'a'": ["sh"],
    "x = a\n  ?.trim()\n  .toString()\nsh 'a'": ["a.trim.toString", "a.trim", "sh"],
    "assert x ==~ /[a-z]+/\nsh 'a'": ["sh"],
    "a = b / c / d\nsh 'a'": ["sh"],
    'println "a ${b ? \'c}\' : "d"} e"': ["println"],
    "String[] x = ['a'] as String[]\nsh 'a'": ["sh"],
    "List<Map<String, String>> x = []\nsh 'a'": ["sh"],
    "import a.b.*\nsh 'a'": ["sh"],
    "#!/usr/bin/env groovy\n/* a */ // b\nsh 'a'": ["sh"],
    "env.A = sh(script: 'a')": ["sh"],
    "x << sh('a')": ["sh"],
    "return sh('a')": ["sh"],
    "new Foo(a, 'b').run { sh 'a' }": ["Foo.run", "Foo", "sh"],
    "a.b?.c(1)*.d()": ["a.b.c.d", "a.b.c"],
}


@pytest.mark.parametrize(("text", "names"), SPELLINGS.items(), ids=range(len(SPELLINGS)))
def test_calls_are_found_in_every_spelling(text: str, names: list[str]) -> None:
    assert [one for one in calls(text) if one not in ("Exception", "toString")] == names


BROKEN = {
    "sh 'a": (1, "expected ' that ends a string"),
    "node {\n  sh 'a'\n": (3, "expected `}`, found the end of the file"),
    "sh 'a'\n}": (2, "expected a statement, found '}'"),
    "x = [1, 2\nsh 'a'": (2, "expected `,` or `]`"),
    'sh "a ${b"': (1, "that ends"),
    "/* never": (1, "expected `*/` that ends a comment"),
    "sh(a b c": (1, "expected"),
    "€": (1, "expected Groovy, found the character '€'"),
    "{" * 500: (1, "deep in one another"),
    "if (a) " * 500: (1, "deep in one another"),
    "x" + ".a()" * 5000: (1, "calls in a chain"),
    '"' + "${'" * 300: (1, "expected"),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.items(), ids=range(len(BROKEN)))
def test_what_cannot_be_read_is_told_with_its_line(text: str, told: tuple[int, str]) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text)
    assert told[1] in caught.value.message
    assert caught.value.line is not None
    assert caught.value.line <= told[0]


STRINGS = {
    "'it\\'s'": "it's",
    '"a\\tb"': "a\tb",
    '"\\$HOME"': "$HOME",
    "'''a\n'b'\n'''": "a\n'b'\n",
    '"""a "b" """': 'a "b" ',
    "'\\u0041'": "A",
    "'a\\\nb'": "ab",
    "/a\\/b\\d/": "a/b\\d",
    "$/a $b/$": "a $b",
    '"a$b"': "a$b",
}


@pytest.mark.parametrize(("written", "meant"), STRINGS.items(), ids=range(len(STRINGS)))
def test_a_string_means_what_groovy_says(written: str, meant: str) -> None:
    text = f"x = {written}"
    [token] = [one for one in tokens(text) if one.kind == "string"]
    assert (token.start, token.end) == (4, len(text))
    assert string_at(text, token.start, token.end).text == meant


def test_expressions_of_a_string_have_their_places() -> None:
    text = 'sh "a ${params.X} $env.Y.z b"'
    string = string_at(text, 3, len(text))
    assert [inside for _, _, inside in string.expressions] == ["params.X", "env.Y.z"]
    for start, end, inside in string.expressions:
        first, last = string.places[start], string.places[end - 1]
        assert inside in text[first : last + 1]


@given(st.text(st.sampled_from("ab '\"$\\{}\n/()[]:,.=;#@€"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    found, line = [], 1
    try:
        found = parse(text)
    except Unreadable as error:
        line = error.line or 0
    assert 1 <= line <= text.count("\n") + 1
    waiting = list(found)
    while waiting:
        node = waiting.pop()
        assert 0 <= node.start <= len(text)
        waiting += [*node.arguments, *node.named.values()]


@given(st.text(st.sampled_from("ab '\"\\\té$"), max_size=20))
def test_the_characters_of_a_string_stand_where_it_is_said(value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("$", "\\$")
    text = f'sh "{escaped}"'
    string = string_at(text, 3, len(text))
    assert string.text == value
    for char, place in zip(string.text, string.places, strict=True):
        assert text[place] in (char, "\\")
