"""The documentation: generated pages are current, links lead somewhere, what it shows is true."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
WRITTEN = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(<?([^)>\s]+)>?\)")


@pytest.fixture(scope="module")
def make_docs() -> Any:
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "scripts" / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#{1,6} (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> list[str]:
    """The links of a page to files and headings that are not there."""
    found = []
    for link in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            found.append(link)
    return found


def test_generated_pages_are_current(make_docs: Any):
    stale = [
        name
        for name, text in make_docs.pages().items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    assert not stale, "run make docs"


def test_every_verb_has_a_manual_page_with_its_options(make_docs: Any):
    from batten.cli.group import VERBS

    made = make_docs.pages()
    assert ".SH VERBS" in made["man/batten.1"]
    for verb in VERBS:
        page = made[f"man/batten-{verb}.1"]
        assert "\\fB\\-h, \\-\\-help\\fR" in page
        # a line that begins so is a request, and there are no others than these
        requests = {line.partition(" ")[0] for line in page.splitlines() if line.startswith((".", "'"))}
        assert requests <= {".TH", ".SH", ".PP", ".TP", ".nf", ".fi"}


def test_no_page_is_left_of_a_check_that_is_gone(make_docs: Any):
    on_disk = {f"checks/{path.name}" for path in (DOCS / "checks").glob("*.md")}
    assert on_disk <= set(make_docs.pages()), "run make docs"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path):
    assert broken(page) == []


def test_a_broken_link_is_noticed(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# Here\n[a](#here) [b](#there) [c](nothing.md) [d](https://example.com/x)\n", encoding="utf-8")
    assert broken(page) == ["#there", "nothing.md"]


def test_every_key_of_the_configuration_is_documented():
    from batten.engine import config_keys

    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    forms = ("`{}`", "`[{}]`", "`[[{}]]`")
    assert [key for key in config_keys.KEYS if not any(form.format(key) in text for form in forms)] == []


def test_every_field_of_a_finding_is_documented():
    from batten.model.report import Finding, Report

    text = (DOCS / "report.md").read_text(encoding="utf-8")
    names = (*Report.__struct_fields__, *Finding.__struct_fields__)
    assert [name for name in names if f"`{name}`" not in text] == []
