"""Functions that encode, decode and hash texts ("Encoding Functions", "Hash and Crypto Functions")."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote_plus, unquote_to_bytes

from batten.formats.terraform.functions.convert import Refused
from batten.formats.terraform.functions.strings import bounded
from batten.limits import TERRAFORM_ITEMS, TERRAFORM_TEXT
from batten.pattern import pattern

_ESCAPE: Final = pattern(r"%(?![0-9A-Fa-f]{2})")
_BASE64: Final = pattern(r"[A-Za-z0-9+/]*={0,2}")
# names of the IANA registry that Python and Go read alike
_CHARSETS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
}
_NAMESPACES: Final = {"dns": "NAMESPACE_DNS", "url": "NAMESPACE_URL", "oid": "NAMESPACE_OID", "x500": "NAMESPACE_X500"}


def data_of(written: str) -> bytes:
    """The bytes in Base64. Raises `Refused`, `ValueError`."""
    written = written.replace("\r", "").replace("\n", "")
    if _BASE64.fullmatch(written) is None or len(written) % 4:
        raise Refused
    return b64decode(written)


def _base64decode(written: str) -> str:
    return data_of(written).decode("utf-8")


def in_base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def hashed(name: str) -> Callable[[bytes], str]:
    """The function that gives a hash as hexadecimal digits; "base64sha256": in Base64."""

    def work(data: bytes) -> str:
        import hashlib

        digest = hashlib.new(name.removeprefix("base64"), data, usedforsecurity=False)
        return in_base64(digest.digest()) if name.startswith("base64") else digest.hexdigest()

    return work


def _of_text(work: Callable[[bytes], str]) -> Callable[[str], str]:
    return lambda text: work(text.encode("utf-8"))


def _charset(name: str) -> str:
    found = _CHARSETS.get(name.lower())
    if found is None:
        raise Refused
    return found


def _textencode(text: str, charset: str) -> str:
    return in_base64(text.encode(_charset(charset)))


def _textdecode(text: str, charset: str) -> str:
    return data_of(text).decode(_charset(charset))


def _gunzip(text: str) -> str:
    """OpenTofu's own."""
    import zlib

    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(data_of(text), TERRAFORM_TEXT + 1)
    except zlib.error as error:
        raise Refused from error
    bounded(len(found))
    if not unpacker.eof or unpacker.unused_data:
        raise Refused
    return found.decode("utf-8")


def _urldecode(text: str) -> str:
    if _ESCAPE.search(text):
        raise Refused
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")


def _csvdecode(text: str) -> list[dict[str, str]]:
    """A list of the lines below the first, by the names in it. Lines of unlike length are refused, as Go does."""
    import csv
    import io

    if text.count("\n") > TERRAFORM_ITEMS or ('"' in text.replace('""', "") and "\r" in text):
        raise Refused
    _bare_quotes(text)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except csv.Error as error:
        raise Refused from error
    if not lines or len(set(lines[0])) != len(lines[0]) or any(len(line) != len(lines[0]) for line in lines):
        raise Refused
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


_FIELDS: Final = pattern(r'(?:(?:"(?:[^"]|"")*"|[^",\r\n][^",\r\n]*|)(?:,|\r?\n|$))*')


def _bare_quotes(text: str) -> None:
    """A quote within a field that is not quoted is an error in Go, and a letter in Python."""
    if '"' in text and _FIELDS.fullmatch(text) is None:
        raise Refused


def _uuidv5(namespace: str, name: str) -> str:
    import uuid

    known = _NAMESPACES.get(namespace)
    return str(uuid.uuid5(getattr(uuid, known) if known else uuid.UUID(namespace), name))


HASHES: Final = ("md5", "sha1", "sha256", "sha512", "base64sha256", "base64sha512")
FUNCTIONS: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "base64decode": ("text", _base64decode),
    "base64encode": ("text", _of_text(in_base64)),
    "base64gunzip": ("text", _gunzip),
    "csvdecode": ("text", _csvdecode),
    "textdecodebase64": ("text text", _textdecode),
    "textencodebase64": ("text text", _textencode),
    "urldecode": ("text", _urldecode),
    "urlencode": ("text", quote_plus),
    "uuidv5": ("text text", _uuidv5),
    **{name: ("text", _of_text(hashed(name))) for name in HASHES},
}
