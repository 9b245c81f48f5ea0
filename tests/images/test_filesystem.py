from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from batten import limits
from batten.images.facts import LayerFacts
from batten.images.filesystem import FileSystem
from batten.images.layers import read_layer
from images import builder
from images.builder import Entry, file, folder, hardlink, opaque, program, symlink, whiteout
from images.slow_squash import SlowFileSystem


def facts(entries: list[Entry]) -> LayerFacts:
    return read_layer(builder.layer(entries).blob().open, ())


def stacked(*layers: list[Entry]) -> FileSystem:
    files = FileSystem()
    for entries in layers:
        files.apply(facts(entries))
    return files


def paths(files: FileSystem) -> dict[str, int]:
    """Path -> the layer that holds its bytes."""
    return {path: files.stat(member).layer for path, member in files.walk()}


def test_a_whiteout_hides_a_file_of_a_lower_layer() -> None:
    assert paths(stacked([file("a/x"), file("a/y")], [whiteout("a/x")])) == {"a/y": 0}


def test_a_whiteout_hides_a_folder_with_what_is_in_it() -> None:
    assert paths(stacked([file("a/b/x"), file("ab")], [whiteout("a")])) == {"ab": 0}


def test_a_whiteout_does_not_hide_what_its_own_layer_adds_before_or_after_it() -> None:
    assert paths(stacked([file("x"), file("y")], [file("x"), whiteout("x"), whiteout("y"), file("y")])) == {
        "x": 1,
        "y": 1,
    }


def test_an_opaque_folder_hides_what_lower_layers_have_in_it_wherever_the_mark_stands() -> None:
    assert paths(stacked([file("a/x"), file("b")], [file("a/y"), opaque("a"), file("a/z")])) == {
        "a/y": 1,
        "a/z": 1,
        "b": 0,
    }


def test_an_opaque_root_hides_everything_below() -> None:
    assert paths(stacked([file("a/x"), file("b")], [opaque(""), file("c")])) == {"c": 1}


def test_a_folder_replaced_by_a_file_takes_its_files_along() -> None:
    assert paths(stacked([file("a/x"), file("a/b/y")], [file("a")])) == {"a": 1}


def test_a_file_replaced_by_a_folder_goes() -> None:
    assert paths(stacked([file("a")], [folder("a"), file("a/x")])) == {"a/x": 1}


def test_a_folder_over_a_folder_keeps_its_files() -> None:
    assert paths(stacked([file("a/x")], [folder("a", 0o700)])) == {"a/x": 0}


def test_the_last_of_two_members_of_one_name_wins() -> None:
    files = stacked([file("a", b"1"), file("b", b"2"), file("a", b"three")])
    found = files.find("a")
    assert found is not None
    assert files.stat(found[1]).size == 5


def test_a_file_below_a_linked_folder_lands_where_the_link_leads() -> None:
    files = stacked([folder("usr/lib"), symlink("lib", "usr/lib")], [file("lib/libc.so")])
    assert files.find("usr/lib/libc.so") == files.find("lib/libc.so")
    assert [path for path, _ in files.walk()].count("usr/lib/libc.so") == 1


def test_a_whiteout_below_a_linked_folder_hides_where_the_link_leads() -> None:
    files = stacked([file("usr/lib/a"), symlink("lib", "/usr/lib")], [whiteout("lib/a")])
    assert files.find("usr/lib/a") is None


def test_a_folder_replaces_a_link_of_its_name() -> None:
    files = stacked([file("usr/lib/a"), symlink("lib", "usr/lib")], [folder("lib"), file("lib/b")])
    assert sorted(paths(files)) == ["lib/b", "usr/lib/a"]


def test_links_never_lead_out_of_the_root() -> None:
    files = stacked([symlink("a", "../../../../etc"), symlink("etc/p", "../../../b"), file("b")])
    assert files.find("a/p") == files.find("b")


def test_a_chain_of_links_without_end_leads_nowhere() -> None:
    files = stacked([symlink("a", "b"), symlink("b", "a"), symlink("c", "c/c/c"), file("a/x")])
    assert files.find("a") is None
    assert files.find("c") is None
    assert files.find("a/x") is None
    assert files.problems == ["'a/x' lies behind too many symbolic links; it was left out"]


