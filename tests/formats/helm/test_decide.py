"""Which values decide what a template prints."""

from __future__ import annotations

from typing import Any

import pytest

from batten.formats.helm.decide import Decider, Value
from batten.formats.helm.marks import Frame
from batten.formats.helm.syntax import Node, parse, walk


def asked(text: str) -> list[Value]:
    """The values that decide what the last action of a template prints."""
    template = parse(text)
    prints: list[Node] = [one for one in walk(template.body) if one.kind == "print"]
    values: Any = None  # asked for turns of a `range` alone
    return Decider({"a.yaml": template}, values).values(Frame("a.yaml", prints[-1], None, {}))


def test_an_include_is_followed_to_the_value_that_it_is_handed() -> None:
    text = '{{ define "image" }}{{ .tag }}{{ end }}{{ include "image" (dict "tag" .Values.web.tag) }}'
    assert asked(text) == [Value(("web", "tag"))]


def test_includes_of_includes_are_followed_so_far_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not 60 to the power of their depth, which took for ever; the value of the first is known nevertheless."""
    followed = []
    included = Decider._included
    monkeypatch.setattr(Decider, "_included", lambda self, *more: followed.append(1) or included(self, *more))
    many = '{{{{ include "l{}" . }}}}'
    text = "".join(
        f'{{{{ define "l{n}" }}}}{{{{ .Values.image }}}}{many.format(n + 1) * 20}{{{{ end }}}}' for n in range(6)
    )
    found = asked(f'{text}{{{{ define "l6" }}}}{{{{ .Values.image }}}}{{{{ end }}}}{{{{ include "l0" . }}}}')
    assert found == [Value(("image",), exact=False)]
    assert len(followed) < 25_000
