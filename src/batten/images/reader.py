"""Reads an image, or a directory that is the root of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from batten import limits
from batten.images.base import KnownBase, base_of
from batten.images.building import Building
from batten.images.configuration import Configuration, read_configuration
from batten.images.content import ImageContent
from batten.model.image_content import Layer, Step
from batten.model.source import Problem, Unreadable

if TYPE_CHECKING:
    from batten.images.cache import LayerCache
    from batten.images.cataloguers import Cataloguer
    from batten.sources.oci import Blob, ImageData

_WORD: Final = 12  # characters of the longest instruction of a Dockerfile


def read_image(
    data: ImageData,
    *,
    cache: LayerCache | None = None,
    jobs: int | None = None,
    bases: Iterable[KnownBase] = (),
    cataloguers: Sequence[Cataloguer] | None = None,
) -> ImageContent:
    """Reads one image of one platform: each layer once, as a stream, nothing unpacked onto the disk.

    `cache` keeps what layers say between images (None: nothing is kept); `jobs` layers are read at once (None:
    as many as there are processors, where that is worth it); `bases` are images that others are built on;
    `cataloguers` None: all there are. Never raises for what the image holds: `ImageContent.problems` says what
    is wrong with it, and what could be read is there.
    """
    from batten.images.reading import opener, read_layers

    chosen = _all() if cataloguers is None else cataloguers
    building = Building(data.reference)
    configuration = _configuration(data.config, building)
    blobs = _bounded(data.layers, configuration, building)
    steps = _steps(configuration.history)
    for number, (blob, facts) in enumerate(zip(blobs, read_layers(blobs, chosen, cache=cache, jobs=jobs), strict=True)):
        diff_id = blob.diff_id or facts.diff_id
        stored = blob.size if blob.size >= 0 else facts.size
        building.add(Layer(diff_id, blob.digest, stored, facts.unpacked, facts.count, steps.get(number, "")), facts)
    building.read_links([opener(blob) for blob in blobs], chosen)
    diff_ids = [layer.diff_id for layer in building.layers]
    return building.finish(
        configuration,
        base_of(data.annotations, configuration.labels, diff_ids, configuration.history, bases),
        id=data.config_digest,
        digest=data.manifest_digest,
        repository_digests=tuple(name for name in data.names if "@" in name),
        tags=tuple(name for name in data.names if "@" not in name),
        annotations=data.annotations,
    )


def read_root(path: str, *, cataloguers: Sequence[Cataloguer] | None = None) -> ImageContent:
    """Reads the directory at `path` as the root file system of an image without configuration.

    Links are followed inside of it only; other file systems mounted below it are not entered. Raises
    `batten.model.source.Unreadable` where it is no directory that can be listed.
    """
    from batten.images.root import read_directory

    facts, digest = read_directory(path, _all() if cataloguers is None else cataloguers)
    building = Building(path)
    building.add_root(facts)
    return building.finish(Configuration(), id=digest)


def _all() -> Sequence[Cataloguer]:
    from batten.images.cataloguers import cataloguers

    return cataloguers()


def _configuration(data: bytes, building: Building) -> Configuration:
    try:
        found = read_configuration(data)
    except Unreadable as error:
        building.problems.append(Problem("config", error.message))
        return Configuration()
    building.problems += [Problem("config", message, severe=False) for message in found.problems]
    return found


def _steps(history: Iterable[Step]) -> dict[int, str]:
    """Index of a layer -> the step that made it, as every report may show it; `history` itself keeps its secrets,
    which a check looks for."""
    from batten.detect.build_steps import masked

    left = limits.HISTORY_SECRETS_CHARACTERS
    steps: dict[int, str] = {}
    for step in history:
        if step.layer is not None:
            left -= len(step.created_by)
            # no more than the instruction of what is too long to be searched
            steps[step.layer] = masked(step.created_by) if left >= 0 else step.created_by.partition(" ")[0][:_WORD]
    return steps


def _bounded(blobs: Sequence[Blob], configuration: Configuration, building: Building) -> Sequence[Blob]:
    """The layers that are read, and what does not fit between manifest and configuration."""
    if configuration.raw and len(configuration.diff_ids) != len(blobs):
        named, found = len(configuration.diff_ids), len(blobs)
        building.problems.append(Problem("config", f"names {named:,} layers, the image has {found:,}"))
    if len(blobs) > limits.IMAGE_LAYERS:
        most, found = limits.IMAGE_LAYERS, len(blobs)
        message = f"expected at most {most:,} layers, found {found:,}; the lowest {most:,} were read"
        building.problems.append(Problem("config", message))
    return blobs[: limits.IMAGE_LAYERS]
