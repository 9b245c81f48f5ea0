"""The advisory database: what building it costs, how large it is, how fast it answers; targets beside.

    python benchmarks/db.py [--keep FILE] [DIR]

DIR has the files of a mirror: $BATTEN_SHARED/advisories, else ../shared/data/advisories. Figures depend on the
machine and on what else it does: nothing here fails, and no test is built on it.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOOKUPS = 500
BUILD = """
import resource, sys, time
from pathlib import Path
from batten.vulnerabilities.db.build import build
outcome = build(Path(sys.argv[1]), Path(sys.argv[2]))
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, outcome.feeds, outcome.records, len(outcome.problems))
"""


def main() -> None:
    shared = os.environ.get("BATTEN_SHARED", str(ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser()
    parser.add_argument("mirror", nargs="?", type=Path, default=Path(shared) / "advisories", metavar="DIR")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="leave the database there, for other benchmarks")
    asked = parser.parse_args()
    mirror: Path = asked.mirror
    if not mirror.is_dir():
        sys.exit(f"expected the files of a mirror in {mirror}, found no such directory")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "advisories.sqlite"
        begin = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", BUILD, str(mirror), str(path)], check=True, capture_output=True, text=True
        )
        wall = time.perf_counter() - begin
        cpu, memory, feeds, records, problems = done.stdout.split()
        _line(
            "build, CPU", f"{float(cpu):.1f} s", "15 s", f"{wall:.1f} s wall; {feeds} files, {int(records):,} records"
        )
        _line("build, memory", f"{float(memory):.0f} MB", "100 MB", f"{problems} files with records that are broken")
        _line("size", f"{path.stat().st_size / 1e6:.1f} MB", "80 MB", "")
        _lookups(path)
        if asked.keep is not None:
            asked.keep.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, asked.keep)


def _lookups(path: Path) -> None:
    """Half of the names are there, half are not, spread over the ecosystems as packages are."""
    from batten.vulnerabilities.db import open_database

    begin = time.perf_counter()
    with open_database(path) as database:
        opened = time.perf_counter() - begin
        names = database._connection.execute("SELECT ecosystem, name FROM package").fetchall()
        chosen = random.Random(1).sample(names, LOOKUPS // 2)
        questions: dict[str, list[str]] = {}
        for ecosystem, name in chosen:
            questions.setdefault(ecosystem, []).extend((name, f"no-such-{name}"))
        walls, cpus, rows = [], [], 0
        for _ in range(7):
            begin, cpu = time.perf_counter(), time.process_time()
            found = [database.advisories(ecosystem, some) for ecosystem, some in questions.items()]
            walls.append(time.perf_counter() - begin)
            cpus.append(time.process_time() - cpu)
            rows = sum(len(some) for one in found for some in one.values())
    told = (
        f"{_median(walls[1:])} wall; the first {walls[0] * 1000:.1f} ms; {rows:,} rows; opening {opened * 1000:.1f} ms"
    )
    _line(f"{LOOKUPS} look-ups, warm, CPU", _median(cpus[1:]), "20 ms", told)


def _median(seconds: list[float]) -> str:
    return f"{sorted(seconds)[len(seconds) // 2] * 1000:.1f} ms"


def _line(what: str, value: str, target: str, more: str) -> None:
    print(f"{what:28}{value:>10}   target {target:8}{more}")


if __name__ == "__main__":
    main()
