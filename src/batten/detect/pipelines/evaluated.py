"""Variables that a script hands to a shell, or to another interpreter, as code: `eval "$TITLE"`, `sh -c "… $TITLE"`.

A variable that a command is given is a value, whatever it holds. It is code where the text that it was put into is
read once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from batten.detect.pipelines.steps import masked, parsed, posix_script
from batten.detect.pipelines.untrusted import Source, sources
from batten.detect.shell import Command, Word
from batten.detect.shell.scripts import SHELLS, script_word
from batten.model.pipeline import Expression, Script, Step
from batten.pattern import pattern

# without one of these nothing is read once more
_WORTH: Final = pattern(
    r"\beval\b|(?:^|[\s/;|&(])(?:sh|bash|dash|ash|zsh|ksh|su|runuser|python[\d.]*|perl|ruby|node|php)\s[^\n]{0,200}?-\w*[cer]\b"
)
# interpreters and the option before a script
_INTERPRETERS: Final = {"perl": "e", "ruby": "e", "node": "e", "php": "r", "python": "c"}
_VARIABLE: Final = pattern(r"(?<!\\)\$(?:\{([A-Za-z_]\w*)(?:\}|[^\w}][^}]{0,200}\})|([A-Za-z_]\w*))")
# what is left of a value by these is none of what was written: its length
_QUOTED: Final = pattern(r"\$\{\w+@Q\}")

_OUTSIDERS: Final = {
    "github-actions": pattern(r"GITHUB_HEAD_REF\Z"),
    "gitlab-ci": pattern(
        r"CI_(?:COMMIT_(?:MESSAGE|TITLE|DESCRIPTION|AUTHOR|TAG_MESSAGE)|MERGE_REQUEST_(?:TITLE|DESCRIPTION|"
        r"SOURCE_BRANCH_NAME|LABELS|MILESTONE)|EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME)\Z"
    ),
    "azure-pipelines": pattern(r"BUILD_SOURCEVERSION(?:MESSAGE|AUTHOR)\Z|SYSTEM_PULLREQUEST_SOURCEBRANCH(?:NAME)?\Z"),
    "jenkins": pattern(
        r"CHANGE_(?:TITLE|BRANCH|AUTHOR|AUTHOR_DISPLAY_NAME|AUTHOR_EMAIL)\Z|ghprb\w*(?:Title|Body|LongDescription|"
        r"SourceBranch|AuthorLogin|Description)\Z|gitlab(?:MergeRequestTitle|MergeRequestDescription|SourceBranch|"
        r"TriggerPhrase)\Z"
    ),
}
"""Variables that the system sets to what an outsider wrote."""
_CALLERS: Final = {
    "github-actions": pattern(r"GITHUB_REF(?:_NAME)?\Z"),
    "gitlab-ci": pattern(r"CI_COMMIT_(?:BRANCH|REF_NAME|TAG)\Z|GITLAB_USER_NAME\Z"),
    "azure-pipelines": pattern(r"BUILD_(?:SOURCEBRANCH(?:NAME)?|REQUESTEDFOR|QUEUEDBY)\Z"),
    "jenkins": pattern(r"(?:BRANCH_NAME|GIT_BRANCH|GIT_LOCAL_BRANCH|TAG_NAME)\Z"),
}
_PASTED: Final = pattern(r"\$\{\{(.{1,500}?)\}\}|\$\(([^()\s]{1,200})\)")
"""What GitHub, Azure and Tekton put into a text."""


class Evaluated(Struct, frozen=True, eq=False):
    """A variable that becomes code. `start`, `end`: where it stands in the script; `by`: what reads it once more."""

    source: Source
    start: int
    end: int
    by: str


def evaluated(step: Step) -> list[Evaluated]:
    """The variables that others decide and that the step's script has read as code."""
    script = posix_script(step)
    if script is None:
        return []
    key = ("evaluated", step.document, step.pointer)
    known: list[Evaluated] | None = step.head.cache.get(key)
    if known is None:
        worth = "$" in script.text and _WORTH.search(script.text) is not None
        known = step.head.cache[key] = list(_evaluated(step, script)) if worth else []
    return known


