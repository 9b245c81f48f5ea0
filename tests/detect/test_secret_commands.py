"""Passwords on command lines and in headers, as people write them."""

from __future__ import annotations

from base64 import b64encode

import pytest

from batten.detect.secrets import find, find_in_words, judge_assignment

WORD = "Sup3rS3cr" + "3t99"


def _login(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "line",
    [
        f"RUN curl -u admin:{WORD} https://nexus.example.com/x -o /x",
        f"RUN curl -sSLu admin:{WORD} https://nexus.example.com/x",
        f"curl --user 'admin:{WORD}' https://x",
        f"curl --user=admin:{WORD} https://x",
        f'Exec=sh -c "curl -u admin:{WORD} http://x"',
        f'command: ["curl", "-u", "admin:{WORD}", "https://x"]',
        f"RUN mysql -uroot -p{WORD} -e 'select 1'",
        f"command: [mysql, -uroot, -p{WORD}]",
        f'    test: ["CMD", "mysqladmin", "ping", "-uroot", "-p{WORD}"]',
        f"mongosh -u root -p {WORD} --eval 1",
        f"redis-cli -a {WORD} ping",
        f"sshpass -p '{WORD}' ssh host",
        f"echo 'root:{WORD}' | chpasswd",
        f'printf "root:{WORD}\\n" | sudo chpasswd',
        f"chpasswd <<< 'root:{WORD}'",
        f"echo {WORD} | passwd root --stdin",
        f"docker login -u me -p {WORD} registry.example.com",
        f"RUN helm registry login -u me -p={WORD} registry.example.com",
        f"RUN mysql -u root -p'{WORD}' -e 'select 1'",
        f"command: [redis-cli, -a, {WORD}, ping]",
        f'ENTRYPOINT ["app", "--db-password", "{WORD}"]',
        f'args: ["--token", "{WORD}"]',
        f"args: [--verbose, --requirepass, {WORD}, --port, 1]",
        f'args: ["-requirepass", "{WORD}"]',
        f"  - --db-password\n  - {WORD}",
        f"  - '--db-password'\n  - '{WORD}'",
        f'"command": ["--db-password",\n    "{WORD}"]',
        f'task = "[\\"--password\\", \\"{WORD}\\"]"',
        f"RUN echo '//registry.example.com/:_authToken={WORD}' > .npmrc",
        f"//registry.example.com/:_password={WORD}",
    ],
)
def test_a_password_that_a_program_is_given(line: str) -> None:
    hits = find(f"# a line before\n{line}\n")
    assert [line_of[hit.start : hit.end] for hit in hits for line_of in [f"# a line before\n{line}\n"]] == [WORD]
    assert hits[0].line == 2 + line.partition(WORD)[0].count("\n")


@pytest.mark.parametrize("setting", ["={}", " {}", "' '{}'", '", "{}"'])
@pytest.mark.parametrize("before", ["", "RUN echo ", "# "])
def test_a_uuid_is_the_token_of_an_npm_registry(before: str, setting: str) -> None:
    token = "8f3c1b7e-2a64-4d09-9c55-b1e0aa72d3f4"
    text = f"{before}//registry.npmjs.org/:_authToken{setting.format(token)} > .npmrc\n"
    assert [text[hit.start : hit.end] for hit in find(text)] == [token]


DRAWN = "Zk3jd93kLs0dKq82mZx7Aa91"


@pytest.mark.parametrize(
    "line",
    [
        f'RUN curl -H "Authorization: Bearer {DRAWN}" https://x',
        f'headers: {{"Authorization": "bearer {DRAWN}"}}',
        f"Authorization: Bearer {DRAWN}",
        f"RUN curl -H 'X-Api-Key: {DRAWN}' https://x",
        f'wget --header="PRIVATE-TOKEN: {DRAWN}" https://x',
        f'command: ["curl", "-H", "X-Vault-Token: {DRAWN}", "https://x"]',
    ],
)
def test_a_token_in_a_header_is_found(line: str) -> None:
    assert [line[hit.start : hit.end] for hit in find(line)] == [DRAWN]


@pytest.mark.parametrize(
    "line",
    [
        'curl -H "Authorization: Bearer $TOKEN" https://x',
        'curl -H "Authorization: Bearer ${{ secrets.GITHUB_TOKEN }}" https://x',
        'curl -H "Authorization: Bearer <your-token>" https://x',
        "# the bearer authentication-scheme-2 of RFC 6750",
        "curl -H 'Idempotency-Key: 8c6c1a50-4a44-4f83-8a0a-0d2c1b6f5a55' https://x",
        "curl -H 'X-Api-Key: my-api-key-1' https://x",
        'curl -H "X-Vault-Token: $(cat /run/secrets/t)" https://x',
    ],
)
def test_a_header_that_holds_no_token_is_none(line: str) -> None:
    assert find(line) == []


