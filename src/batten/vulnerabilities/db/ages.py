"""How old what the database holds is."""

from __future__ import annotations

from datetime import date
from typing import Final

from batten.model.vulnerability import SourceState

STALE_DAYS: Final = 7
"""Publishers speak daily: what is older misses flaws that are known."""
_WHOLE: Final = frozenset({"epss", "kev"})


def age_of(state: SourceState, day: str) -> int | None:
    """Days (see `SourceState.age`) on `day`, `YYYY-MM-DD`; None where the database does not tell."""
    since = state.newest if state.name in _WHOLE and state.newest else state.fetched
    try:
        return max(0, (date.fromisoformat(day) - date.fromisoformat(since[:10])).days)
    except ValueError:
        return None
