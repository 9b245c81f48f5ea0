"""Which image this one was built on: what it says itself, known layers, or a guess from its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from batten.detect.build_steps import masked
from batten.model.image_content import BaseImage, Step

# OCI image specification, "Pre-Defined Annotation Keys".
_NAME: Final = "org.opencontainers.image.base.name"
_DIGEST: Final = "org.opencontainers.image.base.digest"
_GAP: Final = timedelta(hours=6)
"""A base is built some time before what stands on it; steps of one build lie minutes apart."""


class KnownBase(Struct, frozen=True):
    """One published image that others are built on: a row of the table that a database may bring."""

    reference: str
    """`docker.io/library/debian:12-slim`."""
    digest: str
    layers: tuple[str, ...]
    """Diff ids, lowest first."""


def recognise_base(layers: Sequence[str], known: Iterable[KnownBase]) -> BaseImage | None:
    """The known image whose layers are the lowest of `layers` (diff ids), the longest such; None: none is.

    An image is not its own base: one with the same layers throughout does not count.
    """
    have = tuple(layers)
    best: KnownBase | None = None
    for one in known:
        number = len(one.layers)
        if not 0 < number < len(have) or have[:number] != one.layers:
            continue
        if best is None or (number, best.reference) > (len(best.layers), one.reference):
            best = one
    return BaseImage(best.reference, best.digest, len(best.layers), "layers") if best else None


def base_of(
    annotations: Mapping[str, str],
    labels: Mapping[str, str],
    layers: Sequence[str],
    history: Sequence[Step],
    known: Iterable[KnownBase] = (),
) -> BaseImage | None:
    """The base image by the surest evidence: annotation, label, known layers, history."""
    by_layers = recognise_base(layers, known)
    number = by_layers.layers if by_layers else 0
    if annotations.get(_NAME) or annotations.get(_DIGEST):
        number = number or _by_history(history)
        return BaseImage(masked(annotations.get(_NAME, "")), annotations.get(_DIGEST, ""), number, "annotation")
    if labels.get(_NAME) or labels.get(_DIGEST):
        # Labels are inherited: they may be the base's own and speak of what is below it.
        number = number or _by_history(history)
        return BaseImage(masked(labels.get(_NAME, "")), labels.get(_DIGEST, ""), number, "label")
    if by_layers is not None:
        return by_layers
    guessed = _by_history(history)
    return BaseImage("", "", guessed, "history") if 0 < guessed < len(layers) else None


def _by_history(history: Sequence[Step]) -> int:
    """How many layers were made long before the rest; 0 where the history shows no such gap."""
    moments = [_moment(step.created) for step in history]
    best, end = _GAP, 0
    for index in range(1, len(history)):
        before, after = moments[index - 1], moments[index]
        # Reproducible builds date everything alike, or at the beginning of time.
        if before is None or after is None or before.year < 2000:
            continue
        if after - before > best:
            best, end = after - before, index
    return sum(step.layer is not None for step in history[:end])


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    return moment.replace(tzinfo=None)
