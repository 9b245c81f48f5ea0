"""Why a chart cannot be rendered."""

from __future__ import annotations


class ChartError(Exception):
    """One line; `path` and `line` where they are known, `path` relative to the target."""

    def __init__(self, message: str, path: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
