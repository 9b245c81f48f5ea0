"""The files of one module, parsed: what they declare, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from batten.formats.hcl.document import HclDocument
from batten.formats.hcl.nodes import Attribute, Block, Body, Expression
from batten.formats.lines import text_of
from batten.limits import TERRAFORM_FILES
from batten.model.source import File, Files, Pointer, Problem, Unreadable

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")


class Declared(Struct, frozen=True, eq=False):
    """A block of a module, with where it stands."""

    document: HclDocument
    block: Block
    pointer: Pointer
    overrides: list[Declared] = field(default_factory=list)
    """The same block in override files, the last word last: its arguments hold one by one, its blocks for all of
    their type."""

    def parts(self) -> tuple[Declared, ...]:
        """The block, and what overrides it."""
        return (self, *self.overrides)

    def attribute(self, name: str) -> tuple[Declared, Attribute] | None:
        """An argument with the part that has the last word on it."""
        for one in reversed(self.parts()):
            found = one.block.body.attributes.get(name)
            if found is not None:
                return one, found
        return None

    def arguments(self) -> dict[str, tuple[Declared, Attribute]]:
        """All arguments, each with the part that has the last word on it."""
        return {name: (one, found) for one in self.parts() for name, found in one.block.body.attributes.items()}

    def has_block(self, type: str) -> bool:
        return any(block.type == type for one in self.parts() for block in one.block.body.blocks)


class Local(Struct, frozen=True, eq=False):
    """A local value."""

    document: HclDocument
    attribute: Attribute
    pointer: Pointer


class Folder(Struct, eq=False):
    """What the files of one folder declare. `files` are their paths, `failed` those that could not be read."""

    directory: str
    files: list[str] = field(default_factory=list)
    failed: dict[str, Problem] = field(default_factory=dict)
    variables: dict[str, Declared] = field(default_factory=dict)
    locals: dict[str, Local] = field(default_factory=dict)
    outputs: dict[str, Declared] = field(default_factory=dict)
    modules: dict[str, Declared] = field(default_factory=dict)
    resources: dict[tuple[str, str], Declared] = field(default_factory=dict)
    data: dict[tuple[str, str], Declared] = field(default_factory=dict)
    values: list[tuple[HclDocument, Body]] = field(default_factory=list)
    """The files of values that are read without being named, the strongest last."""


def join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name


def read_folder(directory: str, files: Files) -> Folder:
    """The module in `directory`. A file that is no HCL is told, the rest is read."""
    folder = Folder(directory)
    names = [name for name in files.names(directory) if name.endswith(SUFFIXES)]
    # OpenTofu reads its own file in the place of one of the same name for Terraform
    names = [name for name in names if not name.endswith(".tf") or f"{name[:-3]}.tofu" not in names]
    if len(names) > TERRAFORM_FILES:
        first = join(directory, names[0])
        folder.failed[first] = Problem(first, f"expected at most {TERRAFORM_FILES:,} files of a module, found more")
        names = names[:TERRAFORM_FILES]
    for name in sorted(names, key=_is_override):  # these come last, in the order of their names
        file = files.get(join(directory, name))
        if file is None:
            continue
        folder.files.append(file.path)
        try:
            document = read_document(file)
        except Unreadable as error:
            folder.failed[file.path] = Problem(file.path, error.message, error.line)
            continue
        (_override if _is_override(name) else _declare)(folder, document)
    _values(folder, files)
    return folder


def _is_override(name: str) -> bool:
    stem = name.partition(".")[0]
    return stem == "override" or stem.endswith("_override")


def read_document(file: File) -> HclDocument:
    """The file, parsed. Raises `Unreadable`."""
    if file.path.endswith(".json"):
        from batten.formats.hcl.json import parse_json

        return HclDocument(file, parse_json(text_of(file)), json=True)
    from batten.formats.hcl.parser import parse

    return HclDocument(file, parse(text_of(file)))


def _declare(folder: Folder, document: HclDocument) -> None:
    for one in _blocks(document):
        if one.block.type == "locals":
            for name, attribute in one.block.body.attributes.items():
                folder.locals.setdefault(name, Local(document, attribute, (*one.pointer, name)))
        else:
            table, key = _table(folder, one.block)
            if table is not None:
                table.setdefault(key, one)


def _override(folder: Folder, document: HclDocument) -> None:
    """Merge an override file (Terraform's documentation: "Override files")."""
    for one in _blocks(document):
        if one.block.type == "locals":
            for name, attribute in one.block.body.attributes.items():
                folder.locals[name] = Local(document, attribute, (*one.pointer, name))
            continue
        table, key = _table(folder, one.block)
        if table is None:
            continue
        base = table.get(key)
        if base is not None:
            base.overrides.append(one)
            continue
        path = document.file.path
        name = ".".join((one.block.type, *one.block.labels))
        message = f"overrides {name}, which no other file here declares"
        folder.failed.setdefault(path, Problem(path, message, document.locate(one.pointer).line))


def _blocks(document: HclDocument) -> Iterator[Declared]:
    counts: dict[tuple[Any, ...], int] = {}
    for block in document.body.blocks:
        mark = (block.type, *block.labels)
        number = counts[mark] = counts.get(mark, -1) + 1
        yield Declared(document, block, (*mark, number) if number else mark)


def _table(folder: Folder, block: Block) -> tuple[dict[Any, Declared] | None, Any]:
    """Where a block of this type is kept, and under which name; None for one that says nothing of what is made."""
    labels = tuple(block.labels)
    if len(labels) == 1:
        tables: dict[str, dict[Any, Declared]] = {
            "variable": folder.variables,
            "output": folder.outputs,
            "module": folder.modules,
        }
        return tables.get(block.type), labels[0]
    if len(labels) == 2:
        return {"resource": folder.resources, "data": folder.data}.get(block.type), labels
    return None, ""


def _values(folder: Folder, files: Files) -> None:
    """terraform.tfvars, then *.auto.tfvars in the order of their names, as Terraform reads them."""
    names = files.names(folder.directory)
    found = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    found += sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    for name in found[:TERRAFORM_FILES]:
        file = files.get(join(folder.directory, name))
        if file is None:
            continue
        folder.files.append(file.path)
        try:
            document = read_document(file)
        except Unreadable as error:
            folder.failed[file.path] = Problem(file.path, error.message, error.line)
            continue
        folder.values.append((document, document.body))


def literal_text(expression: Expression | None) -> str:
    """A text without anything interpolated; "" for anything else."""
    from batten.formats.hcl.nodes import Template
    from batten.formats.hcl.places import name_of

    return (name_of(expression) or "") if isinstance(expression, Template) else ""
