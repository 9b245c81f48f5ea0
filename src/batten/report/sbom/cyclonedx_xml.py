"""CycloneDX 1.6 in XML (https://cyclonedx.org/docs/1.6/xml/): elements in the order that the schema asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from batten.report.sbom import SbomInput
from batten.report.sbom.bill import Bill
from batten.report.sbom.cyclonedx import document as of

_NAMESPACE: Final = "http://cyclonedx.org/schema/bom/1.6"
_TEXTS: Final = ("publisher", "group", "name", "version", "description", "scope")


def write(document: SbomInput) -> bytes:
    """Indented, with a line end at the end."""
    found = of(Bill(document))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<bom xmlns="{_NAMESPACE}" serialNumber={quoteattr(found["serialNumber"])} version="1">')
    lines += _metadata(found["metadata"])
    lines.append("  <components>")
    for component in found["components"]:
        lines += _component(component, "    ")
    lines += ["  </components>", "  <dependencies>"]
    for one in found["dependencies"]:
        needs = one.get("dependsOn", ())
        lines.append(f"    <dependency ref={quoteattr(one['ref'])}{'' if needs else '/'}>")
        lines += [f"      <dependency ref={quoteattr(need)}/>" for need in needs]
        if needs:
            lines.append("    </dependency>")
    lines.append("  </dependencies>")
    for one in found.get("compositions", ()):
        lines += ["  <compositions>", "    <composition>", f"      <aggregate>{one['aggregate']}</aggregate>"]
        lines.append("      <assemblies>")
        lines += [f"        <assembly ref={quoteattr(reference)}/>" for reference in one["assemblies"]]
        lines += ["      </assemblies>", "    </composition>", "  </compositions>"]
    lines.append("</bom>\n")
    return "\n".join(lines).encode()


def _element(name: str, text: object) -> str:
    return f"<{name}>{escape(str(text))}</{name}>"


def _metadata(metadata: dict[str, Any]) -> Iterator[str]:
    yield "  <metadata>"
    yield f"    {_element('timestamp', metadata['timestamp'])}"
    yield "    <tools>"
    yield "      <components>"
    for tool in metadata["tools"]["components"]:
        yield from _component(tool, "        ")
    yield "      </components>"
    yield "    </tools>"
    yield from _component(metadata["component"], "    ")
    yield "  </metadata>"


def _component(one: dict[str, Any], indent: str) -> Iterator[str]:
    reference = f" bom-ref={quoteattr(one['bom-ref'])}" if "bom-ref" in one else ""
    inner = f"{indent}  "
    yield f'{indent}<component type="{one["type"]}"{reference}>'
    for name in _TEXTS:
        if name in one:
            yield f"{inner}{_element(name, one[name])}"
    if "hashes" in one:
        yield f"{inner}<hashes>"
        for digest in one["hashes"]:
            yield f'{inner}  <hash alg="{digest["alg"]}">{digest["content"]}</hash>'
        yield f"{inner}</hashes>"
    if "licenses" in one:
        yield f"{inner}<licenses>"
        for term in one["licenses"]:
            yield f"{inner}  {_licence(term)}"
        yield f"{inner}</licenses>"
    if "purl" in one:
        yield f"{inner}{_element('purl', one['purl'])}"
    if "properties" in one:
        yield f"{inner}<properties>"
        for fact in one["properties"]:
            yield f"{inner}  <property name={quoteattr(fact['name'])}>{escape(fact['value'])}</property>"
        yield f"{inner}</properties>"
    if "evidence" in one:
        yield from _evidence(one["evidence"], inner)
    yield f"{indent}</component>"


def _licence(term: dict[str, Any]) -> str:
    if "expression" in term:
        return _element("expression", term["expression"])
    ((kind, text),) = term["license"].items()
    return f"<license>{_element(kind, text)}</license>"


def _evidence(evidence: dict[str, Any], indent: str) -> Iterator[str]:
    yield f"{indent}<evidence>"
    for identity in evidence["identity"]:
        yield f"{indent}  <identity>"
        yield f"{indent}    {_element('field', identity['field'])}"
        yield f"{indent}    {_element('confidence', identity['confidence'])}"
        yield f"{indent}    <methods>"
        for method in identity["methods"]:
            parts = "".join(
                _element(name, method[name]) for name in ("technique", "confidence", "value") if name in method
            )
            yield f"{indent}      <method>{parts}</method>"
        yield f"{indent}    </methods>"
        yield f"{indent}  </identity>"
    if "occurrences" in evidence:
        yield f"{indent}  <occurrences>"
        for place in evidence["occurrences"]:
            line = _element("line", place["line"]) if "line" in place else ""
            yield f"{indent}    <occurrence>{_element('location', place['location'])}{line}</occurrence>"
        yield f"{indent}  </occurrences>"
    yield f"{indent}</evidence>"
