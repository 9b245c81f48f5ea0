from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten import limits
from batten.images import ImageContent, read_image
from batten.model.package import Package
from images.builder import Entry, file, folder, hardlink, image, opaque, program, symlink, whiteout
from images.cataloguers.programs import elf
from images.cataloguing import LINES
from images.slow_squash import SlowFileSystem

RELEASE = file("etc/os-release", b"debian")


def read(*layers: list[Entry]) -> ImageContent:
    return read_image(image(layers), cataloguers=LINES)


def where(content: ImageContent) -> dict[str, int]:
    """`NAME VERSION` -> number of the layer that brought it."""
    numbers = {layer.diff_id: number for number, layer in enumerate(content.image.layers)}
    return {f"{one.name} {one.version}": numbers[one.layer] for one in content.packages}


def package(content: ImageContent, name: str) -> Package:
    (found,) = (one for one in content.packages if one.name == name)
    return found


def test_a_package_belongs_to_the_first_layer_from_which_it_stayed() -> None:
    content = read(
        [file("a.db", b"old 1\nkept 1\n")],
        [file("a.db", b"old 2\nkept 1\nnew 1\n")],
        [file("a.db", b"old 2\nkept 1\nnew 1\nlast 1\n")],
    )
    assert where(content) == {"kept 1": 0, "old 2": 1, "new 1": 1, "last 1": 2}


def test_the_instruction_is_that_of_the_layer() -> None:
    data = image([[file("a.db", b"one 1")], [file("b.pkg", b"two 1")]], history=["ADD base", "RUN pip install two"])
    content = read_image(data, cataloguers=LINES)
    assert package(content, "one").instruction == "ADD base"
    assert package(content, "two").instruction == "RUN pip install two"


def test_a_package_that_was_gone_for_a_while_belongs_to_the_layer_that_brought_it_back() -> None:
    content = read([file("a.db", b"one 1\n")], [file("a.db", b"two 1\n")], [file("a.db", b"one 1\ntwo 1\n")])
    assert where(content) == {"two 1": 1, "one 1": 2}


def test_a_database_removed_and_rewritten_in_one_layer_keeps_its_packages_layers() -> None:
    content = read([file("var/a.db", b"one 1\n")], [opaque("var"), whiteout("var/a.db"), file("var/a.db", b"one 1\n")])
    assert where(content) == {"one 1": 0}


def test_a_system_database_that_moves_keeps_its_packages_layers() -> None:
    content = read([file("lib/a.db", b"one 1\n")], [whiteout("lib/a.db"), file("usr/lib/a.db", b"one 1\n")])
    assert where(content) == {"one 1": 0}
    assert package(content, "one").paths == ("usr/lib/a.db",)


def test_a_package_of_a_language_that_moves_is_another_one() -> None:
    content = read([file("a/x.pkg", b"one 1\n")], [whiteout("a/x.pkg"), file("b/x.pkg", b"one 1\n")])
    assert where(content) == {"one 1": 1}


def test_removed_metadata_removes_packages() -> None:
    assert (
        read([file("a/x.pkg", b"one 1\n"), file("b.db", b"two 1\n")], [whiteout("a"), whiteout("b.db")]).packages == []
    )


def test_a_package_of_the_system_that_two_files_name_is_one() -> None:
    content = read([file("a.db", b"one 1\n"), file("b.db", b"one 1\n")])
    assert package(content, "one").paths == ("a.db", "b.db")


def test_a_package_of_a_language_at_two_places_is_two() -> None:
    content = read([file("a.pkg", b"one 1\n"), file("b.pkg", b"one 1\n")])
    assert [one.paths for one in content.packages] == [("a.pkg",), ("b.pkg",)]


def test_namespace_and_distro_come_from_os_release() -> None:
    content = read([RELEASE, file("a.db", b"one 1\n"), file("b.pkg", b"two 1")])
    assert package(content, "one").purl == "pkg:deb/debian/one@1?distro=debian-12"
    assert package(content, "two").purl == "pkg:pypi/two@1"
    assert content.image.distribution is not None
    assert package(content, "two").distribution == content.image.distribution
    assert package(content, "two").target == content.image.id


def test_the_distribution_is_that_of_the_last_layer_that_says_so() -> None:
    content = read([RELEASE], [file("etc/os-release", b"ubuntu")])
    assert content.image.distribution is not None
    assert content.image.distribution.id == "ubuntu"


def test_a_package_that_the_distribution_owns_names_its_owner() -> None:
    content = read(
        [
            RELEASE,
            file("a.db", b"python3-one 1\n"),
            file("a.owns", b"python3-one /usr/lib/one.pkg\npython3-one /usr/bin/one\n"),
            file("usr/lib/one.pkg", b"one 1"),
            program("usr/bin/one"),
            file("opt/one.pkg", b"one 2"),
        ]
    )
    owned, free = (one for one in content.packages if one.name == "one")
    assert (owned.version, owned.owner) == ("1", "pkg:deb/debian/python3-one@1?distro=debian-12")
    assert (free.version, free.owner) == ("2", "")
    assert package(content, "python3-one").files == ("usr/bin/one",)


