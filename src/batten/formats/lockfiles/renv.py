"""R: `renv.lock`."""

from __future__ import annotations

from batten.formats.lockfiles.lock import Lock, items, mapping, word
from batten.pattern import pattern

_NAME = pattern(r"[A-Za-z][A-Za-z0-9.]*")


def read(lock: Lock) -> None:
    """`Hash` is of the description alone, not of the archive: it is left out."""
    document = lock.json("Rscript -e 'renv::install(\"{name}@{version}\")'")
    for label, value in mapping(document.get("Packages")).items():
        if lock.full:
            return
        entry = mapping(value)
        source = word(entry.get("Source"))
        if source == "Local":
            continue
        needs = [_NAME.match(word(one)) for one in items(entry.get("Requirements")) or items(entry.get("Imports"))]
        lock.add(
            "cran",
            word(entry.get("Package")) or label,
            word(entry.get("Version")),
            ("Packages", label, "Version"),
            depends=[one[0] for one in needs if one and one[0] != "R"],
            evidence="" if source in ("", "Repository", "Bioconductor") else f"from {source}"[:80],
        )
