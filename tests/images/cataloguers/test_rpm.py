from __future__ import annotations

import gzip
import shutil
import sqlite3
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten import limits
from batten.images.cataloguers import _rpm_sqlite
from batten.images.cataloguers._rpm_header import BrokenHeader, read_header
from batten.images.cataloguers._told import Losses
from batten.images.cataloguers.rpm import CATALOGUER
from batten.model.package import SourcePackage
from batten.model.source import Unreadable
from images.cataloguers.reading import by_name, read, wants

DATA = Path(__file__).parents[2] / "data" / "packages"
FORMATS = {
    "var/lib/rpm/rpmdb.sqlite": "rpmdb.sqlite.gz",
    "usr/lib/sysimage/rpm/Packages": "Packages-little-endian.gz",
    "usr/share/rpm/Packages": "Packages-big-endian.gz",
}


def database(name):
    return gzip.decompress((DATA / name).read_bytes())


@pytest.fixture(params=FORMATS.items(), ids=lambda one: one[1])
def shop(request):
    path, name = request.param
    return read(CATALOGUER, path, database(name))


def test_every_format_gives_the_same_packages(shop):
    assert shop.problem == ""
    assert {(one.type, one.name, one.version, one.qualifiers) for one in shop.packages} == {
        ("rpm", "shop", "2:1.4.0-3.el9", (("arch", "noarch"), ("epoch", "2"))),
        ("rpm", "till", "2:1.4.0-3.el9", (("arch", "noarch"), ("epoch", "2"))),
        ("rpm", "stock", "2:1.4.0-3.el9", (("arch", "noarch"), ("epoch", "2"))),
        ("rpm", "shop-libs", "7.1-3.el9", (("arch", "noarch"),)),  # its epoch is 0
    }


def test_licence_vendor_module_and_source_are_read(shop):
    packages = by_name(shop)
    assert packages["shop"].licenses == ("Apache-2.0 AND MIT",)
    assert packages["shop"].vendor == "Example Project"
    assert packages["shop"].module == "shop:1.4"
    assert packages["shop"].source == SourcePackage("shop", "2:1.4.0-3.el9")
    assert packages["shop-libs"].source == SourcePackage("shop", "1.4.0-3.el9")  # of another epoch


def test_needs_become_packages_by_name_path_and_what_is_provided(shop):
    packages = by_name(shop)
    assert set(packages["shop"].depends) == {"shop-libs", "till"}
    assert packages["till"].depends == ("shop",)
    assert packages["shop-libs"].depends == ()


def test_owned_files_are_put_together_from_folders_and_names(shop):
    assert shop.owned["shop:noarch"] == ["usr/bin/shop", "usr/share/shop/für alle"]
    assert shop.owned["shop-libs:noarch"] == ["usr/lib/shop", "usr/lib/shop/libshop.so.1"]
    assert len(shop.owned["stock:noarch"]) == 301


def test_rpm_s_own_format_is_read():
    suse = read(CATALOGUER, "usr/lib/sysimage/rpm/Packages.db", database("Packages.db.gz"))
    assert suse.problem == ""
    assert {(one.name, one.version, one.source.name) for one in suse.packages} == {
        ("libbz2-1", "1.0.6-5.11.1", "bzip2"),
        ("libgmp10", "6.1.2-4.6.1", "gmp"),
        ("liblua5_3-5", "5.3.6-3.6.1", "lua53"),
        ("rpm-config-SUSE", "1-5.6.1", "rpm-config-SUSE"),
    }
    assert "usr/lib64/libbz2.so.1" in suse.owned["libbz2-1:x86_64"]
    assert by_name(suse)["libgmp10"].licenses == ("LGPL-3.0-or-later OR GPL-2.0-or-later",)


def test_the_content_tells_the_format_whatever_the_name():
    assert len(read(CATALOGUER, "var/lib/rpm/Packages", database("rpmdb.sqlite.gz")).packages) == 4


