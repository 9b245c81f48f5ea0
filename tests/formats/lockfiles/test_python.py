"""poetry.lock, uv.lock, pdm.lock, pylock.toml, Pipfile.lock."""

from __future__ import annotations

from tests.formats.lockfiles.conftest import Read, by_name, purls, stands_at

HASH = "sha256:5a1e7645bc0ec61a09e26c36f6106dd4cf40c6db3a1fb6352b0244e7fb057c7b"
UV = f"""\
version = 1
requires-python = ">=3.11"

[[package]]
name = "boto3"
version = "1.44.8"
source = {{ registry = "https://example.org/simple" }}
dependencies = [
    {{ name = "botocore" }},
]

[[package]]
name = "botocore"
version = "1.44.8"
source = {{ registry = "https://example.org/simple" }}
sdist = {{ url = "https://example.org/botocore.tar.gz", hash = "{HASH}", size = 1 }}

[[package]]
name = "psycopg"
version = "3.3.9"
source = {{ registry = "https://example.org/simple" }}

[package.optional-dependencies]
binary = [
    {{ name = "psycopg-binary" }},
]

[[package]]
name = "psycopg-binary"
version = "3.3.9"
source = {{ registry = "https://example.org/simple" }}

[[package]]
name = "ruff"
version = "0.17.6"
source = {{ registry = "https://example.org/simple" }}

[[package]]
name = "shop"
version = "0.1.0"
source = {{ virtual = "." }}
dependencies = [
    {{ name = "psycopg", extra = ["binary"] }},
]

[package.optional-dependencies]
s3 = [
    {{ name = "boto3" }},
]

[package.dev-dependencies]
dev = [
    {{ name = "ruff" }},
]
"""
POETRY_2 = f"""\
[[package]]
name = "Zope_Interface"
version = "7.0"
description = "\\"[[package]]\\""
optional = false
groups = ["main", "dev"]
files = [
    {{file = "a.whl", hash = "{HASH}"}},
]

[package.dependencies]
typing_extensions = ">=4"

[[package]]
name = "pytest"
version = "8.0.0"
groups = ["dev"]
files = []

[[package]]
name = "mine"
version = "1.0"
groups = ["main"]
files = []

[package.source]
type = "directory"
url = "../mine"
"""
POETRY_1 = f"""\
[[package]]
name = "flask"
version = "1.0"
category = "main"
optional = false

[[package]]
name = "black"
version = "20.0"
category = "dev"
optional = false

[metadata.files]
flask = [{{file = "a", hash = "{HASH}"}}]
"""
PDM = """\
[metadata]
groups = ["default", "dev"]

[[package]]
name = "psycopg"
version = "3.2.1"
extras = ["binary"]
groups = ["default"]
dependencies = ["psycopg==3.2.1", "typing_extensions>=4.4; python_version < '3.13'"]

[[package]]
name = "psycopg"
version = "3.2.1"
groups = ["default"]

[[package]]
name = "pytest"
version = "8.0.0"
groups = ["dev"]
"""
PYLOCK = f"""\
lock-version = "1.0"
created-by = "uv"

[[packages]]
name = "flask"
version = "3.1.3"
wheels = [{{ url = "https://example.org/f.whl", hashes = {{ sha256 = "{HASH[7:]}" }} }}]

[[packages]]
name = "mine"
directory = {{ path = "." }}
"""
PIPFILE = """\
{
    "_meta": {"pipfile-spec": 6},
    "default": {
        "flask": {"hashes": [], "version": "==3.0.3"},
        "mine": {"editable": true, "path": "."}
    },
    "develop": {"pytest": {"version": "==8.0.0"}}
}
"""


def test_uv_tells_what_is_asked_for_and_for_what(read: Read) -> None:
    found = by_name(read("uv.lock", UV))
    assert {name: (one.scope, one.direct) for name, one in found.items()} == {
        "boto3": ("optional", True),
        "botocore": ("optional", False),
        "psycopg": ("runtime", True),
        "psycopg-binary": ("runtime", False),
        "ruff": ("development", True),
    }
    assert found["botocore"].checksums == (("sha256", HASH[7:]),)
    assert stands_at(found["botocore"]) == (14, 12)


def test_poetry_2(read: Read) -> None:
    reading = read("poetry.lock", POETRY_2)
    assert purls(reading) == ["pkg:pypi/zope-interface@7.0", "pkg:pypi/pytest@8.0.0"]
    interface, test = reading.nouns
    assert (interface.scope, test.scope) == ("runtime", "development")
    assert interface.depends == ("typing-extensions",)
    assert (stands_at(interface), stands_at(test)) == ((3, 12), (16, 12))


def test_poetry_1(read: Read) -> None:
    found = by_name(read("poetry.lock", POETRY_1))
    assert (found["flask"].scope, found["black"].scope) == ("runtime", "development")
    assert found["flask"].checksums == (("sha256", HASH[7:]),)


def test_pdm(read: Read) -> None:
    reading = read("pdm.lock", PDM)
    assert purls(reading) == ["pkg:pypi/psycopg@3.2.1", "pkg:pypi/pytest@8.0.0"]
    assert [one.scope for one in reading.nouns] == ["runtime", "development"]


def test_pylock(read: Read) -> None:
    [flask] = read("pylock.api.toml", PYLOCK).nouns
    assert (flask.purl, flask.checksums) == ("pkg:pypi/flask@3.1.3", (("sha256", HASH[7:]),))


def test_pipfile(read: Read) -> None:
    reading = read("Pipfile.lock", PIPFILE)
    assert purls(reading) == ["pkg:pypi/flask@3.0.3", "pkg:pypi/pytest@8.0.0"]
    assert [one.scope for one in reading.nouns] == ["runtime", "development"]
    assert stands_at(reading.nouns[0])[0] == 4
