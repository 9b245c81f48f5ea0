"""Amazon ECS: task definitions and services."""

from __future__ import annotations

from batten.formats.ecs.reader import EcsReader
from batten.formats.ecs.writer import EcsWriter

READER = EcsReader()
WRITER = EcsWriter()
