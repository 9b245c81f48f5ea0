from __future__ import annotations

import io
import struct
import tarfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from batten import limits
from batten.images import tarstream, unpack
from batten.images.tarstream import Members
from batten.images.unpack import Unpacked
from batten.model.source import Unreadable
from images.builder import Entry, checksummed, file, folder, gnu_long, hardlink, header, padded, pax, symlink, tar


class Read(Struct):
    name: str
    kind: str
    data: bytes
    link: str = ""
    mode: int = 0o644
    uid: int = 0


def read(archive: bytes) -> list[Read]:
    members = Members(Unpacked(io.BytesIO(archive)))
    found = []
    for one in members:
        with members.content() as data:
            found.append(Read(one.name, one.kind, bytes(data), one.link, one.mode, one.uid))
    return found


def names(archive: bytes) -> list[str]:
    return [one.name for one in read(archive)]


def test_files_folders_and_links() -> None:
    archive = tar([folder("a"), file("a/b", b"12", uid=7), symlink("c", "a/b"), hardlink("d", "a/b")])
    assert read(archive) == [
        Read("a/", "d", b"", mode=0o755),
        Read("a/b", "f", b"12", uid=7),
        Read("c", "l", b"", "a/b", 0o777),
        Read("d", "h", b"", "a/b"),
    ]


def test_a_name_with_a_prefix() -> None:
    assert names(tar([Entry(b"name", prefix=b"one/two")])) == ["one/two/name"]


def test_the_prefix_field_of_gnu_archives_holds_something_else() -> None:
    assert names(tar([Entry(b"name", prefix=b"12345670", magic=b"ustar  \0")])) == ["name"]


def test_star_keeps_times_behind_a_shorter_prefix() -> None:
    block = bytearray(header(Entry(b"name", prefix=b"one".ljust(131, b"\0") + b"07070707070")))
    block[508:512] = b"tar\0"
    assert names(checksummed(bytes(block)) + bytes(1024)) == ["one/name"]


def test_long_names_of_gnu() -> None:
    name, link = b"n" * 300, b"l" * 400
    archive = tar([Entry(b"short", kind=b"2", link=b"x", before=gnu_long(name) + gnu_long(link, b"K"))])
    assert read(archive) == [Read("n" * 300, "l", b"", "l" * 400)]


def test_records_of_pax() -> None:
    records = {"path": b"p" * 200, "uid": b"70000", "size": b"3"}
    archive = tar([Entry(b"short", b"abc", pax=records, size=b"00000000000\0")])
    assert read(archive) == [Read("p" * 200, "f", b"abc", uid=70000)]


def test_gnu_long_names_win_over_pax_as_they_do_for_engines() -> None:
    assert names(tar([Entry(b"x", before=pax({"path": b"pax"}) + gnu_long(b"gnu"))])) == ["gnu"]


def test_a_global_header_renames_nothing() -> None:
    """Engines ignore it: a scanner that applied it would see other files than those that run."""
    archive = pax({"path": b"harmless", "size": b"0"}, b"g") + tar([file("etc/shadow", b"root")])
    assert read(archive) == [Read("etc/shadow", "f", b"root")]


def test_an_empty_record_changes_nothing() -> None:
    assert names(tar([Entry(b"x", pax={"path": b""})])) == ["x"]


def test_headers_before_a_member_hold_for_that_member_alone() -> None:
    assert names(tar([Entry(b"x", pax={"path": b"y"}), file("z")])) == ["y", "z"]


def test_numbers_in_base_256() -> None:
    assert read(tar([Entry(b"x", b"ab", size=b"\x80" + (2).to_bytes(11, "big"))])) == [Read("x", "f", b"ab")]


@pytest.mark.parametrize("size", [b"\xff" * 12, b"-0000000001\0", b"+0000000001\0", b"0_000000001\0", b"0000000009 \0"])
def test_sizes_that_are_none_end_the_reading(size: bytes) -> None:
    with pytest.raises(Unreadable, match=r"a header holds a (negative )?number"):
        read(tar([Entry(b"x", size=size)]))


def test_old_archives_mark_folders_by_a_slash() -> None:
    assert read(tar([Entry(b"x/", kind=b"\0", magic=bytes(8))])) == [Read("x/", "d", b"")]


def test_devices_and_unknown_kinds_are_others() -> None:
    archive = tar([Entry(b"null", kind=b"3"), Entry(b"odd", b"data", kind=b"Z"), file("x")])
    assert [(one.name, one.kind) for one in read(archive)] == [("null", "o"), ("odd", "o"), ("x", "f")]


