"""From a merged service to a `Workload` with its `Container`."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from typing import Any, Literal

from msgspec.structs import replace

from batten import limits
from batten.formats import docker_values
from batten.formats.compose import defaults, files, network, resources, security, variables
from batten.formats.compose.build import build_of
from batten.formats.compose.draft import Draft
from batten.formats.compose.project import Loader, Model
from batten.formats.compose.storage import Storage, fill_devices
from batten.formats.compose.tree import Node
from batten.formats.windows import constrained_os, is_windows_image
from batten.model.image import ImageReference, parse_reference
from batten.model.source import Unreadable
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Absent, Profile
from batten.model.workload import Build, Container, ContainerKind, Platform, Resource, Workload

Os = Literal["linux", "windows", ""]
_COST = 100  # parts of a container for which nothing is written


class Services:
    """Makes the workloads of one project. `ignored` collects, per key, a place where it stands for nothing."""

    def __init__(self, loader: Loader, model: Model, platform: Platform, scope: str) -> None:
        self.loader = loader
        self.model = model
        self.platform = platform
        self.scope = scope
        self.ignored: dict[str, Node] = {}
        self.dockerfiles: list[str] = []
        """Dockerfiles that services name and that are there: paths relative to the target's root."""
        self.inline: dict[str, list[Any]] = {}
        """Nouns of the Dockerfiles that stand in the project itself, by their name."""
        self._inline_names: dict[tuple[str, int, int, str], str] = {}

    def workloads(self) -> list[Workload]:
        found = []
        for section, kind in (("services", "service"), ("jobs", "job")):
            for name, node in self.model.sections[section].items():
                if not node.is_mapping:
                    if not node.is_null:
                        node.problem(f"expected a mapping for {kind} {name}, found {node.found()}")
                    continue
                if node.get("provider") is None:  # the provider's own program, not a container
                    found.append(self._workload(name, kind, node))
        return found

    def tell_incomplete(self, cut: Collection[str]) -> None:
        """Tells of services without an image, which no other file can complete; those that are `cut` off were told, and
        `extends` that is left, too."""
        for name, node in self.model.sections["services"].items():
            told = name in cut or (not node.is_mapping and not node.is_null)
            if not told and not any(node.get(key) is not None for key in ("image", "build", "extends", "provider")):
                where = "image" if self.platform == "swarm" else "image or build"
                node.problem(f"expected {where} in the service {name}, found none: was the file cut off?")

    def _workload(self, name: str, kind: str, node: Node) -> Workload:
        draft = Draft(name, node, self.platform)
        identifier = f"{self.scope}/{self.platform}//{kind}/{name}"
        resource = Resource(self.platform, kind, name)
        main = self._container(draft, identifier, resource, "main")
        hooks = [self._hook(draft, index, hook, identifier) for index, hook in enumerate(_hooks(draft))]
        for key in draft.ignored:
            self.ignored.setdefault(key, node.entries()[key])
        workload = draft.workload
        values = {
            **_defaults(draft, defaults.SWARM_WORKLOAD if draft.is_swarm else defaults.WORKLOAD),
            **workload.values,
        }
        if not draft.complete:
            draft.facts["partial"] = "true"
        return Workload(
            id=identifier,
            platform=self.platform,
            kind=kind,
            name=name,
            document=draft.document,
            pointer=node.pointer,
            object_pointer=node.pointer,
            metadata_pointer=node.pointer,
            resource=resource,
            scope=self.scope,
            containers=(*hooks, main),
            places=workload.places,
            documents=workload.documents,
            labels=_pairs(draft, "labels"),
            annotations=_pairs(draft, "annotations"),
            os=main.os,
            facts=draft.facts,
            **values,
        )

    def _hook(self, service: Draft, index: int, hook: Node, identifier: str) -> Container:
        """A `pre_start` container has the service's specification, its own laid over it, but not its mounts."""
        from batten.formats.compose.merge import merge_service

        kept = {key: value for key, value in service.node.entries().items() if key not in ("volumes", "pre_start")}
        base = Node(hook.source, hook.pointer, children=kept)
        name = f"{service.name} pre_start {index}"
        draft = Draft(name, merge_service(base, hook), self.platform)
        resource = Resource(self.platform, "service", service.name, container=name)
        container = self._container(draft, identifier, resource, "init")
        for field in ("volumes", "host_network", "host_pid", "host_ipc"):
            if field == "volumes":
                known = {volume.name for volume in service.workload.values["volumes"]}
                more = [volume for volume in draft.workload.values["volumes"] if volume.name not in known]
                service.workload.values["volumes"] = (*service.workload.values["volumes"], *more)
            elif draft.workload.values.get(field) is True and service.workload.values.get(field) is not True:
                service.workload.put(field, True, draft.node.get(field.removeprefix("host_")) or hook)
        return container

    def _container(self, draft: Draft, identifier: str, resource: Resource, kind: ContainerKind) -> Container:
        sections = self.model.sections
        self.loader.ledger.spend(_COST)
        security.fill(draft)
        self._seccomp(draft)
        resources.fill(draft)
        network.fill(draft, sections["networks"])
        Storage(draft, sections["volumes"]).fill()
        fill_devices(draft)
        variables.fill(draft, self.loader)
        _image(draft)
        self._dockerfile(draft)
        _command(draft)
        fields = draft.container
        table = defaults.SWARM_CONTAINER if draft.is_swarm else defaults.CONTAINER
        return Container(
            name=draft.name,
            platform=self.platform,
            workload=identifier,
            document=draft.document,
            pointer=draft.node.pointer,
            resource=resource,
            scope=self.scope,
            kind=kind,
            os=_os(draft),
            places=fields.places,
            documents=fields.documents,
            **{**_defaults(draft, table), **fields.values},
        )

    def _seccomp(self, draft: Draft) -> None:
        """A profile of its own that lets everything through is none."""
        profile, place = draft.container.values.get("seccomp"), draft.container.places.get("seccomp")
        if not isinstance(profile, Profile) or not profile.name or place is None:
            return
        path = files.resolve(draft.node.source.directory, profile.name)
        file = self.loader.files.get(path) if path else None
        if file is not None and docker_values.filters_nothing(file.data):
            draft.container.values["seccomp"] = Profile("unconfined", profile.name)

    def _dockerfile(self, draft: Draft) -> None:
        """Notes the Dockerfile that `build` names, or tells that it is not here."""
        build, made = draft.get("build"), draft.container.values.get("build")
        inline = build.get("dockerfile_inline") if build is not None else None
        if inline is not None and isinstance(made, Build):
            self._inline(draft, made, inline)
            return
        name = build.get("dockerfile") if build is not None else None
        if build is None or name is None or not isinstance(made, Build) or files.is_remote(made.context):
            return
        if not name.is_scalar:
            name.problem(f"expected the path of a Dockerfile, found {name.found()}")
        elif not name.template().known or "${" in made.context:
            return  # the variable is told, with what it decides
        elif made.dockerfile and self.loader.files.get(made.dockerfile) is not None:
            self.dockerfiles.append(made.dockerfile)
        elif name.source.path != "-":
            written = name.template().text
            name.problem(
                f"dockerfile {written}: no such file in the target, so it was not read; scan a directory that holds it",
                severe=False,
            )

    def _inline(self, draft: Draft, made: Build, node: Node) -> None:
        """Reads the Dockerfile that is written into `build`; a service's hooks share its own."""
        from batten.formats.dockerfile.inline import parse_inline
        from batten.formats.dockerfile.reader import nouns_of
        from batten.formats.dockerfile.templates import template_problem

        if not isinstance(node.raw, str):
            node.problem(f"expected a Dockerfile as text in dockerfile_inline, found {node.found()}")
            return
        service = draft.name.partition(" pre_start ")[0]
        name = f"{node.source.path} ({service})"
        # an anchor gives several services one text: it is told once
        written = node.source.document.locate(node.pointer)
        key = (written.path, written.line, written.column, node.template().text)
        name = self._inline_names.setdefault(key, name)
        draft.container.values["build"] = replace(made, dockerfile=name)
        if name in self.inline:
            return
        try:
            dockerfile = parse_inline(node.source.document, node.pointer, node.raw, node.template().text)
        except Unreadable as error:
            node.problem(f"dockerfile_inline: {error.message}")
            return
        template = template_problem(dockerfile)
        for problem in dockerfile.problems if template is None else (template,):
            self.loader.ledger.report(problem)
        if template is not None:
            return
        if not dockerfile.stages:
            return
        ignored = self.loader.files.get(posixpath.normpath(posixpath.join(made.context, ".dockerignore")))
        text = None if ignored is None else ignored.data.decode("utf-8", "replace")
        self.inline[name] = list(nouns_of(dockerfile, name, text))


