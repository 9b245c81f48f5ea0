"""OVAL definitions of Azure Linux and CBL-Mariner, Oracle, Photon, Red Hat, SUSE and Ubuntu
(https://oval-community-guidelines.readthedocs.io): the tests about packages, under the products they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, NamedTuple

from batten.vulnerabilities.db import ecosystems, sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.importers.xml import Node, trees
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import EVERYTHING, Interval, RowStatus, Unit
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "oval"

_EARLIER: Final = re.compile(r"(\S+) is earlier than (\S+)")
_COMPARED: Final = re.compile(r"(\S+) is (<|<=|>|>=)([^\s=<>]\S*)")
_ARCH: Final = re.compile(r"\barch is (\S+)")
_MODULE: Final = re.compile(r"Module (\S+:\S+) is enabled")
_MARINER: Final = re.compile(r"\.(cm|azl)([0-9]+)$")
_PHOTON: Final = re.compile(r"Photon(?: OS)? ([0-9]+(?:\.[0-9]+)?)")
_ORACLE: Final = re.compile(r"Oracle Linux ([0-9]+)")
_REDHAT: Final = re.compile(r"Red Hat Enterprise Linux ([0-9]+)")
_UBUNTU: Final = re.compile(r"Ubuntu ([0-9]{2}\.[0-9]{2})")
_UNFIXED: Final = ("is installed", "is affected", "may need fixing", "needs fixing")

_DECISIONS: Final = {
    "a decision has been made to ignore this issue": "ignored",
    "a decision has been made to defer addressing it": "deferred",
    "has been completed and is pending publication": "pending",
}
"""What Ubuntu writes of a package that has no fix yet -> the word of its tracker."""

_SIGNS: Final = {"<": "fixed", "<=": "last", ">": "introduced", ">=": "introduced"}
_OPERATIONS: Final = {
    "less than": "fixed",
    "less than or equal": "last",
    "greater than": "introduced",
    "greater than or equal": "introduced",
    "equals": "version",
}


class _Test(NamedTuple):
    object: str
    states: tuple[str, ...]
    comment: str


class _State(NamedTuple):
    kind: str
    """`fixed`, `last`, `introduced`, `version` with a version; `arch`; `other` (a key, a pattern)."""
    value: str


class _Context(NamedTuple):
    """What holds for a part of the criteria."""

    platforms: tuple[str, ...] = ()
    module: str = ""
    arch: tuple[str, ...] = ()


def read(stream: BinaryIO, writer: Writer) -> None:
    """A file of definitions. Tests stand behind the definitions that use them, so those are kept until the end."""
    file = _File()
    for parent, node in trees(stream, 2):
        file.take(parent, node)
    for definition in file.definitions:
        file.write(definition, writer)


class _File:
    def __init__(self) -> None:
        self.definitions: list[Node] = []
        self._tests: dict[str, _Test] = {}
        self._objects: dict[str, str] = {}
        self._states: dict[str, _State] = {}
        self._variables: dict[str, tuple[str, ...]] = {}
        self._variable_of: dict[str, str] = {}

    def take(self, parent: str, node: Node) -> None:
        ident = node.attributes.get("id", "")
        if parent == "definitions":
            self.definitions.append(node)
        elif parent == "tests":
            states = tuple(each.attributes.get("state_ref", "") for each in node.all("state"))
            target = next((each.attributes.get("object_ref", "") for each in node.all("object")), "")
            self._tests[ident] = _Test(target, states, node.attributes.get("comment", ""))
        elif parent == "objects":
            name = next(node.all("name"), None)
            if name is not None:
                self._objects[ident] = name.text.strip()
                if variable := name.attributes.get("var_ref"):
                    self._variable_of[ident] = variable
        elif parent == "states":
            self._states[ident] = _state(node)
        elif parent == "variables":
            self._variables[ident] = tuple(each.text.strip() for each in node.all("value") if each.text.strip())

    def write(self, definition: Node, writer: Writer) -> None:
        """One definition; inventory and those about nothing installed are left out."""
        if definition.attributes.get("class") not in ("vulnerability", "patch"):
            return
        meta = next(definition.all("metadata"), None)
        criteria = next((child for child in definition.children if child.tag == "criteria"), None)
        if meta is None or criteria is None:
            return
        platforms = [each.text.strip() for each in meta.all("platform")]
        ident = definition.attributes.get("id", "")
        source = _source(ident, platforms)
        rows: dict[tuple[object, ...], Affected] = {}
        said: RowStatus = "affected"
        if meta.first("patchable") == "Not Applicable" or meta.first("title").startswith("Unaffected"):
            said = "not_affected"
        for row in self._walk(criteria, _Context(), tuple(platforms), source):
            if said == "not_affected":
                row.status, row.ranges = said, EVERYTHING
            key = (row.ecosystem, row.name, row.status, tuple(row.ranges), row.module, tuple(row.versions))
            known = rows.setdefault(key, row)
            known.arch = tuple(dict.fromkeys((*known.arch, *row.arch)))
        _forget_arch(list(rows.values()))
        if rows:
            writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
            writer.add(_advisory(meta, ident, definition.attributes["class"], list(rows.values())))

    def _walk(
        self, node: Node, context: _Context, platforms: tuple[str, ...], source: sources.Source
    ) -> Iterator[Affected]:
        leaves = [child for child in node.children if child.tag == "criterion"]
        parts = [child for child in node.children if child.tag == "criteria"]
        if node.attributes.get("operator", "AND").upper() == "OR":
            for leaf in leaves:
                yield from self._rows([leaf], context, platforms, source)
            for part in parts:
                yield from self._walk(part, context, platforms, source)
            return
        for leaf in leaves:
            context = _narrowed(context, leaf.attributes.get("comment", ""), self._is_platform(leaf))
        rest = []
        for part in parts:
            inner = list(part.all("criterion"))
            if inner and all(self._is_platform(leaf) for leaf in inner):
                names = tuple(_product(leaf.attributes.get("comment", "")) for leaf in inner)
                context = context._replace(platforms=names)
            else:
                rest.append(part)
        yield from self._rows(leaves, context, platforms, source)
        for part in rest:
            yield from self._walk(part, context, platforms, source)

    def _is_platform(self, leaf: Node) -> bool:
        test = self._tests.get(leaf.attributes.get("test_ref", ""))
        name = self._objects.get(test.object, "") if test is not None else ""
        if _ARCH.search(leaf.attributes.get("comment", "")):
            return False
        if name:
            return name.lower().endswith("-release")
        comment = leaf.attributes.get("comment", "")
        return comment.endswith("is installed") and bool(
            _ORACLE.match(comment) or _REDHAT.match(comment) or _PHOTON.match(comment)
        )

    def _rows(
        self, leaves: Iterable[Node], context: _Context, platforms: tuple[str, ...], source: sources.Source
    ) -> Iterator[Affected]:
        """The package tests among leaves that hold together, one row per package."""
        bounds: dict[str, dict[str, str]] = {}
        for leaf in leaves:
            for name, kind, value in self._package_tests(leaf):
                bounds.setdefault(name, {})[kind] = value
        for name, found in bounds.items():
            if not found.keys() & {"fixed", "last", "version", "installed"}:
                continue
            yield from _affected(name, found, context, platforms, source)

    def _package_tests(self, leaf: Node) -> Iterator[tuple[str, str, str]]:
        """(package, kind of bound, version)."""
        comment = leaf.attributes.get("comment", "")
        test = self._tests.get(leaf.attributes.get("test_ref", ""))
        if test is None:
            if found := _EARLIER.match(comment):
                yield found[1], "fixed", found[2]
            return
        if self._is_platform(leaf):
            return
        names = self._variables.get(self._variable_of.get(test.object, ""), ())
        if not names and self._objects.get(test.object):
            names = (self._objects[test.object],)
        states = [self._states[ref] for ref in test.states if ref in self._states]
        versions = [state for state in states if state.kind in ("fixed", "last", "introduced", "version")]
        for name in names:
            for state in versions:
                yield name, state.kind, state.value
            if not states and test.states and (found := _COMPARED.match(test.comment)):
                yield name, _SIGNS[found[2]], found[3]
            if not test.states and (decision := _decision(comment)) is not None:
                yield name, "installed", decision


def _forget_arch(rows: list[Affected]) -> None:
    """Architectures matter only where they are mended by different versions."""
    counts: dict[tuple[str, str, str], int] = {}
    for row in rows:
        counts[row.ecosystem, row.name, row.module] = counts.get((row.ecosystem, row.name, row.module), 0) + 1
    for row in rows:
        if counts[row.ecosystem, row.name, row.module] == 1:
            row.arch = ()


def _state(node: Node) -> _State:
    for each in node.children:
        operation = _OPERATIONS.get(each.attributes.get("operation", "equals"))
        if each.tag == "evr" and operation:
            return _State(operation, "".join(each.text.split()))
        if each.tag in ("signature_keyid", "version", "release"):
            return _State("other", "")
    return _State("other", "") if node.children else _State("", "")


def _narrowed(context: _Context, comment: str, platform: bool) -> _Context:
    if platform:
        return context._replace(platforms=(_product(comment),))
    if found := _MODULE.search(comment):
        return context._replace(module=found[1])
    if found := _ARCH.search(comment):
        return context._replace(arch=(found[1],))
    return context


def _decision(comment: str) -> str | None:
    """Of a package that is affected whatever its version: the publisher's decision, "" for none; None: it is not."""
    if word := next((word for text, word in _DECISIONS.items() if text in comment), ""):
        return word
    return "" if comment.rstrip(". ").endswith(_UNFIXED) else None


