"""Finds secrets in text: by their form, by what stands around them, by their randomness.

Nothing here prints or keeps a secret: a `Hit` says where it stands, of which kind it is, and shows
at most the first characters that its kind begins with anyway.

The text of a large tree is mostly schemas and prose, so every step starts with something cheap: a
split into words (only long ones can be tokens), a plain search for a few syllables (only there can
a name of a secret stand). Regular expressions see what is left.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from batten import limits
from batten.detect import secret_blocks, secret_commands, secret_elsewhere, secret_logins
from batten.detect.secret_context import settings
from batten.detect.secret_elsewhere import is_elsewhere
from batten.detect.secret_formats import Found, tokens
from batten.detect.secret_names import is_public_name, name_kind, word_set
from batten.detect.secret_values import Confidence, decoded, is_key_material, is_prose, judge_value
from batten.pattern import pattern

__all__ = [
    "Hit",
    "decode_secret_data",
    "find",
    "find_in_words",
    "find_logins",
    "is_elsewhere",
    "judge_assignment",
    "looks_like_secret_name",
    "redact",
]


class Hit(Struct, frozen=True, order=True):
    """A secret in a text. `start` and `end` are offsets of its value in characters, `line` counts from 1."""

    start: int
    end: int
    kind: str
    """A slug: `github-token`, `password`, `private-key` …"""
    title: str
    """What it is, for a sentence: `GitHub token`."""
    line: int
    confidence: Confidence
    redacted: str
    """What may be shown in its place: at most its first four characters, and its length."""


_BETWEEN: Final = '", "'
_LONG_WORD: Final = 20
"""Characters of the shortest token with a form of its own (an AWS access key)."""

_AROUND: Final = 256  # characters of a word on either side of a token by which it is found again
_PART: Final = 1 << 20  # characters that are split into words at once
_SPACE: Final = pattern(r"\s")
_RANDOM_END: Final = pattern(r"(?:^|[=:\"'])([A-Za-z0-9+/_-]{32,128}={0,2})[\"']?,?$")
_NAME_BEFORE: Final = pattern(r"([A-Za-z_][\w.-]{0,79})[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?$")
_SCHEMA: Final = "kind: CustomResourceDefinition"
_TESTS: Final = word_set("test tests testdata test-data fixture fixtures test-fixtures __tests__ mock mocks molecule")
"""Folders of tests."""
_LANGUAGES: Final = word_set("locale locales _locales i18n l10n lang langs languages translation translations")
"""Folders of what a program says in the languages of its users: of passwords, too."""
_THROW_AWAY: Final = pattern(
    r"(?:my[-_]?)?(?:postgres(?:ql)?|mysql|mariadb|mongo|redis|rabbitmq|guest|minio\w{0,8}|root|admin|user|pass(?:w(?:or|0r)d)?"
    r"|secret|test\w{0,8}|ci|github|example|changeme|12345\d{0,5})[!1]?",
    re.IGNORECASE,
)
_IN_ADDRESSES: Final = ("url-password", "database-url")
_VOCABULARY: Final = word_set("added_tokens")
"""How the tokenizer of a language model begins: what follows numbers every word there is."""
_BEGINNING: Final = 512
_WEAKER: Final[dict[str, Confidence]] = {"high": "medium", "medium": "low", "low": "low"}
# In a program a bare word is a variable or a type, in a manual it is prose.
_PROGRAMS: Final = (".py", ".pyi", ".go", ".js", ".ts", ".java", ".kt", ".rb", ".rs", ".c", ".h", ".cs", ".md", ".rst")
_LOCK_FILES: Final = ("package-lock.json", "yarn.lock", "pnpm-lock.yaml", "go.sum", "poetry.lock", "uv.lock")


def find(text: str, *, path: str = "") -> list[Hit]:
    """The secrets in `text`, in order, none inside of another, at most `limits.SECRETS_PER_FILE`.

    `path` tells what the text is for: what lies in a folder of tests counts for less.
    """
    found = list(_by_form(text))
    folders = path.lower().split("/")[:-1]
    if not _LANGUAGES.isdisjoint(folders):
        # `https://usuario:contraseña@servidor:8080`, which shows how an address is written
        found = [one for one in found if one.kind not in _IN_ADDRESSES or one.confidence == "high"]
    elif not path.endswith(_LOCK_FILES) and _VOCABULARY.isdisjoint(text[:_BEGINNING].split('"')):
        found += _by_context(text, quoted_only=path.endswith(_PROGRAMS))
    found += secret_logins.logins(text, path)
    if found and (sealed := secret_elsewhere.sealed(text)):
        found = [one for one in found if not secret_elsewhere.is_inside(sealed, one.start)]
    hits = _hits(text, found)
    if hits and folders[-2:] == [".github", "workflows"]:
        hits = [replace(hit, confidence="low") if _is_throw_away(text, hit) else hit for hit in hits]
    if hits and not _TESTS.isdisjoint(folders):
        hits = [replace(hit, confidence=_WEAKER[hit.confidence]) for hit in hits]
    return hits


def _is_throw_away(text: str, hit: Hit) -> bool:
    """Is it a password that everybody knows, of a service that the pipeline starts for its tests?"""
    return hit.kind in ("password", "database-url") and _THROW_AWAY.fullmatch(text, hit.start, hit.end) is not None


def find_in_words(words: Sequence[str]) -> list[tuple[int, Hit]]:
    """The first secret in each word of an argument vector, with the word's index; offsets count in the word.

    Whether a word is one is often said by those before it: `--db-password`, `redis-cli -a`.
    """
    found = {index: hits[0] for index, word in enumerate(words) if (hits := find(word))}
    if len(words) > 1 and any(word.startswith("-") for word in words):
        start, ends = 2, []
        for word in words:
            ends.append(start + len(word))
            start += len(word) + len(_BETWEEN)
        # of the same length, as one list: a quote inside of a word must not end it
        joined = '["' + _BETWEEN.join(word.replace('"', "'") for word in words) + '"]'
        for hit in find(joined):
            index = bisect_left(ends, hit.end)
            begin = ends[index] - len(words[index]) if index < len(ends) else hit.end
            if hit.start >= begin and index not in found:
                found[index] = replace(hit, start=hit.start - begin, end=hit.end - begin)
    return sorted(found.items())


def find_logins(text: str, name: str) -> list[Hit]:
    """The passwords of a file of logins (`.netrc`, `.pgpass`) that is called `name`, or is the value of a key so
    called; none of other texts."""
    return _hits(text, secret_logins.logins(text, name))


def judge_assignment(name: str, value: str) -> Hit | None:
    """The secret in the value of one environment variable, build argument or setting; None: there is none.

    Offsets count in `value`, `line` is 1.
    """
    found = [*tokens(value), *_blocks(value)]
    kind = name_kind(name)
    if not found and kind is not None:
        confidence = judge_value(kind, name, value.strip())
        if confidence is not None:
            found.append(Found(0, len(value), *_named(name, kind, value), confidence))
    hits = _hits(value, found)
    return replace(hits[0], line=1) if hits else None


def looks_like_secret_name(name: str) -> bool:
    """Does the name of a variable or setting promise a secret? `DB_PASSWORD` does, `PASSWORD_FILE` does not."""
    return name_kind(name) is not None


def decode_secret_data(value: str) -> str | None:
    """The text of one value of a Kubernetes Secret's `data` (RFC 4648 base64); None where it is no text."""
    return decoded("".join(value.split()))


