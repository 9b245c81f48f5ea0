"""Where files are generated from: Helm charts, Kustomize patches."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final

from msgspec import Struct

from batten.formats.kustomize import NAMES as KUSTOMIZATIONS
from batten.formats.yaml import KUBERNETES, read_documents
from batten.model.source import File, Files, Problem
from batten.pattern import pattern

_LEVELS: Final = 3
_PATCHES: Final = ("patches", "patchesStrategicMerge", "patchesJson6902")
_CHAINSAW: Final = ("chainsaw-test.yaml", "chainsaw-test.yml")
_KUTTL: Final = pattern(r"\d+-(?:assert|errors)(?:-[^/]*)?\.ya?ml")
_CHANGES: Final = pattern(rb"patches")


def template_problem(file: File, files: Files) -> Problem:
    """The problem of a template: one for its chart, else for its directory, whatever the file."""
    chart = chart_of(file.directory, files)
    if chart is not None:
        message = "is a Helm chart, and nothing here renders it; to have that: pip install 'batten[helm]'"
        return Problem(chart or ".", f"{message}, or render it there: helm template . | batten scan -")
    shown = file.directory or "."
    if file.path == "-":
        return Problem("-", "holds templates, which decide what is judged; render them first")
    return Problem(shown, "holds templates, which decide what is judged; render them and scan the result")


def placeholder_problem(file: File) -> Problem:
    """The problem of `${NAME}` where a judged value should stand."""
    message = "holds ${…} placeholders, which decide what is judged; substitute them and scan the result"
    return Problem(file.path if file.path == "-" else file.directory or ".", message)


def chart_of(directory: str, files: Files) -> str | None:
    """The directory of the chart that `directory` is part of ("" is the root), None where there is none.

    A sub-chart under `charts/` belongs to its parent, which decides its values.
    """
    found: str | None = None
    here = directory
    while True:
        if files.get(f"{here}/Chart.yaml" if here else "Chart.yaml") is not None:
            found = here
        elif found is not None and here.rpartition("/")[2] != "charts":
            return found
        if not here:
            return found
        here = here.rpartition("/")[0]


def kept_in_parts(file: File, files: Files) -> str:
    """Why a file may hold parts of objects although nothing here builds with them, in words; "" where it should not."""
    for name in _CHAINSAW:
        test = files.get(posixpath.join(file.directory, name))
        if test is not None and test is not file:
            return "a Chainsaw test compares with them"
    if _KUTTL.fullmatch(file.name) is not None:
        return "a KUTTL test compares with them"
    for name in KUSTOMIZATIONS:
        found = files.get(posixpath.join(file.directory, name))
        # a scaffold's patches that are switched off stand there as comments
        if found is not None and re.search(
            rb"^\s*#.*[\s/\"']" + re.escape(file.name.encode()) + rb"(?:[\s\"',}]|\Z)", found.data, re.MULTILINE
        ):
            return f"patches that {found.path} does not use"
    return ""


class Owner(Struct, frozen=True, gc=False):
    """The kustomization that lists a file as a patch: its directory ("" is the root), and whether it is a component."""

    directory: str
    component: bool


class Patches:
    """Knows which files are Kustomize patches: parts of objects, not objects."""

    def __init__(self) -> None:
        # of the last directory, because the files of a directory are read one after the other
        self._last: tuple[Files, str, dict[str, Owner]] | None = None

    def owner(self, file: File, files: Files) -> Owner | None:
        """The kustomization that lists the file as a patch, looked for where the file is and in the two directories
        above."""
        last = self._last
        if last is None or last[0] is not files or last[1] != file.directory:
            last = self._last = (files, file.directory, _owners(file.directory, files))
        return last[2].get(file.name)


def _owners(directory: str, files: Files) -> dict[str, Owner]:
    """Names of the patches in `directory` -> the kustomization that lists them."""
    owners: dict[str, Owner] = {}
    above, below = directory, ""
    for _ in range(_LEVELS):
        whole = _kustomization(above, files) or {}
        owner = Owner(above, whole.get("kind") == "Component")
        for path in _patches(whole):
            if path.startswith(below) and "/" not in path[len(below) :]:
                owners.setdefault(path[len(below) :], owner)
        if not above:
            break
        above, _, name = above.rpartition("/")
        below = f"{name}/{below}"
    return owners


def _patches(kustomization: dict[str, Any]) -> frozenset[str]:
    """The files that it names as patches, as it writes them, without `./`."""
    names: set[str] = set()
    for key in _PATCHES:
        entries = kustomization.get(key)
        for entry in entries if type(entries) is list else ():
            path = entry.get("path") if type(entry) is dict else entry
            if type(path) is str:
                names.add(path.removeprefix("./"))
    return frozenset(names)


def _kustomization(directory: str, files: Files) -> dict[str, Any] | None:
    """The kustomization of a directory, None where there is none that does more than list files."""
    found: File | None = None
    for name in KUSTOMIZATIONS:
        found = found or files.get(posixpath.join(directory, name))
    if found is None or not _CHANGES.search(found.data):
        return None
    for document in read_documents(found, KUBERNETES):
        value: Any = getattr(document, "value", None)
        if type(value) is dict:
            return value
    return None
