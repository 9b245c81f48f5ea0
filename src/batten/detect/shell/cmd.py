"""Scripts for cmd.exe, the shell of Windows images, as simple commands, and what they download and run.

Statements are parted at `&`, `&&`, `||`, `|` and new lines, words at blanks; double quotes hold both together and a
caret takes a character as it is (https://learn.microsoft.com/windows-server/administration/windows-commands/cmd).
`call`, `start` and `cmd /c` are looked through. Variables (`%TEMP%`) stay as written: a path with one is compared
with a path with the same one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from batten.detect.shell.downloaded import kept_files
from batten.detect.shell.downloads import DownloadRun, writes_to_stdout
from batten.detect.shell.syntax import Command, Redirection, Script, Word
from batten.limits import SHELL_COMMANDS, SHELL_DEPTH, SHELL_TEXT
from batten.pattern import pattern

# a separator, a redirection with the handle before it, or a word; quotes and carets belong to words
_TOKEN: Final = pattern(
    r'(?P<separator>&&|\|\||[&|\n])|(?P<redirection>\d?(?:>>|>|<)(?:&\d)?)|(?P<word>(?:"[^"\n]*"?|\^[^\n]|[^\s"&|<>^])+)'
)
_PROGRAM_ENDS: Final = (".exe", ".com", ".cmd", ".bat")
_COMMENTS: Final = ("rem", "::")
# what runs, installs or loads a file that it is given
_STARTERS: Final = frozenset(
    """bash cmd cscript installutil java msiexec mshta node perl powershell pwsh python python3 regedit regsvr32
    rundll32 sh wscript wusa""".split()  # noqa: SIM905
)
_SHELLS: Final = ("cmd", "powershell", "pwsh")
_VERIFIERS: Final = frozenset(
    "cosign fc gpg gpgv minisign openssl sha1sum sha256sum sha512sum sigcheck sigcheck64 signtool".split()  # noqa: SIM905
)
_COMPARED: Final = 60  # commands after each download that are looked at: more is no build step, and costs its square


def read_cmd(text: str) -> Script:
    """The simple commands of a script for cmd; those inside `cmd /c "…"` come in place of it. Offsets are those
    of `text`. Nothing is read of text beyond the limits."""
    if len(text) > SHELL_TEXT:
        return Script([], f"the script is longer than {SHELL_TEXT} characters")
    reader = _Reader()
    reader.read(text, 0, 0)
    return Script(reader.commands, reader.unread)


class _Reader:
    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.pipelines = 0
        self.unread = ""

    def read(self, text: str, offset: int, depth: int) -> None:
        words: list[Word] = []
        redirections: list[Redirection] = []
        connector, pipe, waiting = "", (-1, 0), ""

        def end(separator: str) -> None:
            nonlocal connector, pipe, waiting
            if words:
                if separator == "|" and pipe[0] < 0:
                    pipe, self.pipelines = (self.pipelines, 0), self.pipelines + 1
                self._statement(text, words, redirections, connector, pipe, offset, depth)
            pipe = (pipe[0], pipe[1] + 1) if separator == "|" and pipe[0] >= 0 else (-1, 0)
            connector, waiting = ";" if separator == "\n" else separator, ""
            words.clear()
            redirections.clear()

        for token in _TOKEN.finditer(text):
            if token["separator"] is not None:
                end(token[0])
            elif token["redirection"] is not None:
                waiting = "" if "&" in token[0] else token[0].lstrip("0123456789")
            else:
                word = _word(token[0], offset + token.start())
                if waiting:
                    redirections.append(Redirection(waiting, word, word.start, word.end))
                    waiting = ""
                elif word.value:
                    words.append(word)
        end("")

    def _statement(
        self,
        text: str,
        words: list[Word],
        redirections: list[Redirection],
        connector: str,
        pipe: tuple[int, int],
        offset: int,
        depth: int,
    ) -> None:
        if len(self.commands) >= SHELL_COMMANDS:
            self.unread = f"the script has more than {SHELL_COMMANDS} commands"
            return
        if (words[0].value or "").lower().startswith(_COMMENTS):
            return
        argv, prefixes = _looked_through(words)
        last = argv[-1] if argv else words[-1]
        if prefixes and prefixes[-1] == "cmd" and argv and depth < SHELL_DEPTH:
            # `cmd /c "a && b"`: the quotes around all of it are not part of the command
            inner = text[argv[0].start - offset : last.end - offset]
            quoted = len(inner) > 1 and inner[0] == inner[-1] == '"' and len(argv) == 1
            if quoted:
                self.read(inner[1:-1], argv[0].start + 1, depth + 1)
                return
        name = _program(argv[0].value or "") if argv else None
        self.commands.append(
            Command(
                index=len(self.commands),
                name=name or None,
                argv=tuple(argv),
                words=tuple(words),
                prefixes=tuple(prefixes),
                assignments=(),
                redirections=tuple(redirections),
                heredocs=(),
                start=words[0].start,
                end=max([words[-1].end, *(one.end for one in redirections)]),
                pipes=(pipe,) if pipe[0] >= 0 else (),
                connector=connector,
                context="",
                parent=None,
                slot=None,
            )
        )


def _word(text: str, start: int) -> Word:
    value = text.replace("^^", "\0").replace("^", "").replace("\0", "^").replace('"', "")
    end = start + len(text)
    if '"' not in text:  # brackets group statements; the last one may close what another word opened
        opened = len(value) - len(value.lstrip("(@"))
        value, start = value[opened:], start + opened
        if "(" not in value:
            closed = len(value) - len(value.rstrip(")"))
            value, end = value.rstrip(")"), end - closed
    return Word(text, value, start, end)


def _looked_through(words: list[Word]) -> tuple[list[Word], list[str]]:
    """What runs in the end, and what stands before it."""
    at, prefixes = 0, []
    while at + 1 < len(words):
        name = _program(words[at].value or "")
        if name not in ("call", "start", "cmd"):
            break
        rest = at + 1
        if name == "start" and words[rest].text.startswith('"'):
            rest += 1  # the title of the window
        while rest < len(words) and (words[rest].value or "").startswith("/"):
            rest += 1
        if rest == len(words):
            break
        prefixes.append(name)
        at = rest
    return words[at:], prefixes


def _program(word: str) -> str:
    """The name of the program that a word starts: `C:\\Tools\\Curl.EXE` is curl."""
    name = word.replace("\\", "/").rpartition("/")[2].lower()
    for end in _PROGRAM_ENDS:
        name = name.removesuffix(end)
    return name


# ------------------------------------------------------------------------------------- downloads


def cmd_downloads_run(cmds: Sequence[Command]) -> list[DownloadRun]:
    """`curl -o a.exe URL && a.exe`, `bitsadmin /transfer x URL C:\\a.msi & msiexec /i C:\\a.msi`, `certutil -urlcache
    -f URL a.exe & start a.exe`, `curl URL | powershell -`, `msiexec /i URL`.

    Not those with a hash or a signature looked at between. `sure` is False where the file that runs is the
    downloaded one by its name alone.
    """
    found: list[DownloadRun] = []
    verified = sorted(command.start for command in cmds if _verifies(command))
    for place, command in enumerate(cmds):
        later = cmds[place + 1 : place + 1 + _COMPARED]
        if (runner := _piped_into(command, later)) is not None:
            found.append(DownloadRun(command, runner, command.start, runner.end))
        if address := _installed_from(command):
            found.append(DownloadRun(command, command, command.start, command.end, address))
        for path in _kept(command):
            runs = ((one, sure) for one in later if (sure := _runs(one, path)) is not None)
            last, sure = next(runs, (None, False))
            if last is not None and not any(command.start < start < last.start for start in verified):
                found.append(DownloadRun(command, last, command.start, last.end, path, sure))
                break
    return found


def _verifies(command: Command) -> bool:
    words = [(word.value or "").lower() for word in command.arguments]
    if command.name == "certutil":
        return "-hashfile" in words or "/hashfile" in words
    if command.name in ("powershell", "pwsh"):
        return any("get-filehash" in word or "get-authenticodesignature" in word for word in words)
    return command.name in _VERIFIERS


def _piped_into(command: Command, later: Sequence[Command]) -> Command | None:
    """The shell that a download is piped into."""
    if command.name not in ("curl", "wget") or command.pipeline is None or not writes_to_stdout(command):
        return None
    pipe, position = command.pipeline
    for one in later:
        if one.name in _SHELLS and one.pipeline is not None and one.pipeline[0] == pipe and one.pipeline[1] > position:
            return one
    return None


def _installed_from(command: Command) -> str:
    """The address that msiexec itself fetches and installs."""
    if command.name != "msiexec":
        return ""
    return next((text for text in _values(command) if text.lower().startswith(("http://", "https://"))), "")


def _kept(command: Command) -> Iterator[str]:
    words = _values(command)
    addresses = [text for text in words if "://" in text]
    if command.name == "bitsadmin" and addresses and words[-1] != addresses[-1]:
        if any(text.lower() in ("/transfer", "/addfile") for text in words):
            yield words[-1]
    elif command.name == "certutil" and addresses:
        if any(text.lower()[1:] == "urlcache" for text in words if text[:1] in "-/"):
            named = words[-1] != addresses[-1] and words[-1][:1] not in ("-", "/")
            yield words[-1] if named else posixpath.basename(addresses[-1].partition("?")[0])
    else:
        yield from kept_files(command)


def _values(command: Command) -> list[str]:
    return [word.value or "" for word in command.arguments]


def _runs(command: Command, path: str) -> bool | None:
    """Whether a command surely runs the file at `path`; None where it does not."""
    words = [command.argv[0].value or ""] if command.argv else []
    if command.name in _STARTERS:
        words += [text.removeprefix("& ") for text in _values(command)]
    for word in words:
        sure = _same(word, path)
        if sure is not None:
            return sure
    return None


def _same(word: str, path: str) -> bool | None:
    """Whether both are surely one file; None where they are not."""
    one, other = _normal(word), _normal(path)
    if not one or not other:
        return None
    if one == other:
        return True
    if one.startswith("\\") and other.startswith("\\"):
        return None
    name, wanted = one.rpartition("\\")[2], other.rpartition("\\")[2]
    if name == wanted or ("." not in name and any(name + end == wanted for end in _PROGRAM_ENDS)):
        return False
    return None


@lru_cache(maxsize=256)
def _normal(path: str) -> str:
    text = path.strip("'\"").replace("/", "\\").lower()
    if text[1:2] == ":":
        text = text[2:]
    return text.removeprefix(".\\")
