"""Names of files: which are of interest, which folders are passed over, how names are printed."""

from __future__ import annotations

from re import Match
from typing import Final

from batten.pattern import pattern

SKIPPED_DIRECTORIES: Final = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__", ".terraform", ".tox", ".mypy_cache"}
)
"""What tools make and no team writes. An ignore file may take one back (`!node_modules`), except `.git`."""

_EXTENSIONS: Final = frozenset(
    # manifests, Compose, ECS, inspect output, values files
    {"yaml", "yml", "json", "toml"}
    # Podman Quadlet units (podman-systemd.unit(5))
    | {"container", "pod", "kube", "volume", "network", "image", "build"}
    | {"dockerfile", "containerfile", "tf", "tofu", "tfvars", "template", "env"}
)
_ESCAPE: Final = pattern(r"\\(\\|n|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
_STEMS: Final = ("dockerfile", "containerfile", "jenkinsfile", ".env")


def interesting(name: str) -> bool:
    """Would some reader want a file of this name? Only the last part of a path counts."""
    base = name.rpartition("/")[2].lower()
    extension = base.rpartition(".")[2]
    return extension in _EXTENSIONS or base.startswith(_STEMS)


def printable(name: str) -> str:
    """`name` with what a terminal would not show as itself written as an escape.

    Control and direction characters, bytes that are no UTF-8 (held as surrogates) and the
    backslash itself are escaped, so that two names never print alike and `native` finds the way
    back.
    """
    if name.isprintable() and "\\" not in name:
        return name
    return "".join(_escaped(character) for character in name)


def _escaped(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:  # PEP 383: the byte that was no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if character.isprintable():
        return character
    if character == "\n":
        return "\\n"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def native(path: str) -> str:
    """The name that `printable` was given; a text that it never writes comes back as it is."""
    if "\\" not in path:
        return path
    name = _ESCAPE.sub(_unescaped, path)
    return name if printable(name) == path else path


def _unescaped(found: Match[str]) -> str:
    text = found[1]
    if text[0] in "\\n":
        return "\n" if text == "n" else "\\"
    code = int(text[1:], 16)
    if code > 0x10FFFF:
        return found[0]
    return chr(code + 0xDC00 if text[0] == "x" else code)


def resolve(path: str) -> str | None:
    """`path` without `.`, empty and `..` parts; None where it leaves the root, is absolute or names a drive."""
    if path.startswith("/") or "\0" in path:
        return None
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    if parts and len(parts[0]) == 2 and parts[0][0].isalpha() and parts[0][1] == ":":
        return None
    return "/".join(parts)


def order(path: str) -> list[str]:
    """The sort key of the order in which entries are handed out, the same for every kind of target."""
    return path.split("/")
