"""What to hand to `batten fix` for a finding whose file alone is not judged."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from batten.formats.kustomize import NAMES as KUSTOMIZATIONS
from batten.model.source import File, Place
from batten.model.verdict import Failure

if TYPE_CHECKING:
    from batten.engine.judge import Origins


def fixed_with(failure: Failure, place: Place, asked_by: File, origins: Origins) -> str:
    """The folder that holds all of a chart or module, or the target that an overlay is of, as the user would write
    it; "" where the file of the finding is judged by itself.

    A template, a file of values or variables and a patch say nothing without what they are put into. `place`: where
    the failure was written; `asked_by`: the file of the noun (of a chart its `Chart.yaml`, of an overlay its
    kustomization).
    """
    if place is failure.place:
        return ""
    file = place.document.file
    if asked_by.name in KUSTOMIZATIONS:
        whole = getattr(failure.place.document, "node", None)
        if whole is not None and whole.place.document.file is file:
            return ""  # the file of the object itself, which is a manifest by itself
        opened = origins.opened(file, asked_by)
        return opened.target.ref if opened is not None else ""
    if file.path == asked_by.path:
        return ""
    paths = (origins.shown(file, asked_by), origins.shown(asked_by))
    try:
        return posixpath.commonpath([posixpath.dirname(path) for path in paths]) or "."
    except ValueError:  # one of them absolute: a file of values from elsewhere
        return ""
