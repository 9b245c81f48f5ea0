"""An expression ready to run on nouns: what it reads is put into plain values, the library does the rest.

Three values: a field that is set or defaulted has its value, one that is unset is null, and one that the platform
cannot express or that is decided elsewhere has none. Whatever needs the last has no answer, so that the rule says
nothing of that noun: `false && x` and `true || x` do not need `x`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from batten.engine.rules import cost
from batten.engine.rules.functions import FUNCTIONS
from batten.engine.rules.library import Compiled, library
from batten.engine.rules.names import Type, fields
from batten.engine.rules.syntax import parse
from batten.engine.rules.tree import Call, Literal, Node, RuleError, children
from batten.engine.rules.types import Checked, Read, Shape, check
from batten.engine.rules.writer import Writer, literal
from batten.limits import RULE_STEPS
from batten.model.inventory import Inventory
from batten.model.values import Absent

Getter = Callable[[Any, Inventory], Any]


class Unanswered(Exception):
    """The expression has no value for this noun. `unknown`: the field (`container.image`) is decided elsewhere;
    else the platform has no such notion, or the object that it is a field of is not there."""

    def __init__(self, field: str, *, unknown: bool) -> None:
        super().__init__(field)
        self.field = field
        self.unknown = unknown


class Stopped(Exception):
    """It was not judged: too much work, or an error of the rule's own, in words."""


class Source(Struct, frozen=True):
    """One value that is read: the variable that carries it, and the way to it."""

    variable: str
    root: str
    steps: tuple[tuple[str, Getter], ...]
    type: Type
    shape: Shape
    presence: bool


class Program(Struct, eq=False):
    """A checked and compiled expression."""

    text: str
    checked: Checked
    run_text: str
    """What the library runs: every value that is read is a variable of its own."""
    compiled: Compiled
    sources: tuple[Source, ...]
    functions: dict[str, Callable[..., Any]]
    measured: bool
    steps: dict[tuple[int, int], float]
    """Known estimates by the binary orders of the longest list and text."""

    def run(self, roots: dict[str, Any], inventory: Inventory) -> tuple[Any, float]:
        """The value for these nouns and the steps that it may have taken. Raises `Unanswered`, `Stopped`."""
        collected = _Collected(inventory)
        context: dict[str, Any] = {}
        for source in self.sources:
            collected.add(source, roots, context)
        steps = self._steps(collected)
        if steps > RULE_STEPS:
            raise Stopped(
                f"it was stopped: lists of {collected.longest:,} entries or texts of {collected.characters:,} "
                f"characters ask for {min(steps, 1e12):,.0f} steps of {RULE_STEPS:,}"
            )
        try:
            return self._execute(context), steps
        except ValueError:  # a text that is no Unicode (a lone surrogate of JSON)
            context = {name: _clean(value) for name, value in context.items()}
        except BaseException as error:  # a panic of the library is no Exception
            raise _explained(error, collected) from None
        try:
            return self._execute(context), steps
        except BaseException as error:
            raise _explained(error, collected) from None

    def _execute(self, context: dict[str, Any]) -> Any:
        if self.functions:
            return self.compiled.execute(library().Context(context, self.functions))
        return self.compiled.execute(context)

    def _steps(self, collected: _Collected) -> float:
        if not self.measured:
            return self.steps[0, 0]
        order = (collected.longest.bit_length(), collected.characters.bit_length())
        found = self.steps.get(order)
        if found is None:
            found = self.steps[order] = cost.estimate(self.checked, 1 << order[0], 1 << order[1])
        # the estimate of the next power of two is a bound; where it is too much, the lengths themselves decide
        return found if found <= RULE_STEPS else cost.estimate(self.checked, collected.longest, collected.characters)


def program(
    text: str, roots: dict[str, str], wanted: Type | None = None, known: frozenset[str] = frozenset()
) -> Program:
    """Parse, check and compile. Raises `RuleError` with the place, and `library.MissingLibrary`."""
    checked = check(parse(text), roots, wanted, known)
    cost.verify(checked)
    writer = Writer(checked)
    run_text = writer.write(checked.node)
    try:
        compiled = library().compile(run_text)
    except ValueError as error:
        told = " ".join(str(error).split("ERROR:")[-1].split())[:200]
        raise RuleError(f"the library refuses the expression: {told}") from None
    calls = _calls(checked.node)
    _try_patterns(calls)
    used = {one.name for one in calls}
    functions = {name: run for name in sorted(used) if (run := FUNCTIONS[name].run) is not None}
    measured = cost.depends(checked)
    sources = tuple(_source(variable, read, roots) for variable, read in writer.variables.items())
    return Program(
        text, checked, run_text, compiled, sources, functions, measured, {(0, 0): cost.estimate(checked, 1, 1)}
    )


