"""The same manifests in another dress: what editors and generators of other habits would have written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_SIMPLE = re.compile(r"^[ \t-]*[\w./-]+: [\w./:-]+$", re.MULTILINE)
_INSTRUCTION = re.compile(r"(?<!\\)\n(?=(?:COPY|ENV|LABEL|EXPOSE|WORKDIR|CMD|ENTRYPOINT|ARG) )")


def crlf(name: str, text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def byte_order_mark(name: str, text: str) -> str:
    return "\ufeff" + text.removeprefix("\ufeff")


def no_final_newline(name: str, text: str) -> str:
    return text.rstrip("\r\n")


def tabs_in_comments(name: str, text: str) -> str:
    """Comments with tabs behind values and above instructions."""
    if name.endswith(".json"):
        return text
    if "ockerfile" in name:
        return _INSTRUCTION.sub("\n#\twhy:\tbecause\t\n", text)
    return _SIMPLE.sub(lambda line: line[0] + " \t#\tas\tbefore", text)


def four_spaces(name: str, text: str) -> str:
    """Written anew by a library, four columns a step."""
    if name.endswith(".json"):
        return json.dumps(json.loads(text), indent=4, ensure_ascii=False) + "\n"
    if not name.endswith((".yaml", ".yml")):
        return text
    documents = list(yaml.load_all(text, Loader=_LOADER))
    return yaml.dump_all(documents, Dumper=_DUMPER, indent=4, sort_keys=False, allow_unicode=True, explicit_start=True)


VARIANTS: tuple[Callable[[str, str], str], ...] = (
    crlf,
    byte_order_mark,
    no_final_newline,
    tabs_in_comments,
    four_spaces,
)


def dress(tree: Path, first: int, *, every: bool = False) -> None:
    """Rewrites the files of a tree: one variant after the other, or with `every` the one numbered `first` alone.
    What a variant cannot read stays."""
    paths = sorted(one for one in tree.rglob("*") if one.is_file() and not one.is_symlink() and _wanted(one.name))
    for number, path in enumerate(paths):
        variant = VARIANTS[(first if every else first + number) % len(VARIANTS)]
        try:
            path.write_bytes(variant(path.name, path.read_bytes().decode()).encode())
        except (yaml.YAMLError, ValueError):
            continue


def _wanted(name: str) -> bool:
    return name.endswith((".yaml", ".yml", ".json", ".container")) or "ockerfile" in name
