"""A directory or file as it was at a Git revision: what `--diff-base` compares with."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Sequence

from batten import limits
from batten.sources.archive import ArchiveTarget
from batten.sources.interface import OpenTarget, Options, TargetError
from batten.sources.names import printable

_SECONDS = 120  # `git archive` of the largest trees takes some ten


def open_revision(path: str, revision: str, *, exclude: Sequence[str] = ()) -> OpenTarget:
    """What `path` (a directory or a file of a work tree) held at `revision`. Raises `TargetError`.

    Paths in it are relative to the directory, as in a scan of the path itself. A path that did not exist
    then gives an empty target.
    """
    if not os.path.exists(path):
        raise TargetError(f"expected a directory or file of a Git work tree for --diff-base, found {path!r}")
    folder, name = (path, ".") if os.path.isdir(path) else os.path.split(path)
    folder = folder or "."
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        inside = _git(folder, "rev-parse", "--is-inside-work-tree") is not None
        found = f"no revision {revision!r} in it" if inside else "no Git work tree"
        raise TargetError(f"{path}: expected a Git work tree with the revision of --diff-base, found {found}")
    packed = tempfile.NamedTemporaryFile(prefix="batten-", suffix=".tar", delete=False)  # noqa: SIM115
    try:
        with packed:
            _archive(folder, commit.strip(), name, packed.fileno())
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
        # nothing of that path was there: an archive without members (two blocks of zeros)
        os.write(output, bytes(1024))
        return
    command = ["git", "-C", folder, "archive", "--format=tar", commit, "--", name]
    done = subprocess.run(  # noqa: S603 - git with arguments of ours
        command, stdout=output, stderr=subprocess.PIPE, timeout=_SECONDS, env=_environment(), check=False
    )
    if done.returncode:
        raise TargetError(f"git archive failed: {done.stderr.decode('utf-8', 'replace').strip()[:200]}")
    if os.fstat(output).st_size > limits.ARCHIVE_BYTES * 16:
        raise TargetError("the revision is larger than what is read from an archive")


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
