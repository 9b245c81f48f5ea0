"""Random versions of each scheme: mostly valid, many nearly equal, all of the kinds that real packages have."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

_NUMBERS = ("0", "1", "2", "9", "10", "11", "21", "99", "100", "2024", "20240131")
_ZEROED = (*_NUMBERS, "00", "01", "010", "0010")


def _numbers(random: Random, most: int, least: int = 1, zeros: float = 0.0) -> str:
    numbers = _ZEROED if random.random() < zeros else _NUMBERS
    return ".".join(random.choice(numbers) for _ in range(random.randint(least, most)))


def _maybe(random: Random, chance: float, make: Callable[[], str]) -> str:
    return make() if random.random() < chance else ""


def _runs(random: Random, signs: str, most: int) -> str:
    """Numbers, words and signs in any order."""
    pieces = (*_ZEROED, "a", "b", "rc", "beta", "git", "Z", "deb", *signs)
    return "".join(random.choice(pieces) for _ in range(random.randint(0, most)))


def dpkg(random: Random) -> str:
    return (
        _maybe(random, 0.3, lambda: random.choice(("0:", "1:", "2:", "01:")))
        + _numbers(random, 3, zeros=0.3)
        + _runs(random, "~+.-~", 4)
        + _maybe(random, 0.6, lambda: "-" + random.choice(_ZEROED) + _runs(random, "~+.~", 3))
    )


def rpm(random: Random) -> str:
    return (
        _maybe(random, 0.3, lambda: random.choice(("0:", "1:", "2:", "01:", ":")))
        + _numbers(random, 3, zeros=0.3)
        + _runs(random, "~^._+~^", 4)
        + _maybe(
            random, 0.6, lambda: "-" + random.choice(_ZEROED) + _runs(random, "~^._+", 3) + random.choice(("", ".el9"))
        )
    )


def apk(random: Random) -> str:
    suffixes = ("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p")
    return (
        _numbers(random, 4, zeros=0.3)
        + _maybe(random, 0.3, lambda: random.choice("abcz"))
        + "".join(
            "_" + random.choice(suffixes) + _maybe(random, 0.5, lambda: random.choice(_ZEROED))
            for _ in range(random.choice((0, 0, 0, 1, 1, 2)))
        )
        + _maybe(random, 0.1, lambda: "~" + random.choice(("0", "1a", "1ab", "deadbeef")))
        + _maybe(random, 0.5, lambda: "-r" + random.choice(_ZEROED))
    )


def pep440(random: Random) -> str:
    def number() -> str:
        return _maybe(random, 0.8, lambda: random.choice(("", "", ".", "-", "_")) + random.choice(_ZEROED))

    separators = ("", "", ".", "-", "_")
    return (
        _maybe(random, 0.2, lambda: "v")
        + _maybe(random, 0.2, lambda: random.choice(("0!", "1!", "2!")))
        + _numbers(random, 4, zeros=0.3)
        + _maybe(
            random,
            0.4,
            lambda: (
                random.choice(separators)
                + random.choice(("a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "RC", "A"))
                + number()
            ),
        )
        + _maybe(
            random,
            0.3,
            lambda: random.choice(
                (
                    "-" + random.choice(_ZEROED),
                    random.choice(separators) + random.choice(("post", "rev", "r")) + number(),
                )
            ),
        )
        + _maybe(random, 0.3, lambda: random.choice(separators) + "dev" + number())
        + _maybe(random, 0.2, lambda: "+" + random.choice(("1", "2", "10", "abc", "ABC.1", "1.abc", "ubuntu-1", "1_2")))
    )


def _labels(random: Random, words: tuple[str, ...]) -> str:
    return ".".join(random.choice((*words, *_NUMBERS)) for _ in range(random.randint(1, 3)))


_WORDS = ("alpha", "beta", "rc", "RC", "a", "A", "-", "x-1", "1a", "rc1", "0a")


def _build(random: Random) -> str:
    return _maybe(random, 0.1, lambda: "+" + random.choice(("1", "build.5", "001", "incompatible")))


def semver(random: Random) -> str:
    return (
        _maybe(random, 0.1, lambda: random.choice(("v", "=", "v=")))
        + _numbers(random, 3, 3, zeros=0.1)
        + _maybe(random, 0.5, lambda: random.choice(("-", "-", "-", "")) + _labels(random, _WORDS))
        + _build(random)
    )


def golang(random: Random) -> str:
    if random.random() < 0.3:
        return (
            "go"
            + _numbers(random, 3, 1)
            + _maybe(random, 0.4, lambda: random.choice(("rc", "beta", "alpha", "rc1", "rc2", "beta1")))
        )
    return (
        "v"
        + _numbers(random, 3, random.choice((1, 3, 3, 3)), zeros=0.05)
        + _maybe(
            random,
            0.5,
            lambda: (
                "-"
                + random.choice(
                    (_labels(random, _WORDS), "0.20240131123456-abcdef123456", "20240131123456-abcdef123456")
                )
            ),
        )
        + _build(random)
    )


def maven(random: Random) -> str:
    words = (
        "alpha",
        "beta",
        "milestone",
        "rc",
        "cr",
        "snapshot",
        "ga",
        "final",
        "release",
        "sp",
        "a",
        "b",
        "m",
        "x",
        "foo",
        "jre",
        "GA",
        "Alpha",
        "SNAPSHOT",
        "pre",
    )
    pieces = [_numbers(random, 4, zeros=0.2)]
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        pieces.append(random.choice((".", "-", "", "-", "..", "-.", ".-")))
        pieces.append(random.choice((*words, *_ZEROED)))
    return "".join(pieces)


def gem(random: Random) -> str:
    return (
        _numbers(random, 4, zeros=0.2)
        + "".join(
            "." + random.choice((*_WORDS[:6], "1a", "rc1", "b2c", *_ZEROED))
            for _ in range(random.choice((0, 0, 1, 2, 3)))
        )
        + _maybe(random, 0.2, lambda: "-" + _labels(random, _WORDS))
    )


def nuget(random: Random) -> str:
    return (
        _numbers(random, 4, zeros=0.2)
        + _maybe(random, 0.5, lambda: "-" + _labels(random, (*_WORDS, "BETA", "-5", "-05", "20240131123456")))
        + _build(random)
    )


def packagist(random: Random) -> str:
    def number() -> str:
        return _maybe(random, 0.7, lambda: random.choice(("", "", ".", "-")) + random.choice(_ZEROED))

    if random.random() < 0.1:
        return random.choice(
            (
                "2024.01.31",
                "2024-01-31",
                "20240131",
                "2024.01",
                "201903.0",
                "1.x-dev",
                "1.2.x-dev",
                "2.*.*-dev",
                "dev-main",
            )
        )
    return (
        _maybe(random, 0.2, lambda: "v")
        + _numbers(random, 4, zeros=0.2)
        + _maybe(
            random,
            0.5,
            lambda: (
                random.choice(("", ".", "-", "_"))
                + random.choice(("alpha", "beta", "RC", "a", "b", "rc", "patch", "pl", "p", "stable", "Beta"))
                + number()
            ),
        )
        + _maybe(random, 0.2, lambda: random.choice(("", "-", ".")) + "dev")
        + _maybe(random, 0.1, lambda: "+" + random.choice(("1", "build.5", "a-b")))
    )


VERSIONS: dict[str, Callable[[Random], str]] = {
    "dpkg": dpkg,
    "rpm": rpm,
    "apk": apk,
    "pep440": pep440,
    "semver": semver,
    "golang": golang,
    "maven": maven,
    "gem": gem,
    "nuget": nuget,
    "packagist": packagist,
}
_EDITS = (*_ZEROED, ".", "-", "~", "+", "_", "a", "b", "rc", "z", "^", "-r1", ".0", ".1", "-1")


def near(random: Random, text: str) -> str:
    """The text with one change somewhere: most often still a version, and close to it."""
    place = random.randint(0, len(text))
    match random.randint(0, 2):
        case 0:
            return text[:place] + random.choice(_EDITS) + text[place:]
        case 1:
            return text[:place] + text[place + random.randint(1, 3) :]
        case _:
            return text[:place] + random.choice(_EDITS) + text[place + 1 :]


_TOO_LONG = re.compile("[0-9]{16}").search  # some judges count in floating point


def pair(scheme: str, random: Random) -> tuple[str, str]:
    """Two versions; half of the pairs differ in one place."""
    while True:
        left = VERSIONS[scheme](random)
        right = near(random, left) if random.random() < 0.5 else VERSIONS[scheme](random)
        if not _TOO_LONG(left) and not _TOO_LONG(right):
            return (left, right) if random.random() < 0.5 else (right, left)


def _joined(random: Random, part: Callable[[], str], between: tuple[str, ...], most: int) -> str:
    parts = [part()]
    for _ in range(random.choice((0, 0, 1, most - 1))):
        parts += [random.choice(between), part()]
    return "".join(parts)


def _partial(random: Random) -> str:
    wildcards = (*_NUMBERS, "x", "*", "X") if random.random() < 0.3 else _NUMBERS
    text = ".".join(random.choice(wildcards) for _ in range(random.randint(1, 3)))
    if text.count(".") == 2 and random.random() < 0.4:
        text += "-" + _labels(random, _WORDS)
    return text + _build(random)


def semver_range(random: Random) -> str:
    def comparator() -> str:
        operator = random.choice(("", "^", "~", "~>", ">", ">=", "<", "<=", "="))
        return operator + random.choice(("", "", "", " ", "v")) + _partial(random)

    def option() -> str:
        match random.randint(0, 9):
            case 0:
                return f"{_partial(random)} - {_partial(random)}"
            case 1:
                return random.choice(("", "*", "x", ">", ">=0.0.0", ">=0.0.0-0", "<0.0.0"))
            case _:
                return _joined(random, comparator, (" ", "  "), 2)

    return _joined(random, option, ("||", " || "), 2)


def gem_range(random: Random) -> str:
    def requirement() -> str:
        operator = random.choice(("", "=", "!=", ">", "<", ">=", "<=", "~>", "~>", "~>"))
        return operator + random.choice(("", " ")) + gem(random)

    return _joined(random, requirement, (",", ", "), 2)


def packagist_range(random: Random) -> str:
    def version() -> str:
        return packagist(random) if random.random() < 0.5 else _numbers(random, 4)

    def constraint() -> str:
        match random.randint(0, 9):
            case 0:
                return f"{version()} - {version()}"
            case 1:
                return random.choice(
                    ("*", "x", "v*", "1.*", "1.2.*", "0.*", "2.x", "1.x.x", "dev-main", "!=dev-main", "2.0.x-dev")
                )
            case 2:
                return _numbers(random, 3) + random.choice((".*", ".x", ".*.*"))
            case _:
                operator = random.choice(
                    ("", "^", "^", "~", "~", ">", ">=", "<", "<=", "=", "==", "!=", "<>", "> ", "< ")
                )
                flag = _maybe(random, 0.1, lambda: random.choice(("@dev", "@beta", "@stable", "@RC", "@alpha")))
                return operator + version() + flag

    return _joined(random, lambda: _joined(random, constraint, (" ", ", ", ","), 2), ("||", " || ", "|", " | "), 2)


def _interval(random: Random, version: Callable[[], str]) -> str:
    if random.random() < 0.15:
        return f"[{version()}]"
    lower, upper = _maybe(random, 0.8, version), _maybe(random, 0.8, version)
    return random.choice("[(") + lower + random.choice((",", ", ")) + upper + random.choice("])")


def maven_range(random: Random) -> str:
    if random.random() < 0.1:
        return maven(random)
    return _joined(random, lambda: _interval(random, lambda: maven(random)), (",",), 2)


RANGES: dict[str, Callable[[Random], str]] = {
    "semver": semver_range,
    "gem": gem_range,
    "packagist": packagist_range,
    "maven": maven_range,
}


def ranged(scheme: str, random: Random) -> tuple[str, str]:
    """A version and a range, which names the version's own numbers as often as not."""
    while True:
        text = RANGES[scheme](random)
        version = VERSIONS[scheme](random)
        numbers = re.findall(r"[0-9][0-9A-Za-z.-]*", text)
        if numbers and random.random() < 0.6:
            version = random.choice(numbers).rstrip(".-")
            if random.random() < 0.6:
                version = near(random, version)
        if not _TOO_LONG(version) and not _TOO_LONG(text):
            return version, text
