"""Secrets in manifests and texts: ACC009 to ACC013."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from harness import (
    Case,
    Input,
    assert_case,
    compose,
    docker,
    dockerfile,
    fails,
    findings,
    manifest,
    passes,
    pod,
    podman,
    quadlet,
    silent,
    stack,
    task,
)

PASSWORD = "hN7-kd92xQ!vbT4s"
TOKEN = "ghp_" + "x7Kq2mZ9" * 4 + "aB3d"


def secret(data: str, kind: str = "Secret", more: str = "") -> Input:
    """A Secret or a ConfigMap with one entry."""
    return manifest(
        f"""
        apiVersion: v1
        kind: {kind}
        metadata: {{name: web, namespace: shop}}
        {more or "data:"}
          {data}
        """
    )


CASES = (
    # ACC009: values in variables and arguments
    fails(
        "ACC009",
        pod(f"env:\n  - name: DB_PASSWORD\n    value: '{PASSWORD}'"),
        at="value:",
        severity="high",
        says="DB_PASSWORD",
    ),
    fails("ACC009", pod(f"args:\n  - serve\n  - --token={TOKEN}"), at="--token", says="an argument"),
    fails("ACC009", pod(f"args:\n  - --db-password\n  - '{PASSWORD}'"), at=PASSWORD, says="argument holds password"),
    fails("ACC009", pod(f'command: [redis-cli]\nargs: ["-a", "{PASSWORD}"]'), at=PASSWORD),
    fails("ACC009", compose(f'command: ["serve", "--db-password", "{PASSWORD}"]'), at=PASSWORD),
    fails("ACC009", compose(f"command: serve --db-password {PASSWORD}"), at=PASSWORD),
    fails("ACC009", dockerfile(f'FROM debian:13\nENTRYPOINT ["serve", "--db-password", "{PASSWORD}"]\n'), at=PASSWORD),
    passes("ACC009", pod('args: ["--db-password", "$(DB_PASSWORD)", "--token-file", "token1"]')),
    fails("ACC009", compose(f"command:\n  - serve\n  - --token={TOKEN}"), at="--token"),
    fails("ACC009", compose(f"command: serve --token={TOKEN}"), at="serve --token"),
    fails("ACC009", task(f'"command": ["serve",\n"--token={TOKEN}"]'), at="--token"),
    fails("ACC009", quadlet(f"Exec=serve --token={TOKEN}"), at="--token"),
    fails("ACC009", dockerfile(f'FROM debian:13\nCMD ["serve", "--token={TOKEN}"]\n'), at="--token"),
    fails("ACC009", dockerfile(f"FROM debian:13\nENTRYPOINT serve --token={TOKEN}\n"), at=TOKEN),
    passes("ACC009", pod("env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}]")),
    passes("ACC009", pod("env: [{name: DB_PASSWORD_FILE, value: /run/secrets/db}, {name: PORT, value: '8080'}]")),
    fails("ACC009", compose(f"environment:\n  DB_PASSWORD: {PASSWORD}"), at="DB_PASSWORD"),
    passes("ACC009", compose("environment: ['DB_PASSWORD=${DB_PASSWORD}']")),
    fails("ACC009", stack(f"environment:\n  - DB_PASSWORD={PASSWORD}"), at="DB_PASSWORD"),
    passes("ACC009", stack("environment: {DB_PASSWORD_FILE: /run/secrets/db}")),
    fails("ACC009", task(f'"environment": [{{"name": "DB_PASSWORD", "value": "{PASSWORD}"}}]'), at="DB_PASSWORD"),
    passes("ACC009", task('"secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/db"}]')),
    fails("ACC009", docker(config=f'"Env": ["DB_PASSWORD={PASSWORD}"]'), at="DB_PASSWORD"),
    passes("ACC009", docker(config='"Env": ["PATH=/usr/bin"]')),
    fails("ACC009", podman(config=f'"Env": ["DB_PASSWORD={PASSWORD}"]'), at="DB_PASSWORD"),
    passes("ACC009", podman(config='"Env": ["PATH=/usr/bin"]')),
    fails("ACC009", quadlet(f"Environment=DB_PASSWORD={PASSWORD}"), at="DB_PASSWORD"),
    passes("ACC009", quadlet("Secret=db,type=env,target=DB_PASSWORD")),
    fails("ACC009", dockerfile(f"FROM debian:13\nENV DB_PASSWORD={PASSWORD}\n"), at="ENV"),
    passes("ACC009", dockerfile("FROM debian:13\nENV PATH=/web\n")),
    # an argument of the build that the image keeps
    *(
        fails("ACC009", dockerfile(text), at=at, severity="high", says=f"{name} keeps the build argument {argument} in")
        for text, at, name, argument in (
            ("FROM debian:13\nARG DB_PASSWORD\nENV PASSWORD=$DB_PASSWORD\n", "ENV", "PASSWORD", "DB_PASSWORD"),
            ("FROM debian:13\nARG TOKEN=\nENV A=1 \\\n  NPM_TOKEN=${TOKEN:-}\n", "NPM_TOKEN", "NPM_TOKEN", "TOKEN"),
            ("ARG K\nFROM debian:13\nARG K\nENV API_KEY $K\n", "ENV", "API_KEY", "K"),
            ("FROM debian:13 AS a\nARG PW\nENV URL=x://u:$PW@h\nFROM a\n", "ENV", "URL", "PW"),
            ("FROM debian:13\nONBUILD ARG PW\nONBUILD ENV PW=$PW\n", "ENV", "PW", "PW"),
            ("FROM debian:13\nARG DB_PASSWORD\nLABEL t=$DB_PASSWORD\n", "LABEL", "t", "DB_PASSWORD"),
        )
    ),
    *(
        passes("ACC009", dockerfile(text))
        for text in (
            "FROM debian:13\nARG VERSION\nENV VERSION=$VERSION\n",
            "FROM debian:13\nARG PASSWORD_FILE\nENV PASSWORD_FILE=$PASSWORD_FILE\n",
            "FROM debian:13\nENV PASSWORD=$DB_PASSWORD\n",  # of the base image, if of anything
            "ARG TOKEN=a\nFROM debian:13\nENV TOKEN=$TOKEN\n",  # it was not declared again
            "FROM debian:13\nARG TOKEN\nENV TOKEN=none\nLABEL t=$TOKEN\n",
            "FROM debian:13\nARG TOKEN\nENV TOKEN='$TOKEN'\n",
        )
    ),
    # what a stage keeps that the image is not built on
    *(
        fails("ACC009", dockerfile(text + "FROM debian:13\nCOPY --from=a /a /a\n"), at=at, severity=severity, says=says)
        for text, at, severity, says in (
            (
                "ARG TOKEN\nFROM debian:13 AS a\nARG TOKEN\nENV TOKEN=$TOKEN\n",
                "ENV",
                "medium",
                "TOKEN keeps the build argument TOKEN in the build cache and the history of stage a",
            ),
            (
                f"FROM debian:13 AS a\nENV DB_PASSWORD={PASSWORD}\n",
                "ENV",
                "high",
                "which stays in the build cache and the history of stage a",
            ),
        )
    ),
    # ACC010: whole secrets
    fails("ACC010", pod("envFrom:\n  - secretRef: {name: db}"), at="secretRef", severity="low"),
    passes("ACC010", pod("envFrom: [{configMapRef: {name: web}}]")),
    fails("ACC010", compose("env_file:\n  - db.secret.env", db__secret__env="A=1\n"), at="db.secret.env"),
    passes("ACC010", compose("env_file: [web.conf]", web__conf="A=1\n")),
    fails("ACC010", stack("env_file: secrets.list") + Input("swarm", {"secrets.list": "A=1\n"}), at="env_file"),
    passes("ACC010", stack()),
    fails("ACC010", task('"environmentFiles": [{"value": "arn:aws:s3:::shop/web.env", "type": "s3"}]'), at="web.env"),
    passes("ACC010", task()),
    fails("ACC010", quadlet("EnvironmentFile=/etc/web/secrets"), at="EnvironmentFile"),
    passes("ACC010", quadlet("EnvironmentFile=/etc/web/settings")),
    # ACC011: committed values
    fails("ACC011", secret("password: aE43LWtkOTJ4USF2YlQ0cw=="), at="password:", severity="high"),
    fails("ACC011", secret(f"password: '{PASSWORD}'", more="stringData:"), at="password:", severity="high"),
    fails("ACC011", secret(f"db-password: '{PASSWORD}'", "ConfigMap"), at="db-password:", says="ConfigMap"),
    passes("ACC011", secret("password: ''")),
    passes("ACC011", secret("p2: REPLACE_ME", more="stringData:")),
    passes("ACC011", secret("p2: your-value-here", more="stringData:")),
    passes("ACC011", secret("username: d2Vic2hvcA==")),
    passes("ACC011", secret("tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUI=")),
    fails("ACC011", secret("tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUI="), at="tls.key"),
    passes("ACC011", secret("log-level: info", "ConfigMap")),
    fails("ACC011", secret(".netrc: machine a.example login bob password netrcPw123", "ConfigMap"), at=".netrc"),
    passes("ACC011", secret("readme: machine a.example login bob password netrcPw123", "ConfigMap")),
    passes("ACC011", secret("token: 'ENC[AES256_GCM,data:Tr7o1kx4Zg==,iv:1h,tag:Q9==,type:str]'")),
    passes("ACC011", secret("password: vault:secret/data/db#password", more="stringData:")),
    passes("ACC011", secret("password: ref+awssecrets://prod/db#/password", more="stringData:")),
    # ACC012: variables where secrets exist
    fails(
        "ACC012",
        compose("environment:\n  - DB_PASSWORD"),
        at="- DB_PASSWORD",
        severity="medium",
        says="web.DB_PASSWORD",
    ),
    passes("ACC012", compose("environment: [LOG_LEVEL]")),
    passes(
        "ACC012",
        compose(
            "environment: [DB_PASSWORD]\nsecrets: [db]",
            "secrets: {db: {file: db.txt}}",
        ),
    ),
    fails("ACC012", stack("environment:\n  - DB_PASSWORD"), at="- DB_PASSWORD"),
    passes("ACC012", stack("environment: {LOG_LEVEL: info}")),
    # ACC013: any text
    fails("ACC013", Input("file", {"deploy/.env": f"TOKEN={TOKEN}\n"}) + pod(), at="TOKEN", severity="high"),
    fails("ACC013", Input("file", {"tests/.env": f"TOKEN={TOKEN}\n"}) + pod(), at="TOKEN", severity="medium"),
    silent("ACC013", Input("file", {"deploy/.env": "LOG_LEVEL=info\n"}) + pod()),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


def test_an_argument_whose_default_is_a_token_is_told_where_a_label_keeps_it() -> None:
    given = dockerfile(f"FROM debian:13\nARG X={TOKEN}\nLABEL t=$X\n")
    messages = [one.message for one in findings(given.files, "ACC009")]
    assert any(one.startswith("t keeps the build argument X in the image") for one in messages)
    assert any(one.startswith("X holds github token") for one in messages)
    assert TOKEN not in "".join(messages)


def test_a_secret_that_an_engine_prints_twice_is_told_once(tmp_path: Path) -> None:
    """`Args` of `docker inspect` repeats `Cmd`."""
    words = f'["serve", "--token={TOKEN}"]'
    given = docker(config=f'"Cmd": {words}', record=f'"Args": {words}')
    (tmp_path / "web.json").write_text(next(iter(given.files.values())))
    found = api.scan([str(tmp_path)]).report.findings
    assert [one.check for one in found if one.check.startswith("ACC")] == ["ACC009"]
