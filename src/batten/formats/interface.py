"""What a reader and a writer of a format are. Readers never judge; writers only translate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field

from batten.model.edits import Edit
from batten.model.source import File, Files, Problem
from batten.model.verdict import Change

if TYPE_CHECKING:
    from batten.formats.helm.values import Wanted
    from batten.formats.inspect.engine import EngineFacts
    from batten.formats.kubernetes.live import ClusterFacts


class Reading(Struct):
    """What one file gave. `recognised` False: the file turned out not to be of this format."""

    nouns: list[Any] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    recognised: bool = True
    consumed: list[str] = field(default_factory=list)
    """Other files that are part of this one (Compose `include`, `extends`, overrides, `env_file`):
    what they give when read on their own is dropped by the engine."""
    draws_on: list[str] = field(default_factory=list)
    """Other files that decide what this one gives, and are read on their own as well (the variables of a module)."""
    leads_to: list[tuple[str, str]] = field(default_factory=list)
    """Other files that are read by themselves whatever their name, because this one says what they are:
    path and the name of their reader (the Dockerfile of a Compose `build`)."""


class Charts(Protocol):
    """Renders Helm charts as the user wants them."""

    def available(self) -> bool:
        """Whether there is anything here that renders."""

    def values_files(self) -> Sequence[str]:
        """The files of values that the user names and that lie in the target."""

    def wanted(self, root: str, name: str, files: Files) -> Wanted:
        """What is given to the chart of this name in the folder `root`. Raises
        `batten.formats.helm.errors.ChartError`."""

    def render(
        self, files: Mapping[str, bytes], values: Mapping[str, Any], release: str, namespace: str
    ) -> dict[str, str]:
        """What each template prints, by Helm's name for it (`chart/charts/inner/templates/web.yaml`). `files` are
        those of the chart by their path in it. Raises `batten.formats.helm.errors.ChartError`."""


class Variables(Protocol):
    """Knows which files of variables the user gives to the modules of Terraform."""

    def files(self, root: str, name: str, files: Files) -> Sequence[tuple[File, bool]]:
        """The files for the root module in the folder `root`, one of whose files is `name`, the last one wins; with
        whether each lies in the target. Raises `Unreadable`."""


class ReadContext(Struct, frozen=True):
    """What a reader may use besides the file."""

    files: Files
    pod_template_kinds: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    """Variables for Compose interpolation; empty unless the user asks for the process's own."""
    charts: Charts | None = None
    """Through which Helm charts are rendered; None: they are not."""
    variables: Variables | None = None
    """Through which modules of Terraform are given variables."""
    engine: EngineFacts | None = None
    """What the container engine that is read knows besides its records."""
    cluster: ClusterFacts | None = None
    """What the cluster that is read knows besides its objects; None: they were read from files."""
    alone: bool = False
    """The target is this one file: what is told of the files around it, nobody tells."""


class Reader(Protocol):
    """One format. Found by walking the packages and modules of `batten.formats` for a `READER`."""

    name: str
    """The format's word in messages: `kubernetes`, `compose`."""
    priority: int
    """Readers are asked in rising order; the first that recognises the file keeps it."""

    def wants_name(self, path: str) -> bool:
        """From the path alone: could this be mine? (decides whether the file is opened at all)"""

    def wants(self, file: File) -> bool:
        """From path and bytes, cheaply (a regular expression, no parsing): is it probably mine?"""

    def read(self, file: File, context: ReadContext) -> Reading:
        """The nouns of the file; raises `Unreadable` where nothing can be read."""


class Writer(Protocol):
    """Turns a `Change` of a neutral field into edits of the platform's document.

    Found as `WRITER` beside the `READER`. Raises `CannotEdit` with the reason where the platform or the
    document cannot express it. The fields and their values (a Change never weakens anything):

    on a container: `privileged` False · `privilege_escalation` False · `drop_capabilities` tuple to add to
    the drop list (("ALL",)) · `remove_capabilities` names to take from the add list · `user` int uid
    (of a Dockerfile: or a name; Kubernetes: also runAsNonRoot true) · `seccomp` "runtime-default" ·
    `apparmor` "runtime-default" ·
    `selinux` None (custom options and `disable` go) · `proc_mount` "default" · `read_only_root` True ·
    `memory_mounts` tuple of absolute paths that get a writable memory mount · `memory_limit` int bytes ·
    `cpu_limit` float cores · `pids_limit` int · `image` str reference · `bind_port` (Port, "127.0.0.1" or "::1") ·
    `host_process` False · `remove` one of its Mount, Device, Port, EnvVar, EnvSource, ProbeHost, Ulimit

    on a workload: `host_network` False · `host_pid` False · `host_ipc` False · `user_namespace` True ·
    `share_process_namespace` False · `automount_token` False · `remove` one of its Volume (with every
    mount of it), Sysctl · `read_only_mounts` a Volume whose every mount becomes read-only · `named_volume` a
    Volume of the host that a volume of the platform takes the place of, under the same paths
    """

    platforms: tuple[str, ...]

    def edits(self, change: Change) -> list[Edit]:
        """Edits on `change.target.document`.

        A writer of workloads that are put together from several files has `placed`, too: pairs of a document and an
        edit of it.
        """
