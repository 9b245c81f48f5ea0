"""One line that says how far all feeds together are."""

from __future__ import annotations

from threading import Lock
from typing import Final

_WIDTH: Final = 20


class Bar:
    """Told the bytes of each feed, gives the line to show; called from several threads."""

    def __init__(self, feeds: int = 0) -> None:
        """`feeds`: how many there will be; 0: as many as were told of."""
        self._feeds = feeds
        self._sizes: dict[str, tuple[int, int]] = {}
        self._lock = Lock()

    def line(self, feed: str, done: int, total: int) -> str:
        """`feed` has `done` bytes of `total` (0: not known).

        >>> Bar(4).line("https://feeds.example/all.zip", 1_500_000, 3_000_000)
        '[##..................] 1.5 MB, 1 of 4 feeds: https://feeds.example/all.zip'
        """
        with self._lock:
            self._sizes[feed] = (done, total)
            sizes = list(self._sizes.values())
        feeds = max(self._feeds, len(sizes))
        # a feed of unknown size counts when the next ones have come
        parts = sum(min(1.0, done / total) if total else 0.0 for done, total in sizes)
        filled = min(_WIDTH, int(_WIDTH * parts / feeds))
        megabytes = sum(done for done, _ in sizes) / 1e6
        bar = "#" * filled + "." * (_WIDTH - filled)
        return f"[{bar}] {megabytes:,.1f} MB, {len(sizes)} of {feeds} feeds: {feed}"
