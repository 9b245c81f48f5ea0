"""Alpine and Wolfi versions: `number{.number}[letter]{_suffix[number]}[~hash][-rNumber]`.

Source: apk-package(5), apk-tools 3. Judge: `apk version -t`.
"""

from __future__ import annotations

import re

from batten.versions.interface import InvalidVersion, Key, checked

# What may stand at one place, lowest first: a pre-release is below the end, all else above it.
_BEFORE, _END, _REVISION, _HASH, _SUFFIX_NUMBER, _AFTER, _LETTER, _FRACTION, _NUMBER = range(9)
_SUFFIXES = {
    name: (rank, place)
    for rank, names in ((_BEFORE, ("alpha", "beta", "pre", "rc")), (_AFTER, ("cvs", "svn", "git", "hg", "p")))
    for place, name in enumerate(names)
}
_FORM = re.compile(
    r"([0-9]++(?:\.[0-9]++)*+)([a-z])?"
    r"((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)(?![a-z])[0-9]*+)*+)"
    r"(?:~([0-9a-f]++))?(?:-r([0-9]++))?"
).fullmatch
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)").findall


def key(text: str) -> Key:
    """A flat list of ranks and values that ends with the rank of the end; raises InvalidVersion."""
    text = checked("apk", text)
    form = _FORM(text)
    if form is None:
        raise InvalidVersion("apk", text)
    numbers, letter, suffixes, commit, revision = form.groups()
    first, *others = numbers.split(".")
    found: list[str | int] = [int(first)]
    for number in others:
        if number[0] == "0":  # a leading zero makes it a fraction: 1.01 < 1.1, and compared as text
            found += (_FRACTION, number)
        else:
            found += (_NUMBER, int(number))
    if letter:
        found += (_LETTER, letter)
    if suffixes:
        for name, number in _SUFFIX(suffixes):
            found += _SUFFIXES[name]
            if number:
                found += (_SUFFIX_NUMBER, int(number))
    if commit:
        found += (_HASH, commit)
    if revision:
        found += (_REVISION, int(revision))
    found.append(_END)
    return found
