"""Every token here is made up, and put together while the test runs: no scanner finds one in this file."""

from __future__ import annotations

import base64
import json
import random
import string
import time
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batten import limits
from batten.detect.secrets import (
    Hit,
    decode_secret_data,
    find,
    judge_assignment,
    looks_like_secret_name,
    redact,
)

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
HEX = "0123456789abcdef"


def drawn(length: int, alphabet: str = BASE62, seed: int = 7) -> str:
    """The same random characters each time."""
    choose = random.Random(seed * 1000 + length)
    return "".join(choose.choice(alphabet) for _ in range(length))


def with_checksum(prefix: str) -> str:
    body, number, digits = drawn(30), 0, ""
    number = zlib.crc32(body.encode())
    while number:
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    return prefix + body + digits.rjust(6, "0")


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def unpadded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def web_token(**claims: object) -> str:
    return f"{unpadded({'alg': 'RS256', 'typ': 'JWT'})}.{unpadded(claims)}.{drawn(86)}"


def private_key(kind: str = "RSA ", newline: str = "\n") -> str:
    lines = ["-----BEGIN " + kind + "PRIVATE KEY-----", *(drawn(64, seed=line) for line in range(12)), drawn(20) + "=="]
    return newline.join([*lines, "-----END " + kind + "PRIVATE KEY-----"])


TOKENS = {
    "aws-access-key": "AKIA" + drawn(16, string.ascii_uppercase + "234567"),
    "gcp-api-key": "AIza" + drawn(35),
    "gcp-oauth-secret": "GOCSPX-" + drawn(28),
    "azure-storage-key": "AccountKey=" + drawn(86) + "==",
    "azure-client-secret": drawn(3) + "8Q~" + drawn(34),
    "digitalocean-token": "dop_v1_" + drawn(64, HEX),
    "github-token": with_checksum("ghp_"),
    "gitlab-token": "glpat-" + drawn(20),
    "npm-token": with_checksum("npm_"),
    "pypi-token": "pypi-AgEIcHlwaS5vcmc" + drawn(120),
    "docker-hub-token": "dckr_pat_" + drawn(27),
    "vault-token": "hvs." + drawn(90),
    "terraform-token": drawn(14) + ".atlasv1." + drawn(67),
    "heroku-key": "HRKU-AA" + drawn(58),
    "slack-token": "xoxb-" + drawn(12, string.digits) + "-" + drawn(12, string.digits) + "-" + drawn(24),
    "slack-webhook": "hooks.slack.com/services/T" + drawn(9) + "/B" + drawn(10) + "/" + drawn(24),
    "stripe-key": "sk_live_" + drawn(24),
    "twilio-key": "SK" + drawn(32, HEX),
    "sendgrid-key": "SG." + drawn(22) + "." + drawn(43),
    "telegram-token": drawn(10, string.digits) + ":AA" + drawn(33),
    "openai-key": "sk-proj-" + drawn(40) + "T3BlbkFJ" + drawn(40),
    "anthropic-key": "sk-ant-api03-" + drawn(93) + "AA",
    "huggingface-token": "hf_" + drawn(34, string.ascii_letters),
    "databricks-token": "dapi" + drawn(32, HEX),
    "openshift-token": "sha256~" + drawn(43),
    "age-secret-key": "AGE-SECRET-KEY-1" + drawn(58, string.digits + string.ascii_uppercase),
    "jwt": web_token(iss="https://issuer.internal", sub="a7"),
}


def only(hits: list[Hit], text: str) -> tuple[str, str]:
    assert len(hits) == 1, hits
    return hits[0].kind, text[hits[0].start : hits[0].end]


# --- by form -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(TOKENS))
@pytest.mark.parametrize(
    "frame", ["{}", "key: {}\n", 'x = "{}"', "- A={}\r\n", "# {} in a comment", '{{"a":"{}"}}', "a\\n{}\\n"]
)
def test_a_token_is_known_by_its_form_wherever_it_stands(kind: str, frame: str) -> None:
    text = "first: line\n" + frame.format(TOKENS[kind])
    hits = find(text)
    assert only(hits, text) == (kind, TOKENS[kind])
    assert hits[0].line == 2