def test_the_manifest_of_distroless_images_is_read():
    lines = (
        "busybox\t1.35.0-13.cm2\t1710000000\t1700000000\tMicrosoft Corporation\t(none)\t1200\tx86_64\t0\t"
        "busybox-1.35.0-13.cm2.src.rpm\n"
        "openssl-libs\t1.1.1k-30.cm2\t1710000000\t1700000000\tMicrosoft Corporation\t1\t1200\tx86_64\t1\t"
        "openssl-1.1.1k-30.cm2.src.rpm\n"
        "gpg-pubkey\t1-2\t0\t0\t(none)\t(none)\t0\t(none)\t0\t(none)\n"
        "half a line\n"
    )
    catalogue = read(CATALOGUER, "var/lib/rpmmanifest/container-manifest-2", lines)
    packages = by_name(catalogue)
    assert packages["busybox"].version == "1.35.0-13.cm2"
    assert packages["busybox"].vendor == "Microsoft Corporation"
    assert packages["openssl-libs"].version == "1:1.1.1k-30.cm2"
    assert packages["openssl-libs"].source == SourcePackage("openssl", "1:1.1.1k-30.cm2")
    assert list(packages) == ["busybox", "openssl-libs"]
    assert catalogue.problem == "1 package could not be read (line 4 has 1 fields where 10 are expected), 2 could"


def header(*entries, data=b""):
    """A header of (tag, type, offset, count) entries."""
    index = b"".join(struct.pack(">4I", *entry) for entry in entries)
    return struct.pack(">2I", len(entries), len(data)) + index + data


def named(name):
    data = name + b"\x001.0\x001\0"
    at = len(name)
    return header((1000, 6, 0, 1), (1001, 6, at + 1, 1), (1002, 6, at + 5, 1), data=data)


def test_keys_are_no_packages(tmp_path):
    assert [one.name for one in _of_rows(tmp_path, [named(b"gpg-pubkey"), named(b"bash")]).packages] == ["bash"]


def _of_rows(folder, blobs, page_size=4096):
    path = folder / "rpmdb.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        connection.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(one,) for one in blobs])
    connection.close()
    return read(CATALOGUER, "var/lib/rpm/rpmdb.sqlite", path.read_bytes())


@given(
    st.lists(st.integers(0, 20_000) | st.sampled_from([400, 438, 477, 478, 4061, 4062, 65501, 65502]), max_size=40),
    st.sampled_from([512, 1024, 4096, 65536]),
    st.booleans(),
)
def test_rows_are_those_that_sqlite_itself_gives(sizes, page_size, deleted):
    connection = sqlite3.connect(":memory:")
    connection.execute(f"PRAGMA page_size = {page_size}")
    connection.execute("CREATE TABLE Other (a TEXT)")
    connection.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.execute("CREATE INDEX Names ON Other (a)")
    blobs = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(one,) for one in blobs])
    if deleted:
        connection.execute("DELETE FROM Packages WHERE hnum % 3 = 0")
    connection.commit()
    expected = [row[0] for row in connection.execute("SELECT blob FROM Packages ORDER BY hnum")]
    losses = Losses()
    assert list(_rpm_sqlite.read_sqlite(connection.serialize(), losses)) == expected
    assert losses.problem(0) == ""


def test_what_stands_in_the_log_of_sqlite_only_is_read(tmp_path):
    path = tmp_path / "rpmdb.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.execute("CREATE TABLE 'Name' (key TEXT, hnum INTEGER, idx INTEGER)")
    big = read_header(named(b"big"))
    rows = [named(b"small"), named(b"big") + b"\0" * 9000, b"\0\0\0\1 no header"]
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(one,) for one in rows])
    connection.execute("INSERT INTO Name VALUES ('small', 1, 0)")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO Packages (blob) VALUES (?)", (named(b"never-committed"),))
    log = path.with_name("rpmdb.sqlite-wal").read_bytes()
    main = path.read_bytes()
    connection.close()
    catalogue = read(CATALOGUER, "var/lib/rpm/rpmdb.sqlite-wal", log)
    assert [one.name for one in catalogue.packages] == ["small", "big"]
    assert catalogue.problem == ""
    assert big.text(1001) == "1.0"
    with pytest.raises(Unreadable, match="its log may hold it"):
        read(CATALOGUER, "var/lib/rpm/rpmdb.sqlite", main)


def test_a_database_in_wal_mode_is_read_without_its_log(tmp_path):
    path = tmp_path / "rpmdb.sqlite"
    path.write_bytes(database("rpmdb.sqlite.gz"))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("DELETE FROM Packages WHERE hnum = 1")
    connection.commit()
    connection.close()
    assert path.read_bytes()[18:20] == b"\2\2"
    assert len(read(CATALOGUER, "var/lib/rpm/rpmdb.sqlite", path.read_bytes()).packages) == 3


