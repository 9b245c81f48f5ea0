"""Go: `go.mod` with `go.sum` beside it, and `vendor/modules.txt` (Go modules reference)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from batten import limits
from batten.formats.lockfiles.lock import Lock, quoted
from batten.model.package_names import split_path
from batten.model.source import Pointer, Unreadable
from batten.pattern import pattern

_WORD: Final = pattern(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`\n]*`|//[^\n]*|=>|[(),]|[^\s(),\"`]+")
_VENDORED: Final = pattern(r"# (\S+) (v\S+)(?: => (\S+)(?: (v\S+))?)?[ \t]*")


class _Word(Struct):
    text: str
    place: Pointer


class _Required(Struct):
    version: _Word
    direct: bool


def read(lock: Lock) -> None:
    """`vendor/modules.txt` repeats the `go.mod` above it, which is read where it is there."""
    if lock.name == "modules.txt":
        if lock.beside("../go.mod") is None:
            _vendored(lock)
        return
    lock.writes("go get {name}@{version}", editable=True)
    required: dict[str, _Required] = {}
    replaced: dict[tuple[str, str], list[_Word]] = {}
    for directive, words, comment in _directives(lock.text):
        if len(required) > limits.PACKAGES_PER_FILE:
            break
        if directive == "require" and len(words) >= 2:
            required.setdefault(words[0].text, _Required(words[1], "indirect" not in comment))
        elif directive == "replace":
            texts = [one.text for one in words]
            if "=>" in texts and 0 < (arrow := texts.index("=>")) < len(words) - 1:
                replaced[texts[0], texts[1] if arrow > 1 else ""] = words[arrow + 1 :]
    sums, summed = _sums(lock), lock.beside("go.sum") is not None
    for module, one in required.items():
        found = replaced.get((module, one.version.text)) or replaced.get((module, ""))
        if found is not None and len(found) == 1:
            continue  # a folder: its version is that of the code there
        name, version = (found[0].text, found[1]) if found else (module, one.version)
        if not version.text.startswith("v"):
            lock.lose(f"expected a version such as v1.2.3, found {quoted(version.text)}")
            continue
        _add(lock, name, version, direct=one.direct, digest=sums.get((name, version.text), ""), summed=summed)


def _add(
    lock: Lock, module: str, version: _Word, *, direct: bool | None, digest: str = "", summed: bool = False
) -> None:
    """`summed`: Go builds nothing whose version is not in `go.sum` as well."""
    namespace, name = split_path(module)
    lock.add(
        "golang",
        name,
        version.text,
        version.place,
        namespace=namespace,
        direct=direct,
        checksums=[("h1", digest)] if digest else (),
        refused="go.sum beside it must have the hashes of the new version, too" if summed else "",
    )


def _directives(text: str) -> Iterator[tuple[str, list[_Word], str]]:
    """(directive, its words, the comment behind them); of a block, each line."""
    block = ""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if end - start > limits.LINE_BYTES:
            raise Unreadable("expected lines of a module file, found one that is far too long")
        words, comment = _words(text, start, end)
        start = end + 1
        texts = [one.text for one in words]
        if not words:
            continue
        if block:
            if texts[0] == ")":
                block = ""
            else:
                yield block, words, comment
        elif texts[-1] == "(" and len(words) == 2:
            block = texts[0]
        else:
            yield texts[0], words[1:], comment


def _words(text: str, start: int, end: int) -> tuple[list[_Word], str]:
    words: list[_Word] = []
    for found in _WORD.finditer(text, start, end):
        if found[0].startswith("//"):
            return words, found[0]
        if found[0][0] in '"`':
            words.append(_Word(found[0][1:-1], (found.start() + 1, found.end() - 1)))
        else:
            words.append(_Word(found[0], found.span()))
    return words, ""


def _sums(lock: Lock) -> dict[tuple[str, str], str]:
    """(module, version) -> hexadecimal digits of its hash (`h1`: of the list of its files' hashes)."""
    file = lock.beside("go.sum")
    if file is None:
        return {}
    found = {}
    for line in file.data.split(b"\n", limits.PACKAGES_PER_FILE * 2):
        words = line.decode("utf-8", "replace").split()
        if len(words) == 3 and words[2].startswith("h1:") and not words[1].endswith("/go.mod"):
            try:
                found[words[0], words[1]] = b64decode(words[2][3:], validate=True).hex()
            except ValueError:
                continue
    return found


def _vendored(lock: Lock) -> None:
    """A module is followed by `## explicit` where the project itself requires it."""
    text = lock.text
    lock.writes("go get {name}@{version} && go mod vendor")
    for found in _VENDORED.finditer(text):
        if found.start() and text[found.start() - 1] != "\n":
            continue
        module, version, place = found[1], found[2], found.span(2)
        if found[3]:
            if not found[4]:
                continue
            module, version, place = found[3], found[4], found.span(4)
        direct = text.startswith("\n## explicit", found.end()) or text.startswith("\r\n## explicit", found.end())
        _add(lock, module, _Word(version, place), direct=direct, digest="")
