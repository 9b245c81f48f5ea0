"""The files of an image that a check may blame, from what the layers say of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from batten import limits
from batten.images.facts import LayerFacts, Secret
from batten.images.squash import Squash
from batten.model.image_content import ImageFile

_SETUID, _SETGID, _STICKY, _EVERYBODY = 0o4000, 0o2000, 0o1000, 0o002
_RUNS: Final = 0o111
_KEYS: Final = frozenset({"private-key", "key-store", "ssh-private-key", "pgp-private-key"})


def special_members(facts: LayerFacts, first: int) -> Iterator[int]:
    """The members of a layer, counted from `first`, whose mode bits are worth a word."""
    kinds = facts.kinds
    for index, mode in enumerate(facts.modes()):
        if mode & (_SETUID | _SETGID | _EVERYBODY) and kinds[index] in b"fhd":
            yield first + index


def image_files(
    squash: Squash, special: Iterable[int], paths: Mapping[int, str], entry: Sequence[str]
) -> tuple[list[ImageFile], list[str]]:
    """Every notable file, by kind and path, and what was left out because there is too much of it.

    `special` are members as `special_members` gives them, `paths` the real paths of those that are still there,
    `entry` the files that the container begins with.
    """
    found = [
        *_by_mode(squash, special, paths),
        *_programs(squash, paths),
        *_caches(squash),
        *_secrets(squash, paths),
        *_entry(squash, entry),
    ]
    found.sort(key=lambda one: (one.kind, one.path, one.layer, one.line))
    kept: list[ImageFile] = []
    counts: dict[str, int] = {}
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        if counts[one.kind] <= limits.IMAGE_FILES_PER_KIND:
            kept.append(one)
    most = limits.IMAGE_FILES_PER_KIND
    left = [
        f"{number - most:,} more files of the kind {kind} are not listed"
        for kind, number in counts.items()
        if number > most
    ]
    return kept, left


def _file(squash: Squash, member: int, path: str, kind: str, detail: str = "") -> ImageFile:
    found = squash.files.stat(member)
    layer = squash.files.layer_of(member)
    return ImageFile(path, kind, found.mode, found.uid, found.size, layer, detail=detail)


def _by_mode(squash: Squash, special: Iterable[int], paths: Mapping[int, str]) -> Iterator[ImageFile]:
    for member in special:
        path = paths.get(member)
        if path is None:
            continue
        found = squash.files.stat(member)
        if found.kind == "f":
            if found.mode & _SETUID and found.mode & _RUNS:
                yield _file(squash, member, path, "setuid")
            if found.mode & _SETGID and found.mode & _RUNS:
                yield _file(squash, member, path, "setgid")
            if found.mode & _EVERYBODY:
                yield _file(squash, member, path, "world-writable")
        elif found.kind == "d" and found.mode & _EVERYBODY and not found.mode & _STICKY:
            yield _file(squash, member, path, "world-writable", "directory without the sticky bit")
    for member in squash.capabilities:
        if (path := paths.get(member)) is not None:
            yield _file(squash, member, path, "capabilities")


def _programs(squash: Squash, paths: Mapping[int, str]) -> Iterator[ImageFile]:
    for member, kind in squash.marks:
        path = paths.get(member)
        if path is None:
            continue
        target = squash.files.find(path)
        if target is None:  # a link to nothing runs nothing
            continue
        found = squash.files.stat(target[1])
        if found.kind == "f" and found.mode & _RUNS:
            layer = squash.files.layer_of(member)
            yield ImageFile(path, kind, found.mode, found.uid, found.size, layer, detail=_other(target[0], path))


def _other(target: str, path: str) -> str:
    return f"link to {target}" if target != path else ""


def _caches(squash: Squash) -> Iterator[ImageFile]:
    for layer, folder, files, size in squash.caches():
        yield ImageFile(folder, "cache", size=size, layer=layer, detail=f"{files:,} files")
    for one in squash.hidden_caches:
        detail = f"{one.files:,} files"
        yield ImageFile(one.folder, "cache", size=one.size, layer=one.layer, deleted_in=one.hidden_in, detail=detail)


def _secrets(squash: Squash, paths: Mapping[int, str]) -> Iterator[ImageFile]:
    for member, secrets in squash.secrets():
        if (path := paths.get(member)) is not None:
            held = _file(squash, member, path, "")
            yield from (_secret(held, secret) for secret in secrets)
    for one in squash.hidden:
        held = replace(_file(squash, one.member, one.path, ""), deleted_in=one.hidden_in)
        yield from (_secret(held, secret) for secret in one.secrets)


def _secret(held: ImageFile, secret: Secret) -> ImageFile:
    detail = f"{secret.title}: {secret.redacted}"
    return replace(held, kind=_kind(secret), detail=detail, line=secret.line, confidence=secret.confidence)


def _kind(secret: Secret) -> str:
    return "key" if secret.kind in _KEYS else "secret"


def _entry(squash: Squash, entry: Sequence[str]) -> Iterator[ImageFile]:
    for path in entry:
        found = squash.files.find(path, follow=False)
        if found is not None:
            yield _file(squash, found[1], found[0], "executable")
