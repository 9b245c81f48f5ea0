"""What is passed over by path alone is what nobody would have asked for."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest

from batten.images.cataloguers import Catalogue, Hint, LayerFile, cataloguers
from batten.images.cataloguers._executable import is_program
from batten.images.elf import MAGIC
from batten.images.facts import LayerFacts
from batten.images.layers import read_layer
from batten.images.looker import Looker
from batten.model.package import Package
from images.builder import file, layer

FOLDERS = (
    *("", "srv/", "srv/node_modules/x/", "srv/.venv/lib/python3.11/site-packages/x/", "usr/lib/python3/dist-packages/"),
    *("usr/share/doc/x/", "usr/bin/", "usr/lib/x/bin/", "var/cache/apt/", "var/lib/dpkg/info/", "lib/apk/db/", "etc/"),
    *("root/.npm/_cacache/", "usr/local/lib/node_modules/npm/", "usr/share/bin/", "opt/conda/conda-meta/",),
    *("usr/lib/x-1.dist-info/", "usr/lib/x.egg-info/", "usr/lib/ruby/specifications/"),
)  # fmt: skip
NAMES = (
    *("x.py", "x.pyc", "x.js", "x.html", "x.h", "x.mo", "x.gz", "x.png", "x.go", "x.class", "x.md", "x.svg", "x.rb"),
    *("package.json", "x.json", "x.toml", "x.yaml", "requirements.txt", "top_level.txt", "x.spdx.json", "x.xml"),
    *("METADATA", "RECORD", "x", "x.so", ".env", "id_rsa", "settings.py", "gem.rb", "php.ini", "x.conf", "version.rb"),
)  # fmt: skip


def test_what_is_passed_over_has_no_tasks_and_leaves_no_note() -> None:
    facts = LayerFacts()
    looker = Looker(facts, cataloguers())
    before = msgspec.msgpack.encode(facts)
    passed = 0
    for folder, name, mode in product(FOLDERS, NAMES, (0o644, 0o755)):
        if looker.passes(folder + name, 100, mode):
            passed += 1
            assert looker.tasks(0, LayerFile(folder + name, 100, mode, b"text\n")) == [], folder + name
    assert msgspec.msgpack.encode(facts) == before
    assert passed > 100


class _Programs:
    name = "programs"
    version = 1
    hint = Hint(programs=True)

    def wants(self, file: LayerFile) -> bool:
        return is_program(file.head)

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        return Catalogue([Package(type="golang", name="one", version="1", origin=self.name)])


@pytest.mark.parametrize(("size", "found"), [(1000, 0), (300_000, 1)])
def test_a_large_file_is_asked_about_whatever_its_name(size: int, found: int) -> None:
    built = layer([file("usr/lib/x.py", MAGIC + bytes(size))])
    assert len(read_layer(built.blob().open, (_Programs(),)).found) == found