def redact(value: str) -> str:
    """What may be shown of a secret: where it is long its first characters, and its length."""
    shown = 4 if len(value) >= 20 else 2 if len(value) >= 12 else 0
    beginning = value[:shown] if value[:shown].isprintable() else ""
    return f"{beginning}… ({len(value)} characters)"


def _by_form(text: str) -> Iterator[Found]:
    """What is known by its form. Tokens have no spaces and are long: only such words are looked at."""
    long_words = {word for part in _parts(text) for word in part.split() if len(word) >= _LONG_WORD}
    if long_words:
        joined = "\n".join(sorted(long_words))
        seen: set[tuple[str, int, str]] = set()
        for one in islice(tokens(joined), limits.SECRET_WORDS_PER_FILE):
            yield from _everywhere(text, joined, one, seen)
        if "://" in joined or "@tcp(" in joined:
            for one in islice(secret_blocks.addresses(joined), limits.SECRET_WORDS_PER_FILE):
                for place in _everywhere(text, joined, one, seen):
                    if one.confidence == "high" or not _is_comment(_line_before(text, place.start)):
                        yield place
        if "LS0tLS1CRUdJTi" in joined:
            yield from secret_blocks.encoded_private_keys(text)
        yield from _by_randomness(text, long_words)
    if "-----BEGIN " in text:
        yield from secret_blocks.private_keys(text)
    if ".docker" in text or '"auth' in text:
        yield from secret_blocks.registry_logins(text)
    if '"kty"' in text:
        yield from secret_blocks.web_keys(text)


def _parts(text: str) -> Iterator[str]:
    """The text, a large one cut between words: as a list, all words of a file of 16 MB take 200 MB."""
    begin = 0
    while len(text) - begin > _PART:
        space = _SPACE.search(text, begin + _PART)
        end = len(text) if space is None else space.start()
        yield text[begin:end]
        begin = end
    yield text[begin:]


def _by_randomness(text: str, long_words: Iterable[str]) -> Iterator[Found]:
    """Values that look like keys although nothing says so: never surer than a guess."""
    for word in long_words:
        # Most words are small letters throughout, or prose.
        if not 32 <= len(word) <= 260 or word.islower() or not (ending := _RANDOM_END.search(word)):
            continue
        value = ending[1]
        if not is_key_material(value):
            continue
        start = text.find(word) + ending.start(1)
        named = _NAME_BEFORE.search(_line_before(text, start))
        if '"kty"' in text and named and secret_blocks.is_web_key_parameter(text, named[1], start):
            continue
        if named and not is_public_name(named[1]):
            yield Found(start, start + len(value), "random-value", "value that looks like a key", "low")


