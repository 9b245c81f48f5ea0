"""`batten fix --pin` as a user runs it, against a registry of this machine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.support import batten
from engine.support import write
from sources.oci.made import image
from sources.oci.registry import Registry


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as one:
        yield one


def pod(image_text: str) -> str:
    return (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
        f"    - name: web\n      image: {image_text}\n"
    )


def fix(folder: Path, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return batten("fix", *arguments, cwd=folder, stdin=stdin, HOME=str(folder / "home"), BATTEN_OFFLINE="")


def test_the_diff_pins_and_writing_pins_once(registry: Registry, tmp_path: Path) -> None:
    digest = registry.store("web", image(), "1.27")
    before = pod(f"{registry.host}/web:1.27")
    write(tmp_path, {"pod.yaml": before})
    shown = fix(tmp_path, ".", "--pin", "--check", "IMG")
    assert shown.returncode == 0
    assert f"+      image: {registry.host}/web:1.27@{digest}\n".encode() in shown.stdout
    assert b"to write it: batten fix --write --pin --check IMG ." in shown.stderr
    assert (tmp_path / "pod.yaml").read_text() == before
    assert fix(tmp_path, ".", "--pin", "--check", "IMG", "--write").returncode == 0
    assert (tmp_path / "pod.yaml").read_text() == before.replace("1.27", f"1.27@{digest}")
    again = fix(tmp_path, ".", "--pin", "--check", "IMG", "--write")
    assert (again.returncode, again.stdout, again.stderr) == (0, b"", b"batten: nothing to mend\n")


def test_latest_is_pinned_with_a_word_about_it(registry: Registry, tmp_path: Path) -> None:
    registry.store("web", image(), "latest")
    write(tmp_path, {"pod.yaml": pod(f"{registry.host}/web")})
    done = fix(tmp_path, "pod.yaml", "--pin", "--check", "IMG")
    told = f"pod.yaml:7: {registry.host}/web is pinned to what latest leads to today; better name the tag of a release"
    assert told in done.stderr.decode()
    assert f"{registry.host}/web:latest@sha256:" in done.stdout.decode()


def test_what_cannot_be_resolved_is_one_line_and_code_3(registry: Registry, tmp_path: Path) -> None:
    digest = registry.store("web", image(), "1")
    write(tmp_path, {"a.yaml": pod(f"{registry.host}/web:1"), "b.yaml": pod(f"{registry.host}/web:2")})
    done = fix(tmp_path, ".", "--pin", "--check", "IMG", "--format", "json", "--write")
    assert done.returncode == 3
    told = f"{registry.host}/web:2: {registry.host} has no such thing; see the name and the tag"
    assert f"batten: b.yaml:7: {told}\n" in done.stderr.decode()
    found = json.loads(done.stdout)
    assert found["unresolved"] == [{"path": "b.yaml", "line": 7, "message": told}]
    rows = [(one["check"], one["kind"], one["applied"], one["location"]["path"]) for one in found["fixes"]]
    assert rows == [("IMG002", "safe", True, "a.yaml"), ("IMG002", None, False, "b.yaml")]
    assert digest in (tmp_path / "a.yaml").read_text()


def test_the_answers_choose_and_nobody_is_asked_twice(registry: Registry, tmp_path: Path) -> None:
    digest = registry.store("web", image(), "latest", "2")
    write(tmp_path, {"a.yaml": pod(f"{registry.host}/web"), "b.yaml": pod(f"{registry.host}/web:2")})
    done = fix(tmp_path, ".", "--pin", "--skip", "PRV,RUN,ACC,NET,PAT", "--interactive", stdin=b"y\nn\n")
    assert done.returncode == 0
    assert b"[2/2] b.yaml:7" in done.stderr
    assert digest in (tmp_path / "a.yaml").read_text()
    assert digest not in (tmp_path / "b.yaml").read_text()
    assert len(registry.asked("/manifests/")) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--offline",), "--pin asks registries for digests, and this run is to fetch nothing (offline)"),
        (("--check", "PRV001"), "--pin mends IMG001, IMG002, IMG014, IMG015; all of them are left out"),
    ],
)
def test_a_call_that_can_pin_nothing_is_wrong(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    write(tmp_path, {"pod.yaml": pod("nginx")})
    done = fix(tmp_path, ".", "--pin", *arguments)
    assert done.returncode == 2
    assert told in done.stderr.decode()


def test_without_the_flag_no_registry_is_asked(registry: Registry, tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": pod(f"{registry.host}/web")})
    done = fix(tmp_path, ".", "--unsafe")
    assert registry.seen == []
    assert b"only its registry knows the digest: batten fix --pin asks for it" in done.stderr


def test_standard_input_is_pinned_as_a_diff(registry: Registry, tmp_path: Path) -> None:
    digest = registry.store("web", image(), "1")
    done = fix(tmp_path, "-", "--pin", "--check", "IMG", stdin=pod(f"{registry.host}/web:1").encode())
    assert f"web:1@{digest}".encode() in done.stdout


def test_what_a_terminal_would_obey_is_shown_escaped(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": pod('"127.0.0.1:9/\\e[31mred"')})
    done = fix(tmp_path, ".", "--pin", "--check", "IMG")
    assert done.returncode == 3
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"127.0.0.1:9/\\x1b[31mred:latest: expected an image reference" in done.stderr


def test_the_command_that_writes_makes_the_same_choice(registry: Registry, tmp_path: Path) -> None:
    registry.store("web", image(), "1")
    write(tmp_path, {"pod.yaml": pod(f"{registry.host}/web:1")})
    done = fix(tmp_path, ".", "--pin", "--check", "IMG002,img001", "--exclude", "a b/**")
    assert b"to write it: batten fix --write --pin --check IMG002,img001 --exclude 'a b/**' ." in done.stderr
