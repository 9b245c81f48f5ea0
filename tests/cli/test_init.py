"""`batten init`: the configuration, the baseline, the ignores of other tools."""

import re
import tomllib
from pathlib import Path

import pytest

from batten.engine import config, config_keys
from batten.engine.configuration_template import TEMPLATE
from batten.model.settings import Settings

from .support import batten

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    checkov.io/skip1: CKV_K8S_16=the driver needs it
spec:
  containers:
  - name: app
    image: registry.example/app:1.0
    securityContext:
      privileged: true
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pod.yaml").write_text(POD, encoding="utf-8")
    return tmp_path


def uncommented() -> str:
    return "\n".join(line[1:] if re.match(r"#[^ ]", line) else line for line in TEMPLATE.split("\n"))


def test_the_configuration_has_every_key_and_no_other():
    keys = set(tomllib.loads(uncommented())) | set(re.findall(r"^# \[\[(\w+)\]\]", TEMPLATE, re.MULTILINE))
    assert keys == set(config_keys.KEYS)


def named_by_the_configuration(folder: Path) -> None:
    """What the examples of the configuration speak of."""
    for name in re.findall(r"\[helm\.\"([^\"]+)\"", TEMPLATE):
        (folder / name).mkdir(parents=True)
        (folder / name / "Chart.yaml").write_text("name: web\n", encoding="utf-8")
    for name in re.findall(r"\[terraform\.\"([^\"]+)\"", TEMPLATE):
        (folder / name).mkdir(parents=True)
    for name in re.findall(r"(?:values|var-files) = \[\"([^\"]+)\"\]", TEMPLATE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")


def test_the_values_in_the_configuration_are_the_defaults(tmp_path: Path):
    named_by_the_configuration(tmp_path)
    path = tmp_path / "batten.toml"
    path.write_text(uncommented(), encoding="utf-8")
    assert config.load(path) == Settings()


def test_the_examples_in_the_configuration_are_valid(tmp_path: Path):
    named_by_the_configuration(tmp_path)
    path = tmp_path / "batten.toml"
    example = r"^# ?(?=\[|[\w-]+ = |\"[\w./]+\" = )"
    path.write_text(re.sub(example, "", TEMPLATE, flags=re.MULTILINE), encoding="utf-8")
    settings = config.load(path)
    assert settings.waivers[0].container == "driver"
    assert settings.severities == {"PRV007": "high"}
    assert settings.pod_template_kinds == {"example.com/Worker": "spec.template"}


def test_it_writes_the_configuration_and_proposes_a_baseline(project: Path):
    done = batten("init", cwd=project)
    assert done.returncode == 0
    assert (project / "batten.toml").read_text(encoding="utf-8") == TEMPLATE
    assert b"batten init --baseline batten-baseline.json" in done.stderr


def test_it_does_not_overwrite_without_force(project: Path):
    (project / "batten.toml").write_text("# mine\n", encoding="utf-8")
    done = batten("init", cwd=project)
    assert done.returncode == 2
    assert b"only with --force" in done.stderr
    assert (project / "batten.toml").read_text(encoding="utf-8") == "# mine\n"
    assert batten("init", "--force", cwd=project).returncode == 0
    assert (project / "batten.toml").read_text(encoding="utf-8") == TEMPLATE


def test_with_its_baseline_the_scan_is_clean_and_the_configuration_stays(project: Path):
    (project / "batten.toml").write_text("# mine\n", encoding="utf-8")
    assert batten("init", "--baseline", "known.json", cwd=project).returncode == 0
    assert (project / "batten.toml").read_text(encoding="utf-8") == "# mine\n"
    assert batten("scan", "pod.yaml", cwd=project).returncode == 1
    assert batten("scan", ".", "--baseline", "known.json", cwd=project).returncode == 0


def test_a_baseline_is_not_overwritten_without_force(project: Path):
    (project / "known.json").write_text("{}", encoding="utf-8")
    assert batten("init", "--baseline", "known.json", cwd=project).returncode == 2
    assert (project / "known.json").read_text(encoding="utf-8") == "{}"


def test_imported_ignores_are_printed_for_review(project: Path):
    done = batten("init", "--import-ignores", "--owner", "@me", "-o", "-", cwd=project)
    assert tomllib.loads(done.stdout.decode())["waiver"][0] == {
        "check": "PRV001",
        "reason": "the driver needs it",
        "owner": "@me",
        "path": "pod.yaml",
        "resource": "Pod/web",
        "container": "app",
    }
    assert not (project / "batten.toml").exists()


def test_what_could_not_be_read_is_said(project: Path):
    (project / "chart.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {{ .Values.meta }}\n", encoding="utf-8")
    done = batten("init", "--baseline", "known.json", cwd=project)
    assert b"something could not be read" in done.stderr
    assert (project / "known.json").exists()


def test_renewing_a_baseline_leaves_the_configuration_as_it_is(project: Path):
    (project / "batten.toml").write_text('fail-on = "low"\n', encoding="utf-8")
    (project / "known.json").write_text("old", encoding="utf-8")
    done = batten("init", "--baseline", "known.json", "--force", cwd=project)
    assert done.returncode == 0
    assert b"batten.toml is left as it is" in done.stderr
    assert (project / "batten.toml").read_text(encoding="utf-8") == 'fail-on = "low"\n'
    assert (project / "known.json").read_text(encoding="utf-8").startswith("{")
