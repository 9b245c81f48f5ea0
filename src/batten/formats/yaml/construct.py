"""One document's text -> plain Python values.

Made from libyaml's events instead of PyYAML's nodes: as fast, no recursion in C, aliases stay visible and
nothing has to be kept. What a document may cost is bounded by its nesting and by the number of its nodes
after aliases are expanded.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from yaml import YAMLError, events

from batten.formats.yaml.errors import explain
from batten.formats.yaml.events import NextEvent, Refused, consume
from batten.formats.yaml.schema import CORE, Schema, key_text
from batten.limits import YAML_DEPTH, YAML_NODES
from batten.model.source import Unreadable

_NO_KEY: Final[Any] = object()  # the mapping waits for its next key
_MERGE: Final[Any] = object()  # the key was `<<`
_OPEN: Final[Any] = object()  # value of an anchor whose node has not ended yet


class Parsed(Struct, gc=False):
    """A document's value, and whether a mapping may have a key twice, or a node a tag that is not of YAML's core.
    `size`: its keys and values, at most; collections count twice."""

    value: Any = None
    size: int = 0
    repeated: bool = False
    tagged: bool = False


def parse(text: str, schema: Schema, line: int) -> Parsed:
    """The value of the document in `text`, which begins on line `line` of its file; raises `Unreadable`."""
    decorated = "&" in text or "!" in text
    try:
        return consume(text, lambda next_event: construct(next_event, schema, decorated))
    except YAMLError as error:
        raise explain(error, text, line) from None
    except Refused as error:
        raise Unreadable(error.message, line + text.count("\n", 0, error.offset)) from None


def construct(next_event: NextEvent, schema: Schema, decorated: bool) -> Parsed:
    """The value behind the events of one document. `decorated`: some node may have an anchor or a tag.

    One loop in one piece, because half of a scan's time is spent in it.
    """
    scalar, alias = events.ScalarEvent, events.AliasEvent
    mapping_start, sequence_start = events.MappingStartEvent, events.SequenceStartEvent
    mapping_end, sequence_end = events.MappingEndEvent, events.SequenceEndEvent
    plain, keys = schema.plain, schema.keys
    parsed = Parsed()
    root: list[Any] = []
    value: Any
    append: Any = root.append
    mapping: dict[str, Any] | None = None  # the collection being filled; None for a list
    key = _NO_KEY
    stack: list[tuple[dict[str, Any] | None, Any, _Special | None]] = []  # what stands around it
    anchors: dict[str, tuple[Any, int]] = {}  # name -> value, number of nodes in it
    expanded = 0

    next_event()  # start of the stream
    event = next_event()
    if event.__class__ is events.StreamEndEvent:
        return parsed
    for count in range(YAML_NODES):
        event = next_event()
        kind = event.__class__
        if kind is scalar:
            if mapping is not None and key is _NO_KEY:
                if decorated and (event.tag is not None or event.anchor is not None):
                    key = _decorated_key(event, schema, parsed, anchors)
                elif event.implicit[0]:
                    key = _MERGE if event.value == "<<" else keys[event.value]
                else:
                    key = event.value
                if key in mapping:
                    parsed.repeated = True
                continue
            value = plain[event.value] if event.implicit[0] else event.value
            if decorated:
                if event.tag is not None:
                    value = _tagged(event, schema, parsed)
                if event.anchor is not None:
                    anchors[event.anchor] = (value, 1)
        elif kind is mapping_start or kind is sequence_start:
            value = {} if kind is mapping_start else []
            special = None
            if key is _MERGE or (decorated and (event.anchor is not None or event.tag is not None)):
                special = _Special(value, event.anchor, count + expanded, key is _MERGE)
                parsed.tagged = parsed.tagged or not (event.tag or CORE).startswith(CORE)
                if event.anchor is not None:
                    anchors[event.anchor] = (_OPEN, 0)
            if mapping is None:
                append(value)
            elif key is _NO_KEY:
                raise Refused("expected text as a key, found a mapping or a list", event.start_mark.index)
            elif key is not _MERGE:
                mapping[key] = value
            stack.append((mapping, append, special))
            if len(stack) > YAML_DEPTH:
                raise Refused(f"expected at most {YAML_DEPTH} nested levels, found more", event.start_mark.index)
            key = _NO_KEY
            if kind is mapping_start:
                mapping = value
            else:
                mapping, append = None, value.append
            continue
        elif kind is mapping_end or kind is sequence_end:
            mapping, append, special = stack.pop()
            key = _NO_KEY
            if special is not None:
                # a node inside may have taken the name: the one that begins last has it, as in Go's libraries
                if special.anchor is not None and anchors[special.anchor][0] is _OPEN:
                    anchors[special.anchor] = (special.value, count + expanded - special.before)
                if special.merges and mapping is not None:
                    expanded += _merge(mapping, special.value, schema, event)
            continue
        elif kind is alias:
            value, size = _aliased(event, anchors)
            expanded += size
            if count + expanded > YAML_NODES:
                break
            if mapping is not None and key is _NO_KEY:
                if isinstance(value, (dict, list)):
                    raise Refused("expected text as a key, found a mapping or a list", event.start_mark.index)
                key = key_text(value)
                if key in mapping:
                    parsed.repeated = True
                continue
            if key is _MERGE and not isinstance(value, dict):
                raise Refused(_NO_MAPPING, event.start_mark.index)
        else:  # the document's end
            if next_event().__class__ is not events.StreamEndEvent:
                raise Refused("expected one document, found another; begin it with `---`", event.start_mark.index)
            parsed.value = root[0]
            parsed.size = count
            return parsed
        if mapping is None:
            append(value)
        elif key is _MERGE:
            expanded += _merge(mapping, value, schema, event)
            key = _NO_KEY
        else:
            mapping[key] = value
            key = _NO_KEY
    raise Refused(f"expected at most {YAML_NODES} values in one document, found more", event.start_mark.index)


class _Special(Struct, gc=False):
    """A collection that has an anchor or a tag, or is merged into the mapping around it."""

    value: Any
    anchor: str | None
    before: int
    """Nodes counted before it began."""
    merges: bool


_NO_MAPPING: Final = "expected a mapping after `<<`, found something else"


def _merge(mapping: dict[str, Any], value: Any, schema: Schema, event: Any) -> int:
    """Applies a merge key to the mapping around it; returns the number of keys looked at."""
    sources = value if isinstance(value, list) else [value]
    if any(not isinstance(source, dict) for source in sources):
        raise Refused(_NO_MAPPING, event.start_mark.index)
    if schema.own_keys_win:
        for source in sources:
            for key, item in source.items():
                mapping.setdefault(key, item)
    else:
        for source in reversed(sources):  # the first one of a list wins
            mapping.update(source)
    return sum(map(len, sources)) + len(sources)


def _aliased(event: Any, anchors: dict[str, tuple[Any, int]]) -> tuple[Any, int]:
    if event.anchor not in anchors:
        raise Refused(f"expected an anchor `&{event.anchor}` above its alias, found none", event.start_mark.index)
    found = anchors[event.anchor]
    if found[0] is _OPEN:
        raise Refused(f"expected `*{event.anchor}` to stand outside of what it repeats", event.start_mark.index)
    return found


def _tagged(event: Any, schema: Schema, parsed: Parsed) -> Any:
    parsed.tagged = parsed.tagged or not event.tag.startswith(CORE)
    try:
        return schema.tagged(event.tag, event.value, plain=not event.style)
    except ValueError as error:
        raise Refused(str(error), event.start_mark.index) from None


def _decorated_key(event: Any, schema: Schema, parsed: Parsed, anchors: dict[str, tuple[Any, int]]) -> Any:
    """The key that a scalar with a tag or an anchor stands for."""
    if event.value == "<<" and (event.tag == CORE + "merge" or (event.tag is None and event.implicit[0])):
        if event.anchor is not None:
            raise Refused(f"expected no anchor on a merge key, found `&{event.anchor}`", event.start_mark.index)
        return _MERGE
    if event.tag is not None:
        value = _tagged(event, schema, parsed)
    else:
        value = schema.plain[event.value] if event.implicit[0] else event.value
    if event.anchor is not None:
        anchors[event.anchor] = (value, 1)
    return key_text(value)
