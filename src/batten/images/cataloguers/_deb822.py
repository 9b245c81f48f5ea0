"""The paragraphs of dpkg's control files (deb822(5), Debian policy 5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from batten.images.cataloguers._told import records


def fields(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern for `paragraphs` that finds the fields `names`."""
    return re.compile(rf"^({'|'.join(names)}):[ \t]*+(.*+(?:\n[ \t].*+)*+)", re.MULTILINE | re.IGNORECASE)


def paragraphs(text: str, wanted: re.Pattern[str]) -> Iterator[dict[str, str]]:
    """Of each paragraph, wanted field in lower case -> value with its continued lines.

    The first of two fields of one name counts. What is no field is passed over.
    """
    for part in records(text):
        found: dict[str, str] = {}
        for one in wanted.finditer(part):
            found.setdefault(one[1].lower(), one[2])
        yield found
