"""The paragraphs of dpkg's control files (deb822(5), Debian policy 5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_FIELD: Final = re.compile(r"^([!-9;-~]+):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)


def paragraphs(text: str) -> Iterator[dict[str, str]]:
    """Field in lower case -> value with its continued lines; what is no field is passed over.

    The first of two fields of one name counts. Comments (`#`) are passed over.
    """
    for part in text.replace("\r\n", "\n").split("\n\n"):
        if ":" not in part:
            continue
        fields: dict[str, str] = {}
        for name, value in _FIELD.findall(part):
            if name[0] != "#":
                fields.setdefault(name.lower(), value)
        if fields:
            yield fields
