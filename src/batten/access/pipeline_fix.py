"""Hands a text over to a script as a variable, instead of making it part of the script."""

from __future__ import annotations

from batten.engine.mend import edit
from batten.model.edits import Edit, ReplaceText, Set
from batten.model.pipeline import Expression, Script, Step
from batten.model.verdict import Fix
from batten.pattern import pattern

_WORD = pattern(r"[A-Za-z0-9]+")
_POSIX = ("sh", "bash", "dash", "ksh", "zsh")
_READ_AGAIN = pattern(
    r"(?<![\w./-])(?:[\w./-]*/)?(?:eval|sh|bash|dash|zsh|ksh|su|sudo|ssh|xargs|env|exec|source|trap|python[\d.]*|perl|ruby|"
    r"node|deno|bun|php|lua|awk|gawk|sed|jq|yq|psql|mysql|mariadb|sqlite3|mongosh?|redis-cli|docker|podman|kubectl|nsenter|"
    r"chroot|find|parallel|watch|pwsh|powershell|cmd|gh|osascript|tclsh|expect|Rscript|make)(?![\w./-])|\$?\(\("
)
"""Commands that may run or interpret a text that they are given: in them a variable's value is code again."""
_AGAIN = "another program may read the text as code once more, as a variable too: hand it over in another way"
_BY_HAND = "the script must be seen: where the text stands in quotes, and in which"


def through_environment(step: Step, script: Script, *expressions: Expression) -> tuple[Fix | None, str]:
    """The fix, and why there is none. GitHub Actions and Azure's templates alone: elsewhere it is no matter of text."""
    if step.head.platform != "github-actions" or script.shell not in _POSIX or script.document is not step.document:
        return None, _BY_HAND
    if not script.certain:
        return None, "it may run on Windows, too, where the shell is another: name the shell, then run fix again"
    if "<<" in script.text:
        return None, "the script has a here-document, in which quotes mean something else; change it by hand"
    taken = {one.name for one in step.environment}
    edits: list[Edit] = []
    names: dict[str, str] = {}
    for wanted in expressions:
        for one in script.expressions:
            if one.text != wanted.text:
                continue
            if _READ_AGAIN.search(_line(script.text, one.start, one.end)):
                return None, _AGAIN
            quote = _quote(script.text, one.start)
            if quote is None or quote == "'":
                return None, "the text stands in single quotes, where no variable is put in; change it by hand"
            name = names.get(one.text)
            if name is None:
                name = names[one.text] = _name(one.text, taken)
                taken.add(name)
                whole = script.text[one.start : one.end]
                edits.append(Set((*step.pointer, "env", name), whole))
            new = f"${{{name}}}" if quote == '"' else f'"${{{name}}}"'
            edits.append(ReplaceText(script.at(one.start, one.end).pointer, new))
    if not edits:
        return None, _BY_HAND
    return edit("review", f"hand it over as {', '.join(names.values())}", step.document, *edits), ""


def _line(text: str, start: int, end: int) -> str:
    """The line that the range stands in, with those that it continues or that continue it, without the range."""
    first = text.rfind("\n", 0, start)
    while first > 0 and text[first - 1] == "\\":
        first = text.rfind("\n", 0, first)
    last = text.find("\n", end)
    while 0 < last < len(text) and text[last - 1] == "\\":
        last = text.find("\n", last + 1)
    return text[first + 1 : start] + " " + text[end : last if last >= 0 else len(text)]


def _name(text: str, taken: set[str]) -> str:
    """A variable's name for an expression: `github.event.issue.title` is ISSUE_TITLE."""
    words = [word.upper() for word in _WORD.findall(text) if word not in ("github", "event", "inputs", "env", "toJSON")]
    name = "_".join(words[-4:]) or "INPUT"
    if not name[0].isalpha() or name.startswith("GITHUB"):
        name = f"INPUT_{name}"
    unique, count = name, 1
    while unique in taken:
        count += 1
        unique = f"{name}_{count}"
    return unique


def _quote(text: str, position: int) -> str | None:
    """The quote that the position stands in: `"`, `'`, "" for none; None where that is not certain."""
    quotes: list[str] = []
    at = 0
    while at < position:
        char = text[at]
        inside = quotes[-1] if quotes else ""
        if inside == "'":
            if char == "'":
                quotes.pop()
        elif char == "\\":
            at += 1
        elif char == "'" and inside != '"':
            quotes.append(char)
        elif char == '"':
            if inside == '"':
                quotes.pop()
            else:
                quotes.append(char)
        elif char == "`":
            return None
        elif text.startswith("$(", at):
            quotes.append("(")
            at += 1
        elif char == "(" and inside == "(":
            quotes.append("(")
        elif char == ")" and inside == "(":
            quotes.pop()
        elif char == "#" and not inside and (at == 0 or text[at - 1] in " \t\n;"):
            end = text.find("\n", at)
            if end < 0 or end > position:
                return ""  # in a comment nothing is run
            at = end
        at += 1
    inside = quotes[-1] if quotes else ""
    return "" if inside == "(" else inside
