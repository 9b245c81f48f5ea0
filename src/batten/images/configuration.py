"""The image configuration (OCI image specification, "Image Configuration"), read from hostile JSON."""

from __future__ import annotations

from typing import Any, Final

from msgspec import DecodeError, Struct, field, json

from batten import limits
from batten.model.image_content import Step
from batten.model.source import Unreadable

_STEPS: Final = 10_000
_TEXT: Final = 64 * limits.KIB


class Configuration(Struct):
    """What of it batten uses. Everything of a wrong type counts as absent and is told in `problems`."""

    raw: dict[str, Any] = field(default_factory=dict)
    architecture: str = ""
    os: str = ""
    variant: str = ""
    created: str = ""
    user: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    working_directory: str = ""
    healthcheck: bool = False
    diff_ids: tuple[str, ...] = ()
    history: tuple[Step, ...] = ()
    problems: list[str] = field(default_factory=list)


def read_configuration(data: bytes) -> Configuration:
    """Raises `Unreadable` where `data` is no JSON object."""
    try:
        raw = json.decode(data)
    except (DecodeError, RecursionError) as error:
        raise Unreadable(f"the image configuration is no JSON: {error}") from None
    if not isinstance(raw, dict):
        raise Unreadable("expected the image configuration to be a JSON object")
    found = Configuration(raw=raw)
    top, inner = _Fields(raw, found.problems), _Fields(raw.get("config"), found.problems, "config.")
    found.architecture, found.os = top.text("architecture"), top.text("os")
    found.variant, found.created = top.text("variant"), top.text("created")
    found.user, found.working_directory = inner.text("User"), inner.text("WorkingDir")
    found.entrypoint, found.command = inner.texts("Entrypoint"), inner.texts("Cmd")
    found.environment = tuple((name, value) for name, _, value in (one.partition("=") for one in inner.texts("Env")))
    found.ports, found.volumes = inner.keys("ExposedPorts"), inner.keys("Volumes")
    found.labels = inner.mapping("Labels")
    check = inner.value("Healthcheck", dict)
    test = check.get("Test") if check else None
    found.healthcheck = isinstance(test, list) and bool(test) and test[0] != "NONE"
    found.diff_ids = _Fields(raw.get("rootfs"), found.problems, "rootfs.").texts("diff_ids")[: limits.IMAGE_LAYERS + 1]
    found.history = _history(top.value("history", list), len(found.diff_ids), found.problems)
    return found


def _history(entries: Any, layers: int, problems: list[str]) -> tuple[Step, ...]:
    steps: list[Step] = []
    layer = 0
    for entry in (entries or [])[:_STEPS]:
        fields = _Fields(entry, problems, "history.")
        number = None
        if not (isinstance(entry, dict) and entry.get("empty_layer") is True):
            number, layer = layer, layer + 1
        created_by, comment = fields.text("created_by"), fields.text("comment")
        steps.append(Step(created_by, fields.text("created"), number, comment))
    if steps and layer != layers:
        # A history that does not fit says of no layer who made it.
        problems.append(f"the history speaks of {layer:,} layers, the image has {layers:,}; it is not used for them")
        return tuple(Step(one.created_by, one.created, None, one.comment) for one in steps)
    return tuple(steps)


class _Fields:
    """Typed reading of one JSON object."""

    def __init__(self, raw: Any, problems: list[str], prefix: str = "") -> None:
        self._raw: dict[str, Any] = raw if isinstance(raw, dict) else {}
        self._problems = problems
        self._prefix = prefix
        if raw is not None and not isinstance(raw, dict):
            self._wrong(prefix.rstrip("."), "an object", raw)

    def value(self, key: str, kind: type[str | list[Any] | dict[str, Any]]) -> Any:
        found = self._raw.get(key)
        if found is None or isinstance(found, kind):
            return found
        wanted = "a text" if kind is str else "a list" if kind is list else "an object"
        self._wrong(self._prefix + key, wanted, found)
        return None

    def text(self, key: str) -> str:
        found = self.value(key, str)
        return found[:_TEXT] if found else ""

    def texts(self, key: str) -> tuple[str, ...]:
        found = self.value(key, list) or []
        if not all(isinstance(one, str) for one in found):
            self._wrong(self._prefix + key, "texts", next(one for one in found if not isinstance(one, str)))
        return tuple(one[:_TEXT] for one in found[:_STEPS] if isinstance(one, str))

    def keys(self, key: str) -> tuple[str, ...]:
        return tuple(sorted(self.value(key, dict) or {}))[:_STEPS]

    def mapping(self, key: str) -> dict[str, str]:
        found = self.value(key, dict) or {}
        return {name: value[:_TEXT] for name, value in found.items() if isinstance(value, str)}

    def _wrong(self, key: str, wanted: str, found: Any) -> None:
        if len(self._problems) < limits.LAYER_PROBLEMS:
            self._problems.append(f"expected {key} to be {wanted}, found {type(found).__name__}")
