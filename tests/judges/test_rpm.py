"""Real databases of rpm in its three formats, beside what go-rpmdb reads of them (`make judges`).

They are those that go-rpmdb was tested with: CentOS 5 to 8 and UBI (Berkeley DB), SLE 15 (ndb), Fedora and CBL-Mariner
(SQLite), some 3,300 packages.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from batten.images.cataloguers.rpm import CATALOGUER
from images.cataloguers.reading import read

MODULE = Path(__file__).parent / "rpm"
JUDGE = Path(__file__).parents[2] / ".judges" / "rpm"

pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not JUDGE.exists() or not shutil.which("go"), reason="the judge is not built: make judges"),
]


@pytest.fixture(scope="module")
def databases() -> list[Path]:
    command = ["go", "list", "-m", "-f", "{{.Dir}}", "github.com/knqyf263/go-rpmdb"]
    folder = subprocess.run(command, cwd=MODULE, check=True, capture_output=True, text=True).stdout.strip()
    return [one for one in sorted(Path(folder, "pkg/testdata").glob("*/*")) if one.name.lower().startswith(("p", "r"))]


def test_the_same_packages(databases: list[Path]) -> None:
    assert len(databases) == 16
    counts = {}
    for path in databases:
        answer = subprocess.run([JUDGE, str(path)], check=True, capture_output=True, text=True).stdout
        said = [json.loads(line) for line in answer.splitlines()]
        found = read(CATALOGUER, f"var/lib/rpm/{path.name}", path.read_bytes())
        assert not found.problem
        theirs = {
            (one["name"], f"{one['epoch']}:{one['version']}", one["arch"], one["source"], one["module"]): one["files"]
            for one in said
            if one["name"] != "gpg-pubkey"  # a key, no software
        }
        mine = {}
        for one in found.packages:
            version = one.version if ":" in one.version else f"0:{one.version}"
            source = f"{one.source.name}-{one.source.version.rpartition(':')[2]}.src.rpm" if one.source else ""
            arch = dict(one.qualifiers).get("arch", "")
            mine[one.name, version, arch, source, one.module] = one.files
        short = {(*key[:4], ":".join(key[4].split(":")[:2])): files for key, files in theirs.items()}
        assert mine.keys() == short.keys()
        for key, files in mine.items():
            assert {f"/{one.lstrip('/')}" for one in files} <= set(short[key] or ())
        counts[path.parent.name] = len(mine)
    print(counts)
    assert sum(counts.values()) > 3_000
