"""What makes a vulnerability the same one in the next scan."""

from __future__ import annotations

import hashlib
from typing import Final

from batten.model.package import Package
from batten.vulnerabilities.lookups import DISTRIBUTED

_DIGITS: Final = 32


def fingerprint(flaw: str, package: Package) -> str:
    """SHA-256 over the flaw, the package without its version, the kind of target and its repository (neither tag nor
    digest), and the path of packages of languages; 32 hexadecimal digits.

    An update that does not mend the flaw, and a new build of the image, leave it as it is.
    """
    return fingerprint_of(flaw, identity(package))


def identity(package: Package) -> str:
    """What is the same of a package in the next scan."""
    kind, _, where = package.target.partition(":")
    paths = "" if package.type in DISTRIBUTED else "\0".join(package.paths)
    return "\x1f".join((package.type, package.namespace, package.name, kind, repository(where), paths))


def fingerprint_of(flaw: str, package: str) -> str:
    """The same of what `identity` gives."""
    return hashlib.sha256(f"{flaw}\x1f{package}".encode()).hexdigest()[:_DIGITS]


def repository(reference: str) -> str:
    """`docker.io/library/nginx` for `nginx:1.25@sha256:…`; the name of a file or directory stays as it is."""
    from batten.model.image import parse_reference

    if "/" in reference[:2] or reference.startswith(".") or reference.endswith((".tar", ".gz", ".zst")):
        return reference
    found = parse_reference(reference)
    return found.name if found is not None else reference
