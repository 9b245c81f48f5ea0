"""Cases of the checks that judge built images, for the tables of `harness`: images in memory, read as any other.

    CASES = (
        fails("PRV016", image([[file("app", b"")]]), at="/config/User", severity="high"),
        passes("PRV016", image([[file("app", b"")]], User="10001")),
    )

`at` is the end of the place that is blamed: the path of a file of the image, a pointer, or the name of the image.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from batten.engine.link import link
from batten.engine.run import Result, run_checks
from batten.images import read_image, read_root
from batten.images.base import KnownBase
from batten.images.content import ImageContent
from batten.images.readers.image import nouns_of
from batten.model.inventory import Inventory
from batten.model.settings import Settings
from batten.sources.oci import ImageData
from harness import AS_OF, Case, Input
from images import builder
from images.builder import Entry, Layer

NAME = "shop/web:1"
DEBIAN = (
    'PRETTY_NAME="Debian GNU/Linux {0}"\nNAME="Debian GNU/Linux"\nVERSION_ID="{0}"\nID=debian\n'
    "HOME_URL=https://www.debian.org/\n"
)


class ImageInput(Input, frozen=True):
    """An image (or a directory that stands for one), and what is read along with it."""

    data: ImageData | None = None
    base: int = 0
    """How many of the lowest layers belong to a known base image, `docker.io/library/debian:12`."""
    beside: tuple[Any, ...] = ()
    """Nouns of other targets."""
    root: dict[str, bytes] = {}
    unpacked: tuple[int, ...] = ()
    """What its layers weigh, in place of so many bytes."""


def image(
    layers: Sequence[Iterable[Entry] | Layer] = ((),),
    *,
    base: int = 0,
    beside: Iterable[Any] = (),
    unpacked: tuple[int, ...] = (),
    created: str | None = "2026-10-01T00:00:00Z",
    steps: Sequence[dict[str, Any]] | None = None,
    **config: Any,
) -> ImageInput:
    """An image as a registry has it. `steps` are entries of its history; `config` keys of its configuration."""
    data = builder.image(layers, **config)
    raw = json.loads(data.config)
    if created is None:
        for one in raw["history"]:
            one.pop("created", None)
    else:
        raw["created"] = created
        for one in raw["history"]:
            one["created"] = created
    if steps is not None:
        raw["history"] = list(steps)
    data.config = json.dumps(raw).encode()
    data.config_digest = builder.digest(data.config)
    return ImageInput("image", {}, data, base, tuple(beside), unpacked=unpacked)


def directory(files: dict[str, bytes]) -> ImageInput:
    """A root file system without a configuration."""
    return ImageInput("image", {}, root=files)


def release(text: str) -> Entry:
    """etc/os-release."""
    return builder.file("etc/os-release", text.encode())


def _content(given: ImageInput, folder: Path) -> ImageContent:
    if given.data is None:
        for path, data in given.root.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return read_root(str(folder))
    diff_ids = [blob.diff_id for blob in given.data.layers]
    known = [KnownBase("docker.io/library/debian:12", "sha256:" + "0" * 64, tuple(diff_ids[: given.base]))]
    content = read_image(given.data, jobs=1, bases=known if given.base else ())
    if given.unpacked:
        sized = zip(content.image.layers, given.unpacked, strict=True)
        layers = tuple(replace(layer, unpacked=size) for layer, size in sized)
        content.image = replace(content.image, layers=layers, size=sum(given.unpacked))
    return content


def results(case: Case, folder: Path) -> list[Result]:
    """What the check of the case says of its image."""
    given = case.input
    assert isinstance(given, ImageInput)
    content = _content(given, folder)
    inventory = Inventory()
    inventory.extend(nouns_of(content, f"image:{content.image.reference}"))
    inventory.extend(given.beside)
    settings = Settings(**{"checks": (case.check,), "as_of": AS_OF, **case.settings})
    found, problems = run_checks(link(inventory), settings, settings.as_of or AS_OF)
    assert problems == []
    return found


def assert_image_case(case: Case, folder: Path) -> None:
    """The check says of the image what the case says that it does."""
    found = results(case, folder)
    failures = [(one, failure) for one in found for failure in one.failures]
    told = [f"{failure.place.pointer} {failure.message}" for _, failure in failures]
    if case.outcome != "fails":
        assert not failures, told
        assert bool(found) == (case.outcome == "passes"), f"judged {len(found)} times, expected {case.outcome}"
        return
    assert len(failures) == case.count, told
    result, first = failures[0]
    location = first.place.document.locate(first.place.pointer)
    assert (location.pointer or f"{location.path}:{location.line}").endswith(case.at), told
    assert case.says in first.message, told
    severity = result.check.severity if first.severity is None else first.severity
    assert not case.severity or severity.word == case.severity, told
    assert first.no_fix, "a finding without a fix says why"
