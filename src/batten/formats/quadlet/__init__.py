"""Podman Quadlet: containers and pods as systemd units."""

from __future__ import annotations

from batten.formats.quadlet.reader import QuadletReader
from batten.formats.quadlet.writer import QuadletWriter

READER = QuadletReader()
WRITER = QuadletWriter()
