"""Reads files of rules: each wrong rule is told with its line, the others are used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import msgspec

from batten.engine.check import ROOMS
from batten.engine.config import guess
from batten.engine.rules.form import PLATFORMS, RuleForm
from batten.engine.rules.names import BOOL, NOUNS, Noun, fields
from batten.engine.rules.parts import UNSHOWN
from batten.engine.rules.place import place_in
from batten.engine.rules.program import Program, program
from batten.engine.rules.rule import CONTAINER_FIXES, WORKLOAD_FIXES, Problem, Rule
from batten.engine.rules.tree import RuleError
from batten.engine.rules.types import Shape
from batten.formats.yaml.document import YamlDocument, read_documents
from batten.formats.yaml.schema import COMPOSE
from batten.limits import RULE_FILE_BYTES, RULES
from batten.model.source import File, Pointer

_VALUE: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_PATH: Final = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]|\[\.\.\.\]")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*?)`")
_EXPECTED: Final = re.compile(r"Expected (.*?), got (.*)", re.DOTALL)
_ADVISORIES: Final = ("CVE", "GHSA", "OSV", "DSA", "DLA", "DTSA", "USN", "RHSA", "RHBA", "RHEA", "ALAS", "ELSA")
_TAKEN: Final = frozenset((*_ADVISORIES, "SUSE", "GO", "PYSEC", "RUSTSEC", "MAL"))


def read_rules(path: Path, shown: str) -> tuple[list[Rule], list[Problem]]:
    """The rules of a file, and what is wrong with it or with some of them; `shown`: its path in messages."""
    try:
        with path.open("rb") as opened:
            data = opened.read(RULE_FILE_BYTES + 1)
    except OSError as error:
        return [], [Problem(shown, 1, 0, "", f"cannot be read: {error.strerror or error}")]
    if len(data) > RULE_FILE_BYTES:
        return [], [Problem(shown, 1, 0, "", f"expected at most {RULE_FILE_BYTES:,} bytes of rules in one file")]
    return parse_rules(data, shown, str(path))


def parse_rules(data: bytes, shown: str, path: str = "") -> tuple[list[Rule], list[Problem]]:
    """As `read_rules`, of the bytes of the file at `path`."""
    rules: list[Rule] = []
    problems: list[Problem] = []
    documents = list(read_documents(File(shown, data), COMPOSE))
    for document in documents:
        if not isinstance(document, YamlDocument):
            problems.append(Problem(shown, document.line or 1, 0, "", document.message))
            continue
        reader = _File(document, shown, path)
        reader.read()
        rules += reader.rules
        problems += reader.problems
    if not documents:
        problems.append(Problem(shown, 1, 0, "", "expected rules:, found nothing"))
    if len(rules) > RULES:
        problems.append(Problem(shown, 1, 0, "", f"expected at most {RULES:,} rules, found {len(rules):,}"))
    return rules[:RULES], problems


class _File:
    """One document."""

    def __init__(self, document: YamlDocument, shown: str, path: str) -> None:
        self.document = document
        self.shown = shown
        self.path = path
        self.rules: list[Rule] = []
        self.problems: list[Problem] = []
        self.rule = ""

    def error(self, pointer: Pointer, message: str, *, key: bool = False) -> None:
        place = self.document.locate(pointer, key=key)
        self.problems.append(Problem(self.shown, place.line, place.column, self.rule, message))

    def read(self) -> None:
        value = self.document.value
        for note in self.document.notes:
            self.problems.append(Problem(self.shown, note.line or 1, 0, "", note.message.partition(";")[0]))
        if not isinstance(value, dict) or not isinstance(value.get("rules"), list):
            self.error((), "expected rules: and a list of rules")
            return
        for key in value:
            if key != "rules":
                self.error((key,), f"unknown key {key!r}; expected rules: alone", key=True)
        for index, raw in enumerate(value["rules"]):
            self.one(raw, ("rules", index))

    def one(self, raw: Any, pointer: Pointer) -> None:
        before = len(self.problems)
        found = raw.get("id") if isinstance(raw, dict) else None
        self.rule = found[:40] if isinstance(found, str) else ""
        try:
            form = msgspec.convert(raw, RuleForm)
        except msgspec.ValidationError as error:
            self.invalid(str(error), pointer, raw)
            return
        self.verify_id(form.id, (*pointer, "id"))
        self.verify_texts(form, pointer)
        noun = NOUNS[form.on]
        when = self.expression(form.when, noun, (*pointer, "when")) if form.when is not None else None
        known = when.checked.known if when is not None else frozenset()
        fails_if = self.expression(form.fails_if, noun, (*pointer, "fails_if"), known)
        if fails_if is None:
            return
        known = fails_if.checked.known
        message = self.template(form.message or form.title, noun, (*pointer, "message"), known)
        self.verify_where(form, noun, pointer)
        image = self.verify_fix(form, noun, (*pointer, "fix"), known)
        controls = self.controls(form, (*pointer, "controls"))
        if len(self.problems) == before:
            line = self.document.locate((*pointer, "id")).line
            texts = (tuple(message), tuple(image))
            self.rules.append(Rule(form, noun, self.shown, line, self.path, fails_if, when, *texts, tuple(controls)))

    def invalid(self, error: str, pointer: Pointer, raw: Any) -> None:
        message, _, path = error.partition(" - at `")
        steps = [name or int(number) for name, number in _PATH.findall(path) if name or number]
        where = (*pointer, *steps)
        if unknown := _UNKNOWN.match(message):
            names = _names_at(tuple(one for one in steps if isinstance(one, str)))
            hint = guess(unknown[1], names) or f"; known: {', '.join(names)}"
            self.error((*where, unknown[1]), f"unknown key {unknown[1]!r}{hint}", key=True)
        elif expected := _EXPECTED.match(message):
            self.error(where, f"expected {_in_words(expected[1])}, found {_in_words(expected[2])}")
        elif "missing required" in message:
            self.error(where, f"expected the key {message.rpartition('field ')[2].replace('`', '')!r} in this rule")
        elif steps[-1:] == ["id"]:
            found = str(raw.get("id"))[:40]
            self.error(where, f"expected an identifier with a prefix of your own such as ACME-001, found {found!r}")
        elif "Invalid enum value" in message:
            self.error(where, self._choice(message, steps))
        else:
            self.error(where, message[:1].lower() + message[1:].replace("`", ""))

    def _choice(self, message: str, steps: list[Any]) -> str:
        found = message.removeprefix("Invalid enum value ").strip("'`")
        allowed = _choices(str(next((one for one in reversed(steps) if isinstance(one, str)), "")))
        return f"expected one of {', '.join(allowed)}, found {found!r}{guess(found, allowed)}"

    def verify_id(self, identifier: str, pointer: Pointer) -> None:
        prefix = identifier.partition("-")[0]
        if prefix in ROOMS or prefix in _TAKEN:
            whose = "batten's own" if prefix in ROOMS else "a source of advisories"
            self.error(pointer, f"expected a prefix of your own, found {prefix}, which is {whose}")

    def verify_texts(self, form: RuleForm, pointer: Pointer) -> None:
        if not form.title.isprintable():
            self.error((*pointer, "title"), "expected one line of printable text, found other characters in it")
        if isinstance(form.remediation, dict):
            allowed = ("all", *PLATFORMS)
            for name in form.remediation:
                if name not in allowed:
                    hint = guess(name, allowed) or f"; known: {', '.join(allowed)}"
                    self.error((*pointer, "remediation", name), f"expected a platform, found {name!r}{hint}", key=True)

    def expression(
        self, text: str, noun: Noun, pointer: Pointer, known: frozenset[str] = frozenset()
    ) -> Program | None:
        try:
            return program(text, noun.roots, BOOL, known)
        except RuleError as error:
            self.at(pointer, text, error.at, error.message)
            return None

    def at(self, pointer: Pointer, text: str, at: int, message: str) -> None:
        line, column = place_in(self.document, pointer, text, at)
        name = next(str(one) for one in reversed(pointer) if isinstance(one, str))
        self.problems.append(Problem(self.shown, line, column, self.rule, f"{name}: {message}"))

    def template(self, text: str, noun: Noun, pointer: Pointer, known: frozenset[str]) -> list[str | Program]:
        """A text with `{{ expression }}` in it."""
        parts: list[str | Program] = []
        end = 0
        for found in _VALUE.finditer(text):
            parts.append(text[end : found.start()])
            end = found.end()
            inner = found[1].strip()
            begin = found.start(1) + len(found[1]) - len(found[1].lstrip())
            try:
                made = program(inner, noun.roots, None, known)
                if secret := _secret(made):
                    raise RuleError(f"{secret} may hold a secret, which no message may show", 0)
                parts.append(made)
            except RuleError as error:
                self.at(pointer, text, begin + error.at, error.message)
        parts.append(text[end:])
        if (open_at := _VALUE.sub(lambda found: " " * len(found[0]), text).find("{{")) >= 0:
            self.at(pointer, text, open_at, "expected `}}` after `{{`, found none")
        return [one for one in parts if one != ""]

    def verify_where(self, form: RuleForm, noun: Noun, pointer: Pointer) -> None:
        if not form.where:
            return
        root, _, name = form.where.rpartition(".")
        kind = noun.roots.get(root or next(iter(noun.roots)))
        if kind is None or name.partition(".")[0] not in fields(kind):
            table = tuple(fields(noun.roots[next(iter(noun.roots))]))
            self.error((*pointer, "where"), f"expected a field, found {form.where!r}{guess(form.where, table)}")

    def verify_fix(self, form: RuleForm, noun: Noun, pointer: Pointer, known: frozenset[str]) -> list[str | Program]:
        image: list[str | Program] = []
        fix = form.fix
        if fix is None:
            return image
        if sum((bool(fix.set), fix.remove, bool(fix.edits))) != 1:
            self.error(pointer, "expected one of set, remove and edits in a fix")
        if fix.remove and form.on not in ("mount", "port", "variable"):
            self.error((*pointer, "remove"), f"remove takes a mount, port or variable away, found a rule on {form.on}")
        table = WORKLOAD_FIXES if form.on == "workload" else CONTAINER_FIXES if "container" in noun.roots else {}
        for name, value in fix.set.items():
            where = (*pointer, "set", name)
            if name not in table:
                known_names = ", ".join(table) or "none on this noun; use edits"
                self.error(where, f"{name!r} cannot be set{guess(name, tuple(table)) or '; known: ' + known_names}")
            elif not _fits(value, table[name]):
                self.error(where, f"expected {_expected(table[name])} for {name}, found {_shown(value)}")
            elif name == "image":
                image = self.template(value, noun, where, known)
        for index, edit in enumerate(fix.edits):
            if bool(edit.set) == bool(edit.remove):
                self.error((*pointer, "edits", index), "expected one of set and remove in an edit")
        return image

    def controls(self, form: RuleForm, pointer: Pointer) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        if not form.controls:
            return found
        from batten.frameworks import frameworks

        known = {one.name: {control.id for control in one.controls} for one in frameworks()}
        for index, text in enumerate(form.controls):
            name, _, control = text.partition(":")
            if name.startswith("pss-"):
                self.error((*pointer, index), "Pod Security Standards are judged by their own evaluator alone")
            elif control not in known.get(name, ()):
                hint = guess(name, tuple(known)) if name not in known else guess(control, tuple(known[name]))
                self.error((*pointer, index), f"expected FRAMEWORK:CONTROL, found {text!r}{hint}")
            else:
                found.append((name, control))
        return found


_WORDS: Final = {
    "str": "a text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "nothing",
}


def _in_words(types: str) -> str:
    """The types of a message of msgspec's, in a user's words."""
    return " or ".join(_WORDS.get(one, one) for one in types.replace("`", "").split(" | "))


def _secret(made: Program) -> str:
    for read in made.checked.reads.values():
        last = read.path[-1]
        if read.path[:2] == ("variable", "value") or (last in ("command", "args") and not read.presence):
            return ".".join(read.path)
        if "value" in read.shape.fields and last == "environment":
            return ".".join((*read.path, "value"))
        of_steps = last == "steps" and not UNSHOWN.isdisjoint(read.shape.fields)
        if (read.path[0] == "step" and last in UNSHOWN and not read.presence) or of_steps or _shows(read.shape):
            return ".".join(read.path)
        if last == "containers" and any(one in read.shape.fields for one in ("command", "args", "environment")):
            return ".".join(read.path)
    return ""


def _shows(shape: Shape) -> bool:
    """Whether scripts, inputs or variables of steps are read of the pipelines or jobs in a value."""
    steps = shape.fields.get("steps")
    if steps is not None and not UNSHOWN.isdisjoint(steps.fields):
        return True
    return any(_shows(inner) for inner in shape.fields.values())


def _fits(value: Any, allowed: tuple[Any, ...]) -> bool:
    for one in allowed:
        if not isinstance(one, type):
            if value is one or (isinstance(one, str) and value == one):
                return True
        elif one is list:
            if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
                return True
        elif (
            isinstance(value, one) and not isinstance(value, bool) and (not isinstance(value, int | float) or value > 0)
        ):
            return True
    return False


def _expected(allowed: tuple[Any, ...]) -> str:
    names = {list: "a list of words", int: "a number above 0", float: "a number above 0", str: "a text"}
    return names[allowed[0]] if isinstance(allowed[0], type) else _shown(allowed[0])


def _shown(value: Any) -> str:
    """A value as YAML has it, cut."""
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else value
    return text[:60]


def _names_at(steps: tuple[str, ...]) -> tuple[str, ...]:
    from batten.engine.rules import form

    found: Any = form.RuleForm
    for step in steps:
        found = {
            "fix": form.FixForm,
            "examples": form.ExamplesForm,
            "edits": form.EditForm,
            "failing": form.ExampleForm,
            "passing": form.ExampleForm,
        }.get(step, found)
    return tuple(found.__struct_fields__)


def _choices(name: str) -> tuple[str, ...]:
    from typing import get_args, get_type_hints

    from batten.engine.rules import form

    for struct in (form.RuleForm, form.FixForm, form.EditForm):
        hint = get_type_hints(struct).get(name)
        for one in (hint, *get_args(hint)):
            words = get_args(one)
            if words and all(isinstance(word, str) for word in words):
                return tuple(words)
    return ()
