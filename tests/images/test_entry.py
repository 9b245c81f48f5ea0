from __future__ import annotations

import struct
from typing import Any

import pytest

from batten.images import ImageContent, reach, read_image
from batten.images.cataloguers import Catalogue, LayerFile
from batten.model.package import Package
from images.builder import Entry, file, folder, image, program, symlink
from images.cataloguing import LINES


def elf(interpreter: str = "", needed: tuple[str, ...] = (), runpath: str = "") -> bytes:
    """A 64-bit little-endian ELF file of program headers, a dynamic section and its strings."""
    strings, offsets = b"\0", {}
    for text in (*needed, *filter(None, [runpath])):
        offsets[text] = len(strings)
        strings += text.encode() + b"\0"
    loader = interpreter.encode() + b"\0"
    entries = [(1, offsets[text]) for text in needed] + ([(29, offsets[runpath])] if runpath else [])
    at = 64 + 3 * 56
    dynamic_at, strings_at = at, at + 16 * (len(entries) + 2)
    loader_at = strings_at + len(strings)
    size = loader_at + len(loader)
    dynamic = b"".join(struct.pack("<qQ", *one) for one in [*entries, (5, 0x1000 + strings_at), (0, 0)])
    headers = [(1, 0, 0x1000, size), (2, dynamic_at, 0x1000 + dynamic_at, len(dynamic))]
    headers.append((3, loader_at, 0, len(loader)) if interpreter else (0, 0, 0, 0))
    segments = b"".join(struct.pack("<IIQQQQQQ", kind, 4, o, a, a, n, n, 8) for kind, o, a, n in headers)
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head = ident + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 3, 0, 0, 0)
    return head + segments + dynamic + strings + loader


def read(entries: list[Entry], **config: Any) -> ImageContent:
    return read_image(image([entries], **config), cataloguers=LINES)


def reached(entries: list[Entry], **config: Any) -> set[str]:
    return set(read(entries, **config).image.entry_files)


def test_a_program_is_found_through_path() -> None:
    entries = [program("usr/local/bin/web"), program("opt/web")]
    assert reached(entries, Cmd=["web"]) == {"usr/local/bin/web"}
    assert reached(entries, Cmd=["web"], Env=["PATH=/opt"]) == {"opt/web"}
    assert reached(entries, Entrypoint=["/opt/web"], Cmd=["-x"]) == {"opt/web"}
    assert reached(entries, Cmd=["./web"], WorkingDir="/opt") == {"opt/web"}


def test_links_on_the_way_are_followed() -> None:
    entries = [symlink("bin", "usr/bin"), symlink("usr/bin/web", "/etc/alternatives/web"),
               symlink("etc/alternatives/web", "../../opt/web"), program("opt/web")]  # fmt: skip
    assert reached(entries, Cmd=["/bin/web"]) == {"opt/web"}


def test_interpreter_and_libraries_of_a_program() -> None:
    entries = [
        program("usr/sbin/nginx", elf("/lib64/ld.so.2", ("libssl.so.3", "libc.so.6"))),
        program("usr/lib/x86_64-linux-gnu/libssl.so.3.0", elf(needed=("libcrypto.so.3", "libc.so.6"))),
        symlink("usr/lib/x86_64-linux-gnu/libssl.so.3", "libssl.so.3.0"),
        file("usr/lib/x86_64-linux-gnu/libcrypto.so.3", elf()),
        file("usr/lib/x86_64-linux-gnu/libc.so.6", elf()),
        file("usr/lib/x86_64-linux-gnu/libxml2.so.2", elf()),
        symlink("lib", "usr/lib"),
        symlink("lib64", "usr/lib/x86_64-linux-gnu"),
        file("usr/lib/x86_64-linux-gnu/ld.so.2", elf()),
    ]
    folder_of = "usr/lib/x86_64-linux-gnu/"
    assert reached(entries, Cmd=["nginx"]) == {
        "usr/sbin/nginx",
        *(folder_of + name for name in ("ld.so.2", "libssl.so.3.0", "libcrypto.so.3", "libc.so.6")),
    }


def test_libraries_beside_the_program_in_search_paths_and_in_ld_so_conf() -> None:
    entries = [
        program("opt/app/bin/web", elf(needed=("liba.so", "libb.so", "libc.so"), runpath="$ORIGIN/../lib")),
        file("opt/app/lib/liba.so", elf()),
        file("usr/lib/liba.so", elf()),
        file("srv/more/libb.so", elf()),
        file("opt/conf/libc.so", elf()),
        file("etc/ld.so.conf.d/x.conf", b"# a comment\n/opt/conf\n"),
    ]
    found = reached(entries, Cmd=["/opt/app/bin/web"], Env=["LD_LIBRARY_PATH=/srv/more"])
    assert found == {"opt/app/bin/web", "opt/app/lib/liba.so", "srv/more/libb.so", "opt/conf/libc.so"}