def test_an_empty_log_tells_nothing():
    assert read(CATALOGUER, "var/lib/rpm/rpmdb.sqlite-wal", b"").problem == ""


@pytest.mark.parametrize(
    ("path", "data", "message"),
    [
        ("var/lib/rpm/rpmdb.sqlite", b"", "expected a Berkeley DB of 512 bytes or more, found 0"),
        ("var/lib/rpm/rpmdb.sqlite", _rpm_sqlite.MAGIC + b"\0" * 600, "expected pages of 512"),
        ("var/lib/rpm/Packages.db", b"RpmP\1\0\0\0" + b"\0" * 24, "expected version 0"),
        ("var/lib/rpm/Packages", b"\0" * 600, "another magic number"),
        ("var/lib/rpm/Packages", b"\0" * 12 + struct.pack("<I", 0x053162) + b"\0" * 600, "found a B-tree"),
        ("var/lib/rpm/Packages", b"\0" * 12 + struct.pack("<3I", 0x061561, 9, 77) + b"\0" * 600, "a page size"),
        ("var/lib/rpm/rpmdb.sqlite-wal", b"x" * 40, "expected a write-ahead log"),
    ],
)
def test_what_is_no_database_is_refused(path, data, message):
    with pytest.raises(Unreadable, match=message):
        read(CATALOGUER, path, data)


@pytest.mark.parametrize("name", ["rpmdb.sqlite.gz", "Packages-little-endian.gz", "Packages.db.gz"])
@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
def test_of_a_database_that_is_cut_off_the_rest_is_read(name, share):
    whole = database(name)
    cut = whole[: int(len(whole) * share) - 1]
    catalogue = read(CATALOGUER, "var/lib/rpm/Packages", cut)
    assert len(catalogue.packages) < 4 or catalogue.problem
    assert catalogue.problem


def test_a_wrong_checksum_costs_that_package_only():
    broken = bytearray(database("Packages.db.gz"))
    broken[broken.index(b"libgmp10")] ^= 0xFF
    catalogue = read(CATALOGUER, "var/lib/rpm/Packages.db", bytes(broken))
    assert len(catalogue.packages) == 3
    assert catalogue.problem == "1 package could not be read (its checksum is wrong), 3 could"