@pytest.mark.parametrize("kind", list(TOKENS))
def test_a_token_inside_of_a_longer_word_is_none(kind: str) -> None:
    for text in (f"x{TOKENS[kind]}", f"{TOKENS[kind]}0aZ"):
        whole = [hit for hit in find(text) if hit.kind == kind and text[hit.start : hit.end] == TOKENS[kind]]
        assert whole == []


@pytest.mark.parametrize("prefix", ["ghp_", "gho_", "ghs_", "npm_"])
def test_a_checksum_that_does_not_hold_makes_a_token_a_guess(prefix: str) -> None:
    token = with_checksum(prefix)
    assert [hit.confidence for hit in find(token)] == ["high"]
    spoilt = token[:10] + ("a" if token[10] != "a" else "b") + token[11:]
    assert [hit.confidence for hit in find(spoilt)] == ["low"]


def test_grafana_checksum_decides_how_sure_a_token_is() -> None:
    body = "glsa_" + drawn(32)
    good = f"{body}_{zlib.crc32(body.encode()):08x}"
    bad = f"{body}_{zlib.crc32(body.encode()) ^ 1:08x}"
    assert [hit.confidence for hit in find(good)] == ["high"]
    assert [hit.confidence for hit in find(bad)] == ["medium"]


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "AKIA" + "I44QH8DHBEXAMPLE",
        "AKIA" + "0189" * 4,  # no base 32
        "ghp_" + "x" * 36,
        "ghp_" + "1234567890" * 3 + "abcdef",
        "glpat-" + "your_token_goes_here_",
        "sk_test_" + "." * 24,
        "SG." + "a" * 22 + "." + "b" * 43,
        "eyJhbGciOi.eyJub3Rqc29u.signature_that_is_long_enough",
        "sha256:" + drawn(64, HEX),
        "550e8400-e29b-41d4-a716-446655440000",
        "image: nginx@sha256:" + drawn(64, HEX),
        "commit: " + drawn(40, HEX),
        "sha512-" + drawn(86) + "==",
        "-----BEGIN CERTIFICATE-----\n" + drawn(64) + "\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\n" + drawn(64) + "\n-----END PUBLIC KEY-----",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "the line -----BEGIN PRIVATE KEY----- opens a block",
        encoded("-----BEGIN CERTIFICATE-----\n" + drawn(64) + "\n"),
        "tls.crt: " + encoded("-----BEGIN CERTIFICATE-----\n" + drawn(64) + "\n"),
        "logo: data:image/png;base64,iVBORw0KGgo" + drawn(120),
    ],
)
def test_what_is_only_like_a_secret_is_none(text: str) -> None:
    assert find(text) == []


def test_the_web_token_of_every_introduction_is_none_and_one_of_a_cluster_is_sure() -> None:
    assert find(web_token(sub="1234567890", name="John Doe")) == []
    inside = web_token(sub="system:serviceaccount:shop:web")
    assert [hit.confidence for hit in find(inside)] == ["high"]


@pytest.mark.parametrize("kind", ["RSA ", "EC ", "OPENSSH ", "", "ENCRYPTED "])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\\n", "\n    "])
def test_a_private_key_is_found_as_one_block(kind: str, newline: str) -> None:
    key = private_key(kind, newline)
    text = f"tls.key: |\n    {key}\nnext: 1\n"
    hits = find(text)
    assert only(hits, text) == ("private-key", key)
    assert hits[0].confidence == ("medium" if kind == "ENCRYPTED " else "high")


def test_a_private_key_in_base64_is_found() -> None:
    value = encoded(private_key())
    text = f"users:\n- user:\n    client-key-data: {value}\n"
    assert only(find(text), text) == ("private-key", value)


def test_a_private_key_that_is_cut_off_is_found() -> None:
    text = private_key()[:600]
    assert [hit.kind for hit in find(text)] == ["private-key"]


