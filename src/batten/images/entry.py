"""Which files the entry point of an image runs, links and imports: followed by name, never by running it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct, field

from batten import limits
from batten.images import scripts
from batten.images.configuration import Configuration
from batten.images.facts import Elf, Script
from batten.images.packages import Catalogued, import_name, normalised
from batten.images.squash import Squash
from batten.model.package import Package
from batten.pattern import pattern

# What a container gets where its image sets none (the default of Docker and containerd).
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# ld.so(8), "/lib", "/usr/lib" and their variants; musl's also has /usr/local/lib.
_LIBRARIES: Final = ("lib", "usr/lib", "lib64", "usr/lib64", "usr/local/lib", "lib32", "usr/lib32")
_MULTIARCH: Final = "-linux-"
_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
_WORDS: Final = 1_000
_APPLICATION: Final = pattern(r"([A-Za-z_][\w.]*):[A-Za-z_]\w*(?:\(\))?$")
"""`shop.wsgi:app`, what Python's application servers are given."""
_NO_CODE: Final = ("", "usr", "etc", "bin", "sbin", "lib", "var", "tmp", "root", "home", "opt")
"""Folders that are nobody's application as a whole."""
_SYSTEM: Final = ("usr", "lib", "etc")
_MODULES: Final = (".so", ".node")
_EXTENSIONS: Final = {
    "python": tuple(
        f"{prefix}/python3.{minor}/lib-dynload" for prefix in ("usr/lib", "usr/local/lib") for minor in range(6, 20)
    ),
    "ruby": ("usr/lib/ruby", "usr/local/lib/ruby"),
    "php": ("usr/lib/php", "usr/local/lib/php/extensions"),
    "java": (),
}
"""Interpreter -> folders of its own compiled modules; of Java those beside it."""
_SHARED: Final = ("", "usr", "usr/local")
"""Folders whose `lib` is everybody's."""
_PACKAGES: Final = frozenset({"site-packages", "dist-packages", "node_modules"})


class Reached(Struct):
    """What the entry point leads to."""

    files: dict[str, None] = field(default_factory=dict)
    """Real paths, in the order in which they were found."""
    imported: set[tuple[str, str]] = field(default_factory=set)
    """(type, name) of packages."""
    understood: bool = False
    """The first of the files is a program or script whose needs were read: what it leads to is all that it needs."""


def reached_from(squash: Squash, configuration: Configuration, catalogued: Catalogued) -> Reached:
    """Follows ENTRYPOINT and CMD through PATH, interpreters, links, libraries and the imports of own code."""
    follower = _Follower(squash, configuration)
    if not follower.start([*configuration.entrypoint, *configuration.command]):
        return Reached()  # what a program needs that is not there is not known, whatever its arguments name
    follower.follow()
    imported = _packages(follower, catalogued)
    follower.modules_of(package for package in catalogued.packages if (package.type, import_name(package)) in imported)
    follower.follow()
    return Reached(follower.files, imported, follower.understands_program)


