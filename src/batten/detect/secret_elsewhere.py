"""What looks like a secret and is none: ciphertext that is made to be committed, and references to where a secret is.

SealedSecret (bitnami.com), ExternalSecret (external-secrets.io), SOPS, the injectors of Vault and of cloud stores.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from batten.pattern import pattern

_SEALED_KIND: Final = pattern(r"[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?SealedSecret\b")
_SEALED_DATA: Final = "encryptedData"
_EXTERNAL: Final = "external-secrets.io/"
_SPACES: Final = pattern(" *")

Span = tuple[int, int]
"""Offsets of a part of a text, the end not counted in."""

_KEPT_ELSEWHERE: Final = pattern(
    r"""\s*(?:
    ENC\[ | ENC\([A-Za-z0-9+/=]+\)\s*\Z              # SOPS; Jasypt
    | \$ANSIBLE_VAULT; | -----BEGIN\ (?:AGE\ ENCRYPTED|PGP\ MESSAGE)
    | vault:[\w-] | >>vault: | ref\+[a-z] | secretref[:+] | op://   # bank-vaults, vals and helm-secrets, 1Password
    | (?:sops|awssm|awsssm|gcpsm|gcpsecretmanager|akv|azurekeyvault|keyvault|ssm|doppler|infisical|conjur):[/\w]
    | arn:aws[\w-]*:(?:secretsmanager|ssm): | projects/[^/\s]+/secrets/ | @microsoft\.keyvault\(
    | <path:[^>]+> | \$\{[^}]*\} | \{\{.*\}\}\s*\Z
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def is_elsewhere(value: str) -> bool:
    """Is a value ciphertext, or the place of a secret in a store, rather than the secret?"""
    return _KEPT_ELSEWHERE.match(value) is not None


def sealed(text: str) -> list[Span]:
    """Where the `encryptedData` of SealedSecrets stands, in order. The cluster alone can read it."""
    found: list[Span] = []
    for start, end in _documents(text, _SEALED_DATA):
        block = text.find(_SEALED_DATA, start, end) if _SEALED_KIND.search(text, start, end) else -1
        while block >= 0:
            stop = _end_of_block(text, block, end)
            found.append((block, stop))
            block = text.find(_SEALED_DATA, stop, end)
    return found


def external(text: str) -> list[Span]:
    """The documents of ExternalSecrets, in order: their `secretKey: password` is the name of a key."""
    return _documents(text, _EXTERNAL)


def is_inside(spans: list[Span], position: int) -> bool:
    """Does one of these spans, which stand in order, hold a position?"""
    index = bisect_right(spans, position, key=lambda span: span[0]) - 1
    return index >= 0 and position < spans[index][1]


def _documents(text: str, mark: str) -> list[Span]:
    """The YAML documents that a mark stands in."""
    found: list[Span] = []
    end = 0
    position = text.find(mark)
    while position >= 0:
        start = max(text.rfind("\n---", end, position), end)
        end = text.find("\n---", position)
        end = len(text) if end < 0 else end
        found.append((start, end))
        position = text.find(mark, end)
    return found


def _end_of_block(text: str, block: int, end: int) -> int:
    """Up to where a mapping reaches whose key stands at `block`: a line that is indented no more, or a brace of JSON
    or flow style."""
    begin = text.rfind("\n", 0, block) + 1
    indent = _indent(text, begin)
    at = block
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        line = text[at:stop]
        if at > block and line.strip() and not line.lstrip().startswith("#") and _indent(text, at) <= indent:
            return at
        if "}" in line:
            return at + line.index("}")
        at = stop + 1
    return end


def _indent(text: str, begin: int) -> int:
    found = _SPACES.match(text, begin)
    return 0 if found is None else found.end() - begin
