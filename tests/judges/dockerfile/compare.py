"""What BuildKit reads from a text beside what batten reads from it."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from batten.formats.dockerfile import Dockerfile, Instruction, parse
from batten.formats.dockerfile.lex import SET, UNSET, Lexer, LexError
from batten.model.source import File, Unreadable

PIECES = (
    "FROM a\n",
    "FROM a AS b\n",
    "from $X as B-1\n",
    "FROM --platform=$BUILDPLATFORM scratch\n",
    "ARG A=1 B\n",
    "RUN <<EOF\necho\nEOF\n",
    "RUN cat <<-'E' 3<<\"F\" > x\n\ta\n\tE\nb\nF\n",
    "COPY <<a <<b /x/\n1\na\n2\nb\n",
    "RUN a \\\n  # note\n\n  && b\n",
    'CMD ["a", "b"]\n',
    'ENTRYPOINT [ "a" , "\\u00e9" ]\n',
    "ENV A=\"x y\" B='z' C=a\\ b\n",
    "ENV OLD  form of it\n",
    'LABEL a.b=c "d e"=f\n',
    "HEALTHCHECK --interval=5s --retries=3 CMD curl x\n",
    "HEALTHCHECK NONE\n",
    "ONBUILD RUN <<E\nx\nE\n",
    "ONBUILD COPY --chown=a:b . /x\n",
    'SHELL ["powershell", "-Command"]\n',
    "RUN --mount=type=secret,id=x --network=none make\n",
    "ADD --checksum=sha256:1 https://a/b /c\n",
    "EXPOSE 80/tcp 8000-8010\n",
    'VOLUME ["/a"] \n',
    "USER 1000:1000\n",
    "WORKDIR /a b\n",
    "# escape=`\n",
    "# syntax=docker/dockerfile:1\n",
    "#\n",
    "\\\n",
    "`\n",
    "\n",
    " \t\n",
)
TOKENS = (
    *("\\", "\\\\", "`", "\n", "\r\n", "\r", " ", "\t", "\v", "#", "//", "{", ":", "/", ";", "|", "&&"),
    *("<<", "<<EOF", "<<-", "EOF", "\nEOF\n", "0<<E", "<<<", "<<'a b'\n", '"', "'", "$", "${", "${A:-b}", "}", "="),
    *("--", "--from=x", "-- ", "[", "]", ",", '["a"]', "[1]", "[]", "\ufeff", "é", "\\\n", "`\n", " \\ \n"),
    *(
        "ONBUILD ",
        "RUN ",
        "COPY ",
        "ENV ",
        "FROM ",
        "ARG ",
        "HEALTHCHECK ",
        "NONE",
        "CMD ",
        "LABEL ",
        "# ",
        "# escape=`\n",
    ),
)
WORD_TOKENS = (
    *(
        "$A",
        "$B",
        "$E",
        "$U",
        "${A}",
        "${U}",
        "${A:-x}",
        "${U:-x}",
        "${E:-x}",
        "${E-x}",
        "${A:+y}",
        "${E:+y}",
        "${E+y}",
    ),
    *("${U:?no}", "${A#a}", "${A##*b}", "${A%c*}", "${A%%b*}", "${A/b/x}", "${A//b/}", "${B#*/}", "${B##*/}", "${B%?}"),
    *("a", "b", "*", "?", " ", "\\", "`", "'", '"', "$", "{", "}", "#", "%", "/", ":", "-", "+", "<<", "${A#", "${U:-"),
    *("\\*", "\\}", "\\/", "é", "$1", "$@", "$$", "${1}", "${A^^}"),
)
WORD_ENVIRONMENT = {"A": "abcabc", "B": "/usr/local/bin", "E": ""}


class Judge:
    """A running judge: one question, one answer."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(msgspec.json.encode(request) + b"\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = msgspec.json.decode(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        self.process.communicate()


def ours(instruction: Instruction) -> dict[str, Any]:
    """An instruction in the judge's words."""
    args: list[str] = []
    if instruction.keyword in ("ENV", "LABEL"):
        if len(instruction.pairs) == 1 and len(instruction.args) == 2:
            args = [instruction.args[0].raw, instruction.args[1].raw, ""]
        else:
            for word in instruction.args:
                name, _, value = word.raw.partition("=")
                args += [name, value, "="]
    elif instruction.json:
        args = list(instruction.argv)
    else:
        args = [word.raw for word in instruction.args]
    return {
        "keyword": instruction.keyword,
        "flags": [
            _mangled(f"--{flag.name}" + ("" if flag.value is None else f"={flag.value}")) for flag in instruction.flags
        ],
        "args": args,
        "json": instruction.json,
        "heredocs": [
            {"name": doc.name, "body": doc.body, "expand": doc.expand, "chomp": doc.chomp}
            for doc in instruction.heredocs
        ],
        "line": instruction.line,
        "end_line": instruction.end_line,
    }


def _mangled(flag: str) -> str:
    """BuildKit reads the bytes of flags as characters; batten does not follow it there."""
    return flag.encode().decode("latin-1")


_BUILT = ("a shell will run it", "was it cut off?")


def differences(judge: Judge, text: str) -> list[str]:
    """Where batten and BuildKit differ on `text`; empty where they agree."""
    verdict = judge.ask(text=text)
    try:
        found = parse(File("Dockerfile", text.encode()))
    except Unreadable as error:
        refused = verdict["error"] or verdict["build"]
        return [] if refused else [f"batten refuses: {error.message}; BuildKit reads it"]
    problems = [
        p
        for p in found.problems
        if (p.severe or "found --" in p.message)
        and p.message != "expected a FROM instruction, found none"
        # BuildKit builds these, with a command that its author did not mean
        and (verdict["error"] or verdict["build"] or not p.message.endswith(_BUILT))
    ]
    if verdict["error"]:
        return [] if problems else [f"BuildKit refuses: {verdict['error']}; batten has no problem"]
    out = _instruction_differences(found, verdict["nodes"])
    if bool(problems) != bool(verdict["build"]):
        out.append(f"BuildKit: {verdict['build']!r}; batten: {[p.message for p in problems]}")
    if found.escape != verdict["escape"]:
        out.append(f"escape {found.escape} {verdict['escape']}")
    names = [stage.name.lower() if stage.name else "" for stage in found.stages]
    if not verdict["build"] and names != (verdict["stages"] or []):
        out.append(f"stages {names} {verdict['stages']}")
    return out


def _instruction_differences(found: Dockerfile, nodes: list[dict[str, Any]]) -> list[str]:
    out = []
    if len(found.instructions) != len(nodes):
        return [f"batten has {len(found.instructions)} instructions, BuildKit {len(nodes)}"]
    for instruction, node in zip(found.instructions, nodes, strict=True):
        trigger = node.pop("trigger")
        mine = ours(instruction)
        known = "Node" if mine["keyword"] == "ONBUILD" or mine["args"] or node["args"] != [""] else "nothing"
        if known == "nothing":  # BuildKit keeps one empty argument for an instruction it does not know
            mine["args"] = node["args"]
        if trigger is None or instruction.onbuild is None:
            if (trigger is None) != (instruction.onbuild is None):
                out.append(f"trigger of line {instruction.line}")
        else:
            theirs = {key: trigger[key] for key in ("keyword", "flags", "args", "json")}
            inner = {key: ours(instruction.onbuild)[key] for key in theirs}
            if theirs["keyword"] == "ONBUILD":
                inner["args"] = theirs["args"]
            if inner["args"] != theirs["args"] and theirs["args"] == [""]:
                inner["args"] = theirs["args"]
            if theirs != inner:
                out.append(f"batten {inner}\nBuildKit {theirs}")
        if mine != node:
            out.append(f"batten {mine}\nBuildKit {node}")
    return out


def mutated(text: str, chance: random.Random) -> str:
    """`text` with a few changes of the kinds that parsers trip over."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(text))
        kind = chance.random()
        if kind < 0.5:
            text = text[:at] + chance.choice(TOKENS) + text[at:]
        elif kind < 0.7:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind < 0.9:
            text = text[:at] + text[at + chance.randint(1, 6) :]
        else:
            text = text.replace("\n", "\r\n")
    return text


def generated(chance: random.Random) -> str:
    """A Dockerfile of pieces and stray tokens."""
    parts = [chance.choice(("", "FROM a\n", "# escape=`\nFROM a\n"))]
    for _ in range(chance.randint(1, 8)):
        parts.append(chance.choice(PIECES) if chance.random() < 0.7 else chance.choice(TOKENS))
    return "".join(parts)


def random_word(chance: random.Random) -> str:
    """A word with variables, patterns and quotes."""
    return "".join(chance.choice(WORD_TOKENS) for _ in range(chance.randint(1, 7)))


def word_difference(judge: Judge, word: str, escape: str) -> str | None:
    """How batten and BuildKit differ in expanding `word`; None where they agree."""
    verdict = judge.ask(word=word, env=WORD_ENVIRONMENT, escape=escape)
    lexer = Lexer(word, lambda name: (SET, WORD_ENVIRONMENT[name]) if name in WORD_ENVIRONMENT else (UNSET, ""), escape)
    try:
        mine = lexer.text()
    except LexError as error:
        return None if verdict["error"] else f"batten refuses {word!r}: {error}; BuildKit: {verdict['result']!r}"
    if not lexer.known:  # a pattern or a replacement that batten leaves alone
        return None
    if verdict["error"] or mine != verdict["result"]:
        return f"{word!r}: batten {mine!r}, BuildKit {verdict['result']!r} {verdict['error']}"
    return None
