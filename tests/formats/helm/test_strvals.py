"""`--set` as Helm reads it. The expected values were taken from Helm 4.2 (`make test-system` asks it again)."""

from __future__ import annotations

from typing import Any

import pytest

from batten.formats.helm.strvals import MalformedSet, parse, put

CASES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("a=1", {"a": 1}),
    ("a=", {"a": ""}),
    ("a=null", {"a": None}),
    ("a=True,b=false", {"a": True, "b": False}),
    ("a=007", {"a": "007"}),
    ("a=0", {"a": 0}),
    ("a=-5", {"a": -5}),
    ("a=1.5", {"a": "1.5"}),
    ("a=99999999999999999999", {"a": "99999999999999999999"}),
    ("outer.inner=value", {"outer": {"inner": "value"}}),
    ("a.b=1,a.c=2", {"a": {"b": 1, "c": 2}}),
    ("name={a,b,c}", {"name": ["a", "b", "c"]}),
    ("name={}", {"name": [""]}),
    ("servers[0].port=80,servers[0].host=example", {"servers": [{"port": 80, "host": "example"}]}),
    ("a[1]=x", {"a": [None, "x"]}),
    ("name=value1\\,value2", {"name": "value1,value2"}),
    ("nodeSelector.kubernetes\\.io/role=master", {"nodeSelector": {"kubernetes.io/role": "master"}}),
    ("a=b=c", {"a": "b=c"}),
    ("a[0][1]=x", {"a": [[None, "x"]]}),
)
WRONG = ("a", "a,b=1", "=1", "a.=1", "a[x]=1", "a[70000]=1", "a={1", "a={1}2", "a[0]b=1", "")


def values(text: str, *, strings: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, value in parse(text, strings=strings):
        put(made, path, value)
    return made


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_sets_are_read_as_helm_reads_them(text: str, expected: dict[str, Any]):
    assert values(text) == expected


def test_set_string_leaves_texts():
    assert values("a=1,b=true,c={1,2}", strings=True) == {"a": "1", "b": "true", "c": ["1", "2"]}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_none_is_refused(text: str):
    with pytest.raises(MalformedSet):
        parse(text)


def test_a_later_set_goes_on_where_an_earlier_one_left():
    made: dict[str, Any] = {"a": {"b": 1}, "l": [{"x": 1}]}
    for path, value in parse("a.c=2,l[0].y=2,l[1]=z"):
        put(made, path, value)
    assert made == {"a": {"b": 1, "c": 2}, "l": [{"x": 1, "y": 2}, "z"]}
