"""Compose files and Swarm stacks as workloads, networks and a project.

Compose specification (https://github.com/compose-spec/compose-spec); the reference for what it leaves
open is compose-go, against which this reader is tested (`tests/judges/compose`).

What is read of a variable that has neither a value nor a default is `UNKNOWN` and told, where Compose would
warn and use an empty text (which is what a `user:` of nothing else is read as). Values come from the
project's `.env` and from `ReadContext.environment` alone.
A service that says neither `image` nor `build` cannot run by itself: it is a part that is meant to be
laid over another file, so what it does not say is unknown instead of a default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from batten.formats.compose import files
from batten.formats.interface import ReadContext, Reading
from batten.formats.yaml.document import YamlDocument
from batten.model.source import Document, File, Pointer, Problem, Unreadable
from batten.model.workload import Platform

if TYPE_CHECKING:
    from batten.formats.compose.project import Loader, Model
    from batten.formats.compose.service import Services
    from batten.formats.compose.tree import Source

_BUILT_IN: Final = {"PWD": "."}  # the project's directory, from which relative paths start anyway
_UNJUDGED: Final = frozenset(
    ("environment", "labels", "annotations", "command", "entrypoint", "args", "healthcheck", "hostname")
)
"""Keys of a service whose values may be anything: what they hold is the program's, and secrets have no variables."""
_WORKLOADS: Final = ("services", "jobs")
_RESOURCES: Final = ("networks", "volumes", "secrets", "configs")
_NEVER_EMPTY: Final = ("services", "jobs", "secrets", "configs")
_FREE: Final = frozenset(
    ("environment", "labels", "annotations", "args", "options", "driver_opts", "networks", "sysctls", "extra_hosts")
)
"""Mappings with keys of one's own, which may have no value."""
_SERVICE_KEY: Final = 3  # parts of the pointer of a service's key
_SHOWN: Final = 3  # fields that are named for one variable
_VERSION_1: Final = (
    "expected a mapping services:, found services at the top level (the first format, which Compose no longer reads); "
    "put them below services:"
)


class ComposeReader:
    """Implements `batten.formats.interface.Reader`."""

    name = "compose"
    priority = 40

    def wants_name(self, path: str) -> bool:
        return path == "-" or files.is_yaml(path)

    def wants(self, file: File) -> bool:
        return (
            files.looks_promising(file.data)
            or files.is_named_as_project(file)
            or (files.has_compose_name(file.path) and b"image:" in file.data and b"services" not in file.data)
        )

    def read(self, file: File, context: ReadContext) -> Reading:
        """The project whose first file is `file`; raises `Unreadable` where it is too large."""
        from batten.formats.compose.project import Loader

        loader = Loader(context.files)
        documents = loader.documents(file)
        roots = [document.value for document in documents]
        if not any(files.is_project(root, file.path) for root in roots):
            if roots and files.is_version_1(roots[0], file.path):
                return Reading(problems=[*loader.ledger.problems, Problem(file.path, _VERSION_1, 1)])
            if (problem := _without_services(loader, documents, file)) is not None:
                return Reading(problems=[*loader.ledger.problems, problem])
            named = files.has_compose_name(file.path)
            return Reading(problems=loader.ledger.problems, recognised=named and bool(loader.ledger.problems))
        platform: Platform = "swarm" if _is_stack(roots, file.path) else "compose"
        try:
            return _read(loader, file, documents[0], platform, context)
        except Unreadable as error:
            loader.ledger.report(Problem(file.path, error.message, error.line))
            return Reading(problems=loader.ledger.problems)


def _without_services(loader: Loader, documents: list[YamlDocument], file: File) -> Problem | None:
    """What a file is told of that is one of Compose, but was cut off before its first service."""
    if loader.ledger.problems or len(documents) > 1:
        return None
    pointer = files.without_services(documents[0].value if documents else None, file.path)
    if pointer is None:
        return None
    what, line, found = "services in a Compose file", 1, "none"
    if pointer:
        root = documents[0].value
        value = root["services"] if len(pointer) == 1 else root["services"][pointer[1]]
        line = documents[0].locate(pointer, key=True).line
        if value == {} and len(pointer) > 1 and file.name not in files.DEFAULT_NAMES:
            return None  # of an override that says nothing: `{}` was written, not left
        if value:
            what = "a mapping of services" if len(pointer) == 1 else f"a mapping for service {pointer[1]}"
            found = "a list" if isinstance(value, list) else "another value"
        elif len(pointer) > 1:
            what = f"image or build in the service {pointer[1]}"
    return Problem(file.path, f"expected {what}, found {found}: was the file cut off?", line)


def _is_stack(roots: list[Any], path: str) -> bool:
    return all(files.is_stack(root, path) for root in roots if isinstance(root, dict))


