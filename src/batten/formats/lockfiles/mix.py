"""Elixir: `mix.lock`, a map of tuples; those of Hex are `{:hex, :name, "version", "hash", …}`."""

from __future__ import annotations

from typing import Final

from batten.formats.lockfiles.lock import Lock, is_hexadecimal
from batten.pattern import pattern

_ENTRY: Final = pattern(
    r"^[ \t]*\"([^\"\n]{1,256})\":[ \t]*\{:hex,[ \t]*:\"?([^\",\s]{1,256})\"?,[ \t]*\"([^\"\n]{1,256})\""
    r"(?:,[ \t]*\"([0-9a-fA-F]{64})\")?([^\n]*)",
    8,  # re.MULTILINE
)
_NEEDED: Final = pattern(r"\{:\"?([a-z0-9_]{1,128})\"?, \"")
_OUTER: Final = pattern(r", \"([0-9a-f]{64})\"\}")


def read(lock: Lock) -> None:
    """The last hash is that of the archive; the first, older one is of its content."""
    lock.writes("mix deps.update {name}")
    for found in _ENTRY.finditer(lock.text):
        if lock.full:
            return
        outer = _OUTER.search(found[5])
        lock.add(
            "hex",
            found[2].lower(),
            found[3],
            found.span(3),
            depends=_NEEDED.findall(found[5]),
            checksums=[("sha256", outer[1])] if outer and is_hexadecimal(outer[1]) else (),
        )
