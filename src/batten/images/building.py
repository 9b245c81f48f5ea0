"""Puts together what is told of an image, layer by layer, and answers with the finished nouns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final

from msgspec.structs import replace

from batten import limits
from batten.images.cataloguers import Cataloguer
from batten.images.configuration import Configuration
from batten.images.content import ImageContent
from batten.images.document import ImageDocument
from batten.images.entry import reached_from
from batten.images.facts import LayerFacts
from batten.images.image_files import image_files, special_members
from batten.images.layers import Wanted, read_again
from batten.images.looker import Looker
from batten.images.packages import catalogued
from batten.images.squash import Squash
from batten.images.unlisted import missing_list
from batten.model.image_content import BaseImage, Image, Layer
from batten.model.source import Problem
from batten.model.workload import Resource

_DIGEST_SHOWN: Final = 19  # `sha256:` and twelve digits, as engines print them
_LINKS_READ: Final = 10_000


class Building:
    """`add` every layer, lowest first, then `read_links`, then `finish`."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        self.layers: list[Layer] = []
        self.problems: list[Problem] = []
        self._squash = Squash()
        self._special: list[int] = []
        self._full = False
        self._size = 0

    def add(self, layer: Layer, facts: LayerFacts) -> None:
        """The next layer."""
        self.layers.append(layer)
        where = self._where(len(self.layers) - 1)
        for one in facts.problems:
            self.problems.append(Problem(f"{where}!{one.path}" if one.path else where, one.message, severe=one.severe))
        self._lay(facts, where)

    def add_root(self, facts: LayerFacts) -> None:
        """A directory that is all there is: no layer."""
        self.problems += [Problem(one.path or ".", one.message, severe=one.severe) for one in facts.problems]
        self._size = facts.unpacked
        self._lay(facts, ".")

    def _lay(self, facts: LayerFacts, where: str) -> None:
        first = self._squash.files.next_member
        if first + facts.count > limits.IMAGE_MEMBERS:
            if not self._full:
                most = limits.IMAGE_MEMBERS
                message = f"expected at most {most:,} members in all layers, found more; this layer was not laid over"
                self.problems.append(Problem(where, message))
            self._full = True
            return
        self._special += special_members(facts, first)
        for message in self._squash.add(facts):
            self.problems.append(Problem(where, message))

    def read_links(self, openers: Sequence[Callable[[], BinaryIO]], cataloguers: Sequence[Cataloguer]) -> None:
        """Reads what links lead to whose own name a cataloguer wants, where nobody has read it before.

        Hard links into lower layers and symbolic links to package databases are both rare.
        """
        for layer, wanted in self._links_to_read().items():
            if layer >= len(openers):
                continue
            facts = LayerFacts()
            read_again(openers[layer], Looker(facts, cataloguers), wanted)
            paths = {number: path for links in wanted.values() for number, path, _ in links}
            for found in facts.found:
                self._squash.add_found(paths[found.index], found)
            where = self._where(layer)
            self.problems += [Problem(f"{where}!{one.path}", one.message, severe=one.severe) for one in facts.problems]

    def _links_to_read(self) -> dict[int, Wanted]:
        squash, files = self._squash, self._squash.files
        found: dict[int, Wanted] = {}
        for member, (path, names) in islice(squash.wanted_links.items(), _LINKS_READ):
            link, target = files.find(path, follow=False), files.find(path)
            if link is None or target is None or link[1] != member:  # hidden since, or it leads nowhere
                continue
            held = files.content(target[1])
            readers = {member} if files.content(member) != member else {target[1], held}
            left = frozenset(name for name in names if not any(squash.told(name, one) for one in readers))
            stat = files.stat(held)
            if left and stat.kind == "f" and stat.size:
                found.setdefault(stat.layer, {}).setdefault(stat.index, []).append((member, link[0], left))
        return found

    def finish(self, configuration: Configuration, base: BaseImage | None = None, **identity: Any) -> ImageContent:
        """The image and its packages. `identity` are fields of `Image` that neither layers nor configuration tell."""
        squash = self._squash
        paths = self._paths()
        found = catalogued(squash, self.layers, identity.get("id", ""), paths)
        if base is not None and base.layers:
            in_base = {layer.diff_id for layer in self.layers[: base.layers]}
            for index, package in enumerate(found.packages):
                found.packages[index] = replace(package, from_base=package.layer in in_base)
        reached = reached_from(squash, configuration, found)
        first = next(iter(reached.files), None)
        files, left = image_files(squash, self._special, paths, [first] if first else [])
        self.problems += [Problem(self.reference, message, severe=False) for message in left]
        if not any(one.severe for one in self.problems) and (
            missing := missing_list(found.distribution, found.packages, squash.files, configuration.os)
        ):
            self.problems.append(Problem(*missing))
        image = Image(
            document=ImageDocument(self.reference),
            pointer=(),
            resource=Resource("image", "Image", self.reference),
            scope=self.reference,
            name=self.reference,
            reference=self.reference,
            architecture=configuration.architecture,
            os=configuration.os or "linux",
            variant=configuration.variant,
            created=configuration.created,
            user=configuration.user,
            entrypoint=configuration.entrypoint,
            command=configuration.command,
            environment=configuration.environment,
            ports=configuration.ports,
            volumes=configuration.volumes,
            image_labels=configuration.labels,
            working_directory=configuration.working_directory,
            healthcheck=configuration.healthcheck,
            layers=self._layers(base),
            history=configuration.history,
            distribution=found.distribution,
            base=base,
            files=tuple(files),
            size=self._size or sum(layer.unpacked for layer in self.layers),
            entry_files=tuple(reached.files),
            raw_config=configuration.raw,
            **identity,
        )
        imported = frozenset(reached.imported)
        return ImageContent(image, found.packages, self.problems, imported, understood=reached.understood)

    def _paths(self) -> dict[int, str]:
        """The real paths of the members that somebody asks for."""
        squash = self._squash
        asked = {member for member, _ in squash.found()}
        asked.update(member for member, _ in squash.secrets())
        asked.update(member for member, _ in squash.marks)
        asked.update(self._special, squash.capabilities)
        paths = {member: path for path, member in squash.files.walk() if member in asked}
        paths |= {member: path for path, member in squash.files.folders() if member in asked and member is not None}
        return paths

    def _layers(self, base: BaseImage | None) -> tuple[Layer, ...]:
        number = base.layers if base is not None else 0
        return (*(replace(layer, in_base=True) for layer in self.layers[:number]), *self.layers[number:])

    def _where(self, number: int) -> str:
        digest = self.layers[number].diff_id[:_DIGEST_SHOWN]
        return f"layer {number + 1} ({digest})" if digest else f"layer {number + 1}"
