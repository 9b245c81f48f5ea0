"""How far an image is from what its program needs, in sentences for every report."""

from __future__ import annotations

from typing import Final

from batten.model.image_content import Minimality
from batten.model.report import Report
from batten.report.text import plural

_NAMED: Final = 4  # programs of a kind before the rest is counted
_KINDS: Final = ("shells", "package_managers", "compilers", "interpreters", "network_tools")


def lean_images(report: Report) -> list[Minimality]:
    """The images of which there is something to say."""
    return [one for one in report.minimality if sentences(one)]


def sentences(one: Minimality) -> list[str]:
    """What could go, and the smaller base; empty where the image has nothing to lose, or begins no program: a root
    file system of a machine needs its shells."""
    found: list[str] = []
    if not one.program:
        return found
    if one.superfluous_packages:
        found.append(
            f"{plural(one.superfluous_packages, 'package')} of {one.packages:,}{_size(one)} hold programs or libraries "
            "of which the program runs and links none"
        )
    if programs := "; ".join(filter(None, (_programs(kind, getattr(one, kind)) for kind in _KINDS))):
        found.append(f"it has {programs}")
    if found and one.base:
        found.append(f"a smaller base: {one.base} ({one.reason})")
    elif found and one.reason:
        found.append(one.reason)
    return found


def _size(one: Minimality) -> str:
    return f" ({_mib(one.superfluous_bytes)} of {_mib(one.bytes)} MiB)" if one.superfluous_bytes else ""


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.0f}"


def _programs(kind: str, paths: tuple[str, ...]) -> str:
    if not paths:
        return ""
    names = list(dict.fromkeys(path.rpartition("/")[2] for path in paths))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{kind.replace('_', ' ')} {', '.join(names[:_NAMED])}{more}"
