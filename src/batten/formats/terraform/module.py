"""One module as it is called: its variables, locals, what it calls itself, and what its blocks come to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, Final
from weakref import WeakKeyDictionary

from msgspec import Struct, field

from batten.formats.compose.files import resolve
from batten.formats.hcl.document import HclDocument
from batten.formats.hcl.nodes import Attribute, Body
from batten.formats.nodes import Node
from batten.formats.terraform.blocks import declared_node, instances
from batten.formats.terraform.embedded import FileText
from batten.formats.terraform.evaluate import Evaluator, Names
from batten.formats.terraform.folder import Declared, Folder, literal_text, read_folder
from batten.formats.terraform.values import Steps, listing, mapping, unknown
from batten.limits import TERRAFORM_DEPTH, TERRAFORM_MODULES
from batten.model.source import Files, Place, Unreadable

Key = str | int | None


_OF_IMAGE: Final = frozenset({"image_id", "latest", "repo_digest", "id"})
_FOLDERS: Final[WeakKeyDictionary[Files, dict[str, Folder]]] = WeakKeyDictionary()  # each file asks for its module


def _folder(directory: str, files: Files) -> Folder:
    """The module in a folder of a target, parsed once."""
    known = _FOLDERS.setdefault(files, {})
    if directory not in known:
        known[directory] = read_folder(directory, files)
    return known[directory]


class Shared(Struct, eq=False):
    """What all modules of one root have in common."""

    files: Files
    root: str
    steps: Steps
    folders: dict[str, Folder]
    read: dict[str, None]
    """Files that were asked for by `file` and its like."""
    given: list[tuple[HclDocument, Body]] = field(default_factory=list)
    """Files of variables that the user names, the strongest last."""
    installed: dict[str, str] | None = None
    """Folders of modules that `terraform init` fetched, by the address of the call."""
    calls: int = 0


class Resource(Struct, frozen=True, eq=False):
    """One instance of a resource: its address, type, and arguments as they are known."""

    address: str
    type: str
    name: str
    node: Node
    called: bool
    """It is part of a module that another one calls."""


class Module:
    """A module. `given`: the arguments of its call, None of a root; `address`: `module.web.`, "" of the root."""

    def __init__(self, shared: Shared, directory: str, address: str, given: Names | None, depth: int) -> None:
        self.shared = shared
        self.directory = directory
        self.address = address
        self.given = given
        self.depth = depth
        if directory not in shared.folders:
            shared.folders[directory] = _folder(directory, shared.files)
        self.folder = shared.folders[directory]
        self._known: dict[tuple[str, ...], Node] = {}
        self._running: set[tuple[str, ...]] = set()
        self._called: dict[str, list[tuple[str, Module]] | None] = {}

    @property
    def steps(self) -> Steps:
        return self.shared.steps

    # ------------------------------------------------------------------------------- names

    def named(self, root: str, keys: list[Any], words: str, place: Place) -> tuple[Node, list[Key]] | None:
        """(what a name stands for, the steps that are left); None where it is not known."""
        first = keys[0] if keys else None
        if root in ("path", "terraform"):
            return self._path(str(first), place)
        if not isinstance(first, str) or root in ("each", "count", "self"):
            return None
        if root == "var":
            return self.variable(first, place), keys[1:]
        if root == "local":
            return self._local(first, place), keys[1:]
        if root == "module":
            return self._module(first, keys[1:], place)
        if root == "data":
            second = keys[1] if len(keys) > 1 else None
            if not isinstance(second, str):
                return None
            return self._block(self.folder.data.get((first, second)), keys[2:], f"data.{first}.{second}", place)
        return self._block(self.folder.resources.get((root, first)), keys[1:], f"{root}.{first}", place)

    def _path(self, name: str, place: Place) -> tuple[Node, list[Key]] | None:
        if name == "root":
            return Node(".", place), []
        if name != "module":
            return None
        return Node(posixpath.relpath(f"/{self.directory}", f"/{self.shared.root}"), place), []

    def _guarded(self, mark: tuple[str, ...], place: Place, make: Any) -> Node:
        """Each once, and none within itself."""
        if mark in self._known:
            return self._known[mark]
        if mark in self._running or len(self._running) > TERRAFORM_DEPTH:
            return unknown(".".join(mark), place)
        self._running.add(mark)
        try:
            found: Node = make()
        finally:
            self._running.discard(mark)
        self._known[mark] = found
        return found

    def variable(self, name: str, place: Place) -> Node:
        """The value of a variable: given by the call, in a file of values, or by default."""
        return self._guarded(("var", name), place, lambda: self._variable(name, place))

    def _variable(self, name: str, place: Place) -> Node:
        declared = self.folder.variables.get(name)
        if declared is None:
            return unknown(f"var.{name}", place)
        arguments = declared.arguments()
        found = self._given(name)
        nullable = arguments.get("nullable")
        never_null = nullable is not None and getattr(nullable[1].value, "value", True) is False
        if (found is None or (found.plain is None and never_null)) and "default" in arguments:
            found = self._argument(*arguments["default"])
        if found is None:
            return unknown(f"var.{name}", Place(declared.document, declared.pointer))
        if "type" in arguments:
            from batten.formats.terraform.types import converted

            part, attribute = arguments["type"]
            found = converted(found, attribute.value, Evaluator(self, part.document), (*part.pointer, "type"))
        return found

    def _argument(self, part: Declared, attribute: Attribute, names: Names | None = None) -> Node:
        return Evaluator(self, part.document, names).node(attribute.value, (*part.pointer, attribute.name))

    def _given(self, name: str) -> Node | None:
        if self.given is not None:
            return self.given.get(name)
        found = None
        for document, body in (*self.folder.values, *self.shared.given):
            attribute = body.attributes.get(name)
            if attribute is not None:
                found = Evaluator(self, document).node(attribute.value, (name,))
        return found

    def _local(self, name: str, place: Place) -> Node:
        local = self.folder.locals.get(name)
        if local is None:
            return unknown(f"local.{name}", place)
        evaluator = Evaluator(self, local.document)
        return self._guarded(("local", name), place, lambda: evaluator.node(local.attribute.value, local.pointer))

    def _block(
        self, declared: Declared | None, keys: list[Key], words: str, place: Place
    ) -> tuple[Node, list[Key]] | None:
        """An argument of a resource or data source that is written; what the provider decides is not known."""
        if declared is None:
            return None
        if keys and (declared.attribute("count") or declared.attribute("for_each")):
            keys = keys[1:]
        if not keys or not isinstance(keys[0], str):
            return None
        name, rest = keys[0], keys[1:]
        if declared.block.labels[0] == "docker_image" and name in _OF_IMAGE:
            name = "name"  # the image that it says, whatever it is called by
        if declared.block.labels[0] == "aws_iam_policy_document" and name in ("json", "minified_json"):
            from batten.formats.terraform.policies import policy_text

            whole = self._guarded((words,), place, lambda: declared_node(declared, self))
            return policy_text(whole, self.steps), rest
        argument = declared.attribute(name)
        if argument is not None:
            return self._guarded((words, name), place, lambda: self._argument(*argument)), rest
        if declared.has_block(name):
            whole = self._guarded((words,), place, lambda: declared_node(declared, self))
            found = whole.get(name)
            return None if found is None else (found, rest)
        return unknown(f"{words}.{name}", place), []

    # ----------------------------------------------------------------------------- modules

    def _module(self, name: str, keys: list[Key], place: Place) -> tuple[Node, list[Key]] | None:
        """An output of a called module; all of them where none is named."""
        called = self.called(name)
        declared = self.folder.modules.get(name)
        if called is None or declared is None:
            return None
        counted = declared.attribute("count")
        if not counted and not declared.attribute("for_each"):
            return called[0][1]._named_output(keys, place) if called else None
        if keys:
            for key, module in called:
                if key == str(keys[0]):
                    return module._named_output(keys[1:], place)
            return None
        each = {key: module.outputs(place) for key, module in called}
        if counted:
            return listing(list(each.values()), place), []
        return mapping(each, place), []

    def _named_output(self, keys: list[Key], place: Place) -> tuple[Node, list[Key]] | None:
        if not keys:
            return self.outputs(place), []
        return (self.output(keys[0], place), keys[1:]) if isinstance(keys[0], str) else None

    def outputs(self, place: Place) -> Node:
        """All outputs by name."""
        return mapping({name: self.output(name, place) for name in self.folder.outputs}, place)

    def output(self, name: str, place: Place) -> Node:
        declared = self.folder.outputs.get(name)
        argument = declared.attribute("value") if declared is not None else None
        if argument is None:
            return unknown(f"{self.address}{name}", place)
        return self._guarded(("output", name), place, lambda: self._argument(*argument))

    def called(self, name: str) -> list[tuple[str, Module]] | None:
        """The instances of a module that is called, by their keys; None where it is not here."""
        if name not in self._called:
            self._called[name] = None  # while it is made: a module that calls itself
            self._called[name] = self._call(name)
        return self._called[name]

    def _call(self, name: str) -> list[tuple[str, Module]] | None:
        declared = self.folder.modules.get(name)
        directory = self.directory_of(declared) if declared is not None else None
        if declared is None or directory is None or self.depth >= TERRAFORM_DEPTH:
            return None
        made = []
        for key, names in instances(declared, self):
            self.shared.calls += 1
            if self.shared.calls > TERRAFORM_MODULES:
                return None
            given = {
                name: self._argument(part, attribute, names) for name, (part, attribute) in declared.arguments().items()
            }
            shown = f"[{key}]" if key else ""
            address = f"{self.address}module.{name}{shown}."
            made.append((key.strip('"'), Module(self.shared, directory, address, given, self.depth + 1)))
        return made

    def directory_of(self, declared: Declared) -> str | None:
        """The folder of a called module in the target; None where it lies elsewhere."""
        source = source_of(declared)
        if source.startswith(("./", "../")):
            found = resolve(self.directory, source)
            if found is None or not any(one.endswith((".tf", ".tofu", ".json")) for one in self._names(found)):
                return None
            return found
        return self._installed(declared.block.labels[0])

    def _names(self, directory: str) -> list[str]:
        return list(self.shared.files.names(directory))

    def _installed(self, name: str) -> str | None:
        """Where `terraform init` has put a module, as its own list says."""
        if self.shared.installed is None:
            self.shared.installed = _installed(self.shared)
        mark = f"{self.address}module.{name}"
        keys = [part.partition("[")[0] for part in mark.split("module.") if part]
        return self.shared.installed.get(".".join(one.rstrip(".") for one in keys))

    # --------------------------------------------------------------------------- resources

    def resources(self, path: str | None = None, *, overridden: bool = False) -> Iterator[Resource]:
        """The resources of the module that are not switched off; of one file, or of all. `overridden`: also those that
        the file overrides."""
        for (type_, name), declared in self.folder.resources.items():
            parts = declared.parts() if overridden else (declared,)
            if path is not None and all(one.document.file.path != path for one in parts):
                continue
            for key, names in instances(declared, self):
                node = declared_node(declared, self, names)
                shown = f"[{key}]" if key else ""
                address = f"{self.address}{type_}.{name}{shown}"
                yield Resource(address, type_, name, node, bool(self.address))

    # ------------------------------------------------------------------------------- files

    def file(self, path: str, place: Place) -> Node | None:
        """The text of a file of the target, as `file()` gives it."""
        found = resolve(self.shared.root, path) if path else None
        file = self.shared.files.get(found) if found else None
        if file is None:
            return None
        self.steps.spend(len(file.data) // 64)
        try:
            text = file.text()
        except Unreadable:
            return None
        self.shared.read[file.path] = None
        return FileText(file, text, place)


def source_of(declared: Declared) -> str:
    """The `source` of a called module, "" where it is no literal text."""
    argument = declared.attribute("source")
    return literal_text(argument[1].value if argument is not None else None)


def _installed(shared: Shared) -> dict[str, str]:
    """`.terraform/modules/modules.json` of the root: key of the call -> folder in the target."""
    from batten.formats.json import read_json

    folder = f"{shared.root}/.terraform/modules" if shared.root else ".terraform/modules"
    file = shared.files.get(f"{folder}/modules.json")
    if file is None:
        return {}
    try:
        value = read_json(file).value
    except Unreadable:
        return {}
    entries = value.get("Modules") if isinstance(value, dict) else None
    found = {}
    for entry in entries if isinstance(entries, list) else []:
        key, directory = (entry.get("Key"), entry.get("Dir")) if isinstance(entry, dict) else (None, None)
        if isinstance(key, str) and key and isinstance(directory, str):
            inside = resolve(shared.root, directory)
            if inside is not None:
                found[key] = inside
    return found
