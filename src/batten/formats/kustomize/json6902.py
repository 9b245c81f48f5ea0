"""JSON patches (RFC 6902) on nodes."""

from __future__ import annotations

from batten.formats.kustomize.errors import BuildError
from batten.formats.nodes import Node


def apply(target: Node, operations: Node) -> None:
    """Carries the operations out, in place. Raises `BuildError` where one cannot be."""
    if not operations.is_list:
        raise BuildError("expected a list of operations (RFC 6902)", operations.place)
    for operation in operations.items:
        _apply(target, operation)


def _apply(target: Node, operation: Node) -> None:
    name, path = operation.text("op"), operation.text("path")
    value = operation.get("value")
    if name in ("add", "replace", "test") and value is None:
        raise BuildError(f"expected a value in the operation {name}", operation.place)
    if name == "add" and value is not None:
        _add(target, path, value.copy(), operation)
    elif name == "replace" and value is not None:
        _replace(target, path, value.copy(), operation)
    elif name == "remove":
        _remove(target, path, operation)
    elif name in ("move", "copy"):
        source = operation.text("from")
        found = _get(target, source, operation).copy()
        if name == "move":
            _remove(target, source, operation)
        _add(target, path, found, operation)
    elif name == "test" and value is not None:
        if _get(target, path, operation).value() != value.value():
            raise BuildError(f"the value at {path} is not the one that the operation `test` wants", operation.place)
    elif name != "test":
        raise BuildError(f"expected an operation of RFC 6902, found {name[:40]!r}", operation.place)


def parts(path: str) -> list[str]:
    """The reference tokens of a JSON pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _get(target: Node, path: str, operation: Node) -> Node:
    node = target
    for part in parts(path):
        child = node.get(part) if node.is_map else None
        if node.is_list and (index := _index(part, len(node.items))) is not None and index < len(node.items):
            child = node.items[index]
        if child is None:
            raise BuildError(f"expected a value at {path}, found none", operation.place)
        node = child
    return node


def _parent(target: Node, path: str, operation: Node) -> tuple[Node, str]:
    route, _, last = path.rpartition("/")
    if not path.startswith("/"):
        raise BuildError(f"expected a path that begins with /, found {path[:80]!r}", operation.place)
    return _get(target, route, operation), last.replace("~1", "/").replace("~0", "~")


def _add(target: Node, path: str, value: Node, operation: Node) -> None:
    if not path:
        target.become(value)
        return
    parent, last = _parent(target, path, operation)
    if parent.is_map:
        parent.fields[last] = value
        return
    index = _index(last, len(parent.items)) if parent.is_list else None
    if index is None or index > len(parent.items):
        raise BuildError(f"expected a place in a list or mapping at {path}, found none", operation.place)
    parent.items.insert(index, value)


def _replace(target: Node, path: str, value: Node, operation: Node) -> None:
    """As the library that kustomize uses: a field of a mapping need not be there, though RFC 6902 says so."""
    if path:
        parent, last = _parent(target, path, operation)
        if parent.is_map:
            parent.fields[last] = value
            return
    _get(target, path, operation).become(value)


def _remove(target: Node, path: str, operation: Node) -> None:
    parent, last = _parent(target, path, operation)
    if parent.is_map and last in parent.fields:
        del parent.fields[last]
        return
    index = _index(last, len(parent.items)) if parent.is_list else None
    if index is None or index >= len(parent.items):
        raise BuildError(f"expected a value at {path}, found none", operation.place)
    del parent.items[index]


def _index(text: str, length: int) -> int | None:
    """`-` is behind the last; a negative one counts from the end, as the library that kustomize uses has it."""
    if text == "-":
        return length
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        return None
    index = int(text)
    return index if index >= 0 else (length + index if length + index >= 0 else None)
