"""`replacements`: values of one object that are copied into others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from batten.formats.kustomize.errors import BuildError
from batten.formats.kustomize.objects import Object, Selector, labelled, matches, one_of, selector_of
from batten.formats.nodes import Node

_DEFAULT: Final = "metadata.name"
_WANTED: Final = re.compile(r"\[([^=\]]*)=([^\]]*)\]\Z")
_QUOTED: Final = re.compile(r"\[[^=\]]*\.[^=\]]*\]")
"""A key whose dots are its own: `metadata.annotations.[cert-manager.io/inject-ca-from]`."""
_PART: Final = re.compile(r"(?:\\.|\[[^\]]*\]|[^.\\])+")


def replace(objects: Sequence[Object], entry: Node) -> None:
    """One entry. Raises `BuildError`."""
    targets = entry.get("targets")
    if targets is None:
        raise BuildError("expected a replacement with targets", entry.place)
    value = _value(objects, entry)
    for target in targets.items:
        select = target.get("select")
        if select is None:
            raise BuildError("expected a target with what it selects", target.place)
        rejected = [selector_of(one) for one in target.each("reject")]
        paths = [str(one.plain) for one in target.each("fieldPaths")]
        for one in _chosen(objects, selector_of(select)):
            if not any(_meets(one, reject) for reject in rejected):
                for path in paths or [_DEFAULT]:
                    _copy(one, path, value, target)


def _value(objects: Sequence[Object], entry: Node) -> Node:
    given = entry.get("sourceValue")
    if given is not None:
        return given
    source = entry.get("source")
    if source is None:
        raise BuildError("expected a replacement with a source", entry.place)
    wanted = Selector(**{name: source.text(name) for name in ("group", "version", "kind", "namespace", "name")})
    found = [one for one in objects if any(_exact(wanted, known) for known in one.ids)]
    one = one_of(found, f"the source of a replacement ({wanted.kind} {wanted.name})")
    path = source.text("fieldPath") or _DEFAULT
    nodes = list(_at(one.node, _parts(path), None))
    if len(nodes) != 1:
        raise BuildError(f"expected a value at {path[:200]!r} of {one.id}, found none", source.place)
    value = nodes[0]
    delimiter, index = _options(source)
    if delimiter:
        parts = str(value.plain).split(delimiter)
        if not 0 <= index < len(parts):
            raise BuildError(
                f"expected a part {index} in the value at {path[:200]!r}, found {len(parts)}", source.place
            )
        value = Node(parts[index], value.place)
    return value


def _exact(wanted: Selector, known: object) -> bool:
    return all(
        not (word := getattr(wanted, name)) or word == getattr(known, name)
        for name in ("group", "version", "kind", "namespace", "name")
    )


def _chosen(objects: Sequence[Object], selector: Selector) -> list[Object]:
    return [one for one in objects if _meets(one, selector)]


def _meets(one: Object, selector: Selector) -> bool:
    names = {name: getattr(selector, name) for name in ("group", "version", "kind", "namespace", "name")}
    return (
        any(all(matches(word, getattr(known, name)) for name, word in names.items()) for known in one.ids)
        and labelled(one.node, "labels", selector.labels)
        and labelled(one.node, "annotations", selector.annotations)
    )


def _options(node: Node) -> tuple[str, int]:
    options = node.get("options")
    if options is None:
        return "", 0
    index = options.get("index")
    return options.text("delimiter"), index.plain if index is not None and isinstance(index.plain, int) else 0


def _copy(one: Object, path: str, value: Node, target: Node) -> None:
    options = target.get("options")
    create = options.get("create") if options is not None else None
    made = value if create is not None and create.plain is True else None
    delimiter, index = _options(target)
    nodes = list(_at(one.node, _parts(path), made))
    if not nodes:
        raise BuildError(f"expected a field {path[:200]!r} in {one.id} to replace, found none", target.place)
    for node in nodes:
        new = value.copy()
        if delimiter:
            parts = str(node.plain).split(delimiter)
            text = str(value.plain)
            if index < 0:
                parts.insert(0, text)
            elif index >= len(parts):
                parts.append(text)
            else:
                parts[index] = text
            new = Node(delimiter.join(parts), value.place)
        elif not node.is_map and not node.is_list and not new.is_map and not new.is_list:
            new = Node(_as_before(node.plain, new.plain), new.place)
        node.become(new)


def _as_before(old: Any, new: Any) -> Any:
    """A value in the type of the one that it takes the place of, as far as it can be read so."""
    text = ("true" if new else "false") if isinstance(new, bool) else str(new)
    if isinstance(old, str):
        return text
    if isinstance(old, bool):
        return {"true": True, "false": False}.get(text, text)
    try:
        return int(text) if isinstance(old, int) else float(text) if isinstance(old, float) else new
    except ValueError:
        return text


def _parts(path: str) -> list[str]:
    """`spec.containers.[name=web].image`: parts between dots; a backslash or brackets keep a dot."""
    parts = [re.sub(r"\\(.)", r"\1", part) for part in _PART.findall(path)]
    return [part[1:-1] if _QUOTED.fullmatch(part) else part for part in parts]


def _at(node: Node, parts: list[str], create: Node | None) -> Iterator[Node]:
    if not parts:
        yield node
        return
    part, rest = parts[0], parts[1:]
    if part == "*":
        for child in node.items if node.is_list else list(node.fields.values()):
            yield from _at(child, rest, create)
    elif found := _WANTED.match(part):
        for item in node.items:
            key = item.get(found[1]) if found[1] else item
            if key is not None and str(key.plain) == found[2]:
                yield from _at(item, rest, create)
    elif node.is_list:
        if part.isascii() and part.isdigit() and int(part) < len(node.items):
            yield from _at(node.items[int(part)], rest, create)
        elif part == "-" and create is not None:
            node.items.append(made := Node("" if not rest else {}, create.place))
            yield from _at(made, rest, create)
    elif node.is_map:
        held = node.get(part)
        if held is None and create is not None:
            held = node.fields[part] = Node("" if not rest else {}, create.place)
        if held is not None:
            yield from _at(held, rest, create)
