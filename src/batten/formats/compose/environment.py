"""Where the values of variables come from when a project is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from batten.formats.compose.ledger import Ledger
from batten.formats.text import TextDocument
from batten.model.source import Document, Pointer

if TYPE_CHECKING:
    from batten.formats.compose import dotenv


class FileVariable(Struct, frozen=True, eq=False):
    """A variable of an env file, with the place of its value."""

    name: str
    value: str | None
    path: str
    document: Document
    pointer: Pointer


class Environment(Struct, eq=False):
    """Variables in the order in which Compose asks for them: the caller's own, then the env files'.

    `built_in` are those that Compose or the shell always sets and that can be told from the files.
    """

    own: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Mapping[str, FileVariable], ...] = ()
    built_in: Mapping[str, str] = field(default_factory=dict)
    ledger: Ledger | None = None

    def lookup(self, name: str) -> str | None:
        """The variable's value, None where it has none here."""
        value = self._value(name)
        if value is not None and self.ledger is not None:
            self.ledger.spend_text(len(value))
        return value

    def _value(self, name: str) -> str | None:
        if name in self.own:
            return self.own[name]
        for table in self.files:
            if name in table:
                return table[name].value
        return self.built_in.get(name)

    def origin(self, name: str) -> FileVariable | None:
        """The line of the env file that gives `name` its value; None where no file does."""
        if name in self.own:
            return None
        return next((table[name] for table in self.files if name in table), None)

    def with_file(self, table: Mapping[str, FileVariable]) -> Environment:
        """The environment of an included project: its own env file gives what was not set before."""
        return Environment(self.own, (*self.files, table), self.built_in, self.ledger)


def file_variables(document: TextDocument, variables: Sequence[dotenv.Variable]) -> dict[str, FileVariable]:
    """The variables of an env file by name; the last of a name holds."""
    path = document.file.path
    return {one.name: FileVariable(one.name, one.value, path, document, (one.start, one.end)) for one in variables}
