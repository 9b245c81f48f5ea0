"""A service on its way to a workload: the merged node, and where each set field stands."""

from __future__ import annotations

from typing import Any, Final

from batten.formats.compose.defaults import STACK_KEYS
from batten.formats.compose.tree import Node
from batten.model.source import Document, Pointer
from batten.model.values import UNKNOWN, Absent


class Fields:
    """Values of a noun's fields; those that are written have a place, maybe in another document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.values: dict[str, Any] = {}
        self.places: dict[str, Pointer] = {}
        self.documents: dict[str, Document] = {}

    def put(self, name: str, value: Any, node: Node) -> None:
        """The field is written at `node`."""
        self.values[name] = value
        self.place(name, node)

    def place(self, name: str, node: Node) -> None:
        self.places[name] = node.pointer
        self.documents.pop(name, None)
        if node.source.document is not self.document:
            self.documents[name] = node.source.document


class Draft:
    """One service (or job, or `pre_start` hook): reads its node for the functions that fill the fields."""

    def __init__(self, name: str, node: Node, platform: str) -> None:
        self.name: Final = name
        self.node: Final = node
        self.platform: Final = platform
        self.document: Final = node.source.document
        self.container = Fields(self.document)
        self.workload = Fields(self.document)
        self.facts: dict[str, str] = {}
        self.ignored: list[str] = []
        """Keys that are written and that the platform ignores."""
        has_image = any(node.get(key) is not None for key in ("image", "build"))
        self.complete = has_image and node.get("extends") is None  # one that is left could not be followed
        """False: something that is not here has its say, too (the file that this one is laid over)."""

    @property
    def is_swarm(self) -> bool:
        return self.platform == "swarm"

    def get(self, key: str) -> Node | None:
        """The service's own `key`; None where it is absent, null, or the platform ignores it."""
        node = self.node.get(key)
        if node is not None and self.is_swarm and key not in STACK_KEYS:
            if key not in self.ignored:
                self.ignored.append(key)
            return None
        return node

    def limit(self, kind: str, name: str) -> Node | None:
        """`deploy.resources.limits.memory` and its like."""
        return self.node.path("deploy", "resources", kind, name)

    def text(self, key: str) -> tuple[Node | None, str | Absent | None]:
        """The node and text of a scalar key."""
        node = self.get(key)
        return node, None if node is None else node.text()

    def items(self, key: str) -> list[Node]:
        """The items of a list; anything else is told."""
        node = self.get(key)
        if node is None:
            return []
        if not node.is_list:
            node.problem(f"expected a list in {key}, found {node.found()}")
        return node.items()

    def away(self, node: Node) -> Document | None:
        """The node's document where it is another than the service's own."""
        return None if node.source.document is self.document else node.source.document

    def default(self, value: Any) -> Any:
        """A platform default; unknown in a service that another file completes."""
        return value if self.complete else UNKNOWN
