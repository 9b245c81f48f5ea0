"""What the reader of Jenkinsfiles collects, and how it reads texts and names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from batten.formats.pipelines.draft import Builder, secret_names
from batten.formats.pipelines.groovy import Node
from batten.formats.pipelines.groovy_document import GroovyDocument
from batten.model.pipeline import Expression, Head, HostMount, JobImage, Runner, Script, Step, Text, Use, Variable
from batten.model.source import File, Place

_CHAIN: Final = 20  # calls and names behind one another that are followed


class Around(Struct, frozen=True, eq=False):
    """What holds where a statement stands."""

    job: str
    variables: tuple[Variable, ...] = ()
    image: Text | None = None
    may_fail: Place | None = None
    always: bool = False
    before: frozenset[str] = frozenset()
    parameters: bool = False
    """Inside of `parameters`, where `string(…)` declares one."""


class Draft(Struct, eq=False):
    """A job while its steps are still being found."""

    start: int
    end: int
    after: frozenset[str]
    steps: list[Step] = field(default_factory=list)
    images: list[JobImage] = field(default_factory=list)
    mounts: list[HostMount] = field(default_factory=list)
    privileged: list[Place] = field(default_factory=list)
    runner: Runner = Runner("unknown")
    condition: Text | None = None


class Parts:
    """One Jenkinsfile while it is read."""

    def __init__(self, file: File, text: str, statements: list[Node]) -> None:
        self.file = file
        self.text = text
        self.statements = statements
        self.document = GroovyDocument(file)
        stem = file.name.rpartition(".")[0] if file.name.lower().endswith(".groovy") else file.name
        self.parameters: dict[str, str] = {}
        self.head = Head("jenkins", "Jenkinsfile", False, (), self.parameters)
        self.build = Builder(self.document, file, self.head, stem or "Jenkinsfile")
        self.drafts: dict[str, Draft] = {}
        self.uses: list[Use] = []
        self.assigned: dict[str, Node] = {}
        self.named: dict[str, int] = {}
        self.crowd = 0
        """Where the first stage stands that is one too many."""
        self.opaque: list[int] = []
        """Where scripts are run that stand in no string."""

    def collect(self, statements: Iterable[Node]) -> None:
        """Remembers what names are assigned once."""
        waiting = list(statements)
        several: set[str] = set()
        while waiting:
            node = waiting.pop()
            if node.kind == "assign" and node.name:
                if node.name in self.assigned:
                    several.add(node.name)
                self.assigned[node.name] = node.arguments[0]
            waiting += [*node.arguments, *node.named.values()]
            waiting += [one for one in (node.closure, node.base) if one is not None]
        for name in several:
            if not self.is_image(self.assigned[name]):
                del self.assigned[name]

    def draft(self, around: Around, start: int, end: int) -> Draft:
        if around.job not in self.drafts:
            self.drafts[around.job] = Draft(start, end, around.before)
        return self.drafts[around.job]

    def add(self, around: Around, node: Node, name: str, **fields: Any) -> None:
        draft = self.draft(around, node.start, node.end)
        draft.steps.append(
            self.build.step(
                self.document,
                (node.start, node.end),
                around.job,
                name=name,
                environment=around.variables,
                secrets=secret_names(around.variables, "jenkins"),
                image=around.image,
                may_fail=around.may_fail,
                always=around.always,
                **fields,
            )
        )

    def place(self, start: int, end: int) -> Place:
        return Place(self.document, (start, end))

    def resolved(self, node: Node | None) -> Node | None:
        """The value that a name was given, where it was given one alone."""
        if node is not None and node.kind == "name" and node.name in self.assigned:
            return self.assigned[node.name]
        return node

    def text_of(self, node: Node | None) -> Text | None:
        """A string with its place; None for anything else."""
        node = self.resolved(node)
        if node is None or node.kind != "string":
            return None
        return Text(self.document.string(node.start, node.end).text, self.document, (node.start, node.end))

    def word(self, node: Node | None) -> str:
        """A string, a name or a number as text."""
        found = self.text_of(node)
        return found.text if found is not None else node.name if node is not None else ""

    def expression(self, inside: str) -> str:
        """`branch` as `params.BRANCH`, where that is what it was given."""
        given = self.assigned.get(inside)
        return given.name if given is not None and given.kind == "name" and given.name else inside

    def script(self, node: Node, around: Around, shell: str) -> Around:
        """`sh '…'`, `sh(script: "…", returnStatus: true)`, and what `+` joins."""
        pieces = [one for one in self.pieces(node.argument("script", 0)) if one is not None]
        if not pieces:
            self.opaque.append(node.start)
        status = node.named.get("returnStatus")
        if status is not None and self.word(status) == "true":
            around = replace(around, may_fail=self.place(status.start, status.end))
        for number, one in enumerate(pieces):
            start, end = one.start, one.end
            if one.kind == "string":
                string = self.document.string(start, end)
                text, found = string.text, string.expressions
            else:  # a name between strings
                text = self.text[start:end]
                found = ((0, len(text), text),)
            script = Script(
                text,
                self.document,
                (start, end),
                shell=shell,
                expressions=tuple(Expression(first, last, self.expression(inside)) for first, last, inside in found),
            )
            name = self.word(node.named.get("label")) or f"{node.name} {len(self.drafts[around.job].steps) + 1}"
            self.add(around, node, f"{name}.{number}" if number else name, script=script)
        return around

    def pieces(self, given: Node | None) -> list[Node | None]:
        """The strings of a script, and the names that stand between them; None for what is neither."""
        given = self.resolved(given)
        if given is None:
            return []
        if given.kind == "expression" and any(one.kind == "string" for one in given.arguments):
            return [one if one.kind in ("string", "name") else None for one in given.arguments]
        if given.kind in ("call", "name") and given.base is not None and given.base.kind == "string":
            given = given.base  # """…""".stripIndent()
        return [given if given.kind == "string" else None]

    def chain(self, node: Node | None) -> Iterator[Node]:
        """A call, what it is called on, and so on; names are looked up. Circles end."""
        for _ in range(_CHAIN):
            if node is None:
                return
            yield node
            given = self.assigned.get(node.name) if node.kind == "name" else None
            node = given if given is not None and given is not node else node.base

    def is_image(self, node: Node | None) -> bool:
        """Does `docker.build` or `docker.image` stand behind it?"""
        return any(one.kind == "call" and one.name in ("docker.build", "docker.image") for one in self.chain(node))