@pytest.mark.parametrize(
    ("url", "password", "kind"),
    [
        ("postgres://shop:hunter2@db:5432/shop", "hunter2", "database-url"),
        ("mongodb+srv://app:Tr0ub4dor@cluster0.internal/x", "Tr0ub4dor", "database-url"),
        ("redis://:s3cr3tpw@cache:6379/0", "s3cr3tpw", "database-url"),
        ("https://robot:hunter2@git.internal/x.git", "hunter2", "url-password"),
        ("shop:hunter2@tcp(db:3306)/shop", "hunter2", "database-url"),
    ],
)
def test_passwords_in_addresses_are_found(url: str, password: str, kind: str) -> None:
    text = f'DATABASE="{url}"'
    assert only(find(text), text) == (kind, password)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://user:password@host/db",
        "postgres://${USER}:${PASSWORD}@db/shop",
        "postgres://shop:$(DB_PASSWORD)@db/shop",
        "postgres://shop:{{ .Values.password }}@db/shop",
        "postgres://shop:<password>@db/shop",
        "https://user:pass@example.com",
        "http://host:8080/path@1.2",
        "https://registry.internal:5000/app@sha256:abc",
        "git@github.com:shop/web.git",
        "docker://alpine:3.20@sha256:0123",
        "https://me:xxxxxxxx@host/",
    ],
)
def test_addresses_without_a_password_of_somebody_are_none(url: str) -> None:
    assert find(f"url: {url}\n") == []


def test_an_address_in_a_comment_is_taken_for_an_example_unless_its_password_is_random() -> None:
    assert find("# e.g. https://myacct:mypass@localhost:4430\n") == []
    text = f"# was https://deploy:{drawn(24)}@git.internal/\n"
    assert only(find(text), text)[0] == "url-password"


def test_logins_of_a_registry_are_found_plain_and_in_base64() -> None:
    login = encoded("robot:" + drawn(20))
    config = json.dumps({"auths": {"registry.internal": {"auth": login}}})
    assert only(find(config), config) == ("registry-login", login)
    manifest = f"kind: Secret\ndata:\n  .dockerconfigjson: {encoded(config)}\n"
    assert only(find(manifest), manifest) == ("registry-login", encoded(config))


# --- by context ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password: hunter2\n", "hunter2"),
        ("  password: 'hun ter2'  # old\n", "hun ter2"),
        ("password: hunter2 # old\n", "hunter2"),
        ("- DB_PASSWORD=postgres\n", "postgres"),
        ("export PGPASSWORD='pg'; psql\n", None),
        ("export PGPASSWORD='pgpg1'; psql\n", "pgpg1"),
        ('{"db_password":"hunter2"}', "hunter2"),
        ('{"a": 1, "dbPassword" : "hunter2"}', "hunter2"),
        ('password = "hunter2"\n', "hunter2"),
        ("password = hunter2\n", "hunter2"),
        ("{user: x, password: hunter2}\n", "hunter2"),
        ("Server=db;User Id=sa;Password=hunter2;\n", "hunter2"),
        ("jdbc:mysql://db/shop?user=x&password=hunter2&ssl=1\n", "hunter2"),
        ("command: redis-server --requirepass hunter2\n", "hunter2"),
        ("args: [--password=hunter2]\n", "hunter2"),
        ("kubectl create secret generic x --from-literal=password=hunter2\n", "hunter2"),
        ("ENV DB_PASSWORD hunter2\n", "hunter2"),
        ("ENV DB_PASSWORD=hunter2\n", "hunter2"),
        ("- name: DB_PASSWORD\n  value: hunter2\n", "hunter2"),
        ('- name: "DB_PASSWORD"\r\n  value: "hunter2"\r\n', "hunter2"),
        ('{"name": "DB_PASSWORD", "value": "hunter2"}', "hunter2"),
        ("- Name: DB_PASSWORD\n  Value: hunter2\n", "hunter2"),
        ('command: "{\\"password\\": \\"hunter2\\"}"\n', "hunter2"),
        ("password: change-me\n", "change-me"),
        ("POSTGRES_PASSWORD: admin\n", "admin"),
        ("MYSQL_ROOT_PASSWORD: 123456\n", "123456"),
        ("SA_PASSWORD: example_123\n", "example_123"),
        ("password: aHVudGVyMg==\n", "aHVudGVyMg=="),
        ("api_key: " + drawn(32), drawn(32)),
        ("secretKey=" + drawn(24) + "\n", drawn(24)),
        ("JWT_SECRET: " + drawn(40, HEX) + "\n", drawn(40, HEX)),
    ],
)
def test_what_a_name_promises_and_a_literal_holds_is_found(text: str, value: str | None) -> None:
    hits = find(text)
    assert [text[hit.start : hit.end] for hit in hits] == ([] if value is None else [value])


