"""Cargo, Bundler, Composer, Bun, Dart, Swift, Elixir, Haskell, R, Conan, Conda."""

from __future__ import annotations

from tests.formats.lockfiles.conftest import Read, by_name, purls, stands_at

DIGEST = "512761e0bb2578dd7380c6baaa0f4ce03e84f95e960231d1dec8bf4d7d6e2627"
CARGO = f"""\
version = 4

[[package]]
name = "adler2"
version = "2.0.1"
source = "registry+https://example.org/index"
checksum = "{DIGEST}"

[[package]]
name = "shop"
version = "0.1.0"
dependencies = [
 "adler2 2.0.1",
]
"""
GEMFILE = f"""\
PATH
  remote: .
  specs:
    mine (0.1.0)

GEM
  remote: https://example.org/
  specs:
    activesupport (6.0.6.1)
      tzinfo (~> 1.1)
    nokogiri (1.14.3-x86_64-linux)
    tzinfo (1.2.11)

PLATFORMS
  ruby

DEPENDENCIES
  activesupport (~> 6.0)
  mine!

CHECKSUMS
  tzinfo (1.2.11) sha256={DIGEST}

BUNDLED WITH
   2.4.1
"""
COMPOSER = """\
{"packages": [{"name": "Monolog/Monolog", "version": "2.9.1", "require": {"php": ">=7", "psr/log": "^1"},
               "license": ["MIT"], "dist": {"type": "zip", "shasum": ""}}],
 "packages-dev": [{"name": "phpunit/phpunit", "version": "v9.0.0"}]}
"""
BUN = """\
{
  // written by bun
  "lockfileVersion": 1,
  "workspaces": {"": {"dependencies": {"express": "^4"}, "devDependencies": {"jest": "^29"},},},
  "packages": {
    "express": ["express@4.22.3", "", { "dependencies": { "ms": "2.0.0" } }, "sha1-tEqbYpe8tpjxxRo1RaKzs2jVnFI="],
    "express/ms": ["ms@2.0.0", "", {}, ""],
    "jest": ["jest@29.7.0", "", { "dependencies": { "ms": "^2.1" } }, ""],
    "ms": ["ms@2.1.3", "", {}, ""],
    "mine": ["mine@workspace:packages/mine"],
  },
}
"""
PUBSPEC = f"""\
packages:
  http:
    dependency: "direct main"
    description:
      name: http
      sha256: "{DIGEST}"
    source: hosted
    version: "1.2.0"
  flutter:
    dependency: "direct main"
    source: sdk
    version: "0.0.0"
"""
SWIFT_1 = """{"object": {"pins": [{"package": "A", "repositoryURL": "git@github.com:apple/swift-log.git",
  "state": {"branch": null, "revision": "abc", "version": "1.5.0"}}]}, "version": 1}"""
SWIFT_2 = """{"pins": [{"identity": "swift-nio", "location": "https://github.com/apple/swift-nio.git",
  "state": {"revision": "abc", "version": "2.50.0"}}, {"identity": "b", "location": "https://x.org/b",
  "state": {"branch": "main", "revision": "abc"}}], "version": 2}"""
MIX = f"""\
%{{
  "plug": {{:hex, :plug, "1.14.0", "{"0" * 64}", [:mix], [{{:mime, "~> 1.0", [hex: :mime]}}], "hexpm", "{DIGEST}"}},
  "mine": {{:git, "https://example.org/mine.git", "abc", []}},
}}
"""
STACK = f"""\
packages:
- completed:
    hackage: servant-auth-0.4.1.0@sha256:{DIGEST},1234
    pantry-tree: {{size: 1}}
  original:
    hackage: servant-auth-0.4.1.0
snapshots: []
"""
FREEZE = """\
active-repositories: hackage.haskell.org:merge
constraints: any.aeson ==2.1.0.0,
             aeson -cffi,
             any.text ==2.0.1
"""
RENV = """{"Packages": {"R6": {"Package": "R6", "Version": "2.5.1", "Source": "Repository", "Requirements": ["R"]},
  "mine": {"Package": "mine", "Version": "1", "Source": "Local"}}}"""
CONAN_2 = """{"version": "0.5", "requires": ["zlib/1.2.11#4524fcdd41f33e8df88ece6e755a5dcc%1650538915.154"],
  "build_requires": ["cmake/3.22.0@user/stable#abc"]}"""
CONAN_1 = """{"graph_lock": {"nodes": {"0": {"path": "..", "requires": ["1"], "build_requires": ["2"]},
  "1": {"ref": "openssl/1.1.1k#0"}, "2": {"ref": "cmake/3.22.0"}}}, "version": "0.4"}"""
CONDA = """\
name: shop
dependencies:
  - python=3.10.4
  - conda-forge::numpy==1.22.3=py310h1_0
  - scipy>=1.7
  - pip:
      - Flask_Login==0.6.0
      - requests
"""


