"""The users that well-known images make for their program."""

from __future__ import annotations

from typing import Final

from batten.model.image import ImageReference

_OFFICIAL: Final = "docker.io/library/"

# name -> (uid, uid where the image is Alpine's), as `useradd -u` and `adduser -u` say in the images' Dockerfiles:
# https://github.com/nginx/docker-nginx, https://github.com/nodejs/docker-node,
# https://github.com/docker-library/<name>. Alpine itself brings postgres (70) and www-data (82) along, Debian
# www-data (33).
_USERS: Final = {
    "nginx": (101, 101),
    "node": (1000, 1000),
    "postgres": (999, 70),
    "redis": (999, 999),
    "mysql": (999, 999),
    "mariadb": (999, 999),
    "mongo": (999, 999),
    "rabbitmq": (999, 100),
    "httpd": (33, 82),
}


def known_uid(image: ImageReference) -> int | None:
    """The uid that the image keeps for its program; None where it is not known. Of official images alone: what
    others of that name hold is theirs to say."""
    if not image.name.startswith(_OFFICIAL):
        return None
    debian, alpine = _USERS.get(image.name.removeprefix(_OFFICIAL), (None, None))
    return alpine if "alpine" in image.tag else debian