def _product(comment: str) -> str:
    return comment.removesuffix(" is installed")


def _affected(
    name: str, bounds: dict[str, str], context: _Context, platforms: tuple[str, ...], source: sources.Source
) -> Iterator[Affected]:
    # SUSE writes packages that were never affected as older than nothing
    never = bounds.get("fixed", "").strip() in ("0:0-0", "0", "0-0")
    introduced, fixed, last = bounds.get("introduced", ""), bounds.get("fixed", ""), bounds.get("last", "")
    versions = (bounds["version"],) if "version" in bounds else ()
    ranges: tuple[Interval, ...] = () if versions else (Interval(introduced, fixed, last),)
    unit: Unit = "binary"
    reason = bounds.get("installed", "")
    status: RowStatus = "not_affected" if never else "will_not_fix" if reason == "ignored" else "affected"
    for platform in context.platforms or platforms:
        ecosystem = _ecosystem(platform, fixed or last or (versions[0] if versions else ""), source)
        if ecosystem:
            yield Affected(
                ecosystem=ecosystem,
                name=name,
                unit=unit,
                status=status,
                reason=reason,
                ranges=EVERYTHING if never else ranges,
                versions=versions,
                module=context.module,
                arch=context.arch,
                product=_flavour(fixed, source),
            )


