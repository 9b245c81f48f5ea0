"""Bills of materials: what is in a target, in the formats that others read.

The same packages give the same bytes: identifiers are made of the content, and the time is that of
SOURCE_DATE_EPOCH where it is set (https://reproducible-builds.org/specs/source-date-epoch/).
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Final

from msgspec import Struct

from batten.model.image_content import Image
from batten.model.package import Package

FORMATS: Final = {
    "cyclonedx-json": ("cyclonedx_json", "CycloneDX 1.6, JSON"),
    "cyclonedx-xml": ("cyclonedx_xml", "CycloneDX 1.6, XML"),
    "spdx-json": ("spdx_json", "SPDX 2.3, JSON"),
    "spdx-tag-value": ("spdx_tag_value", "SPDX 2.3, tag-value"),
    "spdx3-json": ("spdx3_json", "SPDX 3.0.1, JSON-LD"),
}
"""Name of the format -> (module with `write(SbomInput) -> bytes`, what it is)."""


class UnknownFormat(ValueError):
    """A format that none of `FORMATS` is."""


class SbomInput(Struct, frozen=True, kw_only=True):
    """What a bill of materials is written from."""

    name: str
    """What was read, as the user named it."""
    created: str
    """RFC 3339 with `Z` and whole seconds; see `created_now`."""
    packages: tuple[Package, ...]
    image: Image | None = None
    """None: a directory or root file system without a configuration."""
    complete: bool = True
    """False: part of the target could not be read."""


class InvalidEpoch(ValueError):
    """SOURCE_DATE_EPOCH is no time."""


def created_now() -> str:
    """The time that documents carry: SOURCE_DATE_EPOCH, else now. Raises `InvalidEpoch`."""
    from datetime import UTC, datetime

    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        moment = datetime.now(UTC)
    else:
        try:
            moment = datetime.fromtimestamp(int(text), UTC)
        except (ValueError, OverflowError, OSError):
            raise InvalidEpoch(f"expected seconds since 1970 in SOURCE_DATE_EPOCH, found {text[:40]!r}") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1000 else f"{moment.isoformat()[:19]}Z"


def write(name: str, document: SbomInput) -> bytes:
    """`document` in one of `FORMATS`. Raises `UnknownFormat`."""
    if name not in FORMATS:
        raise UnknownFormat(f"expected one of {', '.join(FORMATS)}, found {name!r}")
    module = import_module(f"batten.report.sbom.{FORMATS[name][0]}")
    found: bytes = module.write(document)
    return found
