"""Coverage-guided fuzzing of language packages: python tests/fuzz/fuzz_cataloguers.py -max_total_time=600

The first byte chooses whose file it is. Whatever the bytes are, packages come with a plain name and version,
names and paths are bounded, problems are one line, and nothing but Unreadable is raised.
"""

from __future__ import annotations

import sys
from typing import Final

from batten import limits
from batten.images.cataloguers import (
    HEAD_BYTES,
    Cataloguer,
    LayerFile,
    binaries,
    conda,
    dotnet,
    elixir,
    embedded_sbom,
    go,
    java,
    node,
    php,
    python,
    r,
    ruby,
    rust,
)
from batten.model.source import Unreadable

FILES: Final[tuple[tuple[Cataloguer, str], ...]] = (
    (python.CATALOGUER, "site-packages/a-1.dist-info/METADATA"),
    (python.CATALOGUER, "site-packages/a_b-1.dist-info/RECORD"),
    (python.CATALOGUER, "site-packages/a-1.egg-info/top_level.txt"),
    (python.CATALOGUER, "site-packages/a-1.egg-info/installed-files.txt"),
    (python.CATALOGUER, "srv/a-1.egg"),
    (node.CATALOGUER, "node_modules/a/package.json"),
    (node.CATALOGUER, "node_modules/.package-lock.json"),
    (go.CATALOGUER, "usr/bin/server"),
    (rust.CATALOGUER, "usr/bin/server"),
    (java.CATALOGUER, "app/a-1.0.war"),
    (ruby.CATALOGUER, "specifications/a-1.0.gemspec"),
    (php.CATALOGUER, "vendor/composer/installed.json"),
    (dotnet.CATALOGUER, "app/a.deps.json"),
    (conda.CATALOGUER, "opt/conda/conda-meta/a-1-0.json"),
    (r.CATALOGUER, "library/a/DESCRIPTION"),
    (elixir.CATALOGUER, "lib/a/ebin/a.app"),
    (binaries.CATALOGUER, "usr/bin/redis-server"),
    (binaries.CATALOGUER, "usr/bin/python3.11"),
    (binaries.CATALOGUER, "opt/java/release"),
    (embedded_sbom.CATALOGUER, "opt/bitnami/a/.spdx-a.spdx"),
    (embedded_sbom.CATALOGUER, "a-1.dist-info/sboms/a.cdx.json"),
    (python.CATALOGUER, "a-1.dist-info/direct_url.json"),
)


def one_input(data: bytes) -> None:
    """Reads one file of one cataloguer; raises on any broken promise."""
    if not data:
        return
    cataloguer, path = FILES[data[0] % len(FILES)]
    content = memoryview(data)[1:]
    file = LayerFile(path, len(content), 0o755, bytes(content[:HEAD_BYTES]))
    if not cataloguer.wants(file):
        return
    refusal = ""
    try:
        found = cataloguer.read(file, content)
    except Unreadable as error:
        refusal = error.message or "\0"
    if refusal:
        assert refusal.isprintable()
        return
    assert found.problem.isprintable()
    for package in found.packages:
        assert 0 < len(package.name) <= limits.PACKAGE_NAME
        assert 0 < len(package.version) <= limits.VERSION_CHARACTERS
        for text in (package.name, package.namespace, package.version, package.evidence, *package.depends):
            assert text.isprintable()
        assert all(license_ and license_.isprintable() for license_ in package.licenses)
        assert len(package.depends) <= limits.PACKAGE_DEPENDS
        assert package.purl.startswith(f"pkg:{package.type}/")
        assert package.origin == cataloguer.name
        assert package.paths
        assert not any("\0" in one for one in (*package.paths, *package.files))
    paths = [one for owned in found.owned.values() for one in owned]
    assert not any("\0" in one or one.startswith("/") or "/../" in f"/{one}/" for one in paths)


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
