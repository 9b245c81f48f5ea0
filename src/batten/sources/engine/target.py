"""`docker:` and `podman:` as a target: what runs in an engine, each record as a file (`containers/NAME.json`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import msgspec

from batten import limits
from batten.formats.inspect.engine import EngineFacts
from batten.model.source import File, Unreadable
from batten.pattern import pattern
from batten.sources.engine.api import Api, Broken, Refused
from batten.sources.engine.connection import check, is_plain
from batten.sources.engine.survey import Listed, Survey, Surveyor, refusal
from batten.sources.engine.where import Engine, NoSocket, engine_at
from batten.sources.interface import Entry, NoFiles, OpenTarget, Options, Target, TargetError, Wanted
from batten.sources.names import printable

if TYPE_CHECKING:
    from batten.sources.oci import OpenImage

_NAME: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}\Z")
_GONE: Final = 404


class Record(Entry):
    """One record, as text with a value on each line. It lies in no folder of a deployment: its scope is its own."""

    __slots__ = ("_format",)

    def __init__(self, path: str, data: bytes, format: str) -> None:
        super().__init__(path, len(data), data)
        self._format = format

    @property
    def format(self) -> str:
        return self._format

    def read(self) -> File:
        return File(self.path, self._data)


class AbsentEngine(OpenTarget):
    """An engine that does not run: nothing of it can be read, and what else is asked for is."""

    def __init__(self, named: str, message: str) -> None:
        super().__init__(Target(named, "engine", named))
        self.files = NoFiles()
        self._message = message

    def shown(self, path: str) -> str:
        return self.target.id.removesuffix(":")

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        self.problem(".", self._message)
        return iter(())


class OpenEngine(OpenTarget):
    """An engine. Nothing is asked before `entries` is used."""

    def __init__(self, engine: Engine, reference: str, *, stopped: bool) -> None:
        named = f"{engine.name}:{printable(_without_credentials(reference))}"
        super().__init__(Target(named, "engine", engine.shown))
        self.files = NoFiles()
        self.engine = self._facts = EngineFacts(reference=f"{engine.name}:{reference}")
        self._where = engine
        self._stopped = stopped
        self._taken: set[str] = set()

    def shown(self, path: str) -> str:
        return self.target.id if path == "." else f"{self.target.id}!{path}"

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        """Containers, networks, pods, services: those that could be had; the rest becomes problems."""
        try:
            with Api(self._where) as api:
                api.agree()
                if is_plain(self._where):
                    plain = "it is spoken to without TLS: whoever reaches that port is root on its machine"
                    self.problem(".", plain, severe=False)
                if api.note:
                    self.problem(".", api.note, severe=False)
                survey = Surveyor(api, self._facts, self._tell).survey(stopped=self._stopped)
                self._tell_counts(survey)
                yield from self._records(api, survey, wanted_name)
        except Unreadable as error:
            self.problem(".", self._of_itself(error.message))

    def _of_itself(self, message: str) -> str:
        """The address stands before it already: a report says whose problem it is."""
        shown = self._where.shown
        if message.startswith(f"{shown} "):
            return f"it{message.removeprefix(shown)}"
        return message.removeprefix(f"{shown}: ")

    def _tell(self, message: str, severe: bool) -> None:
        self.problem(".", message, severe=severe)

    def _tell_counts(self, survey: Survey) -> None:
        if survey.stopped:
            one = survey.stopped == 1
            what = "1 container that does not run was" if one else f"{survey.stopped:,} containers that do not run were"
            self.problem(".", f"{what} not read; --stopped reads {'it' if one else 'them'}, too", severe=False)
        if survey.pods_of_kubernetes:
            what = f"{survey.pods_of_kubernetes:,} containers belong to pods of Kubernetes"
            self.problem(".", f"{what}: mend them in their manifests, not here", severe=False)
        if not (survey.containers or survey.pods or survey.services or survey.stopped):
            self.problem(".", "nothing runs in it", severe=False)

    def _records(self, api: Api, survey: Survey, wanted: Wanted | None) -> Iterator[Entry]:
        for one in survey.containers:
            yield from self._asked(api, "containers", one, wanted)
        for one in survey.networks:
            yield from self._entry("networks", one, "inspect", wanted)
        for one in survey.pods:
            yield from self._asked(api, "pods", one, wanted)
        for kind, one in survey.configurations:
            one.record = {"ID": one.identifier, "Spec": {"Name": one.name, "Labels": one.labels}, "Kind": kind}
            yield from self._entry(f"{kind}s", one, "swarm", wanted)
        for one in survey.services:
            yield from self._entry("services", one, "swarm", wanted)

    def _asked(self, api: Api, kind: str, listed: Listed, wanted: Wanted | None) -> Iterator[Entry]:
        """A record that has to be asked for: it may be gone by now."""
        shown = f"{kind}/{printable(listed.name or listed.identifier)[:200]}"
        try:
            listed.record = _trimmed(api.get(f"/{kind}/%/json", listed.identifier))
        except Broken:
            raise
        except Refused as error:
            if error.status == _GONE:
                self.problem(shown, "it was gone before it could be read", severe=False)
            else:
                what = refusal(error, f"records of {kind}").replace(listed.identifier, "ID")
                self.problem(".", what)
            return
        except Unreadable as error:
            self.problem(shown, error.message)
            return
        if kind == "containers" and not (
            isinstance(listed.record, dict)
            and isinstance(listed.record.get("Config"), dict)
            and isinstance(listed.record.get("HostConfig"), dict)
        ):
            self.problem(shown, "expected the record of a container (Config, HostConfig), found other")
            return
        yield from self._entry(kind, listed, "inspect", wanted)
        listed.record = None  # the list stays until the end, the records need not

    def _entry(self, kind: str, listed: Listed, format: str, wanted: Wanted | None) -> Iterator[Entry]:
        path = self._path(kind, listed)
        if wanted is not None and not wanted(path):
            return
        data = msgspec.json.encode(listed.record)
        if len(data) > limits.ENGINE_RECORD_BYTES:
            whole = limits.ENGINE_RECORD_BYTES // limits.MIB
            self.problem(path, f"expected a record of at most {whole} MiB, found {len(data):,} bytes; not read")
            return
        yield Record(path, msgspec.json.format(data, indent=2) + b"\n", format)

    def _path(self, kind: str, listed: Listed) -> str:
        """A path that can be no other's: names of networks are not unique, and none is trusted."""
        short = pattern(r"[^A-Za-z0-9]").sub("", listed.identifier)[:12]
        name = listed.name if _NAME.match(listed.name) else short
        path = f"{kind}/{name}.json"
        number = 1
        while path in self._taken:
            path = f"{kind}/{name}.{short}{f'.{number}' if number > 1 else ''}.json"
            number += 1
        self._taken.add(path)
        return path