def test_file_capabilities_are_noticed() -> None:
    archive = tar([Entry(b"ping", pax={"SCHILY.xattr.security.capability": b"\x01\0\0\x02" + b"\0" * 16})])
    assert [one.capability for one in Members(Unpacked(io.BytesIO(archive)))] == [True]


def test_names_are_made_printable() -> None:
    assert names(tar([Entry(b"a\xffb\nc")])) == ["a\\xffb\\nc"]


def sparse_header(size: int, stored: int, parts: list[tuple[int, int]], more: bool = False) -> bytes:
    block = bytearray(header(Entry(b"s", b"", kind=b"S", size=b"%011o\0" % stored, magic=b"ustar  \0")))
    for number, (offset, length) in enumerate(parts[:4]):
        block[386 + 24 * number : 410 + 24 * number] = b"%011o\0%011o\0" % (offset, length)
    block[482] = int(more)
    block[483:495] = b"%011o\0" % size
    return checksummed(bytes(block))


def test_old_sparse_files_are_read_with_their_holes() -> None:
    archive = sparse_header(10, 4, [(2, 3), (9, 1)]) + padded(b"abcd") + tar([file("next")])
    assert [(one.name, one.data) for one in read(archive)] == [("s", b"\0\0abc\0\0\0\0d"), ("next", b"")]


def test_old_sparse_files_with_more_pieces_than_a_header_holds() -> None:
    parts = [(2 * number, 1) for number in range(6)]
    more = b"".join(b"%011o\0%011o\0" % part for part in parts[4:]).ljust(504, b"\0") + bytes(8)
    archive = sparse_header(12, 6, parts, more=True) + more + padded(b"abcdef") + tar([file("next")])
    assert [(one.name, one.data) for one in read(archive)] == [("s", b"a\0b\0c\0d\0e\0f\0"), ("next", b"")]


@pytest.mark.parametrize(
    ("records", "data"),
    [
        ({"GNU.sparse.size": b"6", "GNU.sparse.map": b"1,2,5,1", "GNU.sparse.numblocks": b"2"}, b"abc"),
        (
            {"GNU.sparse.major": b"1", "GNU.sparse.minor": b"0", "GNU.sparse.realsize": b"6", "GNU.sparse.name": b"x"},
            padded(b"2\n1\n2\n5\n1\n") + b"abc",
        ),
    ],
)
def test_sparse_files_of_pax(records: dict[str, bytes], data: bytes) -> None:
    archive = tar([Entry(b"x", data, pax=records), file("next")])
    assert [(one.name, one.data) for one in read(archive)] == [("x", b"\0ab\0\0c"), ("next", b"")]


def test_sparse_files_of_the_first_pax_format() -> None:
    raw = b"".join(
        b"%d %s\n" % (len(text) + 4, text)
        for text in (
            b"GNU.sparse.size=6", b"GNU.sparse.offset=1", b"GNU.sparse.numbytes=2",
            b"GNU.sparse.offset=5", b"GNU.sparse.numbytes=1",
        )
    )  # fmt: skip
    archive = header(Entry(b"p", raw, b"x")) + padded(raw) + tar([file("x", b"abc")])
    assert [(one.name, one.data) for one in read(archive)] == [("x", b"\0ab\0\0c")]


@pytest.mark.parametrize("parts", [[(5, 3), (2, 1)], [(0, 999)], [(8, 4)]])
def test_maps_of_sparse_files_that_make_no_sense_are_refused(parts: list[tuple[int, int]]) -> None:
    with pytest.raises(Unreadable, match="map of a sparse file"):
        read(sparse_header(10, 4, parts) + padded(b"abcd"))


def test_a_large_member_is_mapped_and_the_next_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_MEMBER_MEMORY", 1000)
    large = bytes(range(256)) * 4000
    members = Members(Unpacked(io.BytesIO(tar([file("a", large), file("b", b"1")]))))
    for one in members:
        with members.content() as data:
            assert isinstance(data, memoryview) == (one.name == "a")
            assert bytes(data) == (large if one.name == "a" else b"1")


def test_a_large_sparse_member_is_mapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_MEMBER_MEMORY", 1000)
    archive = sparse_header(100_000, 4, [(50_000, 4)]) + padded(b"abcd") + bytes(1024)
    assert [one.data for one in read(archive)] == [bytes(50_000) + b"abcd" + bytes(49_996)]


