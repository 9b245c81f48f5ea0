"""Files of logins: what they hold is a password whatever it looks like."""

from __future__ import annotations

import pytest

from batten.detect.secrets import find


@pytest.mark.parametrize(
    ("path", "text", "passwords"),
    [
        ("root/.netrc", "machine x login bob password netrcPw123\n", ["netrcPw123"]),
        (
            "home/bob/.netrc",
            "# password no\nmachine a.example\n\tlogin bob\n\tpassword oneFor7a\ndefault login x password twoFor7b\n",
            ["oneFor7a", "twoFor7b"],
        ),
        ("root/_netrc", 'machine x login bob password "with blank 77"\n', ["with blank 77"]),
        ("etc/apt/auth.conf.d/90internal.conf", "machine apt.example login ci password aptPw0815\n", ["aptPw0815"]),
        (
            "root/.netrc",
            "machine a macdef init\npassword notone11\n\nmachine b login c password isone11\n",
            ["isone11"],
        ),
        ("root/.pgpass", "# h:p:d:u:commentPw1\ndb.example:5432:*:bob:pg\\:Pw12345\n", ["pg\\:Pw12345"]),
        ("root/.pypirc", "[pypi]\nusername = bob\npassword = uploadPw12\n", ["uploadPw12"]),
    ],
)
def test_the_passwords_of_files_of_logins(path: str, text: str, passwords: list[str]) -> None:
    hits = find(text, path=path)
    assert [text[hit.start : hit.end] for hit in hits] == passwords
    assert not any(password in hit.redacted for hit, password in zip(hits, passwords, strict=True))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("root/.netrc", "machine x login bob password $PASSWORD\n"),
        ("root/.netrc", "machine password login password\n"),
        ("root/.netrc", "machine x login bob password\n"),
        ("docs/netrc.md", "machine x login bob password netrcPw123\n"),
        ("root/.pgpass", "localhost:5432:shop\n"),
    ],
)
def test_what_is_no_password(path: str, text: str) -> None:
    assert not find(text, path=path)


@pytest.mark.parametrize("text", ["password " * 200_000, '"' * 1_000_000, "#" * 1_000_000, "macdef x\n" * 100_000])
def test_hostile_files_take_no_longer_than_their_length(text: str) -> None:
    assert len(find(text, path="root/.netrc")) <= 1000