def test_cargo(read: Read) -> None:
    [found] = read("Cargo.lock", CARGO).nouns
    assert (found.purl, found.direct, found.checksums) == ("pkg:cargo/adler2@2.0.1", True, (("sha256", DIGEST),))
    assert stands_at(found) == (5, 12)


def test_cargo_before_version_2(read: Read) -> None:
    source = "registry+https://example.org/index"
    text = f"""\
[root]
name = "shop"
version = "0.1.0"
dependencies = ["libc 0.2.1 ({source})"]

[[package]]
name = "libc"
version = "0.2.1"
source = "{source}"

[metadata]
"checksum libc 0.2.1 ({source})" = "{DIGEST}"
"""
    [found] = read("Cargo.lock", text).nouns
    assert (found.direct, found.checksums) == (True, (("sha256", DIGEST),))


def test_bundler(read: Read) -> None:
    reading = read("Gemfile.lock", GEMFILE)
    assert purls(reading) == [
        "pkg:gem/activesupport@6.0.6.1",
        "pkg:gem/nokogiri@1.14.3?platform=x86_64-linux",
        "pkg:gem/tzinfo@1.2.11",
    ]
    found = by_name(reading)
    assert (found["activesupport"].direct, found["tzinfo"].direct) == (True, False)
    assert found["activesupport"].depends == ("tzinfo",)
    assert found["tzinfo"].checksums == (("sha256", DIGEST),)
    assert stands_at(found["tzinfo"]) == (12, 13)


def test_composer(read: Read) -> None:
    reading = read("composer.lock", COMPOSER, {"composer.json": '{"require": {"monolog/monolog": "^2"}}'})
    monolog, phpunit = reading.nouns
    assert (monolog.purl, monolog.direct, monolog.scope) == ("pkg:composer/monolog/monolog@2.9.1", True, "runtime")
    assert (monolog.depends, monolog.licenses) == (("psr/log",), ("MIT",))
    assert (phpunit.version, phpunit.direct, phpunit.scope) == ("v9.0.0", False, "development")


def test_bun(read: Read) -> None:
    reading = read("bun.lock", BUN)
    told = {one.purl: (one.scope, one.direct) for one in reading.nouns}
    assert told == {
        "pkg:npm/express@4.22.3": ("runtime", True),
        "pkg:npm/ms@2.0.0": ("runtime", False),
        "pkg:npm/jest@29.7.0": ("development", True),
        "pkg:npm/ms@2.1.3": ("development", False),
    }
    assert stands_at(reading.nouns[0]) == (6, 26)
    assert reading.nouns[0].checksums[0][0] == "sha1"


def test_dart(read: Read) -> None:
    [found] = read("pubspec.lock", PUBSPEC).nouns
    assert (found.purl, found.direct, found.scope) == ("pkg:pub/http@1.2.0", True, "runtime")
    assert stands_at(found)[0] == 8


def test_swift(read: Read) -> None:
    assert purls(read("Package.resolved", SWIFT_1)) == ["pkg:swift/github.com/apple/swift-log@1.5.0"]
    assert purls(read("Package.resolved", SWIFT_2)) == ["pkg:swift/github.com/apple/swift-nio@2.50.0"]


def test_elixir(read: Read) -> None:
    [found] = read("mix.lock", MIX).nouns
    assert (found.purl, found.depends) == ("pkg:hex/plug@1.14.0", ("mime",))
    assert found.checksums == (("sha256", DIGEST),)


def test_haskell(read: Read) -> None:
    [found] = read("stack.yaml.lock", STACK).nouns
    assert (found.purl, found.checksums) == ("pkg:hackage/servant-auth@0.4.1.0", (("sha256", DIGEST),))
    assert purls(read("cabal.project.freeze", FREEZE)) == ["pkg:hackage/aeson@2.1.0.0", "pkg:hackage/text@2.0.1"]


def test_r(read: Read) -> None:
    assert purls(read("renv.lock", RENV)) == ["pkg:cran/R6@2.5.1"]


def test_conan(read: Read) -> None:
    told = [(one.purl, one.scope) for one in read("conan.lock", CONAN_2).nouns]
    assert told == [("pkg:conan/zlib@1.2.11", "runtime"), ("pkg:conan/cmake@3.22.0", "development")]
    told = [(one.purl, one.scope) for one in read("conan.lock", CONAN_1).nouns]
    assert told == [("pkg:conan/openssl@1.1.1k", "runtime"), ("pkg:conan/cmake@3.22.0", "development")]


def test_conda(read: Read) -> None:
    assert purls(read("environment.yml", CONDA)) == [
        "pkg:conda/python@3.10.4",
        "pkg:conda/numpy@1.22.3?build=py310h1_0&channel=conda-forge",
        "pkg:pypi/flask-login@0.6.0",
    ]
    assert not read("environment.yml", "variables:\n  a: 1\n").recognised
