"""Modules found by listing a folder, names loaded when they are first asked for."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from batten.modules import exports, names_in


def test_public_modules_and_packages_are_found_in_the_order_of_their_names(tmp_path: Path):
    for name in ("zebra.py", "ant.py", "_private.py", "__init__.py", "notes.txt", "not-a-name.py"):
        (tmp_path / name).touch()
    for name in ("package", "__pycache__", ".hidden"):
        (tmp_path / name).mkdir()
    assert names_in(str(tmp_path)) == ["ant", "package", "zebra"]
    assert names_in(str(tmp_path / "nowhere")) == []


def test_a_name_is_loaded_when_it_is_first_asked_for_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "lazy_example"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from batten.modules import exports\n__getattr__ = exports(globals(), {'heavy': ('WEIGHT',)})\n"
    )
    (folder / "heavy.py").write_text("WEIGHT = [7]\n")
    monkeypatch.syspath_prepend(tmp_path)
    package = import_module("lazy_example")
    assert "lazy_example.heavy" not in sys.modules
    assert package.WEIGHT == [7]
    assert vars(package)["WEIGHT"] is package.WEIGHT
    with pytest.raises(AttributeError, match=r"module 'lazy_example' has no attribute 'HEIGHT'"):
        _ = package.HEIGHT
    for name in ("lazy_example", "lazy_example.heavy"):
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize(
    "package",
    [
        "batten.images",
        "batten.detect.shell",
        "batten.formats.dockerfile",
        "batten.formats.compose",
        "batten.formats.ecs",
        "batten.formats.kubernetes",
        "batten.formats.quadlet",
    ],
)
def test_every_public_name_of_a_package_that_loads_later_can_be_had(package: str):
    module = import_module(package)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_a_name_that_no_module_has_is_an_error():
    later = exports({"__name__": "batten.formats"}, {"text": ("NOTHING",)})
    with pytest.raises(AttributeError, match="NOTHING"):
        later("NOTHING")