def _try_patterns(calls: list[Call]) -> None:
    """A pattern that is none would be told with the first noun only. They are of Rust's `regex`, which takes time in
    proportion to pattern and text and knows no look-around and no references back."""
    for call in calls:
        if call.name == "matches" and isinstance(pattern := call.arguments[0], Literal):
            try:
                library().compile(f'"".matches({literal(pattern.value)})').execute({})
            except RuntimeError as error:
                words = str(error).partition("error: ")[2].splitlines() or [str(error)]
                told = next((one for one in words if one.startswith("error: ")), words[-1]).removeprefix("error: ")
                told = told.partition(". Check function")[0].strip()
                raise RuleError(f"expected a regular expression: {told}", pattern.start) from None


def _calls(node: Node) -> list[Call]:
    inner = [one for part in children(node) for one in _calls(part)]
    return [node, *inner] if isinstance(node, Call) else inner


def _source(variable: str, read: Read, roots: dict[str, str]) -> Source:
    kind = roots[read.path[0]]
    steps: list[tuple[str, Getter]] = []
    for name in read.path[1:]:
        found = fields(kind)[name]
        steps.append((name, found.get))
        kind = found.type.object
    return Source(variable, read.path[0], tuple(steps), read.type, read.shape, read.presence)


class _Collected:
    """What was met while values were collected."""

    __slots__ = ("characters", "inventory", "longest", "missing", "unknown")

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.longest = 1
        self.characters = 1
        self.missing: list[str] = []
        self.unknown: list[str] = []

    def add(self, source: Source, roots: dict[str, Any], context: dict[str, Any]) -> None:
        value = roots[source.root]
        for name, get in source.steps:
            if value is None:
                self.missing.append(self._shown(source))
                return
            value = get(value, self.inventory)
            if isinstance(value, Absent):
                (self.unknown if value is Absent.UNKNOWN else self.missing).append(f"{source.root}.{name}")
                return
        context[source.variable] = (
            value is not None if source.presence else self.plain(value, source.type, source.shape)
        )

    def _shown(self, source: Source) -> str:
        return ".".join((source.root, *(name for name, _ in source.steps)))

    def plain(self, value: Any, kind: Type, shape: Shape) -> Any:
        """The value in the words of the library; `shape` says what is read of the objects in it."""
        if isinstance(value, str):
            if len(value) > self.characters:
                self.characters = len(value)
            return value
        if kind.kind == "object" and value is not None:
            return self.object(value, kind.object, shape)
        if isinstance(value, tuple | list):
            if len(value) > self.longest:
                self.longest = len(value)
            item = kind.item
            assert item is not None
            return [self.plain(one, item, shape) for one in value]
        if isinstance(value, dict):
            if len(value) > self.longest:
                self.longest = len(value)
            for text in (*value, *value.values()):
                if isinstance(text, str) and len(text) > self.characters:
                    self.characters = len(text)
            return value
        return value

    def object(self, value: Any, name: str, shape: Shape) -> dict[str, Any]:
        table = fields(name)
        found: dict[str, Any] = {}
        for field, inner in shape.fields.items():
            got = table[field].get(value, self.inventory)
            if isinstance(got, Absent):
                (self.unknown if got is Absent.UNKNOWN else self.missing).append(f"{name}.{field}")
            else:
                if got is None and inner.fields:
                    self.missing.append(f"{name}.{field}")
                found[field] = self.plain(got, table[field].type, inner)
        return found


def _explained(error: BaseException, collected: _Collected) -> BaseException:
    if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
        return error
    if collected.unknown:
        return Unanswered(collected.unknown[0], unknown=True)
    if collected.missing:
        return Unanswered(collected.missing[0], unknown=False)
    if isinstance(error, KeyError):
        return Stopped(f"there is no key {error.args[0]!r} there; ask first: {error.args[0]!r} in …")
    if isinstance(error, IndexError):
        return Stopped("a list has no such entry there; ask for size() first")
    words = " ".join(str(error).split())
    return Stopped(f"it has no value there ({words[:160]})")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(one) for key, one in value.items()}
    return value
