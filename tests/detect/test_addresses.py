"""Addresses as they may be shown."""

import time

import pytest

from batten.detect.addresses import without_credentials


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://bob:FeedSecret1@127.0.0.1:5950/osv.zip?token=TokSecret6", "http://…@127.0.0.1:5950/osv.zip?token=…"),
        ("https://u:AddrSecret5@127.0.0.1:1/db.tar?sig=TokSecret6&sv=2", "https://…@127.0.0.1:1/db.tar?sig=…&sv=2"),
        ("https://oauth2:glpat-1@gitlab.example/x/y.git", "https://…@gitlab.example/x/y.git"),
        ("https://oauth2:glpat-1@gitlab.example/x@sha256:00", "https://…@gitlab.example/x@sha256:00"),
        ("https://ghp_1@github.example/x", "https://…@github.example/x"),
        ("u:trivyS3cret@reg.example/shop/web:1", "…@reg.example/shop/web:1"),
        ("u:p@localhost:5000/web@sha256:00", "…@localhost:5000/web@sha256:00"),
        ("https://u:p@ss@h.example/x", "https://…@h.example/x"),
        ("https://u:p/s?s#s@h.example/x", "https://…@h.example/x"),
        (
            "https://s3.example/a?X-Amz-Signature=1&X-Amz-Credential=2",
            "https://s3.example/a?X-Amz-Signature=…&X-Amz-Credential=…",
        ),
        (
            "https://x.example/a?api_key=1;AWSAccessKeyId=2#access_token=3",
            "https://x.example/a?api_key=…;AWSAccessKeyId=…#access_token=…",
        ),
        ("https://x.example/a?%74oken=1&apikey=2", "https://x.example/a?%74oken=…&apikey=…"),
        (
            "not fetched: https://u:p@h.example/a (403) and http://v:q@i.example",
            "not fetched: https://…@h.example/a (403) and http://…@i.example",
        ),
    ],
)
def test_what_lets_in_is_masked(text: str, shown: str) -> None:
    assert without_credentials(text) == shown
    assert without_credentials(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nginx:1.25@sha256:" + "a" * 64,
        "localhost:5000/web:1@sha256:" + "a" * 64,
        "https://registry.npmjs.example/@scope/name",
        "https://h.example:8443/a@b",
        "https://[::1]:8443/a@b",
        "https://services.nvd.example/cves?keywordSearch=x&startIndex=0&design=2",
        "git@github.example:x/y",
        "osv/DSA.json",
        "a=b",
    ],
)
def test_what_has_no_credentials_stays(text: str) -> None:
    assert without_credentials(text) == text


def test_long_made_up_texts_take_no_time() -> None:
    began = time.monotonic()
    for text in (
        "a://" * 20_000,
        "a" * 80_000 + "@=",
        "a:" * 40_000 + "@=",
        "?a" * 40_000 + "=@",
        "a://b:" * 9_000 + "=",
    ):
        without_credentials(text)
    assert time.monotonic() - began < 5
