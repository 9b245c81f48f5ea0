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

from typing import TYPE_CHECKING

from batten.modules import exports

if TYPE_CHECKING:
    from batten.images.base import KnownBase, recognise_base
    from batten.images.cache import LayerCache
    from batten.images.content import ImageContent, Reach, reach
    from batten.images.reader import read_image, read_root

__all__ = ["ImageContent", "KnownBase", "LayerCache", "Reach", "reach", "read_image", "read_root", "recognise_base"]

# Loaded when they are first asked for: the checks of this room need none of it.
__getattr__ = exports(
    globals(),
    {
        "base": ("KnownBase", "recognise_base"),
        "cache": ("LayerCache",),
        "content": ("ImageContent", "Reach", "reach"),
        "reader": ("read_image", "read_root"),
    },
)
