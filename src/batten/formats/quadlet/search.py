"""Where Podman looks for units and their drop-ins: all folders of a search path count as one.

A drop-in of `/etc/containers/systemd/web.container.d` holds for `/usr/share/containers/systemd/shop/web.container`, and
a unit finds the `.pod` that it names in any of them. Of a tree that is none of Podman's own the topmost folder with
units or drop-ins above the unit is taken for the search path, as if the tree were installed.

Source: podman-systemd.unit(5); `pkg/systemd/quadlet/unitdirs.go` and `cmd/quadlet/main.go` of Podman.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from itertools import islice
from weakref import WeakKeyDictionary

from batten.formats.interface import ReadContext
from batten.formats.quadlet.names import SECTIONS, section_of
from batten.limits import UNIT_FOLDERS
from batten.model.source import Files
from batten.pattern import pattern

_SYSTEM = pattern(r"(?P<at>(?:.*?/)?)(?:run|etc|usr/share)/containers/systemd(?P<below>/.*)?\Z")
_USERS = pattern(r"/users(?:/(?P<user>[0-9]+))?(?:/|\Z)")
_OF_A_USER = pattern(r"(?:.*?/)?\.config/containers/systemd(?=/|\Z)")
_ORDER = ("run", "etc", "usr/share")
_DROPINS = tuple(f"{suffix}.d" for suffix in SECTIONS) + tuple(f"{suffix[1:]}.d" for suffix in SECTIONS)


Folder = tuple[str, frozenset[str]]
"""A folder of the search path, and the names of the folders of drop-ins in it."""

_TREES: WeakKeyDictionary[Files, dict[tuple[str, str], list[Folder]]] = WeakKeyDictionary()
"""What was walked of a target, by where it began and what was left out: every unit asks for it."""


def search_folders(directory: str, context: ReadContext) -> list[Folder]:
    """The folders of the search path that a unit in `directory` belongs to, in Podman's order; that of the unit is
    always one of them."""
    found: list[Folder] = []
    for base, without in _bases(directory, context.files):
        found += _tree(base, without, context.files)[: UNIT_FOLDERS - len(found)]
    if all(folder != directory for folder, _ in found):
        found.append((directory, _dropins(context.files.folders(directory))))
    return found


def _bases(directory: str, files: Files) -> Iterator[tuple[str, str]]:
    """Where the search path begins, and the folder below that is none of it ("" for none, `*` for those of users)."""
    system = _SYSTEM.match(directory)
    if system is None:
        own = _OF_A_USER.match(directory)
        yield (own[0] if own is not None else _topmost(directory, files)), ""
        return
    of_users = f"{system['at']}etc/containers/systemd/users"
    users = _USERS.match(system["below"] or "")
    if users is None:
        for root in _ORDER:
            yield f"{system['at']}{root}/containers/systemd", of_users
        return
    yield of_users, "*"
    if users["user"]:
        yield f"{of_users}/{users['user']}", ""


def _topmost(directory: str, files: Files) -> str:
    while directory:
        above = posixpath.dirname(directory)
        units = any(section_of(name) for name in files.names(above))
        if not units and not any(name.endswith(_DROPINS) for name in files.folders(above)):
            break
        directory = above
    return directory


def _tree(base: str, without: str, files: Files) -> list[Folder]:
    """`base` and all in it but those of drop-ins and what `without` says."""
    try:
        known = _TREES.setdefault(files, {})
    except TypeError:  # nothing can be kept beside it
        known = {}
    found = known.get((base, without))
    if found is None:
        found = known[base, without] = list(islice(_walk(base, without, files), UNIT_FOLDERS))
    return found


def _walk(base: str, without: str, files: Files) -> Iterator[Folder]:
    waiting = [base]
    while waiting:
        folder = waiting.pop()
        names = files.folders(folder)
        yield folder, _dropins(names)
        for name in sorted(names, reverse=True):
            path = posixpath.join(folder, name)
            skipped = name.isdigit() if without == "*" else path == without
            if not name.endswith(".d") and name != ".git" and not skipped:
                waiting.append(path)


def _dropins(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if name.endswith(".d"))
