"""A directory or file as it was at a Git revision: what `--diff-base` compares with."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, Final

from batten import limits
from batten.sources.archive import ArchiveTarget
from batten.sources.ignore import IgnoreRules
from batten.sources.interface import OpenTarget, Options, TargetError
from batten.sources.names import printable

_LINK: Final = "160000 "
"""The mode of a submodule in a tree."""
_NESTED: Final = 8
_NOTHING: Final = bytes(1024)
"""An archive without members: two blocks of zeros."""
_SECONDS = 120  # `git archive` of the largest trees takes some ten


def open_revision(path: str, revision: str, *, exclude: Sequence[str] = ()) -> OpenTarget:
    """What `path` (a directory or a file of a work tree) held at `revision`. Raises `TargetError`.

    Paths in it are relative to the directory, as in a scan of the path itself. A path that did not exist
    then gives an empty target, and so does `HEAD` before the first commit.
    """
    if not os.path.exists(path):
        raise TargetError(f"expected a directory or file of a Git work tree for --diff-base, found {path!r}")
    folder, name = (path, ".") if os.path.isdir(path) else os.path.split(path)
    folder = folder or "."
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    inside = commit is not None or _git(folder, "rev-parse", "--is-inside-work-tree") is not None
    if commit is None and not (inside and revision == "HEAD"):
        found = f"no revision {revision!r} in it" if inside else "no Git work tree"
        raise TargetError(f"{path}: expected a Git work tree with the revision of --diff-base, found {found}")
    packed = tempfile.NamedTemporaryFile(prefix="batten-", suffix=".tar", delete=False)  # noqa: SIM115
    try:
        with packed:
            if commit is None:
                os.write(packed.fileno(), _NOTHING)
            else:
                _archive(folder, commit.strip(), name, packed.fileno())
                left_out = IgnoreRules("\n".join(exclude))
                for below, pinned in _submodules(folder, commit.strip(), name, left_out):
                    _append(os.path.join(folder, below), pinned, f"{below}/", packed)
        return ArchiveTarget(
            printable(f"{path}@{revision}"), packed.name, Options(tuple(exclude)), most=limits.ARCHIVE_MEMBERS
        )
    finally:
        # the open archive keeps its descriptor; on Windows an open file cannot be removed
        with contextlib.suppress(OSError):
            os.unlink(packed.name)


def text_at(path: str, revision: str) -> str | None:
    """The text that a file of a work tree held at `revision`; None where there was none."""
    folder, name = os.path.split(path)
    return _git(folder or ".", "show", "--end-of-options", f"{revision}:./{name}")


def _archive(folder: str, commit: str, name: str, output: int) -> None:
    known = _git(folder, "ls-tree", "--name-only", commit, "--", f"./{name}" if name != "." else "./")
    if not known:
        os.write(output, _NOTHING)  # nothing of that path was there
        return
    _run(["git", "-C", folder, "archive", "--format=tar", commit, "--", name], output)


def _run(command: list[str], output: int) -> None:
    done = subprocess.run(  # noqa: S603 - git with arguments of ours
        command, stdout=output, stderr=subprocess.PIPE, timeout=_SECONDS, env=_environment(), check=False
    )
    if done.returncode:
        raise TargetError(f"git archive failed: {done.stderr.decode('utf-8', 'replace').strip()[:200]}")
    if os.fstat(output).st_size > limits.ARCHIVE_BYTES * 16:
        raise TargetError("the revision is larger than what is read from an archive")


def _submodules(
    folder: str, commit: str, name: str, left_out: IgnoreRules, depth: int = 0
) -> Iterator[tuple[str, str]]:
    """The submodules that lie there today: their paths from `folder`, and their commits then."""
    listed = _git(folder, "ls-tree", "-r", "-z", commit, "--", name) if depth < _NESTED else None
    for line in (listed or "").split("\0"):
        kind, _, path = line.partition("\t")
        if not kind.startswith(_LINK) or not os.path.lexists(os.path.join(folder, path, ".git")):
            continue
        if left_out.verdict(os.path.basename(path), path, True):
            continue
        pinned = kind.split()[2]
        inside = os.path.join(folder, path)
        if _git(inside, "rev-parse", "--verify", "--quiet", f"{pinned}^{{commit}}") is None:
            here = f"{printable(path)} is a submodule, whose commit {pinned[:12]} is not here"
            raise TargetError(f"{here}; fetch it (git submodule update, git fetch), or leave it out with --exclude")
        yield path, pinned
        for below, one in _submodules(inside, pinned, ".", left_out, depth + 1):
            yield f"{path}/{below}", one


def _append(folder: str, commit: str, prefix: str, packed: IO[bytes]) -> None:
    """Adds what a repository held to an archive, below a prefix."""
    import tarfile

    packed.seek(0)
    with tarfile.open(fileobj=packed, mode="r:") as archive:
        last = archive.getmembers()[-1:]
    end = last[0].offset_data + (last[0].size + 511) // 512 * 512 if last else 0
    packed.truncate(end)
    packed.seek(end)
    command = ["git", "-C", folder, "archive", "--format=tar", f"--prefix={prefix}", commit]
    _run(command, packed.fileno())


def _git(folder: str, *arguments: str) -> str | None:
    """The output of a git command in `folder`; None where it fails."""
    command = ["git", "-C", folder, *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - git with arguments of ours
            command, capture_output=True, timeout=_SECONDS, env=_environment(), check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout.decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    return {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
