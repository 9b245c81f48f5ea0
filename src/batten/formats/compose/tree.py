"""A Compose file as a tree whose every node knows the document it stands in.

Projects are merged from several files; the tree keeps, through every merge, which document and which
pointer a value came from, and the environment and directory that it is to be read with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, field

from batten.formats.compose.environment import Environment
from batten.formats.compose.interpolation import Interpolated, InvalidTemplate, interpolate
from batten.formats.compose.ledger import Ledger
from batten.formats.compose.units import boolean
from batten.model.source import Document, Pointer
from batten.model.values import UNKNOWN, Absent

RESET: Final = "!reset"
OVERRIDE: Final = "!override"
_TEMPLATE_MARKS: Final = ("{{", "<%", "{%")


class Source(Struct, eq=False):
    """One document of a project's files and how its values are read."""

    document: Document
    environment: Environment
    directory: str
    """What relative paths in it start from, relative to the target's root; "" is the root."""
    project: str
    """The directory of the project that it belongs to (another one than `directory` in a file that is extended)."""
    ledger: Ledger
    tags: Mapping[Pointer, str] = field(default_factory=dict)
    """Pointers of the nodes that are tagged `!reset` or `!override`."""
    templates: list[Pointer] = field(default_factory=list)
    """Where another tool's template stands in place of a value."""
    without_value: dict[str, dict[Pointer, None]] = field(default_factory=dict)
    """Where variables stand that have neither a value nor a default, in the order of reading."""

    @property
    def path(self) -> str:
        return self.document.file.path


class Pair(Struct, frozen=True, eq=False):
    """One `NAME=value`; `node` is the value in a mapping (`whole`), the whole item in a list."""

    name: str
    node: Node
    whole: bool

    def written(self) -> str | None:
        """The value as it is written, variables and all; None where only a name is written."""
        if self.whole:
            return None if self.node.is_null else plain_text(self.node.raw)
        _, equals, value = plain_text(self.node.raw).partition("=")
        return value if equals else None

    def value(self) -> Interpolated | None:
        """The value with its variables replaced; None where only a name is written."""
        if self.whole and self.node.is_null:
            return None
        result = self.node.template()
        if self.whole:
            return result
        _, equals, text = result.text.partition("=")
        return Interpolated(text, result.unknown) if equals else None


