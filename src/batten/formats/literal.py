"""Texts that stand in a document as literal blocks, line by line."""

from __future__ import annotations

from collections.abc import Sequence


def lines_below(
    file: Sequence[str], first: int, written: Sequence[str], text: Sequence[str]
) -> tuple[tuple[int, int], ...]:
    """Where each line of a literal block scalar stands: its line, and the columns before it (-1: not known, as where
    `text` has something else in it than was `written`); nothing for any other scalar.

    `first`: the line of the `|`.
    """
    if len(written) != len(text):
        return ()
    while len(written) > 1 and not written[-1]:
        written = written[:-1]
    below = [line.rstrip("\r") for line in file[first : first + len(written)]]
    indents = [len(have) - len(want) for have, want in zip(below, written, strict=False) if want]
    if len(below) < len(written) or not indents or len(set(indents)) > 1 or indents[0] < 0:
        return ()
    indent = indents[0]
    if any(have[indent:] != want or have[:indent].strip() for have, want in zip(below, written, strict=True)):
        return ()
    return tuple((first + number + 1, indent if want == text[number] else -1) for number, want in enumerate(written))