def test_blobs_that_overlap_do_not_multiply():
    """A hundred thousand slots that all lead to one large blob."""
    blob = struct.pack("<4s3I", b"BlbS", 1, 0, 100_000) + b"\0" * 100_000
    slots = b"".join(struct.pack("<4s3I", b"Slot", 1, 257, len(blob) // 16) for _ in range(254))
    data = struct.pack("<4s4I12x", b"RpmP", 0, 0, 1, 1) + slots
    data = data.ljust(257 * 16, b"\0") + blob
    assert "overlap" in read(CATALOGUER, "var/lib/rpm/Packages.db", data).problem


def test_chains_that_go_round_end():
    table = bytearray(database("Packages-little-endian.gz"))
    for page in range(1, len(table) // 4096):
        if table[page * 4096 + 25] == 7:
            struct.pack_into("<I", table, page * 4096 + 16, page)
    catalogue = read(CATALOGUER, "var/lib/rpm/Packages", bytes(table))
    assert "go round" in catalogue.problem
    assert "stock" not in by_name(catalogue)


def test_a_header_that_contradicts_itself_is_refused():
    for blob in (b"", b"\0\0\0\0\0\0\0\0", struct.pack(">2I", 1 << 31, 8), struct.pack(">2I", 1, 1 << 31) + b"\0" * 16):
        with pytest.raises(BrokenHeader):
            read_header(blob)


def test_entries_that_point_outside_are_empty():
    found = read_header(header((1000, 6, 900, 1), (1117, 8, 0, 1 << 30), (1116, 4, 0, 1 << 30), data=b"a\0b"))
    assert found.text(1000) == ""
    assert found.texts(1117, 1000) == ["a"]
    assert found.numbers(1116, 1000) == ()


def test_folders_that_are_named_a_million_times_are_bounded(monkeypatch, tmp_path):
    monkeypatch.setattr(limits, "PACKAGE_PATHS_CHARACTERS", 100_000)
    folder, count = b"d" * 4000 + b"/\0", 1000
    data = b"p\x001\x001\0" + folder + b"\0" * (2 - len(folder) % 4 + 4) + b"f\0" * count
    names = data.index(b"f\0")
    while names % 4:
        data = data[:names] + b"\0" + data[names:]
        names += 1
    data += b"\0" * 4 * count
    entries = (
        (1000, 6, 0, 1),
        (1001, 6, 2, 1),
        (1002, 6, 4, 1),
        (1118, 8, 6, 1),
        (1117, 8, names, count),
        (1116, 4, names + 2 * count, count),
    )
    catalogue = _of_rows(tmp_path, [header(*entries, data=data)])
    assert len(catalogue.owned["p"]) == 24
    assert "owned files" in catalogue.problem


def test_files_that_another_package_replaced_are_not_owned(tmp_path):
    data = b"p\x001\x001\0/b/\0x\0y\0z\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0"
    entries = (
        (1000, 6, 0, 1),
        (1001, 6, 2, 1),
        (1002, 6, 4, 1),
        (1118, 8, 6, 1),
        (1117, 8, 10, 3),
        (1116, 4, 16, 3),
        (1029, 1, 29, 3),
    )
    assert _of_rows(tmp_path, [header(*entries, data=data)]).owned == {"p": ["b/x", "b/z"]}


def test_too_many_records_are_cut_and_told(monkeypatch):
    monkeypatch.setattr(limits, "PACKAGES_PER_FILE", 2)
    catalogue = read(CATALOGUER, "var/lib/rpm/rpmdb.sqlite", database("rpmdb.sqlite.gz"))
    assert len(catalogue.packages) == 2
    assert "more than 2 records" in catalogue.problem


def test_other_files_are_not_wanted():
    for path in (
        "var/lib/rpm/Name",
        "var/lib/rpm/rpmdb.sqlite-shm",
        "srv/var/lib/rpm/Packages",
        "var/lib/rpm/Index.db",
    ):
        assert not wants(CATALOGUER, path)


@pytest.mark.skipif(not shutil.which("rpm"), reason="needs rpm")
def test_rpm_itself_gives_the_same(tmp_path):
    import subprocess

    (tmp_path / "rpmdb.sqlite").write_bytes(database("rpmdb.sqlite.gz"))
    form = "%{NAME}\t%{EPOCHNUM}\t%{VERSION}-%{RELEASE}\t%{ARCH}\t[%{FILENAMES}|]\n"
    answer = subprocess.run(
        ["rpm", "--dbpath", str(tmp_path), "-qa", "--qf", form], capture_output=True, text=True, check=True
    ).stdout
    catalogue = read(CATALOGUER, "var/lib/rpm/rpmdb.sqlite", database("rpmdb.sqlite.gz"))
    expected = []
    for line in answer.splitlines():
        name, epoch, version, architecture, files = line.split("\t")
        paths = [path.lstrip("/") for path in files.split("|")[:-1]]
        expected.append((name, version if epoch == "0" else f"{epoch}:{version}", architecture, paths))
    assert sorted(expected) == sorted(
        (one.name, one.version, dict(one.qualifiers)["arch"], catalogue.owned[f"{one.name}:noarch"])
        for one in catalogue.packages
    )


def test_a_database_of_rubbish_is_given_up_soon(monkeypatch):
    monkeypatch.setattr(limits, "PACKAGES_PER_FILE", 100)
    slots = struct.pack("<4s4I12x", b"RpmP", 0, 1, 1, 1) + struct.pack("<4s3I", b"Slop", 1, 1, 1) * 254
    with pytest.raises(Unreadable, match="more than 100 packages could not be read"):
        read(CATALOGUER, "var/lib/rpm/Packages.db", slots)


def test_names_that_are_provided_are_bounded(monkeypatch):
    monkeypatch.setattr(limits, "PACKAGE_PROVIDES_TOTAL", 0)
    catalogue = read(CATALOGUER, "var/lib/rpm/rpmdb.sqlite", database("rpmdb.sqlite.gz"))
    assert len(catalogue.packages) == 4
    assert not any(one.depends for one in catalogue.packages)


def test_a_package_says_what_it_takes_when_it_is_installed(shop):
    packages = by_name(shop)
    assert packages["shop"].size == 8


def test_a_size_of_64_bits_counts_before_the_old_one():
    both = header((1009, 4, 0, 1), (5009, 5, 4, 1), data=struct.pack(">IQ", 7, 5 << 32))
    assert read_header(both).size() == 5 << 32
    assert read_header(header((1009, 4, 0, 1), data=struct.pack(">I", 7))).size() == 7
    assert read_header(header((5009, 5, 2, 1), data=b"short")).size() == 0
