"""Colours can be read by everybody: WCAG 2.2, success criteria 1.4.3 and 1.4.11."""

from __future__ import annotations

import re
from pkgutil import get_data

import pytest

_DATA = get_data("batten.report.formats.html", "style.css")
assert _DATA is not None
STYLE = _DATA.decode()

SEVERITIES = ("critical", "high", "medium", "low", "info")
TEXT = [(ink, ground) for ink in ("ink", "soft", "link") for ground in ("page", "card", "sunk")]
TEXT += [(word, ground) for word in SEVERITIES for ground in (f"{word}-bg", "card", "sunk", "page")]
TEXT += [("mark-ink", "mark"), ("good-ink", "card"), ("soft", "card")]
SHAPES = [(grade, ground) for grade in ("good", "fair", "poor") for ground in ("card",)]


def blocks() -> dict[str, dict[str, str]]:
    """The colours of each scheme, by the selector that sets them."""
    found: dict[str, dict[str, str]] = {}
    for selector, body in re.findall(r"(:root[^{]*)\{([^}]*--page[^}]*)\}", STYLE):
        found[selector.strip()] = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", body))
    return found


LIGHT = ":root"
DARK = ':root[data-theme="dark"]'
PRINT = ":root, :root[data-theme]"


def luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
    channels = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_is_that_of_the_standard() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", [LIGHT, DARK, PRINT])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(scheme: str, ink: str, ground: str) -> None:
    colors = blocks()[scheme]
    assert contrast(colors[ink], colors[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_bars_can_be_told_from_the_ground(scheme: str, shape: str, ground: str) -> None:
    colors = blocks()[scheme]
    assert contrast(colors[shape], colors[ground]) >= 3


def test_the_chosen_dark_scheme_is_the_one_of_the_system() -> None:
    assert blocks()[DARK] == blocks()[':root:not([data-theme="light"])']
