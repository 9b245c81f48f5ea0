"""The image that Containerfile makes: built offline by Podman, on bases made of this machine's own Python."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from batten import api
from batten.model.image_content import Image
from batten.model.settings import ImageSettings, Settings
from system.engines import BUSYBOX, CannotRun, Cli, missing, podman, required

ROOT = Path(__file__).parents[2]
LIMITS = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")  # Podman would raise them
LOOSE = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: nginx:1.29.3}]\n"

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(missing()) and not required(), reason=f"not here: {missing()}"),
]


class Built(NamedTuple):
    cli: Cli
    archive: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    assert not missing(), missing()
    folder = tmp_path_factory.mktemp("c")
    try:
        with podman(folder) as cli:
            cli("import", "--change", "USER 0", "-", "base/run:1", given=_base(folder, tools=False), seconds=300)
            cli("import", "--change", "USER 0", "-", "base/build:1", given=_base(folder, tools=True), seconds=300)
            (folder / "pip.conf").write_text("[global]\nno-index = true\nfind-links = /given\n")
            cli(
                *("build", "--network", "none", "--pull=never", "--secret", f"id=pip,src={folder / 'pip.conf'}"),
                *("--build-arg", "BUILD=localhost/base/build:1", "--build-arg", "BASE=localhost/base/run:1"),
                *("--file", str(ROOT / "Containerfile"), "--tag", "batten:1", *LIMITS, str(ROOT)),
                seconds=300,
            )
            archive = folder / "batten.tar"
            cli("save", "--output", str(archive), "batten:1", seconds=300)
            yield Built(cli, archive)
    except CannotRun as error:
        if required():
            raise
        pytest.skip(str(error))


def _base(folder: Path, *, tools: bool) -> bytes:
    """Python with the libraries that it needs; `tools`: a shell, pip and the locked packages as files, too."""
    prefix = Path(sys.base_prefix)
    library = prefix / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    program = Path(os.path.realpath(sys.executable))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", dereference=True) as archive:
        archive.add(program)
        for file in _libraries([program, *library.glob("lib-dynload/*.so")]):
            archive.add(file)
        archive.add(library, filter=_needed)
        _link(archive, "usr/bin/python3", str(program))
        _folder(archive, "tmp", 0o1777)
        if tools:
            assert BUSYBOX is not None
            archive.add(BUSYBOX, "bin/busybox")
            for name in ("sh", "echo", "rm", "tr"):
                _link(archive, f"bin/{name}", "busybox")
            import pip

            archive.add(Path(pip.__file__).parent, str(library / "pip"), filter=_needed)
            archive.add(_wheels(folder), "given")
    return packed.getvalue()


def _libraries(files: list[Path]) -> set[str]:
    found = set[str]()
    for file in files:
        told = subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=False).stdout
        found.update(re.findall(r"(/\S+) \(0x", told))
    # of packages that are compiled
    beside = [Path(one).parent for one in found if "/libc.so" in one]
    found.update(str(one) for folder in beside for one in folder.glob("lib*.so.*") if one.name in _COMPILED)
    return found


_COMPILED = ("libgcc_s.so.1", "libstdc++.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1")
_LEFT_OUT = re.compile(r"/(test|idlelib|tkinter|lib2to3|ensurepip|config-[^/]+|(site|dist)-packages|__pycache__)$")


def _needed(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if _LEFT_OUT.search(f"/{member.name}") else member


def _link(archive: tarfile.TarFile, name: str, target: str) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    archive.addfile(member)


def _folder(archive: tarfile.TarFile, name: str, mode: int) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, mode
    archive.addfile(member)


def _wheels(folder: Path) -> Path:
    """What the lock names, as `make test-system` has just installed it: out of pip's cache where it has one."""
    lock, given = ROOT / "requirements" / "core.txt", folder / "given"
    call = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary", ":all:"]
    done = subprocess.run(
        [*call, "--dest", str(given), "--requirement", str(lock)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotRun(f"pip download: {done.stderr.strip()[-400:]}")
    return given


def run(built: Built, folder: Path, *words: str) -> str:
    """As docs/places.md says it."""
    text = (ROOT / "docs" / "places.md").read_text()
    said = re.search(r"^podman run ((?:--\S+(?: [^-\s]\S*)? ?)+)\\\n +--volume", text, re.MULTILINE)
    assert said
    confined = [one for one in said[1].split() if one != "--rm"]
    volume = ("--volume", f"{folder}:/src:ro")
    return built.cli("run", "--rm", *confined, *LIMITS, *volume, "batten:1", *words)


def test_it_scans_what_is_mounted_with_everything_taken_from_it(built: Built, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(LOOSE)
    (tmp_path / "click.py").write_text("raise SystemExit('code of the folder that is scanned has run')\n")
    tmp_path.chmod(0o755)
    report = json.loads(run(built, tmp_path, "scan", ".", "--format", "json", "--fail-on", "none"))
    assert {one["location"]["path"] for one in report["findings"]} == {"pod.yaml"}
    assert report["targets"][0]["status"] == "complete"


def test_it_holds_no_shell_no_pip_and_no_tools_of_the_build(built: Built) -> None:
    names = set[str]()
    with tarfile.open(built.archive) as archive:
        for layer in (one for one in archive.getnames() if one.endswith(".tar")):
            with tarfile.open(fileobj=archive.extractfile(layer)) as files:
                names.update(f"/{one}" for one in files.getnames())
    assert "/opt/batten/site-packages/batten/cli/scan.py" in names
    assert "/opt/batten/site-packages/yaml/__init__.py" in names
    assert not [one for one in names if re.search(r"/(pip|hatchling|editables)(/|$)|/bin/(sh|busybox|batten)$", one)]


def test_its_own_rules_hold_for_it(built: Built) -> None:
    scanned = api.scan([str(built.archive)], Settings(images=ImageSettings(offline=True, cache=False)))
    # what the base brings is this machine's
    assert [one for one in scanned.report.findings if "/opt/batten" in one.message or one.check.startswith("PRV")] == []
    [image] = scanned.inventory.of(Image)
    assert image.user == "65532:65532"
