"""Records of containers that exist: `docker inspect` and `podman inspect`."""

from __future__ import annotations

from batten.formats.inspect.reader import InspectReader

READER = InspectReader()
