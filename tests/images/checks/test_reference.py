"""How images are named: IMG001 to IMG003, IMG014 to IMG016."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    assert_case,
    compose,
    docker,
    dockerfile,
    fails,
    passes,
    pod,
    podman,
    quadlet,
    silent,
    stack,
    task,
)

DIGEST = "sha256:" + "0" * 64
LIST = {"allowed_registries": ("registry.example/*",)}

CASES = (
    # IMG001: tags that move
    fails("IMG001", pod(image="nginx"), at="image: nginx", severity="medium", says="without a tag"),
    fails("IMG001", pod(image="nginx:latest"), at="image: nginx:latest", says="by the tag latest"),
    passes("IMG001", pod(image=f"nginx:latest@{DIGEST}")),
    passes("IMG001", pod(image="registry.example:5000/web:1.4")),
    fails("IMG001", compose(image="redis"), at="image: redis"),
    passes("IMG001", compose(image="redis:8.2")),
    silent("IMG001", compose("build: .", image="shop", Dockerfile="FROM debian:13\n")),
    fails("IMG001", stack(image="redis:latest"), at="image: redis"),
    passes("IMG001", stack(image="redis:8.2")),
    fails("IMG001", task(image="public.ecr.aws/nginx/nginx"), at='"image"'),
    passes("IMG001", task()),
    fails("IMG001", docker(image="nginx:latest"), at='"Image"'),
    passes("IMG001", docker(image="nginx:1.29")),
    silent("IMG001", docker(image=DIGEST)),
    fails("IMG001", podman(config='"Image": "docker.io/library/nginx:latest"'), at='"Image"'),
    passes("IMG001", podman(config='"Image": "docker.io/library/nginx:1.29"')),
    fails("IMG001", quadlet(image="docker.io/library/redis"), at="Image="),
    passes("IMG001", quadlet(image="docker.io/library/redis:8.2")),
    # IMG002: no digest
    fails("IMG002", pod(image="nginx:1.29"), at="image: nginx", severity="low"),
    passes("IMG002", pod(image=f"nginx:1.29@{DIGEST}")),
    fails("IMG002", compose(image="redis:8.2"), at="image: redis"),
    passes("IMG002", compose(image=f"redis@{DIGEST}")),
    fails("IMG002", quadlet(image="docker.io/library/redis:8.2"), at="Image="),
    passes("IMG002", quadlet(image=f"docker.io/library/redis:8.2@{DIGEST}")),
    # IMG003: the list of sources
    fails("IMG003", pod(image="nginx:1.29"), at="image: nginx", severity="high", **LIST),
    passes("IMG003", pod(), **LIST),
    silent("IMG003", pod(image="nginx:1.29")),  # there is no list
    fails("IMG003", compose(image="docker.io/library/redis:8.2"), at="image:", **LIST),
    passes("IMG003", compose(), **LIST),
    fails("IMG003", task(image="public.ecr.aws/nginx/nginx:1.29"), at='"image"', **LIST),
    passes("IMG003", task(), **LIST),
    # IMG014: bases that move
    fails("IMG014", dockerfile("FROM debian:latest\nCMD web\n"), at="FROM", severity="medium", says="debian:latest"),
    fails("IMG014", dockerfile("ARG BASE=debian\nFROM $BASE AS build\nFROM build\nCMD web\n"), at="FROM $BASE"),
    passes("IMG014", dockerfile("FROM debian:13 AS build\nRUN true\nFROM build\nCMD web\n")),
    silent("IMG014", dockerfile("FROM scratch\nCOPY web /web\n")),
    silent("IMG014", dockerfile("ARG BASE\nFROM $BASE\n")),
    # IMG015: bases without a digest
    fails("IMG015", dockerfile("FROM debian:13\nCMD web\n"), at="FROM", severity="low"),
    passes("IMG015", dockerfile(f"FROM debian:13@{DIGEST}\nCMD web\n")),
    # IMG016: bases that are not allowed
    fails("IMG016", dockerfile("FROM debian:13\nCMD web\n"), at="FROM", severity="high", **LIST),
    fails("IMG016", dockerfile("FROM debian:13\n"), at="FROM", allowed_base_images=("registry.example/base:*",)),
    passes("IMG016", dockerfile("FROM registry.example/base:1\n"), allowed_base_images=("registry.example/base:*",)),
    silent("IMG016", dockerfile("FROM debian:13\n")),
    # images that steps take files from; stages are none, nor is a name that may be a context's
    fails(
        "IMG014",
        dockerfile("FROM debian:13\nCOPY --from=nginx /a /b\n"),
        at="COPY",
        says="nginx, which files are taken",
    ),
    passes("IMG014", dockerfile("FROM debian:13 AS nginx\nFROM debian:12\nCOPY --from=nginx /a /b\n")),
    passes("IMG014", dockerfile("FROM debian:13\nCOPY --from=tools /a /b\n")),
    *(
        fails(
            "IMG016",
            dockerfile(
                f"FROM registry.example/base:1 AS build\n{step}\nCOPY --from=build /a /b\nCOPY --from=0 /a /c\n"
            ),
            at="evil",
            says="evil.example/tool:1, which files are taken from, is not on the list",
            allowed_base_images=("registry.example/base:*",),
        )
        for step in ("COPY --from=evil.example/tool:1 /a /b", "RUN --mount=from=evil.example/tool:1,target=/t /t/x")
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)
