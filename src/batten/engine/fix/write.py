"""Writes patches: atomically, never through a link that leaves the root, never over uncommitted work.

A file with several names (hard links) is not written: what is renamed into its place would part the names, and
what is written into it would be no longer old or new when the process is killed.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from batten.engine.fix.patches import Patch
from batten.pattern import pattern
from batten.sources.gitignore import repository_of

WRITABLE = ("directory", "file")
"""Kinds of targets; a patch can be made of every kind."""
_SUFFIX = ".batten"
_TEMPORARY = pattern(r"\..+\.[a-z0-9_]{8}" + re.escape(_SUFFIX), re.DOTALL)
_GIT_SECONDS = 20  # git status on the largest trees takes a few
_NAMES = 200  # paths in one call of git


class WriteRefused(Exception):
    """Nothing was written; the message says why and what to do."""


def write(patches: Iterable[Patch], *, allow_dirty: bool = False) -> list[Path]:
    """Write every patch; returns the paths written. Raises `WriteRefused` before the first byte.

    Each file is replaced as a whole (temporary file in the same folder, flushed to the disk, renamed), so
    that whatever kills the process leaves every file old or new. No file is renamed before the new texts of all that
    its fixes edit are on the disk: a full disk or a folder that cannot be written to leaves them as they were.
    """
    chosen = list(patches)
    destinations = refuse(chosen, allow_dirty=allow_dirty)
    _refuse_changed(chosen, destinations, [])
    for folder in dict.fromkeys(path.parent for path in destinations):
        _sweep(folder)
    done: list[Path] = []
    for together in _together(chosen):
        # once more: it may take a while until all are written, and another program may be at the same files
        _refuse_changed([chosen[index] for index in together], [destinations[index] for index in together], done)
        try:
            _replace([(destinations[index], chosen[index].after.data) for index in together])
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise WriteRefused(f"{where}cannot be written: {error.strerror or error}{_rest(done)}") from error
        done += [destinations[index] for index in together]
    return destinations


def _together(patches: list[Patch]) -> list[list[int]]:
    """The patches that one fix joins, by their index: written together or not at all."""
    groups: list[list[int]] = []
    home: dict[int, list[int]] = {}
    for index, patch in enumerate(patches):
        others = {id(found): found for one in patch.proposals if (found := home.get(id(one))) is not None}
        mine = [index]
        for group in others.values():
            mine += group
            groups.remove(group)
        groups.append(mine)
        for each in mine:
            home.update((id(one), mine) for one in patches[each].proposals)
    return groups


def _refuse_changed(patches: list[Patch], paths: list[Path], done: list[Path]) -> None:
    for patch, path in zip(patches, paths, strict=True):
        try:
            changed = path.read_bytes() != patch.before.data
        except OSError as error:
            raise WriteRefused(f"{path}: cannot be read any more: {error.strerror or error}{_rest(done)}") from error
        if changed:
            raise WriteRefused(f"{path}: changed since it was scanned{_rest(done)}")


def _rest(done: list[Path]) -> str:
    """What a message says of the files before the one that was refused."""
    if not done:
        return "; nothing was written, run fix again"
    return f"; {len(done)} {'file was' if len(done) == 1 else 'files were'} written before, whole: run fix again"


def refuse(patches: Iterable[Patch], *, allow_dirty: bool = False) -> list[Path]:
    """Raises `WriteRefused` where `write` would; else the paths that it would write. Nothing is written."""
    destinations = [_destination(patch) for patch in patches]
    if not allow_dirty:
        _refuse_dirty(destinations)
    return destinations


def _destination(patch: Patch) -> Path:
    target = patch.reading.opened.target
    if target.kind not in WRITABLE:
        raise WriteRefused(f"{target.ref}: only files and directories can be written to; use --patch FILE")
    native = patch.reading.opened.native(patch.path)
    if native is None:
        raise WriteRefused(f"{patch.path}: cannot be written back; use --patch FILE")
    root = (Path(target.ref) if target.kind == "directory" else Path(target.ref).parent).resolve()
    path = Path(native)
    resolved = path.resolve()
    if resolved != root and root not in resolved.parents:
        raise WriteRefused(f"{path}: leads out of {root} through a link; nothing is written there")
    _refuse_several_names(path, resolved)
    return resolved


def _refuse_several_names(path: Path, resolved: Path) -> None:
    try:
        names = resolved.stat().st_nlink
    except OSError:
        return  # it went away: said when it is compared with what was scanned
    if names > 1:
        raise WriteRefused(
            f"{path}: expected a file with one name, found {names} hard links, which a fix would part; make it a file "
            "of its own (copy it, and rename the copy over it), leave it out with --exclude, or use --patch FILE"
        )


def _refuse_dirty(paths: list[Path]) -> None:
    """Refuses where a work tree has uncommitted changes, or a file to be written is not in Git at all."""
    trees: dict[str, list[Path]] = {}
    for path in paths:
        top = repository_of(str(path.parent))
        if top is not None:
            trees.setdefault(top, []).append(path)
    for top, own in trees.items():
        changed = _git(top, "status", "--porcelain", "--untracked-files=no")
        if changed:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            where = f"{_from_here(top, changed[0][3:])}{more}"
            raise WriteRefused(
                f"{where}: the Git tree has uncommitted changes, which a fix would mix with its own; "
                "commit or stash them, or use --allow-dirty"
            )
        names = [str(path) for path in own]
        parts = [names[at : at + _NAMES] for at in range(0, len(names), _NAMES)]
        if unknown := [one for part in parts for one in _git(top, "ls-files", "--others", "--", *part)]:
            where = _from_here(top, unknown[0])
            raise WriteRefused(
                f"{where}: expected a file that Git has a copy of, found one that was never added; "
                "git add and commit it, or use --allow-dirty"
            )


def _from_here(top: str, path: str) -> str:
    """A path that Git lists (from the top of its work tree) as it is called from the current directory."""
    whole = str(Path(top) / path)
    try:
        return os.path.relpath(whole, Path.cwd().resolve())
    except ValueError:  # another drive
        return whole


def _git(folder: str, *arguments: str) -> list[str]:
    """The entries that a command of Git lists; none where it cannot."""
    # no monitor: the repository's own configuration may name any program as one
    options = ["-C", folder, "-c", "core.fsmonitor=", "--literal-pathspecs"]
    command = ["git", *options, *arguments[:1], "-z", *arguments[1:]]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(command, capture_output=True, timeout=_GIT_SECONDS, env=environment, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode:
        return []
    return [entry for entry in done.stdout.decode("utf-8", "replace").split("\0") if entry]


def _sweep(folder: Path) -> None:
    """Removes the temporary files of runs that were killed; a run that is still writing holds a lock on its own."""
    for path in folder.glob(".*" + _SUFFIX):
        if not _TEMPORARY.fullmatch(path.name) or path.is_symlink() or not path.is_file():
            continue
        try:
            with path.open("rb") as file, _locked(file.fileno()):
                path.unlink()
        except OSError:
            continue  # another run has it; Windows removes no file that is open


@contextmanager
def _locked(handle: int) -> Iterator[None]:
    """Holds a lock on an open file, also after `handle` is closed. Raises `OSError` where another process has it."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    copy = os.dup(handle)
    try:
        fcntl.flock(copy, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(copy)


def _keep_owner(handle: int, before: os.stat_result) -> None:
    """The new file belongs to whom the old one did, as far as this user may give it away: root may, others may
    give it one of their own groups."""
    if not hasattr(os, "fchown"):
        return  # Windows
    for owner, group in ((before.st_uid, before.st_gid), (-1, before.st_gid)):
        try:
            os.fchown(handle, owner, group)
        except OSError:
            continue
        return


def _replace(texts: list[tuple[Path, bytes]]) -> None:
    """Gives every file its new text, or none of them. Raises `OSError`."""
    before = [path.read_bytes() for path, _ in texts]
    staged: list[Path] = []
    done = 0
    with ExitStack() as locks:
        try:
            for path, data in texts:
                with _named(path):
                    _stage(path, data, staged, locks)
            for (path, _), temporary in zip(texts, staged, strict=True):
                with _named(path):
                    temporary.replace(path)
                done += 1
        except BaseException:
            for temporary in staged[done:]:
                temporary.unlink(missing_ok=True)
            if done:
                _replace([(path, old) for (path, _), old in zip(texts[:done], before, strict=False)])
            raise
    if hasattr(os, "O_DIRECTORY"):
        for parent in dict.fromkeys(path.parent for path, _ in texts):
            folder = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """What fails is told of the file, not of the temporary one beside it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _stage(path: Path, data: bytes, staged: list[Path], locks: ExitStack) -> None:
    """Puts the new text beside the file, with the mode and the owner of the file, on the disk."""
    before = path.stat()
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=_SUFFIX, dir=path.parent)
    staged.append(Path(name))
    with os.fdopen(handle, "wb") as file:
        locks.enter_context(_locked(file.fileno()))
        file.write(data)
        file.flush()
        _keep_owner(file.fileno(), before)
        os.fsync(file.fileno())
    Path(name).chmod(before.st_mode & 0o7777)  # giving it away takes set-user-ID away
