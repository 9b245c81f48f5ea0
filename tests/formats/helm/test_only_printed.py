"""A value that does more than being printed is not edited: the proof sees what is judged, not all that is rendered."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from batten.formats.helm.edits import _only_printed
from batten.formats.helm.values import Decided
from batten.model.edits import CannotEdit, Set


def ask(text: str, value: Any = "x") -> None:
    document: Any = SimpleNamespace(release=SimpleNamespace(templates={"t.yaml": SimpleNamespace(text=text)}))
    _only_printed(document, Decided(None, ("img", "name")), Set(("a",), value))


@pytest.mark.parametrize(
    "action",
    [
        "{{ .Values.img.name }}",
        "{{- $.Values.img.name | quote -}}",
        '{{ default "x" .Values.img.name }}',
        '{{ .Values.img.name | default "x" | nindent 4 }}',
        "{{ if .Values.img.names }}",
        "{{ if .Values.img.name.other }}",
    ],
)
def test_a_value_that_is_printed_may_be_edited(action: str) -> None:
    ask(f"a: {action}\nb: {action}\n")


@pytest.mark.parametrize(
    "action",
    [
        "{{ if .Values.img.name }}",
        "{{- if and .Values.a .Values.img.name }}",
        '{{ .Values.img.name | replace ":" "-" }}',
        '{{ splitList ":" .Values.img.name | last | quote }}',
    ],
)
def test_a_value_that_decides_more_may_not(action: str) -> None:
    with pytest.raises(CannotEdit, match=r"decides more than this, on line 2 of t\.yaml"):
        ask(f"a: {{{{ .Values.img.name }}}}\nb: {action}\n")
    ask(f"b: {action}\n", {"a": 1})
