"""From the grammar's tree to simple commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from batten.detect.shell import literal
from batten.detect.shell.heredocs import Body
from batten.detect.shell.prefixes import base_name, look_through
from batten.detect.shell.scripts import SHELLS, has_script_file, script_word
from batten.detect.shell.source import Source, State
from batten.detect.shell.syntax import Assignment, Command, Redirection, Word
from batten.limits import SHELL_COMMANDS

if TYPE_CHECKING:
    from tree_sitter import Node

    from batten.detect.shell.reader import Reader

_PIPE_PARTS: Final = frozenset(("|", "|&"))
_LIST_OPERATORS: Final = frozenset(("&&", "||"))
_DECLARATIONS: Final = frozenset(("declaration_command", "unset_command"))


class Draft:
    """A command while its redirections and heredocs are still being collected."""

    def __init__(self, state: State, start: int, end: int) -> None:
        self.state = state
        self.start = start  # in the source's text
        self.end = end
        self.nodes: list[Node] = []
        self.words: tuple[Word, ...] = ()
        self.assignments: list[Assignment] = []
        self.redirections: list[Redirection] = []
        self.bodies: list[Body] = []


def _last(body: Node) -> Node | None:
    """The last command of a list or a pipeline; None of other bodies, which are redirected as a whole."""
    if body.type not in ("list", "pipeline"):
        return None
    while body.type in ("list", "pipeline") and body.named_children:
        body = body.named_children[-1]
    return body if body.type == "command" else None


class Walk:
    """One walk over one tree, without recursion: scripts can be nested deeper than Python's stack."""

    def __init__(self, reader: Reader, source: Source, written: str, bodies: list[Body], depth: int) -> None:
        self.reader = reader
        self.source = source
        self.written = written
        self.bodies = bodies
        self.depth = depth
        self.drafts: list[Draft] = []
        self.first = len(reader.commands)
        self.later: dict[int, list[Node]] = {}
        """Redirections by the command that they belong to, which is still to be opened."""

    def walk(self, root: Node, state: State) -> None:
        stack: list[tuple[Node, State]] = [(root, state)]
        room = SHELL_COMMANDS - len(self.reader.commands)
        while stack and len(self.drafts) < room:
            node, around = stack.pop()
            stack += reversed(self._open(node, around))
        self._give_bodies()
        for draft in self.drafts:
            self._finish(draft)

    def _open(self, node: Node, state: State) -> list[tuple[Node, State]]:
        """Notes the command that `node` is; the nodes inside it that may hold more, in order."""
        kind = node.type
        if kind == "command" or kind in _DECLARATIONS or kind in ("variable_assignment", "variable_assignments"):
            return self._command(node, state)
        if kind == "redirected_statement":
            return self._redirected(node, state)
        if kind == "pipeline":
            return self._pipeline(node, state)
        if kind == "command_substitution":
            state = state.with_(pipes=(), connector="", context="substitution")
        elif kind == "process_substitution":
            state = state.with_(pipes=(), connector="", context="process")
        return self._sequence(node, state)

    def _sequence(self, node: Node, state: State) -> list[tuple[Node, State]]:
        found = []
        connector = state.connector
        for child in node.children:
            if not child.is_named:
                kind = child.type
                if kind in _LIST_OPERATORS or kind in ("&", ";", "\n"):
                    connector = ";" if kind == "\n" else kind
                continue
            if child.type == "comment":
                continue
            found.append((child, state if connector == state.connector else state.with_(connector=connector)))
            if node.type != "list":
                connector = ";"
        return found

    def _pipeline(self, node: Node, state: State) -> list[tuple[Node, State]]:
        number = self.reader.pipelines
        self.reader.pipelines += 1
        found = []
        position = 0
        for child in node.children:
            if child.type in _PIPE_PARTS:
                position += 1
            elif child.is_named:
                connector = "|" if position else state.connector
                found.append((child, state.with_(pipes=(*state.pipes, (number, position)), connector=connector)))
        return found

    def _redirected(self, node: Node, state: State) -> list[tuple[Node, State]]:
        body = node.child_by_field_name("body")
        inner: list[tuple[Node, State]] = []
        draft = None
        if body is not None:
            before = len(self.drafts)
            inner = self._open(body, state)
            if body.type == "command" and len(self.drafts) > before:
                draft = self.drafts[-1]
                draft.end = max(draft.end, self.source.offset(node.end_byte))
        # the grammar gives `a && b > f` and `a | b > f` as redirected wholes: the shell redirects `b`
        last = _last(body) if body is not None and draft is None else None
        for child in node.children_by_field_name("redirect"):
            if last is not None and child.type == "file_redirect":
                self.later.setdefault(last.id, []).append(child)
            if draft is not None:
                draft.redirections.append(self._redirection(child))
                holder = state.with_(pipes=(), connector="", parent=self._index(draft), slot=None)
            else:
                holder = state
            inner += [(part, holder) for part in _substitutions(child)]
        return inner

    def _index(self, draft: Draft) -> int:
        """The index that the newest draft will have as a command."""
        return self.first + len(self.drafts) - 1

    def _redirection(self, node: Node) -> Redirection:
        operator = next((child.type for child in node.children if not child.is_named), "")
        targets = [child for child in node.children if child.is_named and child.type != "file_descriptor"]
        start, end = self._span(node)
        return Redirection(operator, self._word(targets[-1]) if targets else None, start, end)

    def _command(self, node: Node, state: State) -> list[tuple[Node, State]]:
        source = self.source
        draft = Draft(state, source.offset(node.start_byte), source.offset(node.end_byte))
        self.drafts.append(draft)
        draft.redirections += [self._redirection(child) for child in self.later.pop(node.id, ())]
        index = self._index(draft)
        inside: list[tuple[Node, State]] = []
        words: list[Word] = []
        around = state.with_(pipes=(), connector="", parent=index, slot=None)
        if node.type in _DECLARATIONS:
            first = node.children[0]
            words.append(self._word(first))
        for child in [node] if node.type == "variable_assignment" else node.children:
            kind = child.type
            if kind == "variable_assignment":
                draft.assignments.append(self._assignment(child))
            elif "redirect" in kind:
                draft.redirections.append(self._redirection(child))
            elif kind == "command_name":
                inside += [(part, around.with_(slot=len(words))) for part in _substitutions(child)]
                words.append(self._word(child.children[0] if child.children else child))
                draft.nodes.append(child.children[0] if child.children else child)
                continue
            elif child.is_named and kind not in ("comment", "heredoc_body"):
                inside += [(part, around.with_(slot=len(words))) for part in _substitutions(child)]
                words.append(self._word(child))
                draft.nodes.append(child)
                continue
            inside += [(part, around) for part in _substitutions(child)]
        draft.words = tuple(words)
        script = script_word(draft.words)
        if script is not None:  # read as a script of its own in `_finish`, so not here
            inside = [(part, held) for part, held in inside if held.slot != script]
        return inside

    def _assignment(self, node: Node) -> Assignment:
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        start, end = self._span(node)
        text = self._text(name) if name is not None else ""
        return Assignment(text, "" if value is None else self._value(value), start, end)

    def _span(self, node: Node) -> tuple[int, int]:
        return self.source.span(self.source.offset(node.start_byte), self.source.offset(node.end_byte))

    def _text(self, node: Node) -> str:
        return self.source.text[self.source.offset(node.start_byte) : self.source.offset(node.end_byte)]

    def _word(self, node: Node) -> Word:
        start, end = self._span(node)
        return Word(self._text(node), self._value(node), start, end)

    def _value(self, node: Node) -> str | None:
        kind = node.type
        text = self._text(node)
        if kind in ("word", "number", "variable_name", "extglob_pattern", "regex") or not node.is_named:
            return literal.unescape(text) if not any(child.is_named for child in node.children) else None
        if kind == "raw_string":
            return text[1:-1]
        if kind == "string":
            if any(child.is_named and child.type != "string_content" for child in node.children):
                return None
            return literal.unescape_quoted(text[1:-1])
        if kind == "ansi_c_string":
            return literal.unescape_ansi(text[2:-1])
        if kind == "concatenation":
            parts = [self._value(child) for child in node.children[:64]] if len(node.children) <= 64 else [None]
            return None if None in parts else "".join([part for part in parts if part is not None])
        return None

    def _give_bodies(self) -> None:
        """Each heredoc to the command on whose line its `<<` stands."""
        for body in self.bodies:
            best = None
            for draft in self.drafts:
                if draft.start <= body.at and not _parted(self.written, draft.end, body.at):
                    best = draft
                elif draft.start > body.at:
                    if best is None and not _parted(self.written, body.at, draft.start):
                        best = draft
                    break
            if best is not None:
                best.bodies.append(body)

    def _finish(self, draft: Draft) -> None:
        reader, state = self.reader, draft.state
        index = len(reader.commands)
        prefixes, argv = look_through(draft.words)
        start, end = self.source.span(draft.start, draft.end)
        reader.commands.append(
            Command(
                index=index,
                name=base_name(argv[0]) if argv else None,
                argv=argv,
                words=draft.words,
                prefixes=prefixes,
                assignments=tuple(draft.assignments),
                redirections=tuple(draft.redirections),
                heredocs=tuple([self.written[body.start : body.end] for body in draft.bodies]),
                start=start,
                end=end,
                pipes=state.pipes,
                connector=state.connector,
                context=state.context,
                parent=state.parent,
                slot=state.slot,
            )
        )
        reader.waiting.append((self, draft, index))

    def read_inside(self, draft: Draft, index: int) -> None:
        """The scripts that the command runs: after `-c`, in a heredoc."""
        script = script_word(draft.words)
        if script is not None and script < len(draft.nodes):
            found = self._script_text(draft.nodes[script])
            if found is not None:
                state = State(context="script", parent=index, slot=script)
                self.reader.read(found[0], found[1], state, self.depth + 1)
        command = self.reader.commands[index]
        if draft.bodies and command.name in SHELLS and script is None and not has_script_file(command.argv):
            body = draft.bodies[-1]
            places: int | list[int]
            if isinstance(self.source.places, int):
                places = self.source.places + body.start
            else:
                places = self.source.places[body.start : body.end]
            state = State(context="heredoc", parent=index)
            self.reader.read(self.written[body.start : body.end], places, state, self.depth + 1)

    def _script_text(self, node: Node) -> tuple[str, int | list[int]] | None:
        start, end = self.source.offset(node.start_byte), self.source.offset(node.end_byte)
        text = self.source.text[start:end]
        if node.type == "raw_string":
            return text[1:-1], self._places(start + 1, end - 1)
        if node.type == "string":
            inside, places = literal.quoted_with_places(text[1:-1], start + 1)
            return inside, [self.source.place(place) for place in places]
        if node.type == "word":
            return text, self._places(start, end)
        return None

    def _places(self, start: int, end: int) -> int | list[int]:
        places = self.source.places
        return places + start if isinstance(places, int) else places[start:end]


def _substitutions(node: Node) -> list[Node]:
    """The outermost substitutions inside `node`, in order."""
    if not node.children:
        return []
    found = []
    stack = [node]
    while stack:
        part = stack.pop()
        if part.type in ("command_substitution", "process_substitution"):
            found.append(part)
        else:
            stack += reversed(part.children)
    return found


def _parted(text: str, start: int, end: int) -> bool:
    return any(char in text[start:end] for char in ";|&\n")
