"""Volumes and devices: the short syntax `[source:]target[:options]`.

Compose specification, "volumes"; compose-go, format.ParseVolume.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class VolumeSpec(Struct, frozen=True):
    """One mount. `source` as written, "" for an anonymous volume."""

    type: str
    source: str
    target: str
    read_only: bool = False


def parse_short(text: str) -> VolumeSpec | str:
    """The mount in `text`, or what is wrong with it."""
    if len(text) <= 2:
        return VolumeSpec("volume", "", text) if text else "expected [source:]target[:options], found nothing"
    parts = _split(text)
    if any(not part for part in parts):
        return f"expected [source:]target[:options], found nothing between colons in {text!r}"
    if len(parts) > 3:
        return f"expected [source:]target[:options], found {len(parts)} parts in {text!r}; use the long syntax"
    if len(parts) == 1:
        return VolumeSpec("volume", "", parts[0])
    options = parts[2].split(",") if len(parts) == 3 else []
    read_only = False
    for option in options:
        read_only = option == "ro" or (read_only and option != "rw")
    return VolumeSpec(source_type(parts[0]), parts[0], parts[1], read_only)


def source_type(source: str) -> Literal["bind", "npipe", "volume"]:
    """What the source of a short mount is: a path of the host, or the name of a volume."""
    if source.lower().startswith(("//./pipe/", r"\\.\pipe" + "\\")):
        return "npipe"
    if source.startswith((".", "/", "~", "\\\\")) or is_drive(source):
        return "bind"
    if source.startswith("${") and any(mark in source for mark in "/\\"):
        return "bind"  # ${DATA_DIR}/db: a path whatever the variable holds
    return "volume"


def is_drive(text: str) -> bool:
    """`C:…`, a path of Windows."""
    return len(text) > 1 and text[1] == ":" and text[0].isalpha()


def parse_device(text: str) -> tuple[str, str, str]:
    """Path on the host, path inside, permissions; a CDI name (`vendor.com/class=name`) is a path, too."""
    parts = text.split(":")
    permissions = parts[2] if len(parts) > 2 else "rwm"
    target = parts[1] if len(parts) > 1 else ""
    return parts[0], target or parts[0], permissions


def _split(text: str) -> list[str]:
    """The parts between colons; the colon of a drive (`C:\\data`) separates nothing."""
    parts: list[str] = []
    for part in text.split(":"):
        if parts and len(parts[-1]) == 1 and parts[-1].isalpha():
            parts[-1] = f"{parts[-1]}:{part}"
        else:
            parts.append(part)
    return parts
