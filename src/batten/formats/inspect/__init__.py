"""Records of containers that exist: `docker inspect` and `podman inspect`."""

from __future__ import annotations

from batten.formats.interface import ReadContext, Reading
from batten.model.source import File
from batten.pattern import pattern

_MARKS = (b'"HostConfig"', b'"RepoTags"', b'"Mountpoint"', b'"IPAM"', b'"ipam_options"', b'"InfraContainerID"')
# how a record of a container or an image begins, which is all that may be left of one that was cut off
_HEAD = pattern(rb'(?:\xef\xbb\xbf)?\s*\[\s*\{\s*"Id"\s*:\s*"(?:sha256:)?[0-9a-f]{12}')


class InspectReader:
    """Recognises records by the keys that the engines give them."""

    name = "inspect"
    priority = 35

    def wants_name(self, path: str) -> bool:
        return path.endswith(".json") or path == "-"

    def wants(self, file: File) -> bool:
        if file.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
            return False
        return any(mark in file.data for mark in _MARKS) or _HEAD.match(file.data) is not None

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.inspect.reader.read`, which is loaded when the first such file comes."""
        from batten.formats.inspect.reader import read

        return read(file, context)


READER = InspectReader()
