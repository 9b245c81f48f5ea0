"""Debian and Ubuntu versions: `[epoch:]upstream[-revision]`.

Source: Debian Policy 5.6.12, deb-version(7). Judge: apt.
"""

from __future__ import annotations

import re

from batten.limits import VERSION_CHARACTERS
from batten.versions.interface import InvalidVersion, Key, checked

# Letters sort before other signs, and `~` before the end of a run of non-digits, which _END marks. The hyphen before
# the revision ends the upstream version, so it sorts as the end does.
_END = "\x01"
_ORDER = bytes.maketrans(b"~+-.:", b"\x00{|}\x7f")  # of bytes, which translate ten times as fast as text
_FORM = re.compile(r"(?:([0-9]++):(?=.))?(?:([A-Za-z0-9.+~:-]+)-)?([A-Za-z0-9.+~:]++)").fullmatch
_SPLIT = re.compile(r"([0-9]+)").split


def key(text: str) -> Key:
    """(epoch, runs): non-digits and numbers of both parts in turn; raises InvalidVersion."""
    form = _FORM(text) if len(text) <= VERSION_CHARACTERS else None
    if form is None:
        text = checked("dpkg", text)
        form = _FORM(text)
        if form is None:
            raise InvalidVersion("dpkg", text)
    epoch, upstream, revision = form.groups()
    if upstream is None:
        upstream, revision = revision, "0"  # no revision is revision 0
    elif ":" in revision:
        raise InvalidVersion("dpkg", text, "a colon in the revision")
    if epoch is None and ":" in upstream:
        raise InvalidVersion("dpkg", text, "the epoch is not a number")
    if not upstream[-1].isdigit():
        upstream += "0"  # a missing number is 0: 1. equals 1.0
    if not revision[-1].isdigit():
        revision += "0"
    runs = _SPLIT((upstream + _END + revision).encode("ascii").translate(_ORDER).decode("ascii"))
    runs[1::2] = map(int, runs[1::2])
    runs[::2] = [run + _END for run in runs[::2]]
    return int(epoch or 0), runs
