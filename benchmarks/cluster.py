"""How long a scan of 10,000 live objects takes, whole process: a real kube-apiserver with etcd on this machine.

500 Deployments with their ReplicaSets, pods, services, config maps, secrets, accounts and roles, in ten namespaces.
Needs the judge `cluster` (`make judges`). `python benchmarks/cluster.py`
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from judges.kube import JUDGE, Kube, running
from sources.cluster import made

ROOT = Path(__file__).resolve().parent.parent
GROUPS, NAMESPACES, ROUNDS = 500, 10, 3
LIMIT = 15.0  # seconds


def fill(kube: Kube) -> int:
    """Number of objects created."""
    names = [f"many-{number}" for number in range(NAMESPACES)]
    for name in names:
        kube.namespace(name)
    count, lock = Counter[str](), threading.Lock()

    def create(value: dict[str, Any], namespace: str = "default") -> dict[str, Any]:
        with lock:
            count[value["kind"]] += 1
        return kube.create(value, namespace)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: made.crowd(create, names[number % NAMESPACES], number), range(GROUPS)))
    return count.total()


def scan(config: Path, report: Path) -> tuple[float, float, int]:
    """(seconds, megabytes at most, exit code) of one process."""
    environment = {**os.environ, "KUBECONFIG": str(config), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "batten", "scan", "cluster:", "--format", "json", "--output", str(report)]
    began = time.monotonic()
    process = os.posix_spawn(sys.executable, command, environment)
    _, status, usage = os.wait4(process, 0)
    return time.monotonic() - began, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def main() -> int:
    if not JUDGE.exists():
        print("the API server is not built: make judges")
        return 0
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as kube:
        config = kube.kubeconfig(Path(folder) / "config")
        print(f"{fill(kube):,} live objects, {ROUNDS} scans, API included")
        taken = [scan(config, Path(folder) / "report.json") for _ in range(ROUNDS)]
        target = json.loads((Path(folder) / "report.json").read_text())["targets"][0]
    seconds = statistics.median(one[0] for one in taken)
    most = max(one[1] for one in taken)
    print(f"  median {seconds:.1f} s, worst {max(one[0] for one in taken):.1f} s, at most {most:.0f} MB")
    print(f"  at most {LIMIT:.0f} s asked for: {'held' if seconds <= LIMIT else 'NOT held'}")
    if target["status"] != "complete" or any(one[2] not in (0, 1) for one in taken):
        print(f"  NOT read whole: {target['problems']}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
