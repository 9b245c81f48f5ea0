"""`batten targets`."""

from __future__ import annotations

import click

from batten.cli.output import OwnHelp, common, formatted, put


@click.command("targets", cls=OwnHelp)
@formatted("table", "json")
@common
def command(format_name: str, quiet: bool, color: str) -> int:
    """List what is installed: kinds of target, formats that are read in them, formats of reports, plug-ins.

    \b
    Example:
      batten targets
    """
    from batten.engine.rooms import all_readers
    from batten.plugins import plugins
    from batten.report import names
    from batten.sources import kinds

    rows = list(kinds())
    formats = [reader.name for reader in all_readers()]
    if format_name == "json":
        import msgspec

        whole = {
            "targets": [
                {"scheme": scheme, "summary": summary, "example": example} for scheme, summary, example in rows
            ],
            "formats": formats,
            "reports": names(),
            "plugins": [plugin.distribution for plugin in plugins()],
        }
        put(msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n")
        return 0
    lines = ["A target is an existing path, or SCHEME:REFERENCE (the scheme wins):", ""]
    lines += [f"  {scheme:15} {summary}\n  {'':15} {example}" for scheme, summary, example in rows]
    lines += ["", f"Formats read: {', '.join(formats)}", f"Reports written: {', '.join(names())}"]
    if plugins():
        lines.append(f"Plug-ins: {', '.join(plugin.distribution for plugin in plugins())}")
    put("\n".join(lines) + "\n")
    return 0