def test_the_word_before_makes_an_argument_a_password() -> None:
    words = ["app", f"--db-password={WORD}1", "--user", "me", "--admin-password", WORD, 'say "hi"', "-a", WORD]
    hits = find_in_words(words)
    assert [(index, words[index][hit.start : hit.end]) for index, hit in hits] == [(1, f"{WORD}1"), (5, WORD)]
    assert find_in_words(["redis-cli", "-a", WORD, "ping"])[0][0] == 2
    assert find_in_words([]) == []


def test_a_short_password_of_root_counts() -> None:
    assert [hit.title for hit in find("RUN echo 'root:toor' | chpasswd")] == ["password of an account"]


@pytest.mark.parametrize(
    "line",
    [
        "curl -u $USER:$PASSWORD https://x",
        'curl -u "admin:${PASSWORD}" https://x',
        "curl -u admin:$(cat /run/secrets/pw) https://x",
        "curl -u user:password https://x",
        "curl -u <user>:<password> https://x",
        "curl -u {{ .Values.user }}:{{ .Values.password }} https://x",
        "curl -o x https://x; id -u nobody:x",
        "mysql -uroot -p$MYSQL_ROOT_PASSWORD -e x",
        'mysqladmin ping -u root -p"$$MYSQL_ROOT_PASSWORD"',
        "mysql -P3306 -h db",
        "mysqladmin -u root -p password",
        "docker run --name mongo -p 27017:27017 mongo",
        "docker run --name mysql -p3306:3306 mysql",
        "docker login -u me --password-stdin",
        "docker login -u me -p $TOKEN",
        "redis-cli -a $REDIS_PASSWORD ping",
        "echo $ROOT_PASSWORD | chpasswd",
        "echo root:$ROOT_PASSWORD | chpasswd",
        "    # curl -u admin:letmein https://x",
        "Basic information: installation",
        "Authorization: Basic <credentials>",
        "Authorization: Basic $TOKEN",
        "auth_basic YWRtaW5pc3RyYXRpb24=",
        'args: ["--db-password", "$DB_PASSWORD"]',
        'args: ["--db-password", "$(DB_PASSWORD)"]',
        "args: [--db-password, '{{ .Values.password }}']",
        'args: ["--db-password", "--user", "me"]',
        'args: ["--db-password-file", "secret1"]',
        'args: ["--db-password", "/run/secrets/db"]',
        'args: ["--db-password", "<password>"]',
        'args: ["--token", "your-token-here"]',
        "  - --db-password\n  - --user",
        "  - --db-password\n  - name: me",
        'args: ["pg_dump", "--no-password", "shop1"]',
        "pg_dump --no-password shop1",
        'args: ["psql", "--password", "shop1"]',
        "ansible-playbook --ask-pass site1.yml",
        'click.option("--db-password", "db_password")',
        "docker build --secret id=npm1,src=.npmrc2 .",
        'args: ["build", "--secret", "id=npm1,src=.npmrc2"]',
        "Give it with --db-password, otherwise it asks; [--db-password, otherwise]",
        "//registry.npmjs.org/:_authToken=${NPM_TOKEN}",
        "//registry.npmjs.org/:_authToken=NPM_TOKEN",
    ],
)
def test_no_password_stands_there(line: str) -> None:
    assert find(line + "\n") == []


@pytest.mark.parametrize(
    "template",
    [
        'proxy_set_header Authorization "Basic {}";',
        "Authorization: Basic {}",
        '"Authorization":"Basic {}"',
        "curl -H 'authorization: basic {}' https://x",
    ],
)
def test_the_login_of_a_basic_header(template: str) -> None:
    login = _login(f"admin:{WORD}")
    text = template.format(login)
    assert [text[hit.start : hit.end] for hit in find(text)] == [login]


def test_a_basic_header_in_a_variable() -> None:
    hit = judge_assignment("AUTH_HEADER", f"Basic {_login('admin:' + WORD)}")
    assert hit is not None
    assert hit.kind == "basic-authorization"
    assert judge_assignment("AUTH_HEADER", f"Basic {_login('user:password')}") is None


def test_an_azure_shared_access_signature() -> None:
    signature = "kQzYP6PT5mJq36wPRhYQDs8WKeW1gsC48aqm0xz19rB%3D"
    text = f"url: https://x.blob.core.windows.net/c?sv=2022-11-02&sig={signature}\n"
    assert [(hit.kind, text[hit.start : hit.end]) for hit in find(text)] == [("azure-sas", f"sig={signature}")]
    assert find("url: https://x.example.com/c?sig=shortvalue%3D\n") == []


def test_long_lines_without_a_password_take_no_longer_than_their_length() -> None:
    assert find("curl mysql mongo echo chpasswd login " * 20_000) == []
