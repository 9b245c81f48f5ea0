"""Sources of ADD that are fetched: addresses, and Git repositories with what they are taken at.

https://docs.docker.com/reference/dockerfile/#adding-files-from-a-git-repository
https://docs.docker.com/build/concepts/context/#url-fragments and #url-queries
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from batten.pattern import pattern

_SCP: Final = pattern(r"[\w.-]+@[\w.-]+:(?!//)\S")
_COMMIT: Final = pattern(r"[0-9a-f]{7,64}\Z")
_VERSION: Final = pattern(r"(?:refs/tags/.+|(?:[A-Za-z][A-Za-z_-]{0,40})?\d+(?:[._]\d+)*(?:[-+._][\w.+-]*)?)\Z")
# `release-1.2`, `stable-3`, `1.x` go on
_LINE: Final = pattern(r"(?:releases?|stable|maint(?:enance)?)[-_/]|.*[._]x\Z")


class GitSource(Struct, frozen=True):
    """A repository. `reference` is "" where none is written, and its default branch is taken."""

    reference: str
    kind: Literal["commit", "version", "branch", "default"]
    """`version`: a tag by its looks; it can be moved, but is not meant to be."""
    plain: bool
    """The connection tells nobody who answers (http, git)."""


def is_address(text: str) -> bool:
    """A file that is fetched, by http or ftp; Git repositories too, where they are named by such an address."""
    from urllib.parse import urlsplit  # its import costs 2 ms

    try:
        return urlsplit(text).scheme in ("http", "https", "ftp") if "://" in text[:10] else False
    except ValueError:  # `http://[`
        return True


def git_source(text: str) -> GitSource | None:
    """The repository that a source of ADD is; None for files and other addresses."""
    address, _, fragment = text.partition("#")
    address, _, query = address.partition("?")
    scheme, separator, _ = address.partition("://")
    if separator:
        if scheme not in ("git", "ssh") and not (scheme in ("http", "https") and address.rstrip("/").endswith(".git")):
            return None
    elif not _SCP.match(address) and not address.startswith("github.com/"):
        return None
    plain = scheme in ("http", "git") if separator else False
    given = dict(one.partition("=")[::2] for one in query.split("&")) if query else {}
    if given.get("commit") or given.get("checksum"):
        return GitSource(given.get("commit") or given["checksum"], "commit", plain)
    if given.get("tag"):
        return GitSource(given["tag"], "version", plain)
    reference = given.get("branch") or given.get("ref") or fragment.partition(":")[0]
    if not reference:
        return GitSource("", "default", plain)
    if given.get("branch"):
        return GitSource(reference, "branch", plain)
    if _COMMIT.match(reference) and not reference.isdecimal():
        return GitSource(reference, "commit", plain)
    is_version = _VERSION.match(reference) and not _LINE.match(reference)
    return GitSource(reference, "version" if is_version else "branch", plain)
