"""Names of settings and variables: which promise a secret, which a value that looks like one."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

from batten.pattern import pattern

Name = Literal["password", "secret"]
"""`password`: any literal is a secret. `secret`: objects are called so too, the value must look random."""

_WORD: Final = pattern(r"[A-Z]{2,}(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_NAME_CHARACTERS: Final = 128


def word_set(text: str) -> frozenset[str]:
    """The words of a table that is written as text."""
    return frozenset(text.split())


# Last words that say how or whether a value is written, not what it is.
_DECORATION: Final = word_set("value plain plaintext text literal raw base64 b64 default")

_PASSWORD: Final = word_set("password passwd passphrase passcode pwd pw pass requirepass masterauth")
_PASSWORD_ENDINGS: Final = ("password", "passwd", "passphrase")
_NO_PASSWORD: Final = word_set("nopasswd")  # sudoers(5)
_DIRECTORIES: Final = word_set("PWD OLDPWD")  # of every shell
_PASSES_ON: Final = word_set("proxy fastcgi uwsgi scgi grpc memcached on")  # nginx: `proxy_pass`; what to do `on_pass`

_SECRET: Final = word_set("secret token apikey apitoken apisecret")
_SECRET_ENDINGS: Final = ("secret", "token", "apikey", "secretkey", "privatekey", "accesskey", "authkey")
# A Secret that something refers to by its name, and tokens that number pages and requests.
_NO_SECRET: Final = word_set(
    """existing image pull tls ca cert certificate ingress lexer parser stop cancellation max min
    next page pagination starting continue continuation forward backward sequence sync cursor
    change request idempotency import export resume"""
)
# What stands before `key` where the key is a secret; `topologyKey`, `publicKey`, `cacheKey` are none.
_KEYS: Final = word_set(
    """api access secret private encryption encrypt decryption signing sign signature master auth
    authentication account storage shared session cookie app application service license deploy jwt
    hmac aes consumer client webhook unseal ssh tsig integration"""
)

# Names whose long random values are public: what a content hashes to, who somebody is, what is signed.
_PUBLIC: Final = word_set(
    """sha digest checksum hash integrity fingerprint thumbprint commit revision rev ref etag sum md
    cert certificate crt ca bundle public pub signature sig jwks id uid uuid guid arn nonce
    image logo icon version url uri path file name content label annotation encrypted sealed
    next page continuation cursor starting"""
)


def words(name: str) -> list[str]:
    """The words of a name in any style: `dbPassword`, `DB_PASSWORD` and `db-password` are the same two."""
    return [word.lower() for word in _WORD.findall(name)]


@lru_cache(maxsize=4096)
def name_kind(name: str) -> Name | None:
    """What the name of a setting or variable says of its value; None: nothing secret.

    The last word decides: `passwordPolicy`, `TOKEN_URL` and `PASSWORD_FILE` describe a secret.
    """
    if len(name) > _NAME_CHARACTERS or name in _DIRECTORIES:
        return None
    parts = words(name)
    while parts and (parts[-1].isdigit() or parts[-1] in _DECORATION):
        parts.pop()
    if not parts:
        return None
    last, before = parts[-1], parts[-2] if len(parts) > 1 else ""
    if last in _PASSWORD or (last.endswith(_PASSWORD_ENDINGS) and last not in _NO_PASSWORD):
        return None if before in _PASSES_ON else "password"
    if last in _SECRET or last.endswith(_SECRET_ENDINGS):
        # `PublicKeyToken` of .NET, `NEXT_PUBLIC_API_TOKEN`: what everybody may know
        return None if before in _NO_SECRET or "public" in parts else "secret"
    if last == "key" and before in _KEYS:
        return "secret"
    if last == "base" and parts[-3:-1] == ["secret", "key"]:  # Rails: SECRET_KEY_BASE
        return "secret"
    return None


def is_public_name(name: str) -> bool:
    """Does the name promise a random value that is no secret?"""
    return not _PUBLIC.isdisjoint(words(name))
