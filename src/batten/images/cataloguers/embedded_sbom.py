"""Bills of materials that builders put into images, where nothing else says what they brought.

Only places that a builder's documentation names: Bitnami's beside each program, PEP 770's in Python packages, Cloud
Native Buildpacks' of the layers that run, and the folder that several distributions' builders use. What a
distribution's own database lists is passed over here.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._told import Losses, is_name, is_version
from batten.model.package import Package
from batten.model.package_names import project_name
from batten.model.source import File, Unreadable
from batten.pattern import pattern

_ENDINGS: Final = (".spdx", ".spdx.json", ".cdx.json", ".cdx.xml", ".cyclonedx.json")
_PLACES: Final = pattern(
    r"""(?x)
    opt/bitnami/(?:[^/]+/){0,3}\.spdx-[^/]+\.spdx         # docs.bitnami.com: one for each component
    | (?:.+/)?[^/]+\.dist-info/sboms/(?:[^/]+/){0,2}[^/]+  # PEP 770
    | (?:layers|cnb)/sbom/launch/(?:[^/]+/){0,3}[^/]+      # Buildpacks specification, "Bill of Materials"
    | usr/(?:local/)?share/sboms?/[^/]+
    """
)
_BYTES: Final = limits.LANGUAGE_JSON_BYTES
_SYSTEM: Final = frozenset({"deb", "rpm", "apk"})
_NONE: Final = frozenset({"oci", "docker", "github", "file"})
"""What is no package of the image: the image itself, files, sources."""


class _EmbeddedSbom:
    name = "embedded-sbom"
    version = 2
    hint = Hint(endings=_ENDINGS)

    def wants(self, file: LayerFile) -> bool:
        return file.path.endswith(_ENDINGS) and _PLACES.fullmatch(file.path) is not None

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        from batten.formats.sbom import kind_of
        from batten.formats.sbom.reader import read

        if len(data) > _BYTES:
            raise Unreadable(f"larger than {_BYTES // limits.MIB} MiB; it is not read")
        document = File(file.path, bytes(data), file.path.rpartition("/")[0])
        kind = kind_of(document.data)
        if not kind:
            raise Unreadable("expected a bill of materials (CycloneDX or SPDX), found something else")
        found = read(document, kind)
        wheel = _wheel(file.path)
        losses = Losses()
        packages: dict[tuple[str, ...], Package] = {}
        for noun in found.nouns:
            if not isinstance(noun, Package) or noun.type in _SYSTEM or noun.type in _NONE:
                continue
            if noun.type == "pypi" and project_name(noun.name) == wheel:
                continue  # the wheel itself, whose metadata stand beside
            if len(packages) >= limits.PACKAGES_PER_FILE:
                losses.note(f"more than {limits.PACKAGES_PER_FILE:,} packages; the rest is not read")
                break
            if not is_name(noun.name) or not is_version(noun.version):
                losses.add("expected a name and a version")
                continue
            packages.setdefault((noun.type, noun.namespace, noun.name, noun.version), _plain(noun, file.path))
        return Catalogue(list(packages.values()), problem=losses.problem(len(packages)))


CATALOGUER: Final = _EmbeddedSbom()


def _wheel(path: str) -> str:
    """The distribution of Python that a bill of materials belongs to, "" where it is none's."""
    folder, mark, _ = path.partition(".dist-info/")
    return project_name(folder.rpartition("/")[2].partition("-")[0]) if mark else ""


def _plain(package: Package, path: str) -> Package:
    """The package as part of the image: its layer and its owner are worked out here, whatever the document says."""
    return replace(
        package,
        origin=CATALOGUER.name,
        paths=(path,),
        layer="",
        instruction="",
        from_base=None,
        owner="",
        target="",
        place=None,
        evidence=f"{package.name} {package.version} in the bill of materials {path}",
    )