def test_a_hard_link_has_the_content_of_its_target_even_when_that_is_removed() -> None:
    files = stacked([file("a", b"12345")], [hardlink("b", "a")], [whiteout("a")])
    assert paths(files) == {"b": 0}
    found = files.find("b")
    assert found is not None
    assert files.stat(found[1]).size == 5
    assert files.layer_of(found[1]) == 1


def test_a_hard_link_to_nothing_or_to_a_folder_is_left_out_and_told() -> None:
    files = stacked([folder("d"), hardlink("a", "missing"), hardlink("b", "d")])
    assert paths(files) == {}
    assert files.problems == [
        "'a' is a hard link to 'missing', where no file is; it was left out",
        "'b' is a hard link to 'd', where no file is; it was left out",
    ]


def test_links_that_cost_too_much_are_given_up() -> None:
    long = "/".join(["."] * 2000)
    entries = [symlink(f"l{one}", f"{long}/l{one + 1}") for one in range(30)]
    entries += [symlink("l30", "d"), folder("d"), folder("e")]
    for number in range(3000):
        entries += [file(f"l0/{number}"), file(f"e/{number}")]
    files = stacked(entries)
    assert len(files.problems) == 50
    assert files.find("e/2999") is not None


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TARGETS = st.lists(st.sampled_from(["a", "b", "c", "..", ".", ""]), min_size=1, max_size=4).map("/".join)
ENTRIES = st.one_of(
    PATHS.map(file),
    PATHS.map(folder),
    st.builds(symlink, PATHS, TARGETS.filter(bool)),
    st.builds(hardlink, PATHS, PATHS),
    PATHS.map(whiteout),
    st.one_of(PATHS, st.just("")).map(opaque),
)
LAYERS = st.lists(st.lists(ENTRIES, max_size=8), min_size=1, max_size=4)


@given(LAYERS)
@settings(max_examples=500)
@example([[file("a/b"), symlink("b", "a")], [hardlink("c", "b/b"), whiteout("b/b")]])
def test_the_same_files_as_the_slow_way(layers: list[list[Entry]]) -> None:
    fast, slow = FileSystem(), SlowFileSystem()
    for entries in layers:
        one = facts(entries)
        fast.apply(one)
        slow.apply(one)
        found = {path: fast.stat(member) for path, member in fast.walk()}
        assert {path: (node.kind, node.layer, node.index, node.link) for path, node in found.items()} == {
            path: (node.kind, node.layer, node.index, node.link)
            for path, node in slow.nodes.items()
            if node.kind != "d"
        }
        assert {path for path, _ in fast.folders() if path} == {p for p, node in slow.nodes.items() if node.kind == "d"}


@given(LAYERS, TARGETS)
def test_what_is_found_lies_in_the_tree_and_is_no_link(layers: list[list[Entry]], path: str) -> None:
    files = stacked(*layers)
    found = files.find(path)
    if found is not None:
        real, member = found
        assert (real, member) in set(files.walk())
        assert files.stat(member).kind != "l"


@given(LAYERS)
def test_what_is_watched_is_told_when_it_goes(layers: list[list[Entry]]) -> None:
    files = FileSystem()
    watched: set[int] = set()
    for entries in layers:
        one = facts(entries)
        first = files.next_member
        new = {first + index for index, kind in enumerate(one.kinds) if kind != ord("d")}
        files.watched |= new
        watched |= new
        gone = files.apply(one)
        assert len(gone) == len(set(gone))
        assert set(gone) <= watched
        watched -= set(gone)
        files.watched -= set(gone)
        assert watched == {member for _, member in files.walk()}


def test_a_program_keeps_its_mode() -> None:
    files = stacked([program("bin/sh")])
    found = files.find("/bin/sh")
    assert found is not None
    assert files.stat(found[1]).mode == 0o755


def test_the_number_of_folders_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IMAGE_FOLDERS", 3)
    files = stacked([file("a/b/c/x"), file("a/b/y"), file("d/e/z"), folder("f"), file("top")])
    assert sorted(paths(files)) == ["a/b/c/x", "a/b/y", "top"]
    assert files.problems == ["expected at most 3 folders, found more; what is in them was left out"]