@pytest.mark.parametrize(
    "text",
    [
        "password:\n  secretKeyRef: {name: db, key: password}\n",
        "secretName: web-tls\n",
        "existingSecret: shop-db-1\n",
        "imagePullSecret: registry-2\n",
        "secret: shop-db-credentials-2\n",
        "tokenSecretRef: {name: x}\n",
        "passwordFile: /run/secrets/db\n",
        "POSTGRES_PASSWORD_FILE: /run/secrets/db\n",
        "DATABASE_PASSWORD=/run/secrets/db-password\n",
        "passwordKey: password\n",
        "topologyKey: kubernetes.io/hostname\n",
        "publicKey: " + drawn(44) + "\n",
        "ssh-ed25519-key: AAAAC3NzaC1lZDI1NTE5AAAAI\n",
        "password: ${DB_PASSWORD}\n",
        "password: $DB_PASSWORD\n",
        "password: $(DB_PASSWORD)\n",
        "password: {{ .Values.password }}\n",
        'password: "{{ .Values.password }}"\n',
        "password: <your-password>\n",
        "password: '<password>'\n",
        "password: YOUR_PASSWORD\n",
        "password: xxxxxxxx\n",
        "password: '********'\n",
        "password: example\n",
        "password: REPLACE_ME\n",
        "password: null\n",
        "password: ''\n",
        "password: ~\n",
        "password: true\n",
        "password: string\n",
        "password: The password of the database\n",
        "password: !Ref DbPassword\n",
        "password: *password\n",
        "password: |\n  text\n",
        "password: ENC[AES256_GCM,data:abc,iv:def]\n",
        "password: vault:secret/data/db#password\n",
        "password: arn:aws:secretsmanager:eu-west-1:1:secret:db\n",
        "password: DB_PASSWORD\n",
        "password = var.db_password\n",
        "password = random_password.db.result\n",
        "password = password\n",
        "f(password=password)\n",
        'if password == "hunter2":\n',
        "passwordPolicy: strong1\n",
        "MYSQL_ALLOW_EMPTY_PASSWORD: yes\n",
        "nextPageToken: " + drawn(40) + "\n",
        "automountServiceAccountToken: false\n",
        "proxy_pass: http1backend\n",
        "NOPASSWD: ALL\n",
        "PWD=/app\n",
        "api_key: 550e8400-e29b-41d4-a716-446655440000\n",
        "token: my-token-name-2\n",
        "# password: hunter2\n",
        "Set the password: it must be long, e.g. a secret: x\n",
        "maxTokens: 4096\n",
        "echo $PASSWORD=x\n",
        '"password": "パスワード",\n',
        '"password": "Пароль",\n',
        '"auth.forgot_password": "Mot de passe oublié ?",\n',
        '"new_password": "Nuova password",\n',
        "access_token: 2022-08-25T09:26:05.432089764Z\n",
        "token: 2022-08-25\n",
    ],
)
def test_what_refers_to_a_secret_or_stands_for_one_is_none(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        '{"output_cost_per_token": 1.25e-07, "input_dbu_cost_per_token": 4.2857e-05}\n',
        "assembly: Shop.Core, Version=2.1.3.0, Culture=neutral, PublicKeyToken=" + drawn(16, HEX) + "\n",
        "update_password: always\n",
        "on_pass: next\non_fail: allow\n",
        "api_key: os.environ/E2B_API_KEY\n",
        "password: os.environ.get\n",
    ],
)
def test_what_is_counted_said_or_looked_up_is_none(text: str) -> None:
    assert find(text) == []


