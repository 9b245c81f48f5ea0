"""Neutral changes as edits of a Quadlet unit.

Where Podman has had a key since Quadlet began (4.4 to 4.7) the key is written; what has none, or only in
recent versions, goes to `PodmanArgs=`, which every version reads. A value that `PodmanArgs=` decides is
taken from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from batten.formats.docker_values import capability, security_options
from batten.formats.quadlet.document import UnitDocument
from batten.formats.quadlet.keys import options_of, podman_args, single
from batten.formats.quadlet.options import Option, bundled
from batten.formats.volume_edits import in_volume, mounts_of, read_only, volume_name
from batten.model.edits import Append, CannotEdit, Edit, Remove, ReplaceText, Set
from batten.model.source import Pointer
from batten.model.verdict import Change
from batten.model.workload import Container, Volume, Workload

_NOT_HERE = {
    "host_process": "Podman runs no Windows containers",
    "automount_token": "Podman mounts no service account token",
}


# many changes of one unit come one after the other
_options = lru_cache(maxsize=4)(options_of)
_arguments = lru_cache(maxsize=4)(podman_args)


class QuadletWriter:
    """Turns changes into edits; raises `CannotEdit` with the reason where Podman cannot express one."""

    platforms: tuple[str, ...] = ("quadlet",)

    def edits(self, change: Change) -> list[Edit]:
        document = change.target.document
        if not isinstance(document, UnitDocument):
            raise CannotEdit("this is no unit file")
        if change.field in _NOT_HERE:
            raise CannotEdit(_NOT_HERE[change.field])
        method: Callable[[Any], list[Edit]] | None = getattr(_Unit(document, change), change.field, None)
        if method is None or change.field.startswith("_"):
            raise CannotEdit(f"a Quadlet unit has no way to change {change.field}")
        edits = method(change.value)
        if not edits:
            raise CannotEdit("nothing in the unit sets it")
        return edits


class _Unit:
    """One change of one unit: a method per neutral field."""

    def __init__(self, document: UnitDocument, change: Change) -> None:
        self._document = document
        self._target = change.target
        self._section = str(change.target.pointer[0])
        self._options = _options(document, self._section)
        self._arguments = _arguments(document, self._section)

    # -------------------------------------------------------------------------------- container

    def privileged(self, value: bool) -> list[Edit]:
        return self._without(self._named("privileged"))

    def privilege_escalation(self, value: bool) -> list[Edit]:
        written = [option for option in self._arguments if _decides(option, "no_new_privileges")]
        return [*self._without(written), self._set("NoNewPrivileges", True)]

    def drop_capabilities(self, value: Iterable[str]) -> list[Edit]:
        dropped = {capability(option.value) for option in self._named("cap-drop")}
        return [Append((self._section, "DropCapability"), name) for name in value if name not in dropped]

    def remove_capabilities(self, value: Iterable[str]) -> list[Edit]:
        names = set(value)
        return self._without([one for one in self._named("cap-add") if capability(one.value) in names])

    def user(self, value: int) -> list[Edit]:
        group = single(self._document.last(self._section, "Group"))
        edits = self._without([option for option in self._arguments if option.name == "user"])
        edits.append(self._set("User", value))
        return edits if group not in ("", "0", "root") else [*edits, self._set("Group", value)]

    def seccomp(self, value: str) -> list[Edit]:
        return self._without_security("seccomp", ("SeccompProfile",))

    def apparmor(self, value: str) -> list[Edit]:
        return self._without_security("apparmor", ("AppArmor",))

    def selinux(self, value: None) -> list[Edit]:
        return self._without_security("selinux", ("SecurityLabelDisable", "SecurityLabelType", "SecurityLabelLevel"))

    def proc_mount(self, value: str) -> list[Edit]:
        return self._without([option for option in self._named("security-opt") if _decides(option, "unmasked")])

    def read_only_root(self, value: bool) -> list[Edit]:
        written = [option for option in self._arguments if option.name == "read-only"]
        return [*self._without(written), self._set("ReadOnly", True)]

    def memory_mounts(self, value: Iterable[str]) -> list[Edit]:
        mounts = self._target.mounts if isinstance(self._target, Container) else ()
        mounted = {mount.target.rstrip("/") for mount in mounts}
        wanted = [path for path in value if path.rstrip("/") not in mounted]
        if not wanted:
            raise CannotEdit("something is mounted there already")
        return [Append((self._section, "Tmpfs"), path) for path in wanted]

    def memory_limit(self, value: int) -> list[Edit]:
        text = f"{value >> 20}m" if value % (1 << 20) == 0 else f"{value}b"
        if self._document.last(self._section, "Memory") is not None:
            return [*self._without(self._argument("memory")), self._set("Memory", text)]
        return [*self._without(self._argument("memory")), self._add_argument(f"--memory={text}")]

    def cpu_limit(self, value: float) -> list[Edit]:
        return [*self._without(self._argument("cpus")), self._add_argument(f"--cpus={value:g}")]

    def pids_limit(self, value: int) -> list[Edit]:
        return [*self._without(self._argument("pids-limit")), self._set("PidsLimit", value)]

    def image(self, value: str) -> list[Edit]:
        now = single(self._document.last(self._section, "Image"))
        if now.endswith((".image", ".build")):
            raise CannotEdit(f"the image is named in {now}; change it there")
        return [self._set("Image", value)]

    def bind_port(self, value: tuple[Any, str]) -> list[Edit]:
        port, address = value
        for option in self._named("publish"):
            if option.pointer == port.pointer:
                return [ReplaceText(option.pointer, self._prefix(option) + _with_address(option.value, address))]
        raise CannotEdit("the port is published elsewhere")

    def remove(self, value: Any) -> list[Edit]:
        pointers = {value.pointer}
        if isinstance(self._target, Workload) and hasattr(value, "source") and hasattr(value, "kind"):
            pointers |= {mount.pointer for mount in mounts_of(self._target, value)}
        return self._without([option for option in self._options if option.pointer in pointers])

    # --------------------------------------------------------------------------------- workload

    def read_only_mounts(self, value: Volume) -> list[Edit]:
        return self._mounted(value, read_only)

    def named_volume(self, value: Volume) -> list[Edit]:
        return self._mounted(value, lambda text, target: in_volume(text, target, volume_name(value.source)))

    def _mounted(self, volume: Volume, changed: Callable[[str, str], str]) -> list[Edit]:
        """The mounts of the volume, each written anew."""
        edits: list[Edit] = []
        for mount in mounts_of(self._target, volume):
            option = next((one for one in self._named("volume") if one.pointer == mount.pointer), None)
            if option is None:
                raise CannotEdit("it is mounted with Mount=; change it by hand")
            edits.append(ReplaceText(option.pointer, self._prefix(option) + changed(option.value, mount.target)))
        return edits

    def host_network(self, value: bool) -> list[Edit]:
        return self._without([one for one in self._named("network") if one.value.partition(":")[0] == "host"])

    def host_pid(self, value: bool) -> list[Edit]:
        return self._without([option for option in self._named("pid") if option.value == "host"])

    def host_ipc(self, value: bool) -> list[Edit]:
        return self._without([option for option in self._named("ipc") if option.value == "host"])

    def user_namespace(self, value: bool) -> list[Edit]:
        pod = single(self._document.last(self._section, "Pod"))
        if self._section == "Container" and pod:
            raise CannotEdit(f"the user namespace is that of the pod; set it in {pod}")
        return [*self._without(self._argument("userns")), self._set("UserNS", "auto")]

    def share_process_namespace(self, value: bool) -> list[Edit]:
        shared = self._argument("share")
        return [ReplaceText(one.pointer, self._prefix(one) + _without_pid(one.value)) for one in shared[-1:]]

    # ---------------------------------------------------------------------------------- helpers

    def _named(self, name: str) -> list[Option]:
        return [option for option in self._options if option.name == name]

    def _argument(self, name: str) -> list[Option]:
        return [option for option in self._arguments if option.name == name]

    def _set(self, key: str, value: Any) -> Edit:
        return Set((self._section, key), value)

    def _add_argument(self, text: str) -> Edit:
        return Append((self._section, "PodmanArgs"), text)

    def _without_security(self, field: str, keys: Iterable[str]) -> list[Edit]:
        """Every assignment of the keys goes, and every `--security-opt` that says the same."""
        edits: list[Edit] = [
            Remove(assignment.pointer) for key in keys for assignment in self._document.every(self._section, key)
        ]
        return edits + self._without([option for option in self._arguments if _decides(option, field)])

    def _without(self, options: Iterable[Option]) -> list[Edit]:
        """Edits that take the options away, each with all its words; of a list with commas only its part."""
        edits: list[Edit] = []
        for words in dict.fromkeys(option.words for option in options):
            if bundled(self._text(words[0])):
                raise CannotEdit("short options are written together; part them first")
            edits += [Remove(word) for word in words]
        return edits

    def _text(self, pointer: Pointer) -> str:
        """The word at `pointer`; the whole value where the pointer is an assignment's."""
        assignment = self._document.find(pointer)
        if assignment is None or assignment.key != "PodmanArgs" or len(pointer) < 4:
            return ""
        return self._document.words(assignment)[int(pointer[3])].text

    def _prefix(self, option: Option) -> str:
        """What stands before the value in its word: `--publish=`."""
        text = self._text(option.pointer)
        if len(option.words) > 1 or not text:
            return ""
        return text[: len(text) - len(option.value)]


def _decides(option: Option, field: str) -> bool:
    """The option is a `--security-opt` that decides this field."""
    return option.name == "security-opt" and field in security_options([option.value]).at


def _with_address(text: str, address: str) -> str:
    """A published port with the address that it is bound to."""
    before, _, container = text.rpartition(":")
    if before.startswith("[") and "]" in before:
        before = before.partition("]")[2].removeprefix(":")
    elif ":" in before:
        before = before.rpartition(":")[2]
    return f"{f'[{address}]' if ':' in address else address}:{before}:{container}"


def _without_pid(text: str) -> str:
    return ",".join(word for word in text.split(",") if word.strip() != "pid")


WRITER = QuadletWriter()
