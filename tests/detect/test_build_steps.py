"""Secrets in the steps of an image's history."""

from __future__ import annotations

import pytest

from batten.detect.build_steps import masked, secrets_in

TOKEN = "ghp_" + "R4nd0mAb9Xq2Lk7Zw3Vt8Yp5Cs1Df6Gh0JnM"
SECRET = "Wint3rSale-42-xq"

STEPS = (
    "ENV DATABASE_PASSWORD={0}",
    "ENV DATABASE_PASSWORD {0}",
    "/bin/sh -c #(nop)  ENV DATABASE_PASSWORD={0} NAME=shop",
    "/bin/sh -c #(nop)  ARG NPM_TOKEN={0}",
    "ARG DATABASE_PASSWORD={0}",
    "RUN |2 NPM_TOKEN={0} NAME=shop /bin/sh -c make # buildkit",
    "RUN |1 DB_PASSWORD=two words of {0} /bin/bash -o pipefail -c make # buildkit",
    "|1 DB_PASSWORD={0} /bin/sh -c make",
    "LABEL deploy.token={0}",
    "RUN /bin/sh -c DB_PASSWORD='{0}' make # buildkit",
    "RUN curl -u admin:{0} https://example.com",
    "RUN curl --user=admin:{0} https://example.com",
    'RUN curl -H "Authorization: Bearer {0}" https://example.com',
    'RUN curl -H "X-Api-Key: {0}" https://example.com',
    "RUN wget --http-password={0} https://example.com",
    "RUN git clone https://oauth2:{0}@example.com/shop.git",
    "RUN sshpass -p {0} scp a b:",
    "RUN mysql -uroot -p{0} -e 'select 1'",
    "RUN docker login -u shop -p {0} ghcr.io",
    'RUN echo "root:{0}" | chpasswd',
    "RUN echo {0} | passwd --stdin root",
    "RUN aws configure set aws_secret_access_key {0}",
    'CMD ["web" "--password={0}"]',
    'RUN echo "//registry.npmjs.org/:_authToken={0}" > .npmrc',
)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("secret", [TOKEN, SECRET])
def test_no_part_of_a_secret_is_shown(step: str, secret: str) -> None:
    shown = masked(step.format(secret))
    assert "…" in shown
    assert secret[:6] not in shown
    assert secret[-6:] not in shown


@pytest.mark.parametrize(
    "step",
    [
        "RUN apt-get update && apt-get install -y nginx # buildkit",
        "ENV PATH=/usr/local/bin:/usr/bin NODE_VERSION=22.1.0",
        "COPY file:9f3c1b2a5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708 in /etc/nginx ",
        "RUN |1 VERSION=1.2 /bin/sh -c pip install --no-cache-dir shop==$VERSION # buildkit",
        "/bin/sh -c #(nop) ADD file:1a2b3c4d5e6f in / ",
        "RUN useradd -u 1000 app && echo done",
        "HEALTHCHECK CMD curl -f http://localhost/health",
        "RUN mkdir -p /run/secrets && ssh-keyscan github.com",
        "RUN gpg --batch --keyserver keyserver.ubuntu.com --recv-keys 0xA1B2C3D4E5F60718",
        "ENV DB_PASSWORD=",
    ],
)
def test_what_is_no_secret_is_shown_as_it_is(step: str) -> None:
    assert masked(step) == step


def test_the_value_of_a_variable_ends_where_the_next_name_begins() -> None:
    step = "ENV DB_PASSWORD=correct horse NAME=shop"
    assert [(name, step[start:end]) for name, start, end, _ in secrets_in(step)] == [("DB_PASSWORD", "correct horse")]
    assert masked(step) == "ENV DB_PASSWORD=… NAME=shop"


def test_build_arguments_end_before_the_command() -> None:
    assert masked(f"RUN |2 A=b TOKEN={TOKEN} /bin/sh -c X=y make") == "RUN |2 A=b TOKEN=… /bin/sh -c X=y make"


def test_a_long_step_is_masked_in_little_time() -> None:
    from time import process_time

    for text in ("mysql " + "-p " * 20_000, "A=" * 30_000, "echo " * 12_000, "x-" * 30_000, "login " * 10_000):
        started = process_time()
        masked(f"RUN {text}")
        assert process_time() - started < 2, text[:10]
