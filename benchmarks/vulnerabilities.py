"""What matching and ranking costs once the packages are known; targets beside.

    python benchmarks/vulnerabilities.py [DATABASE]

DATABASE is one that `batten db build` made of real feeds (default: your own). Packages are taken out of it: names
that its advisories speak of, at one of the last ten versions that mended something. Figures
depend on the machine and on what else it does: nothing here fails, and no test is built on it.
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

PACKAGES = 500
MEASURE = """
import sys, time
started = time.perf_counter()
from pathlib import Path
import msgspec
from batten.model.package import Package
from batten.vulnerabilities.db import open_database
from batten.vulnerabilities.match import match
from batten.vulnerabilities.plan import Planned, plan
from batten.vulnerabilities.priority import rank
loaded = time.perf_counter()
packages = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Package])
for number in range(3):
    begin, cpu = time.perf_counter(), time.process_time()
    with open_database(Path(sys.argv[1])) as db:
        matches = match(packages, db)
    rows = rank(matches.rows, {})
    ranked, used = time.perf_counter(), time.process_time() - cpu
    steps = plan([Planned(target="image:x", packages=packages, rows=rows, heard=matches.heard)])
    end = time.perf_counter()
    print(ranked - begin, end - ranked, used, len(rows), len(steps), loaded - started)
"""


def main() -> None:
    from batten.vulnerabilities.db import default_path

    path = Path(sys.argv[1]) if len(sys.argv) > 1 else default_path()
    if not path.is_file():
        sys.exit(f"expected a database at {path}, found none; `batten db build --from DIR` makes one")
    import msgspec

    given = msgspec.json.encode(packages(path))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], input=given, check=True, capture_output=True, cwd=Path.cwd()
    )
    figures = [[float(word) for word in line.split()] for line in done.stdout.decode().splitlines()]
    first, least = figures[0], min(figures)
    what = f"{first[3]:.0f} rows of {PACKAGES} packages"
    say("matched and ranked, at first", f"{first[0]:.3f} s", "0.3 s", f"{first[2]:.3f} s of CPU; {what}")
    say("matched and ranked, again", f"{least[0]:.3f} s", "0.3 s", f"{least[2]:.3f} s of CPU")
    say("planned", f"{least[1]:.3f} s", "", f"{first[4]:.0f} steps")
    say("loading the code", f"{first[5]:.3f} s", "", "")


def packages(path: Path) -> list[object]:
    """Three fifths of a distribution, the rest of languages."""
    from batten.model.package import Distribution, Package, SourcePackage
    from batten.vulnerabilities.db import open_database

    chosen = random.Random(1)
    wanted = {"debian:12": 150, "pypi": 80, "golang": 50, "cargo": 40, "gem": 30}
    found: list[object] = []
    with open_database(path) as db:
        for ecosystem, number in wanted.items():
            known = db._connection.execute("SELECT name FROM package WHERE ecosystem = ?", (ecosystem,)).fetchall()
            names = chosen.sample([name for (name,) in sorted(known)], min(number, len(known)))
            for name, rows in db.advisories(ecosystem, names).items():
                bounds = {one.fixed or one.last_affected for row in rows for one in row.ranges} - {"", "0"}
                version = chosen.choice(_newest(bounds, ecosystem) or ["1.0"])
                if ecosystem != "debian:12":
                    found.append(Package(type=ecosystem, name=name, version=version, target="image:x", paths=(name,)))
                    continue
                for binary in (name, f"lib{name}-dev"):
                    found.append(
                        Package(
                            type="deb",
                            namespace="debian",
                            name=binary,
                            version=version,
                            qualifiers=(("arch", "amd64"), ("distro", "debian-12")),
                            source=SourcePackage(name, version),
                            target="image:x",
                            distribution=Distribution("debian", "12", "bookworm"),
                        )
                    )
    return found[:PACKAGES]


def _newest(versions: set[str], ecosystem: str) -> list[str]:
    """The last ten of them: an image that nobody updated for a year or two."""
    from functools import cmp_to_key

    from batten.versions import InvalidVersion, compare, scheme_of

    scheme = scheme_of(ecosystem) or "dpkg"

    def order(left: str, right: str) -> int:
        try:
            return compare(scheme, left, right)
        except InvalidVersion:
            return 0

    return sorted(sorted(versions), key=cmp_to_key(order))[-10:]


def say(what: str, figure: str, target: str, note: str) -> None:
    print(f"{what:<32}{figure:>12}   {f'target {target}' if target else '':<16}{note}")


if __name__ == "__main__":
    main()
