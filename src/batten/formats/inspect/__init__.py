"""Records of containers that exist: `docker inspect` and `podman inspect`."""

from __future__ import annotations

from batten.formats.interface import ReadContext, Reading
from batten.model.source import File

_MARKS = (b'"HostConfig"', b'"RepoTags"', b'"Mountpoint"', b'"IPAM"', b'"ipam_options"', b'"InfraContainerID"')


class InspectReader:
    """Recognises records by the keys that the engines give them."""

    name = "inspect"
    priority = 35

    def wants_name(self, path: str) -> bool:
        return path.endswith(".json") or path == "-"

    def wants(self, file: File) -> bool:
        return any(mark in file.data for mark in _MARKS) and file.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (
            b"{",
            b"[",
        )

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.inspect.reader.read`, which is loaded when the first such file comes."""
        from batten.formats.inspect.reader import read

        return read(file, context)


READER = InspectReader()
