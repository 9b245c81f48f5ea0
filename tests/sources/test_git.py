"""What a directory held at a revision, with its submodules."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from batten.sources.git import open_revision
from batten.sources.interface import TargetError

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'web:1'}]}\n"


def git(folder: Path, *words: str) -> str:
    given = ["git", "-C", str(folder), "-c", "user.email=a@shop.example", "-c", "user.name=a"]
    done = subprocess.run(
        [*given, "-c", "protocol.file.allow=always", *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def repository(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    return folder


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A repository with a submodule, in which another lies."""
    inner = repository(tmp_path / "inner", deep=POD)
    middle = repository(tmp_path / "middle", pod=POD)
    git(middle, "submodule", "add", "-q", str(inner), "in")
    git(middle, "commit", "-qm", "in")
    top = repository(tmp_path / "top", own=POD, zeros="\0" * 5000)
    git(top, "submodule", "add", "-q", str(middle), "libs/m")
    git(top, "submodule", "update", "-q", "--init", "--recursive")
    git(top, "commit", "-qm", "m")
    return top


def paths(folder: Path, **options: list[str]) -> set[str]:
    with open_revision(str(folder), "HEAD", **options) as opened:
        return {entry.path for entry in opened.entries() if entry.path.endswith(".yaml")}


def test_submodules_are_read_as_they_were_pinned(whole: Path) -> None:
    (whole / "libs/m/later.yaml").write_text(POD)
    assert paths(whole) == {"own.yaml", "zeros.yaml", "libs/m/pod.yaml", "libs/m/in/deep.yaml"}


def test_a_part_of_the_tree_has_its_own_submodules_alone(whole: Path) -> None:
    assert paths(whole / "libs") == {"m/pod.yaml", "m/in/deep.yaml"}


def test_a_submodule_without_its_commit_is_told_or_left_out(whole: Path) -> None:
    git(whole, "update-index", "--cacheinfo", f"160000,{'1' * 40},libs/m")
    git(whole, "commit", "-qm", "gone")
    with pytest.raises(TargetError, match=r"libs/m is a submodule, whose commit 111111111111 is not here; fetch it"):
        paths(whole)
    assert paths(whole, exclude=["libs/m"]) == {"own.yaml", "zeros.yaml"}


def test_a_submodule_that_is_not_checked_out_holds_nothing(whole: Path) -> None:
    git(whole, "submodule", "deinit", "-q", "-f", "libs/m")
    assert paths(whole) == {"own.yaml", "zeros.yaml"}


def test_before_the_first_commit_nothing_was_there(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "pod.yaml").write_text(POD)
    assert paths(tmp_path) == set()
    with pytest.raises(TargetError, match="found no revision 'main~1' in it"):
        open_revision(str(tmp_path), "main~1")
