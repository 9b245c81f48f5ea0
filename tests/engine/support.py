"""Helpers of the engine's tests: a directory with some files, scanned."""

from pathlib import Path

from batten import api
from batten.engine.scan import Scan
from batten.model.report import Finding
from batten.model.settings import Settings

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
  - name: app
    image: registry.example/app:1.0
    securityContext:
      privileged: true
"""


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def scan(root: Path, files: dict[str, str] | None = None, **settings: object) -> Scan:
    return api.scan([str(write(root, files or {}))], Settings(as_of="2026-11-01", **settings))  # type: ignore[arg-type]


def findings(done: Scan, check: str) -> list[Finding]:
    return [one for one in done.report.findings if one.check == check]
