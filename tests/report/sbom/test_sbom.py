"""What all formats have in common."""

import pytest

from batten.report.sbom import FORMATS, InvalidEpoch, UnknownFormat, created_now, write
from report.sbom.support import bill


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_packages_give_the_same_bytes(name: str) -> None:
    first, again = write(name, bill()), write(name, bill(*reversed(bill().packages)))
    assert first == again
    assert first.endswith(b"\n")
    assert b"libssl3" in first


def test_a_format_that_there_is_not() -> None:
    with pytest.raises(UnknownFormat, match=r"expected one of cyclonedx-json.*found 'cyclone'"):
        write("cyclone", bill())


def test_the_time_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert created_now() == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize("text", ["yesterday", "9" * 30, "1.5"])
def test_an_environment_without_a_time_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    with pytest.raises(InvalidEpoch, match="expected seconds since 1970 in SOURCE_DATE_EPOCH"):
        created_now()
