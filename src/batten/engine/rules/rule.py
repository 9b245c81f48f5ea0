"""A rule that is ready to be asked, and what is wrong with one that is not."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from batten.engine.rules.form import RuleForm
from batten.engine.rules.names import Noun
from batten.engine.rules.program import Program

CONTAINER_FIXES: Final[dict[str, tuple[Any, ...]]] = {
    "privileged": (False,),
    "privilege_escalation": (False,),
    "read_only_root": (True,),
    "host_process": (False,),
    "seccomp": ("runtime-default",),
    "apparmor": ("runtime-default",),
    "proc_mount": ("default",),
    "selinux": (None,),
    "drop_capabilities": (list,),
    "remove_capabilities": (list,),
    "memory_mounts": (list,),
    "user": (int,),
    "memory_limit": (int,),
    "pids_limit": (int,),
    "cpu_limit": (float, int),
    "image": (str,),
}
"""Field of a container that a writer can set -> the values, or their types, that it can be set to: a change of the
neutral model never weakens anything (`batten.formats.interface.Writer`)."""
WORKLOAD_FIXES: Final[dict[str, tuple[Any, ...]]] = {
    "host_network": (False,),
    "host_pid": (False,),
    "host_ipc": (False,),
    "share_process_namespace": (False,),
    "automount_token": (False,),
    "user_namespace": (True,),
}


class Problem(Struct, frozen=True, order=True):
    """What is wrong with a file of rules or one rule; `column` 0 where only the line is known."""

    path: str
    line: int
    column: int
    rule: str
    """"": the file as a whole."""
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" + (f":{self.column}" if self.column else "")
        return f"{place}: {self.told}"

    @property
    def told(self) -> str:
        return f"rule {self.rule}: {self.message}" if self.rule else self.message


class Rule(Struct, frozen=True, eq=False):
    """One rule of one file."""

    form: RuleForm
    noun: Noun
    path: str
    """As messages show it."""
    line: int
    file: str
    """As it is opened."""
    fails_if: Program
    when: Program | None
    message: tuple[str | Program, ...]
    image: tuple[str | Program, ...] = ()
    """What `fix: set: image:` makes."""
    controls: tuple[tuple[str, str], ...] = ()
    """(framework, control)."""

    @property
    def id(self) -> str:
        return self.form.id
