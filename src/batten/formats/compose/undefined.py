"""What a project names and nothing declares: Compose and stacks refuse it, and so is a file that was cut off seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batten.formats.compose.tree import Node
from batten.pattern import pattern

_NAMED: Final = pattern(r"([A-Za-z0-9][\w.-]+):[^:]")
"""A volume in the short syntax; one letter is a drive of Windows."""
_DECLARED: Final = ("networks", "secrets", "configs")


def tell_undefined(sections: dict[str, dict[str, Node]], platform: str) -> None:
    """Tells once of the first name that nothing declares, and how many more there are."""
    found = [one for service in sections["services"].values() for one in _undefined(service, sections, platform)]
    if found:
        node, what = found[0]
        more = f" and {len(found) - 1} more that are named" if len(found) > 1 else ""
        message = f"expected {what}{more} in the project, found none"
        node.problem(f"{message}: was the file cut off, or is another one laid over it (docker compose -f)?")


def _undefined(service: Node, sections: dict[str, dict[str, Node]], platform: str) -> Iterator[tuple[Node, str]]:
    waits = service.get("depends_on") if platform != "swarm" else None  # stacks take no notice of it
    for name, node in _names(waits):
        required = node.get("required") if node.is_mapping else None
        if name not in sections["services"] and not (required is not None and required.flag() is False):
            yield node, f"the service {name}"
    for key in _DECLARED:
        for name, node in _names(service.get(key)):
            if name not in sections[key] and not (key == "networks" and name in ("default", "host", "none", "bridge")):
                yield node, f"{name} among the {key}"
    volumes = service.get("volumes")
    for item in volumes.items() if volumes is not None else ():
        text = item.template().text if item.is_scalar else ""
        short = _NAMED.match(text)
        name = short[1] if short is not None else ""
        kind, source = item.get("type"), item.get("source")
        if kind is not None and source is not None and source.is_scalar and kind.text() == "volume":
            name = source.template().text
        if name and "$" not in name and name not in sections["volumes"]:
            yield item, f"{name} among the volumes"


def _names(value: Node | None) -> Iterator[tuple[str, Node]]:
    """The names that a list or a mapping of a service has, with where each stands; those of variables are not known."""
    if value is None:
        return
    yield from value.entries().items()
    for item in value.items():
        source = item.get("source") if item.is_mapping else item
        if source is not None and source.is_scalar and "$" not in source.template().text:
            yield source.template().text, source
