"""Changes of neutral fields as edits of a Dockerfile's instructions."""

from __future__ import annotations

from batten.formats.dockerfile.nodes import Dockerfile, pointer_of
from batten.model.edits import CannotEdit, Edit, InsertBefore, Remove, ReplaceText, Set
from batten.model.verdict import Change
from batten.model.workload import Container, EnvVar


class DockerfileWriter:
    """Changes of neutral fields as edits of instructions."""

    platforms = ("dockerfile",)

    def edits(self, change: Change) -> list[Edit]:
        target = change.target
        if not isinstance(target, Container):
            raise CannotEdit("a Dockerfile does not say how its image is run")
        dockerfile = target.document
        if not isinstance(dockerfile, Dockerfile):
            raise CannotEdit("not a Dockerfile")
        if change.field == "user":
            return [_set_user(dockerfile, str(change.value))]
        if change.field == "image":
            return [ReplaceText(target.places["image"], str(change.value))]
        if change.field == "remove" and isinstance(change.value, EnvVar):
            return [Remove(change.value.pointer)]
        raise CannotEdit(f"a Dockerfile cannot express {change.field.replace('_', ' ')}")


def _set_user(dockerfile: Dockerfile, user: str) -> Edit:
    """USER as the last word of the last stage; before CMD and ENTRYPOINT where they close it, as is usual."""
    last = dockerfile.stages[-1]
    users = [one for one in last.instructions if one.keyword == "USER"]
    if users and not any(
        one.index > users[-1].index and one.keyword in ("RUN", "COPY", "ADD") for one in last.instructions
    ):
        return Set((*pointer_of(users[-1]), "arg", 0), user)
    for instruction in last.instructions[1:]:
        later = [one for one in last.instructions if one.index >= instruction.index]
        if all(one.keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "EXPOSE", "LABEL") for one in later):
            return InsertBefore(pointer_of(instruction), f"USER {user}")
    return InsertBefore(("end", last.index), f"USER {user}")


WRITER = DockerfileWriter()