def _read(loader: Loader, file: File, document: Document, platform: Platform, context: ReadContext) -> Reading:
    from batten.formats.compose.environment import Environment
    from batten.formats.compose.nouns import Declarations
    from batten.formats.compose.service import Services
    from batten.formats.compose.undefined import tell_undefined

    environment = Environment(context.environment, (), _BUILT_IN, loader.ledger)
    if platform == "compose":  # `docker stack deploy` reads no .env
        environment = loader.project_environment(environment, file.directory)
    loader.environment = environment
    beside = _beside(file, context) if platform == "compose" else []
    loader.consumed += [other.path for other in beside]
    model = loader.load([file, *beside], file.directory, environment)
    name = _project_name(model)
    scope = _scope(file, name, context)
    services = Services(loader, model, platform, scope)
    workloads = services.workloads()
    declarations = Declarations(model, platform, scope, document)
    nouns: list[Any] = [
        declarations.project(name or file.directory.rpartition("/")[2] or "project", workloads),
        *declarations.networks(workloads),
        *declarations.configurations(),
        *workloads,
        *(noun for nouns in services.inline.values() for noun in nouns),
    ]
    cut = _tell_open_end(loader)
    if platform == "swarm" or file.name in files.DEFAULT_NAMES or file.path == "-":
        services.tell_incomplete(cut)
        if not any(one.severe for one in loader.ledger.problems):
            tell_undefined(model.sections, platform)
    _tell(loader, services)
    loader.consume_extended()
    consumed = [path for path in dict.fromkeys(loader.consumed) if path != file.path]
    leads = [(path, "dockerfile") for path in dict.fromkeys(services.dockerfiles)]
    return Reading(nouns=nouns, problems=loader.ledger.problems, consumed=consumed, leads_to=leads)


def _beside(file: File, context: ReadContext) -> list[File]:
    """The override file that Compose reads without being told, where `file` is the one it takes first."""
    if file.name not in files.DEFAULT_NAMES:
        return []
    names = context.files.names(file.directory)
    if _default_name(names) != file.name:
        return []
    for name in files.OVERRIDE_NAMES:
        if name in names:
            found = context.files.get(f"{file.directory}/{name}" if file.directory else name)
            return [] if found is None else [found]
    return []


def _default_name(names: Any) -> str:
    return next((name for name in files.DEFAULT_NAMES if name in names), "")


def _project_name(model: Model) -> str:
    text = None if model.name is None else model.name.text()
    return text if isinstance(text, str) else ""


def _scope(file: File, name: str, context: ReadContext) -> str:
    """The directory, the project's name, and the file's own where the directory holds several projects."""
    parts = [file.directory or "."]
    if name:
        parts.append(name)
    if file.path != "-" and _default_name(context.files.names(file.directory)) != file.name:
        parts.append(file.name)
    return ":".join(parts)


def _tell(loader: Loader, services: Services) -> None:
    """What concerns whole files: other tools' templates, and keys that stand for nothing."""
    for source in loader.sources:
        if source.templates:
            line = source.document.locate(source.templates[0]).line
            count = f"{len(source.templates)} values are" if len(source.templates) > 1 else "a value is"
            message = f"template: {count} filled in by a template; render the file first, then scan the result"
            loader.ledger.report(Problem(source.path, message, line))
        for name, pointers in source.without_value.items():
            _tell_variable(loader, source, name, list(pointers))
    for key, node in services.ignored.items():
        node.problem(f"docker stack deploy ignores {key}: it has no effect here", severe=False)


def _tell_open_end(loader: Loader) -> set[str]:
    """Tells of files that end in a key or list item without a value which cannot go without; gives the names of the
    services that are cut off so."""
    from batten.formats.yaml.ending import expected_value, open_end

    cut: set[str] = set()
    for source in loader.sources:
        document = source.document
        end = open_end(document) if isinstance(document, YamlDocument) else ()
        if not _needs_value(end):
            continue
        line = document.locate(end, key=True).line
        if not any(one.severe and (one.path, one.line) == (source.path, line) for one in loader.ledger.problems):
            loader.ledger.report(Problem(source.path, expected_value(end), line))
        if len(end) > 1:
            cut.add(str(end[1]))
    return cut


def _needs_value(end: Pointer) -> bool:
    """Whether what stands at `end` of a file may not be empty."""
    if not end or end[0] not in (*_WORKLOADS, *_RESOURCES):
        return False
    if any(str(part).startswith("x-") for part in end):
        return False
    if isinstance(end[-1], int) or len(end) == _SERVICE_KEY:
        return True
    if len(end) < _SERVICE_KEY:
        return end[0] in _NEVER_EMPTY and len(end) > 1
    return _FREE.isdisjoint(map(str, end[2:-1]))


def _tell_variable(loader: Loader, source: Source, name: str, pointers: list[Pointer]) -> None:
    """A variable that decides something that is judged must not keep it from being judged unseen."""
    judged = [one for one in pointers if _UNJUDGED.isdisjoint(map(str, one[2:]))]
    if not judged:
        return
    fields = list(dict.fromkeys(f"{one[2]} of {one[1]}" if len(one) > 2 else "/".join(map(str, one)) for one in judged))
    more = f" and {len(fields) - _SHOWN} more" if len(fields) > _SHOWN else ""
    message = (
        f"variable {name} has neither a value nor a default here, and decides {', '.join(fields[:_SHOWN])}{more}; "
        "give it one in .env, or scan what `docker compose config` prints"
    )
    line = source.document.locate(judged[0]).line
    loader.ledger.report(Problem(source.path, message, line, severe=False))


READER = ComposeReader()
