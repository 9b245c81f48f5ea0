"""Lock files and the like: the packages of a source directory. What recognises them stands here.

Each kind is a module of this folder with a function `read(lock)`, loaded when the first such file comes.
"""

from __future__ import annotations

from typing import Final

from batten.formats.interface import ReadContext, Reading
from batten.model.source import File

__all__ = ["READER"]

NAMES: Final = {
    "bun.lock": "bun",
    "cabal.project.freeze": "haskell",
    "cargo.lock": "cargo",
    "composer.lock": "composer",
    "conan.lock": "conan",
    "conda-lock.yml": "conda",
    "directory.packages.props": "nuget",
    "environment.yaml": "conda",
    "environment.yml": "conda",
    "gemfile.lock": "gemfile",
    "gems.locked": "gemfile",
    "go.mod": "golang",
    "mix.lock": "mix",
    "npm-shrinkwrap.json": "npm",
    "package-lock.json": "npm",
    "package.resolved": "swift",
    "packages.config": "nuget",
    "packages.lock.json": "nuget",
    "pdm.lock": "pdm",
    "pipfile.lock": "pipfile",
    "pnpm-lock.yaml": "pnpm",
    "poetry.lock": "poetry",
    "pom.xml": "maven",
    "pubspec.lock": "pubspec",
    "pylock.toml": "pylock",
    "renv.lock": "renv",
    "stack.yaml.lock": "haskell",
    "uv.lock": "uv",
    "yarn.lock": "yarn",
}
"""Name in lower case -> module."""
SUFFIXES: Final[tuple[tuple[str, str], ...]] = (
    (".csproj", "nuget"),
    (".deps.json", "nuget"),
    (".fsproj", "nuget"),
    (".lockfile", "gradle"),
    (".pom", "maven"),
    (".vbproj", "nuget"),
)
"""End of the name in lower case -> module."""


def kind_of(path: str) -> str:
    """The module that reads a file of this name; "" for none."""
    folder, _, name = path.lower().rpartition("/")
    if found := NAMES.get(name):
        return found
    for suffix, kind in SUFFIXES:
        if name.endswith(suffix):
            return kind
    if name == "modules.txt" and folder.endswith("vendor"):
        return "golang"
    if name.startswith("pylock.") and name.endswith(".toml"):
        return "pylock"
    if name.endswith(".txt") and ("requirements" in name or folder.endswith("requirements")):
        return "requirements"
    return ""


class LockReader:
    """Recognises files by their name."""

    name = "lockfile"
    priority = 5

    def wants_name(self, path: str) -> bool:
        return bool(kind_of(path))

    def wants(self, file: File) -> bool:
        return bool(kind_of(file.path))

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.lockfiles.lock.read`, which is loaded when the first such file comes."""
        from batten.formats.lockfiles.lock import read

        # without a name of its own, a file of pip's named it
        return read(file, context, kind_of(file.path) or "requirements")


READER = LockReader()