def test_a_member_that_is_too_large_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_MEMBER_BYTES", 1000)
    with pytest.raises(Unreadable, match="it was not looked into"):
        read(sparse_header(1 << 40, 4, [(0, 4)]) + padded(b"abcd"))


def test_more_members_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAYER_MEMBERS", 2)
    with pytest.raises(Unreadable, match="expected at most 2 members"):
        read(tar([file("a"), file("b"), file("c")]))


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (b"no archive at all" * 100, "expected a tar archive"),
        (tar([file("a", b"1" * 2000)])[:1500], "ends in the middle of 'a': it is cut off"),
        (tar([file("a")])[:700], "ends in the middle of a header after 'a'"),
        (tar([file("a")])[:512] + b"x" * 512, "the header after 'a' is damaged"),
        (tar([file("a")], b"") + bytes(512) + b"x" * 512, "an empty block after 'a' is not the end"),
        (pax({"path": b"x" * 100})[:700], "cut off"),
        (header(Entry(b"p", b"", b"x", size=b"77777777777\0")), "the extended header is larger than"),
        (header(Entry(b"p", b"9 path=x\n", b"x")) + padded(b"9 path=\0\n"), "null byte"),
        (header(Entry(b"p", b"99 path=x\n", b"x")) + padded(b"99 path=x\n"), "extended header is damaged"),
    ],
)
def test_what_is_wrong_with_an_archive_is_said(archive: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read(archive)


def test_an_archive_may_end_without_its_mark() -> None:
    assert names(tar([file("a")], b"")) == ["a"]


@given(st.lists(st.tuples(st.text("ab/é", min_size=1, max_size=200), st.binary(max_size=1500)), max_size=8),
       st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))  # fmt: skip
def test_what_python_writes_is_read_as_it_was(files: list[tuple[str, bytes]], form: int) -> None:
    buffer = io.BytesIO()
    written = []
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            try:
                archive.addfile(info, io.BytesIO(data))
            except ValueError:  # too long for ustar
                continue
            written.append((name, data))
    assert [(one.name, one.data) for one in read(buffer.getvalue())] == written


@given(st.binary(max_size=600), st.integers(0, 3000), st.integers(0, 255))
def test_damaged_archives_are_read_or_refused(extra: bytes, position: int, value: int) -> None:
    archive = bytearray(tar([file("a", b"x" * 700), Entry(b"b", pax={"path": b"c"}), symlink("d", "a")]))
    archive[position % len(archive)] = value
    with suppress(Unreadable):
        read(bytes(archive) + extra)


def test_the_checksum_agrees_with_the_sum_of_bytes() -> None:
    for value in range(0, 1 << 16, 77):
        block = checksummed(struct.pack(">H", value) * 50 + bytes(412))
        assert tarstream._checksum_holds(block, block[148:156])
        broken = block[:20] + bytes([block[20] ^ 1]) + block[21:]
        assert not tarstream._checksum_holds(broken, broken[148:156])


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 2), st.booleans()), min_size=1, max_size=12),
    st.integers(1, 3000),
    st.sampled_from([1, 700, 5000]),
    st.sampled_from([100, 100_000]),
)
def test_it_does_not_matter_where_chunks_end(
    files: list[tuple[int, int, bool]], chunk: int, joined: int, memory: int
) -> None:
    """Heads, contents and headers that lie across the ends of chunks, whatever is asked for of each member."""
    archive = tar(
        [
            file(f"{number}", bytes([number]) * size, **({"pax": {"path": b"%d" % number * 150}} if long else {}))
            for number, (size, _, long) in enumerate(files)
        ]
    )
    patch = pytest.MonkeyPatch()
    patch.setattr(unpack, "_CHUNK", chunk)
    patch.setattr(tarstream, "_JOINED", joined)
    patch.setattr(limits, "LAYER_MEMBER_MEMORY", memory)
    try:
        members = Members(Unpacked(io.BytesIO(archive)))
        for number, (one, (size, asked, long)) in enumerate(zip(members, files, strict=True)):
            assert one.name == (f"{number}" * 150 if long else f"{number}")
            if asked:
                assert members.head(1000) == bytes([number]) * min(size, 1000)
            if asked == 2:
                with members.content() as data:
                    assert bytes(data) == bytes([number]) * size
    finally:
        patch.undo()
