"""Reads one layer in one pass: its members, its whiteouts, what is inside of files, and both digests.

Nothing is written to the disk by name. What cannot be read becomes a problem of the layer; what was read
before it counts.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import BinaryIO, Final

from batten import limits
from batten.images.cataloguers import HEAD_BYTES, Cataloguer, LayerFile
from batten.images.elf import MAGIC
from batten.images.facts import LayerFacts, packed
from batten.images.looker import Looker, Task
from batten.images.tarstream import FILE, HARD_LINK, SYMLINK, Member, Members
from batten.images.unpack import Unpacked
from batten.model.source import Unreadable

# OCI image specification, "Representing Changes": whiteouts and opaque whiteouts.
_WHITEOUT: Final = ".wh."
_OPAQUE: Final = ".wh..wh..opq"
_AUFS: Final = ".wh..wh."  # what aufs keeps for itself; no engine unpacks it
_FILE: Final = ord(FILE)
_HARD: Final = ord(HARD_LINK)
_SHORT: Final = 512  # a name below this has fewer folders than LAYER_DEPTH allows
_SHOWN: Final = 120

_ALGORITHMS: Final = {"sha256", "sha384", "sha512"}


def read_layer(
    open_blob: Callable[[], BinaryIO], cataloguers: Sequence[Cataloguer], *, digest: str = "", diff_id: str = ""
) -> LayerFacts:
    """The facts of the layer whose stored bytes `open_blob` gives.

    `digest` and `diff_id` are what manifest and configuration claim ("": nothing); a lie is a severe problem.
    Never raises for what the bytes are: `LayerFacts.problems` says what is wrong with them.
    """
    facts = LayerFacts()
    looker = Looker(facts, cataloguers)
    try:
        stream = open_blob()
    except Unreadable as error:
        facts.complete = False
        looker.problem("", error.message)
        return facts
    try:
        unpacked = Unpacked(stream, digest=_algorithm(digest), diff_id=_algorithm(diff_id))
        try:
            links = _read(unpacked, facts, looker)
        finally:
            facts.size, facts.unpacked = unpacked.stored, unpacked.size
        _verify(facts, looker, unpacked, digest, diff_id)
    except Unreadable as error:
        facts.complete = False
        looker.problem("", error.message)
        return facts
    finally:
        stream.close()
    if links:
        read_again(open_blob, looker, links)
    return facts


Wanted = dict[int, list[tuple[int, str, frozenset[str]]]]
"""Index of a file -> links to it: a number for what is found, the link's path, the cataloguers that are to read it."""


def _read(unpacked: Unpacked, facts: LayerFacts, looker: Looker) -> Wanted:
    """Fills `facts`. Raises `Unreadable` where the stream ends the reading, not where the archive does."""
    names: list[str] = []
    kinds: list[str] = []
    modes, uids, sizes = array("H"), array("I"), array("Q")
    members = Members(unpacked)
    hard_links = False
    try:
        for path, member in _members(members, facts, looker.problem):
            index = len(names)
            kind, size = member.kind, member.size
            mode = member.mode & 0o7777
            if kind == FILE:
                if not looker.passes(path, size, mode):
                    file = LayerFile(path, size, mode, members.head(HEAD_BYTES))
                    tasks = looker.tasks(index, file)
                    if tasks and looker.allowed(size):
                        _look(members, looker, tasks, index, file)
                if member.capability:
                    facts.capabilities.append(index)
            elif kind in (SYMLINK, HARD_LINK):
                target = _target(member)
                if target is None:
                    looker.problem(path[:_SHOWN], "a link out of the image's root; it was left out")
                    continue
                facts.links[index] = target
                looker.link(index, path)
                hard_links = hard_links or kind == HARD_LINK
            names.append(path)
            kinds.append(kind)
            modes.append(mode)
            uids.append(member.uid & 0xFFFFFFFF)
            sizes.append(size)
    except Unreadable as error:
        facts.complete = False
        looker.problem("", error.message)
    facts.names, facts.kinds = "\0".join(names).encode(), "".join(kinds).encode()
    facts.mode_column, facts.uid_column, facts.size_column = packed(modes), packed(uids), packed(sizes)
    if not unpacked.failed:
        unpacked.drain()  # what follows the archive belongs to the digests all the same
    return _wanted_links(facts, looker, names) if hard_links else {}


def _members(members: Members, facts: LayerFacts, note: Callable[[str, str], None]) -> Iterator[tuple[str, Member]]:
    """The members with their paths; whiteouts go into `facts`, names that lead elsewhere to `note`."""
    total = 0
    for member in members:
        path = normal(member.name)
        if path is None:
            note(member.name[:_SHOWN], "a name that leads out of its folder or is too long; it was left out")
            continue
        total += len(path)
        if total > limits.LAYER_NAME_BYTES:
            allowed = limits.LAYER_NAME_BYTES // limits.MIB
            raise Unreadable(f"expected at most {allowed:,} MiB of names, found more; the rest was not read")
        if _WHITEOUT in path:
            folder, _, name = path.rpartition("/")
            if name == _OPAQUE:
                facts.opaque.append(folder)
                continue
            if name.startswith(_AUFS) or path.startswith(_AUFS):
                continue
            if name.startswith(_WHITEOUT):
                hidden = name[len(_WHITEOUT) :]
                if hidden in ("", ".", ".."):
                    note(path[:_SHOWN], "a whiteout of nothing; it was left out")
                else:
                    facts.whiteouts.append(f"{folder}/{hidden}" if folder else hidden)
                continue
        yield path, member


