"""`helm:` - a Helm chart: its folder, or the `.tgz` that `helm package` makes of one."""

from __future__ import annotations

import os

from batten.sources.interface import OpenTarget, Options, Source, TargetError
from batten.sources.names import printable


def open_chart(ref: str, options: Options) -> OpenTarget:
    """The chart as a directory or an archive. Raises `TargetError` where `ref` is none."""
    if os.path.isfile(os.path.join(ref, "Chart.yaml")):
        from batten.sources.directory import open_directory

        return open_directory(ref, options)
    if os.path.isfile(ref):
        from batten.sources.archive import SOURCE as ARCHIVE

        opened = ARCHIVE.open(ref, options)
        if any(opened.files.get(f"{folder}/Chart.yaml") is not None for folder in opened.files.folders("")):
            return opened
        opened.close()
        raise TargetError(f"expected a packed Helm chart after helm:, found no Chart.yaml in {printable(ref)!r}")
    found = "a folder without Chart.yaml" if os.path.isdir(ref) else "nothing"
    raise TargetError(f"expected a Helm chart after helm:, found {found} at {printable(ref)!r}")


SOURCE = Source(
    scheme="helm",
    summary="a Helm chart, rendered: its folder or .tgz; also found in any directory (--values, --set)",
    example="helm:charts/web",
    open=open_chart,
)