def test_a_program_of_the_distribution_is_told_once_as_the_distribution_s() -> None:
    deb = b"Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2+b13\nArchitecture: amd64\n\n"
    shell = elf({".rodata": b"\0@(#)Bash version 5.2.15(1) release GNU\0"})
    content = read_image(
        image(
            [
                [
                    file("var/lib/dpkg/status", deb),
                    file("var/lib/dpkg/info/bash.list", b"/.\n/bin/bash\n"),
                    folder("usr/bin"),
                    symlink("bin", "usr/bin"),
                    program("usr/bin/bash", shell),
                    program("usr/local/bin/bash", shell),
                ]
            ]
        )
    )
    assert [(one.type, one.paths) for one in content.packages] == [
        ("deb", ("var/lib/dpkg/status",)),
        ("generic", ("usr/local/bin/bash",)),
    ]


def test_an_owner_from_before_the_folders_were_merged_is_found() -> None:
    """Debian's lists say `/lib/x` where the file is at `usr/lib/x`."""
    content = read(
        [
            file("a.db", b"libone 1\n"),
            file("a.owns", b"libone /lib/one.pkg\nlibone /lib/libone.so.1\n"),
            folder("usr/lib"),
            symlink("lib", "usr/lib"),
            file("usr/lib/one.pkg", b"one 1"),
            file("usr/lib/libone.so.1", b"x"),
        ]
    )
    assert package(content, "one").owner == "pkg:deb/libone@1"
    assert package(content, "libone").files == ("usr/lib/libone.so.1",)


def test_files_that_a_package_owned_and_that_are_gone_are_not_its() -> None:
    content = read(
        [
            file("a.db", b"one 1"),
            file("a.owns", b"one /usr/bin/x\none /usr/bin/y\n"),
            program("usr/bin/x"),
            program("usr/bin/y"),
        ],
        [whiteout("usr/bin/x")],
    )
    assert package(content, "one").files == ("usr/bin/y",)


def test_a_hard_link_into_a_lower_layer_is_read_there() -> None:
    opened: list[int] = []
    data = image(
        [[file("store/x", b"one 1")], [hardlink("a.pkg", "store/x")], [whiteout("store")]], opened=opened.append
    )
    content = read_image(data, cataloguers=LINES)
    assert where(content) == {"one 1": 1}
    assert opened == [0, 1, 2, 0]


def test_a_link_to_a_database_under_another_name_is_followed() -> None:
    content = read([file("opt/packages", b"one 1\n"), symlink("var/a.db", "/opt/packages")])
    assert where(content) == {"one 1": 0}
    assert package(content, "one").paths == ("var/a.db",)


def test_a_link_to_a_database_that_was_read_is_not_followed_again() -> None:
    opened: list[int] = []
    data = image(
        [[file("usr/a.db", b"one 1\n"), symlink("var/a.db", "/usr/a.db"), symlink("c.db", "/gone")]],
        opened=opened.append,
    )
    assert package(read_image(data, cataloguers=LINES), "one").paths == ("usr/a.db",)
    assert opened == [0]


PLACES = st.sampled_from(["a.db", "v/b.db", "v/c.pkg", "v/w/d.pkg"])
TEXTS = st.lists(st.sampled_from(["one 1", "one 2", "two 1", "six 1"]), max_size=3).map(
    lambda lines: "\n".join(lines).encode()
)
ENTRIES = st.one_of(
    st.builds(file, PLACES, TEXTS),
    st.sampled_from(["a.db", "v", "v/w", "v/c.pkg"]).map(whiteout),
    st.sampled_from(["", "v", "v/w"]).map(opaque),
    st.sampled_from(["v", "v/w"]).map(file),
)


@given(st.lists(st.lists(ENTRIES, max_size=5), min_size=1, max_size=5))
def test_the_same_layers_as_the_slow_way(layers: list[list[Entry]]) -> None:
    """After each layer: what is there. A package belongs to the layer after which it was there without a break."""
    from batten.images.layers import read_layer
    from images import builder

    slow = SlowFileSystem()
    texts: dict[tuple[int, int], str] = {}
    present: list[set[tuple[str, ...]]] = []
    for number, entries in enumerate(layers):
        facts = read_layer(builder.layer(entries).blob().open, ())
        kept = [one for one in entries if b".wh." not in one.name]
        texts |= {(number, index): one.data.decode() for index, one in enumerate(kept)}
        slow.apply(facts)
        now: set[tuple[str, ...]] = set()
        for path, node in slow.nodes.items():
            if node.kind == "f" and path.endswith((".db", ".pkg")):
                lines = texts[node.layer, node.index].splitlines()
                now |= {(line,) if path.endswith(".db") else (line, path) for line in lines}
        present.append(now)
    expected = set()
    for key in present[-1]:
        since = len(present) - 1
        while since and key in present[since - 1]:
            since -= 1
        expected.add((key, since))
    content = read(*layers)
    numbers = [layer.diff_id for layer in content.image.layers]
    found = {
        ((f"{one.name} {one.version}",) if one.type == "deb" else (f"{one.name} {one.version}", *one.paths), one.layer)
        for one in content.packages
    }
    assert found == {(key, numbers[since]) for key, since in expected}


def test_packages_of_all_layers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IMAGE_PACKAGES", 2)
    content = read(
        [file("a.pkg", b"one 1\ntwo 1\n")], [file("b.pkg", b"six 1\n")], [whiteout("a.pkg")], [file("c.pkg", b"ten 1")]
    )
    assert [one.name for one in content.packages] == ["ten"]
    assert [one.message for one in content.problems] == [
        "expected at most 2 packages, found more; those of this layer are not listed"
    ]
