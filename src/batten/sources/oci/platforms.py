"""Which of an index's platforms is read."""

from __future__ import annotations

import platform as machine
from collections.abc import Mapping, Sequence
from typing import Final

from batten.model.source import Unreadable
from batten.pattern import pattern
from batten.sources.names import printable
from batten.sources.oci.manifests import Platform

ALL: Final = "all"
_PLATFORM: Final = pattern(r"[a-z0-9_]{1,32}(?:/[a-z0-9_]{1,32}){1,2}\Z")
# containerd's platforms package: names of the kernel -> GOARCH and its variant
_MACHINES: Final = {
    "x86_64": ("amd64", ""),
    "amd64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "arm64": ("arm64", ""),
    "armv8l": ("arm64", ""),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "i386": ("386", ""),
    "i686": ("386", ""),
    "loongarch64": ("loong64", ""),
}
# What a variant that is not written means.
_IMPLIED: Final = {"arm64": "v8", "arm": "v7", "amd64": "v1"}


def text(platform: Platform) -> str:
    """`linux/arm64/v8`; "" where nothing is known."""
    return "/".join(part for part in (platform.os, platform.architecture, platform.variant) if part)


def parse(written: str) -> Platform:
    """`linux/arm64`, `linux/arm/v7`, or the architecture alone. Raises `Unreadable`."""
    wanted = written.strip().lower()
    if wanted and "/" not in wanted:
        wanted = f"linux/{wanted}"
    if not _PLATFORM.match(wanted):
        raise Unreadable(f"expected a platform such as linux/amd64 or linux/arm/v7, found {printable(written)!r}")
    os, architecture, *variant = wanted.split("/")
    architecture, implied = _MACHINES.get(architecture, (architecture, ""))
    return Platform(os, architecture, variant[0] if variant else implied)


def wish(option: str, environ: Mapping[str, str]) -> str:
    """The option `--platform`, else Docker's own variable; "" leaves the choice open. Raises `Unreadable`."""
    wanted = option or environ.get("DOCKER_DEFAULT_PLATFORM", "")
    return wanted if wanted in ("", ALL) else text(parse(wanted))


def of_this_machine() -> Platform:
    architecture, variant = _MACHINES.get(machine.machine().lower(), (machine.machine().lower(), ""))
    return Platform("linux", architecture, variant)


def choose(platforms: Sequence[Platform], wanted: str) -> list[int]:
    """Which of `platforms` to read: indexes, one unless `wanted` is `all`.

    Without a wish: Linux on this machine's architecture, else the only one, else linux/amd64.
    Raises `Unreadable` where the choice fails.
    """
    if wanted == ALL:
        return list(range(len(platforms)))
    if wanted:
        found = _best(platforms, parse(wanted))
        if found is None:
            raise Unreadable(f"expected the platform {wanted}, found {_list(platforms)}; choose one with --platform")
        return [found]
    found = _best(platforms, of_this_machine())
    if found is None and len(platforms) == 1:
        found = 0
    if found is None:
        found = _best(platforms, Platform("linux", "amd64"))
    if found is None:
        raise Unreadable(f"the image has no build for this machine, but for {_list(platforms)}; choose with --platform")
    return [found]


def _best(platforms: Sequence[Platform], wanted: Platform) -> int | None:
    """The platform with the variant that was asked for; without one, the plainest that there is."""
    implied = _IMPLIED.get(wanted.architecture, "")
    fitting = [
        (_distance(one.variant or implied, wanted.variant, implied), index)
        for index, one in enumerate(platforms)
        if one.os == wanted.os and one.architecture == wanted.architecture
    ]
    best = min(fitting, default=None)
    if best is None or (wanted.variant and best[0] > 0 and wanted.architecture != "arm"):
        return None
    return best[1]


def _distance(variant: str, wanted: str, implied: str) -> int:
    if variant == (wanted or implied):
        return 0
    # arm/v7 runs v6 and v5, never the other way round
    numbers = [int(one[1:]) if one[1:].isdigit() else 0 for one in (variant, wanted or implied)]
    return numbers[1] - numbers[0] if numbers[0] < numbers[1] else 100 + numbers[0]


def _list(platforms: Sequence[Platform]) -> str:
    names = [printable(text(one)) or "one that is not named" for one in platforms[:20]]
    return ", ".join(dict.fromkeys(names)) + (" …" if len(platforms) > 20 else "") or "none"
