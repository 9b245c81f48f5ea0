"""Regular expressions that are compiled when they are first used.

Together the expressions of all modules take longer to compile than a scan of fifty files takes, and
such a scan needs few of them.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _Pattern:
    """Stands for a `re.Pattern`; after the first use its methods are the compiled pattern's own."""

    def __init__(self, expression: Any, flags: int) -> None:
        self._source = (expression, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what copies and inspects asks for; never the first use
            raise AttributeError(name)
        compiled = re.compile(*self._source)
        self.__dict__.update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)


def pattern(expression: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile`, put off until the pattern is used; an error in `expression` shows only then."""
    return cast("re.Pattern[AnyStr]", _Pattern(expression, flags))
