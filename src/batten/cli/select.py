"""Options that decide what is scanned and what counts: shared by scan, fix, diff and init."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from batten.cli import complete
from batten.engine.check import ROOMS, STRATEGIES
from batten.engine.gate import FAIL_ON, OF_VULNERABILITIES, is_gate
from batten.model.settings import PERSONAS, HelmSettings, ImageSettings, Settings, TerraformSettings

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

config = click.option(
    "--config",
    "config_path",
    metavar="FILE",
    help="Configuration to use instead of the nearest batten.toml.",
    shell_complete=complete.files,
)
_OF_ADVISORIES = STRATEGIES.index("vulnerabilities") + 1
"""The strategy that judges packages, and has no checks."""
_OF_CHECKS = (
    config,
    click.option(
        "--check",
        "checks",
        multiple=True,
        metavar="ID",
        help="Only these checks, e.g. PRV001, PRV001,RUN002 or all that begin with PRV (repeatable).",
        shell_complete=complete.checks,
    ),
    click.option(
        "--skip",
        multiple=True,
        metavar="ID",
        help="All but these checks, written as for --check (repeatable).",
        shell_complete=complete.checks,
    ),
    click.option(
        "--strategy",
        "strategies",
        multiple=True,
        metavar="N|NAME",
        help="Only these of the ten strategies, e.g. 2, privileges or 2,runtime (repeatable).",
        shell_complete=complete.strategies,
    ),
    click.option(
        "--framework",
        "frameworks",
        multiple=True,
        metavar="NAME",
        help="Only what answers to this framework, e.g. pss-restricted; batten frameworks lists them (repeatable, or "
        "with commas).",
        shell_complete=complete.frameworks,
    ),
    click.option(
        "--persona",
        type=click.Choice(PERSONAS),
        help="How much is said: pedantic adds opinions, auditor everything (default: regular).",
    ),
)
_OF_SCANS = (
    click.option(
        "--pss-version",
        metavar="1.NN",
        help="Kubernetes version of the Pod Security Standards, e.g. 1.30 (default: newest).",
        shell_complete=complete.pss_versions,
    ),
    click.option(
        "--min-confidence",
        type=click.Choice(["low", "medium", "high"]),
        help="Leave out what batten is less sure of (default: low, which leaves nothing out).",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        help="Paths to leave out, as in .gitignore, e.g. 'test/**' (repeatable).",
    ),
    click.option(
        "--values",
        multiple=True,
        metavar="FILE",
        help="Values for the Helm charts of the targets, as helm --values; the last one wins (repeatable).",
        shell_complete=complete.files,
    ),
    click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="KEY=VALUE",
        help="One value for the Helm charts, as helm --set, e.g. 'image.tag=1.2,hosts={a,b}' (repeatable).",
    ),
    click.option(
        "--set-string",
        "set_strings",
        multiple=True,
        metavar="KEY=VALUE",
        help="The same, the value always a text, as helm --set-string (repeatable).",
    ),
    click.option(
        "--namespace", "namespaces", multiple=True, metavar="NS", help="Of a cluster: nothing but this (repeatable)."
    ),
    click.option(
        "--var-file",
        "var_files",
        multiple=True,
        metavar="FILE",
        help="Variables for the Terraform modules, as terraform -var-file; the last one wins (repeatable).",
        shell_complete=complete.files,
    ),
    click.option(
        "--stopped",
        is_flag=True,
        help="Of an engine or a cluster (docker:, podman:, cluster:): also what does not run.",
    ),
    click.option(
        "--rules",
        multiple=True,
        metavar="FILE",
        help="Also judge by the rules of this file or folder, see batten rules (repeatable).",
        shell_complete=complete.files,
    ),
    click.option(
        "--as-of", metavar="DATE", help="Judge ages and waivers as on this day, e.g. 2026-12-31 (default: today)."
    ),
)


def selecting_checks(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose checks."""
    for option in reversed(_OF_CHECKS):
        command = option(command)
    return command


def selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose checks and what they are given, in this order in the help."""
    for option in reversed((*_OF_CHECKS, *_OF_SCANS)):
        command = option(command)
    return command


def targets(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the targets."""
    return click.argument("targets", nargs=-1, metavar="TARGET...", shell_complete=complete.files)(command)


class _Gate(click.ParamType[str]):
    name = "gate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if isinstance(value, str) and is_gate(value):
            return value
        words = ", ".join((*FAIL_ON, *OF_VULNERABILITIES))
        raise click.BadParameter(f"expected one of {words} or priority>=N, found {value!r}", ctx, param)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(word) for word in (*FAIL_ON, *OF_VULNERABILITIES) if word.startswith(incomplete)]


