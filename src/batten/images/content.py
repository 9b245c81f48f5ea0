"""What is read of one image, and how its packages stand to the program that it runs."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from msgspec import Struct, field

from batten.images.packages import import_name
from batten.model.image_content import Image
from batten.model.package import Package
from batten.model.source import Problem

Reach = Literal["linked", "imported", "present", "unknown"]


class ImageContent(Struct, dict=True):
    """One image as it was read."""

    image: Image
    packages: list[Package] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """`path` names the layer and the file. A severe one: the image was not read whole, or something lies."""
    imported: frozenset[tuple[str, str]] = frozenset()
    """What the program's own code imports and what that needs: (type, `batten.images.packages.import_name`)."""

    understood: bool = False
    """What the program needs was read, so that what it does not lead to is not needed, as far as names tell."""

    @cached_property
    def entry_files(self) -> frozenset[str]:
        """`Image.entry_files`, to look things up in."""
        return frozenset(self.image.entry_files)


_DISTRIBUTED = frozenset({"deb", "rpm", "apk"})
_ARCHIVES = frozenset({"maven", "nuget"})


def reach(package: Package, content: ImageContent) -> Reach:
    """How the entry point of the image reaches `package`.

    `linked`: a file of it is the program, is run by it or linked into it; `imported`: the program's own code
    imports it, or what it imports needs it; `present`: it only lies there. `unknown` where the image names no
    program or its file was not found, and for a package of the distribution none of whose programs are known.
    Names are followed, code is not run: `present` is likely, never certain.
    """
    reached = content.entry_files
    if not reached:
        return "unknown"
    holders = {path.partition("!")[0] for path in package.paths}
    if not reached.isdisjoint(holders):
        return "imported" if package.type in _ARCHIVES else "linked"
    if not reached.isdisjoint(package.files):
        return "linked"
    if (package.type, import_name(package)) in content.imported:
        return "imported"
    # without a list of its files nobody can say that the program does without them
    return "present" if package.files or package.type not in _DISTRIBUTED else "unknown"
