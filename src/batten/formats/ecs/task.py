"""Task definitions as workloads (RegisterTaskDefinition of the ECS API, 2014-11-13)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from batten.formats.docker_values import bound_folder, is_template
from batten.formats.ecs.container import Definition
from batten.formats.ecs.platform import Platform, platform_of
from batten.formats.part import Part
from batten.limits import ECS_INHERITED_MOUNTS
from batten.model.source import Document, Pointer
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN
from batten.model.workload import Container, ContainerKind, Mount, Resource, Sysctl, Volume, Workload

_FINISHED = ("COMPLETE", "SUCCESS")


class Task:
    """One task definition on its way to a workload."""

    def __init__(self, document: Document, part: Part, name: str, scope: str) -> None:
        self.document = document
        self.part = part
        self.platform: Platform = platform_of(part)
        self.name = _family(part) or name
        self.scope = scope
        self.resource = Resource("ecs", "TaskDefinition", self.name)
        self.id = f"{scope}/ecs//TaskDefinition/{self.name}"
        self.definitions = [Definition(one, part, self.platform) for one in self.part.parts("containerDefinitions")]
        self.filled_in: list[Pointer] = []
        self.workload: Workload
        """Made of its `fields`, see `batten.formats.ecs.reader.task_of`."""
        self.facts: dict[str, str] = {}
        self.places: dict[str, Pointer] = {}

    def fields(self) -> dict[str, Any]:
        """The fields of a `Workload`; `templates` and `refused` are filled afterwards."""
        for definition in self.definitions:
            definition.read()
        mounts = self._mounts()
        kinds = self._kinds()
        containers = [
            self._container(definition, number, mounts[number], kinds)
            for number, definition in enumerate(self.definitions)
        ]
        values: dict[str, Any] = {
            "host_network": self.platform.network_mode == "host",
            "host_pid": self.part.text("pidMode") == "host",
            "host_ipc": self.part.text("ipcMode") == "host",
            "share_process_namespace": self.part.text("pidMode") == "task",
            "network_mode": self.part.text("networkMode"),
            "sysctls": self._sysctls(),
            "task_role": self.part.text("taskRoleArn"),
            "execution_role": self.part.text("executionRoleArn"),
        }
        written = {
            "host_network": "networkMode",
            "host_pid": "pidMode",
            "host_ipc": "ipcMode",
            "share_process_namespace": "pidMode",
            "network_mode": "networkMode",
            "task_role": "taskRoleArn",
            "execution_role": "executionRoleArn",
        }
        for field, name in written.items():
            if self.part.get(name) is not None:
                self.places[field] = self.part.at(name)
            if field not in ("task_role", "execution_role") and is_template(self.part.text(name)):
                values[field] = UNKNOWN
                self.filled_in.append(self.part.at(name))
        for field in self.platform.task_inexpressible:
            values[field] = NOT_EXPRESSIBLE
            self.places.pop(field, None)
        volumes = self._volumes()
        if any(map(is_template, self.part.texts("requiresCompatibilities"))):
            self.filled_in.append(self.part.at("requiresCompatibilities"))
        elif isinstance(self.part.value, dict):
            self._tell("launch-type", ",".join(self.platform.launch_types), self.part, "requiresCompatibilities")
        return {
            **values,
            "containers": tuple(containers),
            "volumes": volumes,
            "os": self.platform.os,
            "facts": self.facts,
            "places": self.places,
        }

    def templates(self) -> list[Pointer]:
        """Judged fields that a template fills in."""
        return [pointer for definition in self.definitions for pointer in definition.templates] + self.filled_in

    def refused(self) -> list[str]:
        """What is written although the launch type or the operating system refuses it."""
        names = {name: None for definition in self.definitions for name in definition.refused()}
        for field, name, host in (
            ("host_network", "networkMode", "host"),
            ("host_pid", "pidMode", "host"),
            ("host_ipc", "ipcMode", "host"),
        ):
            if field in self.platform.task_inexpressible and self.part.text(name) == host:
                names[f"{name} {host}"] = None
        return list(names)

    def _container(self, one: Definition, number: int, mounts: tuple[Mount, ...], kinds: set[str]) -> Container:
        name = one.part.text("name") or f"container-{number}"
        kind: ContainerKind = "main"
        if one.part.get("firelensConfiguration") is not None:
            kind = "sidecar"
        elif name in kinds and one.part.get("essential") is False:
            kind = "init"
        return Container(
            name=name,
            platform="ecs",
            workload=self.id,
            document=self.document,
            pointer=one.part.pointer,
            resource=replace(self.resource, container=name),
            scope=self.scope,
            kind=kind,
            os=self.platform.os,
            places=one.places,
            mounts=mounts,
            **one.values,
        )

    def _kinds(self) -> set[str]:
        """Containers that others wait for until they have ended."""
        return {
            part.text("containerName")
            for definition in self.definitions
            for part in definition.part.parts("dependsOn")
            if part.text("condition") in _FINISHED
        }

    def _mounts(self) -> list[tuple[Mount, ...]]:
        """Mounts per container, those that it has from others (`volumesFrom`) included."""
        own = [definition.own_mounts() for definition in self.definitions]
        index = {definition.part.text("name"): n for n, definition in enumerate(self.definitions)}
        budget = ECS_INHERITED_MOUNTS
        found = []
        for number, definition in enumerate(self.definitions):
            mounts = list(own[number])
            targets = {mount.target for mount in mounts}
            for part in definition.part.parts("volumesFrom"):
                source = index.get(part.text("sourceContainer"))
                read_only = part.flag("readOnly") is True
                inherited = own[source][:budget] if source is not None else []
                budget -= len(inherited)
                for mount in inherited:
                    if mount.target not in targets:
                        targets.add(mount.target)
                        mounts.append(Mount(mount.volume, mount.target, mount.read_only or read_only, part.pointer))
            found.append(tuple(mounts))
        return found

    def _sysctls(self) -> tuple[Sysctl, ...]:
        return tuple(
            Sysctl(part.text("namespace"), part.text("value"), part.pointer)
            for definition in self.definitions
            for part in definition.part.parts("systemControls")
        )

    def _volumes(self) -> tuple[Volume, ...]:
        volumes = [self._volume(part) for part in self.part.parts("volumes")]
        for definition in self.definitions:
            for part in definition.linux.parts("tmpfs"):
                name = f"tmpfs:{definition.part.text('name')}:{part.text('containerPath')}"
                volumes.append(Volume(name, "memory", "tmpfs", "", part.pointer))
        return tuple(volumes)

    def _volume(self, part: Part) -> Volume:
        name = part.text("name")
        path = part.part("host").text("sourcePath")
        if path:
            return Volume(name, "host", "host", path, part.pointer)
        docker = part.part("dockerVolumeConfiguration")
        if docker.get("driver") is not None or isinstance(docker.value, dict):
            options = docker.part("driverOpts")
            given = {key: options.text(key) for key in ("o", "device")}
            device = bound_folder(docker.text("driver"), given)
            if device:
                return Volume(name, "host", "dockerVolumeConfiguration", device, part.pointer)
            return Volume(name, "volume", "dockerVolumeConfiguration", name, part.pointer)
        for field in ("efsVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration"):
            inner = part.part(field)
            if isinstance(inner.value, dict):
                if field == "efsVolumeConfiguration":
                    self._encryption(name, inner)
                return Volume(name, "other", field, inner.text("fileSystemId"), part.pointer)
        inner = part.part("s3filesVolumeConfiguration")
        if isinstance(inner.value, dict):
            return Volume(name, "other", "s3filesVolumeConfiguration", inner.text("fileSystemArn"), part.pointer)
        type_ = "configuredAtLaunch" if part.get("configuredAtLaunch") is True else "host"
        return Volume(name, "volume", type_, name, part.pointer)

    def _encryption(self, volume: str, part: Part) -> None:
        on = part.text("transitEncryption").upper() == "ENABLED"
        self._tell(f"efs-encryption:{volume}", "true" if on else "false", part, "transitEncryption")
        access = part.part("authorizationConfig")
        on = access.text("iam").upper() == "ENABLED"
        self._tell(f"efs-iam:{volume}", "true" if on else "false", access, "iam")

    def _tell(self, fact: str, value: str, part: Part, name: str) -> None:
        """A fact with its place: the field that says it, else what it would stand in; none from a template."""
        if is_template(part.text(name)):
            self.filled_in.append(part.at(name))
            return
        self.facts[fact] = value
        written = part.get(name) is not None
        self.places[f"fact:{fact}"] = part.at(name) if written else part.pointer


def _family(part: Part) -> str:
    """`family`, else the family in the ARN that `describe-task-definition` prints."""
    return part.text("family") or part.text("taskDefinitionArn").rpartition("/")[2].partition(":")[0]
