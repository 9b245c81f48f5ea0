"""Findings of files that were renamed or moved are known again, and nothing else is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from batten import api
from batten.engine import baseline
from batten.engine.diff import compare
from batten.model.report import Report
from batten.model.settings import Settings

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - {name: web, image: 'registry.example/web:1', securityContext: {privileged: true}}
"""
DOCKERFILE = "FROM registry.example/base:1\nRUN chmod 777 /srv\n"
UNIT = "[Container]\nImage=registry.example/web:1\nPodmanArgs=--privileged\n"
FILES = {
    "k8s/web.yaml": POD,
    "app/Dockerfile": DOCKERFILE,
    "units/web.container": UNIT,
    "a.env": "DB_PASSWORD=k3Jd0s9aLq\n",
}
MOVES = [
    ("k8s/web.yaml", "deploy/prod/web.yaml"),
    ("app/Dockerfile", "app/Dockerfile.web"),
    ("units/web.container", "units/shop.container"),
    ("a.env", "b.env"),
]


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def scanned(folder: Path, known: bytes | None = None) -> Report:
    marks = baseline.read(known, "known.json") if known is not None else ()
    return api.scan([str(folder)], Settings(), known=marks).report


def opened(report: Report) -> list[tuple[str, str]]:
    return [(one.check, one.location.path) for one in report.findings if one.status == "open"]


def kept(folder: Path, form: str) -> bytes:
    report = scanned(folder)
    assert opened(report)
    if form == "baseline":
        return baseline.make(report.findings, "2026-11-28")
    text = api.render(report, "json")
    return text if isinstance(text, bytes) else text.encode()


@pytest.mark.parametrize("form", ["baseline", "report"])
@pytest.mark.parametrize(("old", "new"), MOVES)
def test_a_renamed_file_brings_nothing_new(tmp_path: Path, old: str, new: str, form: str) -> None:
    write(tmp_path, FILES)
    known = kept(tmp_path, form)
    (tmp_path / new).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / old).rename(tmp_path / new)
    assert opened(scanned(tmp_path, known)) == []


def test_a_copy_is_new_while_the_first_is_there(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    known = kept(tmp_path, "baseline")
    write(tmp_path, {"app/Dockerfile.web": DOCKERFILE})
    found = opened(scanned(tmp_path, known))
    assert {path.rpartition("/")[2] for _, path in found} == {"Dockerfile.web"}


def test_what_a_renamed_file_has_more_is_new(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    known = kept(tmp_path, "baseline")
    (tmp_path / "app/Dockerfile").unlink()
    write(tmp_path, {"app/Dockerfile.web": DOCKERFILE + "USER root\n"})
    assert [check for check, _ in opened(scanned(tmp_path, known))] == ["PRV003"]


def test_two_new_files_are_not_one_that_is_gone(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    known = kept(tmp_path, "baseline")
    (tmp_path / "app/Dockerfile").unlink()
    write(tmp_path, {"app/Dockerfile.a": DOCKERFILE, "app/Dockerfile.b": DOCKERFILE})
    found = opened(scanned(tmp_path, known))
    assert {path.rpartition("/")[2] for _, path in found} == {"Dockerfile.b"}


def test_a_file_that_was_there_takes_over_nothing(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "app/Dockerfile.web": "FROM registry.example/base:1\nUSER 1000\nRUN chmod 777 /a\n"})
    known = kept(tmp_path, "baseline")
    (tmp_path / "app/Dockerfile").rename(tmp_path / "app/Dockerfile.web")
    assert [check for check, _ in opened(scanned(tmp_path, known))] == ["PRV002", "IMG011"]


def test_a_renamed_file_in_git_brings_nothing_new(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    git = ["git", "-C", str(tmp_path), "-c", "user.email=a@shop.example", "-c", "user.name=a"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"], ["mv", "k8s", "deploy"], ["mv", "a.env", "b"]):
        subprocess.run([*git, *words], check=True)
    report = api.scan([str(tmp_path)], Settings(), diff_base="HEAD").report
    assert opened(report) == []


def test_a_renamed_file_is_no_difference_between_two_folders(tmp_path: Path) -> None:
    write(tmp_path / "a", FILES)
    write(tmp_path / "b", FILES)
    for old, new in MOVES:
        (tmp_path / "b" / new).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "b" / old).rename(tmp_path / "b" / new)
    before, after = scanned(tmp_path / "a"), scanned(tmp_path / "b")
    difference = compare(before, after)
    assert (difference.added, difference.removed) == ([], [])
    assert difference.kept == len(opened(before))
