"""What rules of one's own cost: 1,000 evaluations on workloads, the load of a hundred rules, the import.

Prints the best and the median of several rounds, milliseconds of processor time. `python benchmarks/rules.py`
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from batten.engine.check import Context
from batten.engine.rules.examples import MemoryTarget
from batten.engine.rules.file import parse_rules
from batten.engine.rules.registry import check_of
from batten.engine.scan import scan_targets
from batten.model.settings import Settings

ROUNDS = 15
LIMIT = 20.0  # milliseconds for 1,000 evaluations
RULES = {
    "a label": ("workload", "!('team' in workload.labels) || workload.labels.team == ''"),
    "host namespaces": ("workload", "workload.host_network || workload.host_pid"),
    "a user": ("container", "has(container.user.uid) && container.user.uid < 10000"),
    "a registry": ("image", "image.registry != 'registry.example'"),
    "every container": ("workload", "workload.containers.exists(c, c.privileged)"),
    "a pattern": ("container", "container.name.matches('^[a-z]+-[0-9]+$')"),
    "a function": ("container", "container.name.lowerAscii() != container.name"),
}


def manifest(number: int) -> str:
    return "---\n".join(
        f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: web{one}}}
spec:
  template:
    metadata: {{labels: {{app: web, team: shop}}}}
    spec:
      containers:
        - name: app-1
          image: registry.example/web:1.4
          securityContext: {{runAsUser: 20000, privileged: false}}
          ports: [{{containerPort: 8080}}]
"""
        for one in range(number)
    )


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """(best, median) in milliseconds of processor time."""
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        taken.append((time.process_time() - began) * 1000)
    return min(taken), statistics.median(taken)


def main() -> int:
    texts = [
        {"id": f"ACME-{number}", "title": name, "on": on, "fails_if": text}
        for number, (name, (on, text)) in enumerate(RULES.items())
    ]
    rules, problems = parse_rules(json.dumps({"rules": texts}).encode(), "rules.yaml")
    assert not problems, problems
    scan = scan_targets([MemoryTarget("k8s.yaml", manifest(1000))], Settings(checks=("AUD001",)))
    worst = 0.0
    print("1,000 evaluations, from noun to verdict                best ms  median ms")
    for rule in rules:
        check = check_of(rule)
        nouns = scan.inventory.of(check.noun)
        assert len(nouns) == 1000

        def ask(check: object = check, nouns: list[object] = nouns) -> None:
            context = Context(scan.inventory, scan.settings, "2026-11-01")
            for noun in nouns:
                check.function(noun, context)  # type: ignore[attr-defined]

        best, median = measured(ask)
        worst = max(worst, best)
        print(f"  {rule.form.title:16} {rule.form.fails_if[:34]:36} {best:8.1f} {median:8.1f}")
    hundred = [{**texts[n % len(texts)], "id": f"ACME-{n}"} for n in range(100)]
    data = json.dumps({"rules": hundred}).encode()
    best, median = measured(lambda: parse_rules(data, "rules.yaml"))
    print(f"load of 100 rules {'':38} {best:7.1f} {median:8.1f}")
    code = "import time; b=time.process_time(); from batten.engine.rules.library import library; library(); "
    code += "print((time.process_time()-b)*1000)"
    imports = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(7)]
    print(f"import of the library {'':34} {min(imports):7.1f} {statistics.median(imports):8.1f}")
    print(f"worst best: {worst:.1f} ms for 1,000 evaluations (limit {LIMIT:.0f})")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    sys.exit(main())
