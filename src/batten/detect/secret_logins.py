"""Passwords in files whose name says how they are written: `.netrc`, `.pgpass`, `.pypirc`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batten.detect.secret_commands import is_password
from batten.detect.secret_formats import Found
from batten.detect.secret_values import Confidence, is_random
from batten.limits import SECRET_COMMANDS_PER_FILE
from batten.pattern import pattern

# netrc(5): words with blanks or line ends between them; a comment reaches to the end of the line.
_NETRC_WORD: Final = pattern(r"(?m:^[ \t]*#.*$)|\"((?:[^\"\\\n]|\\.){0,4096})\"|(\S{1,4096})")
# PostgreSQL, "The Password File": HOST:PORT:DATABASE:USER:PASSWORD, a colon within is escaped.
_PGPASS: Final = pattern(
    r"(?m)^(?!#)(?:(?:[^:\\\n]|\\.){0,256}:){3}((?:[^:\\\n]|\\.){0,256}):((?:[^:\\\n]|\\.){1,1024})$"
)
_PYPIRC: Final = pattern(r"(?m)^[ \t]{0,16}password[ \t]{0,16}[=:][ \t]{0,16}(\S{1,1024})[ \t]{0,16}$")


def logins(text: str, path: str) -> Iterator[Found]:
    """The passwords of `text`, where `path` is such a file."""
    folder, _, name = path.lower().rpartition("/")
    if (
        name in (".netrc", "_netrc", "netrc")
        or path.endswith("etc/apt/auth.conf")
        or folder.endswith("apt/auth.conf.d")
    ):
        found = _netrc(text)
    elif name in (".pgpass", "pgpass.conf"):
        found = ((match[1], match.start(2), match[2]) for match in _PGPASS.finditer(text))
    elif name == ".pypirc":
        found = (("", match.start(1), match[1]) for match in _PYPIRC.finditer(text))
    else:
        return
    for number, (user, start, password) in enumerate(found):
        if number >= SECRET_COMMANDS_PER_FILE:
            return
        if is_password(user, password):
            confidence: Confidence = "high" if is_random(password) else "medium"
            yield Found(start, start + len(password), "password", f"password in {name}", confidence)


def _netrc(text: str) -> Iterator[tuple[str, int, str]]:
    """(user, offset, password) of each entry; the body of a macro, up to an empty line, is none."""
    user = before = ""
    position = 0
    while match := _NETRC_WORD.search(text, position):
        position = match.end()
        word = match[1] if match[1] is not None else match[2]
        if word is None:
            continue
        if before == "password":
            yield user, match.start(1 if match[1] is not None else 2), word
            before = ""
        elif before in ("login", "account", "machine"):
            user, before = (word if before == "login" else user), ""
        elif word == "macdef":
            end = text.find("\n\n", position)
            position = end if end >= 0 else len(text)
        else:
            user = "" if word in ("machine", "default") else user
            before = word
