"""What looks like a secret and is none: ciphertext that is made to be committed, and references to where a secret is.

SealedSecret (bitnami.com), ExternalSecret (external-secrets.io), SOPS, the injectors of Vault and of cloud stores.
"""

from __future__ import annotations

import re
from typing import Final

from batten.pattern import pattern

_SEALED_KIND: Final = pattern(r"[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?SealedSecret\b")
_SEALED_DATA: Final = "encryptedData"
_EXTERNAL: Final = "external-secrets.io/"
_BLOCK_CHARACTERS: Final = 1 << 20  # of a document that are searched for what a value belongs to

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


def is_sealed(text: str, position: int) -> bool:
    """Does what stands at `position` belong to the `encryptedData` of a SealedSecret? The cluster alone can read it."""
    start, end = _document(text, position)
    block = text.rfind(_SEALED_DATA, start, position)
    if block < 0 or not _SEALED_KIND.search(text, start, end):
        return False
    if "}" in text[block:position]:  # JSON and flow style
        return False
    line = text.rfind("\n", 0, block) + 1
    indent = len(text[line:block]) - len(text[line:block].lstrip(" "))
    after = text.find("\n", block, position)
    while after >= 0:
        stop = text.find("\n", after + 1)
        one = text[after + 1 : stop if stop >= 0 else len(text)]
        if one.strip() and not one.lstrip().startswith("#") and len(one) - len(one.lstrip(" ")) <= indent:
            return False
        after = text.find("\n", after + 1, position)
    return True


def is_key_name(text: str, name: str, position: int) -> bool:
    """Is a setting the name of a key in an ExternalSecret, `secretKey: password`?"""
    if name != "secretKey" or _EXTERNAL not in text:
        return False
    return _EXTERNAL in text[slice(*_document(text, position))]


def _document(text: str, position: int) -> tuple[int, int]:
    """The offsets between which the YAML document around `position` stands, as far as is looked."""
    start = max(text.rfind("\n---", max(0, position - _BLOCK_CHARACTERS), position), position - _BLOCK_CHARACTERS, 0)
    end = text.find("\n---", position, position + _BLOCK_CHARACTERS)
    return start, end if end >= 0 else min(len(text), position + _BLOCK_CHARACTERS)
