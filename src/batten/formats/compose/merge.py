"""How Compose lays one file over another, and a service over the one that it extends.

Compose specification, "merge"; compose-go, `override.MergeYaml`. Mappings are merged key by key, lists
are appended, everything else is replaced; the table below has the attributes that differ. An entry
tagged `!reset` removes what is below it, one tagged `!override` replaces it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from batten import limits
from batten.formats.compose.tree import OVERRIDE, RESET, Node
from batten.model.source import Unreadable

Path = tuple[str, ...]

_SHORT_SYNTAX: Final = (("volumes",), ("ports",), ("devices",), ("env_file",), ("secrets",), ("configs",))


class Budget:
    """Bounds what all merges of a project come to: lists that are appended in chains grow with the square."""

    def __init__(self, parts: int = limits.COMPOSE_PARTS) -> None:
        self.parts = parts

    def spend(self, parts: int) -> None:
        """Raises `Unreadable` when the project has become too large."""
        self.parts -= parts
        if self.parts < 0:
            raise Unreadable(f"expected a project of at most {limits.COMPOSE_PARTS} values when merged, found more")


def merge_service(base: Node, over: Node, budget: Budget) -> Node:
    """`over` laid over `base`: both are whole services."""
    return _merge(base, over, (), budget, service=True)


def merge_resource(base: Node, over: Node, budget: Budget) -> Node:
    """The same for a network, a volume, a secret or a config."""
    return _merge(base, over, (), budget, service=False)


def _merge(base: Node, over: Node, path: Path, budget: Budget, *, service: bool) -> Node:
    if over.tag == OVERRIDE:
        return over
    rule = _rule(path) if service else None
    if rule is not None:
        return rule(base, over, path, budget)
    if over.is_null:
        return base
    if base.is_mapping or base.is_list:
        if base.is_mapping != over.is_mapping or base.is_list != over.is_list:
            over.problem(f"expected {base.found()} as in {base.source.path}, found {over.found()}")
            return over
        if base.is_mapping:
            return _mappings(base, over, path, budget, service=service)
        return _appended(base, base.items(), over.items(), path, budget)
    return over


def _mappings(base: Node, over: Node, path: Path, budget: Budget, *, service: bool) -> Node:
    result = dict(base.entries())
    members = over.members()
    budget.spend(len(result) + len(members))
    for key, node in members.items():
        if node.tag == RESET:
            result.pop(key, None)
        elif key in result:
            result[key] = _merge(result[key], node, (*path, key), budget, service=service)
        else:
            result[key] = node
    return Node(base.source, base.pointer, children=result)


def _appended(base: Node, first: list[Node], second: list[Node], path: Path, budget: Budget) -> Node:
    """`second` behind `first`, without the items that are already there to the letter."""
    apart = path[:1] in _SHORT_SYNTAX
    there = {_identity(node, apart, budget) for node in first}
    more = [node for node in second if _identity(node, apart, budget) not in there]
    return Node(base.source, base.pointer, children=[*first, *more])


def _identity(node: Node, apart: bool, budget: Budget) -> object:
    """Equal for values that are the same when their variables and relative paths are resolved.

    `apart`: a short form equals its like only within a document, since Compose has turned those of the
    documents before into the long form.
    """
    budget.spend(1)
    if node.is_mapping:
        return frozenset((key, _identity(entry, False, budget)) for key, entry in node.entries().items())
    if node.is_list:
        return tuple(_identity(item, False, budget) for item in node.items())
    return node.raw.__class__, node.template().text, node.source.directory, id(node.source.document) if apart else 0


def _replaced(base: Node, over: Node, path: Path, budget: Budget) -> Node:
    return over


def _sequences(base: Node, over: Node, path: Path, budget: Budget) -> Node:
    """A single value counts as a list of one."""
    return _appended(base, base.sequence(), over.sequence(), path, budget)


def _pairs(base: Node, over: Node, path: Path, budget: Budget) -> Node:
    """`KEY=value` entries by their key: the last one takes effect, in the place of the first."""
    entries: dict[str, Node] = {}
    for node in (base, over):
        for pair in node.pairs():
            entry = pair.node
            if pair.whole:
                entry = Node(entry.source, entry.pointer, entry.raw, entry.children, pair.name)
            entries[pair.name] = entry
    budget.spend(len(entries))
    removed = {key for key, node in over.members().items() if node.tag == RESET}
    return Node(base.source, base.pointer, children=[node for key, node in entries.items() if key not in removed])


def _named(base: Node, over: Node, path: Path, budget: Budget) -> Node:
    """`networks: [a, b]` counts as `{a: null, b: null}`."""
    return _mappings(_as_mapping(base), _as_mapping(over), path, budget, service=True)


def _as_mapping(node: Node) -> Node:
    if node.is_mapping:
        return node
    children = {}
    for item in node.sequence():
        children[item.template().text] = Node(item.source, item.pointer)
    return Node(node.source, node.pointer, children=children)


def _builds(base: Node, over: Node, path: Path, budget: Budget) -> Node:
    """`build: ./dir` counts as `{context: ./dir}`."""
    return _mappings(_build(base), _build(over), path, budget, service=True)


def _build(node: Node) -> Node:
    return node if not node.is_scalar or node.is_null else Node(node.source, node.pointer, children={"context": node})


def _loggings(base: Node, over: Node, path: Path, budget: Budget) -> Node:
    """Options belong to their driver: another driver replaces everything."""
    drivers = [node.get("driver") for node in (base, over)]
    texts = [None if driver is None else driver.template().text for driver in drivers]
    if None in texts or texts[0] == texts[1]:
        return _mappings(base, over, path, budget, service=True)
    return over


def _ulimits(base: Node, over: Node, path: Path, budget: Budget) -> Node:
    if base.is_mapping and over.is_mapping:
        return _mappings(base, over, path, budget, service=True)
    return over


_RULES: Final[dict[Path, Callable[[Node, Node, Path, Budget], Node]]] = {
    ("command",): _replaced,
    ("entrypoint",): _replaced,
    ("healthcheck", "test"): _replaced,
    ("annotations",): _pairs,
    ("environment",): _pairs,
    ("labels",): _pairs,
    ("sysctls",): _pairs,
    ("build", "args"): _pairs,
    ("build", "additional_contexts"): _pairs,
    ("build", "labels"): _pairs,
    ("deploy", "labels"): _pairs,
    ("dns",): _sequences,
    ("dns_opt",): _sequences,
    ("dns_search",): _sequences,
    ("env_file",): _sequences,
    ("label_file",): _sequences,
    ("tmpfs",): _sequences,
    ("extra_hosts",): _pairs,
    ("build", "extra_hosts"): _pairs,
    ("depends_on",): _named,
    ("models",): _named,
    ("networks",): _named,
    ("build",): _builds,
    ("logging",): _loggings,
    ("ulimits", "*"): _ulimits,
}


def _rule(path: Path) -> Callable[[Node, Node, Path, Budget], Node] | None:
    if len(path) > 2:
        return None
    found = _RULES.get(path)
    if found is None and len(path) == 2:
        found = _RULES.get((path[0], "*"))
    return found
