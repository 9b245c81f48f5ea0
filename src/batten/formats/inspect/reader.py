"""`docker inspect` and `podman inspect`: records of containers and images that exist.

A record is one object, or a list of them. Volumes are recognised and give nothing, of networks those that span
machines. Containers that Compose started carry its labels; their scope is the project, so that they belong together.
Those of a pod of Kubernetes have its namespace, and their names without what changes with each start.

A container's workload has kind `Container`, an image's kind `Image`: of an image only its user, variables,
commands and health check are known. That of a pod (kind `Pod`) has its infra container alone. Records have no
writer: what exists is recreated, not edited.
"""

from __future__ import annotations

from typing import Any, Literal

from batten.formats.inspect.common import Record
from batten.formats.inspect.docker import DockerRecord
from batten.formats.inspect.engine import EngineFacts
from batten.formats.inspect.pod import PodRecord
from batten.formats.inspect.podman import PodmanRecord
from batten.formats.interface import ReadContext, Reading
from batten.formats.part import Part, as_text
from batten.limits import INSPECT_RECORDS, INSPECT_VALUES
from batten.model.image import ImageReference, parse_reference
from batten.model.objects import Network
from batten.model.source import Document, File, Problem
from batten.model.values import UNKNOWN, Absent
from batten.model.workload import Container, Resource, Workload

_PROJECT = ("com.docker.compose.project", "io.podman.compose.project", "com.docker.stack.namespace")
_NAMESPACE = "io.kubernetes.pod.namespace"


def read(file: File, context: ReadContext) -> Reading:
    """The containers and images of the file; raises `Unreadable` where it is no JSON."""
    from batten.formats.json import RecordDocument, read_json

    document = read_json(file, RecordDocument)
    value = document.value
    parts = [Part(item, (n,)) for n, item in enumerate(value)] if isinstance(value, list) else [Part(value)]
    reading = Reading(recognised=False)
    for part in parts:
        if len(reading.nouns) >= INSPECT_RECORDS or document.size > INSPECT_VALUES:
            expected = f"expected at most {INSPECT_RECORDS:,} records and {INSPECT_VALUES:,} values in one file"
            reading.problems.append(Problem(file.path, f"{expected}, found more; the rest is not read", 1))
            reading.recognised = True
            break
        if not isinstance(part.value, dict):
            continue
        if "HostConfig" in part.value and "Config" in part.value:
            found = _container(document, part, file.directory, context.engine)
            reading.nouns.append(found)
            if context.engine is not None:
                reading.nouns += context.engine.stored(found.containers[0].image, part.text("Image"))
        elif "RepoTags" in part.value and "RootFS" in part.value:
            reading.nouns.append(_image(document, part, file.directory))
        elif {"Name", "Containers", "InfraContainerID"} <= part.value.keys():
            if isinstance(part.value.get("InfraConfig"), dict):
                reading.nouns.append(_pod(document, part, file.directory))
        elif _is_network(part.value):
            reading.nouns += _network(document, part, file.directory)
        elif not {"Name", "Driver", "Mountpoint"} <= part.value.keys():
            continue
        reading.recognised = True
    if reading.recognised:
        reading.problems += document.notes
    return reading


def _is_network(value: dict[str, Any]) -> bool:
    """Of Docker, or of Podman."""
    return {"Name", "Driver", "IPAM"} <= value.keys() or {"name", "driver", "ipam_options"} <= value.keys()


def _network(document: Document, part: Part, directory: str) -> list[Network]:
    """Overlay networks are what of a swarm spans machines; the routing mesh is no choice of anybody's."""
    if part.text("Driver") != "overlay" or part.flag("Ingress") is True:
        return []
    labels = _texts(part.get("Labels"))
    options = part.part("Options").value
    return [
        Network(
            document=document,
            pointer=part.at("Driver"),
            resource=Resource("swarm", "network", part.text("Name")),
            scope=_scope(directory, labels),
            name=part.text("Name"),
            driver="overlay",
            # the key alone is enough, whatever its value
            encrypted=isinstance(options, dict) and "encrypted" in options,
            internal=part.flag("Internal") is True,
            attachable=part.flag("Attachable") is True,
            labels=labels,
        )
    ]


