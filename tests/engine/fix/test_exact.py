"""Fixes of what only the evaluator of a framework blames."""

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
  - name: web
    image: registry.example/shop/web:1
    ports:
    - containerPort: 80
      hostPort: 8080
"""


@pytest.mark.parametrize("address", ["", "      hostIP: 127.0.0.1\n", "      hostIP: 10.0.0.1\n"])
def test_a_host_port_goes_whatever_its_address(tmp_path: Path, address: str) -> None:
    (tmp_path / "pod.yaml").write_text(POD + address)
    settings = Settings(frameworks=("pss-baseline",))
    assert api.scan([str(tmp_path)], settings).report.exit_code == 1
    (patch,) = api.fix([str(tmp_path)], settings, review=True).patches
    (tmp_path / "pod.yaml").write_bytes(patch.after.data)
    assert "host" not in patch.after.text()
    done = api.scan([str(tmp_path)], settings)
    assert (done.report.exit_code, done.report.frameworks[0].passed) == (0, True)
