"""CycloneDX in XML, turned into what the JSON form has. No document type, no entities.

Flaws of the extension for versions before 1.4 (http://cyclonedx.org/schema/ext/vulnerability/1.0), which stand in the
components, become what they are since: flaws of the document that affect a component.
"""

from __future__ import annotations

from typing import Any, Final
from xml.parsers import expat

from batten.formats.sbom.lines import LinesDocument
from batten.limits import SBOM_DEPTH, SBOM_NODES
from batten.model.source import File, Pointer, Unreadable
from batten.pattern import pattern

_NAMESPACE: Final = pattern(r"http://cyclonedx\.org/schema/bom/(1\.[0-9]+)\Z")
_DEPTH: Final = 3 * SBOM_DEPTH  # a component in another is two elements deeper


class Node:
    """An element by its local name."""

    __slots__ = ("attributes", "children", "line", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.line = line
        self.text: list[str] = []
        self.children: list[Node] = []

    def get(self, tag: str) -> Node | None:
        return next((child for child in self.children if child.tag == tag), None)

    def said(self, tag: str) -> str:
        child = self.get(tag)
        return "".join(child.text).strip() if child is not None else ""

    def of(self, *tags: str) -> list[Node]:
        """The children of the last of these elements in one another."""
        node: Node | None = self
        for tag in tags:
            node = node.get(tag) if node is not None else None
        return node.children if node is not None else []


def parse(file: File) -> tuple[dict[str, Any], LinesDocument]:
    """The document as its JSON form, and the lines of components. Raises `Unreadable`."""
    root, version = _tree(file.data)
    document = LinesDocument(file)
    metadata = root.get("metadata") or Node("metadata", {}, 1)
    tools = [
        {"name": tool.said("name"), "version": tool.said("version")} for tool in metadata.of("tools", "components")
    ]
    tools += [
        {"name": tool.said("name"), "version": tool.said("version")}
        for tool in metadata.of("tools")
        if tool.tag == "tool"
    ]
    subject = metadata.get("component")
    found: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "metadata": {
            "timestamp": metadata.said("timestamp"),
            "tools": tools,
            "component": _component(subject, ("metadata", "component"), document) if subject is not None else {},
        },
        "components": [
            _component(one, ("components", n), document)
            for n, one in enumerate(_named(root.of("components"), "component"))
        ],
        "dependencies": [
            {
                "ref": one.attributes.get("ref", ""),
                "dependsOn": [need.attributes.get("ref", "") for need in one.children],
            }
            for one in root.of("dependencies")
        ],
    }
    parts = [(one, "") for one in root.of("vulnerabilities")]
    parts += _of_components(_named(root.of("components"), "component"), ("components",))
    found["vulnerabilities"] = [
        _flaw(one, ("vulnerabilities", n), document, reference) for n, (one, reference) in enumerate(parts)
    ]
    return found, document


def _of_components(nodes: list[Node], pointer: Pointer) -> list[tuple[Node, str]]:
    """The flaws in components, each with the reference of its component."""
    found = []
    for n, node in enumerate(nodes):
        at = (*pointer, n)
        found += [(one, _reference(node, at)) for one in node.of("vulnerabilities")]
        found += _of_components(_named(node.of("components"), "component"), (*at, "components"))
    return found


def _reference(node: Node, pointer: Pointer) -> str:
    """Of a component; one that needs none has its place for it where the document speaks of its flaws."""
    place = "/".join(map(str, pointer)) if node.get("vulnerabilities") is not None else ""
    return node.attributes.get("bom-ref", "") or place


def _named(nodes: list[Node], tag: str) -> list[Node]:
    return [node for node in nodes if node.tag == tag]


