"""The functions that a rule may call: those of the library, and of Kubernetes' own some that it lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from msgspec import Struct

from batten.engine.rules.names import BOOL, DOUBLE, INT, STRING, Type


class Function(Struct, frozen=True):
    """`takes` the kinds of the target, if any, and of the arguments; `run` where the library has none of its own."""

    form: Literal["method", "function", "both"]
    takes: tuple[tuple[str, ...], ...]
    gives: Type
    run: Callable[..., Any] | None = None


_TEXT: Final = ("string",)
_SCALARS: Final = ("string", "int", "double", "bool")
_PREDICATE: Final = Function("method", (_TEXT, _TEXT), BOOL)

_LOWER: Final = {code: code + 32 for code in range(65, 91)}
_UPPER: Final = {code: code - 32 for code in range(97, 123)}

FUNCTIONS: Final[dict[str, Function]] = {
    "size": Function("both", (("string", "list", "map"),), INT),
    "startsWith": _PREDICATE,
    "endsWith": _PREDICATE,
    "contains": _PREDICATE,
    "matches": _PREDICATE,
    "string": Function("function", (_SCALARS,), STRING),
    "int": Function("function", (("string", "int", "double"),), INT),
    "double": Function("function", (("string", "int", "double"),), DOUBLE),
    "lowerAscii": Function("method", (_TEXT,), STRING, lambda text: text.translate(_LOWER)),
    "upperAscii": Function("method", (_TEXT,), STRING, lambda text: text.translate(_UPPER)),
    "trim": Function("method", (_TEXT,), STRING, lambda text: text.strip()),
    "split": Function(
        "method", (_TEXT, _TEXT), Type("list", item=STRING), lambda text, by: text.split(by) if by else list(text)
    ),
    "join": Function("method", (("list",), _TEXT), STRING, lambda items, by: by.join(items)),
    "replace": Function("method", (_TEXT, _TEXT, _TEXT), STRING, lambda text, old, new: text.replace(old, new)),
}
"""Semantics: https://github.com/google/cel-spec/blob/master/doc/langdef.md, and for the last six
https://kubernetes.io/docs/reference/using-api/cel/ (strings)."""