class _Follower:
    def __init__(self, squash: Squash, configuration: Configuration) -> None:
        self._squash = squash
        self._tree = squash.files
        environment = dict(configuration.environment)
        self._path = [folder for folder in environment.get("PATH", _PATH).split(":") if folder]
        self._home = "/" + configuration.working_directory.strip("/")
        self._library_path = [folder for folder in environment.get("LD_LIBRARY_PATH", "").split(":") if folder]
        self._default_libraries: list[str] | None = None
        self._libraries: dict[str, tuple[str, int] | None] = {}
        self._pending: deque[tuple[str, int]] = deque()
        self._code: set[tuple[str, tuple[str, ...]]] = set()
        self._lookups = 0
        self.files: dict[str, None] = {}
        self.python: set[str] = set()
        """Modules that own code imports, as written."""
        self.node: set[str] = set()
        for folder in environment.get("PYTHONPATH", "").split(":"):
            self._code_folder(folder.strip("/"), scripts.PYTHON)

    def start(self, words: Sequence[str]) -> bool:
        """The words of the command that the container begins with. Is its program there?"""
        if words:
            self._program(words[0])
        if not self.files:
            return False
        if len(words) > 2 and words[0].rpartition("/")[2] in _SHELLS and words[1].startswith("-") and "c" in words[1]:
            self._shell(words[2])
            words = words[3:]
        for index, word in enumerate(words[:_WORDS]):
            if index and words[index - 1] == "-m":
                self._module(word)
            elif not index or not word.startswith("-"):
                self._argument(word)
            else:
                self._file(word.partition("=")[2])
        return True

    def follow(self) -> None:
        """Until nothing new is found."""
        while self._pending:
            path, member = self._pending.popleft()
            content = self._tree.content(member)
            elf, script = self._squash.elf.get(content), self._squash.scripts.get(content)
            if elf is not None:
                self._elf(elf, path)
            if script is not None:
                self._script(script, path)
            name = path.rpartition("/")[2]
            if "/bin/" in f"/{path}":
                self._extensions(name, path)
            for program, endings in (("python", scripts.PYTHON), ("node", scripts.NODE)):
                if name.startswith(program):
                    self._code_folder(self._home.strip("/"), endings)

    @property
    def understands_program(self) -> bool:
        first = next(iter(self.files), None)
        found = self._find(f"/{first}") if first is not None else None
        if found is None:
            return False
        content = self._tree.content(found[1])
        return content in self._squash.elf or content in self._squash.scripts

    def modules_of(self, packages: Iterable[Package]) -> None:
        """The compiled modules of packages that are imported: what those link runs with the program."""
        for package in packages:
            for path in package.files:
                if path.endswith(_MODULES):
                    self._file(f"/{path}")

    def _extensions(self, name: str, path: str) -> None:
        """The compiled modules of an interpreter's own library, which it loads when a script asks for them."""
        home = path.rpartition("/bin/")[0]
        for program, folders in _EXTENSIONS.items():
            if not name.startswith(program):
                continue
            if program == "java":
                folders = (f"{home}/lib",) if home not in _SHARED else ()
            elif f"usr/lib/{name}/lib-dynload" in folders:  # `python3.11` loads what is its own
                folders = tuple(folder for folder in folders if f"/{name}/" in folder)
            for folder in folders:
                for found, member in sorted(self._tree.walk(folder)) if self._tree.real_folder(folder) else ():
                    if found.endswith(".so") and self._tree.content(member) in self._squash.elf:
                        self._add((found, member))

    def _shell(self, text: str) -> None:
        found = scripts.read_script("command.sh", text[: limits.SHELL_TEXT].encode("utf-8", "replace"))
        for word in found.commands:
            self._program(word)
        for word in text[: limits.SHELL_TEXT].split()[:_WORDS]:
            self._argument(word.strip("\"'`;&|()"))

    def _argument(self, word: str) -> None:
        """A program behind a wrapper (`tini -- nginx`), a script, an archive, a module of an application server."""
        if application := _APPLICATION.match(word):
            self._module(application[1])
        elif word.endswith("/*"):  # a class path
            if folder := self._tree.real_folder(self._absolute(word[:-2])):
                for name, node in folder[1].items():
                    if type(node) is int and name.endswith(".jar"):
                        self._add((f"{folder[0]}/{name}", node))
        elif ":" in word and "/" in word and "://" not in word:
            for part in word.split(":")[:_WORDS]:
                self._file(part)
        else:
            self._program(word)

    def _program(self, word: str) -> None:
        """Finds it as execvp(3) does."""
        if "/" in word:
            self._file(word)
        elif word:
            for folder in self._path:
                if self._add(self._find(f"{folder}/{word}")):
                    return
            self._file(word)

    def _file(self, word: str) -> None:
        if word and len(word) < limits.LAYER_NAME:
            self._add(self._find(self._absolute(word)))

    def _absolute(self, word: str) -> str:
        return word if word.startswith("/") else f"{self._home}/{word}"

    def _find(self, path: str) -> tuple[str, int] | None:
        self._lookups += 1
        return self._tree.find(path) if self._lookups <= limits.ENTRY_LOOKUPS else None

    def _add(self, found: tuple[str, int] | None) -> bool:
        if found is None:
            return False
        if found[0] not in self.files and len(self.files) < limits.ENTRY_FILES:
            self.files[found[0]] = None
            self._pending.append(found)
        return True

    def _elf(self, elf: Elf, path: str) -> None:
        if elf.interpreter:
            self._add(self._find(elf.interpreter))
        origin = "/" + path.rpartition("/")[0]
        own = [one.replace("$ORIGIN", origin).replace("${ORIGIN}", origin) for one in elf.paths]
        for name in elf.needed:
            if "/" in name:
                self._add(self._find(name))
                continue
            if not any(self._add(self._find(f"{folder}/{name}")) for folder in own):
                self._add(self._library(name))

    def _library(self, name: str) -> tuple[str, int] | None:
        if name not in self._libraries:
            found = (self._find(f"{folder}/{name}") for folder in self._library_folders())
            self._libraries[name] = next((one for one in found if one is not None), None)
        return self._libraries[name]

    def _library_folders(self) -> list[str]:
        if self._default_libraries is None:
            folders = [*self._library_path, *self._squash.search_paths, *_LIBRARIES]
            for parent in ("lib", "usr/lib"):
                if found := self._tree.real_folder(parent):
                    folders += sorted(f"{parent}/{name}" for name in found[1] if _MULTIARCH in name)
            self._default_libraries = list(dict.fromkeys(folders))
        return self._default_libraries

    def _script(self, script: Script, path: str) -> None:
        words = list(script.interpreter)
        if words:
            self._file(words[0])
            if words[0].rpartition("/")[2] == "env":
                for word in words[1:]:
                    for one in word.split():
                        if not one.startswith("-") and "=" not in one:
                            self._program(one)
        for command in script.commands:
            self._program(command)
        if path.endswith(scripts.NODE) or any("node" in word for word in words):
            self.node.update(script.imports)
            self._code_folder(path.rpartition("/")[0], scripts.NODE)
        elif path.endswith(scripts.PYTHON) or any("python" in word for word in words):
            for module in script.imports:
                self._module(module, path.rpartition("/")[0])
            self._code_folder(path.rpartition("/")[0], scripts.PYTHON)

    def _module(self, name: str, folder: str = "") -> None:
        """A module of Python: own code where a file of it lies beside, else somebody's package."""
        folder = folder or self._home.strip("/")
        dots = len(name) - len(name.lstrip("."))
        for _ in range(dots - 1):
            folder = folder.rpartition("/")[0]
        bare = name[dots:]
        place, top = f"{folder}/{bare.replace('.', '/')}", f"{folder}/{bare.partition('.')[0]}"
        for candidate in (
            f"{place}.py",
            f"{place}/__init__.py",
            f"{place}/__main__.py",
            f"{top}.py",
            f"{top}/__init__.py",
        ):
            if (found := self._find(candidate)) is not None:
                self._add(found)
                self._code_folder(found[0].rpartition("/")[0], scripts.PYTHON)
                return
        if not dots:
            self.python.add(name)

    def _code_folder(self, folder: str, endings: tuple[str, ...]) -> None:
        """The modules below a folder of own code all count: which of them run is not known without running."""
        parts = folder.split("/")
        if folder in _NO_CODE or parts[-1] in ("bin", "sbin") or parts[0] in _SYSTEM:
            return
        if (folder, endings) in self._code or not _PACKAGES.isdisjoint(parts):
            return
        self._code.add((folder, endings))
        texts = self._squash.scripts
        for path, member in self._tree.walk(folder):
            own = path.endswith(endings) and self._tree.content(member) in texts
            if own and _PACKAGES.isdisjoint(path.split("/")):
                self._add((path, member))


