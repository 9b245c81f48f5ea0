"""Records of Swarm services: `docker service inspect`."""

from __future__ import annotations

from batten.formats.swarm.reader import READER

__all__ = ["READER"]
