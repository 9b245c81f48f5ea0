"""The file system of an image as its layers make it, one laid over the other.

OCI image specification, "Representing Changes", where it speaks; else what containerd's and Docker's unpacking
do: parents that are symbolic links are followed inside the root, a directory gives way to what is no directory.
Folders are dictionaries, everything else is a number: the number of a member, counted through all layers.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec import Struct

from batten import limits
from batten.images.facts import LayerFacts

Node: TypeAlias = "int | dict[str, Node]"
Folder: TypeAlias = "dict[str, Node]"

_OWN: Final = ""
"""The key of a folder's own member in it, where it has one: no name is empty."""
_DIRECTORY, _SYMLINK, _HARD_LINK = b"dlh"
_PARTS: Final = 8_192


class Stat(Struct, frozen=True, gc=False):
    """What a member's header says of it; of a hard link, what its target's says."""

    layer: int
    index: int
    """In its layer."""
    kind: str
    mode: int
    uid: int
    size: int
    link: str


class _Applied(Struct):
    """The columns of one layer."""

    first: int
    kinds: bytes
    modes: array[int]
    uids: array[int]
    sizes: array[int]
    links: dict[int, str]


class FileSystem:
    """Starts empty; `apply` lays one layer over it, lowest first."""

    def __init__(self) -> None:
        self.root: Folder = {}
        self.watched: set[int] = set()
        """Members whose end `apply` is to tell."""
        self.problems: list[str] = []
        """Of the layer applied last: members that no engine could have unpacked."""
        self._layers: list[_Applied] = []
        self._firsts: list[int] = []
        self._count = 0
        self._followed = 0
        self._folders = 0
        self._removed: list[int] = []
        self._contents: dict[int, int] = {}

    @property
    def next_member(self) -> int:
        """The number that the first member of the next layer gets; those after it follow."""
        return self._count

    def apply(self, facts: LayerFacts) -> list[int]:
        """Lays `facts` over what is there. The watched members that it hides, replaces or never lets in."""
        self._removed, self.problems = [], []
        first = self._count
        layer = _Applied(first, facts.kinds, facts.modes(), facts.uids(), facts.sizes(), facts.links)
        self._layers.append(layer)
        self._firsts.append(first)
        self._count += facts.count
        # Whiteouts speak of lower layers only: they come before whatever the same layer adds.
        for path in facts.opaque:
            self._empty(path)
        for path in facts.whiteouts:
            self._remove(path)
        self._add(facts.paths(), layer)
        return self._removed

    def _empty(self, path: str) -> None:
        folder = self._folder(path, create=False)
        if folder is None:
            return
        own = folder.pop(_OWN, None)
        self._drop(folder)
        folder.clear()
        if own is not None:
            folder[_OWN] = own

    def _remove(self, path: str) -> None:
        parent, _, name = path.rpartition("/")
        folder = self._folder(parent, create=False)
        if folder is not None and (node := folder.pop(name, None)) is not None:
            self._drop(node)

    def _add(self, paths: list[str], layer: _Applied) -> None:
        kinds = layer.kinds
        last: str | None = None
        folder: Folder | None = None
        for index, path in enumerate(paths):
            member = layer.first + index
            kind = kinds[index]
            parent, _, name = path.rpartition("/")
            if not name:
                if kind == _DIRECTORY:
                    self.root[_OWN] = member
                continue
            if parent != last:
                last, folder = parent, self._folder(parent, create=True)
            if folder is None:
                self._refuse(member, path, "lies behind too many symbolic links")
                continue
            if kind == _HARD_LINK and not self._link(member, path, layer.links[index]):
                continue
            old = folder.get(name)
            if kind == _DIRECTORY and type(old) is not dict and not self._may_grow():
                self._refuse(member, path, "")
            elif old is None:
                folder[name] = {_OWN: member} if kind == _DIRECTORY else member
            elif kind == _DIRECTORY and type(old) is dict:
                old[_OWN] = member
            else:
                self._drop(old)
                folder[name] = {_OWN: member} if kind == _DIRECTORY else member
                last = None  # it may have been on the way to the folder at hand

    def _link(self, member: int, path: str, target: str) -> bool:
        """Gives the hard link `member` the content of `target`, as it is now; False where it has none."""
        parent, _, name = target.rpartition("/")
        folder = self._folder(parent, create=False)
        node = folder.get(name) if folder is not None and name else None
        if type(node) is not int:
            self._refuse(member, path, f"is a hard link to {target[:120]!r}, where no file is")
            return False
        self._contents[member] = self._contents.get(node, node)
        return True

    def _refuse(self, member: int, path: str, reason: str) -> None:
        if self._folders > limits.IMAGE_FOLDERS:
            told = f"expected at most {limits.IMAGE_FOLDERS:,} folders, found more; what is in them was left out"
            if told not in self.problems:
                self.problems.append(told)
        elif len(self.problems) < limits.LAYER_PROBLEMS:
            self.problems.append(f"{path[:120]!r} {reason}; it was left out")
        if member in self.watched:
            self._removed.append(member)

    def _drop(self, node: Node) -> None:
        """Tells the watched members in what goes."""
        if type(node) is int:
            if node in self.watched:
                self._removed.append(node)
            return
        pending: list[Node] = [node]
        while pending:
            current = pending.pop()
            if type(current) is dict:
                pending += current.values()
            elif current in self.watched:
                self._removed.append(current)

    def _folder(self, path: str, *, create: bool) -> Folder | None:
        """The folder at `path`, links on the way followed; with `create` what is missing is made."""
        if not path:
            return self.root
        folder = self.root
        for part in path.split("/"):
            node = folder.get(part)
            if type(node) is not dict:
                break
            folder = node
        else:
            return folder  # by far the most often: every part is a folder
        found = self._walk(path, create=create, follow_last=True)
        return found[1] if found is not None and type(found[1]) is dict else None

    def _walk(self, path: str, *, create: bool = False, follow_last: bool = True) -> tuple[list[str], Node] | None:
        """The names that really lead to what is at `path`, and what is there."""
        pending = path.split("/")
        pending.reverse()
        folders: list[Folder] = [self.root]
        names: list[str] = []
        hops = 0
        while pending:
            name = pending.pop()
            if not name or name == ".":
                continue
            if name == "..":
                if names:
                    names.pop()
                    folders.pop()
                continue
            folder = folders[-1]
            node = folder.get(name)
            if type(node) is dict:
                folders.append(node)
                names.append(name)
                continue
            if node is not None and (pending or follow_last or create):
                link = self._symlink(node)  # type: ignore[arg-type]  # as above
                if link is not None:
                    hops += 1
                    self._followed += len(link)
                    if hops > limits.SYMLINKS or len(pending) > _PARTS or self._followed > limits.SYMLINKS_FOLLOWED:
                        return None
                    if link.startswith("/"):
                        del folders[1:]
                        names.clear()
                    pending += reversed(link.split("/"))
                    continue
            if create:
                if not self._may_grow():
                    return None
                if node is not None:
                    self._drop(node)
                made: Folder = {}
                folder[name] = made
                folders.append(made)
                names.append(name)
                continue
            if node is None or pending:
                return None
            return [*names, name], node
        return names, folders[-1]

    def _may_grow(self) -> bool:
        """Is there room for one folder more? Each is a dictionary, and names of many parts make many of them."""
        self._folders += 1
        return self._folders <= limits.IMAGE_FOLDERS

    def _symlink(self, member: int) -> str | None:
        """Where `member` points, if it is a symbolic link."""
        member = self._contents.get(member, member)
        layer = self._layers[bisect_right(self._firsts, member) - 1]
        index = member - layer.first
        return layer.links[index] if layer.kinds[index] == _SYMLINK else None

    def content(self, member: int) -> int:
        """The member that holds the bytes of `member`: another one for hard links."""
        return self._contents.get(member, member)

    def stat(self, member: int) -> Stat:
        member = self._contents.get(member, member)
        number = bisect_right(self._firsts, member) - 1
        layer = self._layers[number]
        index = member - layer.first
        kind = chr(layer.kinds[index])
        link = layer.links.get(index, "") if kind == "l" else ""
        return Stat(number, index, kind, layer.modes[index], layer.uids[index], layer.sizes[index], link)

    def layer_of(self, member: int) -> int:
        """The layer that brought `member` itself."""
        return bisect_right(self._firsts, member) - 1

    def find(self, path: str, *, follow: bool = True) -> tuple[str, int] | None:
        """The real path and the member at `path`; None where nothing, a folder, or an endless chain of links is.

        `path` counts from the root, with or without a leading slash; `follow` also a link at its end.
        """
        found = self._walk(path, follow_last=follow)
        if found is None or type(found[1]) is not int:
            return None
        return "/".join(found[0]), found[1]

    def real_folder(self, path: str) -> tuple[str, Folder] | None:
        """The real path of a folder, and what is in it."""
        found = self._walk(path)
        if found is None or type(found[1]) is not dict:
            return None
        return "/".join(found[0]), found[1]

    def walk(self, path: str = "") -> Iterator[tuple[str, int]]:
        """Every member below `path` that is no folder, with its path, in no particular order."""
        found = self.real_folder(path)
        if found is None:
            return
        pending: list[tuple[str, Folder]] = [(found[0] and found[0] + "/", found[1])]
        while pending:
            prefix, folder = pending.pop()
            for name, node in folder.items():
                if type(node) is dict:
                    pending.append((f"{prefix}{name}/", node))
                elif name:
                    yield prefix + name, node  # type: ignore[misc]  # as above

    def folders(self) -> Iterator[tuple[str, int | None]]:
        """Every folder with its path and its member, where it has one."""
        pending: list[tuple[str, Folder]] = [("", self.root)]
        while pending:
            path, folder = pending.pop()
            own = folder.get(_OWN)
            yield path, own if type(own) is int else None
            prefix = path and path + "/"
            pending += [(prefix + name, node) for name, node in folder.items() if type(node) is dict]