def _scope(directory: str, labels: dict[str, str]) -> str:
    project = next((labels[key] for key in _PROJECT if labels.get(key)), "")
    return "/".join(one for one in (directory, project) if one) or "."


def _platform(part: Part) -> str:
    """Podman names the OCI runtime and the image beside its identifier; Docker does neither."""
    return "podman" if "OCIRuntime" in part.value or "ImageName" in part.value else "docker"


def _container(document: Document, part: Part, directory: str, engine: EngineFacts | None) -> Workload:
    platform = _platform(part)
    record: Record = PodmanRecord(part, engine) if platform == "podman" else DockerRecord(part, engine)
    record.read()
    image = record.config.text("Image") or part.text("ImageName")
    record.put("image", _reference(image), record.config, "Image")
    labels = _labels(record)
    scope = _scope(directory, labels)
    name, namespace = _name(labels) or part.text("Name").removeprefix("/"), labels.get(_NAMESPACE, "")
    name = name or part.text("Id")[:12] or "container"
    volumes, record.container["mounts"] = record.mounts()
    record.workload["volumes"] = volumes
    return workload_of(
        document, record, Resource(platform, "Container", name, namespace), scope, part.text("Platform"), labels
    )


def _pod(document: Document, part: Part, directory: str) -> Workload:
    record = PodRecord(part)
    record.read()
    record.workload["volumes"], record.container["mounts"] = record.mounts()
    found = part.get("Labels")
    labels = _texts(found)
    scope = _scope(directory, labels)
    resource = Resource("podman", "Pod", part.text("Name") or part.text("Id")[:12] or "pod")
    return workload_of(document, record, resource, scope, "linux", labels)


def _image(document: Document, part: Part, directory: str) -> Workload:
    platform = "podman" if "ManifestType" in part.value else "docker"
    record = Record(part)
    record.read_image()
    tags = part.texts("RepoTags") or part.texts("RepoDigests")
    name = tags[0] if tags else part.text("Id")[:19] or "image"
    return workload_of(document, record, Resource(platform, "Image", name), directory or ".", part.text("Os"), {})


def _labels(record: Record) -> dict[str, str]:
    return _texts(record.config.get("Labels"))


def _texts(found: Any) -> dict[str, str]:
    return {key: as_text(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _name(labels: dict[str, str]) -> str:
    """What stays the same when a container is made anew; "" where its own name does."""
    if pod := labels.get("io.kubernetes.pod.name"):
        return f"{pod}/{labels.get('io.kubernetes.container.name', '')}".rstrip("/")
    if service := labels.get("com.docker.swarm.service.name"):
        return service
    if labels.get("com.docker.compose.oneoff", "").lower() == "true":
        return "-".join(filter(None, (labels.get(_PROJECT[0]), labels.get("com.docker.compose.service"), "run")))
    return ""


def workload_of(
    document: Document, record: Record, resource: Resource, scope: str, system: str, labels: dict[str, str]
) -> Workload:
    platform: Literal["docker", "podman"] = "podman" if resource.platform == "podman" else "docker"
    os: Literal["linux", "windows"] = "windows" if system.lower() == "windows" else "linux"
    identifier = f"{scope}/{platform}/{resource.namespace}/{resource.kind}/{resource.name}"
    container = Container(
        name=resource.name,
        platform=platform,
        workload=identifier,
        document=document,
        pointer=record.part.pointer,
        resource=resource,
        scope=scope,
        os=os,
        places=record.container_places,
        **record.container,
    )
    return Workload(
        id=identifier,
        platform=platform,
        kind=resource.kind,
        name=resource.name,
        document=document,
        pointer=record.part.pointer,
        object_pointer=record.part.pointer,
        resource=resource,
        scope=scope,
        namespace=resource.namespace,
        containers=(container,),
        places=record.workload_places,
        labels=labels,
        os=os,
        **record.workload,
    )


def _reference(text: str) -> ImageReference | Absent:
    """The reference; `UNKNOWN` where the record has the image's identifier alone."""
    return UNKNOWN if not text or text.startswith("sha256:") else parse_reference(text) or UNKNOWN
