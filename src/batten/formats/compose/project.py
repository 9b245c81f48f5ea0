"""A Compose project: one file with everything that belongs to it, merged as Compose merges it.

Steps, in the order of compose-go's loader, for each file and each YAML document in it: `include`, then
`extends`, then the document is laid over what the ones before it gave. Files are asked for through
`batten.model.source.Files` and never leave the target; what is missing becomes a problem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from batten import limits
from batten.formats.compose import files
from batten.formats.compose.environment import Environment, FileVariable, file_variables
from batten.formats.compose.interpolation import Lookup
from batten.formats.compose.ledger import Ledger
from batten.formats.compose.tree import RESET, Node, Source
from batten.formats.text import TextDocument
from batten.formats.yaml import COMPOSE, YamlDocument, read_documents
from batten.model.source import File, Files, Problem, Unreadable

SECTIONS: Final = ("services", "jobs", "networks", "volumes", "secrets", "configs")
_WORKLOADS: Final = ("services", "jobs")


class Model(Struct, eq=False):
    """The merged project: its sections by name."""

    sections: dict[str, dict[str, Node]] = field(default_factory=lambda: {name: {} for name in SECTIONS})
    name: Node | None = None


class Loader:
    """Loads one project. `ledger` and `consumed` (paths of other files) are filled on the way."""

    def __init__(self, access: Files) -> None:
        self.files = access
        self.ledger = Ledger()
        self.consumed: list[str] = []
        self.environment = Environment()
        """The project's own: what `env_file` of included services is read with, too."""
        self._documents: dict[str, list[YamlDocument]] = {}
        self._foreign: dict[tuple[str, str, int], dict[str, Node]] = {}
        self._fetched: set[str] = set()
        self._loads = 0
        self._extended: dict[str, tuple[dict[str, Node], set[str]]] = {}
        self.sources: list[Source] = []
        """Every document that was read, in order."""

    # ------------------------------------------------------------------ files

    def documents(self, file: File) -> list[YamlDocument]:
        """The YAML documents of a file; what is no YAML becomes a problem."""
        if file.path not in self._documents:
            found: list[YamlDocument] = []
            for item in read_documents(file, COMPOSE):
                if isinstance(item, Problem):
                    self.ledger.report(_as_told(item))
                    continue
                for note in item.notes:
                    self.ledger.report(note)
                found.append(item)
            self._documents[file.path] = found
        return self._documents[file.path]

    def fetch(self, node: Node, written: str, directory: str, what: str) -> File | None:
        """The other file that `node` names, or None with a problem."""
        if files.is_remote(written):
            node.problem(f"{what} of {written} is fetched from elsewhere and was not read; scan it by itself")
            return None
        path = files.resolve(directory, written)
        file = None
        if path is not None:
            try:
                file = self.files.get(path)
            except Unreadable as error:
                node.problem(f"{what} of {written}: {error.message}")
                return None
        if file is None:
            node.problem(f"{what} of {written}: no such file in the target; scan a directory that holds it")
            return None
        self._fetched.add(path or "")
        if len(self._fetched) > limits.COMPOSE_INCLUDES:
            raise Unreadable(f"expected a project of at most {limits.COMPOSE_INCLUDES} files, found more")
        return file

    def env_file(self, path: str, lookup: Lookup, *, raw: bool = False) -> dict[str, FileVariable] | None:
        """The variables of the env file at `path`; None where there is no such file.

        `lookup` answers for variables that the file uses; in a `raw` file (`format: raw`, and all that a
        stack reads) nothing is replaced. A file that Compose would refuse is told and has none.
        """
        try:
            file = self.files.get(path)
            if file is None:
                return None
            text = file.text()
        except Unreadable as error:
            self.ledger.report(Problem(path, error.message, error.line))
            return {}
        self.ledger.spend(len(text) // 32)
        from batten.formats.compose import dotenv

        try:
            variables = dotenv.read_raw(text) if raw else dotenv.read(text, lookup)
        except dotenv.Malformed as error:
            self.ledger.report(Problem(path, str(error), error.line))
            return {}
        self.ledger.spend(len(variables))
        return file_variables(TextDocument(file), variables)

    def project_environment(self, environment: Environment, directory: str) -> Environment:
        """`environment` with the `.env` of a project's directory."""
        table = self.env_file(files.resolve(directory, ".env") or ".env", environment.lookup)
        return environment if table is None else environment.with_file(table)

    # ------------------------------------------------------------------ loading

    def load(
        self, paths: Sequence[File], directory: str, environment: Environment, active: tuple[str, ...] = ()
    ) -> Model:
        """The files of one project (the later ones laid over the first), `include` and `extends` resolved.

        `active` are the files that are being included, to find circles.
        """
        model = Model()
        for file in paths:
            for document in self.documents(file):
                root = self._root(document, directory, directory, environment)
                if root is None:
                    continue
                sections = self._sections(root)
                self._include(root, sections, directory, environment, (*active, file.path))
                for kind in _WORKLOADS:
                    for name in list(sections[kind]):
                        sections[kind][name] = self._extend(sections[kind], name, directory, environment, ())
                self._lay_over(model.sections, sections)
                model.name = root.get("name") or model.name
        return model

    def _root(self, document: YamlDocument, directory: str, project: str, environment: Environment) -> Node | None:
        source = Source(document, environment, directory, project, self.ledger, document.tags())
        self.sources.append(source)
        root = Node(source, (), document.value)
        if not root.is_mapping:
            if not root.is_null:
                root.problem(f"expected a mapping with services, found {root.found()}")
            return None
        return root

    def _sections(self, root: Node) -> dict[str, dict[str, Node]]:
        sections: dict[str, dict[str, Node]] = {}
        for name in SECTIONS:
            section = root.members().get(name)
            if section is not None and not section.is_mapping and not section.is_null:
                section.problem(f"expected a mapping of {name}, found {section.found()}")
            sections[name] = {} if section is None else section.members()
        return sections

    def _lay_over(self, base: dict[str, dict[str, Node]], over: Mapping[str, dict[str, Node]]) -> None:
        from batten.formats.compose.merge import merge_resource, merge_service

        for kind, nodes in over.items():
            merge = merge_service if kind in _WORKLOADS else merge_resource
            for name, node in nodes.items():
                if node.tag == RESET:
                    base[kind].pop(name, None)
                elif name in base[kind]:
                    base[kind][name] = merge(base[kind][name], node)
                else:
                    base[kind][name] = node

    # ------------------------------------------------------------------ include

    def _include(
        self,
        root: Node,
        sections: dict[str, dict[str, Node]],
        directory: str,
        environment: Environment,
        active: tuple[str, ...],
    ) -> None:
        """Put what the included projects give below the file's own sections."""
        listed = root.get("include")
        if listed is None:
            return
        if not listed.is_list:
            listed.problem(f"expected a list of files to include, found {listed.found()}")
            return
        for entry in listed.items():
            model = self._included(entry, directory, environment, active)
            if model is not None:
                merged = model.sections
                self._lay_over(merged, sections)
                for kind in SECTIONS:
                    sections[kind] = merged[kind]

    def _included(self, entry: Node, directory: str, environment: Environment, active: tuple[str, ...]) -> Model | None:
        written = entry.get("path") if entry.is_mapping else entry
        found: list[File] = []
        for node in written.sequence() if written is not None else []:
            text = node.text()
            file = self.fetch(node, text, directory, "include") if isinstance(text, str) else None
            if text is not None and not isinstance(text, str):
                node.problem("the file to include depends on a variable that has no value here")
            if file is None:
                continue
            if file.path in active:
                node.problem(f"expected files that do not include themselves, found {' > '.join((*active, file.path))}")
                return None
            found.append(file)
        if not found:
            return None
        self._loads += 1
        if self._loads > limits.COMPOSE_INCLUDES or len(active) > limits.COMPOSE_CHAIN:
            raise Unreadable(f"expected at most {limits.COMPOSE_INCLUDES} includes, found more")
        self.consumed += [file.path for file in found]
        home = found[0].directory
        wanted = entry.get("project_directory") if entry.is_mapping else None
        if wanted is not None and isinstance(text := wanted.text(), str):
            home = files.resolve(directory, text) or ""
        return self.load(found, home, self._include_environment(entry, directory, home, environment), active)

    def _include_environment(self, entry: Node, directory: str, home: str, environment: Environment) -> Environment:
        wanted = entry.get("env_file") if entry.is_mapping else None
        if wanted is None:
            return self.project_environment(environment, home)
        table: dict[str, FileVariable] = {}
        for node in wanted.sequence():
            text = node.text()
            path = files.resolve(directory, text) if isinstance(text, str) else None
            if path is not None:
                table.update(self.env_file(path, environment.with_file(table).lookup) or {})
        return environment.with_file(table)

    # ------------------------------------------------------------------ extends

    def _extend(
        self,
        services: dict[str, Node],
        name: str,
        directory: str,
        environment: Environment,
        chain: tuple[tuple[str, str], ...],
    ) -> Node:
        """The service `name` of `services` laid over the one that it extends."""
        service = services[name]
        extends = service.get("extends") if service.is_mapping else None
        if extends is None:
            return service
        step = (service.source.path, name)
        if step in chain:
            circle = " > ".join(each for _, each in (*chain, step))
            extends.problem(f"expected services that do not extend themselves, found {circle}")
            return service
        if len(chain) >= limits.COMPOSE_CHAIN:
            raise Unreadable(f"expected at most {limits.COMPOSE_CHAIN} services that extend one another, found more")
        reference = extends.get("service") if extends.is_mapping else extends
        wanted = reference.text() if reference is not None else None
        if not isinstance(wanted, str):
            extends.problem("expected the name of a service to extend")
            return service
        where = extends.get("file") if extends.is_mapping else None
        if where is not None:
            found = self._foreign_services(where, directory, service.source.project, environment)
            if found is None:
                return service
            services, directory, path = found
            self._extended.setdefault(path, (services, set()))[1].add(wanted)
        if wanted not in services:
            extends.problem(f"expected the name of a service to extend, found {wanted!r}, which is not declared")
            return service
        base = self._extend(services, wanted, directory, environment, (*chain, step))
        from batten.formats.compose.merge import merge_service

        merged = merge_service(base, service).entries()
        merged.pop("extends", None)
        return Node(service.source, service.pointer, children=merged)

    def _foreign_services(
        self, where: Node, directory: str, project: str, environment: Environment
    ) -> tuple[dict[str, Node], str, str] | None:
        """The services of the file that an `extends` names, its directory and its path."""
        text = where.text()
        if not isinstance(text, str):
            where.problem("the file to extend depends on a variable that has no value here")
            return None
        file = self.fetch(where, text, directory, "extends")
        if file is None:
            return None
        key = (file.path, project, id(environment))
        if key not in self._foreign:
            sections: dict[str, dict[str, Node]] = {name: {} for name in SECTIONS}
            for document in self.documents(file):
                root = self._root(document, file.directory, project, environment)
                if root is not None:
                    self._lay_over(sections, self._sections(root))
            self._foreign[key] = sections["services"]
        return self._foreign[key], file.directory, file.path

    def consume_extended(self) -> None:
        """Files that were extended are part of the project, unless they hold services that can run and
        that nobody here extends, or are projects of their own by their name."""
        for path, (services, used) in self._extended.items():
            own = [name for name, node in services.items() if name not in used and _runs(node)]
            if not own and path.rpartition("/")[2] not in files.DEFAULT_NAMES:
                self.consumed.append(path)


def _runs(node: Node) -> bool:
    return any(node.get(key) is not None for key in ("image", "build", "extends"))


def _as_told(problem: Problem) -> Problem:
    """That of a template says the way out: what is no YAML in it is nobody's mistake."""
    if not problem.message.startswith("template:"):
        return problem
    message = "template: a value or a line is filled in by a template; render the file first, then scan the result"
    return Problem(problem.path, message, problem.line)
