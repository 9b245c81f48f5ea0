"""Formats are found by their files and imported one by one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from batten.report import Options, UnknownFormat, get, names, renderers
from report import sample

FORMATS = ["csaf", "csv", "cyclonedx", "gitlab", "html", "json", "junit", "markdown", "openvex", "sarif", "table"]


def test_every_module_of_the_folder_is_a_format() -> None:
    assert names() == FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_a_renderer_says_what_it_is(name: str) -> None:
    renderer = get(name)
    output = renderer.render(sample.report(), Options())
    assert renderer.name == name
    assert renderer.summary
    assert renderer.suffix.startswith(".")
    assert isinstance(output, bytes if renderer.binary else str)


def test_all_renderers_are_listed_by_name() -> None:
    assert list(renderers()) == FORMATS


def test_an_unknown_format_is_answered_with_a_suggestion() -> None:
    with pytest.raises(UnknownFormat, match="unknown report format 'sarfi': did you mean sarif"):
        get("sarfi")


def test_a_name_cannot_reach_another_module() -> None:
    with pytest.raises(UnknownFormat):
        get("..read")


@pytest.mark.parametrize("name", FORMATS)
def test_one_format_does_not_import_the_others(name: str) -> None:
    code = (
        "import sys; from batten.report import get, names; names(); "
        "loaded = lambda: {m.split('.')[3] for m in sys.modules if m.startswith('batten.report.formats.')}; "
        f"assert not loaded(); get({name!r}); print(*loaded())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [name]
