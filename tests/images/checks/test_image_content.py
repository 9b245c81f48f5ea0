"""What lies in an image: IMG017, IMG019, IMG020."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import Case, fails, passes, silent
from image_cases import NAME, assert_image_case, image
from images.builder import file, folder, whiteout

KEY = (
    b"-----BEGIN RSA PRIVATE KEY-----\n"
    + b"\n".join(b"MIIEpAIBAAKCAQEA%02d3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpJ" % line for line in range(24))
    + b"\n-----END RSA PRIVATE KEY-----\n"
)
ENV = b"# of the shop\nDATABASE_PASSWORD=Wint3rSale-42-xq\n"
BIG = bytes(2_000_000)

CASES = (
    # IMG017: secrets in files
    fails("IMG017", image([[file("app/tls.key", KEY)]]), at="app/tls.key:1", severity="critical", says="private key"),
    fails("IMG017", image([[file("app/.env", ENV)]]), at="app/.env:2", says="from layer 1 (step 0)"),
    fails(
        "IMG017",
        image([[], [file("app/.env", ENV)], [whiteout("app/.env")]]),
        at="app/.env:2",
        says="layer 3 deletes or replaces it, too late: it is still in the image",
    ),
    fails("IMG017", image([[file("app/.env", ENV)], []], base=1), at=".env:2", says="comes with the base image"),
    fails(
        "IMG017", image([[file("srv/tests/tls.key", KEY)]]), at=NAME + ":1", severity="low", says="probably a sample"
    ),
    fails("IMG017", image([[file("srv/store.jks", b"\xfe\xed\xfe\xed")]]), at="store.jks:1", severity="medium"),
    passes("IMG017", image([[file("app/.env", b"PASSWORD_FILE=/run/secrets/db\n"), file("app/ca.pem", b"x")]])),
    passes("IMG017", image([[file("usr/share/doc/ssl/tls.key", KEY)]])),  # the distribution's
    silent("IMG017", image([])),
    # IMG019: caches
    fails(
        "IMG019",
        image([[file("var/lib/apt/lists/debian_Packages", BIG), file("root/.cache/pip/x", BIG)]]),
        at=NAME + ":1",
        severity="low",
        says="4.0 MB of caches and temporary files: /root/.cache 2.0 MB, /var/lib/apt/lists 2.0 MB",
    ),
    fails(
        "IMG019",
        image([[file("var/cache/apk/x.apk", BIG)], [whiteout("var/cache/apk/x.apk")]]),
        at=NAME + ":1",
        says="(deleted later, still in the image)",
    ),
    passes("IMG019", image([[file("var/cache/debconf/templates.dat", BIG), file("tmp/x", b"x")]])),
    silent("IMG019", image([])),
    # IMG020: files that everybody may write
    fails(
        "IMG020",
        image([[file("app/web", b"#!/bin/sh\n", mode=0o777)]], Entrypoint=["/app/web"]),
        at="app/web:1",
        severity="high",
        says="/app/web is started with the image and everybody may write it (mode 0777)",
    ),
    fails("IMG020", image([[folder("usr/local/bin", 0o777)]]), at="usr/local/bin:1", says="is a folder of programs"),
    fails("IMG020", image([[file("opt/x/run", b"", mode=0o777)]], Env=["PATH=/opt/x"]), at="n:1", says="is a program"),
    fails(
        "IMG020",
        image([[file("srv/a", b"", mode=0o666), folder("srv/b", 0o777)]]),
        at=NAME + ":1",
        severity="low",
        says="everybody may write /srv/a, /srv/b",
    ),
    passes("IMG020", image([[folder("tmp", 0o1777), file("app/web", b"", mode=0o755)]], Entrypoint=["/app/web"])),
    passes("IMG020", image([[file("srv/a", b"", mode=0o666)], [whiteout("srv/a")]])),
    silent("IMG020", image([])),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case, tmp_path: Path) -> None:
    assert_image_case(case, tmp_path)
