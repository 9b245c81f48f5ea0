"""Where the comments of a file stand, whatever its format: what stands in a string of it is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from batten.model.source import File, Unreadable
from batten.pattern import pattern

Span = tuple[int, int]

_NONE: Final = (".json", ".sarif", ".ipynb")
_JSON_READERS: Final = frozenset(("inspect", "scanner-report"))
_HCL: Final = (".tf", ".tofu", ".tfvars", ".hcl")
_JSON_WITH_COMMENTS: Final = (".jsonc", ".json5", "bun.lock")
_GROOVY: Final = (".groovy", ".gradle", ".jenkinsfile")
_XML: Final = (".xml", ".csproj", ".fsproj", ".vbproj", ".props", ".config")
_TOML: Final = (".toml", "poetry.lock", "uv.lock", "cargo.lock", "pdm.lock", "pipfile")
_UNITS: Final = (
    ".container", ".pod", ".kube", ".volume", ".network", ".image", ".build", ".artifact", ".service", ".conf", ".ini",
    ".cfg", ".npmrc", ".pypirc",
)  # fmt: skip
_YAML: Final = (".yaml", ".yml", ".tpl")
_YAML_READERS: Final = frozenset(
    ("kubernetes", "compose", "cloudformation", "kustomize", "helm", "swarm", "ecs", "pipelines")
)
# what is no comment stands first or is skipped by an alternative of its own; the group `c` is a comment
_IN_XML: Final = pattern(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|(?P<c><!--.*?-->)|<!--.*", re.DOTALL)
_IN_TOML: Final = pattern(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)|\'\'\'(?:[^\']|\'(?!\'\'))*+(?:\'\'\'|\Z)|'
    r'"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|(?P<c>#[^\n]*)',
    re.DOTALL,
)
_IN_JSON: Final = pattern(r'"(?:[^"\\\n]|\\.)*+"?|(?P<c>//[^\n]*|/\*.*?\*/)|/\*.*', re.DOTALL)
_IN_GROOVY: Final = pattern(r"#![^\n]*|(?P<c>//[^\n]*|/\*.*?\*/)", re.DOTALL)
_IN_UNITS: Final = pattern(r"^\ufeff?[ \t]*(?P<c>[#;][^\n]*)", re.MULTILINE)
_BEHIND: Final = pattern(r"(?<=[ \t])(?P<c>#[^\n]*)")
_IN_TAG_VALUE: Final = pattern(r"(?s:<text>.*?(?:</text>|\Z))|^\ufeff?[ \t]*(?P<c>#[^\n]*)", re.MULTILINE)
_IN_LINES: Final = pattern(
    r'=[ \t]*+"(?:[^"\\]|\\[\s\S])*+"|=[ \t]*+\'[^\']*+\'|(?:^\ufeff?|(?<=[ \t]))(?P<c>(?:#|//|;)[^\n]*)|'
    r'"(?:[^"\\\n]|\\.)*+"|\'[^\'\n]*+\'',
    re.MULTILINE,
)


def comments(file: File, text: str, reader: str = "") -> Iterator[Span]:
    """(start, end) of each comment of a file in characters of its `text`, in order, the marks that begin and end it
    included. `reader`: the name of the reader that recognised it; "": its own name and its text decide.

    Of a text that is cut off or wrong, what stands behind the fault may have none.
    """
    from batten.formats.dockerfile.names import has_dockerfile_name

    name = file.name.lower()
    if reader == "dockerfile" or (not reader and has_dockerfile_name(file.path)):
        return _of_dockerfile(file)
    if name.endswith(_NONE) or reader in _JSON_READERS:
        return iter(())
    if name.endswith(_YAML):
        return _of_yaml(text)
    if name.endswith(_HCL) or reader == "terraform":
        from batten.formats.hcl.comments import comments as of_hcl

        return of_hcl(text)
    if name.endswith(_JSON_WITH_COMMENTS):
        return _matches(_IN_JSON, text)
    if reader == "quadlet" or name.endswith(_UNITS):
        return _matches(_IN_UNITS, text)
    if name.endswith(_GROOVY) or name.startswith("jenkinsfile") or (reader == "pipelines" and name != "-"):
        return _of_groovy(text)
    begins = text.lstrip("\ufeff \t\r\n")[:1]
    if name.endswith(_XML) or begins == "<":
        return _matches(_IN_XML, text)
    if name.endswith(_TOML):
        return _matches(_IN_TOML, text)
    if name.endswith(".spdx") or reader == "sbom":
        return _matches(_IN_TAG_VALUE, text)
    if reader in _YAML_READERS or begins == "{":
        return _of_yaml(text)
    return _matches(_IN_LINES, text)


def behind(file: File, text: str, reader: str = "") -> Iterator[Span]:
    """As `comments`: what looks like one behind a line of a Dockerfile or a unit, which know none there. What stands in
    quotes or in a heredoc is anybody's text."""
    from batten.formats.dockerfile.names import has_dockerfile_name

    if reader == "dockerfile" or (not reader and has_dockerfile_name(file.path)):
        from batten.formats.dockerfile.parser import parse

        try:
            spans = [one.span for one in parse(file).instructions if not one.heredocs]
        except Unreadable:
            return
    elif reader == "quadlet" or file.name.lower().endswith(_UNITS):
        spans = [(0, len(text))]
    else:
        return
    for start, end in spans:
        for found in _BEHIND.finditer(text, start, end):
            before = text[text.rfind("\n", 0, found.start("c")) + 1 : found.start("c")]
            if before.strip() and not any(before.count(quote) % 2 for quote in "\"'"):
                yield found.span("c")


def _matches(expression: re.Pattern[str], text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    for found in expression.finditer(text, start, len(text) if end is None else end):
        if found["c"] is not None:
            yield found.span("c")


def _of_yaml(text: str) -> Iterator[Span]:
    from batten.formats.yaml.comments import comments as of_yaml

    return of_yaml(text)


def _of_dockerfile(file: File) -> Iterator[Span]:
    """Lines of their own, also between continued lines; what stands in a heredoc is its text."""
    from batten.formats.dockerfile.parser import parse

    try:
        found = parse(file).comments
    except Unreadable:
        return
    for comment in found:
        yield comment.span


def _of_groovy(text: str) -> Iterator[Span]:
    """What stands between the tokens."""
    from batten.formats.pipelines.groovy_lex import tokens

    try:
        found = tokens(text)
    except Unreadable:
        return
    ends = (0, *(token.end for token in found))
    starts = (token.start for token in found)
    for end, start in zip(ends, starts, strict=False):
        if end < start:
            yield from _matches(_IN_GROOVY, text, end, start)