def _packages(follower: _Follower, catalogued: Catalogued) -> set[tuple[str, str]]:
    """The packages that bring the imported modules, and those that they need."""
    python = {one.partition(".")[0] for one in follower.python}
    node = {_node_package(one) for one in follower.node if not one.startswith((".", "/", "node:"))}
    names = set().union(*(catalogued.modules.get(one, {normalised(one)}) for one in python))
    by_type: dict[str, dict[str, list[Package]]] = {"pypi": {}, "npm": {}}
    for package in catalogued.packages:
        if package.type in by_type:
            by_type[package.type].setdefault(import_name(package), []).append(package)
    found: set[tuple[str, str]] = set()
    for kind, start in (("pypi", names), ("npm", node)):
        for package in _closure(by_type[kind], start):
            found.add((kind, import_name(package)))
    return found


def _closure(packages: dict[str, list[Package]], start: Iterable[str]) -> Iterable[Package]:
    pending = sorted(one for one in start if one in packages)
    seen = set(pending)
    while pending:
        for package in packages[pending.pop()]:
            yield package
            for name in package.depends:
                key = normalised(name) if package.type == "pypi" else name
                if key in packages and key not in seen:
                    seen.add(key)
                    pending.append(key)


def _node_package(name: str) -> str:
    """`express/lib/router` -> `express`, `@scope/one/two` -> `@scope/one`."""
    parts = name.split("/")
    return "/".join(parts[:2] if name.startswith("@") else parts[:1])
