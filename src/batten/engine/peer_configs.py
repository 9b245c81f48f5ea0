"""What the configuration files of other tools tell them to pass over.

Read are `.trivyignore.yaml`, `.checkov.yaml` (`skip-check`), `.hadolint.yaml` (`ignored`, `trustedRegistries`),
`.kube-linter.yaml` (`checks.exclude`) and lists of exceptions of Kubescape (`*exception*.json`). A file holds for the
folder that it lies in. Sources: `pkg/result/ignore.go` of Trivy, `getConfig` and `Configuration` of hadolint, "Using
a config file" of Checkov's CLI reference, "Configuring KubeLinter", `examples/exceptions/README.md` of Kubescape.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec import Struct, field

from batten.engine.peer_ignore import Ignore, Named
from batten.formats.lines import lines_of
from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.limits import MIB
from batten.model.source import File, Files, Pointer, Unreadable
from batten.pattern import pattern

_LIST: Final = pattern(r"[ \t]*,[ \t]*")
_WITH_COMMENT: Final = pattern(r"[ \t]#[ \t]*([^\n]*)\Z")
_LITERAL: Final = pattern(r"[\w./-]*(?:\.\*[\w./-]*){0,3}")
_FOLLOWED: Final = frozenset({"kind", "name", "namespace"})
PASSED_OVER: Final = {
    ".checkov.baseline": "batten init --baseline writes a baseline of its own",
    ".dockleignore": "Dockle",
    ".grype.yaml": "Grype",
    ".snyk": "Snyk",
    "kics.config": "KICS",
    "polaris.yaml": "Polaris",
    "trivy.yaml": "the options of Trivy",
}
"""Files that tell other tools what to pass over, too, and are not read; whose they are, or what to do instead."""


class Configured(Struct):
    """What the configuration files of a target say."""

    ignores: list[Ignore] = field(default_factory=list)
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    """(path, what of it is not imported, and why)."""
    registries: list[tuple[str, str]] = field(default_factory=list)
    """(registry that may be used, where that is written)."""


def find(files: Files, paths: list[str]) -> Configured:
    """The configuration files in the folders of `paths` (files of the target), and above."""
    found = Configured()
    for folder in _folders(paths):
        for name in files.names(folder):
            path = f"{folder}/{name}" if folder else name
            if name in PASSED_OVER:
                found.passed_over.append((path, f"{PASSED_OVER[name]}: not imported"))
            elif (read := _reader(name)) is not None and (file := files.get(path)) is not None:
                _read(read, file, found)
    return found


def _folders(paths: list[str]) -> list[str]:
    folders = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return sorted(folders)


_Read = Callable[[File, Configured], None]


def _reader(name: str) -> _Read | None:
    bare = name.removesuffix(".yml").removesuffix(".yaml")
    if bare != name and bare in _READERS:
        return _READERS[bare]
    return _kubescape if name.endswith(".json") and "exception" in name.lower() else None


def _read(read: _Read, file: File, found: Configured) -> None:
    if len(file.data) > MIB:
        found.passed_over.append((file.path, "larger than 1 MiB"))
        return
    try:
        read(file, found)
    except _Odd as error:
        found.passed_over.append((file.path, str(error)))
    except (Unreadable, ValueError, RecursionError):
        found.passed_over.append((file.path, "cannot be read"))


class _Odd(Exception):
    """The file does not say what such a file says: what was expected."""


# ------------------------------------------------------------------------------------ YAML


def _mapping(file: File) -> YamlDocument | None:
    documents = [one for one in read_documents(file, KUBERNETES) if isinstance(one, YamlDocument) and one.value]
    if not documents:
        if file.text().strip():
            raise _Odd("expected YAML, found something else")
        return None
    if not isinstance(documents[0].value, dict):
        raise _Odd("expected a mapping, found something else")
    return documents[0]


def _listed(document: YamlDocument, pointer: Pointer) -> Iterator[tuple[str, Pointer]]:
    """The texts of a list (or of one text with commas), each with its place."""
    value: Any = document.value
    for step in pointer:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, str):
        for word in _LIST.split(value.strip()):
            yield word, pointer
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, str | int):
                for word in _LIST.split(str(item).strip()):
                    yield word, (*pointer, index)


def _reason(document: YamlDocument, line: int) -> str:
    """The comment behind an entry, else the one above it."""
    lines = lines_of(document.file)
    behind = _WITH_COMMENT.search(lines.slices(line, line, 400)[0])
    if behind is not None:
        return behind[1].strip()
    above = lines.slices(line - 1, line - 1, 400) if line > 1 else []
    text = above[0].strip() if above else ""
    return text.lstrip("# ").strip() if text.startswith("#") else ""


def _ignores(tool: str, document: YamlDocument, pointer: Pointer) -> Iterator[Ignore]:
    file = document.file
    for identifier, place in _listed(document, pointer):
        line = document.locate(place).line
        if identifier:
            yield Ignore(
                tool=tool,
                identifier=identifier[:80],
                reason=_reason(document, line),
                written=f"{file.path}:{line}",
                folder=file.directory,
            )


def _checkov(file: File, found: Configured) -> None:
    document = _mapping(file)
    if document is not None:
        found.ignores += _ignores("checkov", document, ("skip-check",))
        _leave(document, found, {"check": "names what is run alone", "skip-path": "put its globs into exclude"})


def _hadolint(file: File, found: Configured) -> None:
    document = _mapping(file)
    if document is not None:
        found.ignores += _ignores("hadolint", document, ("ignored",))
        for name, place in _listed(document, ("trustedRegistries",)):
            found.registries.append((name, f"{file.path}:{document.locate(place).line}"))


def _kube_linter(file: File, found: Configured) -> None:
    document = _mapping(file)
    if document is not None:
        found.ignores += _ignores("kube-linter", document, ("checks", "exclude"))
        checks = document.value.get("checks")
        if isinstance(checks, dict) and checks.get("ignorePaths"):
            found.passed_over.append((file.path, "checks.ignorePaths: put its globs into exclude"))


def _leave(document: YamlDocument, found: Configured, keys: dict[str, str]) -> None:
    found.passed_over += [(document.file.path, f"{key}: {why}") for key, why in keys.items() if document.value.get(key)]


def _trivy(file: File, found: Configured) -> None:
    document = _mapping(file)
    if document is None:
        return
    for section in ("vulnerabilities", "misconfigurations", "secrets", "licenses"):
        rows = document.value.get(section)
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            if not isinstance(row, dict) or not isinstance(row.get("id"), str):
                raise _Odd(f"expected an id in each entry of {section}")
            line = document.locate((section, index)).line
            paths = row.get("paths")
            found.ignores.append(
                Ignore(
                    tool="trivy",
                    identifier=row["id"][:80],
                    reason=str(row.get("statement") or "").strip() or _reason(document, line),
                    expires=_date(row.get("expired_at")),
                    written=f"{file.path}:{line}",
                    folder=file.directory,
                    globs=tuple(str(one) for one in paths) if isinstance(paths, list) else (),
                    packages=bool(row.get("purls")),
                )
            )


def _date(value: Any) -> str:
    """The day of a date as YAML or JSON may hold it; "" where it is none."""
    try:
        return datetime.date.fromisoformat(str(value)[:10]).isoformat() if value else ""
    except ValueError:
        return ""


# ------------------------------------------------------------------------------------ Kubescape


def _kubescape(file: File, found: Configured) -> None:
    rows = json.loads(file.text().removeprefix("\ufeff"))
    if not isinstance(rows, list) or not any(_is_exception(row) for row in rows):
        return  # another tool's
    for row in filter(_is_exception, rows):
        for policy in row.get("posturePolicies") or ():
            if isinstance(policy, dict):
                found.ignores += _exceptions(file, row, policy)


def _is_exception(row: Any) -> bool:
    return isinstance(row, dict) and row.get("policyType") == "postureExceptionPolicy"


def _exceptions(file: File, row: dict[str, Any], policy: dict[str, Any]) -> Iterator[Ignore]:
    identifier = str(policy.get("controlID") or policy.get("controlName") or policy.get("ruleName") or "all controls")
    written = f"{file.path}: {str(row.get('name') or 'an exception')[:80]}"
    for resource in row.get("resources") or ():
        attributes = resource.get("attributes") if isinstance(resource, dict) else None
        if not isinstance(attributes, dict):
            continue
        others = sorted(str(key) for key in attributes if key not in _FOLLOWED)
        named = {key: str(attributes.get(key, ".*")) for key in _FOLLOWED}
        odd = [text for text in named.values() if not _LITERAL.fullmatch(_bare(text)) or len(text) > 200]
        why = f"it also asks for {', '.join(others)}" if others else f"it asks for {odd[0]!r}" if odd else ""
        yield Ignore(
            tool="kubescape",
            identifier=_bare(identifier)[:80],
            reason=str(row.get("reason") or "").strip(),
            expires=_date(row.get("expirationDate")),
            written=written,
            folder=file.directory,
            named=None if why else Named(**{key: _whole(text) for key, text in named.items()}),
            not_followed=why,
        )


def _bare(text: str) -> str:
    return text.strip().removeprefix("^").removesuffix("$")


def _whole(text: str) -> str:
    """An expression of `_LITERAL` that matches a whole text, whatever else its characters mean."""
    return ".*".join(re.escape(part) for part in _bare(text).split(".*"))


_READERS: Final[dict[str, _Read]] = {
    ".trivyignore": _trivy,
    ".checkov": _checkov,
    ".hadolint": _hadolint,
    "hadolint": _hadolint,
    ".kube-linter": _kube_linter,
}
