"""The configuration, `batten.toml` or `[tool.batten]` in `pyproject.toml`: where it is, and what it may name.

`batten.engine.config_file` reads it: most scans have none, and do not pay for that.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from batten import limits
from batten.model.settings import Settings, Waiver
from batten.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE_NAME = "batten.toml"
RULES: Final = "batten-rules"
"""Beside the configuration, or where it would be: the folder of the user's own rules."""


class ConfigError(Exception):
    """The configuration is wrong: one line with path, line, what was expected, what to do. Exit code 2."""


def find(start: str | os.PathLike[str]) -> Path | None:
    """The nearest `batten.toml`, or `pyproject.toml` with `[tool.batten]`, from `start` upwards to the
    root of the Git work tree (without one, in `start` alone)."""
    for folder in _work_tree(os.path.realpath(start)):
        found = configuration_in(folder)
        if found is not None:
            from pathlib import Path

            return Path(found)
    return None


def without(starts: Iterable[str | os.PathLike[str]]) -> Settings:
    """The settings where there is no configuration: the defaults, with the rules of the nearest `batten-rules/` that
    is looked for from each of `starts` as a configuration would be."""
    for start in starts:
        for folder in _work_tree(os.path.realpath(start)):
            if os.path.isdir(os.path.join(folder, RULES)):
                from pathlib import Path

                from batten.engine.config_rules import default_rules

                return Settings(rules=default_rules(Path(folder, FILE_NAME)))
    return Settings()


def _work_tree(start: str) -> list[str]:
    """The folder and those above it up to the root of its Git work tree; outside of one the folder alone."""
    folders = [start]
    while not os.path.exists(os.path.join(folders[-1], ".git")):
        above = os.path.dirname(folders[-1])
        if above == folders[-1]:
            return [start]  # a file further up belongs to somebody else
        folders.append(above)
    return folders


def configuration_in(folder: str) -> str | None:
    """The configuration that a folder itself has."""
    own = os.path.join(folder, FILE_NAME)
    if os.path.isfile(own):
        return own
    project = os.path.join(folder, "pyproject.toml")
    if os.path.isfile(project):
        with open(project, "rb") as file:
            text = file.read(limits.MIB)
        if _OURS.search(text) and _speaks_of_us(text):
            return project
    return None


_OURS: Final = pattern(rb"""(?m)^[ \t]*\[?[ \t]*["']?tool["']?[ \t]*(?:\]|\.[ \t]*["']?batten)""")
"""A line by which `tool.batten` may begin."""


def _speaks_of_us(text: bytes) -> bool:
    """Whether a `pyproject.toml` has the table `tool.batten`, however it is written."""
    if b"[tool.batten" in text:
        return True  # whatever is wrong with it is told when it is read
    import tomllib

    try:
        tool = tomllib.loads(text.decode()).get("tool")
    except (ValueError, RecursionError):
        return False  # whoever it belongs to will be told
    return isinstance(tool, dict) and "batten" in tool


def load(file: str | os.PathLike[str]) -> Settings:
    """The settings of a file and of what it extends; raises `ConfigError`."""
    from batten.engine.config_file import load as read

    return read(file)


def waivers_at(source: str, revision: str) -> list[Waiver]:
    """The waivers that a configuration file (absolute) held at a Git revision; none where it was not there,
    or was none that can be read."""
    from batten.engine.config_file import waivers_at as read

    return read(source, revision)


def verify(settings: Settings) -> None:
    """Raises `ConfigError` where the settings name a check that does not exist: it would hold for nothing.

    A prefix (`PRV`) is as good.
    """
    named = {
        "checks": settings.checks,
        "skip": settings.skip,
        "non-waivable": settings.non_waivable,
        "[severity]": tuple(settings.severities),
        "[[waiver]]": tuple(waiver.check for waiver in settings.waivers),
    }
    if not any(named.values()):
        return
    from batten.engine.rooms import checks_for
    from batten.engine.waive import names_vulnerability

    identifiers = tuple(checks_for(settings))
    written = {waiver.check: waiver.where for waiver in settings.waivers}
    for where, words in named.items():
        for word in words:
            whole = where in ("[severity]", "[[waiver]]")
            if word in identifiers or (not whole and word and any(one.startswith(word) for one in identifiers)):
                continue
            if where == "[[waiver]]" and names_vulnerability(word):
                continue
            hint = guess(word.upper(), identifiers) or "; batten checks lists them"
            place = f"{written[word]}: {where}" if written.get(word) else f"{where} in the configuration"
            if where == "[[waiver]]":
                expected = "expected the identifier of a check or a vulnerability"
            else:
                expected = "expected the identifier of a check"
            raise ConfigError(f"{place}: {expected}, found {word!r}{hint}")


def guess(word: Any, known: tuple[str, ...]) -> str:
    """`; did you mean 'persona'?` where a known word is near, else ""."""
    from difflib import get_close_matches  # only on the way to an error

    close = get_close_matches(str(word), known, 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def shown_path(path: Path) -> str:
    """A configuration's path as reports show it: from the current directory where that is near."""
    from pathlib import Path

    from batten.sources.names import printable

    if path.is_absolute():
        here = Path.cwd()
        folder = path.parent
        if folder == here or folder in here.parents or here in folder.parents:
            path = Path(os.path.relpath(path, here))
    return printable(path.as_posix())
