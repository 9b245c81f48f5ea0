"""Images and the Dockerfiles that build them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batten import api
from batten.engine.built_by import dockerfile_of
from batten.model.image_content import Image
from batten.model.settings import ImageSettings, Settings
from images.builder import configuration, docker_archive


def built(folder: Path, history: list[str], files: dict[str, str], tag: str = "shop/web:1") -> str:
    """The Dockerfile that is found to have built an image with this history; "" for none."""
    raw = json.loads(configuration([], []))
    raw["history"] = [{"created_by": step, "empty_layer": True} for step in history]
    archive = docker_archive(folder / "web.tar", [], json.dumps(raw).encode(), tag)
    (folder / "src").mkdir()
    for name, text in files.items():
        (folder / "src" / name).parent.mkdir(exist_ok=True)
        (folder / "src" / name).write_text(text)
    settings = Settings(images=ImageSettings(offline=True, cache=False))
    inventory = api.scan([str(archive), str(folder / "src")], settings).inventory
    (image,) = inventory.of(Image)
    found = dockerfile_of(image, inventory)
    return found.document.file.path if found is not None else ""


TEXT = """\
FROM node:22 AS build
RUN npm ci
FROM debian:12 AS base
ENV NODE_ENV=production
FROM base
ARG VERSION=1
RUN apt-get update \\
    # the shop
    && apt-get install -y nginx
COPY --from=build /srv /srv
USER 1000
CMD ["nginx", "-g", "daemon off;"]
"""
BUILDKIT = [
    "/bin/sh -c #(nop) ADD file:1 in / ",
    "ENV NODE_ENV=production",
    "ARG VERSION=1",
    "RUN |1 VERSION=1 /bin/sh -c apt-get update     && apt-get install -y nginx # buildkit",
    "COPY /srv /srv # buildkit",
    "USER 1000",
    'CMD ["nginx" "-g" "daemon off;"]',
]
CLASSIC = [
    "/bin/sh -c #(nop) ADD file:1 in / ",
    "/bin/sh -c #(nop)  ENV NODE_ENV=production",
    "/bin/sh -c #(nop)  ARG VERSION=1",
    "|1 VERSION=1 /bin/sh -c apt-get update     && apt-get install -y nginx",
    "/bin/sh -c #(nop) COPY dir:9f in /srv ",
    "/bin/sh -c #(nop)  USER 1000",
    '/bin/sh -c #(nop)  CMD ["nginx" "-g" "daemon off;"]',
]


@pytest.mark.parametrize("history", [BUILDKIT, CLASSIC], ids=["buildkit", "classic"])
def test_the_history_ends_with_the_instructions_of_the_last_stage(tmp_path: Path, history: list[str]) -> None:
    other = 'FROM debian:12\nRUN make\nCMD ["nginx", "-g", "daemon off;"]\n'
    assert built(tmp_path, history, {"Dockerfile": TEXT, "other/Dockerfile": other}) == "Dockerfile"


@pytest.mark.parametrize(
    "text",
    [
        'FROM debian:12\nCMD ["nginx", "-g", "daemon off;"]\n',  # so ends many an image
        TEXT.replace("nginx\n", "apache2\n"),
        TEXT + "EXPOSE 80\n",
    ],
)
def test_another_text_did_not_build_it(tmp_path: Path, text: str) -> None:
    assert built(tmp_path, BUILDKIT, {"Dockerfile": text}) == ""


def test_two_dockerfiles_of_the_same_text_leave_it_open(tmp_path: Path) -> None:
    assert built(tmp_path, BUILDKIT, {"a/Dockerfile": TEXT, "b/Dockerfile": TEXT}) == ""


def test_a_service_says_it_outright(tmp_path: Path) -> None:
    compose = "services:\n  web:\n    image: shop/web:1\n    build: ./b\n"
    files = {"a/Dockerfile": TEXT, "b/Dockerfile": TEXT, "compose.yaml": compose}
    assert built(tmp_path, BUILDKIT, files) == "b/Dockerfile"
