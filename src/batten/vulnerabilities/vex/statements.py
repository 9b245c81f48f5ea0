"""One statement of a VEX document, whatever its format, and the names that products go by."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

Status = Literal["affected", "fixed", "not_affected", "under_investigation"]

JUSTIFICATIONS: Final = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)
"""Of OpenVEX and CSAF ("Minimum Requirements for VEX", CISA 2023)."""


class VexError(Exception):
    """A document cannot be read: one line, without the name of the file."""


class Purl(Struct, frozen=True):
    """A package URL in its normal form, percent-decoded."""

    type: str
    namespace: str
    name: str
    version: str
    qualifiers: tuple[tuple[str, str], ...]


class Named(Struct, frozen=True):
    """A product or component as a statement names it."""

    text: str
    """Package URL, reference of an image, or the document's own word."""
    hashes: tuple[str, ...] = ()
    """Hexadecimal digests of any algorithm, lower case."""
    version: str = ""
    """Where the format says it beside the name."""
    cpe: str = ""

    @property
    def purl(self) -> Purl | None:
        """None: it is no package URL."""
        return parse_purl(self.text)


class Subject(Struct, frozen=True):
    """A product, or one of its components."""

    product: Named
    component: Named | None = None


class VexStatement(Struct, frozen=True, kw_only=True):
    """What is said of one flaw in some products."""

    origin: str
    """The file that it stands in."""
    flaws: tuple[str, ...]
    """The identifier and its aliases."""
    status: Status
    subjects: tuple[Subject, ...]
    justification: str = ""
    """One of JUSTIFICATIONS, or the format's own word."""
    note: str = ""
    """Why, or what to do, in the author's words."""
    timestamp: str = ""
    """RFC 3339; of several statements on a row the latest holds."""
    is_unmended: bool = False
    """Affected, and its author will not mend it."""
    refused: str = ""
    """Why it says nothing: `not_affected` without a reason."""

    def text(self) -> str:
        """For messages: `CVE-2024-1 not affected in pkg:deb/debian/zlib (and 3 more)`."""
        names = [one.component.text if one.component is not None else one.product.text for one in self.subjects]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        what = f" in {names[0]}{more}" if names else ""
        refused = f" ({self.refused})" if self.refused else ""
        return f"{self.flaws[0] if self.flaws else 'no flaw'} {self.status.replace('_', ' ')}{what}{refused}"


class Document(Struct, frozen=True, kw_only=True):
    """What a written document says of itself."""

    author: str
    timestamp: str
    """RFC 3339."""
    products: dict[str, Named] = {}
    """Target of rows -> the product that the packages are components of; a target without one: the packages
    themselves are the products."""
    namespace: str = "https://batten.invalid/vex"
    """Prefix of identifiers; an address of the author's own."""


NO_REASON: Final = "not_affected needs a justification or an impact statement"


@lru_cache(maxsize=16384)
def parse_purl(text: str) -> Purl | None:
    """The package URL in `text`, None where it is none; percent-encoding and case as the specification has them."""
    if not text.startswith("pkg:"):
        return None
    from packageurl import PackageURL

    try:
        found = PackageURL.from_string(text)
    except ValueError:
        return None
    qualifiers = found.qualifiers if isinstance(found.qualifiers, dict) else {}
    return Purl(found.type, found.namespace or "", found.name, found.version or "", tuple(sorted(qualifiers.items())))
