"""How Compose lays one file over another, and a service over the one that it extends.

Compose specification, "merge"; compose-go, `override.MergeYaml`. Mappings are merged key by key, lists
are appended, everything else is replaced; the table below has the attributes that differ. An entry
tagged `!reset` removes what is below it, one tagged `!override` replaces it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from batten.formats.compose.tree import OVERRIDE, RESET, Node

Path = tuple[str, ...]

_SHORT_SYNTAX: Final = (("volumes",), ("ports",), ("devices",), ("env_file",), ("secrets",), ("configs",))


def merge_service(base: Node, over: Node) -> Node:
    """`over` laid over `base`: both are whole services."""
    return _merge(base, over, (), service=True)


def merge_resource(base: Node, over: Node) -> Node:
    """The same for a network, a volume, a secret or a config."""
    return _merge(base, over, (), service=False)


def _merge(base: Node, over: Node, path: Path, *, service: bool) -> Node:
    if over.tag == OVERRIDE:
        return over
    rule = _rule(path) if service else None
    if rule is not None:
        return rule(base, over, path)
    if over.is_null:
        return base
    if base.is_mapping or base.is_list:
        if base.is_mapping != over.is_mapping or base.is_list != over.is_list:
            over.problem(f"expected {base.found()} as in {base.source.path}, found {over.found()}")
            return over
        if base.is_mapping:
            return _mappings(base, over, path, service=service)
        return _appended(base, base.items(), over.items(), path)
    return over


def _mappings(base: Node, over: Node, path: Path, *, service: bool) -> Node:
    result = dict(base.entries())
    members = over.members()
    for key, node in members.items():
        if node.tag == RESET:
            result.pop(key, None)
        elif key in result:
            result[key] = _merge(result[key], node, (*path, key), service=service)
        else:
            result[key] = node
    return Node(base.source, base.pointer, children=result)


def _appended(base: Node, first: list[Node], second: list[Node], path: Path) -> Node:
    """`second` behind `first`, without the items that are already there to the letter."""
    apart = path[:1] in _SHORT_SYNTAX
    there = {_identity(node, apart) for node in first}
    more = [node for node in second if _identity(node, apart) not in there]
    return Node(base.source, base.pointer, children=[*first, *more])


def _identity(node: Node, apart: bool) -> object:
    """Equal for values that are the same when their variables and relative paths are resolved.

    `apart`: a short form equals its like only within a document, since Compose has turned those of the
    documents before into the long form.
    """
    if node.is_mapping:
        return frozenset((key, _identity(entry, False)) for key, entry in node.entries().items())
    if node.is_list:
        return tuple(_identity(item, False) for item in node.items())
    return node.raw.__class__, node.template().text, node.source.directory, id(node.source.document) if apart else 0


def _replaced(base: Node, over: Node, path: Path) -> Node:
    return over


def _sequences(base: Node, over: Node, path: Path) -> Node:
    """A single value counts as a list of one."""
    return _appended(base, base.sequence(), over.sequence(), path)


def _pairs(base: Node, over: Node, path: Path) -> Node:
    """`KEY=value` entries by their key: the last one takes effect, in the place of the first."""
    entries: dict[str, Node] = {}
    for node in (base, over):
        for pair in node.pairs():
            entry = pair.node
            if pair.whole:
                entry = Node(entry.source, entry.pointer, entry.raw, entry.children, pair.name)
            entries[pair.name] = entry
    removed = {key for key, node in over.members().items() if node.tag == RESET}
    return Node(base.source, base.pointer, children=[node for key, node in entries.items() if key not in removed])


def _named(base: Node, over: Node, path: Path) -> Node:
    """`networks: [a, b]` counts as `{a: null, b: null}`."""
    return _mappings(_as_mapping(base), _as_mapping(over), path, service=True)


def _as_mapping(node: Node) -> Node:
    if node.is_mapping:
        return node
    children = {}
    for item in node.sequence():
        children[item.template().text] = Node(item.source, item.pointer)
    return Node(node.source, node.pointer, children=children)


def _builds(base: Node, over: Node, path: Path) -> Node:
    """`build: ./dir` counts as `{context: ./dir}`."""
    return _mappings(_build(base), _build(over), path, service=True)


def _build(node: Node) -> Node:
    return node if not node.is_scalar or node.is_null else Node(node.source, node.pointer, children={"context": node})


def _loggings(base: Node, over: Node, path: Path) -> Node:
    """Options belong to their driver: another driver replaces everything."""
    drivers = [node.get("driver") for node in (base, over)]
    texts = [None if driver is None else driver.template().text for driver in drivers]
    if None in texts or texts[0] == texts[1]:
        return _mappings(base, over, path, service=True)
    return over


def _ulimits(base: Node, over: Node, path: Path) -> Node:
    if base.is_mapping and over.is_mapping:
        return _mappings(base, over, path, service=True)
    return over


_RULES: Final[dict[Path, Callable[[Node, Node, Path], Node]]] = {
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


def _rule(path: Path) -> Callable[[Node, Node, Path], Node] | None:
    if len(path) > 2:
        return None
    found = _RULES.get(path)
    if found is None and len(path) == 2:
        found = _RULES.get((path[0], "*"))
    return found
