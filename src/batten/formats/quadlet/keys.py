"""From the keys of a Quadlet unit to the options of `podman run` (podman-systemd.unit(5)).

How a key's value is read differs by key, as in Podman's own generator: the last assignment alone, every
assignment whole, every word of every assignment, or `name=value` words.
"""

from __future__ import annotations

from typing import Literal

from batten.formats.quadlet.document import Assignment, UnitDocument
from batten.formats.quadlet.options import Option, is_true, parse, separate, strays
from batten.model.source import Pointer

How = Literal["last", "switch", "each", "words"]

# keys whose values have C escapes: command lines and assignments
COMMAND_KEYS = frozenset(
    {
        "Annotation",
        "Environment",
        "EnvironmentFile",
        "Exec",
        "GlobalArgs",
        "Label",
        "Mask",
        "Mount",
        "PodmanArgs",
        "Secret",
        "Unmask",
    }
)
# key -> (how it is read, option of podman run, what stands before the value)
_KEYS: dict[str, tuple[How, str, str]] = {
    "AddCapability": ("words", "cap-add", ""),
    "AddDevice": ("words", "device", ""),
    "AppArmor": ("last", "security-opt", "apparmor="),
    "DropCapability": ("words", "cap-drop", ""),
    "Entrypoint": ("last", "entrypoint", ""),
    "Environment": ("words", "env", ""),
    "EnvironmentFile": ("words", "env-file", ""),
    "EnvironmentHost": ("switch", "env-host", ""),
    "GIDMap": ("words", "gidmap", ""),
    "HealthCmd": ("last", "health-cmd", ""),
    "Label": ("words", "label", ""),
    "LogDriver": ("last", "log-driver", ""),
    "Mask": ("words", "security-opt", "mask="),
    "Memory": ("last", "memory", ""),
    "Mount": ("words", "mount", ""),
    "Network": ("each", "network", ""),
    "PidsLimit": ("last", "pids-limit", ""),
    "PublishPort": ("each", "publish", ""),
    "ReadOnly": ("switch", "read-only", ""),
    "ReadOnlyTmpfs": ("switch", "read-only-tmpfs", ""),
    "SeccompProfile": ("last", "security-opt", "seccomp="),
    "Secret": ("words", "secret", ""),
    "SecurityLabelLevel": ("last", "security-opt", "label=level:"),
    "SecurityLabelType": ("last", "security-opt", "label=type:"),
    "SubGIDMap": ("last", "subgidname", ""),
    "SubUIDMap": ("last", "subuidname", ""),
    "Sysctl": ("words", "sysctl", ""),
    "Tmpfs": ("each", "tmpfs", ""),
    "UIDMap": ("words", "uidmap", ""),
    "Ulimit": ("each", "ulimit", ""),
    "Unmask": ("words", "security-opt", "unmask="),
    "UserNS": ("last", "userns", ""),
    "Volume": ("each", "volume", ""),
}
# switches that stand for one option when they are on
_SWITCHED = {
    "NoNewPrivileges": ("security-opt", "no-new-privileges"),
    "SecurityLabelDisable": ("security-opt", "label=disable"),
    "SecurityLabelNested": ("security-opt", "label=nested"),
}
_KEY_OF = {name: key for key, (_, name, prefix) in _KEYS.items() if not prefix}
_SYSTEM_TMP = "/tmp"  # noqa: S108 - what VolatileTmp= mounts


def option_key(option: str) -> str | None:
    """The key that stands for an option of podman run, None where there is none."""
    return _KEY_OF.get(option)


def single(assignment: Assignment | None) -> str:
    """The one value of a key: a pair of double quotes around all of it goes."""
    if assignment is None:
        return ""
    value = assignment.value
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def options_of(unit: UnitDocument, section: str) -> list[Option]:
    """The options that the section asks for; those of `PodmanArgs=` come last, and so win."""
    options: list[Option] = []
    for key, (how, name, prefix) in _KEYS.items():
        for value, pointer in _values(unit, section, key, how):
            options += separate(Option(name, prefix + value, pointer, (pointer,)))
    for key, (name, value) in _SWITCHED.items():
        assignment = unit.last(section, key)
        if assignment is not None:
            on = is_true(single(assignment))
            if on or key == "NoNewPrivileges":
                text = value if on else f"{value}=false"
                options.append(Option(name, text, assignment.pointer, (assignment.pointer,)))
    options += _user(unit, section)
    options += _remapped(unit, section)
    volatile = unit.last(section, "VolatileTmp")
    if volatile is not None and is_true(single(volatile)) and not is_true(single(unit.last(section, "ReadOnly"))):
        options.append(Option("tmpfs", _SYSTEM_TMP, volatile.pointer, (volatile.pointer,)))
    return options + podman_args(unit, section)


def podman_args(unit: UnitDocument, section: str) -> list[Option]:
    """The options of `PodmanArgs=`; each knows all the words that it consists of."""
    words: list[tuple[str, Pointer]] = []
    for assignment in unit.all(section, "PodmanArgs"):
        words += [(word.text, (*assignment.pointer, n)) for n, word in enumerate(unit.words(assignment))]
    return parse(words)


def stray_words(unit: UnitDocument, section: str) -> list[tuple[str, Pointer]]:
    """Words of `PodmanArgs=` that belong to no option: Podman takes the first one for the image."""
    texts: list[tuple[str, Pointer]] = []
    for assignment in unit.all(section, "PodmanArgs"):
        texts += [(word.text, (*assignment.pointer, n)) for n, word in enumerate(unit.words(assignment))]
    # what a variable or specifier brings is known to systemd alone
    return [texts[number] for number in strays([text for text, _ in texts]) if texts[number][0][:1] not in ("$", "%")]


def _values(unit: UnitDocument, section: str, key: str, how: How) -> list[tuple[str, Pointer]]:
    if how in ("last", "switch"):
        assignment = unit.last(section, key)
        text = single(assignment)
        if assignment is None or not text:
            return []
        return [(text if how == "last" else str(is_true(text)).lower(), assignment.pointer)]
    found: list[tuple[str, Pointer]] = []
    for assignment in unit.all(section, key):
        if how == "each":
            # a single word is addressed as one, so that its parts between commas can be
            single_word = (0,) if "," in assignment.value and len(unit.words(assignment)) == 1 else ()
            found.append((assignment.value, (*assignment.pointer, *single_word)))
        else:
            words = unit.words(assignment)
            found += [(word.text, (*assignment.pointer, number)) for number, word in enumerate(words)]
    return found


def _user(unit: UnitDocument, section: str) -> list[Option]:
    user, group = unit.last(section, "User"), unit.last(section, "Group")
    name, of = single(user), single(group)
    if user is None or not name:
        return []
    return [Option("user", f"{name}:{of}" if of else name, user.pointer, (user.pointer,))]


def _remapped(unit: UnitDocument, section: str) -> list[Option]:
    """`RemapUsers=`, the form before `UserNS=`."""
    remap = unit.last(section, "RemapUsers")
    word = single(remap)
    if remap is None or word not in ("auto", "keep-id", "manual"):
        return []
    return [Option("userns", "private" if word == "manual" else word, remap.pointer, (remap.pointer,))]
