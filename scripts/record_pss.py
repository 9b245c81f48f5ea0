"""Record the reference's verdicts on pods into `tests/data/pss/cases.jsonl.gz`.

    python scripts/record_pss.py        # needs .judges/psa (make judges)

One line a case: {"object": …, "baseline": [[from version, [failed check ids]], …], "restricted": …}.
A verdict holds from its version until the next one listed.
"""

from __future__ import annotations

import gzip
import importlib
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
JUDGE = ROOT / ".judges" / "psa"
CASES = ROOT / "tests" / "data" / "pss" / "cases.jsonl.gz"
RANDOM_PODS = 600


def main() -> int:
    if not JUDGE.exists():
        print("expected .judges/psa; build it with: make judges", file=sys.stderr)
        return 2
    sys.path.insert(0, str(ROOT / "tests"))
    pods: Any = importlib.import_module("frameworks.pss_pods")
    source = random.Random(20261124)
    objects = [*pods.systematic(), *(pods.random_pod(source) for _ in range(RANDOM_PODS))]
    lines = list(dict.fromkeys(json.dumps(item, separators=(",", ":")) for item in objects))
    answers = subprocess.run(
        [JUDGE, "-ids"], input="\n".join(lines), capture_output=True, text=True, check=True
    ).stdout.splitlines()
    cases = []
    for line, answer in zip(lines, map(json.loads, answers), strict=True):
        if answer["verdicts"] is None:
            print(f"not judged: {answer.get('error', 'no pod')}: {line}", file=sys.stderr)
            continue
        case = {"object": json.loads(line)} | {level: changes(runs) for level, runs in answer["verdicts"].items()}
        cases.append(json.dumps(case, separators=(",", ":")))
    CASES.parent.mkdir(parents=True, exist_ok=True)
    CASES.write_bytes(gzip.compress(("\n".join(cases) + "\n").encode(), 9, mtime=0))
    print(f"{len(cases)} cases, {CASES.stat().st_size} bytes")
    return 0


def changes(verdicts: dict[str, list[str]]) -> list[list[Any]]:
    """The versions at which a verdict differs from that of the version before."""
    told: list[list[Any]] = []
    for version, failed in sorted(verdicts.items(), key=lambda item: int(item[0].partition(".")[2])):
        if not told or told[-1][1] != failed:
            told.append([version, failed])
    return told


if __name__ == "__main__":
    raise SystemExit(main())
