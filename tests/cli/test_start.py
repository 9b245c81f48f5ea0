"""What a small scan loads: every module more is paid for by every start."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys, click, msgspec, yaml
known = set(sys.modules)
from batten.cli.group import run
code = run(["scan", sys.argv[1]])
print(*(set(sys.modules) - known), file=sys.stderr)
sys.exit(code)
"""
POD = """apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
      image: registry.example/app:1.0
      securityContext: {privileged: true}
"""
# each takes 0.3 ms or more, and none is of use to who reads manifests without a configuration
HEAVY = """
    asyncio base64 click.shell_completion concurrent.futures hashlib http.client httpx locale pathlib shlex shutil
    socket sqlite3 ssl subprocess tempfile tomllib tree_sitter urllib.parse zipfile
    batten.engine.config_file batten.engine.waiver_uses batten.frameworks.pss batten.images.reader
    batten.vulnerabilities.db
"""


def test_a_scan_of_manifests_loads_nothing_heavy_that_it_does_not_use(tmp_path: Path):
    (tmp_path / "pod.yaml").write_text(POD, encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False)
    loaded = set(done.stderr.split())
    assert "PRV001" in done.stdout
    assert done.returncode == 1
    assert "batten.formats.kubernetes.reader" in loaded
    assert loaded & set(HEAVY.split()) == set()
