"""PowerShell in a build: what it downloads and runs, and the verifications that it switches off.

No grammar reads PowerShell here: the few forms that installers use are looked for in the text, each inside of one
statement. Offsets are those of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from batten.limits import SHELL_TEXT
from batten.pattern import pattern

_DOWNLOADER: Final = r"(?:\biwr\b|\birm\b|\binvoke-webrequest\b|\binvoke-restmethod\b|\.downloadstring\s{0,4}\()"
_RUNNER: Final = r"(?:\biex\b|\binvoke-expression\b|\[scriptblock\]::create\s{0,4}\()"
_STATEMENT: Final = r"[^;\n]{0,600}?"
# `iex (irm …)`, `iex ((New-Object Net.WebClient).DownloadString('…'))`, `irm … | iex`
_RUN_AT_ONCE: Final = pattern(
    rf"{_RUNNER}{_STATEMENT}{_DOWNLOADER}|{_DOWNLOADER}{_STATEMENT}\|\s{{0,8}}{_RUNNER}", re.IGNORECASE
)
# `$script = irm …; iex $script`
_KEPT_IN_VARIABLE: Final = pattern(rf"(\$\w{{1,64}})\s{{0,4}}=\s{{0,4}}{_STATEMENT}{_DOWNLOADER}", re.IGNORECASE)
_OUT_FILE: Final = pattern(
    r"\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|start-bitstransfer|curl(?:\.exe)?|wget)\b[^;\n]{0,600}?"
    r"\s-(?:o|out|outfile|output|destination)[ :]\s{0,4}(?:'([^'\n]{1,256})'|\"([^\"\n]{1,256})\"|([^\s;'\"]{1,256}))"
    r"|\.downloadfile\s{0,4}\([^,;\n]{1,600},\s{0,4}['\"]([^'\"\n]{1,256})['\"]",
    re.IGNORECASE,
)
_ADDRESS: Final = pattern(r"\bhttps?://([^\s'\")|;]{1,512})", re.IGNORECASE)
_RUNNABLE: Final = (".exe", ".msi", ".ps1", ".bat", ".cmd", ".msu")
_VERIFIED: Final = pattern(
    r"\bget-filehash\b|\bget-authenticodesignature\b|\bcertutil\b[^;\n]{0,80}-hashfile", re.IGNORECASE
)
_SWITCHED_OFF: Final = pattern(
    r"(?<![\w-])(-SkipCertificateCheck|-SkipPublisherCheck|--ignore-checksums?)(?![\w:-])"
    r"|(ServerCertificateValidationCallback\s{0,4}=\s{0,4}\{\s{0,4}(?:return\s{1,4})?\$true\s{0,4}\})"
    r"|\b(TrustAllCertsPolicy)\b",
    re.IGNORECASE,
)
# its own name, and what no other shell knows: the base image may have made it the shell
_ITSELF: Final = ("powershell", "pwsh", "invoke-webrequest", "invoke-restmethod", "invoke-expression", "net.webclient")
_SHOWN: Final = 60
# files and variables of one script that are followed, and how many characters on: more is no build step
_NAMES: Final = 40
_REACH: Final = 20_000


class Unseen(Struct, frozen=True):
    """A download that is run unseen, between two offsets; `path`: the file that is kept between, "" for none."""

    start: int
    end: int
    path: str = ""
    addresses: str = ""
    """What is downloaded, without schemes, in order."""


class SwitchedOff(Struct, frozen=True):
    """A verification that is switched off, between two offsets."""

    text: str
    start: int
    end: int


def is_powershell(text: str, shell: tuple[str, ...]) -> bool:
    """Is `text`, a script for `shell`, PowerShell, or does it call it, or speak like it? No for a text beyond the
    limits."""
    if len(text) > SHELL_TEXT:
        return False
    lowered = f"{shell[0] if shell else ''}\n{text}".lower()
    return any(name in lowered for name in _ITSELF)


def downloads_unseen(text: str) -> list[Unseen]:
    """Downloads that PowerShell runs at once, and those kept as a file that is run later with no hash or signature
    looked at between."""
    found = [Unseen(*match.span()) for match in _RUN_AT_ONCE.finditer(text)]
    seen: set[str] = set()
    for match in _KEPT_IN_VARIABLE.finditer(text):
        if match[1] in seen or len(seen) >= _NAMES:
            continue
        seen.add(match[1])
        run = re.compile(rf"{_RUNNER}[^;\n]{{0,80}}?{re.escape(match[1])}(?!\w)", re.IGNORECASE)
        if (later := run.search(text, match.end(), match.end() + _REACH)) is not None:
            found.append(Unseen(match.start(), later.end()))
    found += _kept(text)
    return [replace(one, addresses=" ".join(_ADDRESS.findall(text, one.start, one.end))) for one in found]


def _kept(text: str) -> Iterator[Unseen]:
    seen: set[str] = set()
    for match in _OUT_FILE.finditer(text):
        path = next(one for one in match.groups() if one)
        name = re.split(r"[\\/]", path)[-1]
        if not name.lower().endswith(_RUNNABLE) or name in seen or len(seen) >= _NAMES:
            continue
        seen.add(name)
        # as a command of its own, behind `&`, or given to what starts and installs programs
        starts = (
            r"(?:^|[;\n&]|\bstart-process\b|\bstart\b|\bmsiexec(?:\.exe)?\b|\bcmd\b|\s-file\b|\bpowershell\b|\bwusa\b)"
        )
        run = re.compile(rf"{starts}[^;\n]{{0,200}}?(?<![\w.-]){re.escape(name)}(?![\w.-])", re.IGNORECASE)
        reach = match.end() + _REACH
        later = run.search(text, match.end(), reach)
        while later is not None and re.search(r"\b(?:remove-item|rm|del|get-filehash)\b", later[0], re.IGNORECASE):
            later = run.search(text, later.end(), reach)
        if later is not None and not _VERIFIED.search(text, match.end(), later.start()):
            yield Unseen(match.start(), later.end(), path)


def switched_off(text: str) -> list[SwitchedOff]:
    """Flags and callbacks with which nobody looks at certificates, publishers and checksums."""
    return [SwitchedOff(match[0][:_SHOWN], *match.span()) for match in _SWITCHED_OFF.finditer(text)]
