"""ELF files made by hand: headers and the sections that a test gives."""

from __future__ import annotations

import struct

_HEADER = 64


def elf(sections: dict[str, bytes]) -> bytes:
    """A 64-bit little-endian program with these sections and no segments."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name in (*sections, ".shstrtab"))
    headers = [bytes(64)]
    body = b""
    for name, content in {**sections, ".shstrtab": names}.items():
        place = names.index(b"\0" + name.encode() + b"\0") + 1
        headers.append(struct.pack("<IIQQQQIIQQ", place, 1, 0, 0, _HEADER + len(body), len(content), 0, 0, 1, 0))
        body += content
    start = _HEADER + len(body)
    header = struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, start, 0, 64, 56, 0, 64, len(headers), len(headers) - 1)
    return b"\x7fELF\x02\x01\x01" + b"\0" * 9 + header + body + b"".join(headers)
