"""Where Podman looks for units and their drop-ins: all folders of a search path count as one.

A drop-in of `/etc/containers/systemd/web.container.d` holds for `/usr/share/containers/systemd/shop/web.container`, and
a unit finds the `.pod` that it names in any of them. Of a tree that is none of Podman's own the topmost folder with
units or drop-ins above the unit is taken for the search path, as if the tree were installed.

Source: podman-systemd.unit(5); `pkg/systemd/quadlet/unitdirs.go` and `cmd/quadlet/main.go` of Podman.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from batten.formats.interface import ReadContext
from batten.formats.quadlet.names import SECTIONS, section_of
from batten.limits import UNIT_FOLDERS
from batten.pattern import pattern

_SYSTEM = pattern(r"(?P<at>(?:.*?/)?)(?:run|etc|usr/share)/containers/systemd(?P<below>/.*)?\Z")
_USERS = pattern(r"/users(?:/(?P<user>[0-9]+))?(?:/|\Z)")
_OF_A_USER = pattern(r"(?:.*?/)?\.config/containers/systemd(?=/|\Z)")
_ORDER = ("run", "etc", "usr/share")
_DROPINS = tuple(f"{suffix}.d" for suffix in SECTIONS) + tuple(f"{suffix[1:]}.d" for suffix in SECTIONS)


def search_folders(directory: str, context: ReadContext) -> list[str]:
    """The folders of the search path that a unit in `directory` belongs to, in Podman's order; that of the unit is
    always one of them."""
    found: list[str] = []
    for base, skips in _bases(directory, context):
        for folder in _tree(base, skips, context):
            if len(found) >= UNIT_FOLDERS:
                break
            found.append(folder)
    return found if directory in found else [*found, directory]


def _bases(directory: str, context: ReadContext) -> Iterator[tuple[str, Callable[[str], bool]]]:
    """Where the search path begins, and which folders below are none of it."""
    system = _SYSTEM.match(directory)
    if system is None:
        own = _OF_A_USER.match(directory)
        yield (own[0] if own is not None else _topmost(directory, context)), lambda folder: False
        return
    of_users = f"{system['at']}etc/containers/systemd/users"
    users = _USERS.match(system["below"] or "")
    if users is None:
        for root in _ORDER:
            yield f"{system['at']}{root}/containers/systemd", lambda folder: folder == of_users
        return
    yield of_users, lambda folder: posixpath.basename(folder).isdigit()
    if users["user"]:
        yield f"{of_users}/{users['user']}", lambda folder: False


def _topmost(directory: str, context: ReadContext) -> str:
    files = context.files
    while directory:
        above = posixpath.dirname(directory)
        units = any(section_of(name) for name in files.names(above))
        if not units and not any(name.endswith(_DROPINS) for name in files.folders(above)):
            break
        directory = above
    return directory


def _tree(folder: str, skips: Callable[[str], bool], context: ReadContext) -> Iterator[str]:
    """`folder` and all in it but those of drop-ins and what `skips` says."""
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        yield folder
        for name in sorted(context.files.folders(folder), reverse=True):
            path = posixpath.join(folder, name)
            if not name.endswith(".d") and name != ".git" and not skips(path):
                waiting.append(path)
