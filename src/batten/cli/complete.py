"""What the shell proposes for arguments; loaded with a verb, its imports only when the shell asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def files(ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
    """The shell's own completion of paths."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def folders(ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
    """The shell's own completion of folders."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


def checks(ctx: Any, param: Any, incomplete: str) -> list[str]:
    """Identifiers of checks and of the configuration's own rules, after a comma too."""
    from batten.api import settings_for
    from batten.engine.config import ConfigError
    from batten.engine.rooms import all_checks, checks_for

    try:
        known = checks_for(settings_for())
    except ConfigError:  # told when the verb runs
        known = all_checks()
    before, comma, word = incomplete.rpartition(",")
    return [f"{before}{comma}{one}" for one in known if one.startswith(word.upper())]


def strategies(ctx: Any, param: Any, incomplete: str) -> list[str]:
    from batten.engine.check import STRATEGIES

    before, comma, word = incomplete.rpartition(",")
    return [f"{before}{comma}{one}" for one in STRATEGIES if one.startswith(word.lower())]


def frameworks(ctx: Any, param: Any, incomplete: str) -> list[str]:
    from batten.frameworks import frameworks as every

    before, comma, word = incomplete.rpartition(",")
    return [f"{before}{comma}{one.name}" for one in every() if one.name.startswith(word)]


def pss_versions(ctx: Any, param: Any, incomplete: str) -> list[str]:
    from batten.frameworks import pss

    return [one for one in pss.VERSIONS if one.startswith(incomplete)]


def platforms(ctx: Any, param: Any, incomplete: str) -> list[str]:
    from batten.engine.check import platforms_of
    from batten.engine.rooms import all_checks

    found = {platform for one in all_checks().values() for platform in platforms_of(one)}
    return sorted(one for one in found if one.startswith(incomplete))


def formats(ctx: Any, param: Any, incomplete: str) -> list[str]:
    from batten.report import names

    return [one for one in names() if one.startswith(incomplete)]


def report_files(ctx: Any, param: Any, incomplete: str) -> list[str]:
    """`sarif=report.sarif` for each format."""
    from batten.report import renderers

    proposed = [f"{name}=report{one.suffix}" for name, one in renderers().items()]
    return [one for one in proposed if one.startswith(incomplete)]
