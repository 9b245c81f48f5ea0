"""Which ignore files hold where: the chain of them that a walk carries from folder to folder.

Precedence, the first that speaks decides: `--exclude`, `.battenignore` (the nearest first),
`.gitignore` (the nearest first), `.git/info/exclude`. Inside a repository the ignore files above
the root of the walk count too, up to the repository's own top, as they do for Git.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from batten import limits
from batten.model.source import Unreadable
from batten.sources.confined import open_regular
from batten.sources.ignore import IgnoreRules
from batten.sources.interface import Options
from batten.sources.names import printable

_GIT: Final = ".gitignore"
_OWN: Final = ".battenignore"
_BYTES_OF_LINK: Final = 4 * limits.KIB  # a `.git` file is one line with a path

Tell = Callable[[str, str], None]


class _Placed(Struct, frozen=True):
    """Rules and how a path below the root becomes one below their own folder."""

    rules: IgnoreRules
    strip: int = 0
    add: str = ""


class IgnoreChain(Struct, frozen=True):
    """The rules that hold in one folder, each list with the strongest first."""

    exclude: tuple[_Placed, ...] = ()
    own: tuple[_Placed, ...] = ()
    git: tuple[_Placed, ...] = ()
    respect_files: bool = True
    tell: Tell | None = None

    @classmethod
    def for_root(cls, root: str, options: Options, tell: Tell) -> IgnoreChain:
        """The chain above the real path `root`; that folder's own files come with `entered`."""
        excluded = IgnoreRules("\n".join(options.exclude))
        chain = cls(exclude=(_Placed(excluded),) if excluded else (), respect_files=options.ignore_files, tell=tell)
        if not options.ignore_files:
            return chain
        top = repository_of(root)
        if top is None:
            return chain
        below = root[len(top) :].strip(os.sep)
        parts = below.split(os.sep) if below else []
        if info := _read(_info_exclude(top), ".git/info/exclude", tell):
            chain = cls(chain.exclude, (), (_Placed(info, add=_slashes(parts)),), True, tell)
        for depth in range(len(parts)):  # the top first, so that the nearest ends up strongest
            folder = os.path.join(top, *parts[:depth])
            chain = chain._with(folder, 0, _slashes(parts[depth:]), (_GIT, _OWN))
        return chain

    def __bool__(self) -> bool:
        return bool(self.git or self.own or self.exclude)

    def entered(self, path: str, full: str, listed: Iterable[os.DirEntry[str]]) -> IgnoreChain:
        """The chain inside the folder `full`, which is `path` (with its final separator) below the root."""
        if not self.respect_files:
            return self
        names = [entry.name for entry in listed if entry.name in (_GIT, _OWN)]
        return self._with(full, len(path), "", names, path) if names else self

    def verdict(self, name: str, path: str, *, is_directory: bool) -> bool | None:
        """True: ignored; False: taken back; None: nothing speaks of it. `path` is below the root."""
        if os.sep != "/":
            path = path.replace(os.sep, "/")
        for placed in (*self.exclude, *self.own, *self.git):
            verdict = placed.rules.verdict(name, placed.add + path[placed.strip :], is_directory)
            if verdict is not None:
                return verdict
        return None

    def _with(self, folder: str, strip: int, add: str, names: Iterable[str], path: str = "") -> IgnoreChain:
        """The chain with the ignore files `names` of `folder`; `path` is how problems name it."""
        own, git = self.own, self.git
        for name in names:
            rules = _read(os.path.join(folder, name), path + name, self.tell)
            if not rules:
                continue
            if name == _GIT:
                git = (_Placed(rules, strip, add), *git)
            else:
                own = (_Placed(rules, strip, add), *own)
        return IgnoreChain(self.exclude, own, git, self.respect_files, self.tell)


def _slashes(parts: list[str]) -> str:
    return "".join(part + "/" for part in parts)


def _read(path: str, shown: str, tell: Tell | None) -> IgnoreRules | None:
    """The rules of the file at `path`; None where there is none. What cannot be used is told."""
    shown = printable(shown.replace(os.sep, "/"))
    try:
        data = _bytes(path, limits.IGNORE_BYTES + 1)
    except Unreadable as error:
        if tell:
            tell(shown, f"the ignore file was not used: {error.message}")
        return None
    if data is None:
        return None
    if len(data) > limits.IGNORE_BYTES:
        data = data[: data.rfind(b"\n", 0, limits.IGNORE_BYTES) + 1]
        if tell:
            tell(
                shown,
                f"expected at most {limits.IGNORE_BYTES // limits.MIB} MiB; the end was not used",
            )
    rules = IgnoreRules(data.decode("utf-8", "surrogateescape"))
    if rules.dropped and tell:
        tell(shown, f"expected at most {limits.IGNORE_RULES:,} rules, found {rules.dropped:,} more; they were not used")
    return rules


def _bytes(path: str, size: int) -> bytes | None:
    """At most `size` bytes of the file at `path`; None where there is none; raises `Unreadable`."""
    if not os.path.lexists(path):
        return None
    descriptor, _ = open_regular(path)
    try:
        chunks: list[bytes] = []
        while size > 0 and (data := os.read(descriptor, size)):
            chunks.append(data)
            size -= len(data)
        return b"".join(chunks)
    finally:
        os.close(descriptor)


def repository_of(root: str) -> str | None:
    """The folder that holds the `.git` of the repository around the real path `root`."""
    folder = root
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _info_exclude(top: str) -> str:
    """Where `info/exclude` of the repository lies (gitrepository-layout(5): a worktree's `.git` is a file)."""
    git = os.path.join(top, ".git")
    try:
        if not os.path.isdir(git):
            line = _bytes(git, _BYTES_OF_LINK) or b""
            git = os.path.join(top, _line(line.removeprefix(b"gitdir:")))
        common = _bytes(os.path.join(git, "commondir"), _BYTES_OF_LINK)
        if common:
            git = os.path.join(git, _line(common))
    except (Unreadable, OSError, ValueError):
        pass
    return os.path.join(git, "info", "exclude")


def _line(data: bytes) -> str:
    return os.fsdecode(data.strip().split(b"\n")[0])
