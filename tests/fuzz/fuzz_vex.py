"""Coverage-guided fuzzing of VEX documents: python tests/fuzz/fuzz_vex.py -max_total_time=600

Whatever the bytes are, the statements are read or refused with one line, and hold for rows or come back as unmatched.
"""

from __future__ import annotations

import sys

from batten.model.vulnerability import Vulnerability
from batten.vulnerabilities.vex import VexError, VexStatement, apply_vex, read

ROWS = [
    Vulnerability(
        id=flaw,
        package=package,
        name="x",
        installed="1",
        target="image:shop/web:1",
        status="affected",
    )
    for flaw in ("CVE-2024-24786", "CVE-2023-38545", "CVE-2024-1")
    for package in ("pkg:rpm/redhat/cri-tools@1.29.0-3.1.el9?distro=rhel-9.4", "pkg:deb/ubuntu/curl@7", "pkg:pypi/x@1")
]


def one_input(data: bytes) -> None:
    """Reads and applies a document; raises on any broken promise."""
    try:
        statements = read(data, "a.json")
    except VexError as error:
        refusal = str(error)
    else:
        _apply(statements)
        return
    assert refusal.isprintable(), refusal


def _apply(statements: list[VexStatement]) -> None:
    rows, unmatched = apply_vex(ROWS, statements)
    assert len(rows) == len(ROWS)
    assert len(unmatched) <= len(statements)
    for statement in unmatched:
        assert statement.text()


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
