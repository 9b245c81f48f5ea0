"""The product tree of a CSAF document: which package in which product an identifier means."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from msgspec import Struct

from batten.vulnerabilities.db import ecosystems

_EUS: Final = re.compile(r"(rhel_[a-z0-9_]+|enterprise_linux_eus):([0-9]+(?:\.[0-9]+)?)")
_MODULE: Final = re.compile(r"[^:/\s]+:[^:/\s]+(?=$|:)")


class Helper(Struct):
    purl: str | None = None
    cpe: str | None = None


class Product(Struct):
    product_id: str = ""
    name: str = ""
    product_identification_helper: Helper | None = None


class Branch(Struct):
    category: str = ""
    name: str = ""
    product: Product | None = None
    branches: list[Branch] | None = None


class Relationship(Struct):
    product_reference: str = ""
    relates_to_product_reference: str = ""
    full_product_name: Product | None = None


class Tree(Struct):
    branches: list[Branch] | None = None
    relationships: list[Relationship] | None = None


class Component(NamedTuple):
    """A package as a product tree names it."""

    name: str
    version: str
    arch: str
    module: str


class Place(NamedTuple):
    """A product that packages are shipped in."""

    ecosystem: str
    product: str
    main: bool


class Products:
    """The product tree, by product identifier."""

    def __init__(self, tree: Tree, *, suse: bool) -> None:
        self._suse = suse
        self._places: dict[str, Place | None] = {}
        self._components: dict[str, Component | None] = {}
        self._pairs: dict[str, tuple[str, str]] = {}
        waiting = list(tree.branches or ())
        while waiting:
            branch = waiting.pop()
            waiting += branch.branches or ()
            if branch.product is not None:
                self._learn(branch.category, branch.product)
        for one in tree.relationships or ():
            if one.full_product_name is not None:
                self._pairs[one.full_product_name.product_id] = (
                    one.product_reference,
                    one.relates_to_product_reference,
                )

    def find(self, ident: str) -> tuple[Place, Component] | None:
        """Where the package of a product identifier is shipped, and which; None for container images and the like."""
        pair = self._pairs.get(ident)
        if pair is None:
            return None
        reference, relates = pair
        if relates not in self._places and relates in self._pairs:  # a package of a module of a product
            module, relates = self._pairs[relates]
        else:
            module = ""
        place, component = self._places.get(relates), self._components.get(reference)
        if place is None or component is None or not component.name:
            return None
        if module and not component.module and (found := _MODULE.match(module)):
            component = component._replace(module=found[0])
        return place, component

    def _learn(self, category: str, product: Product) -> None:
        helper = product.product_identification_helper or Helper()
        if category == "product_name":
            self._places[product.product_id] = self._place(product, helper.cpe or "")
        elif category in ("product_version", "product_version_range"):
            self._components[product.product_id] = _component(product.product_id, helper.purl or "")

    def _place(self, product: Product, cpe: str) -> Place | None:
        if self._suse:
            ecosystem = ecosystems.suse_product(product.name)
            return Place(ecosystem, "", True) if ecosystem else None
        if not cpe.startswith("cpe:"):
            return None
        if ":enterprise_linux:" in cpe:
            return Place(ecosystems.redhat_release(cpe), cpe, True)
        if found := _EUS.search(cpe):
            return Place(f"redhat-eus:{found[2]}", cpe, False)
        parts = cpe.split(":")
        return Place(f"redhat-{parts[3]}", cpe, False) if len(parts) > 3 and parts[3] else None


def _component(ident: str, purl: str) -> Component | None:
    """Out of the package URL, else out of a name such as `openssl-1:3.0.7-27.el9.aarch64` or `nodejs:18/npm`."""
    qualifiers: dict[str, str] = {}
    if purl and not purl.startswith("pkg:rpm/"):
        return None
    if purl:
        from urllib.parse import unquote

        text = unquote(purl.partition("?")[2])
        qualifiers = dict(part.split("=", 1) for part in text.split("&") if "=" in part)
    rest = ident.rpartition("/")[2] if "/" in ident else ident
    module = _stream(qualifiers.get("rpmmod", "")) or (_stream(ident.rpartition("/")[0]) if "/" in ident else "")
    for mark in ("::", ".rpm-"):  # `NEVRA::nodejs:18`, and until 2023 `NVRA.rpm-nodejs:18`
        before, found, tail = rest.rpartition(mark)
        if found and (stream := _stream(tail)):
            rest, module = before, module or stream
    arch = qualifiers.get("arch", "")
    stem, dot, last = rest.rpartition(".")
    if dot and last in _ARCHITECTURES:
        rest, arch = stem, last
    parts = rest.rsplit("-", 2)
    if len(parts) == 3 and parts[2] and (":" in parts[1] or parts[1][:1].isdigit()) and (":" in parts[1] or arch):
        epoch = qualifiers.get("epoch", "0")
        version = parts[1] if ":" in parts[1] else f"{epoch}:{parts[1]}"
        version = version.removeprefix("0:")
        return Component(parts[0], f"{version}-{parts[2]}", arch, module)
    return Component(rest, "", arch, module) if rest and not any(char.isspace() for char in rest) else None


def _stream(text: str) -> str:
    found = _MODULE.match(text)
    return found[0] if found else ""


_ARCHITECTURES: Final = frozenset(
    (
        *("aarch64", "aarch64_ilp32", "armv7hl", "i386", "i486", "i586", "i686", "ia64", "noarch", "ppc", "ppc64"),
        *("ppc64le", "riscv64", "s390", "s390x", "src", "x86_64"),
    )
)