def _evaluated(step: Step, script: Script) -> Iterator[Evaluated]:
    text = masked(script)
    kept: dict[str, Source | None] = {}  # variables that the script sets itself
    for command in parsed(step, script):
        for one in command.assignments:
            kept[one.name] = next(_of(step, text, one.start, one.end, kept), (None, 0, 0))[0]
        if command.name in ("export", "local", "declare", "readonly"):
            for word in command.arguments:
                name, sign, _ = word.text.partition("=")
                if sign:
                    kept[name] = next(_of(step, text, word.start, word.end, kept), (None, 0, 0))[0]
        for word, by in _code(command):
            for source, start, end in _of(step, text, word.start, word.end, kept):
                yield Evaluated(source, start, end, by)


def _code(command: Command) -> Iterator[tuple[Word, str]]:
    """The words that are read as code, and what reads them."""
    if command.name == "eval":
        yield from ((word, "eval") for word in command.arguments)
        return
    for at, word in enumerate(command.argv[:-1]):
        if at and not _may_run(command):
            return
        name = (word.value or "").rpartition("/")[2]
        words = command.argv[at:]
        place = script_word(words) if name in SHELLS or name in ("su", "runuser") else _of_interpreter(name, words)
        if place is not None:
            yield words[place], f"{name} {words[place - 1].text}"
            return


def _of_interpreter(name: str, words: tuple[Word, ...]) -> int | None:
    """Which of the words is a script of Python, Perl, Ruby, Node.js or PHP: what follows `-c` or `-e`."""
    letter = _INTERPRETERS.get(name.rstrip("0123456789."))
    for place, option in enumerate(words[1:-1], 1):
        if letter is None or not option.text.startswith("-"):
            return None
        if not option.text.startswith("--") and option.text.endswith(letter):
            return place + 1
    return None


def _may_run(command: Command) -> bool:
    """Does the command run what stands behind its own words, as `docker exec` does?"""
    return command.name in ("docker", "podman", "nerdctl", "kubectl", "oc", "find", "parallel", "watch", "su", "xargs")


def _of(
    step: Step, text: str, start: int, end: int, kept: dict[str, Source | None]
) -> Iterator[tuple[Source, int, int]]:
    """The variables of others in a part of the script, but for such as stand in single quotes."""
    quoted = _singles(text, start, end)
    for found in _VARIABLE.finditer(text, start, end):
        if any(first < found.start() < last for first, last in quoted) or _QUOTED.match(found[0]):
            continue
        name = found[1] or found[2]
        source = kept[name] if name in kept else _source(step, name)
        if source is not None:
            yield source, found.start(), found.end()


def _singles(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """What stands in single quotes, where these do not stand in double ones."""
    found: list[tuple[int, int]] = []
    double = False
    at = start
    while at < end:
        if text[at] == "\\":
            at += 1
        elif text[at] == '"':
            double = not double
        elif text[at] == "'" and not double:
            last = text.find("'", at + 1, end)
            last = end if last < 0 else last
            found.append((at, last))
            at = last
        at += 1
    return found


def _source(step: Step, name: str, depth: int = 0) -> Source | None:
    """Who decides a variable of the environment."""
    platform = step.head.platform
    given = next((one for one in step.environment if one.name == name), None)
    if given is not None:
        below = sorted(_written(step, given.value.text, depth), key=lambda one: one.who != "outsider")
        return Source(below[0].who, f"${name} ({below[0].name})", below[0].parameter) if below else None
    if platform in _OUTSIDERS and _OUTSIDERS[platform].match(name):
        return Source("outsider", f"${name}")
    if platform in _CALLERS and _CALLERS[platform].match(name):
        return Source("caller", f"${name}")
    return None


def _written(step: Step, text: str, depth: int) -> Iterator[Source]:
    """Who decides the value of a variable that the pipeline sets."""
    for found in _PASTED.finditer(text):
        yield from sources(Expression(0, 0, (found[1] or found[2]).strip()), step.head, step.environment)
    if step.head.platform == "gitlab-ci" and depth < 3:
        for found in _VARIABLE.finditer(text):
            source = _source(step, found[1] or found[2], depth + 1)
            if source is not None:
                yield source