def fail_on(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--fail-on",
        type=_Gate(),
        metavar="GATE",
        help="Exit 1 for what is open at this severity and above: critical, high, medium, low, info; for "
        "vulnerabilities also kev, 'priority>=act' or 'priority>=70'; none: never (default: high).",
    )(command)


_PLATFORM = click.option("--platform", metavar="OS/ARCH", help="Of images for several, e.g. linux/arm64, or all.")
_NO_CACHE = click.option("--no-cache", is_flag=True, help="Read every layer anew and keep nothing of it.")
_PLAIN_HTTP = click.option(
    "--plain-http", multiple=True, metavar="HOST", help="Registry to speak to without TLS (repeatable)."
)
_OF_IMAGES = (
    click.option(
        "--with-images", is_flag=True, help="Also read the images that workloads run: of registries, of engines."
    ),
    _PLATFORM,
    click.option("--db", "database", metavar="FILE", help="Advisory database to use (batten db), instead of your own."),
    click.option("--offline", is_flag=True, help="Fetch nothing: no advisories, no images of registries."),
    _NO_CACHE,
    click.option("--vex", multiple=True, metavar="FILE", help="VEX statements: OpenVEX, CSAF, CycloneDX (repeatable)."),
    click.option(
        "--ignore-unfixed", is_flag=True, help="Leave out vulnerabilities without an update, unless exploited."
    ),
    click.option("--only-fixed", is_flag=True, help="Gate only on vulnerabilities with an update."),
    _PLAIN_HTTP,
)