def _line_before(text: str, position: int) -> str:
    """What stands before `position` on its line, at most 256 characters."""
    lowest = max(0, position - 256)
    return text[max(lowest, text.rfind("\n", lowest, position) + 1) : position]


def _is_comment(line: str) -> bool:
    return line.lstrip(" \t-").startswith(("#", "//", "*", ";"))


def _blocks(text: str) -> Iterator[Found]:
    yield from secret_blocks.private_keys(text)
    yield from secret_blocks.encoded_private_keys(text)
    yield from secret_blocks.addresses(text)
    yield from secret_blocks.registry_logins(text)
    yield from secret_commands.given(text)


def _everywhere(text: str, joined: str, one: Found, seen: set[tuple[str, int, str]]) -> Iterator[Found]:
    """The places in `text` of what was found among its words, once for all that look alike."""
    line_end = joined.find("\n", one.end)
    begin = max(joined.rfind("\n", 0, one.start) + 1, one.start - _AROUND)
    end = min(len(joined) if line_end < 0 else line_end, one.end + _AROUND)
    word, before = joined[begin:end], one.start - begin
    if (mark := (word, before, one.kind)) in seen:
        return
    seen.add(mark)
    length = one.end - one.start
    place = text.find(word)
    for _ in range(limits.SECRETS_PER_FILE):
        if place < 0:
            return
        start = place + before
        yield Found(start, start + length, one.kind, one.title, one.confidence)
        place = text.find(word, place + before + length)


def _by_context(text: str, *, quoted_only: bool) -> Iterator[Found]:
    parts = list(_without_schemas(text))
    lowered = _lowered(text) if parts else ""
    external = secret_elsewhere.external(text)
    for start, end in parts:
        for one in () if quoted_only else secret_commands.given(text if end - start == len(text) else text[start:end]):
            if one.confidence == "high" or not _is_comment(_line_before(text, start + one.start)):
                yield replace(one, start=start + one.start, end=start + one.end)
        for setting in settings(text, lowered, start, end):
            if quoted_only and not setting.is_quoted:
                continue
            value = text[setting.start : setting.end]
            if is_prose(value) or (setting.name == "secretKey" and secret_elsewhere.is_inside(external, setting.start)):
                continue
            confidence = judge_value(setting.kind, setting.name, value)
            # In a comment an example is more likely than a secret.
            if confidence is None or (setting.in_comment and confidence != "high"):
                continue
            yield Found(setting.start, setting.end, *_named(setting.name, setting.kind, value), confidence)


def _named(name: str, kind: str, value: str) -> tuple[str, str]:
    """Kind and title of what its name gives away."""
    lowered = name.lower()
    if kind == "password":
        return "password", "hash of a password" if value.startswith("$") else "password"
    if "aws" in lowered and "access" in lowered:
        return "aws-secret-key", "AWS secret access key"
    last = "token" if "token" in lowered else "key" if lowered.endswith(("key", "key_base")) else "secret"
    return last, last


def _lowered(text: str) -> str:
    """`text` in small letters with every character in its place, and `?` for those beyond ASCII: with one of
    them, a text takes up to four times its memory, and what is looked for has none."""
    if text.isascii():
        return text.lower()
    # Of letters beyond ASCII these two have a small letter within it.
    plain = text.replace("\u0130", "i").replace("\u212a", "k")
    return plain.encode("ascii", "replace").lower().decode("ascii")


def _without_schemas(text: str) -> Iterator[tuple[int, int]]:
    """The documents that may hold settings. A schema speaks of secrets on every page and holds none."""
    if _SCHEMA not in text:
        yield 0, len(text)
        return
    start = 0
    while start < len(text):
        end = text.find("\n---", start + 1)
        end = len(text) if end < 0 else end
        schema = text.find(_SCHEMA, start, end)
        if schema < 0 or (schema > 0 and text[schema - 1] != "\n"):
            yield start, end
        start = end


def _hits(text: str, found: Iterable[Found]) -> list[Hit]:
    """Hits in order, the surer one where two overlap, with their lines."""
    ranks = {"high": 0, "medium": 1, "low": 2}
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, ranks[one.confidence], -one.end)):
        if kept and one.start < kept[-1].end:
            if ranks[one.confidence] < ranks[kept[-1].confidence]:
                kept[-1] = one
            continue
        kept.append(one)
    hits: list[Hit] = []
    line, counted = 1, 0
    for one in kept[: limits.SECRETS_PER_FILE]:
        line += text.count("\n", counted, one.start)
        counted = one.start
        shown = redact(text[one.start : one.end])
        hits.append(Hit(one.start, one.end, one.kind, one.title, line, one.confidence, shown))
    return hits
