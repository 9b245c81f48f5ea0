from __future__ import annotations

import json

import pytest

from batten.images.cataloguers.dotnet import CATALOGUER
from batten.model.source import Unreadable
from images.cataloguers.reading import by_name, read

SHOP = {
    "runtimeTarget": {"name": ".NETCoreApp,Version=v8.0/linux-x64", "signature": ""},
    "targets": {
        ".NETCoreApp,Version=v8.0": {},
        ".NETCoreApp,Version=v8.0/linux-x64": {
            "Shop/1.0.0": {"dependencies": {"Newtonsoft.Json": "13.0.1"}, "runtime": {"Shop.dll": {}}},
            "Npgsql/7.0.6": {
                "dependencies": {"Microsoft.Extensions.Logging.Abstractions": "6.0.0"},
                "runtime": {"lib/net7.0/Npgsql.dll": {"assemblyVersion": "7.0.6.0", "fileVersion": "7.0.6.0"}},
                "native": {"runtimes/linux-x64/native/libx.so": {"fileVersion": "0.0.0.0"}},
            },
        },
    },
    "libraries": {
        "Shop/1.0.0": {"type": "project", "serviceable": False, "sha512": ""},
        "Npgsql/7.0.6": {"type": "package", "serviceable": True, "sha512": "sha512-7UVP=", "path": "npgsql/7.0.6"},
        "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1": {"type": "runtimepack"},
    },
}


def test_packages_and_runtime_packs_are_read_and_the_program_itself_is_none():
    packages = by_name(read(CATALOGUER, "app/Shop.deps.json", json.dumps(SHOP)))
    assert {name: one.version for name, one in packages.items()} == {
        "Npgsql": "7.0.6",
        "Microsoft.NETCore.App.Runtime.linux-x64": "8.0.1",
    }
    assert packages["Npgsql"].purl == "pkg:nuget/Npgsql@7.0.6"


def test_what_was_built_tells_needs_and_assemblies():
    npgsql = by_name(read(CATALOGUER, "app/Shop.deps.json", json.dumps(SHOP)))["Npgsql"]
    assert npgsql.depends == ("Microsoft.Extensions.Logging.Abstractions",)
    assert npgsql.files == ("app/Npgsql.dll", "app/libx.so")


def test_a_file_at_the_root_and_an_old_form_of_the_target():
    old = {**SHOP, "runtimeTarget": ".NETCoreApp,Version=v8.0/linux-x64"}
    assert by_name(read(CATALOGUER, "Shop.deps.json", json.dumps(old)))["Npgsql"].files == ("Npgsql.dll", "libx.so")


def test_libraries_without_a_version_are_told():
    catalogue = read(CATALOGUER, "a.deps.json", json.dumps({"libraries": {"A": {"type": "package"}, "B/1": 3}}))
    assert catalogue.packages == []
    assert catalogue.problem.startswith("1 package could not be read")


def test_what_is_no_object_is_told():
    with pytest.raises(Unreadable, match="JSON object"):
        read(CATALOGUER, "a.deps.json", "[]")
