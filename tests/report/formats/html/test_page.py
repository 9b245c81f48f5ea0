"""The page: self-contained, strict, complete, and nothing in a report becomes part of it but as text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from msgspec.structs import replace

from batten.model.report import Report
from batten.report import Options, RuleInfo
from batten.report.formats.html import render
from batten.report.text import one_line, printable
from report import sample

OPTIONS = Options(rules=sample.rules())
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr", "path", "rect"}
OWN = {
    "html", "head", "meta", "title", "link", "style", "body", "a", "header", "div", "strong", "span", "time", "button",
    "main", "section", "h1", "h2", "h3", "h4", "p", "ul", "li", "b", "svg", "g", "path", "rect", "text", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "code", "pre", "mark", "dl", "dt", "dd",
    "input", "select", "option", "output", "footer", "script",
}  # fmt: skip


class Page(HTMLParser):
    """A page taken apart: every start tag, whether tags are balanced, text, style and script."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.raw: dict[str, str] = {}
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.raw[self.open[-1]] = self.raw.get(self.open[-1], "") + data
        else:
            self.text.append(data)

    def all(self, name: str, **attributes: str) -> list[dict[str, str | None]]:
        return [found for tag, found in self.tags if tag == name and attributes.items() <= found.items()]


def page(report: Report, options: Options = OPTIONS) -> Page:
    return Page(str(render(report, options)))


@pytest.mark.parametrize("name", ["report", "clean", "small", "hostile"])
def test_tags_are_balanced_and_all_ours(name: str) -> None:
    found = page(getattr(sample, name)())
    assert found.open == []
    assert {tag for tag, _ in found.tags} <= OWN


def test_the_policy_allows_only_our_style_and_script() -> None:
    found = page(sample.report())
    (policy,) = [one["content"] for one in found.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(found.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["report", "hostile"])
def test_no_attribute_runs_loads_or_styles_anything(name: str) -> None:
    for tag, attributes in page(getattr(sample, name)()).tags:
        assert not [key for key in attributes if key.startswith("on") or key in ("style", "src", "action", "srcdoc")]
        address = attributes.get("href") or "#"
        assert address.startswith("#") or address == "data:," or (tag == "a" and address.startswith("https://"))


def test_hostile_text_is_only_text() -> None:
    document = str(render(sample.hostile(), OPTIONS))
    assert "</script><!--" not in document
    assert not set(document) & set("\x00\x07\x1b\x7f\x9b\u202e\u2066\u2028")
    document.encode("utf-8")
    assert printable("\x1b]0;x\x07") in "".join(page(sample.hostile()).text)


def test_a_hostile_reference_is_no_link() -> None:
    rule = RuleInfo(id="PRV001", title="x", references=("javascript:alert(1)",), help_url="data:text/html,x")
    found = page(sample.report(), Options(rules={"PRV001": rule}))
    assert not [one for one in found.all("a") if not (one["href"] or "").startswith(("#", "https://"))]


def test_every_finding_is_there_with_source_remedy_and_command() -> None:
    report = sample.report()
    document = render(report, OPTIONS)
    text = "".join(page(report).text)
    for finding in report.findings:
        assert one_line(finding.message) in text
    assert "<mark>privileged: true</mark>" in document
    assert "batten fix --unsafe --check PRV001 k8s/web.yaml" in text
    assert "batten explain PRV010" in text
    assert "cis-docker 5.5" in text
    assert "waived by alice until 2027-01-01" in text


def test_entries_carry_what_the_filters_ask_for() -> None:
    entries = [one for one in page(sample.report()).all("details") if "entry" in (one.get("class") or "")]
    assert sum(int(one["data-number"] or 0) for one in entries) == len(sample.findings())
    merged = next(one for one in entries if one["data-number"] == "4")
    assert merged["data-check"] == "PRV002 PRV003 PRV004 RUN001"
    assert merged["data-severity"] == "high medium"
    assert merged["data-strategy"] == "2 4"
    assert merged["data-platform"] == "kubernetes"
    assert merged["data-status"] == "open"


def test_anchors_are_unique_and_every_inner_link_leads_somewhere() -> None:
    found = page(sample.report())
    anchors = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(set(anchors)) == len(anchors)
    links = {(one["href"] or "")[1:] for one in found.all("a") if (one["href"] or "").startswith("#")}
    assert links <= set(anchors)


def test_a_check_that_the_catalogue_lacks_has_no_dead_link() -> None:
    found = page(sample.report(), Options())
    anchors = {attributes.get("id") for _, attributes in found.tags}
    assert {(one["href"] or "")[1:] for one in found.all("a")} <= anchors


def test_urgent_entries_stand_open_in_a_report_of_moderate_size_only() -> None:
    few = [one for one in page(sample.report()).all("details") if "open" in one and "entry" in (one["class"] or "")]
    many = [one for one in page(sample.large(1000)).all("details") if "open" in one and "entry" in (one["class"] or "")]
    assert few
    assert all(re.match("entry (critical|high) open", one["class"] or "") for one in few)
    assert many == []


def test_the_picture_is_told_in_words() -> None:
    (label,) = [one["aria-label"] for one in page(sample.report()).all("svg", role="img")]
    assert label is not None
    assert label.startswith("Score 55. 1 images: 71, 2 privileges: 24")
    assert "10 cloud: not assessed" in label


def test_landmarks_and_names_for_people_who_cannot_see_the_page() -> None:
    found = page(sample.report())
    for landmark in ("header", "main", "footer"):
        assert len(found.all(landmark)) == 1
    assert found.all("html", lang="en")
    assert all(one.get("aria-label") for tag in ("select", "input") for one in found.all(tag))
    headings = [tag for tag, _ in found.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == "h1"
    assert all(int(after[1]) - int(before[1]) <= 1 for before, after in pairwise(headings))


def test_a_clean_scan_has_no_filters() -> None:
    found = page(sample.clean())
    assert not found.all("div", id="toolbar")
    assert "Nothing was found" in "".join(found.text)


def test_one_long_line_is_cut_around_what_is_meant() -> None:
    finding = next(one for one in sample.findings() if one.location.path == sample.ECS)
    document = str(render(replace(sample.report(), findings=[finding]), OPTIONS))
    assert "<mark>&quot;privileged&quot;: true</mark>" in document
    assert "y" * 250 not in document


def test_the_title_says_what_was_found() -> None:
    assert "38 findings in ., old.tar.gz · batten" in page(sample.report()).text


def test_the_assets_are_part_of_the_package() -> None:
    from pkgutil import get_data

    for name in ("style.css", "script.js"):
        data = get_data("batten.report.formats.html", name)
        assert data is not None
        assert b"http" not in data
        assert data.isascii()