def test_the_words_of_a_language_model_are_none() -> None:
    words = '{"version": "1.0", "added_tokens": [], "model": {"vocab": {"Ġpass": 477612, "lsPass": 4776123}}}'
    assert find(words, path="model/tokenizer.json") == []
    assert len(find(words.replace("added_tokens", "added"))) == 2


def test_an_address_as_a_program_shows_it_in_other_languages_is_none() -> None:
    text = '{"Enter the proxy": "p. ej. https://usuario:contrasena@servidor:8080"}'
    assert find(text, path="src/i18n/es.json") == []
    assert len(find(text, path="src/es.json")) == 1


def test_a_commented_setting_counts_only_where_its_value_is_random() -> None:
    text = f"# api_key: {drawn(40)}\n"
    assert only(find(text), text) == ("key", drawn(40))


def test_a_schema_that_speaks_of_passwords_is_passed_over_but_not_its_neighbours() -> None:
    schema = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  password: hunter2\n"
    text = f"{schema}---\nkind: Secret\nstringData:\n  password: hunter2\n---\n{schema}"
    hits = find(text)
    assert [hit.line for hit in hits] == [8]
    assert find(f"{schema}  x: {TOKENS['github-token']}\n")[0].kind == "github-token"


def test_a_mention_of_a_schema_hides_nothing() -> None:
    assert find("# kind: CustomResourceDefinition\npassword: hunter2\n") != []
    assert find("a: |\n  kind: CustomResourceDefinition\npassword: hunter2\n") != []


@pytest.mark.parametrize("letters", ["\U0001f600", "\u0130\u0130", "\u00c4\u2126"])
def test_letters_beyond_ascii_move_nothing(letters: str) -> None:
    text = f"# {letters}\na: {letters}\nPASSWORD: 'tR0ub4dor&3x'\n"
    hits = find(text)
    assert only(hits, text)[1] == "tR0ub4dor&3x"
    assert hits[0].line == 3


def test_a_large_text_is_looked_at_as_a_whole() -> None:
    rows = "".join(f"row {n}: a value of some words \u00e9\n" for n in range(60_000))
    token = "AKIA" + "IOSFODNN7EXAMPLQ"
    hits = find(f"{rows}id: {token}\n{rows}{rows}password: 'tR0ub4dor&3x'\n")
    assert [hit.line for hit in hits] == [60_001, 180_002]


def test_in_programs_and_manuals_only_quoted_literals_count() -> None:
    assert find("password: Incomplete\n", path="a/types.pyi") == []
    assert find("connect(password='hunter2')\n", path="a/main.py") != []


def test_what_lies_among_tests_is_less_sure() -> None:
    assert [hit.confidence for hit in find("password: hunter2\n", path="src/db.yaml")] == ["medium"]
    assert [hit.confidence for hit in find("password: hunter2\n", path="src/test/db.yaml")] == ["low"]
    assert [hit.confidence for hit in find("password: hunter2\n", path="contest/db.yaml")] == ["medium"]


def test_what_a_program_says_in_other_languages_is_none() -> None:
    text = '"password": "Kennwort",\n'
    assert find(text, path="options/locale/locale_de-DE.json") == []
    assert find(text, path="options/local/de.json") != []
    assert find("-----BEGIN PRIVATE KEY-----\n" + drawn(64) + "\n-----END PRIVATE KEY-----\n", path="i18n/a.json") != []


@pytest.mark.parametrize(
    ("kind", "parameter", "found"), [("EC", "d", 1), ("RSA", "d", 1), ("oct", "k", 1), ("EC", "k", 0)]
)
def test_a_private_key_as_json_is_found_and_a_public_one_is_none(kind: str, parameter: str, found: int) -> None:
    public = f'{{"kty": "{kind}", "x": "{drawn(43)}", "n": "{drawn(86)}", "kid": "{drawn(40)}"'
    assert find(public + "}") == []
    text = f'{public}, "{parameter}": "{drawn(44)}"}}'
    hits = [hit for hit in find(text) if hit.kind == "private-key"]
    assert [text[hit.start : hit.end] for hit in hits] == [drawn(44)] * found