def normal(name: str) -> str | None:
    """The path without leading slash, `.` and empty parts; "" is the root.

    None where it has `..` in it, or is longer or deeper than any path that can be opened.
    """
    if name[:1] not in ("/", ".") and len(name) < _SHORT and "/." not in name and "//" not in name:
        return name[:-1] if name[-1:] == "/" else name
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or len(name) > limits.LAYER_NAME or len(parts) > limits.LAYER_DEPTH:
        return None
    return "/".join(parts)


def _target(member: Member) -> str | None:
    """What a link points at; None where that is no path."""
    if len(member.link) > limits.LAYER_NAME:
        return None
    return member.link if member.kind == SYMLINK else normal(member.link)


def _look(members: Members, looker: Looker, tasks: list[Task], index: int, file: LayerFile) -> None:
    """Does the tasks on the content of the current member."""
    try:
        with members.content() as data:
            looker.look(tasks, index, file, data)
    except Unreadable as error:
        if members.broken:
            raise
        # A library of that size is common where models are computed, and no package is in it.
        looker.problem(file.path[:_SHOWN], error.message, severe=not file.head.startswith(MAGIC))


def _wanted_links(facts: LayerFacts, looker: Looker, names: list[str]) -> Wanted:
    """The hard links to files of the same layer whose own name some cataloguer wants to read.

    Package managers that keep one store (pnpm, uv) link what they install out of it.
    """
    targets = {target for index, target in facts.links.items() if facts.kinds[index] == _HARD}
    last: dict[str, int] = {}
    wanted: Wanted = {}
    sizes, modes = facts.sizes(), facts.modes()
    for index, path in enumerate(names):
        target: int | None = index
        if facts.kinds[index] == _HARD:
            target = last.get(facts.links[index])
            if target is not None:
                size, mode, head = sizes[target], modes[target], looker.head(target)
                wanting = looker.wanting(LayerFile(path, size, mode, head))
                if head:  # what a program or an archive holds does not depend on its name
                    wanting -= looker.wanting(LayerFile(names[target], size, mode, head))
                if wanting:
                    wanted.setdefault(target, []).append((index, path, wanting))
                facts.wanted_links.pop(index, None)  # it is settled here
        if path in targets:
            if target is not None and facts.kinds[target] == _FILE:
                last[path] = target
            else:
                last.pop(path, None)
    return wanted


def read_again(open_blob: Callable[[], BinaryIO], looker: Looker, wanted: Wanted) -> None:
    """Another pass over a layer, for files that links lead to: the first time nobody knew that.

    What is found goes to the facts of `looker`, under the numbers that `wanted` gives.
    """
    left = dict(wanted)
    try:
        with closing(open_blob()) as stream:
            members = Members(Unpacked(stream))
            index = -1
            for _, member in _members(members, LayerFacts(), lambda path, message: None):
                if member.kind in (SYMLINK, HARD_LINK) and _target(member) is None:
                    continue
                index += 1
                links = left.pop(index, None)
                if links is None or member.kind != FILE:
                    continue
                mode, head = member.mode & 0o7777, members.head(HEAD_BYTES)
                with members.content() as data:
                    for number, path, names in links:
                        if not looker.allowed(member.size):
                            break
                        file = LayerFile(path, member.size, mode, head)
                        looker.look(looker.catalogued(file, names), number, file, data)
                if not left:
                    return
    except Unreadable as error:
        looker.problem("", error.message)


def _verify(facts: LayerFacts, looker: Looker, unpacked: Unpacked, digest: str, diff_id: str) -> None:
    """Compares both digests with what was claimed."""
    if unpacked.failed:
        return
    facts.digest, facts.diff_id = unpacked.digest, unpacked.diff_id
    if not facts.complete:
        if (digest and digest != facts.digest) or (diff_id and diff_id != facts.diff_id):
            looker.problem("", "it does not have the digest that the image names: damaged or tampered with")
        return
    if digest and digest != facts.digest:
        looker.problem("", f"expected the blob {digest}, found {facts.digest}: damaged or tampered with")
    elif diff_id and diff_id != facts.diff_id:
        looker.problem("", f"expected the diff id {diff_id}, found {facts.diff_id}: the configuration lies")
    if unpacked.rest:
        looker.problem("", f"{unpacked.rest:,} bytes follow the compressed archive and belong to nothing", severe=False)


def _algorithm(digest: str) -> str:
    """The algorithm of a digest of the OCI image specification."""
    algorithm = digest.partition(":")[0]
    return algorithm if algorithm in _ALGORITHMS else "sha256"
