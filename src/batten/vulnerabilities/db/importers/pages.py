"""The entries of a page of the NVD one by one: a year of them has some 250 MiB, one of them a few KiB."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Final

from batten import limits
from batten.vulnerabilities.db.importers.common import Unreadable

_BEGIN: Final = re.compile(rb'\{\s*"resultsPerPage"\s*:')
_LIST: Final = re.compile(rb'"vulnerabilities"\s*:\s*\[')
# what opens and closes an object, and strings, in which braces mean nothing; one that is cut off ends without a quote
_MARK: Final = re.compile(rb'[{}\]]|"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_PIECE: Final = 256 * limits.KIB


def wants(head: bytes) -> bool:
    """Whether a document begins as such a page does, and its list is near enough to be read as one."""
    return _BEGIN.match(head) is not None and _LIST.search(head) is not None


def entries(stream: io.BufferedReader) -> Iterator[bytes]:
    """Each object of the list `vulnerabilities`. Raises Unreadable, and EOFError where the page is cut off."""
    data = stream.read(_PIECE)
    found = _LIST.search(data)
    if found is None:
        raise Unreadable("expected a list `vulnerabilities`, found none")
    data = data[found.end() :]
    while True:
        begin = depth = 0
        for mark in _MARK.finditer(data):
            sign = data[mark.start()]
            if sign == 0x7B:  # {
                begin, depth = (mark.start(), 1) if not depth else (begin, depth + 1)
            elif sign == 0x7D:  # }
                depth -= 1
                if depth < 0:
                    raise Unreadable("expected objects in `vulnerabilities`, found the end of one")
                if not depth:
                    yield data[begin : mark.end()]
                    begin = mark.end()
            elif sign == 0x5D and not depth:  # ] of the list
                return
        data = data[begin:]
        if len(data) > limits.FEED_LINE:
            raise Unreadable(f"expected entries of at most {limits.FEED_LINE // limits.MIB} MiB, found a longer one")
        more = stream.read(_PIECE)
        if not more:
            raise EOFError("the page ends before its list does")
        data += more
