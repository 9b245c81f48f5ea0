"""Bundler: `Gemfile.lock` and `gems.locked`."""

from __future__ import annotations

from typing import Final

from batten import limits
from batten.formats.lockfiles.lock import Lock, is_hexadecimal
from batten.model.source import Pointer
from batten.pattern import pattern

_LINE: Final = pattern(r"^( *)([^\s(!]+)(?:!|(?: \(([^)\n]*)\))?)(!?)([^\n]*)$", 8)  # re.MULTILINE
_PLATFORM: Final = pattern(
    r"([^-]+)-((?:java|jruby|mswin|mingw|x86|x64|i\d86|amd64|aarch|arm|universal|power|ppc|s390|riscv|mips|sparc)[\w.-]*)"
)
_SOURCES: Final = ("GEM", "GIT", "PLUGIN SOURCE")
_SHA256: Final = "sha256="


def read(lock: Lock) -> None:
    """Sections begin at the margin; gems stand four blanks in, what they need six. `PATH` is the project's own."""
    lock.writes("bundle update {name}")
    section = ""
    gems: list[tuple[str, str, Pointer, list[str]]] = []
    direct: set[str] = set()
    sums: dict[tuple[str, str], str] = {}
    for found in _LINE.finditer(lock.text):
        indent, name, told, rest = len(found[1]), found[2], found[3] or "", found[5]
        if not indent:
            section = found[0].strip()
        elif section in _SOURCES and indent == 4 and told:
            if len(gems) > limits.PACKAGES_PER_FILE:
                break
            gems.append((name, told, found.span(3), []))
        elif section in _SOURCES and indent == 6 and gems:
            gems[-1][3].append(name)
        elif section == "DEPENDENCIES":
            direct.add(name)
        elif section == "CHECKSUMS" and _SHA256 in rest:
            sums[name, told] = rest.rpartition(_SHA256)[2].strip()
    for name, told, place, needs in gems:
        split = _PLATFORM.fullmatch(told)
        version, platform = (split[1], split[2]) if split else (told, "")
        digits = sums.get((name, told), "")
        lock.add(
            "gem",
            name,
            version,
            place,
            qualifiers=(("platform", platform),) if platform else (),
            direct=name in direct,
            depends=needs,
            checksums=[("sha256", digits.lower())] if is_hexadecimal(digits) else (),
        )