def _defaults(draft: Draft, table: Mapping[str, Any]) -> dict[str, Any]:
    """The platform's defaults; unknown in a service that another file completes (see `Draft.complete`)."""
    if draft.complete:
        return dict(table)
    return {name: value if value is NOT_EXPRESSIBLE else UNKNOWN for name, value in table.items()}


def _hooks(draft: Draft) -> list[Node]:
    return [hook for hook in draft.items("pre_start") if hook.is_mapping]


def _pairs(draft: Draft, key: str) -> dict[str, str]:
    node = draft.get(key)
    pairs = node.pairs() if node is not None else []
    return {pair.name: value.text if (value := pair.value()) is not None else "" for pair in pairs}


def _os(draft: Draft) -> Os:
    _, platform = draft.text("platform")
    _, isolation = draft.text("isolation")
    if isinstance(platform, str) and platform.startswith(("windows", "linux")):
        return "windows" if platform.startswith("windows") else "linux"
    if isolation in ("hyperv", "process"):
        return "windows"
    listed = draft.node.path("deploy", "placement", "constraints")
    texts = [item.text() for item in listed.items()] if listed is not None else []
    asked = constrained_os(text for text in texts if isinstance(text, str))
    if asked:
        return asked
    image = draft.container.values.get("image")
    return "windows" if isinstance(image, ImageReference) and is_windows_image(image.raw) else ""


def _image(draft: Draft) -> None:
    node, text = draft.text("image")
    if node is not None and text is not None:
        reference: ImageReference | Absent | None = UNKNOWN
        if isinstance(text, str):
            reference = parse_reference(text)
            if reference is None:
                node.problem(f"expected an image reference, found {text[:80]!r}")
                reference = UNKNOWN
        draft.container.put("image", reference, node)
    elif not draft.complete:
        draft.container.values["image"] = UNKNOWN
    build = draft.get("build")
    if build is not None:
        draft.container.put("build", build_of(draft, build), build)


def _command(draft: Draft) -> None:
    for key, field in (("entrypoint", "command"), ("command", "args")):
        node = draft.get(key)
        if node is None:
            continue
        words = tuple(item.template().text for item in node.items()) if node.is_list else _words(node)
        if words is not None:
            draft.container.put(field, words, node)


def _words(node: Node) -> tuple[str, ...] | None:
    """A command in one text is split as a shell splits words."""
    text = node.text()
    if not isinstance(text, str):
        return None
    if len(text) > limits.COMPOSE_COMMAND:
        return (text,)
    try:
        import shlex  # few write a command as one text

        return tuple(shlex.split(text))
    except ValueError:
        return (text,)
