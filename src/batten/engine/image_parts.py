"""What checks of images share: whose packages are whose, and how a list of files is put into one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from weakref import WeakKeyDictionary

from msgspec import Struct

from batten.detect.build_steps import masked
from batten.engine.link_images import leads_to, names_of
from batten.model.image import ImageReference, parse_reference
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.package import Package
from batten.model.workload import Container
from batten.pattern import pattern

SYSTEM: Final = frozenset({"deb", "rpm", "apk"})
"""Types of packages that a distribution installs."""

_KB: Final = 1000
_SAVED: Final = (".tar", ".tgz", ".gz", ".zst")
_STEP_SHOWN: Final = 60

_ARGUMENTS: Final = pattern(r"^RUN \|\d+ .{0,2000}?/bin/sh -c ")  # BuildKit's: the build arguments stand before


class _Index(Struct):
    """The packages of an inventory by target and by layer, for as long as there are `number` of them."""

    number: int
    by_target: dict[str, list[Package]]
    by_layer: dict[str, list[Package]]


_indexes: WeakKeyDictionary[Inventory, _Index] = WeakKeyDictionary()


def packages_of(image: Image, inventory: Inventory) -> Sequence[Package]:
    """The packages in `image`: those of the target of its name, else of its layers, wherever they were read."""
    index = _index(inventory)
    layers = {layer.diff_id for layer in image.layers}
    for target, packages in index.by_target.items():
        if target in (image.id, image.reference) or target.endswith(f":{image.reference}"):
            # an index of several platforms is one target
            return [one for one in packages if one.layer in layers] if layers else packages
    return [one for layer in layers for one in index.by_layer.get(layer, ())]


def _index(inventory: Inventory) -> _Index:
    packages = inventory.of(Package)
    known = _indexes.get(inventory)
    if known is None or known.number != len(packages):
        known = _indexes[inventory] = _Index(len(packages), {}, {})
        for package in packages:
            known.by_target.setdefault(package.target, []).append(package)
            if package.layer:
                known.by_layer.setdefault(package.layer, []).append(package)
    return known


def containers_of(image: Image, inventory: Inventory) -> list[Container]:
    """The containers of manifests, read in the same scan, that run `image`."""
    names = names_of(image)
    return [
        container
        for container in inventory.of(Container)
        if isinstance(wanted := container.image, ImageReference)
        and container.platform != "dockerfile"
        and any(leads_to(wanted, name, image) for name in names)
    ]


def repository(image: Image) -> str:
    """What is the same of the next build of the image: its name without tag and digest, `docker.io/library/nginx`.

    A saved image is called by the name that is written in it, a directory by its path.
    """
    for text in (image.reference, *image.tags):
        found = None if text.startswith((".", "/")) or text.endswith(_SAVED) else parse_reference(text)
        if found is not None:
            return found.name
    return image.reference


def has_configuration(image: Image) -> bool:
    """False for a directory that stands for an image: nobody says how it is run."""
    return bool(image.raw_config)


def in_base(image: Image, layer: int) -> bool:
    """Does the layer belong to the recognised base image?"""
    return 0 <= layer < len(image.layers) and image.layers[layer].in_base


def origin(image: Image, layer: int) -> str:
    """Where a file comes from, for the middle of a sentence: `layer 3 (COPY . /app)`; "" where there are no layers."""
    if not 0 <= layer < len(image.layers):
        return ""
    one = image.layers[layer]
    if one.in_base:
        return f"layer {layer + 1}, which comes with the base image"
    made = step(one.created_by)
    return f"layer {layer + 1} ({made})" if made else f"layer {layer + 1}"


def step(created_by: str) -> str:
    """A step of the history as its Dockerfile has it, without secrets, cut to fit a line."""
    text = masked(" ".join(created_by.split()).removesuffix("# buildkit").strip())
    text = _ARGUMENTS.sub("RUN ", text)
    for shell in ("/bin/sh -c #(nop)", "RUN /bin/sh -c", "/bin/sh -c"):
        if text.startswith(shell):
            text = ("" if "nop" in shell else "RUN ") + text.removeprefix(shell).strip()
            break
    return text if len(text) <= _STEP_SHOWN else text[: _STEP_SHOWN - 1].rstrip() + "…"


def listed(names: Iterable[str], most: int = 6) -> str:
    """`a, b and 3 more`."""
    found = list(names)
    # "and 1 more" is no shorter than the one
    kept = found if len(found) <= most + 1 else found[:most]
    more = f" and {len(found) - len(kept):,} more" if len(kept) < len(found) else ""
    return ", ".join(kept) + more


def amount(size: int) -> str:
    """Bytes for people: `12 MB`, `1.4 GB`."""
    value, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < _KB:
            break
        value, unit = value / _KB, larger
    if unit == "bytes":
        return f"{size} bytes"
    return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
