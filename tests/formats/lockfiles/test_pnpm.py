"""pnpm-lock.yaml: keys and flags differ from version to version."""

from __future__ import annotations

from tests.formats.lockfiles.conftest import Read, by_name, purls, stands_at

VERSION_9 = """\
lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      old:
        specifier: npm:minimist@^1.2.0
        version: minimist@1.2.8
    devDependencies:
      jest:
        specifier: ^29
        version: 29.7.0(@types/node@20.19.43)

packages:

  '@types/node@20.19.43':
    resolution: {integrity: sha1-tEqbYpe8tpjxxRo1RaKzs2jVnFI=}

  jest@29.7.0:
    resolution: {integrity: sha512-AAAA}

  minimist@1.2.8:
    resolution: {integrity: sha512-AAAA}

  update-browserslist-db@1.4.0:
    resolution: {integrity: sha512-AAAA}

snapshots:

  '@types/node@20.19.43': {}

  jest@29.7.0(@types/node@20.19.43):
    dependencies:
      update-browserslist-db: 1.4.0(browserslist@4.28.2)
    optionalDependencies:
      '@types/node': 20.19.43

  minimist@1.2.8: {}

  update-browserslist-db@1.4.0(browserslist@4.28.2): {}
"""
VERSION_6 = """\
lockfileVersion: '6.0'
dependencies:
  lodash:
    specifier: 4.17.20
    version: 4.17.20
packages:
  /@babel/core@7.24.0(supports-color@8.0.0):
    resolution: {integrity: sha512-AAAA}
    dependencies:
      ms: 2.1.3
    dev: true
  /lodash@4.17.20:
    resolution: {integrity: sha512-AAAA}
    dev: false
  /ms@2.1.3:
    resolution: {integrity: sha512-AAAA}
  file:mine:
    resolution: {directory: mine, type: directory}
    name: mine
"""
VERSION_5 = """\
lockfileVersion: 5.4
specifiers:
  lodash: 4.17.20
dependencies:
  lodash: 4.17.20
packages:
  /@babel/core/7.24.0_supports-color@8.0.0:
    resolution: {integrity: sha512-AAAA}
    dev: true
  /lodash/4.17.20:
    resolution: {integrity: sha512-AAAA}
    dev: false
  github.com/owner/forked/abcdef:
    resolution: {tarball: 'https://example.org/abcdef'}
    name: forked
    version: 1.0.0
    optional: true
"""


def test_version_9(read: Read) -> None:
    reading = read("pnpm-lock.yaml", VERSION_9)
    assert purls(reading) == [
        "pkg:npm/%40types/node@20.19.43",
        "pkg:npm/jest@29.7.0",
        "pkg:npm/minimist@1.2.8",
        "pkg:npm/update-browserslist-db@1.4.0",
    ]
    found = by_name(reading)
    assert {name: (one.scope, one.direct) for name, one in found.items()} == {
        "node": ("development", False),
        "jest": ("development", True),
        "minimist": ("runtime", True),
        "update-browserslist-db": ("development", False),
    }
    assert found["node"].checksums == (("sha1", "b44a9b6297bcb698f1c51a3545a2b3b368d59c52"),)
    assert stands_at(found["jest"])[0] == 21


def test_version_6(read: Read) -> None:
    found = by_name(read("pnpm-lock.yaml", VERSION_6))
    assert {name: (one.version, one.scope, one.direct) for name, one in found.items()} == {
        "core": ("7.24.0", "development", False),
        "lodash": ("4.17.20", "runtime", True),
        "ms": ("2.1.3", "runtime", False),
    }
    assert found["core"].depends == ("ms",)


def test_version_5(read: Read) -> None:
    found = by_name(read("pnpm-lock.yaml", VERSION_5))
    assert {name: (one.version, one.scope, one.direct) for name, one in found.items()} == {
        "core": ("7.24.0", "development", False),
        "lodash": ("4.17.20", "runtime", True),
        "forked": ("1.0.0", "optional", False),
    }