def _trimmed(record: Any) -> Any:
    """Without what its health check printed, which changes every few seconds and is the program's own; and without
    the values of variables in the command that made it, which stand in `Env`."""
    config = record.get("Config") if isinstance(record, dict) else None
    command = config.get("CreateCommand") if isinstance(config, dict) else None
    if isinstance(config, dict) and isinstance(command, list):
        config["CreateCommand"] = [_without_value(word, before) for before, word in pairwise(["", *command])]
    state = record.get("State") if isinstance(record, dict) else None
    for key in ("Health", "Healthcheck"):
        health = state.get(key) if isinstance(state, dict) else None
        if isinstance(health, dict):
            health.pop("Log", None)
    return record


def _without_value(word: Any, before: Any) -> Any:
    """A word of a command, of a variable no more than its name."""
    if not isinstance(word, str):
        return word
    if before in ("-e", "--env"):
        return word.partition("=")[0]
    if word.startswith("--env="):
        return "=".join(word.split("=", 2)[:2])
    return word


def open_engine(scheme: str, reference: str, options: Options) -> OpenTarget:
    """The engine at a place (`where.is_place`). Raises `TargetError` where the reference, or what the environment
    says, names none."""
    named = f"{scheme}:{printable(_without_credentials(reference))}"
    try:
        engine = engine_at(scheme, reference, os.environ, os.path.expanduser("~"))
        check(engine)
    except NoSocket as error:
        return AbsentEngine(named, error.message)
    except Unreadable as error:
        raise TargetError(f"{named if reference else scheme}: {error.message}") from None
    return OpenEngine(engine, reference, stopped=options.stopped)


def open_stored(target: str, name: str, platform: str = "") -> OpenImage:
    """The image `name` of the engine that a target is. Raises `TargetError`."""
    from batten.sources.oci.engine_api import open_engine_image

    scheme, _, reference = target.partition(":")
    try:
        engine = engine_at(scheme, reference, os.environ, os.path.expanduser("~"))
    except Unreadable as error:
        raise TargetError(f"{scheme}:{printable(name)}: {error.message}") from None
    return open_engine_image(engine, name, platform)


def _without_credentials(reference: str) -> str:
    scheme, separator, rest = reference.partition("://")
    if not separator or scheme == "unix":
        return reference
    return f"{scheme}://{rest.rpartition('@')[2]}"
