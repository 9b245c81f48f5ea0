"""What is copied and left in an image: IMG004, IMG006, IMG007, IMG012, IMG013."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    assert_case,
    assert_mends,
    dockerfile,
    fails,
    mendable,
    passes,
    silent,
)

CASES = (
    # IMG004: files that hold credentials
    fails("IMG004", dockerfile("FROM debian:13\nCOPY web .env /web/\n"), at=".env", severity="critical", says=".env"),
    fails("IMG004", dockerfile("FROM debian:13\nADD .ssh/ /root/.ssh/\n"), at="ADD .ssh"),
    fails("IMG004", dockerfile("FROM debian:13\nCOPY keys/id_ed25519 /root/\n"), at="id_ed25519"),
    *(
        fails("IMG004", dockerfile(f"FROM debian:13\nCOPY {path} /x/\n"), at="COPY", says=path)
        for path in (
            ".aws/credentials",
            "home/.aws/*",
            ".docker/config.json",
            ".kube/config",
            ".config/gcloud/application_default_credentials.json",
            ".config/gh/hosts.yml",
            ".azure/msal_token_cache.json",
            ".cargo/credentials.toml",
            "gcp-service-account.json",
            "terraform.tfstate",
            "terraform.tfstate.backup",
            ".vault-token",
            "rclone.conf",
            ".my.cnf",
        )
    ),
    fails("IMG004", dockerfile('FROM debian:13\nCOPY ["./.aws/credentials", "/root/.aws/"]\n'), at="COPY"),
    passes(
        "IMG004", dockerfile("FROM debian:13\nCOPY config.json .aws/config .ssh/known_hosts docker/config.json /x/\n")
    ),
    passes(
        "IMG004", dockerfile("FROM debian:13\nCOPY kube/config service-account.yaml credentials/ vault-token.md /x/\n")
    ),
    passes("IMG004", dockerfile("FROM debian:13\nCOPY .env.example id_rsa.pub /web/\n")),
    passes("IMG004", dockerfile("FROM debian:13 AS build\nRUN true\nFROM debian:13\nCOPY web /web\n")),
    silent("IMG004", dockerfile("FROM debian:13 AS build\nRUN true\nFROM debian:13\nCOPY --from=build /.env /\n")),
    # IMG006: addresses without a checksum
    fails(
        "IMG006", dockerfile("FROM debian:13\nADD https://x.example/web.tar /web.tar\n"), at="https", severity="high"
    ),
    fails(
        "IMG006", dockerfile("FROM debian:13\nADD http://x.example/web.tar /\n"), at="http:", says="anybody can change"
    ),
    passes("IMG006", dockerfile(f"FROM debian:13\nADD --checksum=sha256:{'0' * 64} https://x.example/web.tar /\n")),
    passes("IMG006", dockerfile("FROM debian:13\nADD web.tar /web\n")),
    silent("IMG006", dockerfile("FROM debian:13\nCOPY web /web\n")),
    # IMG007: ADD where COPY does
    fails(
        "IMG007",
        dockerfile("# the shop\nFROM debian:13\nADD --chown=1:1 web.conf /etc/web.conf\n"),
        at="ADD",
        severity="low",
        fix="safe",
        becomes="COPY --chown=1:1 web.conf /etc/web.conf",
    ),
    passes("IMG007", dockerfile("FROM debian:13\nADD web.tar.gz /web\n")),
    passes("IMG007", dockerfile("FROM debian:13\nADD https://x.example/web /web\n")),
    # IMG012: the whole context
    fails("IMG012", dockerfile("FROM debian:13\nCOPY . /web\n"), at="COPY . /web", severity="medium"),
    fails(
        "IMG012",
        dockerfile("FROM debian:13\nCOPY . /web\n", __dockerignore="node_modules\n"),
        at="COPY",
        severity="low",
    ),
    passes("IMG012", dockerfile("FROM debian:13\nCOPY . /web\n", __dockerignore=".git\n.env\n")),
    passes("IMG012", dockerfile("FROM debian:13\nCOPY . /web\n", __dockerignore="*\n!src\n")),
    passes("IMG012", dockerfile("FROM debian:13\nCOPY src /web\n")),
    passes("IMG012", dockerfile("FROM debian:13 AS build\nCOPY . /web\nFROM debian:13\nCOPY --from=build /web /web\n")),
    # IMG013: no health check
    fails("IMG013", dockerfile("FROM debian:13\nCMD web\n"), at="FROM", severity="low"),
    passes("IMG013", dockerfile("FROM debian:13\nHEALTHCHECK CMD web --check\nCMD web\n")),
    fails("IMG013", dockerfile("FROM debian:13\nHEALTHCHECK NONE\nCMD web\n"), at="FROM"),  # the base's is off
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
