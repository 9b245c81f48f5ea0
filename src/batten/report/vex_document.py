"""The report's vulnerabilities as a VEX document: batten's verdict on every row, for other scanners to read."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from batten.model.image import ImageReference, parse_reference
from batten.model.report import Report, TargetReport

_AUTHOR: Final = "batten"


def vex_document(report: Report, name: str) -> bytes:
    """The document in the format `name` of `batten.vulnerabilities.vex`. `SOURCE_DATE_EPOCH` sets its date."""
    from batten.vulnerabilities.vex import Document, Named, write

    products: dict[str, Named] = {}
    for target in report.targets:
        if target.kind != "image":
            continue
        reference = None if _is_path(target.ref) else parse_reference(target.ref)
        text = target.ref if reference is None else _purl(reference, target)
        digest = (target.digest or "").removeprefix("sha256:")
        named = Named(text, (digest,) if digest else ())
        # of several builds each is named with its platform
        builds = {row.target for row in report.vulnerabilities if row.target.startswith(f"{target.id} (")}
        products |= dict.fromkeys((target.id, *builds), named)
    document = Document(author=_AUTHOR, timestamp=_moment(report), products=products)
    return write(name, report.vulnerabilities, document) + b"\n"


def _is_path(ref: str) -> bool:
    return ref.startswith(("/", ".")) or ref.endswith((".tar", ".gz", ".zst")) or "\\" in ref


def _purl(reference: ImageReference, target: TargetReport) -> str:
    """https://github.com/package-url/purl-spec, type `oci`."""
    digest = target.digest or reference.digest
    version = f"@{quote(digest, safe='')}" if digest else ""
    tag = f"&tag={quote(reference.tag, safe='')}" if reference.tag else ""
    name = reference.repository.rpartition("/")[2]
    return f"pkg:oci/{quote(name)}{version}?repository_url={quote(reference.name, safe='/')}{tag}"


def _moment(report: Report) -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdecimal() and len(epoch) < 12:
        return datetime.fromtimestamp(int(epoch), UTC).isoformat().replace("+00:00", "Z")
    return report.started