def test_scripts_their_interpreters_and_their_commands() -> None:
    text = b'#!/bin/sh\nset -e\nif [ -n "$X" ]; then\n  exec gosu web /usr/sbin/web --now\nfi\nmigrate && exec "$@"\n'
    entries = [program("docker-entrypoint.sh", text), program("bin/sh"), program("usr/bin/gosu", b"x"),
               program("usr/sbin/web", b"x"), program("usr/bin/migrate", b"x"), program("usr/bin/nginx", b"x"),
               program("usr/bin/other", b"x")]  # fmt: skip
    assert reached(entries, Entrypoint=["/docker-entrypoint.sh"], Cmd=["nginx", "-g", "daemon off;"]) == {
        "docker-entrypoint.sh", "bin/sh", "usr/bin/gosu", "usr/sbin/web", "usr/bin/migrate", "usr/bin/nginx",
    }  # fmt: skip


def test_the_shell_form_of_a_command() -> None:
    entries = [program("bin/sh"), program("usr/bin/one"), program("usr/bin/two"), program("usr/bin/three")]
    assert reached(entries, Cmd=["/bin/sh", "-c", "X=1 one --quick && exec two"]) == {
        "bin/sh",
        "usr/bin/one",
        "usr/bin/two",
    }


def test_wrappers_and_env() -> None:
    entries = [program("usr/bin/tini"), program("usr/bin/web", b"#!/usr/bin/env -S python3 -u\n"),
               program("usr/bin/env", b"x"),
               program("usr/bin/python3", b"x")]  # fmt: skip
    found = reached(entries, Entrypoint=["tini", "--"], Cmd=["web"])
    assert found == {"usr/bin/tini", "usr/bin/web", "usr/bin/env", "usr/bin/python3"}


PYTHON = [
    folder("srv"),
    program("usr/bin/python3", b"x"),
    file("srv/app.py", b"import flask\nfrom shop import cart\nfrom . import local\n"),
    file("srv/shop/__init__.py", b""),
    file("srv/shop/cart.py", b"import yaml as y, requests\n"),
    file("usr/lib/python3/site-packages/yaml/__init__.py", b"import secret_thing"),
    file("a.owns", b"PyYAML usr/lib/python3/site-packages/yaml/__init__.py\n"),
    file("a.pkg", b"PyYAML 6\nflask 2\nrequests 2\ndjango 4\n"),
]


@pytest.mark.parametrize(
    "command",
    [["python3", "app.py"], ["python3", "-m", "app"], ["python3", "/srv/app.py"], ["python3", "x:y", "app:flask"]],
)
def test_own_code_of_python_and_what_it_imports(command: list[str]) -> None:
    content = read(PYTHON, Cmd=command, WorkingDir="/srv")
    assert {"srv/app.py", "srv/shop/cart.py"} <= set(content.image.entry_files)
    assert {(one.name, reach(one, content)) for one in content.packages} == {
        ("PyYAML", "imported"), ("flask", "imported"), ("requests", "imported"), ("django", "present"),
    }  # fmt: skip


def test_what_a_package_needs_is_imported_with_it() -> None:
    class Needs:
        name = "needs"
        version = 1

        def wants(self, file: LayerFile) -> bool:
            return file.path == "list"

        def read(self, file: LayerFile, data: Any) -> Catalogue:
            needs = {"express": ("@scope/one", "two"), "one": ("express",), "two": (), "free": ()}
            found = [
                Package(
                    type="npm", namespace="@scope" if name == "one" else "", name=name, version="1", depends=depends
                )
                for name, depends in needs.items()
            ]
            return Catalogue([*found, Package(type="npm", name="one", version="1")])

    text = b"const e = require('express/lib/x')\nimport fs from 'node:fs'\nimport './own.js'\n"
    entries = [
        program("usr/bin/node", b"x"),
        file("srv/index.js", text),
        file("srv/node_modules/free/index.js"),
        file("list"),
    ]
    content = read_image(image([entries], Cmd=["node", "index.js"], WorkingDir="/srv"), cataloguers=(Needs(),))
    assert {(one.namespace, one.name): reach(one, content) for one in content.packages} == {
        ("", "express"): "imported", ("@scope", "one"): "imported", ("", "two"): "imported",
        ("", "free"): "present", ("", "one"): "present",
    }  # fmt: skip


def test_a_package_whose_file_runs_is_linked() -> None:
    entries = [
        program("usr/bin/web", b"x"),
        program("usr/bin/other", b"x"),
        file("a.db", b"web 1\nother 1\nunlisted 1\n"),
        file("a.owns", b"web /usr/bin/web\nother /usr/bin/other\n"),
    ]
    content = read(entries, Cmd=["web"])
    assert {one.name: reach(one, content) for one in content.packages} == {
        "web": "linked",
        "other": "present",
        "unlisted": "unknown",
    }


def test_without_a_program_nothing_is_known() -> None:
    content = read([file("a.db", b"web 1\n")])
    assert [reach(one, content) for one in content.packages] == ["unknown"]
    content = read([file("a.db", b"web 1\n")], Cmd=["missing"])
    assert [reach(one, content) for one in content.packages] == ["unknown"]


