"""Which ARG and ENV values hold where, and text with them put in.

The rules of the build (https://docs.docker.com/reference/dockerfile/#scope): an ARG before the first FROM
is seen by FROM lines alone, a stage sees it only after declaring it again; a stage built on another stage
inherits what that one had; a later ARG or ENV wins over an earlier one; the words of one instruction see
the values from before it. Where it is not known what the builder is told from outside (`--build-arg`), an ARG
counts with its default.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

from batten.formats.dockerfile.lex import NO_DEFAULT, SET, UNKNOWN, UNSET, Lexer, LexError
from batten.formats.dockerfile.nodes import Dockerfile, Instruction
from batten.formats.image_users import known_variables
from batten.limits import DOCKERFILE_EXPANSION, DOCKERFILE_EXPANSION_TOTAL, DOCKERFILE_STAGE_CHAIN
from batten.model.image import parse_reference
from batten.pattern import pattern

PLATFORM_ARGS: Final = frozenset(
    f"{side}{part}" for side in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}
"""Set by the builder for every build; in a stage they are seen after an ARG that names them."""

Value = tuple[int, str]
"""A status of `lex` and the value."""

_OF_BASE: Final[Value] = (UNKNOWN, "of the base image")
"""No line of the file sets it."""
_WITH_DEFAULT: Final = pattern(r"\$\{(\w+):?-")


class _Names:
    """name -> the values it took, each with the index of the instruction that gave it."""

    def __init__(self, parent: _Names | None, base_is_empty: bool) -> None:
        self.values: dict[str, tuple[list[float], list[Value]]] = {}
        self.parent = parent
        self.base_is_empty = base_is_empty
        """Nothing is inherited: FROM scratch."""

    def put(self, name: str, index: int, value: Value) -> None:
        indexes, values = self.values.setdefault(name, ([], []))
        indexes.append(index)
        values.append(value)

    def get(self, name: str, before: float) -> Value:
        """The value that the instruction with index `before` sees."""
        names: _Names | None = self
        base_is_empty = False
        for _ in range(DOCKERFILE_STAGE_CHAIN):
            if names is None:
                return (UNSET, "") if base_is_empty else _OF_BASE
            found = names.values.get(name)
            if found is not None:
                at = bisect_left(found[0], before)
                if at:
                    return found[1][at - 1]
            base_is_empty = names.base_is_empty
            names = names.parent
            before = float("inf")
        return _OF_BASE


class Scopes:
    """The values of a whole Dockerfile, worked out once. `arguments`: what the builder is told for its ARGs, None
    for a value that is not known."""

    def __init__(self, dockerfile: Dockerfile, arguments: Mapping[str, str | None] | None = None) -> None:
        self.escape = dockerfile.escape
        self.arguments: dict[str, Value] = {
            name: (UNKNOWN, "") if value is None else (SET, value) for name, value in (arguments or {}).items()
        }
        self.spent = 0
        self.overgrown = False
        """A value was given up that grew beyond all bounds: it is not known, though the file says it."""
        self.globals: dict[str, tuple[list[float], list[Value]]] = {}
        self.stages: list[_Names] = []
        for instruction in dockerfile.global_args:
            self._declare_globals(instruction)
        for stage in dockerfile.stages:
            parent = self.stages[stage.base_stage] if stage.base_stage is not None else None
            names = _Names(
                parent, parent is None and stage.from_.image is not None and stage.from_.image.value == "scratch"
            )
            self.stages.append(names)
            if parent is None and not names.base_is_empty:
                self._take_over(names, stage.from_)
            for instruction in stage.instructions:
                if instruction.keyword == "ENV":
                    self._set_environment(names, instruction)
                elif instruction.keyword == "ARG":
                    self._declare(names, instruction)

    def _take_over(self, names: _Names, base: Instruction) -> None:
        """What the base image is known to set."""
        raw = base.image.raw if base.image is not None else ""
        text, known = self._expand(raw, None, base.index)
        image = parse_reference(text) if known else None
        for name, value in known_variables(image).items() if image is not None else ():
            names.put(name, base.index, (SET, value))

    def expand(self, raw: str, instruction: Instruction, *, quotes: bool = True) -> tuple[str, bool]:
        """`raw` as the build reads it at `instruction`; False where a value is not known.

        What is not known stays as written.
        """
        if instruction.stage is None or instruction.keyword == "FROM":
            return self._expand(raw, None, instruction.index, quotes=quotes)
        return self._expand(raw, self.stages[instruction.stage], instruction.index, quotes=quotes)

    def expand_with_defaults(self, raw: str, instruction: Instruction) -> tuple[str, bool]:
        """The same, with the default of `${NAME:-default}` for a name that neither the file nor, as it is assumed,
        the base image sets."""
        names = self.stages[instruction.stage] if instruction.stage is not None else None
        assumed = frozenset(match[1] for match in _WITH_DEFAULT.finditer(raw))
        return self._expand(raw, names, instruction.index, assumed=assumed)

    def _expand(
        self,
        raw: str,
        names: _Names | None,
        before: float,
        *,
        quotes: bool = True,
        assumed: frozenset[str] = frozenset(),
    ) -> tuple[str, bool]:
        if not any(char in raw for char in ("$", "'", '"', self.escape)):
            return raw, True
        if self.spent > DOCKERFILE_EXPANSION_TOTAL:
            self.overgrown = True
            return raw, False

        def lookup(name: str) -> Value:
            value = self._global(name, before) if names is None else names.get(name, before)
            if value == _OF_BASE and name in assumed:
                return UNSET, ""
            return value if value != _OF_BASE else (UNKNOWN, "")

        lexer = Lexer(raw, lookup, self.escape if quotes else "\\", quotes=quotes)
        try:
            return lexer.text(), lexer.known
        except LexError:
            self.overgrown = self.overgrown or lexer.size > DOCKERFILE_EXPANSION
            return raw, False
        finally:
            self.spent += lexer.size

    def _global(self, name: str, before: float) -> Value:
        found = self.globals.get(name)
        at = bisect_left(found[0], before) if found else 0
        if found and at:
            return found[1][at - 1]
        return (UNKNOWN if name in PLATFORM_ARGS else UNSET), ""

    def _declare_globals(self, instruction: Instruction) -> None:
        for number, pair in enumerate(instruction.pairs):
            # each name sees those before it in the same ARG, so their places must differ
            place = instruction.index + number / (len(instruction.pairs) + 1)
            if pair.key in self.arguments:
                value = self.arguments[pair.key]
            elif pair.raw is None:
                earlier = self._global(pair.key, place)
                value = earlier if earlier[0] in (SET, UNKNOWN) else (NO_DEFAULT, "")
            else:
                text, known = self._expand(pair.raw, None, place)
                value = (SET, text) if known else (UNKNOWN, "")
            indexes, values = self.globals.setdefault(pair.key, ([], []))
            indexes.append(place)
            values.append(value)

    def _set_environment(self, names: _Names, instruction: Instruction) -> None:
        for pair in instruction.pairs:
            text, known = self._expand(pair.raw or "", names, instruction.index)
            key, key_known = self._expand(pair.key, names, instruction.index)
            if key_known:
                names.put(key, instruction.index, (SET, text) if known else (UNKNOWN, ""))

    def _declare(self, names: _Names, instruction: Instruction) -> None:
        for number, pair in enumerate(instruction.pairs):
            if pair.key in self.arguments:
                value = self.arguments[pair.key]
            elif pair.raw is not None:
                # each name sees those before it in the same ARG
                text, known = self._expand(pair.raw, names, instruction.index + bool(number))
                value = (SET, text) if known else (UNKNOWN, "")
            else:
                value = self._global(pair.key, instruction.index)
                if value[0] in (UNSET, NO_DEFAULT):
                    # without a value the declaration changes nothing: an ENV of that name stays
                    inherited = names.get(pair.key, instruction.index)
                    value = inherited if inherited[0] == SET else (NO_DEFAULT, "")
            names.put(pair.key, instruction.index, value)


def scopes(dockerfile: Dockerfile) -> Scopes:
    """The `Scopes` of `dockerfile`, kept with it."""
    found = dockerfile.cache.get("scopes")
    if found is None:
        found = dockerfile.cache["scopes"] = Scopes(dockerfile)
    assert isinstance(found, Scopes)
    return found


def resolve(dockerfile: Dockerfile, text: str, index: int) -> tuple[str, bool]:
    """`text` (as written, with its quotes) with the ARG and ENV values seen by instruction `index` put in.

    Quotes and escapes are taken away as the build does. False where something in it is not known: a
    variable of the base image, an ARG without default, a substitution that cannot be read; those parts
    stay as written. Raises IndexError for an index that the file does not have.
    """
    return scopes(dockerfile).expand(text, dockerfile.instructions[index])
