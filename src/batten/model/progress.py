"""What long work tells of itself while it runs."""

from __future__ import annotations


class Step(str):
    """A whole line about work that is no file being read: shown as it is, from the start. Plain strings are paths."""

    __slots__ = ()


class Question(str):
    """A whole line about what is asked of another machine: shown once its answer is waited for."""

    __slots__ = ()
