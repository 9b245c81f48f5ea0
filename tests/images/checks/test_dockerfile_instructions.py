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
    # a repository has no checksum: its commit says what is meant
    *(
        fails("IMG006", dockerfile(f"FROM debian:13\nADD {source} /web\n"), at="ADD", severity=severity, says=says)
        for source, severity, says in (
            ("https://github.com/docker/buildx.git", "medium", "from its default branch, which moves"),
            ("https://github.com/docker/buildx.git#master:docs", "medium", "from master, which moves"),
            ("https://github.com/docker/buildx.git?branch=v1", "medium", "from v1, which moves"),
            ("git@github.com:docker/buildx.git", "medium", "from its default branch"),
            ("git://git.example/web.git#v1.2", "high", "the tag v1.2, over a connection that anybody can change"),
        )
    ),
    *(
        passes("IMG006", dockerfile(f"FROM debian:13\nADD {source} /web\n"))
        for source in (
            "https://github.com/docker/buildx.git#v0.29.1",
            "https://github.com/docker/buildx.git#52f1b1e2bd4f2d8b9a0cf3b6fbb1f0aeb5a1b3c4:docs",
            "http://git.example/web.git#52f1b1e2bd4f2d8b9a0cf3b6fbb1f0aeb5a1b3c4",
            "git@github.com:docker/buildx.git#refs/tags/stable",
            "https://github.com/docker/buildx.git?tag=stable",
        )
    ),
    silent("IMG006", dockerfile("FROM debian:13\nCOPY web /web\n")),
    fails(
        "IMG006",
        dockerfile("FROM debian:13\nONBUILD ADD http://x.example/a /a\n"),
        at="ADD",
        says="change, in the builds that stand on this image",
    ),
    fails(
        "IMG004",
        dockerfile("FROM debian:13\nONBUILD COPY .env /a\n"),
        at="COPY",
        says="image, in the builds that stand on this image",
    ),
    # the context of those builds is not at hand
    passes("IMG007", dockerfile("FROM debian:13\nONBUILD ADD web /web\n", web="#!/bin/sh\n")),
    fails(
        "IMG007",
        dockerfile("FROM debian:13\nONBUILD ADD web.conf /web\n", web__conf="port = 8080\n"),
        at="ADD",
        fix="review",
        becomes="ONBUILD COPY web.conf /web",
    ),
    # IMG007: ADD where COPY does
    fails(
        "IMG007",
        dockerfile("# the shop\nFROM debian:13\nADD --chown=1:1 web.conf /etc/web.conf\n"),
        at="ADD",
        severity="low",
        fix="review",  # by its name alone: the file is not there
        becomes="COPY --chown=1:1 web.conf /etc/web.conf",
    ),
    fails(
        "IMG007",
        dockerfile("FROM debian:13\nADD web.conf /etc/web.conf\n", web__conf="port = 8080\n"),
        at="ADD",
        fix="safe",
        becomes="COPY web.conf /etc/web.conf",
    ),
    fails("IMG007", dockerfile("FROM debian:13\nADD . /web\n"), at="ADD", fix="safe", becomes="COPY . /web"),
    fails("IMG007", dockerfile("FROM debian:13\nADD *.conf /web/\n", web__conf="\n"), at="ADD", fix="safe"),
    fails("IMG007", dockerfile("FROM debian:13\nADD build/ /web/\n"), at="ADD", fix="review"),
    *(
        passes("IMG007", dockerfile(f"FROM debian:13\nADD {rest}\n"))
        for rest in (
            "web /web",  # not seen, and its name says nothing
            "data/* /web/",
            "data/web.t?z /web/",
            "--keep-git-dir=true . /web",
            "--unpack=true data /web",
            "--checksum=sha256:00 web.conf /web",
            "git@github.com:docker/buildx.git /web",
            "https://github.com/docker/buildx.git#v0.29.1 /web",
            "web.tar.zst /web",
            "$NAME /web",
        )
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
    *(
        fails(
            "IMG012",
            dockerfile("FROM debian:13\nCOPY . /web\n", __dockerignore=f"# not these\n{named}\n"),
            at="COPY",
            severity="low",
            says=f"does not name {missing}",
        )
        for named, missing in ((".git/", ".env"), ("**/.env*", ".git"), ("dist", ".git and .env"))
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
