"""Text cannot break out of the HTML that is built around it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.report.markup import Markup, join, link, prose, tag, text
from batten.report.text import printable_lines


class Seen(HTMLParser):
    """What a parser makes of it: tags with their attributes, and the text."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_a_parser_reads_back_the_text_and_nothing_else(inside: str, attribute: str) -> None:
    seen = Seen(tag("p", inside, title=attribute))
    assert seen.tags == [("p", {"title": printable_lines(attribute)})]
    assert seen.text == printable_lines(inside)


def test_markup_is_not_escaped_twice() -> None:
    assert tag("p", tag("b", "<"), "<") == "<p><b>&lt;</b>&lt;</p>"
    assert join([tag("b", "1"), tag("b", "2")], ", ") == "<b>1</b>, <b>2</b>"
    assert isinstance(text("a"), Markup)


def test_attributes_that_are_false_or_none_are_left_out() -> None:
    assert tag("p", class_="a", hidden=True, open=False, id=None, data_x=3) == '<p class="a" hidden data-x="3"></p>'


def test_empty_elements_have_no_end() -> None:
    assert tag("br") == "<br>"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", " https://x", "//x", "file:///etc"])
def test_only_addresses_of_the_web_become_links(address: str) -> None:
    assert link(address, "label") == "label"


def test_a_link_tells_nobody_where_it_was_followed_from() -> None:
    assert link("https://a.example/?q=1&r=2", "a") == (
        '<a href="https://a.example/?q=1&amp;r=2" rel="noopener noreferrer">a</a>'
    )


def test_prose_between_backticks_is_code() -> None:
    assert prose("set `a<b>` in\n  `c`") == "set <code>a&lt;b&gt;</code> in <code>c</code>"
    assert prose("an open ` is kept") == "an open ` is kept"
