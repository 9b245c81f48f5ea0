"""`batten rules`: rules of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from batten.cli import complete, select
from batten.cli.output import check_writable, common, formatted, note, note_wrong_rules, outputs, put

if TYPE_CHECKING:
    from batten.engine.rules.registry import RuleSet
    from batten.engine.rules.rule import Rule
    from batten.model.settings import Settings


class _Group(click.Group):
    """Its subcommands in the order in which one needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["check", "test", "list", "export", "names", "schema"]


@click.group("rules", cls=_Group, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Check, test, list and export rules of your own.

    Rules are YAML files with expressions in CEL, the language of Kubernetes' own policies: those in batten-rules/
    beside the configuration, or where [rules] paths says.

    \b
    Examples:
      batten rules check                       is every rule right?
      batten rules test                        do their examples pass and fail as they should?
      batten rules list
      batten rules names container             what a rule can read
      batten rules export --to vap -o policies.yaml
      batten scan . --rules acme.yaml          also judge by the rules of this file
    """
    if ctx.invoked_subcommand is None:
        put(ctx.get_help())


def _shared(subcommand: Callable[..., object]) -> Callable[..., object]:
    subcommand = formatted("text", "json")(common(subcommand))
    subcommand = select.config(subcommand)
    return click.argument("files", nargs=-1, metavar="[FILE...]", shell_complete=complete.files)(subcommand)


def _settings(files: tuple[str, ...], config_path: str | None) -> Settings:
    """With the rules of `files`, else of the configuration. Raises `click.UsageError` where there are none."""
    from msgspec.structs import replace

    from batten.api import settings_for
    from batten.cli.select import rule_files

    if files:
        return replace(settings_for((), config_path), rules=rule_files(files, "this call"))
    settings = settings_for((), config_path)
    if not settings.rules:
        raise click.UsageError(
            "no rules of your own: name a file, or put them into batten-rules/, here or beside batten.toml"
        )
    return settings


def _loaded(files: tuple[str, ...], config_path: str | None) -> tuple[Settings, RuleSet]:
    from batten.engine.rules.registry import rules_of

    settings = _settings(files, config_path)
    return settings, rules_of(settings)


def _json(value: Any) -> bytes:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _problems(found: RuleSet) -> list[dict[str, Any]]:
    return [
        {"path": one.path, "line": one.line, "column": one.column, "rule": one.rule, "message": one.message}
        for one in found.problems
    ]


@command.command("check")
@_shared
def check_command(files: tuple[str, ...], config_path: str | None, format_name: str, quiet: bool, color: str) -> int:
    """Is every rule right? Names, types, patterns and the work that they ask for are checked; nothing is scanned.

    Exit codes: 0 all are right, 2 one is not.

    \b
    Examples:
      batten rules check
      batten rules check acme.yaml --format json
    """
    settings, found = _loaded(files, config_path)
    if format_name == "json":
        put(_json({"rules": [rule.id for rule in found.rules], "problems": _problems(found)}))
    else:
        note_wrong_rules(settings)
        note(f"{_counted(len(found.rules), 'rule')} right, {len(found.problems)} wrong", quiet=quiet)
    return 2 if found.problems else 0


@command.command("test")
@_shared
def test_command(files: tuple[str, ...], config_path: str | None, format_name: str, quiet: bool, color: str) -> int:
    """Run the examples of the rules: failing ones must fail, passing ones pass, and fixes mend what fails.

    Exit codes: 0 all went as they should, 1 one did not, 2 a rule is wrong.

    \b
    Examples:
      batten rules test
      batten rules test acme.yaml --format json
    """
    from batten.engine.rules.examples import run_examples

    settings, found = _loaded(files, config_path)
    results = [(rule, run_examples(rule)) for rule in found.rules]
    examples = [one for _, ran in results for one in ran]
    failed = [one for one in examples if not one.passed]
    without = [rule.id for rule, ran in results if not ran]
    if format_name == "json":
        put(_json({"examples": examples, "without_examples": without, "problems": _problems(found)}))
    else:
        lines = []
        for rule, ran in results:
            wrong = [one for one in ran if not one.passed]
            state = "FAILED" if wrong else "ok" if ran else "no examples"
            lines.append(f"{rule.id}  {state:11}  {rule.form.title}")
            lines += [f"    {one.kind} example {one.number}: {_line(one.why)}" for one in wrong]
        put("\n".join(lines) + "\n")
        note_wrong_rules(settings)
        ran_of = f"{_counted(len(examples), 'example')} of {_counted(len(results), 'rule')}"
        note(f"{ran_of}, {len(failed)} failed", quiet=quiet)
    return 2 if found.problems else 1 if failed else 0


@command.command("list")
@_shared
def list_command(files: tuple[str, ...], config_path: str | None, format_name: str, quiet: bool, color: str) -> int:
    """List the rules: what each runs on, where it stands.

    \b
    Examples:
      batten rules list
      batten rules list acme.yaml --format json
    """
    settings, found = _loaded(files, config_path)
    if format_name == "json":
        put(_json({"rules": [_row(rule) for rule in found.rules], "problems": _problems(found)}))
    else:
        width = max((len(rule.id) for rule in found.rules), default=0)
        on = max((len(rule.form.on) for rule in found.rules), default=0)
        put(
            "".join(
                f"{rule.id:{width}}  {rule.form.severity:8}  {rule.form.on:{on}}  {_line(rule.form.title)}"
                f"  ({rule.path}:{rule.line})\n"
                for rule in found.rules
            )
        )
        note_wrong_rules(settings)
    return 2 if found.problems else 0


def _row(rule: Rule) -> dict[str, Any]:
    form = rule.form
    reads = {".".join(one.path) for made in (rule.fails_if, rule.when) if made for one in made.checked.reads.values()}
    return {
        "id": form.id,
        "title": form.title,
        "severity": form.severity,
        "strategy": form.strategy,
        "persona": form.persona,
        "on": form.on,
        "reads": sorted(reads),
        "fix": form.fix is not None,
        "path": rule.path,
        "line": rule.line,
    }


@command.command("export")
@click.argument("files", nargs=-1, metavar="[FILE...]", shell_complete=complete.files)
@click.option(
    "--to",
    "kind",
    type=click.Choice(["vap"]),
    required=True,
    help="What is written: vap, ValidatingAdmissionPolicy objects of Kubernetes with their bindings.",
)
@click.option(
    "--action",
    "actions",
    type=click.Choice(["Deny", "Warn", "Audit"]),
    multiple=True,
    help="What the API server does where a rule fails (repeatable; default: Warn and Audit).",
)
@select.config
@outputs("the policies")
@formatted("yaml", "json")
@common
def export_command(
    files: tuple[str, ...],
    kind: str,
    actions: tuple[str, ...],
    config_path: str | None,
    output: str | None,
    format_name: str,
    quiet: bool,
    color: str,
) -> int:
    """Write the rules as policies that the API server of Kubernetes obeys itself.

    What Kubernetes cannot express is named, with the reason. Exit codes: 0 all were written, 2 a rule is wrong, 3 some
    cannot be expressed.

    \b
    Examples:
      batten rules export --to vap
      batten rules export --to vap --action Deny -o policies.yaml
    """
    from batten.engine.rules.vap import export, policies_text

    check_writable(output, "--output")
    if "Deny" in actions and "Warn" in actions:
        raise click.UsageError("Kubernetes takes Deny or Warn, not both; --action Deny --action Audit is possible")
    settings, found = _loaded(files, config_path)
    exported = export(found.rules, actions or ("Warn", "Audit"))
    if format_name == "json":
        told = {"left_out": exported.left_out, "notes": exported.notes, "problems": _problems(found)}
        put(_json({"objects": exported.objects} | told), output)
    else:
        put(policies_text(exported.objects), output)
    for identifier, reason in exported.left_out.items():
        note(f"{identifier} is left out: {reason}")
    for identifier, words in exported.notes.items():
        note(f"{identifier}: {words}", quiet=quiet)
    if output not in (None, "-"):
        note(f"wrote {output}", quiet=quiet)
    wrong = note_wrong_rules(settings)
    return 2 if wrong else 3 if exported.left_out else 0


@command.command("names")
@click.argument("nouns", nargs=-1, metavar="[NOUN...]")
@formatted("text", "json")
@common
def names_command(nouns: tuple[str, ...], format_name: str, quiet: bool, color: str) -> int:
    """List the nouns that rules run on, or the names that a noun has for expressions.

    \b
    Examples:
      batten rules names
      batten rules names container user
    """
    from batten.engine.rules.names import NOUNS, described, fields, objects_reached

    known = objects_reached()
    for word in nouns:
        if word not in known:
            from batten.engine.config import guess

            hint = guess(word, tuple(known)) or "; see batten rules names"
            raise click.UsageError(f"nothing is called {word!r}{hint}")
    if format_name == "json":
        put(
            _json(
                {
                    name: [
                        {
                            "name": one.name,
                            "type": str(one.type),
                            "words": one.type.words,
                            "may_be_absent": one.type.absent,
                            "about": described(name)[one.name],
                        }
                        for one in fields(name).values()
                    ]
                    for name in nouns or known
                }
            )
        )
        return 0
    if not nouns:
        put("".join(f"{noun.name:16} {noun.summary}\n" for noun in NOUNS.values()))
        note("batten rules names NOUN lists what a noun has", quiet=quiet)
        return 0
    lines = []
    for name in nouns:
        lines.append(name)
        about = described(name)
        for one in fields(name).values():
            words = f" ({', '.join(repr(word) for word in one.type.words)})" if one.type.words else ""
            lines.append(f"  {one.name:22} {one.type!s:24} {about[one.name]}{words}".rstrip())
    put("\n".join(lines) + "\n")
    return 0


@command.command("schema")
@outputs("the schema")
@formatted("json")
@common
def schema_command(output: str | None, format_name: str, quiet: bool, color: str) -> int:
    """Print the JSON Schema of rule files, for editors.

    \b
    Examples:
      batten rules schema -o batten-rules.schema.json
      # yaml-language-server: $schema=batten-rules.schema.json     as the first line of a file of rules
    """
    from batten.engine.rules.form import schema

    check_writable(output, "--output")
    put(_json(schema()), output)
    return 0


def _line(text: str) -> str:
    from batten.report.text import one_line

    return one_line(text)


def _counted(number: int, noun: str) -> str:
    from batten.report.text import plural

    return plural(number, noun)
