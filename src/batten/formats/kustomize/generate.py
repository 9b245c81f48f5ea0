"""Config maps and secrets that a kustomization makes of files and literals, and the hash in their names."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from batten.formats.kustomize.errors import BuildError
from batten.formats.kustomize.objects import Object, by_id
from batten.formats.nodes import Node
from batten.model.source import File as SourceFile
from batten.model.source import Files

_WIDTH: Final = 70  # a base64 text of binary data is broken into lines of so many characters
_LETTERS: Final = str.maketrans("013ae", "ghkmt")  # so that no hash spells a word
_HASHED: Final = 10


def generate(
    objects: list[Object], entry: Node, options: Node | None, *, secret: bool, folder: str, files: Files
) -> None:
    """One entry of `configMapGenerator` or `secretGenerator`, added to `objects` or merged into one of them.

    Raises `BuildError`.
    """
    one = _made(entry, options, secret=secret, folder=folder, files=files)
    known = by_id(objects, one.id)
    behavior = one.behavior or "create"
    if behavior == "create":
        if known:
            raise BuildError(f"expected one {one.id}, found another; say behavior: merge or replace", entry.place)
        objects.append(one)
        return
    if behavior not in ("merge", "replace"):
        raise BuildError(f"expected behavior create, merge or replace, found {behavior[:40]!r}", entry.place)
    if len(known) != 1:
        raise BuildError(f"expected one {one.id} to {behavior}, found {len(known) or 'none'}", entry.place)
    _join(known[0], one, replace=behavior == "replace")


def _join(known: Object, one: Object, *, replace: bool) -> None:
    for name in ("data", "binaryData"):
        new = one.node.get(name)
        old = known.node.get(name)
        if replace:
            known.node.fields.pop(name, None)
        if new is None:
            continue
        if old is None or replace:
            known.node.fields[name] = new
        else:
            old.fields.update(new.fields)
    for name in ("labels", "annotations"):
        new = _metadata(one.node).get(name)
        if new is None:
            continue
        old = _metadata(known.node).get(name)
        if old is None:
            _metadata(known.node).fields[name] = new
        else:
            old.fields.update(new.fields)


def _metadata(node: Node) -> Node:
    found = node.get("metadata")
    assert found is not None  # objects without metadata are not taken into a build
    return found


def _made(entry: Node, options: Node | None, *, secret: bool, folder: str, files: Files) -> Object:
    place = entry.place
    name = entry.text("name")
    if not name:
        raise BuildError("expected a generator with a name", place)
    metadata: dict[str, Any] = {"name": name}
    if namespace := entry.text("namespace"):
        metadata["namespace"] = namespace
    for what in ("labels", "annotations"):
        pairs = {key: value for one in (options, entry.get("options")) for key, value in _pairs(one, what)}
        if pairs:
            metadata[what] = pairs
    data: dict[str, Node] = {}
    binary: dict[str, Node] = {}
    for key, content, where in _contents(entry, folder, files):
        if key in data or key in binary:
            raise BuildError(f"expected the key {key[:80]!r} once in {name}, found it twice", where.place)
        if secret:
            data[key] = Node(_folded(content), where.place)
            continue
        try:
            data[key] = Node(content.decode("utf-8"), where.place)
        except UnicodeDecodeError:
            binary[key] = Node(_folded(content), where.place)
    kind = "Secret" if secret else "ConfigMap"
    node = Node({"apiVersion": "v1", "kind": kind, "metadata": metadata}, place)
    # what stands in no file of the target begins where the generator stands
    node.fields["metadata"].fields["name"] = Node(name, place / "name")
    if secret:
        node.fields["type"] = Node(entry.text("type") or "Opaque", place)
    for what, found in (("data", data), ("binaryData", binary)):
        if found or (secret and what == "data"):
            mapping = Node({}, place)
            mapping.fields.update(found)
            node.fields[what] = mapping
    if _said(options, entry, "immutable"):
        node.fields["immutable"] = Node(True, place)
    return Object(node, hashed=not _said(options, entry, "disableNameSuffixHash"), behavior=entry.text("behavior"))


def _pairs(options: Node | None, what: str) -> Iterator[tuple[str, Any]]:
    found = options.get(what) if options is not None else None
    if found is not None:
        yield from ((key, value.plain) for key, value in found.fields.items())


def _said(options: Node | None, entry: Node, what: str) -> bool:
    return any(
        (found := one.get(what)) is not None and found.plain is True
        for one in (options, entry.get("options"))
        if one is not None
    )


def _folded(content: bytes) -> str:
    text = base64.b64encode(content).decode("ascii")
    if len(text) <= _WIDTH:
        return text
    return "".join(f"{text[start : start + _WIDTH]}\n" for start in range(0, len(text), _WIDTH))


def _contents(entry: Node, folder: str, files: Files) -> Iterator[tuple[str, bytes, Node]]:
    """Key, content, and what names it: environment files, literals, files, in the order of kustomize."""
    named = entry.get("env")
    for source in [*([named] if named is not None else []), *entry.each("envs")]:
        for number, line in enumerate(
            _read(source, str(source.plain), folder, files).decode("utf-8", "replace").splitlines()
        ):
            text = (line.removeprefix("\ufeff") if number == 0 else line).lstrip()
            if text and not text.startswith("#"):
                key, _, value = text.partition("=")
                yield key, value.encode(), source
    for source in entry.each("literals"):
        key, equal, value = str(source.plain).partition("=")
        if not equal or not key:
            raise BuildError("expected a literal KEY=VALUE, found one without its key or `=`", source.place)
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        yield key, value.encode(), source
    for source in entry.each("files"):
        key, equal, path = str(source.plain).partition("=")
        path = path if equal else key
        yield key if equal else path.rpartition("/")[2], _read(source, path, folder, files), source


def _read(source: Node, path: str, folder: str, files: Files) -> bytes:
    found: SourceFile | None = files.get(f"{folder}/{path}" if folder else path)
    if found is None:
        raise BuildError(f"expected the file {path[:200]!r}, found none in the target", source.place)
    return found.data


def add_hashes(objects: Sequence[Object]) -> None:
    """Ends the names of generated objects with the hash of their content."""
    for one in objects:
        if one.hashed:
            one.remember()
            metadata = _metadata(one.node)
            name = metadata.fields["name"]
            name.become(Node(f"{name.plain}-{content_hash(one.node.value())}", name.place))


def content_hash(value: dict[str, Any]) -> str:
    """Ten letters and digits for a config map or secret, as kustomize has them."""
    kind = value.get("kind")
    # kustomize 5 looks for a field called "metadata/name", finds none, and so takes no name into its hash
    known: dict[str, Any] = {"kind": kind, "name": "", "data": value.get("data", "")}
    if kind == "Secret":
        known["type"] = value.get("type", "")
    more = "stringData" if kind == "Secret" else "binaryData"
    if isinstance(value.get(more), dict):
        known[more] = value[more]
    text = json.dumps(known, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for plain in "<>&\u2028\u2029":  # as Go writes them
        text = text.replace(plain, f"\\u{ord(plain):04x}")
    return hashlib.sha256(text.encode()).hexdigest()[:_HASHED].translate(_LETTERS)
