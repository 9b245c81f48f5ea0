"""Charts without Helm: what it rendered was recorded, and is served through the interface of the runner.

What is not among the records is rendered where the extra `batten[helm]` is installed; `pytest tests/formats/helm
--renew` records it. `make test-system` holds the records against Helm.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from batten.formats.helm.errors import ChartError

RECORDS = Path(__file__).parents[2] / "data" / "helm" / "records"


def key_of(files: Mapping[str, bytes], values: Mapping[str, Any], release: str, namespace: str) -> str:
    whole = [sorted((path, data.hex()) for path, data in files.items()), values, release, namespace]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:24]


class Recorded:
    """Implements what `batten.engine.charts` asks of the runner."""

    def __init__(self, folder: Path, *, renew: bool) -> None:
        self.folder = folder
        self.renew = renew
        self.known: dict[str, Any] = {}
        for file in sorted(folder.glob("*.json")):
            self.known |= json.loads(file.read_text("utf-8"))
        self.made: dict[str, Any] = {}

    def available(self) -> bool:
        return True

    def render(
        self, files: Mapping[str, bytes], values: Mapping[str, Any], release: str, namespace: str
    ) -> dict[str, str]:
        key = key_of(files, values, release, namespace)
        if self.renew or key not in self.known:
            from batten.sources.helm.runner import Runner

            runner = Runner()
            assert runner.available(), "never rendered yet: pytest tests/formats/helm --renew, with batten[helm]"
            try:
                self.known[key] = {"printed": runner.render(files, values, release, namespace)}
            except ChartError as error:
                self.known[key] = {"error": error.message}
            finally:
                runner.close()
            self.made[key] = self.known[key]
        found = self.known[key]
        if "error" in found:
            raise ChartError(found["error"])
        printed: dict[str, str] = found["printed"]
        return printed


@pytest.fixture
def helm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """What a test renders is looked up in the records of its own module, or recorded there."""
    recorded = Recorded(RECORDS, renew=request.config.getoption("--renew"))
    monkeypatch.setattr("batten.sources.helm.runner.runner", recorded)
    yield recorded
    if recorded.renew:
        file = RECORDS / f"{request.node.name.partition('[')[0]}.json"
        known = json.loads(file.read_text("utf-8")) if file.exists() and "[" in request.node.name else {}
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(known | recorded.made, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
