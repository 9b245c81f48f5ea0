"""What the names of images and the constraints of schedulers say of Windows.

https://learn.microsoft.com/en-us/virtualization/windowscontainers/manage-containers/container-base-images
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from batten.pattern import pattern

_MARKS: Final = ("windowsservercore", "nanoserver", "/servercore", "dotnet/framework/")
_BASES: Final = ("mcr.microsoft.com/windows/", "mcr.microsoft.com/windows:", "mcr.microsoft.com/windows@")

# swarmkit, manager/constraint: keys and values without case
_CONSTRAINT: Final = pattern(r"\s*node\.platform\.os\s*(==|!=)\s*(windows|linux)\s*\Z", re.IGNORECASE)


def is_windows_image(reference: str) -> bool:
    """Whether an image of this name, as written, is of Windows for certain."""
    text = reference.lower()
    return text.startswith(_BASES) or any(mark in text for mark in _MARKS)


def runs_as_administrator(reference: str) -> bool:
    """Whether a base of this name starts as ContainerAdministrator: Server Core, Server and Windows do, Nano Server
    as ContainerUser. Of others, what they are built on does not show."""
    text = reference.lower()
    return "nanoserver" not in text and (text.startswith(_BASES) or "servercore" in text)


def constrained_os(constraints: Iterable[str]) -> Literal["linux", "windows", ""]:
    """The system of the nodes that a Swarm service may run on by its placement constraints, "" where they leave it
    open. A swarm has nodes of these two."""
    for text in constraints:
        match = _CONSTRAINT.match(text)
        if match is not None:
            return "windows" if (match[2].lower() == "windows") == (match[1] == "==") else "linux"
    return ""