def test_the_address_of_a_service_of_the_machine_itself_is_less_sure() -> None:
    assert [hit.confidence for hit in find("url: postgres://app:hunter2@localhost:5432/a\n")] == ["low"]
    assert [hit.confidence for hit in find("url: postgres://app:hunter2@localhost.example.com/a\n")] == ["medium"]


@pytest.mark.parametrize(("value", "confidence"), [("postgres", "low"), ("12345678", "low"), ("tiger7Lake", "medium")])
def test_what_a_pipeline_gives_a_service_of_its_tests_is_less_sure(value: str, confidence: str) -> None:
    text = f"POSTGRES_PASSWORD: {value}\n"
    assert [hit.confidence for hit in find(text, path=".github/workflows/ci.yml")] == [confidence]
    assert [hit.confidence for hit in find(text, path="deploy/ci.yml")] == ["medium"]


def test_a_password_with_spaces_that_is_no_sentence_is_found() -> None:
    assert find("password: 'tiger 7 Lake'\n") != []
    assert judge_assignment("PASSWORD", "correct horse battery") is not None


def test_a_hash_of_a_password_is_told_as_such_and_low() -> None:
    text = "admin.password: $2a$10$" + drawn(53) + "\n"
    (hit,) = find(text)
    assert (hit.title, hit.confidence) == ("hash of a password", "low")


# --- by randomness ---------------------------------------------------------------------------------------


def test_a_value_that_looks_like_a_key_is_a_guess_whatever_its_name() -> None:
    text = f"something: {drawn(64)}\n"
    (hit,) = find(text)
    assert (hit.kind, hit.confidence, text[hit.start : hit.end]) == ("random-value", "low", drawn(64))


@pytest.mark.parametrize(
    "text",
    [
        f"checksum: {drawn(64)}\n",
        f"something: {drawn(64, HEX)}\n",
        f"caBundle: {drawn(100)}\n",
        f"arn: arn:aws:x:y:1:role/A-{drawn(12)}-{drawn(12)}-{drawn(12)}\n",
        f"{drawn(64)}\n",
        "path: /usr/lib/Some/Long/Path/To/A/File1/In/A/Deep/Folder2\n",
        "alphabet: ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\n",
        "className: AbstractSingletonProxyFactoryBean2ConfigurationSupport\n",
        f"minisign: RW{drawn(54)}\n",
    ],
)
def test_random_values_that_are_public_are_none(text: str) -> None:
    assert find(text) == []


# --- one variable ----------------------------------------------------------------------------------------


def test_an_assignment_is_judged_by_name_and_value() -> None:
    hit = judge_assignment("DB_PASSWORD", "hunter2")
    assert hit is not None
    assert (hit.kind, hit.start, hit.end, hit.line, hit.confidence) == ("password", 0, 7, 1, "medium")
    assert judge_assignment("DB_USER", "hunter2") is None
    assert judge_assignment("DB_PASSWORD", "") is None
    assert judge_assignment("DB_PASSWORD", "${DB_PASSWORD}") is None
    assert judge_assignment("DB_PASSWORD_FILE", "/run/secrets/db") is None
    assert judge_assignment("PASSWORD", "!Str0ng*") is not None


def test_an_assignment_is_judged_by_form_whatever_its_name() -> None:
    token = TOKENS["github-token"]
    hit = judge_assignment("X", f"prefix {token}")
    assert hit is not None
    assert (hit.kind, hit.start, hit.end) == ("github-token", 7, 7 + len(token))
    address = judge_assignment("DATABASE_URL", "mysql://root:hunter2@db/x")
    assert address is not None
    assert address.kind == "database-url"


def test_a_key_of_32_hexadecimal_digits_is_one_and_a_uuid_is_none() -> None:
    """Datadog, Mailgun, Twilio and others give keys of that form."""
    assert [hit.kind for hit in find("DD_API_KEY=7c1e09ab44f2d8830b6f5512c9ae77d1\n")] == ["key"]
    assert find("DD_API_KEY=7c1e09ab-44f2-d883-0b6f-5512c9ae77d1\n") == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("P: ${DB_PASSWORD:?required}", []),
        ("P: ${DB_PASSWORD:+x1y2z3}", []),
        ("P: ${DB_PASSWORD:-}", []),
        ("P: ${DB_PASSWORD:-hunter22x}", ["hunter22x"]),
        ("echo ${DB_PASSWORD:=hunter22x} y", ["hunter22x"]),
    ],
)
def test_of_a_variable_the_default_is_a_secret_and_the_message_is_none(text: str, values: list[str]) -> None:
    assert [text[hit.start : hit.end] for hit in find(text)] == values