def _component(node: Node, pointer: Pointer, document: LinesDocument) -> dict[str, Any]:
    purl = node.get("purl")
    document.places[pointer] = (node.line, 1)
    if purl is not None:
        document.places[*pointer, "purl"] = (purl.line, 1)
    supplier = node.get("supplier")
    return {
        "type": node.attributes.get("type", ""),
        "bom-ref": _reference(node, pointer),
        **{name: node.said(name) for name in ("publisher", "group", "name", "version", "description", "scope", "purl")},
        "supplier": {"name": supplier.said("name")} if supplier is not None else {},
        "hashes": [
            {"alg": one.attributes.get("alg", ""), "content": "".join(one.text).strip()} for one in node.of("hashes")
        ],
        "licenses": [_licence(one) for one in node.of("licenses")],
        "properties": [
            {"name": one.attributes.get("name", ""), "value": "".join(one.text).strip()}
            for one in node.of("properties")
        ],
        "evidence": {
            "occurrences": [{"location": one.said("location")} for one in node.of("evidence", "occurrences")],
        },
        "components": [
            _component(one, (*pointer, "components", n), document)
            for n, one in enumerate(_named(node.of("components"), "component"))
        ],
    }


def _licence(node: Node) -> dict[str, Any]:
    if node.tag == "expression":
        return {"expression": "".join(node.text).strip()}
    return {"license": {"id": node.said("id"), "name": node.said("name")}}


def _flaw(node: Node, pointer: Pointer, document: LinesDocument, reference: str) -> dict[str, Any]:
    """`reference`: of the component that it stands in. The extension's own is a component's where it stands in none."""
    document.places[pointer] = (node.line, 1)
    source, analysis = node.get("source"), node.get("analysis")
    extended = reference or node.attributes.get("ref", "")
    return {
        "id": node.said("id"),
        "source": {"name": source.said("name") or source.attributes.get("name", ""), "url": source.said("url")}
        if source is not None
        else {},
        "references": [{"id": one.said("id")} for one in node.of("references")],
        "ratings": [_rating(one) for one in node.of("ratings")],
        "cwes": ["".join(one.text).strip() for one in node.of("cwes")],
        **{name: node.said(name) for name in ("description", "recommendation", "published", "updated")},
        "advisories": [{"url": one.said("url") or "".join(one.text).strip()} for one in node.of("advisories")],
        "analysis": {
            **{name: analysis.said(name) for name in ("state", "justification", "detail")},
            "response": ["".join(one.text).strip() for one in analysis.of("responses")],
        }
        if analysis
        else {},
        "affects": [
            {
                "ref": one.said("ref"),
                "versions": [
                    {"version": each.said("version"), "status": each.said("status")} for each in one.of("versions")
                ],
            }
            for one in node.of("affects")
        ]
        or ([{"ref": extended}] if extended else []),
    }


def _rating(node: Node) -> dict[str, Any]:
    source, told = node.get("source"), node.get("score")
    try:
        score: float | None = float((node.said("score") or (told.said("base") if told is not None else ""))[:20])
    except ValueError:
        score = None
    return {
        "source": {"name": source.said("name")} if source is not None else {},
        "score": score,
        **{name: node.said(name) for name in ("severity", "method", "vector")},
    }


def _tree(data: bytes) -> tuple[Node, str]:
    """(root, version of CycloneDX)."""
    stack: list[Node] = []
    roots: list[Node] = []
    count = 0
    version = ""
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count, version
        namespace, _, local = name.rpartition(" ")
        count += 1
        if count > SBOM_NODES or len(stack) >= _DEPTH:
            raise Unreadable(f"expected at most {SBOM_NODES:,} elements, {_DEPTH} in one another, found more", line())
        if not stack:
            match = _NAMESPACE.match(namespace)
            if match is None or local != "bom":
                raise Unreadable(f"expected a bom of http://cyclonedx.org/schema/bom/1.x, found {name[:80]!r}", line())
            version = match[1]
        node = Node(local, attributes, line())
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)

    def end(_: str) -> None:
        stack.pop()

    def text(said: str) -> None:
        if stack:
            stack[-1].text.append(said)

    def refuse(*_: Any) -> None:
        raise Unreadable("expected XML without a document type, found one", line())

    def line() -> int:
        return int(parser.CurrentLineNumber)

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Unreadable(f"expected well-formed XML, found {expat.errors.messages[error.code]}", error.lineno) from None
    except (LookupError, ValueError) as error:
        raise Unreadable(f"expected XML in UTF-8, found another encoding ({str(error)[:60]})", 1) from None
    return roots[0], version
