"""Which sources of ADD are Git repositories, and what they are taken at."""

from __future__ import annotations

import pytest

from batten.formats.dockerfile.remotes import git_source, is_address

COMMIT = "52f1b1e2bd4f2d8b9a0cf3b6fbb1f0aeb5a1b3c4"


@pytest.mark.parametrize(
    ("text", "kind", "reference"),
    [
        ("https://github.com/docker/buildx.git", "default", ""),
        ("https://github.com/docker/buildx.git#:docs", "default", ""),
        ("https://github.com/docker/buildx.git#main", "branch", "main"),
        ("https://github.com/docker/buildx.git#release-1.x", "branch", "release-1.x"),
        ("https://github.com/docker/buildx.git#v0.29.1:docs", "version", "v0.29.1"),
        ("https://github.com/docker/buildx.git#2024.10", "version", "2024.10"),
        (f"https://github.com/docker/buildx.git#{COMMIT}", "commit", COMMIT),
        ("https://github.com/docker/buildx.git#52f1b1e", "commit", "52f1b1e"),
        (f"https://github.com/docker/buildx.git?tag=v1&checksum={COMMIT}", "commit", COMMIT),
        ("ssh://git@host.example/web", "default", ""),
        ("git@host.example:shop/web.git#v1", "version", "v1"),
        ("github.com/docker/buildx", "default", ""),
    ],
)
def test_what_a_repository_is_taken_at(text: str, kind: str, reference: str) -> None:
    found = git_source(text)
    assert found is not None
    assert (found.kind, found.reference, found.plain) == (kind, reference, False)


@pytest.mark.parametrize("text", ["http://host.example/web.git#v1", "git://host.example/web#v1"])
def test_a_connection_that_proves_nothing(text: str) -> None:
    found = git_source(text)
    assert found is not None
    assert found.plain


@pytest.mark.parametrize("text", ["web.git", ".", "https://host.example/web.tar#v1", "a@b", "user@host:", "web:1"])
def test_other_sources_are_no_repositories(text: str) -> None:
    assert git_source(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://host.example/web", True),
        ("ftp://host.example/web", True),
        ("http://[", True),
        ("web", False),
        ("C://web", False),
    ],
)
def test_what_is_fetched_is_an_address(text: str, expected: bool) -> None:
    assert is_address(text) is expected
