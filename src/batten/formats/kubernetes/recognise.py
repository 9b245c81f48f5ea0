"""Which documents are worth parsing, seen in their text.

Real repositories are mostly definitions of custom resources and objects that nobody judges; finding the
object's `kind` costs a hundredth of parsing it. A document is passed over only where its kind stands in
plain sight and is not one of ours: whatever is written in another way is parsed.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any, Final

from msgspec import Struct

from batten.formats.kubernetes.kinds import (
    ARGO_WORKFLOWS,
    BUILTIN_GROUPS,
    BUILTIN_KINDS,
    CUSTOM_POD_TEMPLATES,
    OTHER_READ,
    kind_of,
)
from batten.formats.kubernetes.partial import PARTIAL
from batten.pattern import pattern

# the value of a top-level key in block style, a plain or quoted word; a comment may follow
_WORD: Final = pattern(r"[ \t]+([\"']?)([A-Za-z0-9.-]+)(/[A-Za-z0-9]+)?\1[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
# top-level keys that may be a `kind` in disguise: quoted, complex, tagged, merged, aliased, in flow style
_DISGUISED: Final = pattern(r"\n(?:[\"'?!&*]|<<|\{(?!\{))")
_ANY_KIND: Final = pattern(r"kind[\"']?[ \t]*:\s*[\"']?([A-Za-z][A-Za-z0-9]*)")
_STRANGE: Final = 16 * 1024  # characters of a document without a kind that is parsed to see whether it is YAML
_FRAGMENT: Final = pattern(r"[A-Za-z][\w.-]{0,100}[ \t]*\n*\Z")
_BLOCK: Final = pattern(r"(?:\A|\n)[A-Za-z_]")
# lists of containers, in block or in flow style; of steps only where an image follows: other things have some, too
_LIST: Final = r"[\"']?:[ \t]*(?:#[^\n]*)?(?:\n[ \t]*-[ \t]|\[[ \t\n]*\{)"
_CONTAINERS: Final = pattern(r"[\n{,][ \t-]*[\"']?(?:containers|initContainers)" + _LIST)
_STEPS: Final = pattern(r"[\n{,][ \t-]*[\"']?(?:sidecars|steps)" + _LIST)
# what an object in flow style, as all of JSON is, begins with where nothing hides it
_FLOW_VALUE: Final = r"[\"']?\s*:\s*[\"']?([A-Za-z0-9./-]+)[\"']?\s*"
_FLOW_HEADS: Final = (
    pattern(r"\{\s*[\"']?apiVersion" + _FLOW_VALUE + r",\s*[\"']?kind" + _FLOW_VALUE + "[,}]"),
    pattern(r"\{\s*[\"']?kind" + _FLOW_VALUE + r",\s*[\"']?apiVersion" + _FLOW_VALUE + "[,}]"),
)
# how a file begins of which nothing but the beginning of an object is left; it is one where no other key follows
_VERSION: Final = rb"(?:[a-z0-9.-]+/)?v[0-9]+(?:(?:alpha|beta)[0-9]+)?"
_HEADLESS: Final = pattern(
    rb"(?:\xef\xbb\xbf)?(?:(?:---|#[^\n]*)?[ \t\r]*\n)*+"
    rb"(?:apiVersion:[ \t]*[\"']?" + _VERSION + rb"[\"']?[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)"
    rb"|\{\s*\"apiVersion\"\s*:\s*\"" + _VERSION + rb"\"\s*,?\s*(?:\Z|\"(?:metadata|spec|k|ki|kin)\b))"
)
_OTHER_KEY: Final = pattern(
    rb"^(?!(?:apiVersion|metadata|spec|data|stringData|rules|status)[ \t]*:|[A-Za-z]+\Z)[^\s#{}\]-]", re.MULTILINE
)
_IMAGE: Final = pattern(r"[\s{,-][\"']?image[\"']?:[ \t]*[^\s#]")
# the head of an object as a template leaves it, whose words may be filled in
_OPEN_VERSION: Final = pattern(r"^([ ]*)([\"']?)apiVersion\2[ \t]*:[ \t]*[\"']?([^\s\"'#,]*)", re.MULTILINE)
_OPEN_KIND: Final = pattern(r"^([ ]*)([\"']?)kind\2[ \t]*:[ \t]*[\"']?([^\s\"'#,]*)", re.MULTILINE)
_MARGIN: Final = pattern(r"^(?:[A-Za-z_\"']|-\s)", re.MULTILINE)
_SEPARATOR: Final = pattern(r"^---", re.MULTILINE)
_FLOW_VERSION: Final = pattern(r"[{,]\s*[\"']?apiVersion" + _FLOW_VALUE)
_HEADS: Final = 16  # versions, and kinds, of objects in flow style that are looked at in one template
_FILLED_IN: Final = pattern(r"\W")
_LISTS: Final = ("containers", "initContainers", "sidecars", "steps")
_EXOTIC_BREAKS: Final = str.maketrans({"\x85": "\n", "\u2028": "\n", "\u2029": "\n"})


def begins_headless(data: bytes) -> bool:
    """Whether a file is the beginning of an object alone: its version, and no kind."""
    return _HEADLESS.match(data) is not None and (b"{" in data[:16] or _OTHER_KEY.search(data) is None)


def holds_object(text: str, own: dict[str, str]) -> bool:
    """Whether a template becomes objects that are read, as far as its text says: their kinds are, or are filled in."""
    recogniser = Recogniser(own)
    text = text.replace("\r\n", "\n")
    flow = list(islice(dict.fromkeys(found[1] for found in _FLOW_VERSION.finditer(text)), _HEADS))
    if flow:
        kinds = list(islice(dict.fromkeys(found[1] for found in _ANY_KIND.finditer(text)), _HEADS))
        return any(recogniser.may_read(version, kind, text) for version in flow for kind in kinds)
    for document in _SEPARATOR.split(text):
        version, kind = _OPEN_VERSION.search(document), _OPEN_KIND.search(document)
        if version is None or kind is None or version[1] != kind[1] or (version[1] and _MARGIN.search(document)):
            continue  # an object in a value of something else is none
        if recogniser.may_read(version[3], kind[3], document):
            return True
    return False


class Fragment(Struct, frozen=True):
    """A document that is no whole head of an object."""

    found: str
    """What it holds, in words."""
    text: str


class Recogniser:
    """Says of the documents of one file whether they are wanted; remembers what it saw."""

    def __init__(self, own: dict[str, str]) -> None:
        self._entries = _ENTRIES if not own else _ENTRIES | {entry for entry in own if "/" in entry}
        self._any_group = frozenset(entry for entry in own if "/" not in entry)
        self._kinds = _KINDS if not own else _KINDS | {kind_of(entry) for entry in own}
        self.objects = 0
        """Documents that are Kubernetes objects in plain sight, wanted or not."""
        self.fragment: Fragment | None = None
        """The first document that is no whole head of an object, as is left where a file was cut off."""
        self.headless = False
        """All of the file is such a one."""
        self._latest = ""
        self.strangers: list[str] = []
        """`group/Kind` of objects that are passed over although containers stand in them."""

    def wants(self, text: str) -> bool:
        """Whether the document in `text` should be parsed."""
        self._latest = text
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if not text.isascii() and ("\x85" in text or "\u2028" in text or "\u2029" in text):
            text = text.translate(_EXOTIC_BREAKS)
        at = _key(text, "kind:")
        if at < 0:
            return self._wants_unseen(text)
        found = _WORD.match(text, at)
        at = _key(text, "apiVersion:")
        version = _WORD.match(text, at) if at >= 0 else None
        if found is None or version is None or text.find("\nkind", found.end() - 1) >= 0 or _DISGUISED.search(text):
            return "apiVersion" in text
        self.objects += 1
        return self._wants_kind(version[2] if version[3] else "", version[0], found[2], text)

    def told(self) -> None:
        """The document that was asked about last was told of: it is no fragment beside that."""
        if self.fragment is not None and self.fragment.text is self._latest:
            self.fragment = None

    def _wants_kind(self, group: str, version: str, kind: str, text: str) -> bool:
        if kind == "List":
            # one without items is told
            return self._holds_kind(text) or _has_containers(text) or not _holds_two(text)
        kind = kind.removesuffix("List")
        if self.reads(group, kind):
            return True
        if kind == "CustomResourceDefinition":
            return "v1beta1" in version  # removed from the API, which is worth telling
        if not group.startswith("kustomize.") and _has_containers(text):
            self.strangers.append(f"{group}/{kind}")
        return False

    def may_read(self, version: str, kind: str, text: str) -> bool:
        """Whether objects of this head in a template give anything; what is filled in may be any word."""
        group = version.rpartition("/")[0]
        if _FILLED_IN.match(version):
            group = next((entry.rpartition("/")[0] for entry in _ENTRIES if kind_of(entry) == kind), "")
        if _FILLED_IN.match(kind) or kind == "List":
            return group in BUILTIN_GROUPS
        kind = kind.removesuffix("List")
        return (kind in self._kinds and self.reads(group, kind)) or (kind not in self._kinds and _has_containers(text))

    def reads(self, group: str, kind: str) -> bool:
        """Whether objects of this kind give anything."""
        return group in BUILTIN_GROUPS or f"{group}/{kind}" in self._entries or kind in self._any_group

    def _holds_kind(self, text: str) -> bool:
        return any(found[1].removesuffix("List") in self._kinds for found in _ANY_KIND.finditer(text))

    def _wants_flow(self, text: str) -> bool:
        """For documents in flow style: JSON, and YAML that is written so."""
        if "apiVersion" not in text:
            return False
        head = _FLOW_HEADS[0].match(text) or _FLOW_HEADS[1].match(text)
        if head is not None:
            self.objects += 1
            if "kustomize." in head[0]:
                return False
        # an object of another kind is parsed for what is to be told of its containers
        if self._holds_kind(text) or ("kind" in text and _has_containers(text)):
            return True
        found = _ANY_KIND.search(text)
        if found is None:
            self.headless = self.headless or begins_headless(text.encode())
            return self.headless
        return found[1] == "List" and not _holds_two(text)

    def _wants_unseen(self, text: str) -> bool:
        """For documents whose kind does not stand at the start of a line as a plain word."""
        content = text.removeprefix("---").lstrip("\ufeff \t\n")
        if content and self.fragment is None and _FRAGMENT.match(content) is not None:
            self.fragment = Fragment(f"the text {content.split(chr(10), 1)[0].strip()!r}", self._latest)
        if content.startswith(("{", "[")):
            wanted = self._wants_flow(content)
        elif "kind" not in text or "apiVersion" not in text:
            # kubectl takes a file whole or not at all: what stands among objects must be YAML
            self.headless = self.headless or (self.objects == 0 and begins_headless(text.encode()))
            wanted = (self.objects > 0 or self.headless) and len(content) < _STRANGE
            if (content.startswith("apiVersion:") or self.headless) and self.fragment is None:
                self.fragment = Fragment("one without a kind", self._latest)
        elif text.startswith("kind") or "\nkind" in text or _DISGUISED.search(text):
            wanted = True  # an odd spelling of the key, or a template
        else:
            # without any key at the start of a line the whole document may be indented
            wanted = _BLOCK.search(text.removeprefix("---")) is None
        return wanted


def _has_containers(text: str) -> bool:
    if _CONTAINERS.search(text):
        return True
    steps = _STEPS.search(text)
    return steps is not None and _IMAGE.search(text, steps.end() - 1) is not None


def holds_containers(value: Any) -> bool:
    """Whether lists of containers stand in an object, as `Recogniser` sees them in its text. Each part is looked at
    once, however many aliases lead to it."""
    waiting, seen = [value], set()
    while waiting:
        part = waiting.pop()
        if not isinstance(part, (dict, list)) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, dict):
            for name in _LISTS:
                found = part.get(name)
                if isinstance(found, list) and any(isinstance(item, dict) and item.get("image") for item in found):
                    return True
        waiting += part.values() if isinstance(part, dict) else part
    return False


def _holds_two(text: str) -> bool:
    """Whether more than one kind is named."""
    kinds = _ANY_KIND.finditer(text)
    return next(kinds, None) is not None and next(kinds, None) is not None


def _key(text: str, key: str) -> int:
    """Where the value of a top-level key begins, -1 where there is none."""
    if text.startswith(key):
        return len(key)
    at = text.find(f"\n{key}")
    if at >= 0:
        return at + 1 + len(key)
    return 1 + len(key) if text.startswith(key, 1) and text[0] == "\ufeff" else -1


_ENTRIES: Final = frozenset({*CUSTOM_POD_TEMPLATES, *ARGO_WORKFLOWS, *PARTIAL, *OTHER_READ})
_KINDS: Final = frozenset({*BUILTIN_KINDS, *map(kind_of, _ENTRIES)})
