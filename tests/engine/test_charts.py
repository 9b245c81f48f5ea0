"""Files of values that lie outside of the target: how they are called."""

from pathlib import Path

import pytest

from batten.engine.charts import TargetCharts
from batten.formats.helm.errors import ChartError
from batten.model.settings import HelmSettings
from batten.sources import open_target

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"


@pytest.mark.parametrize("absolute", [False, True])
def test_values_outside_of_the_target_are_called_as_they_are_seen_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absolute: bool
) -> None:
    chart = tmp_path / "web"
    chart.mkdir()
    (chart / "Chart.yaml").write_text(CHART)
    (tmp_path / "good.yaml").write_text("replicas: 1\n")
    (tmp_path / "bad.yaml").write_text("a: 1\n---\nb: 2\n")
    monkeypatch.chdir(chart)
    opened = open_target(".")
    good, bad = (str(tmp_path / name) if absolute else f"../{name}" for name in ("good.yaml", "bad.yaml"))
    wanted = TargetCharts(opened, HelmSettings(values=(good,))).wanted("", "web", opened.files)
    assert [layer.document.file.path for layer in wanted.given] == ["../good.yaml"]
    with pytest.raises(
        ChartError, match=r"the file of values \.\./bad\.yaml:2: expected one mapping of values"
    ) as error:
        TargetCharts(opened, HelmSettings(values=(bad,))).wanted("", "web", opened.files)
    assert error.value.path == ""
