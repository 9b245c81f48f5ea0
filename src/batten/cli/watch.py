"""Looks at the work from beside it: what waits for an answer cannot say itself that it waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

_EVERY: Final = 0.5  # seconds between two looks


class Watch:
    """Calls `look` every half second, first after `patience` seconds, until it is stopped."""

    def __init__(self, look: Callable[[], None], patience: float) -> None:
        self._look = look
        self._patience = patience
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        wait = self._patience
        while not self._over.wait(wait):
            wait = _EVERY
            self._look()

    def stop(self) -> None:
        """Returns when nothing more is shown."""
        self._over.set()
        self._thread.join()
