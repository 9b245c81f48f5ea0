"""Addresses without what lets their holder in: users and passwords, signatures, tokens, keys."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote_plus

from batten.pattern import pattern

MASK: Final = "…"
"""Stands in place of what is not shown; in no address that works."""

# RFC 3986, section 3.2.1. A password that is not encoded as it should be may hold `/`, `?` or `#` itself: where no `@`
# stands before those and what follows the colon is no port, all up to the last `@` is taken for a part of it.
_USER: Final = pattern(
    r"(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]*://)"
    r"(?:[^\s/?#]*|[^\s/?#:@\[]*:(?![0-9]{0,5}(?:[/?#\s]|\Z))[^\s]*)@"
)
# `user:password@registry.example/web:1`; not `web:1@sha256:…`, which no path follows
_LOGIN: Final = pattern(r"\A[^\s/@:]+:(?!//)[^\s@]*@(?=[^\s/@]+/)")
_PARAMETER: Final = pattern(r"([?&;#])([^\s?&;#=]+)=([^\s&;#\"'<>]+)")
_SECRET: Final = pattern(
    r"token|secret|passw|passphrase|\bpwd\b|\bpass\b|credential|session|\bauth|\bjwt\b|bearer|\bkey\b|keyid|[a-z]key\b"
    r"|\bsig\b|signature|\bsas\b|\bcode\b|accessid|user"
)


def without_credentials(text: str) -> str:
    """`text` with every address in it masked: its user information, and the values of parameters of its query or
    fragment that are named as tokens, signatures, passwords or keys are. What has none is given back as it is."""
    if "@" in text:
        text = _LOGIN.sub(f"{MASK}@", _USER.sub(rf"\1{MASK}@", text))
    if "=" in text:
        text = _PARAMETER.sub(lambda one: f"{one[1]}{one[2]}={MASK}" if _is_secret(one[2]) else one[0], text)
    return text


def is_masked(address: str) -> bool:
    """Whether something of `address` was taken away: it cannot be asked as it is."""
    return MASK in address


def _is_secret(name: str) -> bool:
    plain = unquote_plus(name[:200]).lower()
    return _SECRET.search(plain.replace("_", " ").replace("-", " ").replace(".", " ")) is not None