def images(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options on images and their vulnerabilities."""
    for option in reversed(_OF_IMAGES):
        command = option(command)
    return command


def image_sources(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options on where an image comes from alone."""
    for option in (_PLAIN_HTTP, _NO_CACHE, _PLATFORM):
        command = option(command)
    return command


def _vex_files(paths: tuple[str, ...]) -> None:
    """A wrong call is told before the scan. Pipes are files too: `--vex <(cosign …)`."""
    import os.path

    for path in paths:
        found = ""
        if os.path.isdir(path):  # noqa: PTH112 - a scan does without pathlib
            found = "a folder"
        elif not os.path.exists(path):  # noqa: PTH110
            found = "no such file"
        elif not os.access(path, os.R_OK):
            found = "one that may not be read"
        if found:
            raise click.UsageError(f"expected a file with VEX statements for --vex, found {found}: {path!r}")


def _image_settings(before: ImageSettings, given: dict[str, Any]) -> ImageSettings:
    _vex_files(given.get("vex") or ())
    said = {name: given[name] for name in ("platform", "database") if given.get(name)}
    said |= {name: True for name in ("with_images", "offline", "ignore_unfixed", "only_fixed") if given.get(name)}
    said |= {name: (*getattr(before, name), *given[name]) for name in ("vex", "plain_http") if given.get(name)}
    if given.get("no_cache"):
        said["cache"] = False
    return replace(before, **said)


def settings_from(targets: tuple[str, ...], **given: Any) -> Settings:
    """The configuration with what the command line says on top. Raises `click.UsageError`."""
    from batten.api import settings_for

    settings = settings_for(targets, given.pop("config_path", None))
    if given.get("rules"):
        settings = replace(settings, rules=(*settings.rules, *rule_files(given["rules"])))
    changed: dict[str, Any] = {}
    for name in ("checks", "skip", "strategies", "frameworks"):
        given[name] = _words(given.get(name) or (), name)
    for name in ("persona", "min_confidence", "fail_on"):
        if given.get(name):
            changed[name] = given[name]
    if given.get("exclude"):
        changed["exclude"] = (*settings.exclude, *given["exclude"])
        changed["narrowed"] = True
    if given.get("checks"):
        changed["checks"] = _known_checks(given["checks"], settings)
    if given.get("skip"):
        changed["skip"] = (*settings.skip, *_known_checks(given["skip"], settings))
    if given.get("strategies"):
        changed["strategies"] = tuple(_strategy(word) for word in given["strategies"])
    if given.get("frameworks"):
        changed["frameworks"] = given["frameworks"]
    if given.get("as_of"):
        changed["as_of"] = _date(given["as_of"])
    if given.get("pss_version"):
        changed["pss_version"] = given["pss_version"]
    if given.get("with_inventory"):
        changed["with_inventory"] = True
    if given.get("namespaces"):
        changed["namespaces"] = _words(given["namespaces"], "namespaces")
    if given.get("stopped"):
        changed["stopped"] = True
    changed["images"] = _image_settings(settings.images, given)
    if given.get("values") or given.get("sets") or given.get("set_strings"):
        changed["helm"] = _helm_settings(settings.helm, given)
    if given.get("var_files"):
        changed["terraform"] = _terraform_settings(settings.terraform, given["var_files"])
    settings = replace(settings, **changed)
    if settings.pss_version:
        settings = replace(settings, pss_version=_pss_version(settings.pss_version))
    if targets and any(given.get(name) for name in ("checks", "skip", "strategies")):
        _refuse_nothing(settings)
    return settings


def _refuse_nothing(settings: Settings) -> None:
    """A scan that judges nothing must not look like one that found nothing."""
    from batten.engine.run import selected

    if settings.frameworks or _OF_ADVISORIES in settings.strategies or selected(settings):
        return
    named = ", ".join(f"{word}*" if len(word) < len("PRV001") else word for word in settings.skip[:3])
    hint = f"; left out are {named}" if named else ""
    raise click.UsageError(f"--check, --skip and --strategy leave no check to run{hint}: take one of them away")


def _words(texts: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Of a repeatable option each of whose texts may name several, separated by commas."""
    words = tuple(word.strip() for text in texts for word in text.split(",") if word.strip())
    if texts and not words:  # an empty variable of a pipeline must not become "everything"
        option = {"checks": "--check", "strategies": "--strategy", "frameworks": "--framework"}.get(
            name, "--namespace" if name == "namespaces" else "--skip"
        )
        raise click.UsageError(f"expected a name after {option}, found {texts[0]!r}")
    return words


def _terraform_settings(settings: TerraformSettings, paths: tuple[str, ...]) -> TerraformSettings:
    import os

    for path in paths:
        if not os.path.isfile(path):  # noqa: PTH113
            raise click.UsageError(f"expected a file of variables for --var-file, found nothing at {path!r}")
    return replace(settings, var_files=paths)


def _helm_settings(settings: HelmSettings, given: dict[str, Any]) -> HelmSettings:
    import os

    from batten.formats.helm import strvals

    for path in given.get("values") or ():
        if not os.path.isfile(path):  # noqa: PTH113
            raise click.UsageError(f"expected a file of values for --values, found nothing at {path!r}")
    sets = [(text, False) for text in given.get("sets") or ()]
    sets += [(text, True) for text in given.get("set_strings") or ()]
    for text, strings in sets:
        try:
            strvals.parse(text, strings=strings)
        except strvals.MalformedSet as error:
            raise click.UsageError(f"--set{'-string' if strings else ''}: {error}") from None
    return replace(settings, values=tuple(given.get("values") or ()), sets=tuple(sets))


def rule_files(paths: tuple[str, ...], where: str = "--rules") -> tuple[str, ...]:
    """The files that paths name. Raises `click.UsageError` where one names none."""
    from pathlib import Path

    from batten.engine.config_rules import files_of

    found = [one for path in paths for one in files_of(Path.cwd(), path)]
    for path in paths:
        if not files_of(Path.cwd(), path):
            raise click.UsageError(f"expected a file or folder of rules for {where}, found nothing at {path!r}")
    return tuple(dict.fromkeys(found))


def _known_checks(words: tuple[str, ...], settings: Settings) -> tuple[str, ...]:
    from batten.engine.rooms import checks_for

    known = checks_for(settings)
    upper = tuple(word.upper() for word in words)
    for word in upper:
        if not any(identifier.startswith(word) for identifier in known):
            rooms = ", ".join(ROOMS)
            if settings.rules:
                from batten.engine.rules.registry import rules_of

                for problem in rules_of(settings).problems:
                    if problem.rule.startswith(word):
                        raise click.UsageError(str(problem))
            raise click.UsageError(f"no check {word!r}; expected an identifier such as PRV001 or one of {rooms}")
    return upper


def _strategy(word: str) -> int:
    if word.isdigit() and 1 <= int(word) <= len(STRATEGIES):
        return int(word)
    if word.lower() in STRATEGIES:
        return STRATEGIES.index(word.lower()) + 1
    raise click.UsageError(f"no strategy {word!r}; expected 1 to 10 or one of {', '.join(STRATEGIES)}")


def _date(word: str) -> str:
    import datetime

    try:
        return datetime.date.fromisoformat(word).isoformat()
    except ValueError:
        raise click.UsageError(f"expected a date YYYY-MM-DD for --as-of, found {word!r}") from None


def _pss_version(word: str) -> str:
    from batten.frameworks import pss

    if word == "latest":
        return pss.NEWEST
    bare = word.removeprefix("v")
    if bare not in pss.VERSIONS:
        first, last = pss.VERSIONS[0], pss.VERSIONS[-1]
        raise click.UsageError(f"expected a version from {first} to {last} for --pss-version, found {word!r}")
    return bare
