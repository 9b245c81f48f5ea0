"""What a project declares beside its services: networks, inline configs, and the project itself."""

from __future__ import annotations

from batten.formats.compose.network import driver_options, is_external, real_name
from batten.formats.compose.project import Model
from batten.formats.compose.tree import Node
from batten.model.objects import Configuration, Network, Project, config_entry
from batten.model.source import Document
from batten.model.workload import Platform, Resource, Workload

_OFF = ("false", "no", "off", "0")


class Declarations:
    """Makes the nouns of one project; `document` is that of the file that was read."""

    def __init__(self, model: Model, platform: Platform, scope: str, document: Document) -> None:
        self.model = model
        self.platform = platform
        self.scope = scope
        self.document = document

    def project(self, name: str, workloads: list[Workload]) -> Project:
        return Project(
            document=self.document,
            pointer=(),
            resource=Resource(self.platform, "project", name),
            scope=self.scope,
            name=name,
            platform=self.platform,
            services=tuple(workload.name for workload in workloads),
        )

    def networks(self, workloads: list[Workload]) -> list[Network]:
        """Those that are declared, and the implicit `default` where a service joins it."""
        declared = self.model.sections["networks"]
        found = [self._network(name, node) for name, node in declared.items()]
        if "default" not in declared and any("default" in workload.networks for workload in workloads):
            found.append(self._network("default", None))
        return found

    def _network(self, name: str, node: Node | None) -> Network:
        options = driver_options(node)
        driver = None if node is None else node.get("driver")
        # the name of an external network is the engine's; `host` and `none` need no driver to be known
        known = {"host": "host", "none": "null"}.get(real_name(name, node), "")
        return Network(
            document=self.document if node is None else node.source.document,
            pointer=() if node is None else node.pointer,
            resource=Resource(self.platform, "network", name),
            scope=self.scope,
            name=name,
            driver=known or ("" if driver is None else driver.template().text) or self._driver(node),
            encrypted=options.get("encrypted", "false").lower() not in _OFF,
            external=is_external(node),
            internal=_flag(node, "internal"),
            attachable=_flag(node, "attachable"),
        )

    def _driver(self, node: Node | None) -> str:
        if is_external(node):
            return ""
        return "overlay" if self.platform == "swarm" else "bridge"

    def configurations(self) -> list[Configuration]:
        """Configs and secrets whose content stands in the file."""
        found = []
        for section in ("configs", "secrets"):
            for name, node in self.model.sections[section].items():
                content = node.get("content")
                if content is None:
                    continue
                entry = config_entry(name, content.template().text, content.pointer)
                found.append(
                    Configuration(
                        document=content.source.document,
                        pointer=node.pointer,
                        resource=Resource(self.platform, section.removesuffix("s"), name),
                        scope=self.scope,
                        name=name,
                        secret=section == "secrets",
                        entries=(entry,),
                    )
                )
        return found


def _flag(node: Node | None, key: str) -> bool:
    entry = None if node is None else node.get(key)
    return entry is not None and entry.flag() is True
