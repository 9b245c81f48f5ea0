"""What is looked for inside of files, whether they come from a layer or from a directory.

Every file is asked about once, by path, size, mode and first bytes (`Looker.tasks`); those that somebody
wants are read once for all who do (`Looker.look`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from batten import limits
from batten.images import notable, scripts
from batten.images.cataloguers import EVERYWHERE, Cataloguer, LayerFile
from batten.images.cataloguers._executable import is_program
from batten.images.elf import MAGIC, read_elf
from batten.images.facts import Found, LayerFacts, LayerProblem, Script, Secret
from batten.model.source import Unreadable

if TYPE_CHECKING:
    from batten.images.notable import Zone

_SOURCES: Final = scripts.PYTHON + scripts.NODE
_TEXTS: Final = (
    *(".py", ".pyi", ".pyc", ".pyx", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".map", ".css", ".scss", ".html", ".htm"),
    *(".h", ".hpp", ".hh", ".c", ".cc", ".cpp", ".go", ".rs", ".java", ".class", ".kt", ".rb", ".pl", ".pm", ".pod"),
    *(".php", ".lua", ".el", ".elc", ".tcl", ".r", ".md", ".rst", ".txt", ".tex", ".po", ".mo", ".xml", ".xsd", ".svg"),
    *(".json", ".yaml", ".yml", ".toml", ".csv", ".sql", ".proto", ".patch", ".diff"),
    *(".gz", ".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".ttf", ".otf", ".woff", ".woff2", ".pdf", ".mp3"),
)
_SMALL: Final = 256 * limits.KIB
"""No program that holds packages is smaller, whatever it is named."""
_KEPT_HEADS: Final = 20_000
_KEPT_HEAD: Final = 64
_BINARIES: Final = (MAGIC, b"MZ", b"PK\x03\x04", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_SEARCHED_HEAD: Final = 512
_WRITTEN_BY_HAND: Final = 64 * limits.KIB
"""A larger source is generated: a bundle of others' code, in which every long word looks like a secret."""
_SEARCH_PATHS: Final = 200
_EMPTY_ZONE: Final = notable.zone("")


def _may_both_end(text: str, ending: str) -> bool:
    return text.endswith(ending) or ending.endswith(text)


class Task(Struct, frozen=True):
    """One reason to read a file."""

    look: Callable[[int, LayerFile, bytes | memoryview], None]


