"""Expected outputs: small files that are renewed by `pytest --renew` and reviewed as a diff."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

_DATA = Path(__file__).resolve().parent.parent / "data" / "report"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str | bytes], None]:
    """Holds an output against `tests/data/report/NAME`."""

    def check(name: str, output: str | bytes) -> None:
        data = output.encode("utf-8") if isinstance(output, str) else output
        path = _DATA / name
        if request.config.getoption("--renew"):
            path.write_bytes(data)
        assert path.read_bytes().decode("utf-8") == data.decode("utf-8")

    return check