class Node:
    """A value of the tree: a mapping, a list or a scalar.

    `raw` is the document's own value; a merged mapping or list has `children` instead. `name` is the
    key of an entry that stands in a list of `KEY=value` entries but was written in a mapping.
    """

    __slots__ = ("children", "name", "pointer", "raw", "source")

    def __init__(
        self,
        source: Source,
        pointer: Pointer,
        raw: Any = None,
        children: dict[str, Node] | list[Node] | None = None,
        name: str | None = None,
    ) -> None:
        self.source = source
        self.pointer = pointer
        self.raw = raw
        self.children = children
        self.name = name

    # ------------------------------------------------------------------ structure

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.children if self.children is not None else self.raw, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.children if self.children is not None else self.raw, list)

    @property
    def is_null(self) -> bool:
        return self.raw is None and self.children is None

    @property
    def is_scalar(self) -> bool:
        return self.children is None and not isinstance(self.raw, dict | list)

    @property
    def tag(self) -> str:
        """`!reset`, `!override` or ""."""
        return self.source.tags.get(self.pointer, "") if self.children is None and self.source.tags else ""

    def members(self) -> dict[str, Node]:
        """The entries of a mapping, with those that are tagged `!reset`; {} for anything else."""
        if self.children is not None:
            if not isinstance(self.children, dict):
                return {}
            self.source.ledger.spend(len(self.children))
            return self.children
        if not isinstance(self.raw, dict):
            return {}
        source, pointer = self.source, self.pointer
        source.ledger.spend(len(self.raw))
        return {str(key): Node(source, (*pointer, key), value) for key, value in self.raw.items()}

    def entries(self) -> dict[str, Node]:
        """The entries of a mapping; {} for anything else."""
        members = self.members()
        if not self.source.tags:
            return members
        return {key: node for key, node in members.items() if node.tag != RESET}

    def items(self) -> list[Node]:
        """The items of a list; [] for anything else."""
        if self.children is not None:
            if not isinstance(self.children, list):
                return []
            self.source.ledger.spend(len(self.children))
            return self.children
        if not isinstance(self.raw, list):
            return []
        self.source.ledger.spend(len(self.raw))
        nodes = [Node(self.source, (*self.pointer, index), value) for index, value in enumerate(self.raw)]
        return [node for node in nodes if node.tag != RESET] if self.source.tags else nodes

    def get(self, key: str) -> Node | None:
        """The entry `key` of a mapping, None where there is none or it is null."""
        if self.children is not None:
            found = self.children.get(key) if isinstance(self.children, dict) else None
        elif isinstance(self.raw, dict) and key in self.raw:
            found = Node(self.source, (*self.pointer, key), self.raw[key])
        else:
            return None
        return None if found is None or found.is_null or found.tag == RESET else found

    def path(self, *keys: str) -> Node | None:
        """As `get`, several levels down."""
        node: Node | None = self
        for key in keys:
            node = node.get(key) if node is not None else None
        return node

    def sequence(self) -> list[Node]:
        """The items of a list, or the scalar itself as the only one (`dns: 1.1.1.1`)."""
        return self.items() if not self.is_scalar else [] if self.is_null else [self]

    def pairs(self) -> list[Pair]:
        """The entries of `{A: 1, B:}` or of `[A=1, B]`, in order."""
        if self.is_mapping:
            return [Pair(key, node, whole=True) for key, node in self.entries().items()]
        pairs = []
        for item in self.sequence():
            if item.name is not None:
                pairs.append(Pair(item.name, item, whole=True))
            elif item.is_scalar and not item.is_null:
                text = item.raw if isinstance(item.raw, str) else plain_text(item.raw)
                name = text.partition("=")[0]
                if "$" in name:  # a variable may hold both, name and value
                    name = item.template().text.partition("=")[0]
                pairs.append(Pair(name, item, whole=False))
            elif not item.is_null:
                item.problem(f"expected NAME=value, found {item.found()}")
        return pairs

    # ------------------------------------------------------------------ scalars

    def template(self) -> Interpolated:
        """The text of a scalar with its variables replaced; "" for anything else.

        What cannot be interpolated is told and counts as unknown.
        """
        raw = self.raw
        if not isinstance(raw, str):
            return Interpolated(plain_text(raw) if self.is_scalar else "")
        try:
            result = interpolate(raw, self.source.environment.lookup)
            for name in result.unknown:
                self.source.without_value.setdefault(name, {})[self.pointer] = None
            return result
        except InvalidTemplate as error:
            self.problem(f"cannot interpolate {raw[:60]!r}: {error}")
            return Interpolated(raw, (raw,))

    def text(self) -> str | Absent | None:
        """The text of a scalar; None where it is none (told), UNKNOWN where a variable has no value."""
        if not self.is_scalar:
            self.problem(f"expected a single value, found {self.found()}")
            return None
        result = self.template()
        if not result.known or self.is_foreign(result.text):
            return UNKNOWN
        return result.text

    def flag(self) -> bool | Absent | None:
        """A boolean as Compose reads one; None where it is none (told)."""
        text = self.text()
        if text is None or isinstance(text, Absent):
            return text
        value = boolean(text)
        if value is None:
            self.problem(f"expected true or false, found {text[:40]!r}")
        return value

    def is_foreign(self, text: str) -> bool:
        """Another tool's template (`{{ image }}`) stands here; kept so that it is told once per file."""
        if any(mark in text for mark in _TEMPLATE_MARKS):
            self.source.templates.append(self.pointer)
            return True
        return False

    # ------------------------------------------------------------------ messages

    def found(self) -> str:
        """What stands here, for a message."""
        if self.is_mapping:
            return "a mapping"
        if self.is_list:
            return "a list"
        return "nothing" if self.is_null else repr(plain_text(self.raw)[:40])

    def problem(self, message: str, *, severe: bool = True) -> None:
        """Tell that something here cannot be read."""
        self.source.ledger.report_at(self.source.document, self.pointer, message, severe=severe)


def plain_text(raw: Any) -> str:
    """A scalar of YAML as the text that Compose makes of it."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    return str(raw)
