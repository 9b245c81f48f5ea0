"""`batten db`: the database of vulnerabilities."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from batten.cli import complete
from batten.cli.output import check_writable, common, formatted, note, note_problems, put

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from batten.vulnerabilities.db.build import Outcome
    from batten.vulnerabilities.db.lookup import Database
    from batten.vulnerabilities.db.progress import Bar

_INCOMPLETE = 3


class _Group(click.Group):
    """Its subcommands in the order in which one needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["update", "build", "status", "export", "import"]


@click.group("db", cls=_Group, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Fetch, build, show and hand on the database of vulnerabilities.

    It is one file, in the user's cache or where BATTEN_DB or --db says.

    \b
    Examples:
      batten db update debian:12 pypi npm      the feeds of these ecosystems
      batten db update                         renew what is there
      batten db build --from mirror/           without a network
      batten db status
      batten db export advisories.tar          and on the other side of the gap:
      batten db import advisories.tar
    """
    if ctx.invoked_subcommand is None:
        put(ctx.get_help())


def _shared(*names: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """The options of every subcommand; `names`: what `--db` is called beside that."""

    def add(subcommand: Callable[..., object]) -> Callable[..., object]:
        subcommand = formatted("table", "json")(common(subcommand))
        return click.option(
            "--db",
            *names,
            "database",
            metavar="FILE",
            help="The database (default: BATTEN_DB, else the one in your cache).",
            shell_complete=complete.files,
        )(subcommand)

    return add


def _read(database: str | None) -> Path:
    """The database that is asked."""
    from batten.vulnerabilities.db.lookup import default_path

    return Path(database) if database is not None else default_path()


def _written(database: str | None) -> Path:
    """The database that is to be there afterwards: a wrong call is told before the work."""
    if database is not None:
        _check_file(database, "--db")
    return _read(database)


@command.command("build")
@click.option(
    "--from", "directory", required=True, metavar="DIR", help="Folder with the feeds as their publishers have them."
)
@_shared("--output", "-o")
def build_command(directory: str, database: str | None, format_name: str, quiet: bool, color: str) -> int:
    """Build the database from the files of a mirror.

    Files are recognised by content, in any folder and under any name: zip, tar, gzip, xz, bzip2 and zstd of OSV,
    secdb, CSAF, OVAL, updateinfo, tracker lists, KEV, EPSS, NVD, CVE 5 and end-of-life data.

    \b
    Examples:
      batten db build --from mirror/
      batten db build --from mirror/ --output advisories.sqlite
    """
    from batten.vulnerabilities.db.build import build

    path = _written(database)
    bar = _Bar(quiet=quiet)
    try:
        outcome = build(Path(directory), path, progress=bar.file)
    finally:
        bar.done()
    return _told(outcome, format_name, quiet=quiet)


@command.command("update")
@click.argument("ecosystems", nargs=-1, metavar="[ECOSYSTEM...]")
@click.option("--all", "everything", is_flag=True, help="Every feed that batten knows; some GiB.")
@click.option("--scores", is_flag=True, help="CVSS, CWE and SSVC of every CVE as well (NVD, vulnrichment).")
@click.option("--feed", "feeds", multiple=True, metavar="URL", help="One more feed, of any known format.")
@click.option(
    "--mirror", metavar="URL", envvar="BATTEN_FEED_MIRROR", help="Ask there for https://HOST/PATH as URL/HOST/PATH."
)
@click.option(
    "--from",
    "address",
    metavar="ADDRESS",
    envvar="BATTEN_DB_ADDRESS",
    help="Take a ready database instead: https://… or an OCI reference.",
)
@_shared()
def update_command(
    ecosystems: tuple[str, ...],
    everything: bool,
    scores: bool,
    feeds: tuple[str, ...],
    mirror: str | None,
    address: str | None,
    database: str | None,
    format_name: str,
    quiet: bool,
    color: str,
) -> int:
    """Fetch what is new from the publishers of advisories.

    Without ECOSYSTEM (debian:12, alpine:3.20, pypi, npm, golang …) the feeds that the database has are renewed. Exit
    code 3 where a feed could not be had: its old rows stay.

    \b
    Examples:
      batten db update debian:12 pypi npm
      batten db update
    """
    from batten.vulnerabilities.db import addresses
    from batten.vulnerabilities.db.update import update, wanted

    path = _written(database)
    if address and not (ecosystems or everything or feeds):
        return _ready(address, path, format_name, quiet=quiet)
    missing: list[str] = []
    if everything:
        chosen = addresses.everything()
    else:
        chosen, missing = wanted(path, ecosystems) if ecosystems or not feeds else ([], [])
    chosen += [*(addresses.scores() if scores else ()), *(addresses.Address(url) for url in feeds)]
    for name in missing:
        note(f"no publisher of advisories is known for {name!r}; nothing was fetched for it")
    if not chosen:
        if missing:
            return _INCOMPLETE
        raise click.UsageError(
            "expected ECOSYSTEM (debian:12, pypi …) or --all: the database has no feeds yet that could be renewed",
            click.get_current_context(),
        )
    bar = _Bar(quiet=quiet, feeds=len(chosen))
    try:
        outcome = update(path, chosen, mirror=mirror or "", progress=bar.bytes)
    finally:
        bar.done()
    return max(_told(outcome, format_name, missing=missing, quiet=quiet), _INCOMPLETE if missing else 0)


@command.command("status")
@_shared()
def status_command(database: str | None, format_name: str, quiet: bool, color: str) -> int:
    """Show what the database holds, from whom, and how old it is.

    \b
    Examples:
      batten db status
      batten db status --db advisories.sqlite --format json
    """
    from batten.vulnerabilities.db.lookup import Database

    path = _read(database)
    with Database(path) as found:
        put(_status_json(found, path) if format_name == "json" else _status_table(found, path))
    return 0


@command.command("export")
@click.argument("where", metavar="FILE|REFERENCE", shell_complete=complete.files)
@_shared()
def export_command(where: str, database: str | None, format_name: str, quiet: bool, color: str) -> int:
    """Write the database into one file, or push it to a registry.

    A path ends in .tar or has a slash that no registry would have (./advisories); anything else that names a
    registry is an OCI reference: registry.example/security/advisories:latest.

    \b
    Examples:
      batten db export advisories.tar
      batten db export registry.example/security/advisories:latest
    """
    from batten.detect.addresses import without_credentials
    from batten.vulnerabilities.db import transfer
    from batten.vulnerabilities.db.ready import names_registry

    path = _read(database)
    if names_registry(where):
        from batten.vulnerabilities.db import registry

        digest = registry.push(path, where)
    else:
        _check_file(where, "FILE")
        digest = transfer.export_file(path, Path(where))
    shown = without_credentials(where)
    note(f"exported to {shown}: {digest}", quiet=quiet)
    if format_name == "json":
        put(_json({"path": str(path), "exported": shown, "digest": digest}))
    return 0


@command.command("import")
@click.argument("where", metavar="FILE|REFERENCE", shell_complete=complete.files)
@_shared()
def import_command(where: str, database: str | None, format_name: str, quiet: bool, color: str) -> int:
    """Put an exported database in place of the one that is there; every digest is verified first.

    \b
    Examples:
      batten db import advisories.tar
      batten db import registry.example/security/advisories:latest
    """
    return _ready(where, _written(database), format_name, quiet=quiet)


def _ready(where: str, path: Path, format_name: str, *, quiet: bool) -> int:
    from batten.detect.addresses import without_credentials
    from batten.vulnerabilities.db.ready import take_ready

    bar, shown = _Bar(quiet=quiet), without_credentials(where)
    try:
        take_ready(where, path, progress=lambda done, total: bar.bytes(shown, done, total))
    finally:
        bar.done()
    note(f"imported {shown} into {path}", quiet=quiet)
    if format_name == "json":
        put(_json({"path": str(path), "imported": shown, "size": path.stat().st_size}))
    return 0


def _check_file(path: str | None, option: str) -> None:
    if path == "-":
        raise click.UsageError(f"expected a file after {option}, found -: a database is not printed")
    check_writable(path, option)


def _told(outcome: Outcome, format_name: str, *, missing: Sequence[str] = (), quiet: bool) -> int:
    """What building or updating gave, for the person; the exit code."""
    lines = [
        _printable(f"{one.origin}: {'not used' if one.lost else 'used in part'}: {one.text}").replace("\n", "?")
        for one in outcome.problems
    ]
    note_problems(lines, "the same without --quiet", limit=None, quiet=quiet)
    for older in outcome.superseded:
        note(_printable(f"{older.origin}: {older.text()}").replace("\n", "?"), quiet=quiet)
    told = {one.origin for one in outcome.problems}
    for name in (one for one in outcome.unknown if one not in told):
        note(_printable(f"{name}: nothing of a known format, passed over").replace("\n", "?"), quiet=quiet)
    size = outcome.path.stat().st_size if outcome.path.is_file() else 0
    same = f", {outcome.unchanged:,} unchanged" if outcome.unchanged else ""
    made = f"{size / 1e6:,.1f} MB" if size else "no database was made"
    what = f"{outcome.feeds:,} feeds read{same}, {outcome.records:,} records, {made}"
    note(f"{outcome.path}: {what}", quiet=quiet)
    if format_name == "json":
        import msgspec

        put(_json({**msgspec.structs.asdict(outcome), "path": str(outcome.path), "size": size, "missing": missing}))
    return _INCOMPLETE if outcome.problems else 0


def _status_json(database: Database, path: Path) -> bytes:
    from batten.vulnerabilities.db.schema import VERSION

    found = {
        "path": str(path),
        "format": VERSION,
        "size": path.stat().st_size,
        "meta": dict(sorted(database.meta().items())),
        "counts": database.counts(),
        "sources": database.states(),
    }
    return _json(found)


def _json(found: dict[str, object]) -> bytes:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


def _status_table(database: Database, path: Path) -> str:
    from datetime import UTC, datetime

    from batten.vulnerabilities.db.ages import STALE_DAYS, age_of

    states, counts, meta = database.states(), database.counts(), database.meta()
    built = f"built {meta.get('built', 'at an unknown time')} by batten {meta.get('batten', '?')}"
    rows = (
        f"{counts['advisories']:,} advisories, {counts['affected']:,} statements about {counts['packages']:,} packages"
    )
    wide = max((len(one.licence) for one in states), default=len("licence"))
    lines = [
        f"{path}",
        f"  {built}, {path.stat().st_size / 1e6:,.1f} MB",
        f"  {rows}, {counts['epss']:,} EPSS scores, {counts['kev']:,} known exploited",
        "",
        f"{'source':22}{'records':>10}  {'newest':12}{'fetched':12}{'age':>6}  {'licence':{wide}}  ecosystems",
    ]
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    ages = [age_of(one, today) for one in states]
    for one, age in zip(states, ages, strict=True):
        more = f" and {len(one.ecosystems) - 6} more" if len(one.ecosystems) > 6 else ""
        shown = ", ".join(one.ecosystems[:6]) + more
        old = "!" if age is not None and age > STALE_DAYS else " "
        told = f"{age} d" if age is not None else "?"
        numbers = f"{one.name:22}{one.records:>10,}  {one.newest or '-':12}{one.fetched[:10]:12}{told:>5}{old}"
        lines.append(f"{numbers}  {one.licence:{wide}}  {shown}".rstrip())
    if problems := database.problems():  # of a feed once, however many sources speak in it
        lines += ["", *(f"problem: {origin}: {text}" for origin, text in problems)]
    if any(age is not None and age > STALE_DAYS for age in ages):
        lines += ["", f"! older than {STALE_DAYS} days; `batten db update` renews it"]
    return _printable("\n".join(lines))


def _printable(text: str) -> str:
    return "".join(char if char == "\n" or char.isprintable() else "?" for char in text)


class _Bar:
    """One line on a terminal: which feed, how far. Elsewhere nothing."""

    def __init__(self, *, quiet: bool, feeds: int = 0) -> None:
        self._feeds = feeds
        self._on = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._last = 0.0
        self._shown = False
        self._bar: Bar | None = None

    def file(self, name: str) -> None:
        self._show(f"reading {name}")

    def bytes(self, feed: str, done: int, total: int) -> None:
        if self._bar is None:
            from batten.vulnerabilities.db.progress import Bar

            self._bar = Bar(self._feeds)
        self._show(self._bar.line(feed, done, total))

    def _show(self, text: str) -> None:
        moment = time.monotonic()
        if not self._on or moment - self._last < 0.1:
            return
        import shutil

        self._last = moment
        self._shown = True
        width = shutil.get_terminal_size((80, 24)).columns
        sys.stderr.write("\r\x1b[K" + _printable(text).replace("\n", "?")[: width - 1])
        sys.stderr.flush()

    def done(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
