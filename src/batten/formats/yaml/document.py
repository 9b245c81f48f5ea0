"""A YAML document, and the reader that finds the documents of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from batten.formats.document import Recent, TreeDocument
from batten.formats.json.scan import compose as compose_json
from batten.formats.json.scan import parse as parse_json
from batten.formats.lines import lines_of, text_of
from batten.formats.tree import MAP, Node, Tree
from batten.formats.yaml.schema import CORE, Schema
from batten.formats.yaml.split import Chunk, is_template, split
from batten.limits import LINE_BYTES, YAML_DIRECTIVES, YAML_DOCUMENTS, YAML_PLACES
from batten.model.source import File, Pointer, Problem, Unreadable
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.yaml.places import Places

_JSON = pattern(r"(?:---(?=\s))?[ \t\r\n]*+(?:\[|\{(?!\{))")  # `{{` is a template
_REPEATED = {
    "kubernetes": "the last one counts",
    "compose": "Compose refuses that; the last one was judged",
}


class YamlDocument(TreeDocument):
    """One document of a YAML file: `value` as `schema` reads it, `index` its number in the file, from 0.

    Comments between two `---` are no document and have no number. Where an alias stands, `value` has the
    same object as at its anchor. `notes`: keys that stand twice.
    """

    __slots__ = ("_places", "_simple", "_tagged", "json", "schema")

    def __init__(self, file: File, index: int, chunk: Chunk, schema: Schema) -> None:
        super().__init__(file, index, chunk.start, chunk.end, chunk.line)
        self.schema = schema
        self.json = False
        """The document is JSON to the letter and is edited as such."""
        self._tagged = False
        self._simple: bool | None = None
        """Is it read line by line? None: not read yet."""
        self._places: Places | None = None

    def forget(self) -> None:
        super().forget()
        self._places = None

    def span(self, pointer: Pointer, *, key: bool) -> tuple[int, int]:
        if not self._simple:
            return super().span(pointer, key=key)
        places = self._places or _places_of(self)
        return places.span(lines_of(self.file), pointer, key=key)

    def compose(self) -> Tree:
        text = text_of(self.file)
        if self.json:
            start, end = self.range
            return compose_json(text, start + (3 if text.startswith("---", start) else 0), end)
        from batten.formats.yaml.compose import compose

        return compose(text, *self.range, self.schema)

    def tags(self) -> dict[Pointer, str]:
        """The tags that are not of YAML's core, as Compose's `!reset`, by the pointer of their node.

        Raises `Unreadable` for a document that is too large.
        """
        if self._tagged and self.size > YAML_PLACES:
            raise Unreadable(f"expected at most {YAML_PLACES} values in a document with tags, found more", self.line)
        return dict(_tags(self.compose().root, ())) if self._tagged else {}

    def reread(self) -> Any:
        return self._parse(text_of(self.file)[slice(*self.range)])[0]

    def places(self) -> Places:
        """The places of a document that is read line by line; found anew with every call."""
        found = self._read_lines(text_of(self.file)[slice(*self.range)])
        assert found is not None
        return found[1]

    def read(self, text: str) -> None:
        """Takes its value from `text`; raises `Unreadable`."""
        self.value, repeated, self._places = self._parse(text)
        if repeated:
            self.note_repeated_keys(_REPEATED[self.schema.name])

    def _parse(self, text: str) -> tuple[Any, bool, Places | None]:
        """The value of `text`, whether some mapping has a key twice, and the places that were found with it."""
        if text.startswith("\ufeff"):  # the reader has taken one; libyaml would take this one and count without it
            raise Unreadable("expected one byte order mark at most, found two", self.line)
        if _JSON.match(text) is not None:
            try:
                found = parse_json(text[3:] if text.startswith("---") else text)
            except Unreadable:
                pass  # flow style that is no JSON, or broken: libyaml says where
            else:
                if found.value:  # empty brackets may be either: libyaml reads them
                    self.json = True
                    self.size = found.size
                    return found.value, found.repeated, None
        _check_lines(text, self.line)
        simple = self._read_lines(text)
        if simple is not None:
            return simple[0], False, simple[1]
        from batten.formats.yaml.construct import parse

        parsed = parse(text, self.schema, self.line)
        self._tagged = parsed.tagged
        self.size = parsed.size
        return parsed.value, parsed.repeated, None

    def _read_lines(self, text: str) -> tuple[Any, Places] | None:
        """Value and places of `text`; None where it cannot be read line by line."""
        if self._simple is False:
            return None
        from batten.formats.yaml.places import Places  # PyYAML costs 14 ms at import
        from batten.formats.yaml.simple import read

        found = read(text, self.schema, verified=self._simple is True)
        self._simple = found is not None
        if found is None:
            return None
        self.size = found.size
        return found.value, Places(found.numbers, found.longer, *self.range, self.line, self.schema)


_places_of: Final[Recent[YamlDocument, Places]] = Recent(lambda document: document.places())


def read_documents(
    file: File,
    schema: Schema,
    want: Callable[[str], bool] | None = None,
    kind: type[YamlDocument] = YamlDocument,
) -> Iterator[YamlDocument | Problem]:
    """The documents of `file` as `schema` reads them, in order, each a `kind`.

    `want` is asked with the text of each document before it is parsed; None wants all. A document that
    cannot be read gives one `Problem`, and the next ones are still read; the message begins with
    `template:` where markers of a template language stand in the way.
    """
    try:
        text = text_of(file)
    except Unreadable as error:
        yield Problem(file.path, error.message, error.line)
        return
    for index, chunk in enumerate(split(text)):
        if index >= YAML_DOCUMENTS:
            yield Problem(file.path, f"expected at most {YAML_DOCUMENTS} documents in one file, found more", chunk.line)
            return
        part = text[chunk.start : chunk.end]
        if want is not None and not want(part):
            continue
        document = kind(file, index, chunk, schema)
        try:
            document.read(part)
        except Unreadable as error:
            message = f"template: {error.message}" if is_template(part) else error.message
            yield Problem(file.path, message, error.line)
        else:
            yield document


def _check_lines(text: str, line: int) -> None:
    """Bounds what makes libyaml slow; raises `Unreadable`."""
    if text.startswith("%") and text.count("\n%") > YAML_DIRECTIVES:
        raise Unreadable(f"expected at most {YAML_DIRECTIVES} directives, found more", line)
    if len(text) <= LINE_BYTES:
        return
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        if end - begin > LINE_BYTES:
            raise Unreadable(f"expected lines of at most {LINE_BYTES} characters, found one of {end - begin}", line)
        begin = end + 1
        line += 1


def _tags(root: Node, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    waiting: list[tuple[Node, Pointer]] = [(root, pointer)]
    while waiting:
        node, place = waiting.pop()
        if node.tag is not None and not node.tag.startswith(CORE):
            yield place, node.tag
        if node.kind == MAP:
            waiting += [(v, (*place, k.text)) for k, v in zip(node.items[::2], node.items[1::2], strict=True)]
        else:
            waiting += [(item, (*place, n)) for n, item in enumerate(node.items)]
