"""A service that extends another one is mended where what it inherits stands, once."""

from __future__ import annotations

from pathlib import Path

from batten import api
from engine.fix.oracle import objections

_WEB = "services:\n  web:\n    image: registry.example/web:1\n"
_EXTENDED = "  x:\n    extends: {service: web}\n    ports: ['127.0.0.1:80:80']\n  y:\n    extends: x\n"


def mended(tmp_path: Path, text: str) -> str:
    (tmp_path / "compose.yaml").write_text(text)
    plan = api.fix([str(tmp_path)], review=True)
    assert [one.reason for one in plan.proposals if not one.applied] == []
    (patch,) = plan.patches
    assert objections(patch) == []
    (tmp_path / "compose.yaml").write_bytes(patch.after.data)
    assert not api.scan([str(tmp_path)]).report.findings
    return patch.after.text()


def test_what_is_inherited_is_written_once(tmp_path: Path) -> None:
    after = mended(tmp_path, _WEB + _EXTENDED)
    assert after.endswith(_EXTENDED)
    assert after.count("read_only: true") == 1


def test_what_it_sets_itself_is_mended_there_too(tmp_path: Path) -> None:
    own = "  x:\n    extends: {service: web}\n    privileged: true\n"
    after = mended(tmp_path, _WEB + own)
    assert after.count("no-new-privileges:true") == 1
    assert after.endswith("  x:\n    extends: {service: web}\n")
