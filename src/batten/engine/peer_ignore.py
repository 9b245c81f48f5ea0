"""One thing that some file tells another tool to pass over."""

from __future__ import annotations

import re

from msgspec import Struct

from batten.model.workload import Resource


class Named(Struct, frozen=True, kw_only=True):
    """Regular expressions that the whole kind, name and namespace of a resource match."""

    kind: str
    name: str
    namespace: str

    def covers(self, resource: Resource) -> bool:
        # what names no namespace is applied to the default one
        pairs = ((self.kind, resource.kind), (self.name, resource.name))
        inside = resource.namespace or "default"
        return all(re.fullmatch(one, text) for one, text in (*pairs, (self.namespace, inside)))


class Ignore(Struct, frozen=True, kw_only=True):
    """One identifier that some file tells another tool to pass over.

    `path` is relative to the target. `first` and `last` are the lines that it holds for (0, 0: all of the
    file); `resource` the object that carries the annotation; with neither and no `path`, it holds for
    everything in `folder` ("": the target).
    """

    tool: str
    identifier: str
    reason: str = ""
    expires: str = ""
    written: str
    """Where it was found, for the person: `web/Dockerfile:3`."""
    target: str = ""
    """The identifier of the target that it holds for; "" for any."""
    path: str = ""
    first: int = 0
    last: int = 0
    block: bool = False
    """The lines are those of a whole object."""
    resource: Resource | None = None
    folder: str = ""
    globs: tuple[str, ...] = ()
    """Paths from `folder` that it holds for, `**` across folders; () for all."""
    named: Named | None = None
    packages: bool = False
    """It holds for some packages alone."""
    not_followed: str = ""
    """Why it is not known what it covers."""
