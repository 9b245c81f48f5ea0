"""A unit as Podman's generator sees it: the file, its drop-ins, and the other units that it names."""

from __future__ import annotations

import posixpath
from typing import Any

from batten.formats.interface import ReadContext
from batten.formats.quadlet.document import UnitDocument, UnitText, parse
from batten.formats.quadlet.keys import COMMAND_KEYS, options_of, single
from batten.formats.quadlet.options import Options
from batten.formats.quadlet.search import search_folders
from batten.limits import UNIT_DROPINS
from batten.model.source import File, Problem, Unreadable
from batten.model.values import UNKNOWN, Absent
from batten.model.workload import Build, BuildRight
from batten.pattern import pattern

_SERVICE_SIZE = pattern(r"([0-9]{1,18})([KMGT]?)\Z")
_SERVICE_SHARE = pattern(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)%\Z")
_SERVICE_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def load(file: File, context: ReadContext) -> tuple[UnitDocument, list[Problem]]:
    """The unit with its drop-ins, and what was wrong in them."""
    own = parse(file)
    texts, problems = [own], _faults(own)
    for path in dropin_paths(file, context):
        dropin = context.files.get(path)
        if dropin is None:
            continue
        try:
            read = parse(dropin)
        except Unreadable as error:
            problems.append(Problem(path, error.message, error.line))
            continue
        texts.append(read)
        problems += _faults(read)
    return UnitDocument(texts, COMMAND_KEYS), problems


def _faults(unit: UnitText) -> list[Problem]:
    """What is wrong in the text; one line, for what comes after the first may follow from it."""
    if unit.faults:
        line, text = unit.faults[0]
        more = f" (and {len(unit.faults) - 1} more lines like it)" if len(unit.faults) > 1 else ""
        message = (
            f"expected a section `[Name]`, `Key=value` or a comment, found “{text}”{more}; Podman refuses this unit"
        )
        return [Problem(unit.file.path, message, line)]
    if unit.ends_continued:
        message = "expected the continued line, found the end of the file: was it cut off?"
        return [Problem(unit.file.path, message, _last_line(unit))]
    last = unit.assignments[-1] if unit.assignments else None
    if last is not None and not last.value and not unit.text.endswith("\n"):
        message = f"expected a value of {last.key}=, found the end of the file: was it cut off?"
        return [Problem(unit.file.path, message, _last_line(unit))]
    return []


def _last_line(unit: UnitText) -> int:
    return unit.text.rstrip().count("\n") + 1


def dropin_paths(file: File, context: ReadContext) -> list[str]:
    """Drop-ins in the order in which they apply: by file name, the folder nearest to the unit's name wins.

    Folders for `web-api@1.container`: `web-api@1.container.d`, `web-api@.container.d`, `web-@.container.d`,
    `web-.container.d`, `container.d`; each in all folders of the search path, the first folder first.
    """
    stem, suffix = posixpath.splitext(file.name)
    template, at, instance = stem.partition("@")
    folders = [f"{file.name}.d"]
    if instance:
        folders.append(f"{template}@{suffix}.d")
    parts = template.split("-")[:-1][:16]
    for count in range(len(parts), 0, -1):
        prefix = "-".join(parts[:count]) + "-"
        folders += [f"{prefix}@{suffix}.d"] if at else []
        folders.append(f"{prefix}{suffix}.d")
    folders.append(f"{suffix[1:]}.d")
    chosen: dict[str, str] = {}
    for root, present in search_folders(file.directory, context):
        for folder in folders:
            path = posixpath.join(root, folder)
            for name in () if folder not in present else context.files.names(path):
                if name.endswith(".conf") and len(chosen) < UNIT_DROPINS:
                    chosen.setdefault(name, f"{path}/{name}")
    return [chosen[name] for name in sorted(chosen)]


def sibling(document: UnitDocument, name: str, context: ReadContext) -> UnitDocument | None:
    """Another unit of the search path, by its file name, the one in the same folder first; None where it cannot be
    read."""
    if not name or "/" in name:
        return None
    file = context.files.get(posixpath.join(document.file.directory, name))
    if file is None:
        folders = (folder for folder, _ in search_folders(document.file.directory, context))
        found = (context.files.get(posixpath.join(folder, name)) for folder in folders)
        file = next((one for one in found if one is not None), None)
    if file is None:
        return None
    try:
        return load(file, context)[0]
    except Unreadable:
        return None


def host_path_of(document: UnitDocument, context: ReadContext, name: str) -> str:
    """The path of the host that a `.volume` unit binds (`Device=` with `Options=bind`), else ""."""
    if not name.endswith(".volume"):
        return ""
    unit = sibling(document, name, context)
    if unit is None:
        return ""
    device = single(unit.last("Volume", "Device"))
    options = single(unit.last("Volume", "Options")).split(",")
    binds = single(unit.last("Volume", "Type")) in ("bind", "none") or "bind" in options or "rbind" in options
    return device if device.startswith("/") and binds else ""


def build_of(document: UnitDocument, context: ReadContext, name: str) -> tuple[str, Build | None]:
    """(tag, how it is built) of a `.build` unit."""
    unit = sibling(document, name, context)
    if unit is None:
        return "", None
    working, file = single(unit.last("Build", "SetWorkingDirectory")), single(unit.last("Build", "File"))
    folder = unit.file.directory
    if working and working.lower() not in ("unit", "file"):
        folder = posixpath.normpath(posixpath.join(folder, working))
    elif file and not file.startswith("/"):
        folder = posixpath.normpath(posixpath.join(folder, posixpath.dirname(file)))
        file = posixpath.basename(file)
    if not file:
        found = [one for one in ("Containerfile", "Dockerfile") if one in context.files.names(folder)]
        file = found[0] if found else "Containerfile"
    arguments = []
    for option in Options(options_of(unit, "Build")).every("build-arg"):
        key, equals, value = option.value.partition("=")
        arguments.append((key, value if equals else None))
    tags = unit.all("Build", "ImageTag")
    folder = "" if folder == "." else folder
    build = Build(
        context=folder,
        dockerfile=posixpath.normpath(posixpath.join(folder, file)),
        target=single(unit.last("Build", "Target")),
        args=tuple(arguments),
        pointer=("Build",),
        document=unit,
        rights=tuple(
            BuildRight("network.host", "Network=host", True, one.pointer, unit)
            for one in unit.all("Build", "Network")
            if one.value == "host"
        ),
    )
    return tags[0].value if tags else "", build


def service_size(text: str) -> int | Absent | None:
    """Bytes in `MemoryMax=` (systemd.resource-control(5)); None: no limit; a share of the host's is `UNKNOWN`."""
    if text in ("", "infinity"):
        return None
    match = _SERVICE_SIZE.match(text)
    return int(match[1]) * _SERVICE_UNITS[match[2]] if match else UNKNOWN


def service_share(text: str) -> Any:
    """Cores in `CPUQuota=50%`."""
    match = _SERVICE_SHARE.match(text)
    if match is None:
        return UNKNOWN if text else None
    return float(match[1]) / 100 or None


def service_count(text: str) -> int | Absent | None:
    """Processes in `TasksMax=`."""
    if text in ("", "infinity"):
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else UNKNOWN
