"""What reading one project has cost so far, and what could not be read of it."""

from __future__ import annotations

from batten import limits
from batten.model.source import Document, Pointer, Problem, Unreadable


class Ledger:
    """Bounds a project as a whole: lists appended in chains, services that share a large anchor and
    variables that are used again and again grow with the square of what is written."""

    def __init__(self) -> None:
        self.parts = limits.COMPOSE_PARTS
        self.characters = limits.COMPOSE_VARIABLES
        self.problems: list[Problem] = []
        self._told: set[tuple[str, str, Pointer | int | None]] = set()

    def spend(self, parts: int) -> None:
        """Raises `Unreadable` when the project has become too large."""
        self.parts -= parts
        if self.parts < 0:
            raise Unreadable(f"expected a project of at most {limits.COMPOSE_PARTS} values when merged, found more")

    def spend_text(self, characters: int) -> None:
        """The same for characters that come from variables."""
        self.characters -= characters
        if self.characters < 0:
            raise Unreadable(f"expected variables to add at most {limits.COMPOSE_VARIABLES} characters, found more")

    def report(self, problem: Problem) -> None:
        """Keeps a problem, each one once."""
        if self._is_new(problem.path, problem.message, problem.line):
            self.problems.append(problem)

    def report_at(self, document: Document, pointer: Pointer, message: str, *, severe: bool) -> None:
        """Keeps a problem with something in a document; its line is worked out only if there is room."""
        path = document.file.path
        if self._is_new(path, message, pointer):
            self.problems.append(Problem(path, message, document.locate(pointer).line, severe))

    def _is_new(self, path: str, message: str, where: Pointer | int | None) -> bool:
        key = (path, message, where)
        if key in self._told:
            return False
        if len(self.problems) < limits.COMPOSE_PROBLEMS:
            self._told.add(key)
            return True
        if len(self.problems) == limits.COMPOSE_PROBLEMS:
            self.problems.append(Problem(path, "more problems of this project are not listed"))
        return False
