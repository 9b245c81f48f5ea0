"""What the names of images say of Windows.

https://learn.microsoft.com/en-us/virtualization/windowscontainers/manage-containers/container-base-images
"""

from __future__ import annotations

from typing import Final

_MARKS: Final = ("windowsservercore", "nanoserver", "/servercore", "dotnet/framework/")
_BASES: Final = ("mcr.microsoft.com/windows/", "mcr.microsoft.com/windows:", "mcr.microsoft.com/windows@")


def is_windows_image(reference: str) -> bool:
    """Whether an image of this name, as written, is of Windows for certain."""
    text = reference.lower()
    return text.startswith(_BASES) or any(mark in text for mark in _MARKS)


def runs_as_administrator(reference: str) -> bool:
    """Whether a base of this name starts as ContainerAdministrator: Server Core, Server and Windows do, Nano Server
    as ContainerUser. Of others, what they are built on does not show."""
    text = reference.lower()
    return "nanoserver" not in text and (text.startswith(_BASES) or "servercore" in text)
