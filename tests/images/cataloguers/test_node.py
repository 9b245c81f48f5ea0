from __future__ import annotations

import json

import pytest

from batten.images.cataloguers.node import CATALOGUER
from batten.model.source import Unreadable
from images.cataloguers.reading import by_name, read, wants

EXPRESS = {
    "name": "express",
    "version": "4.18.2",
    "license": "MIT",
    "dependencies": {"accepts": "~1.3.8", "body-parser": "1.20.1"},
    "devDependencies": {"mocha": "10.2.0"},
}


def _read(path, manifest):
    return read(CATALOGUER, path, json.dumps(manifest)).packages


def test_an_installed_package_is_read_with_licence_and_needs():
    (package,) = _read("app/node_modules/express/package.json", EXPRESS)
    assert package.purl == "pkg:npm/express@4.18.2"
    assert package.licenses == ("MIT",)
    assert package.depends == ("accepts", "body-parser")
    assert package.confidence == "high"


def test_a_scope_is_the_namespace():
    (package,) = _read("node_modules/@babel/parser/package.json", {"name": "@babel/parser", "version": "7.23.0"})
    assert package.purl == "pkg:npm/%40babel/parser@7.23.0"
    assert package.confidence == "high"


@pytest.mark.parametrize(
    ("path", "confidence"),
    [
        ("usr/share/nodejs/glob/package.json", "high"),
        ("usr/lib/node_modules/npm/node_modules/@npmcli/fs/package.json", "high"),
        ("app/node_modules/next/dist/compiled/cookie/package.json", "low"),
        ("opt/yarn-v1.22.22/package.json", "medium"),
    ],
)
def test_a_name_is_believed_by_where_it_stands(path, confidence):
    (package,) = _read(path, {"name": "any", "version": "1.22.22"})
    assert package.confidence == confidence


@pytest.mark.parametrize(
    ("path", "manifest"),
    [
        ("app/node_modules/resolve/test/resolver/mylib/package.json", {"name": "mylib", "version": "0.0.0"}),
        ("app/node_modules/resolve/dist/cjs/package.json", {"type": "commonjs"}),
        ("app/node_modules/a/package.json", {"name": "a"}),
        ("app/node_modules/a/package.json", {"name": "a", "version": "workspace:*"}),
        ("app/node_modules/a/package.json", {"name": ["a"], "version": 3}),
        ("app/package.json", {"name": "shop", "version": "1.0.0", "private": True}),
        ("root/.npm/_cacache/tmp/a/package.json", {"name": "a", "version": "1.0.0"}),
    ],
)
def test_samples_markers_private_and_versionless_manifests_are_no_packages(path, manifest):
    assert _read(path, manifest) == []


def test_old_forms_of_licences_are_read():
    (package,) = _read(
        "node_modules/a/package.json",
        {"name": "a", "version": "v1.0.0", "licenses": [{"type": "MIT"}, {"type": "Apache-2.0"}]},
    )
    assert package.version == "1.0.0"
    assert package.licenses == ("MIT", "Apache-2.0")


def test_the_hidden_lock_file_tells_what_is_for_development():
    lock = {
        "lockfileVersion": 3,
        "packages": {
            "node_modules/express": {"version": "4.18.2", "license": "MIT", "dependencies": {"accepts": "~1.3.8"}},
            "node_modules/mocha": {"version": "10.2.0", "dev": True},
            "node_modules/mocha/node_modules/@scope/alias": {
                "name": "@scope/real",
                "version": "1.0.0",
                "optional": True,
            },
            "node_modules/own": {"resolved": "packages/own", "link": True, "version": "1.0.0"},
            "packages/own": {"version": "1.0.0"},
            "node_modules/gone": {},
        },
    }
    packages = by_name(read(CATALOGUER, "app/node_modules/.package-lock.json", json.dumps(lock)))
    assert list(packages) == ["express", "mocha", "real"]
    assert packages["express"].paths == ("app/node_modules/express/package.json",)
    assert [packages[one].scope for one in packages] == ["runtime", "development", "optional"]
    assert packages["real"].namespace == "@scope"


def test_broken_manifests_are_told_where_packages_are_installed_only():
    with pytest.raises(Unreadable, match="expected JSON"):
        read(CATALOGUER, "node_modules/a/package.json", "{")
    with pytest.raises(Unreadable, match="JSON object"):
        read(CATALOGUER, "node_modules/a/package.json", "[]")
    with pytest.raises(Unreadable, match="expected JSON"):
        read(CATALOGUER, "node_modules/a/package.json", "[" * 100_000)
    assert read(CATALOGUER, "node_modules/a/lib/package.json", "{").packages == []


def test_lock_files_beside_a_project_are_no_installed_packages():
    assert not wants(CATALOGUER, "app/package-lock.json")
    assert not wants(CATALOGUER, "app/my-package.json")
