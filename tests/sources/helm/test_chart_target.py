"""`helm:` names a chart: its folder, or an archive that holds one."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from batten.sources import TargetError, open_target


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    (tmp_path / "web" / "templates").mkdir(parents=True)
    (tmp_path / "web" / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 0.1.0\n")
    (tmp_path / "web" / "templates" / "a.yaml").write_text("kind: Pod\n")
    return tmp_path / "web"


def test_the_folder_of_a_chart_is_a_directory(chart: Path):
    opened = open_target(f"helm:{chart}")
    assert opened.target.kind == "directory"
    assert opened.files.get("Chart.yaml") is not None
    assert opened.files.folders("") == ["templates"]


def test_a_packed_chart_is_an_archive(chart: Path):
    packed = chart.parent / "web-0.1.0.tgz"
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(chart, "web")
    with open_target(f"helm:{packed}") as opened:
        assert opened.target.kind == "archive"
        assert (opened.files.folders(""), opened.files.folders("web")) == (["web"], ["templates"])


def test_what_is_no_chart_is_refused(chart: Path):
    for reference, found in (
        (chart / "templates", "a folder without Chart.yaml"),
        (chart / "gone", "found nothing"),
    ):
        with pytest.raises(TargetError, match=found):
            open_target(f"helm:{reference}")
    other = chart.parent / "other.tgz"
    with tarfile.open(other, "w:gz") as archive:
        archive.add(chart / "templates", "templates")
    with pytest.raises(TargetError, match=r"found no Chart\.yaml"):
        open_target(f"helm:{other}")


def test_folders_above_are_none_below(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "a" / "b").mkdir()
    assert open_target(str(tmp_path)).files.folders("a") == ["b"]
