"""Environment variables of a service: `environment` over `env_file`, each with the place of its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.formats.compose import files
from batten.formats.compose.draft import Draft
from batten.formats.compose.interpolation import only_variable
from batten.formats.compose.tree import Node, Pair
from batten.model.workload import EnvSource, EnvVar

if TYPE_CHECKING:
    from batten.formats.compose.project import Loader


def fill(draft: Draft, loader: Loader) -> None:
    own: dict[str, EnvVar] = {}
    written = draft.get("environment")
    if written is not None:
        own = {pair.name: _variable(draft, pair) for pair in written.pairs() if pair.name}
        draft.container.place("environment", written)
    found: dict[str, EnvVar] = {}
    sources: list[EnvSource] = []
    node = draft.get("env_file")
    for item in node.sequence() if node is not None else []:
        _file(draft, loader, item, own, found, sources)
    found.update(own)
    loader.ledger.spend(len(found))
    if found:
        draft.container.values["environment"] = tuple(found.values())
    if node is not None:
        draft.container.put("environment_from", tuple(sources), node)


def _variable(draft: Draft, pair: Pair) -> EnvVar:
    """A value in the file is literal; one from an env file is told at its line there; one that comes from
    outside has none here, so that nothing of the caller's environment gets into a report."""
    entry = pair.node
    pointer, away = entry.pointer, draft.away(entry)
    environment = entry.source.environment
    written = pair.written()
    if written is None:
        name = pair.name
    else:
        value = pair.value()
        if value is None or not value.known:
            unknown = value.unknown if value is not None else ()
            return EnvVar(
                pair.name, None, "host" if only_variable(written) else "unknown", " ".join(unknown), pointer, away
            )
        name = only_variable(written)
        if not name or environment.lookup(name) != value.text:
            return EnvVar(pair.name, value.text, "literal", "", pointer, away)
    origin = environment.origin(name)
    if origin is not None:
        return EnvVar(pair.name, origin.value, "file", origin.path, origin.pointer, origin.document)
    return EnvVar(pair.name, None, "host", name, pointer, away)


def _file(
    draft: Draft,
    loader: Loader,
    item: Node,
    own: dict[str, EnvVar],
    found: dict[str, EnvVar],
    sources: list[EnvSource],
) -> None:
    """Put the variables of one env file into `found`, over those of the files before it."""
    written = item.get("path") if item.is_mapping else item
    text = None if written is None else written.text()
    if written is None or not isinstance(text, str):
        return
    path = files.resolve(item.source.directory, text)
    sources.append(EnvSource("file", text, item.pointer, draft.away(item)))
    style = item.get("format") if item.is_mapping else None

    def lookup(name: str) -> str | None:
        """The project's variables come first, then the service's own, then those of earlier files."""
        value = loader.environment.lookup(name)
        for table in (own, found):
            if value is None and name in table:
                value = table[name].value
        return value

    table = None
    if path is not None:
        raw = draft.is_swarm or (style is not None and style.template().text == "raw")
        table = loader.env_file(path, lookup, raw=raw)
    if table is None or path is None:
        required = item.get("required") if item.is_mapping else None
        if required is None or required.flag() is not False:
            written.problem(f"the env file {text} is not in the target; its variables were not judged", severe=False)
        return
    if path not in loader.consumed:
        loader.consumed.append(path)
    for name, one in table.items():
        found[name] = EnvVar(name, one.value, "host" if one.value is None else "file", text, one.pointer, one.document)
