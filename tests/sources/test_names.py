from __future__ import annotations

import os
import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.sources.names import interesting, native, printable, resolve

# What os.fsdecode gives for bytes: any text and the surrogates that stand for bytes that are no UTF-8.
names = st.binary(min_size=1, max_size=30).map(os.fsdecode) | st.text(min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("k8s/web.yaml", "k8s/web.yaml"),
        ("größe-日本.yaml", "größe-日本.yaml"),
        ("a\nb.yaml", "a\\nb.yaml"),
        ("a\x1b[31m.yaml", "a\\u001b[31m.yaml"),
        ("lmay.\u202e.yaml", "lmay.\\u202e.yaml"),
        (os.fsdecode(b"caf\xe9.yaml"), "caf\\xe9.yaml"),
        ("a\\nb", "a\\\\nb"),
    ],
)
def test_what_a_terminal_would_not_show_is_escaped(name: str, shown: str) -> None:
    assert printable(name) == shown


@given(names)
def test_a_printed_name_leads_back_to_its_file(name: str) -> None:
    shown = printable(name)
    assert shown.isprintable()
    assert shown.encode()
    assert native(shown) == name


@given(names)
def test_a_text_that_is_never_printed_stays_as_it_is(text: str) -> None:
    assert native(text) == text or printable(native(text)) == text


@given(st.lists(st.sampled_from(["a", "b", "..", ".", ""]), max_size=8).map("/".join))
def test_resolved_paths_never_leave_the_root(path: str) -> None:
    inside = posixpath.normpath("/root/" + path)
    climbs = any(
        posixpath.normpath("/root/" + "/".join(path.split("/")[:end])) == "/" for end in range(len(path.split("/")) + 1)
    )
    expected = None if climbs or path.startswith("/") else inside.removeprefix("/root").removeprefix("/")
    assert resolve(path) == expected


@pytest.mark.parametrize("path", ["/etc/passwd", "a/../../b", "..", "C:/x", "a\0b"])
def test_paths_that_lead_out_resolve_to_nothing(path: str) -> None:
    assert resolve(path) is None


@pytest.mark.parametrize(
    "name",
    ["a/web.yaml", "x.YML", "Dockerfile", "web.Dockerfile", "Dockerfile.dev", "shop.container", ".env", ".env.prod"],
)
def test_names_that_readers_want_are_interesting(name: str) -> None:
    assert interesting(name)


@pytest.mark.parametrize("name", ["logo.png", "main.go", "README.md", "a.yaml/core", "dock"])
def test_other_names_are_not(name: str) -> None:
    assert not interesting(name)