def test_a_password_in_the_settings_of_a_connection_is_masked_whole() -> None:
    text = 'conn: "Server=db;User Id=sa;Password=Tr0ub4dor&3,x;Database=x"\n'
    assert [text[hit.start : hit.end] for hit in find(text)] == ["Tr0ub4dor&3,x"]


def test_an_amazon_secret_key_is_named_as_such() -> None:
    hit = judge_assignment("AWS_SECRET_ACCESS_KEY", drawn(40))
    assert hit is not None
    assert (hit.kind, hit.confidence) == ("aws-secret-key", "high")
    assert judge_assignment("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY") is None


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD",
        "db_password",
        "dbPassword",
        "MYSQL_ROOT_PASSWORD",
        "PGPASSWORD",
        "ROOT_PW",
        "DB_PASS",
        "password2",
        "api-key",
        "apiKey",
        "SECRET_KEY",
        "SECRET_KEY_BASE",
        "GITHUB_TOKEN",
        "client.secret",
        "AWS_SECRET_ACCESS_KEY",
        "signingKey",
        "ENCRYPTION_KEY",
    ],
)
def test_names_of_secrets_are_known_in_every_style(name: str) -> None:
    assert looks_like_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "USER",
        "PASSWORD_FILE",
        "PASSWORD_MIN_LENGTH",
        "passwordPolicy",
        "TOKEN_URL",
        "tokenTTL",
        "secretName",
        "topologyKey",
        "publicKey",
        "KEY",
        "monkey",
        "compass",
        "bypass",
        "proxy_pass",
        "AWS_ACCESS_KEY_ID",
        "maxTokens",
        "tokenizer",
        "nextToken",
        "PWD",
        "",
        "x" * 500 + "password",
    ],
)
def test_names_of_other_things_are_not(name: str) -> None:
    assert not looks_like_secret_name(name)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("aHVudGVyMg==", "hunter2"),
        ("aHVu\n  dGVyMg==\n", "hunter2"),
        ("", ""),
        ("/+8=", None),
        ("no base64!", None),
        ("a", None),
    ],
)
def test_data_of_a_secret_is_decoded_where_it_is_text(value: str, text: str | None) -> None:
    assert decode_secret_data(value) == text


