"""A target whose files are texts in memory."""

from __future__ import annotations

from collections.abc import Sequence

from batten.model.source import File


class Memory:
    """Implements `batten.model.source.Files`."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def get(self, path: str) -> File | None:
        data = self.files.get(path)
        return None if data is None else File(path, data, path.rpartition("/")[0])

    def names(self, directory: str) -> Sequence[str]:
        return sorted(path.rpartition("/")[2] for path in self.files if path.rpartition("/")[0] == directory)
