"""Random edits of real manifests: nothing but what was meant changes."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from batten.formats.document import tree_of
from batten.formats.splicing import apply
from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import File
from formats.yaml.edited import Undefined, after, pointers, same

EVERY = 7  # files; all of them take a minute
NEW: tuple[Any, ...] = (
    False,
    1000,
    "RuntimeDefault",
    "yes",
    "a: b",
    "",
    None,
    {"drop": ["ALL"]},
    ["x", {"y": 1}],
    {},
    [],
)


@pytest.mark.shared
def test_random_edits_of_real_files(shared_manifests: Path) -> None:
    files = sorted(one for one in shared_manifests.rglob("*.y*ml") if one.is_file() and one.stat().st_size < 60_000)
    made = 0
    for path in files[::EVERY]:
        for variant, data in enumerate(_variants(path.read_bytes())):
            made += _edit_one(File(path.name, data), Random(f"{path.name} {variant}"))
    assert made > 100


def _variants(data: bytes) -> list[bytes]:
    return [data, data.rstrip(b"\n"), data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")]


def _edit_one(file: File, random: Random) -> int:
    documents = [one for one in read_documents(file, KUBERNETES) if isinstance(one, YamlDocument) and one.value]
    if not documents:
        return 0
    document = random.choice(documents)
    edits = [_edit(document.value, random) for _ in range(random.choice((1, 1, 2, 4)))]
    try:
        wanted = after(document.value, edits)
        splices = document.splices(edits)
    except (Undefined, CannotEdit):
        return 0
    text = apply(file.text(), splices)
    read = {one.index: one for one in read_documents(File(file.path, text.encode()), KUBERNETES)
            if isinstance(one, YamlDocument)}  # fmt: skip
    for other in documents:
        mine = wanted if other is document else other.value
        assert other.index in read or mine is None, (file.path, edits, text)
        assert same(read[other.index].value, mine), (file.path, edits, text)
    if not tree_of(document).json and "|" not in file.text():  # a block of text keeps its line end
        assert text.endswith("\n") == file.text().endswith("\n"), (file.path, edits)
    try:
        settled = same(after(wanted, edits), wanted)
    except Undefined:
        settled = False
    if settled:
        assert apply(text, read[document.index].splices(edits)) == text, (file.path, edits)
    return 1


def _edit(value: Any, random: Random) -> Edit:
    every = pointers(value)
    place = random.choice(every)
    found = value
    for part in place:
        found = found[part]
    if isinstance(found, list) and random.random() < 0.7:
        return Append(place, random.choice(NEW))
    if isinstance(found, dict) and random.random() < 0.8:
        return Set((*place, *random.choice((("zz",), ("zz", "inner"), ("a/b", "c")))), random.choice(NEW))
    if place and random.random() < 0.5:
        return Remove(place)
    return Set(place, random.choice(NEW))
