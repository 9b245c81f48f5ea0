"""Which distribution it is: os-release(5), and the files that older or smaller systems have in its place."""

from __future__ import annotations

import re
from typing import Final

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._told import one_line
from batten.model.package import Distribution

_OS_RELEASE: Final = frozenset({"etc/os-release", "usr/lib/os-release"})
_RED_HAT: Final = frozenset(
    {
        "etc/redhat-release",
        "etc/centos-release",
        "etc/fedora-release",
        "etc/rocky-release",
        "etc/almalinux-release",
        "etc/oracle-release",
        "etc/system-release",
        "etc/SuSE-release",
    }
)
_ALPINE: Final = "etc/alpine-release"
_DEBIAN: Final = "etc/debian_version"
_WANTED: Final = _OS_RELEASE | _RED_HAT | {_ALPINE, _DEBIAN}

_ASSIGNMENT: Final = re.compile(r"^[ \t]*([A-Za-z_][A-Za-z0-9_]*)=(.*)$", re.MULTILINE)
_DOUBLE: Final = re.compile(r'"((?:[^"\\]|\\.)*)"?')
_BARE: Final = re.compile(r"(?:\\.|[^\s\\])*")
_ESCAPE: Final = re.compile(r"\\(.)")
_IN_BRACKETS: Final = re.compile(r"\(([A-Za-z][A-Za-z ]*)\)")
_RED_HAT_LINE: Final = re.compile(r"([^\d\n(]{3,60}?)(?: release| AMI release)? (\d[\d.]*)(?: \(([^()\n]{1,40})\))?")
_ALPINE_LINE: Final = re.compile(r"\d+\.\d[\w.]*")
_DEBIAN_LINE: Final = re.compile(r"(\d{1,4})(?:\.\d{1,4}){0,2}|([a-z]{3,20})(?:/sid)?")

_NAMES: Final = (
    ("red hat", "rhel"),
    ("centos", "centos"),
    ("fedora", "fedora"),
    ("rocky", "rocky"),
    ("almalinux", "almalinux"),
    ("oracle", "ol"),
    ("amazon", "amzn"),
    ("scientific", "scientific"),
    ("opensuse", "opensuse"),
    ("suse linux enterprise", "sles"),
)
"""How the line of a release file begins, in lower case -> the ID that os-release has for it."""


class _OsRelease:
    name = "os_release"
    version = 1
    hint = Hint(endings=tuple(_WANTED))

    def wants(self, file: LayerFile) -> bool:
        return file.path in _WANTED

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        text = str(data[: limits.RELEASE_FILE_BYTES], "utf-8", "replace").lstrip("\ufeff")
        if file.path in _OS_RELEASE:
            found = _os_release(text)
            if not found.id and text.strip():
                return Catalogue(problem="expected ID=… (os-release), found none")
        elif file.path == _ALPINE:
            found = _alpine(text)
        elif file.path == _DEBIAN:
            found = _debian(text)
        else:
            found = _red_hat(text)
        return Catalogue(distribution=found if found.id else None)


CATALOGUER: Final = _OsRelease()


def _os_release(text: str) -> Distribution:
    values = {name: _unquoted(value.strip()) for name, value in _ASSIGNMENT.findall(text)}
    identity = _word(values.get("ID", ""))
    codename = _word(values.get("VERSION_CODENAME", ""))
    if not codename and identity in ("debian", "ubuntu"):  # jessie, stretch and trusty say it in VERSION only
        found = _IN_BRACKETS.search(values.get("VERSION", ""))
        codename = found[1].split()[0].lower() if found is not None else ""
    return Distribution(
        id=identity,
        version=_word(values.get("VERSION_ID", "")),
        codename=codename,
        name=values.get("PRETTY_NAME", "") or values.get("NAME", ""),
        like=tuple(dict.fromkeys(_word(one) for one in values.get("ID_LIKE", "").split()))[:16],
    )


def _unquoted(text: str) -> str:
    """A value as a shell takes it: quotes and backslashes, no expansion."""
    if text.startswith("'"):
        text = text[1:].partition("'")[0]
    elif found := _DOUBLE.match(text):
        text = _ESCAPE.sub(r"\1", found[1])
    elif found := _BARE.match(text):
        text = _ESCAPE.sub(r"\1", found[0])
    return one_line(text)


def _word(text: str) -> str:
    """An identifier or version: os-release(5) allows lower case letters, digits, `.`, `_` and `-`."""
    text = text.lower().strip()
    return text if len(text) <= limits.PACKAGE_NAME and re.fullmatch(r"[a-z0-9._+~:-]*", text) else ""


def _alpine(text: str) -> Distribution:
    found = _ALPINE_LINE.match(text.strip())
    if found is None:
        return Distribution("")
    return Distribution("alpine", found[0], name=f"Alpine Linux {found[0]}")


def _debian(text: str) -> Distribution:
    """`12.5`, or `trixie/sid` before a release; Ubuntu has this file too, beside its os-release."""
    found = _DEBIAN_LINE.fullmatch(text.strip())
    if found is None:
        return Distribution("")
    return Distribution("debian", found[1] or "", codename=found[2] or "", name=f"Debian GNU/Linux {text.strip()}")


def _red_hat(text: str) -> Distribution:
    """`CentOS Linux release 7.9.2009 (Core)`."""
    line = one_line(text.strip().partition("\n")[0])
    identity = next((name for start, name in _NAMES if line.lower().startswith(start)), "")
    found = _RED_HAT_LINE.match(line)
    if not identity or found is None:
        return Distribution("")
    version = found[2].strip(".")
    if identity == "centos":  # its os-release gives the major version only
        version = version.partition(".")[0]
    return Distribution(identity, version, name=line)
