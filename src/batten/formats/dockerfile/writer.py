"""Changes of neutral fields as edits of a Dockerfile's instructions."""

from __future__ import annotations

from batten.formats.dockerfile.nodes import Dockerfile, pointer_of
from batten.formats.image_users import folders_of_root
from batten.model.edits import CannotEdit, Edit, InsertBefore, Remove, ReplaceText, Set
from batten.model.image import ImageReference
from batten.model.source import Pointer
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
            return _set_user(dockerfile, str(change.value), target.image)
        if change.field == "image":
            return [ReplaceText(target.places["image"], str(change.value))]
        if change.field == "remove" and isinstance(change.value, EnvVar):
            return [Remove(change.value.pointer)]
        raise CannotEdit(f"a Dockerfile cannot express {change.field.replace('_', ' ')}")


def _set_user(dockerfile: Dockerfile, user: str, base: object) -> list[Edit]:
    """USER as the last word of the last stage; before CMD and ENTRYPOINT where they close it, as is usual. Folders that
    the base's program writes to and that are root's in it are given to the user first."""
    last = dockerfile.stages[-1]
    users = [one for one in last.instructions if one.keyword == "USER"]
    if users and not any(
        one.index > users[-1].index and one.keyword in ("RUN", "COPY", "ADD") for one in last.instructions
    ):
        return [Set((*pointer_of(users[-1]), "arg", 0), user)]
    folders = folders_of_root(base) if isinstance(base, ImageReference) and user.isdigit() else ()
    text = " ".join(one.text for one in last.instructions)
    lines = [f"USER {user}"]
    if folders and not any(folder in text for folder in folders):
        lines.insert(0, f"RUN chown -R {user}:{user} {' '.join(folders)}")
    return [InsertBefore(_end(dockerfile), line) for line in lines]


def _end(dockerfile: Dockerfile) -> Pointer:
    last = dockerfile.stages[-1]
    place: Pointer = ("end", last.index)
    for instruction in reversed(last.instructions[1:]):
        if instruction.keyword not in ("CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "EXPOSE", "LABEL"):
            break
        place = pointer_of(instruction)
    return place


WRITER = DockerfileWriter()