def test_where_the_program_is_not_there_its_arguments_tell_nothing() -> None:
    entries = [file("app/app.py", b"import one\n"), file("usr/lib/one.pkg", b"one 1"), program("usr/bin/python3")]
    content = read(entries, Cmd=["gunicorn", "app:app"], WorkingDir="/app")
    assert content.image.entry_files == ()
    assert {reach(one, content) for one in content.packages} == {"unknown"}


def test_class_paths() -> None:
    entries = [
        program("usr/bin/java", b"x"),
        file("app/a.jar"),
        file("app/lib/b.jar"),
        file("app/lib/c.txt"),
        file("d.jar"),
    ]
    found = reached(entries, Cmd=["java", "-cp", "/app/a.jar:/d.jar", "/app/lib/*", "Main"])
    assert found == {"usr/bin/java", "app/a.jar", "d.jar", "app/lib/b.jar"}


def test_loops_of_scripts_end() -> None:
    entries = [
        program("bin/a", b"#!/bin/b\n"),
        program("bin/b", b"#!/bin/a\n"),
        program("bin/c", elf(needed=("c", "../bin/c"))),
    ]
    assert reached(entries, Cmd=["a", "c"]) == {"bin/a", "bin/b", "bin/c"}


def test_the_file_that_the_container_begins_with_is_listed() -> None:
    content = read([Entry(b"usr/bin/web", b"x", mode=0o777, uid=1000)], Cmd=["web"])
    assert [(one.path, one.kind, one.mode, one.uid) for one in content.image.files] == [
        ("usr/bin/web", "executable", 0o777, 1000),
        ("usr/bin/web", "world-writable", 0o777, 1000),
    ]


def test_the_code_of_packages_is_not_own_code() -> None:
    entries = [
        program("usr/bin/python3", b"x"),
        file("srv/app.py", b"import one\n"),
        file("srv/tool.js", b"require('three')\n"),
        program("srv/node_modules/webpack/bin/webpack.js", b"#!/usr/bin/env node\nrequire('two')\n"),
        program("srv/venv/lib/python3/site-packages/x/cli.py", b"#!/usr/bin/python3\nimport two\n"),
        file("a.pkg", b"one 1\ntwo 1\n"),
    ]
    content = read(entries, Cmd=["python3", "app.py"], WorkingDir="/srv")
    assert content.imported == {("pypi", "one")}
    assert set(content.image.entry_files) == {"usr/bin/python3", "srv/app.py"}


def test_python_loads_the_compiled_modules_of_its_own_library() -> None:
    lib = "usr/lib/x86_64-linux-gnu"
    entries = [
        program("usr/bin/python3.11", b"x"),
        symlink("usr/bin/python3", "python3.11"),
        file("usr/lib/python3.11/lib-dynload/_ssl.so", elf(needed=("libssl.so.3",))),
        file("usr/lib/python3.12/lib-dynload/_curses.so", elf(needed=("libncurses.so.6",))),
        file(f"{lib}/libssl.so.3", elf()),
        file(f"{lib}/libncurses.so.6", elf()),
    ]
    assert reached(entries, Cmd=["python3", "-m", "http.server"]) == {
        "usr/bin/python3.11", "usr/lib/python3.11/lib-dynload/_ssl.so", f"{lib}/libssl.so.3"
    }  # fmt: skip


def test_java_loads_the_libraries_beside_it_and_nothing_else_of_the_system() -> None:
    entries = [
        program("opt/java/bin/java", b"x"),
        file("opt/java/lib/libawt.so", elf(needed=("libfreetype.so.6",))),
        file("usr/lib/libfreetype.so.6", elf()),
        program("usr/bin/java", b"x"),
        file("usr/lib/liblost.so", elf()),
    ]
    found = reached(entries, Cmd=["/opt/java/bin/java"])
    assert found == {"opt/java/bin/java", "opt/java/lib/libawt.so", "usr/lib/libfreetype.so.6"}
    assert reached(entries, Cmd=["/usr/bin/java"]) == {"usr/bin/java"}


def test_what_a_compiled_module_of_an_imported_package_links_is_reached() -> None:
    entries = [
        program("usr/bin/python3", b"x"),
        file("srv/app.py", b"import psycopg2\n"),
        file("a.pkg", b"psycopg2 2.9\n"),
        file("a.owns", b"psycopg2 usr/lib/python3/site-packages/psycopg2/_psycopg.so\n"),
        file("usr/lib/python3/site-packages/psycopg2/_psycopg.so", elf(needed=("libpq.so.5",))),
        file("usr/lib/libpq.so.5", elf()),
    ]
    assert "usr/lib/libpq.so.5" in reached(entries, Cmd=["python3", "/srv/app.py"])
    assert "usr/lib/libpq.so.5" not in reached(entries, Cmd=["python3", "-c", "1"])
