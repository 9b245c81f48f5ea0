"""Reads Terraform and OpenTofu modules as what they would create, as far as it stands in the files.

Each file gives its own resources and those of the modules that it calls; a module that another one of the target
calls gives nothing of its own, since it is `consumed` there.
"""

from __future__ import annotations

from typing import Final

from batten.formats.hcl.document import HclDocument
from batten.formats.interface import ReadContext, Reading
from batten.formats.terraform.findings import Collected, collect
from batten.formats.terraform.folder import Declared, read_document
from batten.formats.terraform.module import Module, Shared, source_of
from batten.formats.terraform.values import Steps, TooMuch
from batten.limits import TERRAFORM_PROBLEMS
from batten.model.objects import Hidden
from batten.model.source import File, Files, Place, Problem, Unreadable
from batten.model.workload import Resource


def read(file: File, context: ReadContext) -> Reading:
    """The nouns of the file. Faults are told of the file that has them."""
    files: Files = OneFile(file) if file.path == "-" else context.files
    shared = Shared(files, file.directory, Steps(), {}, {})
    reading = Reading()
    named = _variables(shared, file, context, reading)
    module = Module(shared, file.directory, "", None, 0)
    folder = module.folder
    collected = Collected(file, context)
    collected.failed({path: one for path, one in folder.failed.items() if path == file.path})
    try:
        # what an override says is told with what it overrides, unless nothing else is read
        _resources(module, file.path, collected, overridden=context.alone)
        _calls(module, file.path, collected)
    except TooMuch as error:
        message = f"expected {error}, found more; the rest is not read"
        reading.problems.append(Problem(file.path, message))
    reading.nouns, problems = collected.finish()
    reading.nouns += _hidden(module, file)
    reading.problems += problems
    if len(reading.problems) > TERRAFORM_PROBLEMS:
        more = len(reading.problems) - TERRAFORM_PROBLEMS
        reading.problems[TERRAFORM_PROBLEMS:] = [Problem(file.path, f"{more} more problems are not listed")]
    reading.consumed = [*_consumed(shared, module), *collected.consumed]
    reading.leads_to = collected.leads_to
    reading.draws_on = [path for path in (*folder.files, *named) if path != file.path]
    return reading


class _Outside(HclDocument):
    """Variables in a file that lies outside of the target: read, never edited."""

    names_itself = True
    not_edited = "the file of variables lies outside of the target; scan the folder that holds both"


def _variables(shared: Shared, file: File, context: ReadContext, reading: Reading) -> list[str]:
    """Take the files of variables that the user names; the paths of those in the target."""
    if context.variables is None:
        return []
    found = []
    try:
        given = context.variables.files(file.directory, file.name, context.files)
    except Unreadable as error:
        reading.problems.append(Problem(file.path, error.message))
        return []
    for one, inside in given:
        try:
            document = read_document(one)
        except Unreadable as error:
            place = one.path if inside else file.path
            message = error.message if inside else f"the file of variables {one.path}:{error.line}: {error.message}"
            reading.problems.append(Problem(place, message, error.line if inside else None))
            continue
        if inside:
            found.append(one.path)
        else:
            document = _Outside(document.file, document.body, json=document.json)
        shared.given.append((document, document.body))
    return found


class OneFile:
    """The `Files` of a module that is one text without a name."""

    def __init__(self, file: File) -> None:
        self._file = file

    def get(self, path: str) -> File | None:
        return self._file if path == _NAME else None

    def names(self, directory: str) -> list[str]:
        return [] if directory else [_NAME]

    def folders(self, directory: str) -> list[str]:
        return []


_NAME: Final = "main.tf"


def _hidden(module: Module, file: File) -> list[Hidden]:
    """The defaults of the file's sensitive variables."""
    found = []
    for name, declared in module.folder.variables.items():
        sensitive = declared.attribute("sensitive")
        if sensitive is None or getattr(sensitive[1].value, "value", None) is not True:
            continue
        for part in declared.parts():
            if "default" in part.block.body.attributes and part.document.file.path == file.path:
                pointer = (*part.pointer, "default")
                resource = Resource("file", "File", file.path)
                scope = file.directory or "."
                found.append(Hidden(document=part.document, pointer=pointer, resource=resource, scope=scope, name=name))
    return found


def _consumed(shared: Shared, module: Module) -> list[str]:
    """Files of called modules, and those that `file` reads; those of the module itself decide with it."""
    own = set(module.folder.files)
    called = [path for folder in shared.folders.values() for path in folder.files if path not in own]
    return [*called, *shared.read]


def _resources(module: Module, path: str | None, collected: Collected, *, overridden: bool = False) -> None:
    for resource in module.resources(path, overridden=overridden):
        collect(collected, module.steps, resource)


def _calls(module: Module, path: str | None, collected: Collected) -> None:
    """The resources of what the module calls, all the way down."""
    for name, declared in module.folder.modules.items():
        if path is not None and declared.document.file.path != path:
            continue
        called = module.called(name)
        if called is None:
            _not_read(module, name, declared, collected)
            continue
        for _, inner in called:
            collected.failed(inner.folder.failed)
            _resources(inner, None, collected)
            _calls(inner, None, collected)


def _not_read(module: Module, name: str, declared: Declared, collected: Collected) -> None:
    source = source_of(declared)
    place = Place(declared.document, declared.pointer)
    if source.startswith(("./", "../")):
        message = f"module {name}: its folder {source} is not in the target, or calls itself; scan the folder above"
        collected.tell(place, message, severe=True)
    else:
        collected.missing(place, f"{name} ({source[:80]})" if source else name)
