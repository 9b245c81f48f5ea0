"""Which files are Dockerfiles."""

from __future__ import annotations

import pytest

from batten.formats.dockerfile import looks_like_dockerfile
from batten.limits import SNIFF_BYTES

HEAD = b"FROM a\n"


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "dockerfile",
        "Dockerfile.dev",
        "Dockerfile-prod",
        "Dockerfile_alpine",
        "Dockerfile2",
        "api.Dockerfile",
        "api.dockerfile",
        "Containerfile",
        "Containerfile.x",
        "api.containerfile",
        "dev-Dockerfile",
        "Dockerfile.j2",
    ],
)
def test_names_of_dockerfiles(name: str) -> None:
    assert looks_like_dockerfile(f"a/b/{name}", HEAD)


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile.md",
        "Dockerfile.dockerignore",
        ".dockerignore",
        "Dockerfile.yaml",
        "Dockerfiles",
        "Dockerfile.py",
        "my_dockerfile.txt",
        "dockerfile_test.go",
        "Makefile",
        "Dockerfile.json",
        "Dockerfile/x",
    ],
)
def test_names_of_other_files(name: str) -> None:
    assert not looks_like_dockerfile(f"a/{name}", HEAD)


@pytest.mark.parametrize(
    "head",
    [
        b"FROM a",
        b"from a",
        b"\xef\xbb\xbfFROM a\r\n",
        b"# note\n\n  ARG A\n",
        b"# syntax=docker/dockerfile:1\n",
        b"#escape=`\r\n",
        b"FROM \\\n a",
        b"# note " * (SNIFF_BYTES // 7 + 1),
        b"\xff\xfeF\0R\0O\0M\0",
    ],
)
def test_heads_of_dockerfiles(head: bytes) -> None:
    assert looks_like_dockerfile("Dockerfile", head[:SNIFF_BYTES])


@pytest.mark.parametrize("head", [b"", b"\n\n", b"# only\n", b"FROMAGE\n", b"RUN a\n", b"#!/bin/sh\necho\n", b"{}"])
def test_heads_of_other_files(head: bytes) -> None:
    assert not looks_like_dockerfile("Dockerfile.dev", head)


@pytest.mark.parametrize("head", [b"", b"\x7fELF\0\0", b"{% if x %}\n", b"RUN a\n"])
def test_a_file_of_the_very_name_is_read_whatever_it_holds(head: bytes) -> None:
    assert looks_like_dockerfile("a/Dockerfile", head)
    assert looks_like_dockerfile("containerfile", head)
