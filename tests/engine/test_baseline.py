"""Files that are no baseline: one line each, that says what was expected and found."""

import pytest

from batten.engine.baseline import BaselineError, is_saved, read

BASELINE = b'{"schema": "batten.baseline/v0", "written": "2026-11-01", "findings": {"f1": "PRV001 a.yaml: x"}}'
REPORT = (
    b'{"schema": "batten.report/v0", "findings": [{"fingerprint": "f1"}, {"fingerprint": "f2", "status": "waived"}]}'
)


@pytest.mark.parametrize("data", [BASELINE, REPORT, b"\xef\xbb\xbf" + BASELINE], ids=["baseline", "report", "bom"])
def test_what_is_known_is_read(data: bytes) -> None:
    assert read(data, "b.json") == {"f1"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "found nothing in it; write one: batten init --baseline FILE"),
        (b"\n \n", "found nothing in it"),
        (b"PRV001 a.yaml\n", "found no JSON: JSON is malformed: invalid character in line 1"),
        (
            b'{"schema": "batten.baseline/v0",\n "written": "", "findings": {"a": 1}}',
            "found other JSON: Expected `str`, got `int`",
        ),
        (BASELINE[:-4], "found no JSON: Input data was truncated"),
        (b'{"schema": "batten.report/v1", "findings": []}', "'batten.report/v1', of another version of batten"),
        (b'{"schema": "batten.baseline/v7", "findings": []}', "'batten.baseline/v7', of another version of batten"),
        (b'{"schema": "batten.difference/v0"}', "found the schema 'batten.difference/v0'"),
        (b'{"version": "1.5.0", "plugins_used": []}', 'found JSON without the "schema" of batten'),
        (b'{"$schema": "sarif-2.1.0.json", "runs": []}', 'found JSON without the "schema" of batten'),
        (b'[{"fingerprint": "f1"}]', "found other JSON: Expected `object`, got `array`"),
        (b'{"schema": 3}', "found other JSON: Expected `str`, got `int`"),
        (b"\xff\xfe{\x00}\x00", "in UTF-8, found UTF-16; write it with --output FILE"),
        (b'{"schema": "\xe9"}', "in UTF-8, found other bytes"),
        (b'{"a":' * 100_000, "nested deeper"),
        (b'{"schema": "batten.report/v0", "findings": [{"status": "open"}]}', "missing required field `fingerprint`"),
    ],
)
def test_what_is_none_is_refused_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(BaselineError) as error:
        read(data, "b.json")
    assert message in str(error.value)
    assert str(error.value).startswith("b.json: expected a baseline or a saved report")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("data", "saved"),
    [
        (BASELINE, True),
        (b'{"findings": [], "schema": "batten.report/v9"}', True),
        (REPORT[:60], True),
        (BASELINE.decode().encode("utf-16"), True),
        (b'{"family": "web", "note": "\\"schema\\": \\"batten.report/v0\\""}', False),
        (b'{"containers": [{"schema": "batten.report/v0"}]}', False),
        (b"kind: Pod\n", False),
        (b"", False),
    ],
)
def test_a_document_of_ours_is_told_from_a_target(data: bytes, saved: bool) -> None:
    assert is_saved(data) is saved
