from __future__ import annotations

import gzip
import io
import lzma
import os
import random
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batten import limits
from batten.sources import OpenTarget, TargetError, open_target
from batten.sources.names import SKIPPED_DIRECTORIES, native, order

PACKINGS: dict[str, Callable[[bytes], bytes]] = {"tar": bytes, "tar.gz": gzip.compress, "tar.xz": lzma.compress}


def tar_of(members: list[tuple[str, bytes]], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def tar_with(*infos: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info in infos:
            archive.addfile(info, io.BytesIO(b"x" * info.size))
    return out.getvalue()


def info(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, link, size
    return made


def zip_of(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def streamed_zip_of(members: list[tuple[str, bytes]]) -> bytes:
    """Written to a pipe: the sizes stand behind the data."""

    class Pipe(io.RawIOBase):
        data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return pipe.data


def make(kind: str, members: list[tuple[str, bytes]]) -> bytes:
    return zip_of(members) if kind == "zip" else PACKINGS[kind](tar_of(members))


@pytest.fixture
def archive(tmp_path: Path) -> Callable[[bytes], OpenTarget]:
    def write(data: bytes, **options: object) -> OpenTarget:
        # No extension: archives are known by their first bytes.
        (tmp_path / "shop").write_bytes(data)
        return open_target(str(tmp_path / "shop"), **options)  # type: ignore[arg-type]

    return write


def is_yaml(path: str) -> bool:
    return path.endswith(".yaml")


def read(opened: OpenTarget, wanted: Callable[[str], bool] | None = is_yaml) -> dict[str, bytes]:
    return {entry.path: entry.read().data for entry in opened.entries(wanted)}


def told(opened: OpenTarget) -> dict[str, str]:
    return {problem.path: problem.message for problem in opened.problems}


KINDS = ["tar", "tar.gz", "tar.xz", "zip"]
every_kind = pytest.mark.parametrize("kind", KINDS)
Archive = Callable[..., OpenTarget]


@every_kind
def test_entries_of_an_archive_come_sorted_and_whole(archive: Archive, kind: str) -> None:
    members = [("shop/z.yaml", b"z" * 9000), ("./shop/a/b.yaml", b"b"), ("shop/main.go", b"go"), ("shop/a.yaml", b"")]
    with archive(make(kind, members)) as opened:
        assert opened.target.kind == "archive"
        entries = list(opened.entries(is_yaml))
        assert [(entry.path, entry.size) for entry in entries] == [
            ("shop/a/b.yaml", 1),
            ("shop/a.yaml", 0),
            ("shop/z.yaml", 9000),
        ]
        assert entries[2].head() == b"z" * limits.SNIFF_BYTES
        assert entries[0].read().directory == "shop/a"
        assert opened.problems == []


@every_kind
def test_the_last_of_several_members_with_one_name_wins(archive: Archive, kind: str) -> None:
    with pytest.warns(UserWarning, match="Duplicate") if kind == "zip" else _no_warning():
        data = make(kind, [("a.yaml", b"old"), ("b.yaml", b"b"), ("./a.yaml" if kind != "zip" else "a.yaml", b"new")])
    assert read(archive(data)) == {"a.yaml": b"new", "b.yaml": b"b"}


class _no_warning:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


@every_kind
def test_names_that_lead_out_are_refused_and_told(archive: Archive, kind: str) -> None:
    opened = archive(
        make(kind, [("../a.yaml", b"1"), ("/etc/b.yaml", b"2"), ("x/../../c.yaml", b"3"), ("d.yaml", b"4")])
    )
    assert read(opened) == {"d.yaml": b"4"}
    assert sorted(told(opened)) == ["../a.yaml", "/etc/b.yaml", "x/../../c.yaml"]


@every_kind
def test_second_files_are_found_inside_and_nowhere_else(archive: Archive, kind: str) -> None:
    opened = archive(make(kind, [("s/a.yaml", b"a"), ("s/env/web.env", b"E=1"), ("s/env/b.txt", b"t")]))
    found = opened.files.get("s/k8s/../env/web.env")
    assert found is not None
    assert (found.path, found.directory, found.data) == ("s/env/web.env", "s/env", b"E=1")
    assert opened.files.get("s/env/b.txt") is not None
    assert opened.files.names("s/env") == ["b.txt", "web.env"]
    assert opened.files.names("") == []
    assert opened.files.get("../../etc/passwd") is None
    assert opened.files.get("/etc/passwd") is None
    assert read(opened) == {"s/a.yaml": b"a"}


@every_kind
def test_what_is_excluded_or_made_by_tools_is_passed_over(archive: Archive, kind: str) -> None:
    names = ["a.yaml", "old/b.yaml", "x/node_modules/c.yaml", ".git/d.yaml", "x/e.yaml"]
    assert set(read(archive(make(kind, [(name, b"") for name in names]), exclude=["old/"]))) == {"a.yaml", "x/e.yaml"}


@pytest.mark.parametrize("packing", list(PACKINGS))
def test_a_truncated_tar_gives_what_comes_before_the_cut(archive: Archive, packing: str) -> None:
    noise = random.Random(1)
    members = [(f"{number}.yaml", noise.randbytes(3000)) for number in range(9)]
    whole = PACKINGS[packing](tar_of(members))
    opened = archive(whole[: len(whole) // 2])
    got = read(opened)
    assert 2 <= len(got) <= 5
    assert all(got[name] == data for name, data in members if name in got)
    assert "cut off" in told(opened)["."]
    assert opened.problems[0].severe


def test_a_tar_without_the_mark_of_its_end_is_read_and_told_mildly(archive: Archive) -> None:
    whole = tar_of([("a.yaml", b"a")])
    opened = archive(whole[:1024])
    assert read(opened) == {"a.yaml": b"a"}
    assert [problem.severe for problem in opened.problems] == [False]


@pytest.mark.parametrize("write", [zip_of, streamed_zip_of])
def test_a_truncated_zip_gives_what_comes_before_the_cut(
    archive: Archive, write: Callable[[list[tuple[str, bytes]]], bytes]
) -> None:
    noise = random.Random(1)
    members = [(f"{number}.yaml", noise.randbytes(3000) + b"0" * 500) for number in range(9)]
    whole = write(members)
    opened = archive(whole[: len(whole) // 2])
    got = read(opened)
    assert 3 <= len(got) <= 5
    assert all(got[name] == data for name, data in members if name in got)
    assert told(opened) == {".": f"the zip archive is cut off in '{len(got)}.yaml'; what comes before was read"}


def test_a_zip_without_its_directory_is_told_once(archive: Archive) -> None:
    whole = zip_of([("a.yaml", b"a"), ("b.yaml", b"b")])
    opened = archive(whole[: whole.index(b"PK\x01\x02") + 20])
    assert read(opened) == {"a.yaml": b"a", "b.yaml": b"b"}
    assert told(opened) == {".": "the end of the zip archive is missing: it is cut off; what comes before was read"}


def test_a_damaged_member_is_told_and_the_rest_is_read(archive: Archive) -> None:
    data = bytearray(zip_of([("a.yaml", b"a" * 50), ("b.yaml", b"b")], zipfile.ZIP_STORED))
    data[40] ^= 1
    opened = archive(bytes(data))
    assert read(opened) == {"b.yaml": b"b"}
    assert told(opened) == {"a.yaml": "damaged: the checksum does not hold"}


def test_a_damaged_header_ends_the_tar_with_a_problem(archive: Archive) -> None:
    data = bytearray(tar_of([("a.yaml", b"a"), ("b.yaml", b"b")]))
    data[1024] ^= 1
    opened = archive(bytes(data))
    assert read(opened) == {"a.yaml": b"a"}
    assert told(opened) == {".": "the header after 'a.yaml' is damaged; the rest was not looked at"}


def test_an_encrypted_member_is_told(archive: Archive) -> None:
    data = bytearray(zip_of([("a.yaml", b"a"), ("b.yaml", b"b")], zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    opened = archive(bytes(data))
    assert read(opened) == {"b.yaml": b"b"}
    assert told(opened)["a.yaml"].startswith("encrypted; unpack")


def test_an_unknown_compression_method_is_told(archive: Archive) -> None:
    opened = archive(zip_of([("a.yaml", b"a" * 99)], zipfile.ZIP_LZMA))
    assert read(opened) == {}
    assert "compression method 14" in told(opened)["a.yaml"]


def test_a_gzip_file_that_holds_no_tar_is_told(archive: Archive) -> None:
    opened = archive(gzip.compress(b"apiVersion: v1\n" * 100))
    assert read(opened) == {}
    assert told(opened)["."].startswith("expected a tar archive, found other data")


def test_nested_archives_are_not_opened(archive: Archive) -> None:
    assert read(archive(tar_of([("inner.tar", tar_of([("a.yaml", b"a")])), ("b.yaml", b"b")]))) == {"b.yaml": b"b"}


# --- links and special members of a tar --------------------------------------------------------------


def test_links_in_a_tar_are_resolved_inside_and_refused_outside(archive: Archive) -> None:
    opened = archive(
        tar_with(
            info("s/real.env", size=3),
            info("s/soft.env", tarfile.SYMTYPE, "real.env"),
            info("s/hard.env", tarfile.LNKTYPE, "s/real.env"),
            info("s/out.yaml", tarfile.SYMTYPE, "../../etc/passwd"),
            info("s/root.yaml", tarfile.SYMTYPE, "/etc/passwd"),
            info("s/loop.env", tarfile.SYMTYPE, "loop.env"),
            info("s/dev.yaml", tarfile.CHRTYPE),
            info("s/pipe.yaml", tarfile.FIFOTYPE),
        )
    )
    assert read(opened) == {}
    assert sorted(told(opened)) == ["s/out.yaml", "s/root.yaml"]
    for name in ("s/soft.env", "s/hard.env"):
        found = opened.files.get(name)
        assert found is not None
        assert found.data == b"xxx"
    assert opened.files.get("s/loop.env") is None


def test_a_link_that_replaces_a_file_hides_it(archive: Archive) -> None:
    opened = archive(tar_with(info("a.yaml", size=2), info("a.yaml", tarfile.SYMTYPE, "b")))
    assert read(opened) == {}


# --- bombs -------------------------------------------------------------------------------------------


def test_a_member_of_a_thousand_to_one_is_told(archive: Archive) -> None:
    opened = archive(zip_of([("bomb.yaml", b"a" * (8 * limits.MIB)), ("a.yaml", b"a")]))
    assert read(opened) == {"a.yaml": b"a"}
    assert "a bomb" in told(opened)["bomb.yaml"]


@pytest.mark.parametrize("packing", ["tar.gz", "tar.xz"])
def test_a_packed_tar_of_a_thousand_to_one_is_told(archive: Archive, packing: str) -> None:
    data = tar_of([("a.yaml", b"a"), ("zeros", bytes(64 * limits.MIB)), ("b.yaml", b"b")])
    opened = archive(PACKINGS[packing](data))
    assert read(opened) == {"a.yaml": b"a"}
    assert "a bomb" in told(opened)["."]


def test_a_member_that_says_it_is_small_and_is_not_is_cut_at_what_it_says(archive: Archive) -> None:
    data = bytearray(zip_of([("a.yaml", b"a" * 5000)]))
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = (10).to_bytes(4, "little")
    opened = archive(bytes(data))
    assert read(opened) == {}
    assert told(opened) == {"a.yaml": "expected 10 bytes, found 11: the archive is cut off or damaged"}


@every_kind
def test_a_member_that_is_too_large_is_told(archive: Archive, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILE_BYTES", 100)
    monkeypatch.setattr(limits, "ARCHIVE_RATIO", 10**6)
    opened = archive(make(kind, [("a.yaml", b"a" * 101), ("b.bin", b"b" * 101), ("c.yaml", b"c")]))
    assert read(opened) == {"c.yaml": b"c"}
    assert list(told(opened)) == ["a.yaml"]


@every_kind
def test_the_sum_of_what_is_read_is_bounded_by_wanted_files_alone(
    archive: Archive, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ARCHIVE_BYTES", 100)
    opened = archive(make(kind, [("x.png", bytes(500)), ("a.yaml", b"a" * 60), ("b.yaml", b"b" * 60), ("y.png", b"")]))
    assert read(opened) == {"a.yaml": b"a" * 60}
    assert list(told(opened)) == ["b.yaml"]


@every_kind
def test_members_above_the_limit_are_not_looked_at(
    archive: Archive, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ARCHIVE_MEMBERS", 3)
    opened = archive(make(kind, [(f"{number}.yaml", b"") for number in range(5)]))
    assert sorted(read(opened)) == ["0.yaml", "1.yaml", "2.yaml"]
    assert told(opened) == {".": "expected at most 3 members, found more; the rest was not looked at"}


def test_a_long_name_of_a_gigabyte_is_not_held_in_memory(archive: Archive) -> None:
    header = info("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    header.size = 1 << 30
    data = tar_of([("a.yaml", b"a")])[:1024] + header.tobuf(tarfile.GNU_FORMAT) + bytes(4096)
    opened = archive(data)
    assert read(opened) == {"a.yaml": b"a"}
    assert "larger than 65,536 bytes" in told(opened)["."]


def test_an_xz_stream_that_asks_for_much_memory_is_refused(archive: Archive) -> None:
    # The header alone says how much the decoder has to ask for.
    packed = lzma.LZMACompressor(lzma.FORMAT_XZ, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 64 * limits.MIB}])
    data = bytearray(packed.compress(tar_of([("a.yaml", b"a")])) + packed.flush())
    size_byte = 12 + 4  # block header: size, flags, filter id, size of properties, dictionary size
    assert data[size_byte - 2] == 0x21
    data[size_byte] = 36  # 1 GiB (xz-file-format 5.3.1)
    end = 12 + data[12] * 4
    data[end : end + 4] = zlib.crc32(data[12:end]).to_bytes(4, "little")
    opened = archive(bytes(data))
    assert read(opened) == {}
    assert "memory" in told(opened)["."]


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts differently elsewhere")
def test_memory_stays_bounded_on_a_zip_of_a_hundred_thousand_members(tmp_path: Path) -> None:
    names = [f"d{number % 100}/{number}.yaml".encode() for number in range(100_000)]
    local = b"".join(_local(name) for name in names)
    offsets, at = [], 0
    for name in names:
        offsets.append(at)
        at += 30 + len(name)
    central = b"".join(_central(name, offset) for name, offset in zip(names, offsets, strict=True))
    end = b"PK\x06\x06" + (44).to_bytes(8, "little") + bytes(12) + (100_000).to_bytes(8, "little") * 2
    end += len(central).to_bytes(8, "little") + len(local).to_bytes(8, "little")
    locator = b"PK\x06\x07" + bytes(4) + (len(local) + len(central)).to_bytes(8, "little") + b"\x01\0\0\0"
    tail = b"PK\x05\x06" + bytes(4) + b"\xff" * 12 + bytes(2)
    path = tmp_path / "many.zip"
    path.write_bytes(local + central + end + locator + tail)
    with zipfile.ZipFile(path) as judge:
        assert len(judge.infolist()) == 100_000
    script = (
        "import re, sys; from batten.sources import open_target; opened = open_target(sys.argv[1])\n"
        "count = sum(1 for _ in opened.entries())\n"
        # ru_maxrss would count what the parent used before the exec
        "peak = int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1024\n"
        "print(count, opened.problems[0].message[:30], peak, sep='|')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    count, message, memory = done.stdout.strip().split("|")
    assert (count, message) == ("5000", "expected at most 5,000 files t")
    assert int(memory) < 256


def _local(name: bytes) -> bytes:
    return b"PK\x03\x04" + bytes(22) + len(name).to_bytes(2, "little") + bytes(2) + name


def _central(name: bytes, offset: int) -> bytes:
    return b"PK\x01\x02" + bytes(24) + len(name).to_bytes(2, "little") + bytes(12) + offset.to_bytes(4, "little") + name


def test_a_member_that_is_said_to_stand_beyond_any_file_is_told(archive: Archive) -> None:
    data = bytearray(zip_of([("a.yaml", b"a"), ("b.yaml", b"b")], zipfile.ZIP_STORED))
    central = data.index(b"PK\x01\x02")
    wide = b"\x01\0\x08\0" + b"\xff" * 8
    data[central + 42 : central + 46] = b"\xff" * 4
    data[central + 30 : central + 32] = len(wide).to_bytes(2, "little")
    data[central + 52 : central + 52] = wide
    end = data.index(b"PK\x05\x06")
    data[end + 12 : end + 16] = (end - central).to_bytes(4, "little")
    opened = archive(bytes(data))
    assert read(opened) == {"b.yaml": b"b"}
    assert told(opened) == {"a.yaml": "the member is not where the directory of the zip archive says"}


def test_a_zip_with_a_huge_directory_is_refused(archive: Archive) -> None:
    tail = b"PK\x05\x06" + bytes(8) + (17 * limits.MIB).to_bytes(4, "little") + bytes(6)
    opened = archive(b"PK\x03\x04" + bytes(17 * limits.MIB) + tail)
    assert read(opened) == {}
    assert "directory of at most 16 MiB" in told(opened)["."]


# --- how a target is named -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "found"), [(b"BZh91AY", "a bzip2"), (b"\x28\xb5\x2f\xfd0", "a Zstandard"), (b"apiVersion", "another file")]
)
def test_other_files_are_refused_by_what_they_are(tmp_path: Path, data: bytes, found: str) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(TargetError, match=f"expected a .tar, .tar.gz.*found {found}"):
        open_target(f"archive:{tmp_path}/x")


def test_an_archive_gives_its_file_back_when_it_is_closed(archive: Archive) -> None:
    with archive(gzip.compress(tar_of([("a.yaml", b"a")]))) as opened:
        (entry,) = opened.entries()
    opened.close()
    assert entry.read().data == b"a"


# --- against the standard library's readers ---------------------------------------------------------------

parts = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0\\\n", exclude_categories=["C"]), min_size=1, max_size=8
)
member_names = st.lists(
    parts.filter(lambda part: part not in (".", "..") and part not in SKIPPED_DIRECTORIES and part[1:] != ":"),
    min_size=1,
    max_size=3,
).map("/".join)
long_names = st.builds(lambda name, times: "/".join([name] * times), member_names, st.sampled_from([1, 1, 20, 60]))
contents = st.lists(st.tuples(long_names, st.binary(max_size=2000)), max_size=8)


@given(
    members=contents,
    form=st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    packing=st.sampled_from(sorted(PACKINGS)),
)
@settings(max_examples=60, deadline=None)
def test_random_tars_read_as_the_standard_library_reads_them(
    tmp_path_factory: pytest.TempPathFactory, members: list[tuple[str, bytes]], form: int, packing: str
) -> None:
    try:
        plain = tar_of(members, form)
    except ValueError:  # ustar cannot hold the name
        return
    with tarfile.open(fileobj=io.BytesIO(plain)) as judge:
        expected = {}
        for member in judge:
            found = judge.extractfile(member)
            assert found is not None
            expected[member.name] = found.read()
    _compare(tmp_path_factory, PACKINGS[packing](plain), expected)


@given(
    members=contents,
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    before=st.binary(max_size=9),
    comment=st.binary(max_size=9).filter(lambda comment: b"PK" not in comment),  # the judge looks no further
)
@settings(max_examples=60, deadline=None)
def test_random_zips_read_as_the_standard_library_reads_them(
    tmp_path_factory: pytest.TempPathFactory,
    members: list[tuple[str, bytes]],
    method: int,
    before: bytes,
    comment: bytes,
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.comment = comment
        for name, data in dict(members).items():
            if name[1:2] != ":":  # `C:x` names a drive and is refused
                archive.writestr(name, data)
    # Something may stand before the archive (a program that unpacks it).
    data = out.getvalue() if not members else b"PK\x03\x04" + before + out.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as judge:
        expected = {member.filename: judge.read(member) for member in judge.infolist()}
    _compare(tmp_path_factory, data, expected)


def _compare(tmp_path_factory: pytest.TempPathFactory, data: bytes, expected: dict[str, bytes]) -> None:
    path = tmp_path_factory.mktemp("archive") / "x"
    path.write_bytes(data)
    if not expected and not data.startswith(b"PK"):
        return
    with open_target(f"archive:{path}" if expected else str(path)) as opened:
        got = read(opened, lambda name: True)
        assert {native(name): data for name, data in got.items()} == expected
        assert opened.problems == []
        assert list(got) == sorted(got, key=order)


def test_an_archive_of_far_too_many_files_is_told_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ARCHIVE_MEMBERS", limits.ARCHIVE_READ + 1)
    members = [(f"{number}.yaml", b"a") for number in range(limits.ARCHIVE_READ + 2)]
    with archive(zip_of(members)) as opened:
        assert len(list(opened.entries(is_yaml))) == limits.ARCHIVE_READ
        assert [one.message.partition(",")[0] for one in opened.problems] == ["expected at most 5"]


def test_so_many_files_of_an_archive_are_judged_and_no_more(archive: Archive) -> None:
    members = [(f"{number}.yaml", b"a") for number in range(limits.ARCHIVE_READ + 1)]
    with archive(zip_of([*members, ("b.txt", b"b")])) as opened:
        assert len(list(opened.entries(is_yaml))) == limits.ARCHIVE_READ
        found = "expected at most 5,000 files to read in an archive, found more"
        assert told(opened) == {".": f"{found}; unpack it and scan the folder to have the rest judged"}
    with archive(zip_of([*members[:-1], ("b.txt", b"b")])) as opened:
        assert len(list(opened.entries(is_yaml))) == limits.ARCHIVE_READ
        assert opened.problems == []


@pytest.mark.parametrize("data", [b"kind: Pod\n", b"kind: Pod\n" * 200])
def test_a_file_that_was_only_compressed_is_no_archive_that_was_cut_off(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "pod.yaml.gz"
    path.write_bytes(gzip.compress(data))
    with open_target(f"archive:{path}") as opened:
        assert list(opened.entries()) == []
        [problem] = opened.problems
    assert problem.message == "expected a tar archive, found other data; unpack the file and scan what comes out"
