"""Passwords and tokens that programs are given on their command line, in a header or in a setting of their own,
wherever the line stands: in a script, in an argument list, in a Dockerfile, in the text of a ConfigMap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from batten import limits
from batten.detect.secret_formats import Found
from batten.detect.secret_values import Confidence, decoded, is_random, is_reference, is_stand_in, is_uuid
from batten.pattern import pattern

# What may stand between two words: spaces in a script, `", "` in an argument list.
_GAP: Final = r"(?:[ \t]{1,8}|[\"']?,[ \t]{0,8})[\"']?"
# The words of one command before the option: they end where the command does.
_WORDS: Final = r"[^\n;|&]{0,400}?"
_VALUE: Final = r"([^\s\"'\\|&;<>]{1,256})"
_LOGIN: Final = r"(?P<user>[^\s:\"'$/\\]{1,128}):" + _VALUE


class _Given(Struct, frozen=True):
    """A program with the option that takes a password, which is the last group; `user` may be before it."""

    mark: str
    """A text without which there is none."""
    title: str
    expression: re.Pattern[str]
    is_token: bool = False
    """Drawn by a machine: a word is none."""


def _row(mark: str, title: str, program: str, option: str) -> _Given:
    # no assertion in front: the search then skips to the letters that the program's name begins with
    return _Given(mark, title, pattern(rf"{program}{_WORDS}{_GAP}{option}"))


_COMMON_ROWS: Final = (
    _row(
        "curl",
        "password given to curl",
        r"curl\b",
        rf"(?:-[a-zA-Z]{{0,6}}[uU]|--user|--proxy-user)(?:{_GAP}|=)?{_LOGIN}",
    ),
    # MySQL's -p takes its value without a space
    _row("mysql", "password given to MySQL", r"mysql(?:dump|admin|import|check|show|sh|pump)?\b", f"-p[\"']?{_VALUE}"),
    _row("mariadb", "password given to MariaDB", r"mariadb(?:-\w{1,12})?\b", f"-p[\"']?{_VALUE}"),
    _row("mongo", "password given to MongoDB", r"mongo(?:sh|dump|restore|export|import)?\b", f"-p{_GAP}{_VALUE}"),
    _row("redis-cli", "password given to Redis", "redis-cli", f"-a{_GAP}{_VALUE}"),
    _row(
        " login",
        "password given to a login",
        r" login\b",
        f"-p(?:{_GAP}|=)?{_VALUE}",
    ),
    # .npmrc, and `npm config set`: until 2021 a UUID
    _Given(
        ":_auth",
        "token of an npm registry",
        pattern(rf":_auth(?:Token)?(?:[\"']?{_GAP}|[\"']?[ \t]{{0,4}}=[ \t]{{0,4}}[\"']?){_VALUE}"),
        is_token=True,
    ),
    # RFC 6750; what begins with `eyJ` is known by its form
    _Given(
        "earer ", "token in an Authorization header", pattern(rf"\b[Bb]earer[ \t]{{1,4}}(?!eyJ){_VALUE}"), is_token=True
    ),
    *(
        _Given(
            option,
            "token in a header",
            pattern(
                rf"{option}(?:{_GAP}|=)?[\"']?[\w-]{{0,60}}(?i:token|secret|(?:api|auth|access|secret|subscription)-?key)"
                rf"[ \t]{{0,4}}:[ \t]{{0,4}}{_VALUE}"
            ),
            is_token=True,
        )
        for option in ("-H", "--header")
    ),
)
_ROWS: Final = (
    *_COMMON_ROWS,
    _Given("sshpass", "password given to SSH", pattern(rf"sshpass{_GAP}-p(?:{_GAP})?{_VALUE}")),
    _Given(
        "chpasswd",
        "password of an account",
        pattern(
            rf"(?:echo|printf)[ \t](?:-[ne]{{1,2}}[ \t])?[ \t]?[\"']?{_LOGIN}(?:\\n)?[\"']?"
            r"[ \t]{0,4}\|[^\n|]{0,40}\bchpasswd\b"
        ),
    ),
    _Given("chpasswd", "password of an account", pattern(rf"chpasswd\b[^\n|<]{{0,40}}<<<[ \t]{{0,4}}[\"']?{_LOGIN}")),
    _Given(
        "--stdin",
        "password of an account",
        pattern(
            rf"echo[ \t]{{1,4}}[\"']?{_VALUE}[\"']?[ \t]{{0,4}}"
            r"\|[^\n|]{0,40}\bpasswd[ \t][^\n|]{0,60}--stdin"
        ),
    ),
)
_PORTS: Final = pattern(r"[\d.:]*\d:\d+(?:/[a-z]+)?\Z")  # `docker run --name mongo -p 27017:27017`
_NOBODY: Final = frozenset(("user", "username", "usr", "login", "name", "myuser"))
_NOTHING: Final = frozenset(("pass", "password", "passwd", "pwd", "pw", "mypass", "mypassword", "token", "secret"))
_SHORTEST: Final = 3

# RFC 7617: `Basic` and the user and password in base64. Searched for is `asic `: the first letter has two forms.
_BASIC: Final = pattern(r"\b[Bb]asic[ \t]{1,4}([A-Za-z0-9+/]{6,512}={0,2})(?![A-Za-z0-9+/=])")


def given(text: str) -> Iterator[Found]:
    """Passwords in commands and in `Authorization: Basic` headers; none that a variable or a template stands for."""
    for row in _ROWS if "passwd" in text or "sshpass" in text else _COMMON_ROWS:
        end = _reach(text, row.mark)
        for match in row.expression.finditer(text, 0, end) if end else ():
            start = match.start(match.re.groups)
            password = match[match.re.groups].rstrip("]},")  # of a list around it
            drawn = is_random(password) or is_uuid(password)
            if row.is_token and not drawn:
                continue
            if is_password(match.groupdict().get("user") or "", password) and not _PORTS.match(password):
                confidence: Confidence = "high" if drawn else "medium"
                kind = "token" if row.is_token else "password"
                yield Found(start, start + len(password), kind, row.title, confidence)
    if "asic " in text:
        yield from basic_headers(text)


def _reach(text: str, mark: str) -> int:
    """Up to where a text is looked through for a mark: to its end, or to the mark that is one too many; 0: it is not
    in there."""
    position = text.find(mark)
    if position < 0:
        return 0
    for _ in range(limits.SECRET_COMMANDS_PER_FILE):
        position = text.find(mark, position + len(mark))
        if position < 0:
            return len(text)
    return position


def basic_headers(text: str) -> Iterator[Found]:
    """The logins of HTTP's `Basic` scheme."""
    for match in _BASIC.finditer(text):
        login = decoded(match[1])
        if login is None or not login.isascii() or not login.isprintable():
            continue
        user, colon, password = login.partition(":")
        if colon and is_password(user, password):
            yield Found(*match.span(1), "basic-authorization", "login in an Authorization header", "high")


def is_password(user: str, password: str) -> bool:
    """May it be one, and not what stands in for one? `user` "" where nothing says whose it is."""
    if len(password) < _SHORTEST or is_reference(password) or is_stand_in(password) or "*" in password:
        return False
    if password.startswith(("$", "%", "{", "-")):
        return False
    return not (user.lower() in _NOBODY and password.lower() in _NOTHING)