def _flavour(version: str, source: sources.Source) -> str:
    """Oracle builds some packages thrice; each is mended by its own kind only."""
    if source is sources.ORACLE:
        return next((word for word in ("ksplice", "fips") if word in version), "")
    return ""


def _ecosystem(platform: str, version: str, source: sources.Source) -> str:
    if source is sources.AZURE:
        found = _MARINER.search(version)
        if found is None:
            return ""
        return f"{'mariner' if found[1] == 'cm' else 'azurelinux'}:{found[2]}.0"
    if source is sources.SUSE:
        lower = platform.lower()
        return ecosystems.suse_product(platform) if "linux enterprise" in lower or "opensuse" in lower else ""
    if source is sources.PHOTON:
        found = _PHOTON.search(platform)
        return f"photon:{found[1] if '.' in found[1] else found[1] + '.0'}" if found else ""
    patterns = {"oracle": (_ORACLE, "oracle"), "redhat": (_REDHAT, "redhat"), "ubuntu": (_UBUNTU, "ubuntu")}
    pattern, name = patterns.get(source.name, (None, ""))
    found = pattern.search(platform) if pattern is not None else None
    return f"{name}:{found[1]}" if found else ""


def _source(ident: str, platforms: list[str]) -> sources.Source:
    for part, source in (
        ("com.microsoft", sources.AZURE),
        ("com.oracle", sources.ORACLE),
        ("com.vmware", sources.PHOTON),
        ("com.redhat", sources.REDHAT),
        ("org.opensuse", sources.SUSE),
        ("com.ubuntu", sources.UBUNTU),
    ):
        if part in ident:
            return source
    raise common.Unreadable(f"expected definitions of a known distribution, found {ident[:60]!r} for {platforms[:1]}")


def _advisory(meta: Node, ident: str, kind: str, rows: list[Affected]) -> Advisory:
    references = [
        (each.attributes.get("source", ""), each.attributes.get("ref_id", ""), each.attributes.get("ref_url", ""))
        for each in meta.all("reference")
    ]
    named = [ref for kind, ref, _ in references if kind.upper() != "CVE" and common.IDENTIFIER.fullmatch(ref)]
    title = meta.first("title")
    if not named and (found := re.match(r"(?:PHSA-[0-9:-]+|[A-Z]+-[0-9]+[:-][0-9:-]+)", title)):
        named = [found[0].rstrip(":")]
    texts = [each.text for each in meta.all("cve")] + [ref for _, ref, _ in references]
    cves = list(dict.fromkeys(found[0] for text in texts if (found := common.CVE.search(text))))
    if len(cves) == 1 and (not named or kind == "vulnerability"):
        name, upstream = cves[0], []
    else:
        name, upstream = (named[0] if named else ident), cves
    dates = [each.attributes.get("date", "") for tag in ("issued", "updated") for each in meta.all(tag)]
    days = [
        day for text in (*dates, meta.first("advisory_date"), meta.first("public_date")) if (day := common.day(text))
    ]
    return Advisory(
        id=name.replace(" ", ""),
        affected=rows,
        upstream=[one for one in upstream if one != name],
        published=min(days, default=""),
        modified=max(days, default=""),
        severity=meta.first("severity").capitalize(),
        facts=Facts(
            summary=common.short(meta.first("description") or title), urls=common.urls(r[2] for r in references)
        ),
    )
