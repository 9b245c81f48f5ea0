"""Files in other encodings than UTF-8: read as the platforms read them, or named, never passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from engine.support import POD

_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_utf_16_is_read_with_its_places(tmp_path: Path, encoding: str, newline: str) -> None:
    text = POD.replace("name: web", "name: web  # größer 🚀", 1).replace("\n", newline)
    (tmp_path / "config.yaml").write_text(_CONFIG)
    (tmp_path / "pod.yaml").write_bytes(("\ufeff" + text).encode(encoding))
    done = api.scan([str(tmp_path)]).report
    (finding,) = [one for one in done.findings if one.check == "PRV001"]
    assert (finding.location.line, finding.location.column) == (11, 7)
    assert done.exit_code == 1
    assert finding.excerpt is not None
    assert "privileged: true" in "".join(finding.excerpt.lines)
    assert finding.fix is None
    assert finding.no_fix == "the file is in UTF-16, and edits are made in UTF-8: save it as that"
    assert api.fix([str(tmp_path)], review=True).patches == []


def test_json_in_utf_16_is_read(tmp_path: Path) -> None:
    text = (
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"hostPID": true, "containers": []}}'
    )
    (tmp_path / "pod.json").write_bytes(text.encode("utf-16"))
    assert "PRV011" in {one.check for one in api.scan([str(tmp_path)]).report.findings}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (POD.encode("utf-32"), "expected UTF-8 or UTF-16 text, found UTF-32; save the file as UTF-8"),
        (("\ufeff" + POD).encode("utf-32-be"), "expected UTF-8 or UTF-16 text, found UTF-32; save the file as UTF-8"),
        (POD.encode("utf-16")[:-1], "expected UTF-16 text as the byte order mark says, found other"),
        (b"\xff\xfe" + "a\n".encode("utf-16-le") + b"\x00\xdc\x00\x00", "expected UTF-16 text as the byte order"),
    ],
)
def test_what_no_platform_reads_is_named(tmp_path: Path, data: bytes, told: str) -> None:
    (tmp_path / "config.yaml").write_text(_CONFIG)
    (tmp_path / "pod.yaml").write_bytes(data)
    done = api.scan([str(tmp_path)]).report
    assert [one.message[: len(told)] for target in done.targets for one in target.problems] == [told]
    assert done.exit_code == 3


def test_a_second_file_in_utf_16_is_read_along(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    image: web:1\n    privileged: false\n")
    over = "services:\n  web:\n    privileged: true\n"
    (tmp_path / "compose.override.yaml").write_bytes(over.encode("utf-16"))
    assert "PRV001" in {one.check for one in api.scan([str(tmp_path)]).report.findings}
