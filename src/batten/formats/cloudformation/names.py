"""Names of properties: `ContainerDefinitions` in templates, `containerDefinitions` in the API of ECS."""

from __future__ import annotations

from typing import Any, Final

from batten.formats.nodes import Node

_SPECIAL: Final = {
    "EFSVolumeConfiguration": "efsVolumeConfiguration",
    "FSxWindowsFileServerVolumeConfiguration": "fsxWindowsFileServerVolumeConfiguration",
    "FilesystemId": "fileSystemId",
    "IAM": "iam",
}
_BACK: Final = {api: template for template, api in _SPECIAL.items()}
# what is in these are no names of properties
_VERBATIM: Final = frozenset({"Options", "DriverOpts", "Labels", "DockerLabels"})


def of_api(node: Node) -> Node:
    """The properties with the names of the API, all the way down."""
    if node.is_list:
        made = Node([], node.place)
        made.items.extend(of_api(item) for item in node.items)
        return made
    if not node.is_map:
        return node
    made = Node({}, node.place)
    for name, value in node.fields.items():
        key = _SPECIAL.get(name, name[:1].lower() + name[1:])
        made.fields[key] = value if name in _VERBATIM else of_api(value)
    return made


def of_template(value: Any) -> Any:
    """A value that is to be written, with the names of templates."""
    if isinstance(value, dict):
        return {template_name(key): of_template(one) for key, one in value.items()}
    return [of_template(item) for item in value] if isinstance(value, list) else value


def template_name(name: str) -> str:
    return _BACK.get(name, name[:1].upper() + name[1:])
