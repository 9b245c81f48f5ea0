"""Podman Quadlet units as workloads (podman-systemd.unit(5)).

A `.container` is a workload of one container. A `.pod` is one of its own: namespaces, published ports and
volumes are the pod's, and stand on its infra container. A `.kube` points to a Kubernetes manifest, which
is read as what it is. `.volume`, `.network`, `.image` and `.build` are read where another unit names them.

Facts: `pod` (the `.pod` unit that a container joins), `kube-yaml` (path of the manifest, relative to the
root of the target; of several each on a line), `auto-update` (`registry`, `local`). Each has its place under
`places["fact:…"]`.
"""

from __future__ import annotations

import posixpath
from typing import Any

from batten.formats.docker_values import is_template
from batten.formats.interface import ReadContext, Reading
from batten.formats.quadlet import unit as units
from batten.formats.quadlet.document import UnitDocument
from batten.formats.quadlet.keys import options_of, single, stray_words
from batten.formats.quadlet.known import unknown_keys
from batten.formats.quadlet.mounts import Mounts, mounts_of
from batten.formats.quadlet.names import section_of
from batten.formats.quadlet.options import Options
from batten.formats.quadlet.podman import Fields, container_fields, has_specifier, workload_fields
from batten.limits import UNIT_SIBLINGS
from batten.model.image import ImageReference, parse_reference
from batten.model.source import Document, File, Pointer, Problem
from batten.model.values import UNKNOWN, Absent
from batten.model.workload import Build, Container, Resource, Workload
from batten.pattern import pattern

_ROOTLESS = pattern(r"(?:^|/)(?:\.config/containers/systemd|etc/containers/systemd/users)(?:/|$)")
_ROOTFUL = pattern(r"(?:^|/)(?:etc|usr/share|run)/containers/systemd(?:/|$)")
_WITH_SECTION = ("Container", "Kube", "Image", "Build")
_NEEDED = {"Kube": "Yaml", "Image": "Image", "Build": "ImageTag"}
"""The key without which Podman refuses a unit of this kind; that of containers is told where the image is read."""
_TEMPLATE_MARKS = ("{{", "<%")
_PODMANS_OWN = pattern(r"\{\{\s*(?:json\s+)?\.(?!Values\b)[A-Za-z][\w.]*\s*\}\}")
"""What podman fills in itself: `LogOpt=tag={{.ImageName}}`, `podman inspect --format {{.State.Status}}`."""


def read(file: File, context: ReadContext) -> Reading:
    """The workload of the unit; raises `Unreadable` where the file is no text."""
    document, problems = units.load(file, context)
    section = section_of(file.name) or next(
        (name for name in ("Container", "Pod", "Kube") if document.has_section(name)), ""
    )
    if not section:
        return Reading(recognised=False)
    if not document.has_section(section):
        return _without(section, file, problems)
    reading = Reading(problems=problems, consumed=[text.file.path for text in document.texts[1:]])
    reading.problems += _templates(document) or unknown_keys(document, section)
    if not problems and (needed := _NEEDED.get(section)) and not single(document.last(section, needed)):
        message = f"expected {needed}= in [{section}], found none: Podman refuses such a unit"
        reading.problems.append(Problem(file.path, message, document.locate((section,)).line))
    if section in ("Container", "Pod", "Kube"):
        unit = _Unit(document, section, context, reading.problems)
        reading.nouns.append(unit.workload())
        reading.leads_to += [(path, "kubernetes") for path in unit.manifests]
    return reading


def _without(section: str, file: File, problems: list[Problem]) -> Reading:
    """A file that is a unit by its name and lacks the section of its kind; an empty volume, network or pod is whole."""
    head = next((line for line in file.text().splitlines() if line.strip() and line.strip()[0] not in "#;"), "")
    begins = head.strip("\ufeff \t").startswith("[")
    if section not in _WITH_SECTION or not (begins or (not head and section in ("Container", "Kube"))):
        return Reading(recognised=False)
    if not problems:
        suffix = posixpath.splitext(file.name)[1]
        message = f"expected a section [{section}] in a {suffix} unit, found none: was the file cut off?"
        problems = [Problem(file.path, message, 1)]
    return Reading(problems=problems)


def _templates(document: UnitDocument) -> list[Problem]:
    for one in document.instructions:
        if any(mark in _PODMANS_OWN.sub("", one.value) for mark in _TEMPLATE_MARKS):
            line = document.locate(one.pointer).line
            message = f"{one.key}= is filled in by a template; render the unit first, then scan the result"
            return [Problem(one.unit.file.path, message, line)]
    return []


