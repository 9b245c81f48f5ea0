"""Ignore files in the syntax of `.gitignore` (gitignore(5), and Git's `wildmatch.c` where it is silent).

Patterns come from the tree that is scanned and may be hostile: every one becomes a regular
expression in which all wildcards but the last of a path part are atomic, so that no name makes it
backtrack. That loses nothing: the leftmost place of what stands between two wildcards leaves most
room for the rest.

Only the entry itself is matched, never what lies below it: the walk does not enter a directory
that is ignored.
"""

from __future__ import annotations

import re
from re import Pattern
from typing import Final

from batten import limits

_POSIX_CLASSES: Final = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t\\n\\r\\f\\v",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_NEVER: Final = "(?!)"


Part = tuple[tuple[str, str], ...]
"""Tokens of one path part: kind (`literal`, `any`, `set`, `star`) and text or expression."""


class _Rule:
    __slots__ = ("anchored", "directory_only", "negated", "parts")

    def __init__(self, parts: list[Part | None], *, anchored: bool, negated: bool, directory_only: bool) -> None:
        self.parts = parts  # None stands for `**`
        self.anchored = anchored  # matched with the path, not with the name alone
        self.negated = negated
        self.directory_only = directory_only

    @property
    def ending(self) -> str:
        # The walk writes a directory with a final slash.
        return "/" if self.directory_only else "/?"


class IgnoreRules:
    """The rules of one ignore file, compiled. `dropped` counts those above `limits.IGNORE_RULES`."""

    def __init__(self, text: str) -> None:
        self._negated: list[bool] = []
        # Literal names and `*.ext` are most of all rules and need no regular expression.
        self._names: dict[str, int] = {}
        self._folder_names: dict[str, int] = {}
        self._extensions: dict[str, int] = {}
        names: list[tuple[int, str]] = []
        paths: list[tuple[int, str]] = []
        self.dropped = 0
        for line in text.removeprefix("\ufeff").split("\n"):
            rule = _parse(line)
            if rule is None:
                continue
            if len(self._negated) >= limits.IGNORE_RULES:
                self.dropped += 1
                continue
            number = len(self._negated)
            self._negated.append(rule.negated)
            if rule.anchored:
                paths.append((number, _path_expression(rule)))
            elif not self._add_literal(number, rule):
                names.append((number, _part(rule.parts[0] or ()) + rule.ending))
        self._name_regex, self._name_rules = _combined(names)
        self._path_regex, self._path_rules = _combined(paths)

    def __bool__(self) -> bool:
        return bool(self._negated)

    def verdict(self, name: str, path: str, is_directory: bool) -> bool | None:
        """True: ignored; False: taken back by a negated rule; None: no rule speaks of it.

        `path` is relative to the folder of the ignore file, `name` is its last part. The last rule
        that matches decides.
        """
        best = self._names.get(name, -1)
        if is_directory:
            best = max(best, self._folder_names.get(name, -1))
        if self._extensions:
            best = max(best, self._extensions.get(name.rpartition(".")[2] if "." in name else "", -1))
        ending = "/" if is_directory else ""
        if self._name_regex is not None and (found := self._name_regex.fullmatch(name + ending)):
            best = max(best, self._name_rules[found.lastindex or 0])
        if self._path_regex is not None and (found := self._path_regex.fullmatch(path + ending)):
            best = max(best, self._path_rules[found.lastindex or 0])
        return None if best < 0 else not self._negated[best]

    def _add_literal(self, number: int, rule: _Rule) -> bool:
        part = rule.parts[0] or ()
        if all(kind == "literal" for kind, _ in part):
            table = self._folder_names if rule.directory_only else self._names
            table["".join(text for _, text in part)] = number
            return True
        if rule.directory_only or [kind for kind, _ in part][:2] != ["star", "literal"] or part[1][1] != ".":
            return False
        rest = part[2:]
        if not rest or any(kind != "literal" or text == "." for kind, text in rest):
            return False
        self._extensions["".join(text for _, text in rest)] = number
        return True


def _parse(line: str) -> _Rule | None:
    """One line of an ignore file; None for blanks, comments and patterns that can match nothing."""
    line = _without_trailing_spaces(line.removesuffix("\r"))
    if line.startswith("#"):
        return None
    negated = line.startswith("!")
    line = line[negated:]
    directory_only = line.endswith("/")
    line = line[: len(line) - directory_only]
    if not line or len(line) > limits.IGNORE_LINE_CHARACTERS:
        return None
    anchored = "/" in line
    parts = _parts(line.removeprefix("/"))
    if parts is None or () in parts:
        return None
    if not anchored and parts[0] is None:
        parts = [(("star", ""),)]
    if len(parts) == 2 and parts[0] is None and parts[1] is not None:  # `**/name` is `name`
        parts, anchored = [parts[1]], False
    return _Rule(parts, anchored=anchored, negated=negated, directory_only=directory_only)


