"""Is a value that stands under the name of a secret one? The judgement behind `password: hunter2`.

A false alarm costs more than a miss: what refers to a secret (a path, a variable, a name of a
Secret), what describes one (`passwordPolicy`, `tokenUrl`) and what stands for one (`<your-key>`)
are no secrets. A default that is really used (`POSTGRES_PASSWORD: postgres`) is one.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from math import log2
from typing import Final, Literal

from batten.detect.secret_names import Name, name_kind, word_set
from batten.pattern import pattern

Confidence = Literal["high", "medium", "low"]


def decoded(text: str) -> str | None:
    """What `text` is in base64 of either alphabet, padded or not; None where that is no UTF-8 text."""
    try:
        plain = text.rstrip("=").replace("-", "+").replace("_", "/")
        return a2b_base64(plain + "=" * (-len(plain) % 4), strict_mode=True).decode("utf-8")
    except ValueError:  # binascii.Error and UnicodeDecodeError are both
        return None


_REFERENCE: Final = pattern(
    r"""
    \$\{|\$\(|\{\{|\}\}|<%|%>|\{%|\[\[                 # templates and substitutions
    | ^\$\w | ^\$\$ | ^%\w+%$ | ^%[(sd]                  # $VARIABLE, %VARIABLE%, %(name)s
    | ^<.*>$ | ^\[.*\]$ | ^\{.*\}?$ | ^\(.*\)$          # <placeholder>, lists, objects
    | ^__.*__$ | ^@.*@$ | ^%%.*%%$ | ^\#                # __REPLACED__, @replaced@
    | ^\.{0,2}/ | ^~/ | ^[a-z]:[\\/]                    # paths
    | ^[a-z][a-z0-9+.-]*://                             # addresses; credentials in them are found by form
    | ^(?:vault|op|sm|ssm|awssm|gcpsm|akv|env|file|secret|secretref|valuefrom|ref|configmap|keyvault|aws|k8s)[:+]
    | ^arn:aws | ^projects/[^/]+/secrets | ^@microsoft\.keyvault | ^enc\[ | ^resolve:
    | ^os\.environ[./]\w
    | ^(?:var|local|module|data|each|secrets|env|process\.env|inputs|params|steps|self|this|config)\.[\w.]
    | ^[\w.]{1,80}[(\[]                                 # calls and look-ups in code
    """,
    re.VERBOSE,  # of text in small letters: ignoring the case takes twice as long to compile
)
# A hash of a password, as crypt(5) writes it.
_HASH: Final = pattern(r"\$(?:2[abxy]?|1|5|6|7|y|apr1|argon2\w{0,2}|pbkdf2[\w-]{0,10}|scram-sha-\d+)\$", re.IGNORECASE)
_STAND_IN: Final = pattern(
    r"example|placeholder|sample|\byour|^your|\byou_|replace|insert|\btodo\b|fixme"
    r"|dummy|\bfake|redacted|masked|omitted|removed|[-_ ]here\b|tbd\b|x{4,}|\*{3,}|\.{3}|…|_{4,}|-{4,}"
    r"|not[-_ ]?(?:set|used|needed|real)|generated?\b|^(?:some|any|the|an?)[-_ ]"
)
_REAL_EXAMPLE: Final = pattern(r"example_?\d{1,4}!?")  # what rules on passwords make of the word
_MINE: Final = pattern(r"my[-_ ]?(?:super)?[-_ ]?(?:token|api|key|secret)", re.IGNORECASE)
# Types, switches and words that only say that there is a value.
_WORDS_FOR_NOTHING: Final = word_set(
    """true false yes no on off y n null none nil undefined nan ~ - n/a auto prompt external empty
    string str text bool boolean int integer number float object array list map bytes byte any type
    required optional disabled enabled enable disable unset hidden file env default value
    always never on_create on-create allow deny"""
)
# What is looked up under the name of a secret rather than being one.
_LOOKUP_ENDINGS: Final = ("ref", "key", "name", "file", "path", "_password", "-password", "_token", "-token")
_DEFAULTS: Final = pattern(r"change[-_ ]?(?:me|it|this)|p[a@]ssw[o0]rd|secret|admin|^root$|^test", re.IGNORECASE)
_NAME_LIKE: Final = pattern(r"(?:[A-Za-z]+\d{0,4}|\d{1,4})(?:[-_./:@ ,]+(?:[A-Za-z]+\d{0,4}|\d{1,4}))*+[-_./:]?")
_DOTTED: Final = pattern(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)++")
_ALPHABET: Final = pattern(r"abcdefgh|12345678|qrstuvwx", re.IGNORECASE)
_UUID: Final = pattern(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_ALL_CAPS: Final = pattern(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_BASE64: Final = pattern(r"[A-Za-z0-9+/_-]+={0,2}")
_HEXADECIMAL: Final = pattern(r"[0-9a-f-]+", re.IGNORECASE)
_PRINTABLE: Final = pattern(r"[!-~]+")

_DATE: Final = pattern(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_FRACTION: Final = pattern(r"[+-]?\d*(?:\.\d+(?:[eE][+-]?\d+)?|\d\.?[eE][+-]?\d+)")
"""What something costs or weighs: `output_cost_per_token: 1.25e-07`."""
_PUBLIC_KEY: Final = pattern(r"RW(?!RTY0Iy)[A-Za-z0-9+/]{54}")
"""minisign's: `RW`, the number of the key and the key, 42 bytes; a secret one is longer."""
_PHRASE: Final = pattern(r"[^\W\d_]+(?:[ .,:;!?'\u2019\u2026()/-]+[^\W\d_]+)*[ .:!?\u2026]*")
"""Words between spaces and the marks of a sentence."""

_MAXIMUM: Final = 1024
"""A longer value is a document, not a secret; keys in documents are found by their form."""


def is_reference(value: str) -> bool:
    """Does the value say where the secret is, or that something else is to be put in its place?"""
    if value.startswith(("/", "{{")):
        return True
    if value.replace("-", "0").isalnum():
        return False  # most words and tokens: every sign of a reference has another character
    return bool(_REFERENCE.search(value.lower())) and not _is_hash(value)


def _is_hash(value: str) -> bool:
    return value.startswith("$") and _HASH.match(value) is not None


def is_stand_in(value: str) -> bool:
    """Is the value a word for a secret rather than one?"""
    lowered = value.lower()
    if not lowered or lowered in _WORDS_FOR_NOTHING or len(set(lowered)) < 3:
        return True
    return _STAND_IN.search(lowered) is not None and not _REAL_EXAMPLE.fullmatch(lowered)


def is_prose(value: str) -> bool:
    """Is the value what a program says to people: words with spaces between them, or in another script than Latin?

    Of settings in files only: somebody's variable may well hold a pass phrase.
    """
    if len(value) > _MAXIMUM:
        return False
    if not value.isascii() and any(character.isalpha() and character > "\u024f" for character in value):
        return True
    return value[:1].isalnum() and " " in value.strip() and _PHRASE.fullmatch(value) is not None


def entropy(value: str) -> float:
    """Shannon's entropy in bits for each character."""
    length = len(value)
    counts = [value.count(character) for character in set(value)]
    return -sum(count / length * log2(count / length) for count in counts)


def is_uuid(value: str) -> bool:
    """Is the value a UUID? It names an object more often than it is a token."""
    return _UUID.fullmatch(value) is not None


def is_random(value: str) -> bool:
    """Does the value look drawn by a machine? At least 16 characters, letters and digits mixed, no words."""
    if not 16 <= len(value) <= _MAXIMUM or not _PRINTABLE.fullmatch(value) or _UUID.fullmatch(value):
        return False
    has_digit = any(character.isdigit() for character in value)
    has_letter = any(character.isalpha() for character in value)
    if not (has_digit and has_letter) or _NAME_LIKE.fullmatch(value) or _ALPHABET.search(value):
        return False
    # The entropy of n drawn characters is below log2(n); two thirds of it are left to chance.
    return entropy(value) >= min(3.5, 0.8 * log2(len(value)))


# What files begin with whose bytes are no secret: certificates, images, archives, fonts, public keys (SSH).
_MAGIC: Final = ("MII", "LS0t", "iVBORw", "/9j/", "R0lGOD", "UklGR", "PHN2Z", "PD94b", "H4sI", "UEsDB", "d09G", "AAAA")


def is_key_material(value: str) -> bool:
    """Is a value, whatever it is called, so random that hardly anything but a key is?

    32 to 128 characters of base64 in small and capital letters and digits, of at least 4.5 bits
    each, and no text or well-known file when decoded.
    """
    if not 32 <= len(value) <= 128 or not _BASE64.fullmatch(value) or value.startswith(_MAGIC):
        return False
    if _PUBLIC_KEY.fullmatch(value):
        return False
    digits = sum(character.isdigit() for character in value)
    capitals = sum(character.isupper() for character in value)
    # Of drawn characters a sixth are digits, two fifths capitals; names of classes have far less.
    if digits < len(value) // 16 or not len(value) // 6 <= capitals <= 2 * len(value) // 3:
        return False
    # Paths and names have separators every few characters.
    if value.count("-") + value.count("/") + value.count("_") > len(value) // 10 or _ALPHABET.search(value):
        return False
    return entropy(value) >= 4.5 and decoded(value) is None and not is_stand_in(value)


def judge_value(kind: Name, name: str, value: str) -> Confidence | None:
    """How sure it is that `value`, which stands under a name of this kind, is a secret; None: it is none.

    Text in base64 (the data of a Kubernetes Secret) is judged as what it says.
    """
    plain = decoded(value) if len(value) % 4 == 0 and len(value) >= 4 and _BASE64.fullmatch(value) else None
    if plain and plain.isprintable() and plain.isascii():
        value = plain
    if not value or len(value) > _MAXIMUM or is_reference(value) or is_stand_in(value) or _DATE.fullmatch(value):
        return None
    if _is_hash(value):
        return "low"  # not the password, but what a guess is tried against
    lowered = value.lower()
    if lowered == name.lower() and kind == "secret":
        return None
    if _ALL_CAPS.fullmatch(value) and name_kind(value):  # the name of another variable
        return None
    if kind == "secret" and ((_DOTTED.fullmatch(value) and len(value) < 64) or _FRACTION.fullmatch(value)):
        return None
    if value.startswith("Ag") and len(value) > 200:  # a SealedSecret can be read by the cluster alone
        return None
    random = is_random(value)
    if kind == "password":
        return _judge_password(value, random)
    if random:
        # Digests and identifiers are hexadecimal too.
        return "medium" if len(value) < 20 or _HEXADECIMAL.fullmatch(value) else "high"
    if _UUID.fullmatch(value) or not _PRINTABLE.fullmatch(value):
        return None
    if len(value) < 8 or _MINE.match(value):
        return None
    if not _NAME_LIKE.fullmatch(value) and any(character.isdigit() for character in value) and entropy(value) > 2.5:
        return "medium"
    # Words are what objects are called by; a known default without a hyphen is nobody's name.
    return "low" if _DEFAULTS.match(value) and "-" not in value and "_" not in value else None


def _judge_password(value: str, random: bool) -> Confidence | None:
    if random:
        return "high"
    if " " in value.strip() and value.count(" ") > 3:  # a sentence about a password
        return None
    if value.isdigit():
        return "medium" if len(value) >= 4 else None
    if len(value) < 3 or value.endswith(":"):
        return None
    lowered = value.lower()
    if lowered.endswith(_LOOKUP_ENDINGS) and _NAME_LIKE.fullmatch(value) and not _DEFAULTS.match(value):
        return "low"
    return "medium"
