"""Distributions whose list of packages is gone: tools that make images small remove it, and so does who hides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from batten.images.filesystem import FileSystem
from batten.images.squash import SYSTEM_TYPES
from batten.model.package import Distribution, Package

_LISTS: Final = {
    **dict.fromkeys(("debian", "ubuntu"), "var/lib/dpkg/status"),
    **dict.fromkeys(("alpine", "wolfi", "chainguard"), "lib/apk/db/installed"),
    **dict.fromkeys(
        ("rhel", "fedora", "centos", "almalinux", "rocky", "ol", "amzn", "sles", "suse", "opensuse", "photon"),
        "var/lib/rpm",
    ),
    **dict.fromkeys(("mariner", "azurelinux"), "var/lib/rpm"),
}
"""ID of os-release, or one that it is like -> where its packages are listed."""
_FOLDERS: Final = ("lib", "lib64", "usr/lib", "usr/lib64")


def missing_list(
    distribution: Distribution | None, packages: Iterable[Package], files: FileSystem, system: str = "linux"
) -> tuple[str, str] | None:
    """(where the list should be, what that means); None where nothing is missing. `system`: `os` of the configuration.

    Only where the C library of a distribution is there: a program alone on an empty image has no packages to list,
    whatever os-release somebody has put beside it.
    """
    if system == "windows":
        return "Hives", "expected an image of Linux, found one of Windows: of it only packages of languages are read"
    if distribution is None or any(one.type in SYSTEM_TYPES for one in packages):
        return None
    names = (distribution.id.lower(), *(name.lower() for name in distribution.like))
    place = next((_LISTS[name] for name in names if name in _LISTS), "")
    if not place or not _has_library(files):
        return None
    what = distribution.name or f"{distribution.id} {distribution.version}".strip()
    return place, f"expected the packages of {what}, found none: what of it is installed is not known"


def _has_library(files: FileSystem) -> bool:
    for path in _FOLDERS:
        found = files.real_folder(path)
        if found is None:
            continue
        for name, node in found[1].items():
            if name == "libc.so.6" or name.startswith("ld-musl-"):
                return True
            if isinstance(node, dict) and "-linux-" in name and "libc.so.6" in node:
                return True
    return False
