"""What the tests of rules stand on: an expression asked of the nouns of a manifest."""

from pathlib import Path
from typing import Any

from batten.engine.rules.examples import MemoryTarget
from batten.engine.rules.names import BOOL, NOUNS
from batten.engine.rules.program import Program, program
from batten.engine.scan import Scan, scan_targets
from batten.model.settings import Settings

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web, team: shop}
spec:
  containers:
    - name: app
      image: registry.example/shop/web:1.4
      securityContext: {runAsUser: 1000, capabilities: {add: [NET_ADMIN]}}
      volumeMounts:
        - {name: host, mountPath: /host}
      resources: {limits: {memory: 64Mi}}
    - name: side
      image: nginx
  volumes:
    - {name: host, hostPath: {path: /var/lib}}
"""


def read(text: str = POD, name: str = "pod.yaml") -> Scan:
    return scan_targets([MemoryTarget(name, text)], Settings(as_of="2026-11-01", checks=("AUD001",)))


def compiled(text: str, on: str = "container") -> Program:
    return program(text, NOUNS[on].roots, BOOL)


def ask(text: str, scan: Scan, on: str = "container", index: int = 0) -> Any:
    """The answer for the noun at `index`."""
    noun = scan.inventory.of(NOUNS[on].carrier)[index]
    roots = {on: noun}
    if on == "container":
        roots["workload"] = scan.inventory.workload_of(noun)
    return compiled(text, on).run(roots, scan.inventory)[0]


def rule_file(folder: Path, text: str, name: str = "rules.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
