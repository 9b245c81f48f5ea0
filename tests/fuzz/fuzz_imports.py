"""Coverage-guided fuzzing of bills of materials and scanners' reports:

python tests/fuzz/fuzz_imports.py -max_total_time=600

Whatever the bytes are, they are read or refused with one clear problem; every package has a name, a version and a
place; what was read is merged and written again without a crash, and within the bounds.
"""

from __future__ import annotations

import sys

from batten.formats.interface import ReadContext
from batten.formats.sbom import READER as SBOM
from batten.formats.scanners import READER as SCANNERS
from batten.limits import IMPORT_ROWS, SBOM_PACKAGES
from batten.model.imported import ImportedReport
from batten.model.package import Package
from batten.model.source import File, Unreadable
from batten.report.sbom import FORMATS, SbomInput, write
from batten.sources.interface import NoFiles
from batten.vulnerabilities.merge import merge
from batten.vulnerabilities.merge_targets import own_packages, targets_of


def one_input(data: bytes) -> None:
    """Recognise, read, merge, write; raises on any broken promise."""
    file = File("report.json", data)
    for reader in (SBOM, SCANNERS):
        if not reader.wants(file):
            continue
        try:
            reading = reader.read(file, ReadContext(NoFiles()))
        except Unreadable as error:
            refused = error.message
            if not refused or "\n" in refused:  # what is not printable in it is made so where it is printed
                raise AssertionError(refused) from None
            continue
        except RecursionError:
            continue  # the engine tells it as a problem
        packages = [noun for noun in reading.nouns if isinstance(noun, Package)]
        reports = [noun for noun in reading.nouns if isinstance(noun, ImportedReport)]
        assert len(packages) <= SBOM_PACKAGES
        _judge(packages, reports)


def _judge(packages: list[Package], reports: list[ImportedReport]) -> None:
    for package in packages:
        assert package.name
        assert package.version
        assert package.place is not None
        assert package.place.location().line >= 1
    targets = targets_of(reports, {})
    rows = merge([], own_packages(packages, reports, targets), {}, reports)
    for row in rows:
        assert row.id
        assert row.statements
        assert row.fingerprint
    for report in reports:
        assert len(report.rows) <= IMPORT_ROWS
        packages += [row.package for row in report.rows]
    document = SbomInput(name="fuzz", created="2026-01-01T00:00:00Z", packages=tuple(packages))
    for name in FORMATS:
        assert write(name, document) == write(name, document)


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
