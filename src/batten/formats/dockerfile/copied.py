"""Images that steps take files from: `COPY --from=image` and `RUN --mount=from=image`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from batten.formats.dockerfile.config import copied_stage
from batten.formats.dockerfile.nodes import Dockerfile, Instruction, pointer_of
from batten.model.source import Pointer

# of Docker's own images those that programs are commonly taken from
_OFFICIAL: Final = frozenset(
    {
        "almalinux", "alpine", "amazonlinux", "bash", "busybox", "caddy", "composer", "consul", "debian", "docker",
        "eclipse-temurin", "elixir", "erlang", "fedora", "golang", "gradle", "haproxy", "httpd", "mariadb", "maven",
        "memcached", "mongo", "mysql", "nginx", "node", "openjdk", "oraclelinux", "perl", "php", "postgres", "python",
        "rabbitmq", "redis", "rockylinux", "ruby", "rust", "swift", "tomcat", "traefik", "ubuntu", "valkey", "vault",
    }
)  # fmt: skip


class Copied(Struct, frozen=True):
    """One of them. `pointer` is that of the flag which holds `name`."""

    instruction: Instruction
    pointer: Pointer
    name: str


def copied_images(dockerfile: Dockerfile) -> Iterator[Copied]:
    """Those that are no stage, in the order of the file; what ONBUILD triggers among them.

    A bare word (`--from=tools`) that is no stage is left out: as often as an image it is a context that the builder is
    given by that name (`--build-context`). Not so the names of Docker's own images: a context that is called `nginx`
    stands for that image in `FROM nginx`, too. https://docs.docker.com/reference/dockerfile/#copy---from
    """
    for whole in dockerfile.instructions:
        instruction = whole.onbuild or whole
        for number, flag in enumerate(instruction.flags):
            name = ""
            if flag.name == "from" and instruction.keyword == "COPY":
                name = flag.value or ""
            elif flag.name == "mount" and instruction.keyword == "RUN":
                name = next((mount.from_ for mount in instruction.mounts if mount.flag is flag), "")
            is_image = (name in _OFFICIAL or any(mark in name for mark in "/:@")) and "$" not in name
            if is_image and copied_stage(dockerfile, name, instruction.stage) is None:
                yield Copied(instruction, (*pointer_of(instruction), "flag", number), name)
