"""Layers laid over each other in the slow and obvious way: one flat dictionary of real paths.

Written from the OCI image specification ("Representing Changes") and from what containerd's unpacking does where
that is silent. The engine in `batten.images.filesystem` must agree with it.
"""

from __future__ import annotations

from msgspec import Struct

from batten.images.facts import LayerFacts

HOPS = 40


class Node(Struct, frozen=True):
    kind: str
    layer: int
    index: int
    """Of the member that holds the bytes."""
    link: str = ""


class NotThere(Exception):
    pass


class SlowFileSystem:
    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.layers = 0

    def apply(self, facts: LayerFacts) -> None:
        number = self.layers
        self.layers += 1
        for path in facts.opaque:
            try:
                real = self.real(path, create=False)
            except NotThere:
                continue
            if real == "" or self.nodes[real].kind == "d":
                self.remove_below(real)
        for path in facts.whiteouts:
            parent, _, name = path.rpartition("/")
            try:
                real = self.real(parent, create=False)
            except NotThere:
                continue
            self.remove(join(real, name))
        for index, path in enumerate(facts.paths()):
            if path:
                self.add(number, index, path, chr(facts.kinds[index]), facts.links.get(index, ""))

    def add(self, number: int, index: int, path: str, kind: str, link: str) -> None:
        parent, _, name = path.rpartition("/")
        try:
            real = join(self.real(parent, create=True), name)
        except NotThere:
            return
        node = Node(kind, number, index, link if kind == "l" else "")
        if kind == "h":
            above, _, last = link.rpartition("/")
            try:
                target = self.nodes.get(join(self.real(above, create=False), last))
            except NotThere:
                target = None
            if target is None or target.kind == "d":
                return
            node = target
        old = self.nodes.get(real)
        if not (kind == "d" and old is not None and old.kind == "d"):
            self.remove(real)
        self.nodes[real] = node

    def real(self, path: str, *, create: bool) -> str:
        """The real path of the folder at `path`."""
        todo, done, hops = path.split("/"), list[str](), 0
        while todo:
            part = todo.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                done = done[:-1]
                continue
            here = "/".join([*done, part])
            node = self.nodes.get(here)
            if node is not None and node.kind == "l":
                hops += 1
                if hops > HOPS:
                    raise NotThere
                if node.link.startswith("/"):
                    done = []
                todo = node.link.split("/") + todo
                continue
            if node is None or node.kind != "d":
                if not create:
                    raise NotThere
                self.remove(here)
                self.nodes[here] = Node("d", -1, -1)
            done.append(part)
        return "/".join(done)

    def remove(self, real: str) -> None:
        self.nodes.pop(real, None)
        self.remove_below(real)

    def remove_below(self, real: str) -> None:
        prefix = real + "/" if real else ""
        for path in [path for path in self.nodes if path.startswith(prefix)]:
            del self.nodes[path]


def join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
