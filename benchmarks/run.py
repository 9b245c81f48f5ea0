"""The speed and memory of batten, as ratios and with the targets beside them, in one run.

    python benchmarks/run.py [--full] [--checkov PATH]

Real manifests are taken from the archives in $BATTEN_SHARED/manifests, else ../shared/data/manifests;
without them only examples/ is measured. Figures depend on the machine and on what else it does: nothing
here fails, and no test is built on it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# An installed package has its bytecode; where the variable forbids to keep it, every start would compile.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
YAML_BYTES = 200_000
YAML_SUFFIXES = (".yaml", ".yml")
YAML_PROGRAM = """
import sys, time
from pathlib import Path
from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.model.source import File
files = [File(name, Path(name).read_bytes()) for name in sys.stdin.read().split("\\0") if name]
def measure(positions):
    begin, documents = time.process_time(), 0
    for file in files:
        for one in read_documents(file, KUBERNETES):
            if isinstance(one, YamlDocument):
                documents += 1
                if positions:
                    one.locate(())
    return time.process_time() - begin, documents
measure(False)
plain, documents = min(measure(False) for _ in range(3))
located, _ = min(measure(True) for _ in range(3))
print(plain, located, documents)
"""


class Run(NamedTuple):
    """What one process took: seconds of wall clock and CPU, the peak of its memory in MB, its exit code."""

    wall: float
    cpu: float
    memory: float
    code: int

    def __str__(self) -> str:
        return f"{self.wall:7.2f} s wall {self.cpu:7.2f} s CPU {self.memory:6.0f} MB"


def run(*command: str | Path) -> Run:
    """Runs `command`, its output thrown away. CPU and memory count its children that it waited for, too."""
    quiet = subprocess.DEVNULL
    with tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command], stdin=quiet, stdout=quiet, stderr=errors, env=ENVIRONMENT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        if b"Traceback (most recent" in (told := errors.read()):
            # what crashed at once would look fast
            sys.exit(f"{' '.join(map(str, command))} crashed:\n{told.decode(errors='replace')}")
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale, process.returncode)


def best(times: int, *command: str | Path) -> Run:
    """The fastest of several runs: what the machine can do when nothing else disturbs it."""
    return min((run(*command) for _ in range(times)), key=lambda one: one.wall)


def batten(*words: str | Path) -> tuple[str | Path, ...]:
    return (Path(sys.executable).with_name("batten"), *words)


def say(what: str, figure: object, target: str = "", fine: bool | None = None) -> None:
    verdict = "" if fine is None else "  met" if fine else "  MISSED"
    print(f"{what:<46} {figure!s:<48} {target}{verdict}", flush=True)


def archives() -> list[Path]:
    folders = [ROOT.parent / "shared" / "data" / "manifests"]
    if shared := os.environ.get("BATTEN_SHARED"):
        folders.insert(0, Path(shared) / "manifests")
    return next((found for folder in folders if (found := sorted(folder.glob("*.tar.xz")))), [])


def unpack(found: list[Path], into: Path) -> Path:
    for archive in found:
        with tarfile.open(archive) as opened:
            opened.extractall(into / archive.name.removesuffix(".tar.xz"), filter="data")
    return into


def yaml_files(tree: Path) -> list[Path]:
    """In an order that does not depend on the file system; links left out."""
    return sorted(
        one for one in tree.rglob("*") if one.suffix in YAML_SUFFIXES and one.is_file() and not one.is_symlink()
    )


def copies(tree: Path, number: int, into: Path) -> Path:
    """`number` copies of a tree, as hard links: the scan reads every one, the disk holds one."""
    for index in range(number):
        shutil.copytree(tree, into / str(index), copy_function=os.link, symlinks=True)
    return into


def measure_start() -> None:
    bare = best(10, sys.executable, "-c", "pass")
    own = best(10, *batten("--version"))
    ratio = own.wall / bare.wall
    say("batten --version / python -c pass", f"{ratio:.1f} x ({own.wall * 1000:.0f} ms)", "<= 5 x", ratio <= 5)


def measure_few(tree: Path, work: Path) -> None:
    """Fifty files of about the middle size: neither tiny ones nor the few giants."""
    files = sorted(
        (one for one in yaml_files(tree) if one.stat().st_size < YAML_BYTES), key=lambda one: one.stat().st_size
    )
    middle = files[max(0, len(files) // 2 - 25) :][:50]
    folder = work / "fifty"
    folder.mkdir()
    for index, file in enumerate(middle):
        shutil.copy(file, folder / f"{index:02}-{file.name}")
    found = best(10, *batten("scan", folder))
    say(f"scan of {len(middle)} files", found, "<= 0.15 s", found.wall <= 0.15)


def measure_yaml(tree: Path) -> None:
    names = "\0".join(str(one) for one in yaml_files(tree) if one.stat().st_size < YAML_BYTES)
    command = [sys.executable, "-c", YAML_PROGRAM]
    done = subprocess.run(command, input=names, stdout=subprocess.PIPE, text=True, check=True, env=ENVIRONMENT)
    plain, located, documents = (float(word) for word in done.stdout.split())
    for what, seconds in (("values, positions on demand", plain), ("values, and positions asked of each", located)):
        each = seconds * 1_000_000 / max(documents, 1)
        say(f"YAML: {what}", f"{each:.0f} ms CPU per 1,000 documents ({documents:.0f} read)", "<= 80 ms", each <= 80)


def measure_growth(tree: Path, once: Run, numbers: list[int], work: Path) -> None:
    for number in numbers:
        grown = copies(tree, number, work / f"times-{number}")
        found = run(*batten("scan", grown))
        ratio = found.cpu / once.cpu / number
        say(f"scan of {number} copies", f"{found} {ratio:.2f} x each", "linear: <= 1.25 x", ratio <= 1.25)
        shutil.rmtree(grown)


def measure_checkov(program: Path, tree: Path, once: Run) -> None:
    peer = run(
        program, "-d", tree, "--framework", "kubernetes", "dockerfile", "--quiet", "--compact", "--skip-download"
    )
    if peer.code not in (0, 1):
        print(f"{program} ended with {peer.code}: not compared")
        return
    say("checkov on the same tree", peer)
    faster, smaller = peer.wall / once.wall, peer.memory / once.memory
    say("  checkov / batten, wall clock", f"{faster:.0f} x", ">= 25 x", faster >= 25)
    say("  checkov / batten, CPU", f"{peer.cpu / once.cpu:.0f} x")
    say("  checkov / batten, memory", f"{smaller:.1f} x", ">= 10 x", smaller >= 10)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--full", action="store_true", help="also 50 copies (minutes, and memory to match)")
    parser.add_argument("--checkov", type=Path, metavar="PATH", help="the checkov program to compare with")
    options = parser.parse_args()
    found = archives()
    with tempfile.TemporaryDirectory(prefix="batten-bench-") as name:
        work = Path(name)
        if found:
            tree = unpack(found, work / "real")
        else:
            print("The archives of real manifests are not here (set BATTEN_SHARED): examples/ alone is measured.")
            tree = Path(shutil.copytree(ROOT / "examples", work / "examples", symlinks=True))
        files = yaml_files(tree)
        size = sum(one.stat().st_size for one in files) / 1e6
        print(f"{len(files)} YAML files, {size:.1f} MB; Python {sys.version.split()[0]}, {os.cpu_count()} cores")
        measure_start()
        once = best(3, *batten("scan", tree))
        say("scan", once, "<= 3 s, <= 120 MB", once.wall <= 3 and once.memory <= 120)
        for kinds in ((), ("--unsafe",)):
            mended = best(2, *batten("fix", *kinds, tree))
            ratio = mended.wall / once.wall
            say(" ".join(("fix", *kinds, "--diff")), f"{mended} {ratio:.1f} x the scan", "<= 2 x", ratio <= 2)
        measure_few(tree, work)
        measure_yaml(tree)
        measure_growth(tree, once, [10, 50] if options.full else [10], work)
        if options.checkov:
            measure_checkov(options.checkov, tree, once)
    return 0


if __name__ == "__main__":
    sys.exit(main())
