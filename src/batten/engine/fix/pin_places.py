"""Where the digest of an image is written: the text that decides what is pulled, or why there is none to edit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from batten.formats.kustomize import NAMES
from batten.model.edits import CannotEdit, Set
from batten.model.image import ImageReference
from batten.model.source import Document, Place, Pointer
from batten.model.verdict import Change, DocumentEdit
from batten.model.workload import Container
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.dockerfile.nodes import Dockerfile, Instruction
    from batten.model.inventory import Inventory

Step = Change | DocumentEdit

_LOCAL: Final = "localhost"
_OFFICIAL: Final = "docker.io/library/"
_WHOLE: Final = pattern(r"""(["']?)\$(?:(\w+)|\{(\w+)\})\1\Z""")


class PinPlaces:
    """The places of one inventory."""

    def __init__(self, inventory: Inventory) -> None:
        self._containers = inventory.of(Container)
        self._likely = inventory.links.likely_dockerfile

    def steps(self, noun: Any, place: Place, image: ImageReference, digest: str) -> tuple[Step, ...]:
        """What writes `digest` beside the reference `image` of `noun` (a container, or the build of a Dockerfile, where
        it stands at `place`). Raises `CannotEdit` with the reason."""
        self._refuse_local(image)
        pinned = f"{image.raw if image.tag else f'{image.raw}:latest'}@{digest}"
        if not isinstance(noun, Container):
            self._refuse_given(place.document, image)
            return (DocumentEdit(place.document, _in_dockerfile(place, image, pinned)),)
        likely = self.likely_dockerfile(noun)
        if likely and image.name.startswith(_OFFICIAL):  # nobody names an image of Docker's own and builds it, too
            raise CannotEdit(f"{likely} builds it, as its folder says; it has a digest once it is pushed to a registry")
        if (entry := _entry_of(noun)) is not None:
            return self._in_entry(entry, image, digest)
        where = noun.where("image")
        if where.document is noun.document and noun.kind != "ephemeral":  # whose text can be changed, not the pod
            return (Change(noun, "image", pinned),)
        if _value_at(where.document, where.pointer) != image.raw:
            raise CannotEdit(f"{where.document.file.path} puts it together from variables; pin it where they are set")
        return (DocumentEdit(where.document, Set(where.pointer, pinned)),)

    def likely_dockerfile(self, noun: Any) -> str:
        """The Dockerfile in a folder that is called as the image of a container; "" where there is none."""
        found = self._likely.get((noun.workload, noun.name)) if isinstance(noun, Container) else None
        return found.document.file.path if found is not None else ""

    def _refuse_local(self, image: ImageReference) -> None:
        """What is built beside its manifests has no digest before it is pushed."""
        if image.registry == _LOCAL:
            raise CannotEdit("localhost/ is the engine's own storage; it has a digest once it is pushed to a registry")
        built = self._built.get((image.name, image.tag or "latest"))
        if built is not None:
            raise CannotEdit(f"{built} builds it; it has a digest once it is pushed to a registry")

    @cached_property
    def _built(self) -> dict[tuple[str, str], str]:
        """Name and tag -> the file that says how it is built."""
        return {
            (one.image.name, one.image.tag or "latest"): one.document.file.path
            for one in self._containers
            if one.build is not None and isinstance(one.image, ImageReference) and not one.image.digest
        }

    def _refuse_given(self, dockerfile: Document, image: ImageReference) -> None:
        giving = self._contexts.get((dockerfile.file.path, image.raw))
        if giving is not None:
            raise CannotEdit(f"additional_contexts in {giving} decides what {image.raw} is; pin it there")

    @cached_property
    def _contexts(self) -> dict[tuple[str, str], str]:
        """Dockerfile and the name of a context that a Compose build gives it -> that Compose file."""
        found = {}
        for one in self._containers:
            if (build := one.build) is not None:
                for name, where in build.contexts:
                    given = (build.document or one.document).file.path
                    for called in (name, where.removeprefix("docker-image://")):
                        found[build.dockerfile, called] = given
        return found

    def _in_entry(self, entry: Place, image: ImageReference, digest: str) -> tuple[Step, ...]:
        """In `images` of a kustomization, `digest` takes the place of the tag of every image that the entry meets."""
        document, pointer = entry.document, entry.pointer[:2]
        others = self._of_entries.get((document.file.path, pointer), {image.raw}) - {image.raw}
        if others:
            raise CannotEdit(f"its entry of images decides {min(others)}, too; give each an entry of its own")
        if entry.pointer[2:] == ("tagSuffix",):
            raise CannotEdit("tagSuffix makes its tag; write newTag in its place")
        steps: list[Step] = []
        if _value_at(document, (*pointer, "newTag")) is None:
            # without it, kustomize 5 drops the tag that the base names
            steps.append(DocumentEdit(document, Set((*pointer, "newTag"), image.tag or "latest")))
        return (*steps, DocumentEdit(document, Set((*pointer, "digest"), digest)))

    @cached_property
    def _of_entries(self) -> dict[tuple[str, Pointer], set[str]]:
        """Kustomization and entry of `images` -> the references that it makes."""
        found: dict[tuple[str, Pointer], set[str]] = {}
        for one in self._containers:
            entry = _entry_of(one)
            if entry is not None and isinstance(one.image, ImageReference):
                found.setdefault((entry.document.file.path, entry.pointer[:2]), set()).add(one.image.raw)
        return found


def _entry_of(container: Container) -> Place | None:
    """The field of an entry of `images` that decides the image of a built object; None where none does."""
    node = getattr(container.document, "node", None)
    if node is None or not container.is_set("image"):
        return None
    found, rest = node.at(container.places["image"])
    place = found.place
    is_entry = not rest and type(place) is Place and place.document.file.name in NAMES and len(place.pointer) == 3
    return place if is_entry and place.pointer[0] == "images" else None


def _value_at(document: Document, pointer: Pointer) -> Any:
    value: Any = getattr(document, "value", None)
    for part in pointer:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


# ---------------------------------------------------------------------------------- Dockerfiles


def _in_dockerfile(place: Place, image: ImageReference, pinned: str) -> Set:
    """The edit of a FROM, of the ARG that decides it, or of the flag at `place`."""
    dockerfile: Dockerfile = place.document  # type: ignore[assignment]  # builds have no other document
    instruction = dockerfile.instructions[int(place.pointer[1])]
    if place.pointer[2] == "flag":
        value = instruction.flags[int(place.pointer[3])].value or ""
        if instruction.keyword == "COPY":
            return Set(place.pointer, pinned)
        source = re.compile(rf"(?<![^,])(\s*from=){re.escape(image.raw)}(?=\s*(?:,|\Z))")
        written, times = source.subn(lambda match: f"{match[1]}{pinned}", value)
        if times != 1:
            raise CannotEdit("the mount does not name it as one word; pin it by hand")
        return Set(place.pointer, written)
    raw = instruction.args[0].raw
    if "$" not in raw:
        return Set(place.pointer, pinned)
    whole = _WHOLE.match(raw)
    if whole is None:
        raise CannotEdit(f"it is put together from variables ({raw}); write it as one ARG, or without them")
    return _in_argument(dockerfile, instruction, whole[2] or whole[3], image, pinned)


def _in_argument(
    dockerfile: Dockerfile, instruction: Instruction, name: str, image: ImageReference, pinned: str
) -> Set:
    """The default of the ARG that a FROM names and nothing else uses in another way."""
    for one in reversed(dockerfile.global_args):
        pair = next((pair for pair in reversed(one.pairs) if pair.key == name), None)
        if pair is None or one.index > instruction.index:
            continue
        if pair.raw is None or "$" in pair.raw or pair.value != image.raw:
            raise CannotEdit(f"ARG {name} on line {one.line} is put together from variables; pin it by hand")
        other = next((use for use in _other_uses(dockerfile, name) if use is not one), None)
        if other is not None:
            raise CannotEdit(f"ARG {name} is used in another way on line {other.line}, too; pin it by hand")
        return Set(("instruction", one.index, "value", name), pinned)
    raise CannotEdit(f"no ARG {name} before the first FROM decides it")


def _other_uses(dockerfile: Dockerfile, name: str) -> Iterator[Instruction]:
    """Instructions to which the ARG means more than the whole base: what a digest behind it would spoil."""
    part = re.compile(rf"\$\{{?{re.escape(name)}(?!\w)")

    def uses(texts: Iterable[str | None]) -> bool:
        return any(text is not None and part.search(text) for text in texts)

    for one in dockerfile.global_args:
        if uses(pair.raw for pair in one.pairs):
            yield one
    for stage in dockerfile.stages:
        base = stage.from_
        if uses(flag.value for flag in base.flags) or (
            uses(word.raw for word in base.args[:1]) and _WHOLE.match(base.args[0].raw) is None
        ):
            yield base
        for one in stage.instructions:
            if one.keyword == "ARG" and any(pair.key == name for pair in one.pairs):
                yield one
