"""VEX: what somebody states of flaws in products, read from and written to OpenVEX, CSAF 2.0 and CycloneDX.

statements = read_file(Path("shop.openvex.json"))
rows, unmatched = apply_vex(rows, statements)
data = write("openvex", rows, Document(author="shop", timestamp="2026-01-02T03:04:05Z"))
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from batten import limits
from batten.model.vulnerability import Vulnerability
from batten.vulnerabilities.vex.apply import apply_vex
from batten.vulnerabilities.vex.statements import Document, Named, VexError, VexStatement

__all__ = ["FORMATS", "Document", "Named", "VexError", "VexStatement", "apply_vex", "read", "read_file", "write"]

FORMATS: Final = ("openvex", "csaf", "cyclonedx")


class _Kind(Struct):
    """What tells the formats apart."""

    context: Any = field(name="@context", default=None)
    bom_format: Any = field(name="bomFormat", default=None)
    document: Any = None


def read_file(path: Path) -> list[VexStatement]:
    """The statements of a file of any of the formats. Raises VexError with one line."""
    try:
        with path.open("rb") as file:
            data = file.read(limits.VEX_BYTES + 1)
    except OSError as error:
        raise VexError(f"expected a file with VEX statements, it cannot be read: {error.strerror}") from None
    return read(data, str(path))


def read(data: bytes, origin: str) -> list[VexStatement]:
    """The statements of a document; which format it is of is told by its content. `origin` names it in messages.

    Raises VexError where it is none of them, or broken.
    """
    import msgspec

    if len(data) > limits.VEX_BYTES:
        raise VexError(f"expected at most {limits.VEX_BYTES // limits.MIB} MiB of VEX statements, found more")
    try:
        kind = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Kind)
        name = _format(kind)
        return list(_module(name).read(data.removeprefix(b"\xef\xbb\xbf"), origin))
    except msgspec.MsgspecError as error:
        raise VexError(f"expected OpenVEX, CSAF 2.0 or CycloneDX in JSON: {error}") from None
    except (RecursionError, UnicodeDecodeError):
        raise VexError("expected OpenVEX, CSAF 2.0 or CycloneDX in JSON, found what is no such document") from None


def write(name: str, rows: Sequence[Vulnerability], document: Document) -> bytes:
    """A document with batten's verdict on every row; the same bytes for the same rows and document."""
    return bytes(_module(name).write(rows, document))


def _format(kind: _Kind) -> str:
    if kind.bom_format == "CycloneDX":
        return "cyclonedx"
    if isinstance(kind.document, dict) and "csaf_version" in kind.document:
        return "csaf"
    contexts = kind.context if isinstance(kind.context, list) else [kind.context]
    if any(isinstance(one, str) and "openvex" in one for one in contexts):
        return "openvex"
    raise VexError("expected OpenVEX (@context), CSAF 2.0 (document.csaf_version) or CycloneDX (bomFormat), found none")


def _module(name: str) -> Any:
    if name not in FORMATS:
        raise ValueError(f"unknown VEX format {name!r}; known: {', '.join(FORMATS)}")
    return import_module(f"batten.vulnerabilities.vex.{name}")
