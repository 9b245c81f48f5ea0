"""The names of Quadlet units."""

from __future__ import annotations

import posixpath

# file name's end -> section that makes it a unit of this kind
SECTIONS = {
    ".container": "Container",
    ".pod": "Pod",
    ".kube": "Kube",
    ".volume": "Volume",
    ".network": "Network",
    ".image": "Image",
    ".build": "Build",
}


def section_of(name: str) -> str:
    """The section that a file of this name must have, "" where it is no Quadlet unit."""
    return SECTIONS.get(posixpath.splitext(name)[1], "")
