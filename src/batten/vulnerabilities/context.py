"""How the image is run that a package is in, as far as manifests that were scanned along tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

Exposure = Literal["public", "cluster", "none", "unknown"]

_ORDER: Final = ("unknown", "none", "cluster", "public")


class Context(Struct, frozen=True, kw_only=True):
    """What a break-in through a package would meet. The default knows nothing."""

    exposure: Exposure = "unknown"
    through: tuple[str, ...] = ()
    """The way in, `("Ingress shop/web", "Service shop/web")`."""
    root: bool | None = None
    """The process is root; None: not known."""
    privileged: bool = False
    """Privileged, or with namespaces of the host."""
    capabilities: tuple[str, ...] = ()
    """Added ones that lead to the host."""
    secrets: bool = False
    """Secrets are mounted or in its environment."""
    workloads: tuple[str, ...] = ()
    """Who runs it, `Deployment shop/web`."""


UNKNOWN: Final = Context()


def joined(contexts: Iterable[Context]) -> Context:
    """Several workloads that run one image: the worst of each."""
    found = list(contexts)
    if not found:
        return UNKNOWN
    worst = max(found, key=lambda one: _ORDER.index(one.exposure))
    roots = [one.root for one in found if one.root is not None]
    return Context(
        exposure=worst.exposure,
        through=worst.through,
        root=any(roots) if roots else None,
        privileged=any(one.privileged for one in found),
        capabilities=tuple(dict.fromkeys(name for one in found for name in one.capabilities)),
        secrets=any(one.secrets for one in found),
        workloads=tuple(dict.fromkeys(name for one in found for name in one.workloads)),
    )