class _Unit:
    """One unit on its way to a workload."""

    def __init__(self, document: UnitDocument, section: str, context: ReadContext, problems: list[Problem]) -> None:
        self.document = document
        self.section = section
        self.context = context
        self.problems = problems
        self.options = Options(options_of(document, section))
        self.scope = document.file.directory or "."
        self.name = posixpath.splitext(document.file.name)[0] if document.file.path != "-" else section.lower()
        self.resource = Resource("quadlet", section, self.name)
        self.id = f"{self.scope}/quadlet//{section}/{self.name}"
        self.pointer: Pointer = (section,)
        self.facts: dict[str, str] = {}
        self.places: dict[str, Pointer] = {}
        self.documents: dict[str, Document] = {}
        self.bound: dict[str, str] = {}
        self.manifests: list[str] = []
        """Kubernetes manifests that a `.kube` unit points to and that are there."""

    def workload(self) -> Workload:
        mounts = mounts_of(self.options, self._bound_path)
        container = self._container(mounts) if self.section == "Container" else self._infra(mounts)
        fields = self._shared()
        self.places.update(fields.places)
        return Workload(
            id=self.id,
            platform="quadlet",
            kind=self.section,
            name=self.name,
            document=self.document,
            pointer=self.pointer,
            object_pointer=self.pointer,
            resource=self.resource,
            scope=self.scope,
            containers=(container,) if container is not None else (),
            places=self.places,
            documents=self.documents,
            labels=self._pairs("Label"),
            annotations=self._pairs("Annotation"),
            os="linux",
            volumes=tuple(mounts.volumes.values()),
            facts=self.facts,
            **fields.values,
        )

    def _bound_path(self, name: str) -> str:
        """The path of the host behind a `.volume` unit; the first few units are looked up, each once."""
        if name not in self.bound and len(self.bound) < UNIT_SIBLINGS:
            self.bound[name] = units.host_path_of(self.document, self.context, name)
        return self.bound.get(name, "")

    def _shared(self) -> Fields:
        """Namespaces and networks; those that the pod decides are the pod's to answer for."""
        fields = workload_fields(self.options)
        pod = self.document.last(self.section, "Pod") if self.section == "Container" else None
        if pod is not None and single(pod):
            self._fact("pod", single(pod), pod.pointer)
            for name in ("host_network", "host_pid", "host_ipc", "network_mode", "user_namespace"):
                fields.values[name] = UNKNOWN
            self._user_namespace_of(single(pod), fields)
        elif fields.values["user_namespace"] is UNKNOWN and not self.options.every("userns"):
            path = self.document.file.path
            if _ROOTLESS.search(path):
                fields.values["user_namespace"] = True
            elif _ROOTFUL.search(path):
                fields.values["user_namespace"] = False
        if self.section == "Pod":
            share = self.options.last("share")
            shared = share is not None and "pid" in share.value.split(",")
            fields.put("share_process_namespace", shared, share)
        if self.section == "Kube":
            self._kube()
        return fields

    def _user_namespace_of(self, name: str, fields: Fields) -> None:
        pod = units.sibling(self.document, name, self.context)
        if pod is None:
            return
        of_pod = workload_fields(Options(options_of(pod, "Pod")))
        fields.values["user_namespace"] = of_pod.values["user_namespace"]
        if "user_namespace" in of_pod.places:
            fields.places["user_namespace"] = of_pod.places["user_namespace"]
            self.documents["user_namespace"] = pod

    def _kube(self) -> None:
        for yaml in self.document.all("Kube", "Yaml"):
            written = single(yaml)
            path = posixpath.normpath(posixpath.join(self.document.file.directory, written))
            if not written:  # takes back what stands before it
                self.manifests.clear()
                self.facts.pop("kube-yaml", None)
                continue
            before = self.facts.get("kube-yaml")
            self._fact("kube-yaml", path if before is None else f"{before}\n{path}", yaml.pointer)
            if self.context.files.get(path) is not None:
                self.manifests.append(path)
            elif not is_template(written):
                location = self.document.locate(yaml.pointer)
                why = (
                    "systemd fills in a part of the path; scan the manifest by itself"
                    if has_specifier(written)
                    else "no such file in the target; scan a directory that holds it"
                )
                self.problems.append(Problem(location.path, f"Yaml={written}: {why}", location.line))

    def _fact(self, name: str, value: str, pointer: Pointer) -> None:
        self.facts[name] = value
        self.places[f"fact:{name}"] = pointer

    def _pairs(self, key: str) -> dict[str, str]:
        words = [word for one in self.document.all(self.section, key) for word in self.document.words(one)]
        return dict(word.text.partition("=")[::2] for word in words)

    # ------------------------------------------------------------------------------- containers

    def _container(self, mounts: Mounts) -> Container:
        fields = container_fields(self.options)
        fields.faults += [
            (pointer, f"PodmanArgs= has a word that belongs to no option, and Podman takes it for the image: “{word}”")
            for word, pointer in stray_words(self.document, self.section)
        ]
        self._tell(fields)
        self._service_limits(fields)
        image, build = self._image(fields)
        restart = self.document.last("Service", "Restart")
        fields.values["restart"] = single(restart)
        if restart is not None:
            fields.places["restart"] = restart.pointer
        update = self.document.last(self.section, "AutoUpdate")
        if update is not None and single(update):
            self._fact("auto-update", single(update), update.pointer)
        entrypoint, command = self.options.last("entrypoint"), self.document.last(self.section, "Exec")
        if command is not None:
            fields.places["args"] = command.pointer
        if entrypoint is not None:
            fields.places["command"] = entrypoint.pointer
        name = single(self.document.last(self.section, "ContainerName"))
        return self._make(
            name if name and not has_specifier(name) else self.name,
            fields,
            mounts,
            image=image,
            build=build,
            command=_entry_point(entrypoint.value) if entrypoint is not None else None,
            args=tuple(word.text for word in self.document.words(command)) if command is not None else None,
        )

    def _infra(self, mounts: Mounts) -> Container | None:
        """The container that holds what a pod has: its published ports and volumes."""
        every = container_fields(self.options)
        self._tell(every)
        if not every.values["ports"] and not mounts.mounts:
            return None
        return self._make("infra", Fields({"ports": every.values["ports"]}), mounts)

    def _make(self, name: str, fields: Fields, mounts: Mounts, **more: Any) -> Container:
        return Container(
            name=name,
            platform="quadlet",
            workload=self.id,
            document=self.document,
            pointer=self.pointer,
            resource=self.resource,
            scope=self.scope,
            os="linux",
            places=fields.places,
            mounts=tuple(mounts.mounts),
            **fields.values,
            **more,
        )

    def _image(self, fields: Fields) -> tuple[ImageReference | Absent | None, Build | None]:
        assignment = self.document.last(self.section, "Image")
        text = single(assignment)
        if assignment is None or not text:
            if not single(self.document.last(self.section, "Rootfs")) and not self.problems:
                message = "expected Image= (or Rootfs=) in [Container], found none: Podman refuses such a unit"
                line = self.document.locate((self.section,)).line
                self.problems.append(Problem(self.document.file.path, message, line))
            return None, None
        fields.places["image"] = assignment.pointer
        build = None
        if text.endswith(".build"):
            text, build = units.build_of(self.document, self.context, text)
            if build is not None and not text:
                return None, build
        elif text.endswith(".image"):
            named = units.sibling(self.document, text, self.context)
            text = single(named.last("Image", "Image")) if named is not None else ""
        if not text or has_specifier(text) or is_template(text):
            return UNKNOWN, build
        return parse_reference(text) or UNKNOWN, build

    def _service_limits(self, fields: Fields) -> None:
        """What systemd grants the service bounds the container: by default it lives in its control group."""
        if single(self.document.last(self.section, "CgroupsMode")) not in ("", "split"):
            return
        for name, key, read in (
            ("memory_limit", "MemoryMax", units.service_size),
            ("cpu_limit", "CPUQuota", units.service_share),
            ("pids_limit", "TasksMax", units.service_count),
        ):
            assignment = self.document.last("Service", key)
            value = read(single(assignment))
            if assignment is not None and value is not None and name not in fields.places:
                fields.values[name] = value
                fields.places[name] = assignment.pointer

    def _tell(self, fields: Fields) -> None:
        if fields.faults:
            pointer, message = fields.faults[0]
            more = f" (and {len(fields.faults) - 1} more)" if len(fields.faults) > 1 else ""
            location = self.document.locate(pointer)
            self.problems.append(Problem(location.path, message + more, location.line))


def _entry_point(text: str) -> tuple[str, ...]:
    """`--entrypoint` is a program or a JSON list."""
    from msgspec import DecodeError, ValidationError
    from msgspec.json import decode

    if text.startswith("["):
        try:
            return decode(text, type=tuple[str, ...])
        except (DecodeError, ValidationError):
            return (text,)
    return (text,) if text else ()
