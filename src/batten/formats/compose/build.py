"""What a service says about how its image is built."""

from __future__ import annotations

import posixpath
from typing import Final

from batten.formats.compose import files
from batten.formats.compose.draft import Draft
from batten.formats.compose.tree import Node
from batten.model.workload import Build, BuildRight

_ENTITLEMENTS: Final = ("security.insecure", "network.host", "device")
_RIGHTS: Final = frozenset(("privileged", "network", "entitlements"))


def build_of(draft: Draft, node: Node) -> Build:
    """`context` and `dockerfile` relative to the target's root.

    A context that is fetched, unknown or outside stays as written and its Dockerfile is "". One that stands in
    the file (`dockerfile_inline`) has the file and the service as its name, see `Services.inline`.
    """
    context = node if node.is_scalar else node.get("context")
    directory = node.source.project if context is None else context.source.directory
    written = "." if context is None else context.template().text
    root = None if "${" in written or files.is_remote(written) else files.resolve(directory, written)
    name = node.get("dockerfile")
    dockerfile = "Dockerfile" if name is None else name.template().text
    if node.get("dockerfile_inline") is not None or root is None:
        dockerfile = ""
    elif not dockerfile.startswith("/"):
        dockerfile = posixpath.normpath(posixpath.join(root, dockerfile))
    target, args = node.get("target"), node.get("args")
    contexts = _known_pairs(node.get("additional_contexts"))
    return Build(
        written if root is None else root,
        dockerfile,
        "" if target is None else target.template().text,
        _known_pairs(args),
        node.pointer,
        draft.away(node),
        _rights(draft, node),
        node.is_mapping and node.entries().keys() <= _RIGHTS,
        tuple((name, where or "") for name, where in contexts),
    )


def _known_pairs(node: Node | None) -> tuple[tuple[str, str | None], ...]:
    """Names with their values, None where a value is not known here."""
    found: list[tuple[str, str | None]] = []
    for pair in node.pairs() if node is not None else []:
        value = pair.value()
        found.append((pair.name, value.text if value is not None and value.known else None))
    return tuple(found)


def _rights(draft: Draft, node: Node) -> tuple[BuildRight, ...]:
    """What Compose hands on to BuildKit with `--allow`.

    `privileged: true` is `security.insecure` there, and `network: host` allows the network that it asks for
    (compose-go's `BuildConfig`, and how docker/compose makes a bake file of it).
    """
    found: list[BuildRight] = []
    privileged = node.get("privileged")
    if privileged is not None and privileged.flag() is True:
        place = (privileged.pointer, draft.away(privileged))
        found.append(BuildRight("security.insecure", "privileged: true", False, *place))
    network = node.get("network")
    if network is not None and network.text() == "host":
        found.append(BuildRight("network.host", "network: host", True, network.pointer, draft.away(network)))
    entitlements = node.get("entitlements")
    for item in entitlements.sequence() if entitlements is not None else ():
        text = item.text()
        for name in _ENTITLEMENTS:
            # `device=vendor.example/class` allows one of them
            if isinstance(text, str) and text.partition("=")[0] == name:
                found.append(BuildRight(name, f"entitlement {text}", False, item.pointer, draft.away(item)))
    return tuple(found)