# --- nothing is shown ----------------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=60))
def test_a_redacted_secret_shows_at_most_four_characters(value: str) -> None:
    shown = redact(value)
    beginning, _, rest = shown.rpartition("… (")
    assert rest == f"{len(value)} characters)"
    assert value.startswith(beginning)
    assert len(beginning) <= min(4, len(value) // 5)


def test_no_hit_holds_its_secret() -> None:
    text = "\n".join([*TOKENS.values(), "password: hunter2hunter3", private_key()])
    for hit in find(text):
        assert text[hit.start : hit.end][5:] not in repr(hit)


# --- hostile texts ---------------------------------------------------------------------------------------------


def test_hits_are_in_order_without_overlap_and_their_lines_are_true() -> None:
    text = "\n\n".join([*TOKENS.values(), *(f"password: hunter{number}" for number in range(9)), ""]) * 2
    hits = find(text)
    assert len(hits) == 2 * len(TOKENS) + 18
    for before, after in pairwise(hits):
        assert before.end <= after.start
    assert all(hit.line == text[: hit.start].count("\n") + 1 for hit in hits)


def test_offsets_hold_in_texts_whose_small_letters_are_longer() -> None:
    text = "# İİİİ ẞ ὈΔΥΣΣΕΎΣ\nPASSWORD: hunter2\n"
    assert only(find(text), text) == ("password", "hunter2")


def test_the_number_of_hits_is_bounded() -> None:
    text = "password: hunter2\n" * (limits.SECRETS_PER_FILE + 100)
    assert len(find(text)) == limits.SECRETS_PER_FILE


HOSTILE = {
    "marks": "eyJ-eyJ_" * 125_000,
    "one line of settings": "password=" * 110_000,
    "quotes": 'password: "' * 90_000,
    "addresses": "://a:" * 200_000,
    "one address": "://" + "a" * 1_000_000,
    "begin lines": "-----BEGIN PRIVATE KEY-----\n" * 37_000,
    "keys without end": ("-----BEGIN PRIVATE KEY-----" + "A" * 64 + "\n") * 11_000,
    "names": "- name: PASSWORD\n" * 60_000,
    "spaces": "password" + " " * 1_000_000,
    "pairs": ("password" + " " * 80 + "\n" + " " * 80) * 6_000,
    "base64": "LS0tLS1CRUdJTi" * 70_000,
    "dots": "a." * 500_000,
    "dashes": "sk-" * 333_000,
    "schemas": "\nkind: CustomResourceDefinition\n---" * 28_000,
    "backslashes": "password=\\" * 100_000,
    "brackets": "{[(" * 300_000 + "password:x",
    "logins": '.dockerconfigjson: ' * 50_000,
    "one word": "aB3" * 333_000,
    "same token": ("hf_" + "aBcDeFgHiJ" * 3 + "kLmN" + " ") * 26_000,
}  # fmt: skip


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_megabyte_of_anything_is_read_in_a_second(name: str) -> None:
    started = time.process_time()
    find(HOSTILE[name])
    assert time.process_time() - started < 1.0


SCRAPS = [
    "password",
    "token",
    "name",
    "value",
    "x",
    ": ",
    "=",
    "://",
    "@",
    "--",
    "#",
    '"',
    "'",
    "\n",
    "\r\n",
    "\\n",
    "\\",
]
SCRAPS += ["{", "}", ",", " ", "İ", "\0", "---\n", "kind: CustomResourceDefinition", "-----BEGIN PRIVATE KEY-----"]


@given(st.lists(st.sampled_from([*TOKENS.values(), *SCRAPS]), max_size=30).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_hits_inside_of_it(text: str) -> None:
    hits = find(text)
    for hit in hits:
        assert 0 <= hit.start < hit.end <= len(text)
        assert hit.line == text[: hit.start].count("\n") + 1
    for before, after in pairwise(hits):
        assert before.end <= after.start


# --- real files ----------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_real_manifests_hold_the_secrets_that_a_person_counted(shared_manifests: Path) -> None:
    counted: dict[str, int] = {}
    for path in sorted(shared_manifests.rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".yml"):
            for hit in find(path.read_text("utf-8"), path=str(path.relative_to(shared_manifests))):
                counted[hit.kind] = counted.get(hit.kind, 0) + 1
    assert counted == {"password": 59, "private-key": 3, "database-url": 2, "key": 2, "token": 1}


@pytest.mark.parametrize("length", [54, 55, 57, 63, 70])
def test_a_private_key_in_base64_that_is_cut_off(length: int) -> None:
    text = (
        "tls.key: "
        + base64.b64encode(b"-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0Z3V").decode()[:length]
        + "...\n"
    )
    assert [one.kind for one in find(text)] == ["private-key"]


TOKEN = "ghp_" + "x9Kd72LmQpZ4vRt8Yw1n" + "Bc5HsJf3GaEu6oTi"


@pytest.mark.parametrize("part", ["user:hunter2pass@tcp(", "https://a:hunter2pass@b,", f"{TOKEN},"])
def test_a_word_that_is_full_of_secrets_is_searched_in_one_go(part: str) -> None:
    """Not once more from its beginning for each of them, which took minutes for a file of a few megabytes."""
    assert len(find(part * (400_000 // len(part)))) == limits.SECRETS_PER_FILE


def test_passwords_beside_sealed_data_are_looked_at_once() -> None:
    text = (
        "kind: SealedSecret\nencryptedData: {}\n"
        + "mysql -phunter2pass PGPASSWORD=hunter3pass psql encryptedData x\n" * 8_000
    )
    assert len(find(text)) == limits.SECRETS_PER_FILE