class Looker:
    """Fills what `facts` say of the insides of files."""

    def __init__(self, facts: LayerFacts, cataloguers: Sequence[Cataloguer]) -> None:
        self._facts = facts
        self._wants = [(one.wants, one, Task(self._catalogues(one))) for one in cataloguers]
        hints = [getattr(one, "hint", EVERYWHERE) for one in cataloguers]
        self._endings = tuple(dict.fromkeys(ending for hint in hints for ending in hint.endings))
        self._beginnings = tuple(dict.fromkeys(beginning for hint in hints for beginning in hint.beginnings))
        self._unasked = frozenset(text for text in _TEXTS if not any(_may_both_end(text, one) for one in self._endings))
        self._of_programs = [one for one, hint in zip(self._wants, hints, strict=True) if hint.programs]
        self._elf, self._script = Task(self._look_elf), Task(self._look_script)
        self._secrets, self._search_paths = Task(self._look_secrets), Task(self._look_search_paths)
        self._folder = ""
        self._zone: Zone = _EMPTY_ZONE
        self._passes = False
        self._heads: dict[int, bytes] = {}
        self._searched = 0
        self._looked_into = 0
        self._untold = 0
        self._packages = 0
        self._owned = 0
        self._names = 0

    def is_text(self, file: LayerFile) -> bool:
        """Whether path and mode alone say that nobody wants to look into it: a source, page, picture, header … that
        cannot be run, of whose name nobody asks. Of such a file a directory need not be asked for the first bytes."""
        path = file.path
        if file.mode & 0o111 or not path.endswith(_TEXTS) or self.catalogued(file):
            return False
        folder, _, name = path.rpartition("/")
        self._enter(folder)
        if self._zone.packaged:
            return True
        is_source = name.endswith(_SOURCES) and not self._zone.library
        return not is_source and not notable.may_hold_secrets(name)

    def passes(self, path: str, size: int, mode: int) -> bool:
        """Whether `tasks` need not be asked: as `is_text`, in a packaged folder of which nothing else is noted. Four
        of five files of an image are such, and this is told in a fifth of the time."""
        if path[path.rfind(".") :] not in self._unasked or mode & 0o111 or size > _SMALL:
            return False
        self._enter(path.rpartition("/")[0])
        return self._passes

    def _enter(self, folder: str) -> None:
        """Works out what the folder says of its files, once for those that follow one another."""
        if folder == self._folder:
            return
        zone = notable.zone(folder)
        self._folder, self._zone = folder, zone
        self._passes = (
            zone.packaged
            and not zone.programs
            and not zone.cache
            and not any(f"{folder}/".startswith(one) or one.startswith(f"{folder}/") for one in self._beginnings)
        )

    def tasks(self, index: int, file: LayerFile) -> list[Task]:
        """What the regular file `file` is to be read for; notes what its name alone says."""
        path, head, mode = file.path, file.head, file.mode
        folder, _, name = path.rpartition("/")
        self._enter(folder)
        zone = self._zone
        found = self.catalogued(file)
        if zone.programs:
            self._mark(index, name)
        elif zone.cache:
            self._cache(index, path, file.size)
        if head.startswith(_BINARIES):
            if len(self._heads) < _KEPT_HEADS:
                self._heads[index] = head[:_KEPT_HEAD]
            if head.startswith(MAGIC) and (mode & 0o111 or ".so" in name):
                found.append(self._elf)
        elif file.size <= scripts.LOOKED_AT:
            if (head.startswith(b"#!") and mode & 0o111) or (
                name.endswith(_SOURCES) and not zone.packaged and not zone.library
            ):
                found.append(self._script)
            if (
                not zone.packaged
                and notable.may_hold_secrets(name)
                and b"\0" not in head[:_SEARCHED_HEAD]
                and (file.size <= _WRITTEN_BY_HAND or not name.endswith(_SOURCES))
            ):
                found.append(self._secrets)
        if not zone.packaged and notable.is_key_store(name):
            self._secret(index, Secret("key-store", "key store", name, "low", 1))
        if folder == "etc/ld.so.conf.d" or path == "etc/ld.so.conf":
            found.append(self._search_paths)
        return found

    def catalogued(self, file: LayerFile, names: Container[str] | None = None) -> list[Task]:
        """The cataloguers that want it; with `names` of those only."""
        if names is not None:
            return [task for _, one, task in self._wants if one.name in names and self._wants_safely(one, file)]
        path = file.path
        if path.endswith(self._endings) or path.startswith(self._beginnings):
            asked = self._wants
        elif is_program(file.head):
            asked = self._of_programs
        else:
            return []
        try:
            return [task for wants, _, task in asked if wants(file)]
        except Exception:  # a cataloguer's mistake must cost one file, not the image
            return [task for _, one, task in asked if self._wants_safely(one, file)]

    def wanting(self, file: LayerFile) -> frozenset[str]:
        """The names of the cataloguers that want it."""
        tasks = self.catalogued(file)
        return frozenset(one.name for _, one, task in self._wants if task in tasks)

    def _wants_safely(self, one: Cataloguer, file: LayerFile) -> bool:
        try:
            return one.wants(file)
        except Exception as error:
            self.problem(file.path, f"the cataloguer {one.name} failed: {type(error).__name__}")
            return False

    def head(self, index: int) -> bytes:
        """The magic number of the binary file at `index`, where there is one: for hard links to it."""
        return self._heads.get(index, b"")

    def _mark(self, index: int, name: str) -> None:
        """Notes a program in the current folder."""
        kind = notable.program_kind(name)
        if kind and len(self._facts.marks) < limits.LAYER_MARKS:
            self._facts.marks.append((index, kind))

    def _cache(self, index: int, path: str, size: int) -> None:
        folder = notable.cache_folder(path)
        caches = self._facts.caches
        if folder in caches or len(caches) < limits.LAYER_CACHES:
            first, files, total = caches.get(folder, (index, 0, 0))
            caches[folder] = (first, files + 1, total + size)

    def link(self, index: int, path: str) -> None:
        """Notes of a link what its name says; what it leads to is known when all layers are."""
        if wanting := self.wanting(LayerFile(path, 1, 0o644)):
            self._facts.wanted_links[index] = sorted(wanting)
        folder, _, name = path.rpartition("/")
        self._enter(folder)
        if self._zone.programs:
            self._mark(index, name)

    def allowed(self, size: int) -> bool:
        """May so many bytes more be looked into? Told once where not."""
        before = self._looked_into
        self._looked_into += size
        if self._looked_into <= limits.LAYER_LOOKED_INTO_BYTES:
            return True
        if before <= limits.LAYER_LOOKED_INTO_BYTES:
            allowed = limits.LAYER_LOOKED_INTO_BYTES // limits.MIB
            self.problem("", f"more than {allowed:,} MiB to be looked into; what comes after is not")
        return False

    def look(self, tasks: Sequence[Task], index: int, file: LayerFile, data: bytes | memoryview) -> None:
        """Does all `tasks` on the content of `file`."""
        for task in tasks:
            try:
                task.look(index, file, data)
            except Unreadable as error:
                self.problem(file.path, error.message)
            except Exception as error:  # as above
                self.problem(file.path, f"could not be read: {type(error).__name__} in batten itself; please report it")

    def problem(self, path: str, message: str, *, severe: bool = True) -> None:
        """Notes what could not be read, not more than `limits.LAYER_PROBLEMS` of a layer."""
        told = self._facts.problems
        if len(told) < limits.LAYER_PROBLEMS:
            told.append(LayerProblem(path, message, severe))
            return
        if self._untold:  # the count takes the place of the count before
            told.pop()
        self._untold += 1
        told.append(LayerProblem("", f"{self._untold:,} more problems of this layer are not listed"))

    def _catalogues(self, one: Cataloguer) -> Callable[[int, LayerFile, bytes | memoryview], None]:
        def look(index: int, file: LayerFile, data: bytes | memoryview) -> None:
            catalogue = one.read(file, data)
            if catalogue.problem:
                self.problem(file.path, catalogue.problem, severe=catalogue.severe)
            if any(
                (catalogue.packages, catalogue.owned, catalogue.licenses, catalogue.distribution, catalogue.sources)
            ):
                owned = {name: "\0".join(paths) for name, paths in catalogue.owned.items()}
                if not self._has_room(len(catalogue.packages), sum(map(len, owned.values()))):
                    return
                catalogue.owned, catalogue.problem = {}, ""
                self._facts.found.append(Found(index, one.name, catalogue, owned))
            else:
                self._facts.nothing.setdefault(one.name, []).append(index)

        return look

    def _look_elf(self, index: int, file: LayerFile, data: bytes | memoryview) -> None:
        found = read_elf(data)
        if found is not None and self._may_keep(len(found.needed)):
            self._facts.elf[index] = found

    def _look_script(self, index: int, file: LayerFile, data: bytes | memoryview) -> None:
        found = scripts.read_script(file.name, bytes(data))
        if self._zone.packaged and found.commands:  # the distribution's own scripts call everything there is
            found = Script(found.interpreter)
        if self._may_keep(len(found.commands) + len(found.imports)):
            self._facts.scripts[index] = found

    def _has_room(self, packages: int, owned: int) -> bool:
        """Is there room for so many packages and bytes of lists more? Told once where not."""
        before = self._packages > limits.LAYER_PACKAGES or self._owned > limits.LAYER_OWNED_BYTES
        self._packages += packages
        self._owned += owned
        if self._packages <= limits.LAYER_PACKAGES and self._owned <= limits.LAYER_OWNED_BYTES:
            return True
        if not before:
            most = limits.LAYER_PACKAGES
            self.problem("", f"expected at most {most:,} packages in one layer, found more; the rest is not listed")
        return False

    def _may_keep(self, names: int) -> bool:
        """The same for what programs and scripts name."""
        before = self._names
        self._names += names
        if self._names <= limits.LAYER_NAMES_KEPT:
            return True
        if before <= limits.LAYER_NAMES_KEPT:
            self.problem("", "too many programs and scripts to follow what all of them need", severe=False)
        return False

    def _look_secrets(self, index: int, file: LayerFile, data: bytes | memoryview) -> None:
        if len(data) > limits.LAYER_SECRET_BYTES:
            return
        before = self._searched
        self._searched += len(data)
        if self._searched > limits.LAYER_SECRETS_BYTES:
            if before <= limits.LAYER_SECRETS_BYTES:
                allowed = limits.LAYER_SECRETS_BYTES // limits.MIB
                self.problem("", f"only the first {allowed:,} MiB of text were searched for secrets", severe=False)
            return
        try:
            text = bytes(data).decode()
        except UnicodeDecodeError:
            return
        from batten.detect.secrets import find

        for hit in find(text, path=file.path):
            self._secret(index, Secret(hit.kind, hit.title, hit.redacted, hit.confidence, hit.line))

    def _secret(self, index: int, secret: Secret) -> None:
        found = self._facts.secrets.setdefault(index, [])
        if len(found) < limits.SECRETS_PER_FILE:
            found.append(secret)

    def _look_search_paths(self, index: int, file: LayerFile, data: bytes | memoryview) -> None:
        """ld.so.conf(5), without its includes: the folder that they name is the usual one."""
        for line in bytes(data[: limits.LAYER_NAME]).decode("utf-8", "replace").splitlines()[:100]:
            folder = line.partition("#")[0].strip()
            if folder.startswith("/") and len(self._facts.search_paths) < _SEARCH_PATHS:
                self._facts.search_paths.append(folder.strip("/"))
