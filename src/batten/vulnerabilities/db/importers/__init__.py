"""One module per format of a feed; which of them reads a document is told by its content, never by its name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from batten.vulnerabilities.db.importers.common import Unreadable
from batten.vulnerabilities.db.writer import Writer

Kind = Literal[
    "adp-line",
    "alas",
    "anchore-enrichment",
    "anchore-override",
    "csaf",
    "cve5",
    "debian-tracker",
    "eol-list",
    "eol-map",
    "eol-products",
    "kev",
    "node-core",
    "node-module",
    "nvd",
    "nvd-entry",
    "openvex",
    "osv",
    "photon",
    "retirejs",
    "secdb",
]


class _Probe(Struct, rename={"annotation": "_annotation", "context": "@context"}):
    """The keys that tell the formats apart; values are passed over."""

    id: Raw | UnsetType = UNSET
    affected: Raw | UnsetType = UNSET
    modified: Raw | UnsetType = UNSET
    schema_version: Raw | UnsetType = UNSET
    packages: Raw | UnsetType = UNSET
    apkurl: Raw | UnsetType = UNSET
    reponame: Raw | UnsetType = UNSET
    document: Raw | UnsetType = UNSET
    statements: Raw | UnsetType = UNSET
    context: Raw | UnsetType = UNSET
    vulnerabilities: Raw | UnsetType = UNSET
    catalogVersion: Raw | UnsetType = UNSET
    dateReleased: Raw | UnsetType = UNSET
    resultsPerPage: Raw | UnsetType = UNSET
    cveMetadata: Raw | UnsetType = UNSET
    containers: Raw | UnsetType = UNSET
    cveId: Raw | UnsetType = UNSET
    adp: Raw | UnsetType = UNSET
    annotation: Raw | UnsetType = UNSET
    additionalMetadata: Raw | UnsetType = UNSET
    cve: Raw | UnsetType = UNSET
    result: Raw | UnsetType = UNSET
    issued: Raw | UnsetType = UNSET
    module_name: Raw | UnsetType = UNSET
    vulnerable_versions: Raw | UnsetType = UNSET
    vulnerable: Raw | UnsetType = UNSET
    patched: Raw | UnsetType = UNSET


_PROBE: Final = msgspec.json.Decoder(_Probe)
_LIST: Final = msgspec.json.Decoder(list[Raw])
_MAP: Final = msgspec.json.Decoder(dict[str, Raw])


def kind_of(data: bytes) -> Kind | None:
    """Which format a JSON document has; None for one that is no feed. Raises msgspec.MsgspecError for no JSON."""
    first = data[:64].lstrip()[:1]
    if first == b"[":
        return _kind_of_list(data)
    if first != b"{":
        raise Unreadable(f"expected a JSON object or list, found {data[:20]!r}")
    probe = _PROBE.decode(data)
    if probe.id is not UNSET and (probe.affected is not UNSET or probe.schema_version is not UNSET):
        return "osv"
    if probe.id is not UNSET and probe.packages is not UNSET and probe.issued is not UNSET:
        return "alas"
    if probe.packages is not UNSET and (probe.apkurl is not UNSET or probe.reponame is not UNSET):
        return "secdb"
    if probe.document is not UNSET:
        return "csaf"
    if probe.statements is not UNSET and probe.context is not UNSET:
        return "openvex"
    if probe.cveMetadata is not UNSET and probe.containers is not UNSET:
        return "cve5"
    if probe.vulnerabilities is not UNSET:
        return "nvd" if probe.resultsPerPage is not UNSET else "kev" if probe.catalogVersion is not UNSET else None
    if probe.cveId is not UNSET and probe.adp is not UNSET:
        return "adp-line"
    if probe.annotation is not UNSET:
        return "anchore-override"
    if probe.additionalMetadata is not UNSET:
        return "anchore-enrichment"
    if probe.cve is not UNSET and bytes(probe.cve).lstrip().startswith(b"{"):
        return "nvd-entry"
    if probe.result is not UNSET:
        return "eol-products"
    if probe.module_name is not UNSET and probe.vulnerable_versions is not UNSET:
        return "node-module"
    if probe.cve is not UNSET and probe.vulnerable is not UNSET and probe.patched is not UNSET:
        return "node-core"
    if probe.id is not UNSET and probe.modified is not UNSET:
        return "osv"
    return _kind_of_map(data)


def _kind_of_list(data: bytes) -> Kind | None:
    rows = _LIST.decode(data)
    if not rows or not bytes(rows[0]).lstrip().startswith(b"{"):
        return None
    keys = _MAP.decode(rows[0]).keys()
    if {"cve_id", "pkg"} <= keys:
        return "photon"
    return "eol-list" if "cycle" in keys or "releaseCycle" in keys else None


def _kind_of_map(data: bytes) -> Kind | None:
    for value in _MAP.decode(data).values():
        text = bytes(value[:64] if isinstance(value, bytes) else value).lstrip()
        if text.startswith(b"["):
            rows = _LIST.decode(value)
            if rows and bytes(rows[0]).lstrip().startswith(b"{"):
                keys = _MAP.decode(rows[0]).keys()
                return "eol-map" if "releaseCycle" in keys or "cycle" in keys else None
        elif text.startswith(b"{"):
            names = _MAP.decode(value)
            if "vulnerabilities" in names and bytes(names["vulnerabilities"]).lstrip().startswith(b"["):
                return "retirejs"
            if names and all(name.startswith(("CVE-", "TEMP-")) for name in names):
                first = bytes(next(iter(names.values()))).lstrip()
                return "debian-tracker" if first.startswith(b"{") and "releases" in _MAP.decode(first) else None
        else:
            return None
    return None


# kind -> (module, function, whether the name of the document says something that its content does not)
_READERS: Final[dict[Kind, tuple[str, str, bool]]] = {
    "adp-line": ("cve5", "read_line", False),
    "alas": ("updateinfo", "read_json", False),
    "anchore-enrichment": ("anchore", "read_enrichment", False),
    "anchore-override": ("anchore", "read_override", False),
    "csaf": ("csaf", "read", False),
    "cve5": ("cve5", "read", False),
    "debian-tracker": ("debian_tracker", "read", False),
    "eol-list": ("endoflife", "read_list", True),
    "eol-map": ("endoflife", "read_map", False),
    "eol-products": ("endoflife", "read_products", False),
    "kev": ("kev", "read", False),
    "node-core": ("nodejs_wg", "read_core", True),
    "node-module": ("nodejs_wg", "read_module", False),
    "nvd": ("nvd", "read", False),
    "nvd-entry": ("nvd", "read_entry", False),
    "openvex": ("openvex", "read", False),
    "osv": ("osv", "read", False),
    "photon": ("photon", "read", True),
    "retirejs": ("retirejs", "read", False),
    "secdb": ("secdb", "read", True),
}


@cache
def _reader(kind: Kind) -> tuple[Any, bool]:
    module, function, named = _READERS[kind]
    return getattr(import_module(f"batten.vulnerabilities.db.importers.{module}"), function), named


def read_json(data: bytes, kind: Kind, name: str, writer: Writer) -> None:
    """Hands a JSON document to the importer of its kind. Raises msgspec.MsgspecError, ValueError or Unreadable."""
    function, named = _reader(kind)
    if named:
        function(data, writer, name)
    else:
        function(data, writer)
