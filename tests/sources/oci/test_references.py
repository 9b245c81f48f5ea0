from __future__ import annotations

import pytest

from batten.model.source import Unreadable
from batten.sources.oci.references import is_reference, reference, repository

HEX = "0" * 64


@pytest.mark.parametrize(
    ("text", "name", "tag", "digest"),
    [
        ("nginx", "docker.io/library/nginx", "latest", ""),
        ("shop/web:1.4", "docker.io/shop/web", "1.4", ""),
        ("index.docker.io/shop/web", "docker.io/shop/web", "latest", ""),
        ("localhost/web", "localhost/web", "latest", ""),
        ("r.example:5000/a/b_c/d--e:v1_0.x-y", "r.example:5000/a/b_c/d--e", "v1_0.x-y", ""),
        (f"web@sha256:{HEX}", "docker.io/library/web", "", f"sha256:{HEX}"),
        (f"web:1@sha512:{HEX}{HEX}", "docker.io/library/web", "1", f"sha512:{HEX}{HEX}"),
    ],
)
def test_a_reference_has_a_normal_form(text: str, name: str, tag: str, digest: str) -> None:
    found = reference(text)
    assert (str(repository(found)), found.tag, found.digest) == (name, tag, digest)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a b", "A/b", "a/../b", "../a", "/a", "a/", "a//b", "a:", ":1", "a@", f"a@sha256:{HEX}0"),
        *(f"a@md5:{HEX[:32]}", "user:pass@r.example/a", "r.example:5000000/a", "r_x.example:1/a", "-r.example/a"),
        *("a__-b/c", "x\u202ey", "a\0", "é", "r.example/" + "a/" * 128 + "a", "http://r.example/a", "r.example/a?b"),
        *("r.example/a#b", "r.example/%2e"),
    ],
)
def test_what_could_change_the_url_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="expected an image reference such as"):
        reference(text)
    assert not is_reference(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nginx:1.25", True),
        ("ghcr.io/shop/web", True),
        ("localhost:5000/web", True),
        ("docker.io/nginx", True),
        (f"ghcr.io/shop/web@sha256:{HEX}", True),
        ("nginx", False),
        ("k8s/web", False),
        ("k8s/web.yaml", False),
        ("web:1.yaml", False),
        ("release.d/web.tar", False),
        ("C:\\web", False),
        ("c:/web", False),
        ("./web:1", False),
    ],
)
def test_bare_arguments_are_told_from_mistyped_paths(text: str, expected: bool) -> None:
    assert is_reference(text) == expected