def _without_trailing_spaces(line: str) -> str:
    kept = line.rstrip(" ")
    backslashes = len(kept) - len(kept.rstrip("\\"))
    return kept + " " if backslashes % 2 and len(kept) < len(line) else kept


def _parts(pattern: str) -> list[Part | None] | None:
    """The pattern's path parts; None where it can match nothing (an open bracket, a final backslash)."""
    parts: list[Part | None] = []
    tokens: list[tuple[str, str]] = []
    stars = 0  # consecutive stars that this part consists of so far
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character == "\\":
            if position == len(pattern):
                return None
            character = pattern[position]
            position += 1
        elif character == "*":
            if not tokens or tokens[-1][0] != "star":
                tokens.append(("star", ""))
            stars += 1
            continue
        elif character == "?":
            tokens.append(("any", ""))
            continue
        elif character == "[":
            expression = _bracket(pattern, position)
            if expression is None:
                return None
            tokens.append(("set", expression[0]))
            position = expression[1]
            continue
        if character == "/":
            parts.append(_finished(tokens, stars))
            tokens, stars = [], 0
        else:
            tokens.append(("literal", character))
    parts.append(_finished(tokens, stars))
    return parts


def _finished(tokens: list[tuple[str, str]], stars: int) -> Part | None:
    return None if stars > 1 and len(tokens) == 1 else tuple(tokens)


def _bracket(pattern: str, position: int) -> tuple[str, int] | None:
    """The set that opens before `position`, as an expression, and where it ends."""
    negated = pattern[position : position + 1] in ("!", "^")
    position += negated
    inside: list[str] = []
    previous = ""
    first = True
    while True:
        character = pattern[position : position + 1]
        if not character:
            return None
        position += 1
        if character == "]" and not first:
            break
        first = False
        if character == "[" and pattern.startswith(":", position):
            end = pattern.find("]", position + 1)
            if end < 0:
                return None
            if pattern[end - 1] == ":" and end - 1 > position:
                characters = _POSIX_CLASSES.get(pattern[position + 1 : end - 1])
                if characters is None:
                    return None
                inside.append(characters)
                previous, position = "", end + 1
                continue
        elif character == "-" and previous and pattern[position : position + 1] not in ("", "]"):
            upper = pattern[position]
            position += 1
            if upper == "\\":
                upper = pattern[position : position + 1]
                position += 1
            if not upper:
                return None
            if previous <= upper:
                inside.append(f"{re.escape(previous)}-{re.escape(upper)}")
            previous = ""
            continue
        elif character == "\\":
            character = pattern[position : position + 1]
            position += 1
            if not character:
                return None
        inside.append(re.escape(character))
        previous = character
    if not inside:
        return ("[^/]" if negated else _NEVER), position
    return f"(?!/)[{'^' if negated else ''}{''.join(inside)}]", position


def _part(part: Part) -> str:
    """The expression of one path part, linear in the length of what it is matched with."""
    segments: list[list[str]] = [[]]
    for kind, text in part:
        if kind == "star":
            segments.append([])
        else:
            segments[-1].append({"literal": re.escape(text), "any": "[^/]"}.get(kind, text))
    first, *middle = ("".join(segment) for segment in segments)
    if not middle:
        return first
    last = middle.pop()
    found = first + "".join(f"(?>[^/]*?{segment})" for segment in middle) + "[^/]*" + last
    # no part of a path is empty: `a/*` is not the folder `a/`
    return found if first else f"(?=[^/]){found}"


def _path_expression(rule: _Rule) -> str:
    """The expression of a rule with several parts, where `**` (None) stands for any number of them."""
    groups: list[list[str]] = [[]]
    for part in rule.parts:
        if part is None:
            groups.append([])
        else:
            groups[-1].append(_part(part))
    first, *rest = groups
    text = "/".join(first)
    if not rest:
        return text + rule.ending
    text += "/" if first else ""
    *middle, last = rest
    text += "".join(f"(?>(?:[^/]*/)*?{'/'.join(group)}/)" for group in middle if group)
    if not last:  # a final `/**`: everything inside
        return text + (".*[^/]/" if rule.directory_only else ".+")
    return text + "(?:.*/)?" + "/".join(last) + rule.ending


def _combined(rules: list[tuple[int, str]]) -> tuple[Pattern[str] | None, list[int]]:
    """One expression of all rules, the last first, and the rule of each of its groups."""
    if not rules:
        return None, []
    rules = rules[::-1]
    expression = "|".join(f"({text})" for _, text in rules)
    return re.compile(expression, re.DOTALL), [-1, *(number for number, _ in rules)]
