"""What the house is made of is found by walking it, and loaded where it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from batten.engine.rooms import all_checks, checks_on, judged_alone
from batten.model.image_content import Image
from batten.model.objects import KubernetesObject
from batten.model.settings import Settings
from batten.model.workload import Container, Workload

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: app, image: "nginx:1.29"}]
"""


def test_a_file_of_checks_judges_only_what_its_name_says() -> None:
    told = {}
    for check in all_checks().values():
        name = check.function.__module__.rpartition(".")[2]
        if alone := judged_alone(name):
            told[name] = alone
            assert check.noun.__name__ in alone, f"{name}.py is not loaded where {check.id} is needed"
    assert {"dockerfile", "image_content", "pipeline_pins"} <= set(told)


def test_checks_on_the_nouns_that_were_read_are_all_there() -> None:
    every = all_checks()
    found = checks_on(Settings(), [Container, Workload, KubernetesObject])
    assert {name for name, one in every.items() if one.noun in (Container, Workload, KubernetesObject)} <= set(found)
    assert list(found) == sorted(found)
    of_images = {name for name, one in every.items() if one.noun is Image}
    assert not of_images & set(found)
    assert of_images <= set(checks_on(Settings(), [Image]))


def test_a_scan_of_a_manifest_loads_no_checks_of_anything_else(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    code = (
        "import sys; from batten import api; found = api.scan(sys.argv[1:]).report.findings; "
        "print(len(found) > 3, *(name for name in sys.modules if '.checks.' in name))"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    first, *loaded = ran.stdout.split()
    assert first == "True"
    assert "batten.privileges.checks.root" in loaded
    assert not [name for name in loaded if judged_alone(name.rpartition(".")[2])]
