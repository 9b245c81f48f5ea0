"""What the user wants of the Helm charts of a target: their releases, their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from batten.engine.inside import Inside, shown
from batten.model.settings import ChartSettings, HelmSettings
from batten.model.source import Files
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.helm.values import Layer, Wanted
    from batten.sources import OpenTarget

_RELEASE: Final = pattern(r"[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?")
_NAMESPACE: Final = "default"


class TargetCharts:
    """Implements `batten.formats.interface.Charts` for one target."""

    def __init__(self, opened: OpenTarget, settings: HelmSettings) -> None:
        self._settings = settings
        self._inside = Inside(opened)

    def available(self) -> bool:
        from batten.sources.helm.runner import runner

        return runner.available()

    def values_files(self) -> list[str]:
        named = [*self._settings.values, *(path for one in self._settings.charts.values() for path in one.values)]
        return [inside for path in named if (inside := self._inside.path(path)) is not None]

    def wanted(self, root: str, name: str, files: Files) -> Wanted:
        from batten.formats.helm import strvals
        from batten.formats.helm.errors import ChartError
        from batten.formats.helm.values import Wanted

        own = self._of(root)
        given = [*own.values, *self._settings.values]
        layers = [layer for path in given if (layer := self._layer(path, files)) is not None]
        try:
            sets = [one for text in own.sets for one in strvals.parse(text)]
            sets += [one for text, strings in self._settings.sets for one in strvals.parse(text, strings=strings)]
        except strvals.MalformedSet as error:
            raise ChartError(str(error)) from None
        release = own.release or (name if _RELEASE.fullmatch(name) else "release")
        return Wanted(release, own.namespace or _NAMESPACE, tuple(layers), tuple(sets))

    def render(
        self, files: Mapping[str, bytes], values: Mapping[str, Any], release: str, namespace: str
    ) -> dict[str, str]:
        from batten.sources.helm.runner import runner

        return runner.render(files, values, release, namespace)

    def _of(self, root: str) -> ChartSettings:
        if not self._settings.charts:
            return ChartSettings()
        return self._settings.charts.get(self._inside.folder(root, "Chart.yaml"), ChartSettings())

    def _layer(self, path: str, files: Files) -> Layer | None:
        """A file of values, as an edit of it has left it where it lies in the target."""
        from batten.formats.helm.document import OutsideValues
        from batten.formats.helm.errors import ChartError
        from batten.formats.helm.values import Layer, read_values
        from batten.limits import MIB
        from batten.model.source import File, Unreadable
        from batten.sources.confined import read_regular

        inside = self._inside.path(path)
        file = files.get(inside) if inside is not None else None
        if file is not None:
            document = read_values(file)
            return Layer(document) if document is not None else None
        try:
            data = read_regular(path)
        except Unreadable as error:
            raise ChartError(f"the file of values {shown(path)} cannot be read: {error.message}") from None
        if len(data) > MIB:
            raise ChartError(f"expected at most 1 MiB of values in {shown(path)}, found {len(data):,} bytes")
        try:
            document = read_values(File(shown(path), data))
        except ChartError as error:  # its path is none of the target's
            line = f":{error.line}" if error.line else ""
            raise ChartError(f"the file of values {shown(path)}{line}: {error.message}") from None
        return Layer(OutsideValues(document), refused="it lies outside of the target") if document is not None else None
