"""Secrets known by what surrounds them: private keys, credentials in addresses, registry logins."""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterator
from typing import Final

from batten import limits
from batten.detect.secret_formats import Found
from batten.detect.secret_values import Confidence, decoded, is_random, is_reference, is_stand_in
from batten.pattern import pattern

# --- private keys: RFC 7468, OpenSSH's and OpenPGP's armour ------------------------------------------

_BEGIN: Final = pattern(r"-----BEGIN ((?:[A-Z0-9]{1,12} ){0,3})PRIVATE KEY(?: BLOCK)?-----")
# Between the lines of a key stand spaces and line ends, written out in JSON; armour has header lines.
_BODY: Final = pattern(r"(?:\s|\\[nr]|\\\\n|[A-Z][A-Za-z-]{1,20}: [^\n\\]{0,80}|[#>|,\"'+*]){0,400}+[A-Za-z0-9+/]{40}")
_END: Final = "-----END "
_ENCODED_PEM: Final = pattern(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{40,}+={0,2}")

# --- addresses: RFC 3986 section 3.2.1 -----------------------------------------------------------------

_ADDRESS: Final = pattern(r"://([^\s:/?#@\"'<>\\`]{0,128}):([^\s/?#@\"'<>\\`]{1,256})@([\w.${\[-])")
_SCHEME: Final = pattern(r"[a-z][a-z0-9+.-]{0,30}$", re.IGNORECASE)
_DATABASES: Final = frozenset(
    {
        "postgres",
        "postgresql",
        "mysql",
        "mysql2",
        "mariadb",
        "mongodb",
        "mongodb+srv",
        "redis",
        "rediss",
        "amqp",
        "amqps",
    }
    | {
        "mssql",
        "sqlserver",
        "oracle",
        "clickhouse",
        "cockroachdb",
        "cassandra",
        "couchdb",
        "neo4j",
        "bolt",
        "nats",
        "ldap",
    }
)
_PLAIN_DSN: Final = pattern(r"(?<![\w.-])[\w.-]{1,64}:([^\s@:/\"']{1,128})@(?:tcp|unix)\(")  # Go's MySQL driver
_LOCAL: Final = pattern(r"(?:localhost|127\.0\.0\.1)(?![\w.-])")
_JWK_TYPE: Final = pattern(r"\"kty\"\s{0,8}:\s{0,8}\"(RSA|EC|OKP|oct)\"")
_JWK_PRIVATE: Final = pattern(r"\"([dk])\"\s{0,8}:\s{0,8}\"([A-Za-z0-9_-]{16,4096})\"")
_JWK_SPAN: Final = 4096
"""Characters around a parameter of a key in which its type stands."""
_NOBODY: Final = frozenset({"user", "username", "usr", "foo", "login", "name", "myuser", "<user>"})
_NOTHING: Final = frozenset({"pass", "password", "passwd", "pwd", "pw", "bar", "mypass", "mypassword", "p", "token"})

# --- logins of a container registry: config.json of the docker command line ---------------------------

_LOGIN: Final = pattern(r"\"auth\\?\"\s{0,8}:\s{0,8}\\?\"([A-Za-z0-9+/]{8,512}={0,2})\\?\"")
_ENCODED_LOGIN: Final = pattern(r"\.docker(?:cfg|configjson)\"?\s{0,8}:\s{0,8}\"?([A-Za-z0-9+/]{16,65536}={0,2})")


def private_keys(text: str) -> Iterator[Found]:
    """Blocks between their BEGIN and END lines."""
    position = 0
    for _ in range(limits.SECRETS_PER_FILE):
        begin = text.find("-----BEGIN ", position)
        if begin < 0:
            return
        position = begin + 11
        header = _BEGIN.match(text, begin)
        if header is None or not _BODY.match(text, header.end()):
            continue
        end = text.find(_END, header.end(), begin + limits.SECRET_BLOCK_CHARACTERS)
        stop = header.end() if end < 0 else text.find("-----", end + len(_END), end + 80) + 5
        encrypted = "ENCRYPTED" in header[1] or "4,ENCRYPTED" in text[header.end() : header.end() + 80]
        what = "encrypted private key" if encrypted else "private key"
        position = max(stop, header.end())
        yield Found(begin, position, "private-key", what, "medium" if encrypted else "high")


def encoded_private_keys(text: str) -> Iterator[Found]:
    """Private keys in base64, as in the data of a Kubernetes Secret or in `client-key-data`."""
    for match in _ENCODED_PEM.finditer(text) if "LS0tLS1CRUdJTi" in text else ():
        begin = a2b_base64(match[0][:52])  # whole bytes, however it was cut
        if b"PRIVATE KEY" in begin:
            yield Found(match.start(), match.end(), "private-key", "private key in base64", "high")


def web_keys(text: str) -> Iterator[Found]:
    """Private keys as JSON (RFC 7517): the parameter `d` of a mapping that names its type; `k` of a symmetric one."""
    for match in _JWK_PRIVATE.finditer(text):
        around = text[max(0, match.start() - _JWK_SPAN) : match.end() + _JWK_SPAN]
        kind = _JWK_TYPE.search(around)
        if kind is not None and (kind[1] == "oct") == (match[1] == "k"):
            yield Found(match.start(2), match.end(2), "private-key", "private key (JSON Web Key)", "high")


def is_web_key_parameter(text: str, name: str, start: int) -> bool:
    """Does the public parameter `name` of a JSON Web Key stand at `start`?"""
    around = text[max(0, start - _JWK_SPAN) : start + _JWK_SPAN]
    return name in ("n", "x", "y", "kid", "x5t", "x5t#S256") and _JWK_TYPE.search(around) is not None


def addresses(text: str) -> Iterator[Found]:
    """Passwords in addresses, `scheme://user:password@host`."""
    for match in _ADDRESS.finditer(text) if "@" in text else ():
        confidence = _password_in_address(match[1], match[2])
        # `docker://alpine:3.20@sha256:…` is a tag and a digest
        if confidence is None or text.startswith("sha256:", match.start(3)):
            continue
        if confidence == "medium" and _LOCAL.match(text, match.start(3)):
            confidence = "low"  # what a test or a developer's machine starts for itself
        scheme = _SCHEME.search(text, max(0, match.start() - 31), match.start())
        is_database = scheme is not None and scheme[0].lower().removeprefix("jdbc:") in _DATABASES
        kind, title = (
            ("database-url", "password in a database address")
            if is_database
            else (
                "url-password",
                "password in an address",
            )
        )
        yield Found(match.start(2), match.end(2), kind, title, confidence)
    for match in _PLAIN_DSN.finditer(text) if "@tcp(" in text or "@unix(" in text else ():
        confidence = _password_in_address("", match[1])
        if confidence is not None:
            yield Found(match.start(1), match.end(1), "database-url", "password in a database address", confidence)


def _password_in_address(user: str, password: str) -> Confidence | None:
    if is_reference(password) or is_stand_in(password) or is_reference(user) or "*" in password:
        return None
    if user.lower() in _NOBODY and password.lower() in _NOTHING:
        return None
    if password.startswith(("$", "%", "{", "[", "(", "<")) or password.endswith((")", "}", "]", ">")):
        return None
    return "high" if is_random(password) else "medium"


def registry_logins(text: str) -> Iterator[Found]:
    """`auth` fields of a registry configuration, and such a configuration as a whole in base64."""
    for match in _LOGIN.finditer(text) if '"auth' in text else ():
        login = decoded(match[1])
        if login and ":" in login and login.isprintable() and not is_stand_in(login.partition(":")[2]):
            yield Found(match.start(1), match.end(1), "registry-login", "login of a container registry", "high")
    for match in _ENCODED_LOGIN.finditer(text) if ".dockerc" in text else ():
        configuration = decoded(match[1])
        if configuration and ('"auth"' in configuration or '"password"' in configuration):
            yield Found(match.start(1), match.end(1), "registry-login", "logins of container registries", "high")
