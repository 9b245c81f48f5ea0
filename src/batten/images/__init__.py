"""Strategy 1, secure image management: what is in this image, where does it come from?

The engine is usable alone:

    from batten.images import LayerCache, read_image, reach
    with open_target("oci:layout") as target:
        for data in target.images():
            content = read_image(data, cache=LayerCache())
            for package in content.packages:
                print(package.purl, package.layer, reach(package, content))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from batten.images.base import KnownBase, recognise_base
    from batten.images.cache import LayerCache
    from batten.images.content import ImageContent, Reach, reach
    from batten.images.reader import read_image, read_root

__all__ = ["ImageContent", "KnownBase", "LayerCache", "Reach", "reach", "read_image", "read_root", "recognise_base"]

_MODULES = {
    "ImageContent": "content",
    "KnownBase": "base",
    "LayerCache": "cache",
    "Reach": "content",
    "reach": "content",
    "read_image": "reader",
    "read_root": "reader",
    "recognise_base": "base",
}


def __getattr__(name: str) -> Any:
    """Loads a part of the engine when it is first asked for: the checks of this room need none of it."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
