"""Plug-ins: distributions as pip leaves them on disk, the example being that of docs/plug-ins.md."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.support import batten
from engine.support import POD, write

PAGE = Path(__file__).parent.parent / "docs/plug-ins.md"
LABELLED = POD.replace("metadata: {", "metadata: {labels: {shop.example/team: web}, ")
READER = """\
from batten.formats.interface import Reading
from batten.model.source import Problem

class Hosts:
    name = "hosts"
    priority = 5
    def wants_name(self, path): return path.endswith(".hosts")
    def wants(self, file): return True
    def read(self, file, context):
        return Reading(problems=[Problem(file.path, "a hosts file was read", severe=False)])

READER = Hosts()
"""


def example() -> dict[str, str]:
    """The modules that the page shows, by path."""
    shown = re.findall(r"^`src/(shop_rules/\S+\.py)`.*?\n```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    return {"shop_rules/__init__.py": "", **dict(shown)}


def install(site: Path, files: dict[str, str], name: str = "shop-rules", value: str = "shop_rules") -> dict[str, str]:
    """A distribution in a folder of its own; what is to be in the environment for it to be found."""
    info = f"{name.replace('-', '_')}-1.0.dist-info"
    entry_points = f"[console_scripts]\nx = y:z\n\n[batten.plugins]\nshop = {value}\n"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    write(site, {**files, f"{info}/METADATA": metadata, f"{info}/entry_points.txt": entry_points})
    before = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join(part for part in (str(site), before) if part)}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    return write(folder, {"pod.yaml": POD})


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    return install(tmp_path / "site", {**example(), "shop_rules/formats/hosts.py": READER})


def told(done: subprocess.CompletedProcess[bytes]) -> str:
    """The one line of a call that went wrong."""
    assert done.returncode == 2, done.stderr.decode()
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1, done.stderr.decode()
    return done.stderr.decode().strip()


def test_the_page_shows_one_module_of_each_kind() -> None:
    assert sorted(path.split("/")[1] for path in example() if path.count("/") == 2) == [
        "checks",
        "frameworks",
        "reports",
        "sources",
    ]


def test_a_check_is_found_and_explained(here: Path, installed: dict[str, str]) -> None:
    report = json.loads(batten("scan", ".", "--format", "json", cwd=here, **installed).stdout)
    assert "AUD901" in {one["check"] for one in report["findings"]}
    assert b"Nobody knows whom to call" in batten("explain", "AUD901", cwd=here, **installed).stdout


def test_a_reader_is_asked(here: Path, installed: dict[str, str]) -> None:
    write(here, {"lan.hosts": "127.0.0.1 a\n"})
    done = batten("scan", ".", "-v", cwd=here, **installed)
    assert b"lan.hosts: note: a hosts file was read" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for kubectl is a shell script")
def test_a_kind_of_target_is_read(here: Path, installed: dict[str, str], tmp_path: Path) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "live"}, "spec": {"containers": [{"name": "a"}]}}
    write(tmp_path / "bin", {"kubectl": f"#!/bin/sh\ntest $2 = pods && echo '{json.dumps(pod)}'\n"})
    (tmp_path / "bin/kubectl").chmod(0o755)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    report = json.loads(batten("scan", "kubectl:pods", "--format", "json", cwd=here, PATH=path, **installed).stdout)
    assert {one["resource"]["name"] for one in report["findings"]} == {"live"}
    assert report["targets"][0]["kind"] == "cluster"
    assert "expected a kind of object after kubectl:" in told(batten("scan", "kubectl:1", cwd=here, **installed))


def test_a_report_format_is_written(here: Path, installed: dict[str, str]) -> None:
    done = batten("scan", ".", "--format", "lines", "--report", "lines=out.txt", cwd=here, **installed)
    assert re.search(rb"^pod.yaml:\d+: AUD901 no label shop.example/team$", done.stdout, re.M)
    assert (here / "out.txt").read_bytes() == done.stdout
    assert "did you mean lines?" in told(batten("scan", ".", "--format", "line", cwd=here, **installed))


def test_a_framework_is_a_verdict(here: Path, installed: dict[str, str]) -> None:
    report = json.loads(batten("scan", ".", "--framework", "shop", "--format", "json", cwd=here, **installed).stdout)
    (result,) = report["frameworks"]
    assert {one["id"]: one["status"] for one in result["controls"]} == {"S1": "failed", "S2": "failed", "S3": "manual"}
    assert b"Shop policy" in batten("frameworks", cwd=here, **installed).stdout


def test_what_is_installed_is_listed(here: Path, installed: dict[str, str]) -> None:
    listed = json.loads(batten("targets", "--format", "json", cwd=here, **installed).stdout)
    assert listed["plugins"] == ["shop-rules 1.0"]
    assert "kubectl" in {one["scheme"] for one in listed["targets"]}
    assert "lines" in listed["reports"]
    assert "hosts" in listed["formats"]
    assert b"Plug-ins: shop-rules 1.0" in batten("targets", cwd=here, **installed).stdout


def changed(path: str, before: str, after: str) -> dict[str, str]:
    """One module of the example with a mistake in it."""
    text = example()[f"shop_rules/{path}"]
    assert before in text
    return {f"shop_rules/{path}": text.replace(before, after)}


def module(path: str, text: str) -> dict[str, str]:
    return {f"shop_rules/{path}": text}


@pytest.mark.parametrize(
    ("verb", "files", "message"),
    [
        ("scan", module("__init__.py", "import nowhere_at_all"), r"shop_rules failed \(ModuleNotFoundError: No module"),
        ("scan", module("__init__.py", "def f(:"), r"importing shop_rules failed \(SyntaxError: "),
        ("scan", module("__init__.py", "raise SystemExit"), r"shop_rules failed \(SystemExit: no reason given\)"),
        ("scan", module("__init__.py", "raise OSError('a\\nb')"), r"shop_rules failed \(OSError: a b\)"),
        (
            "checks",
            module("checks/a.py", "1/0"),
            r"importing shop_rules.checks.a failed \(ZeroDivisionError: division by",
        ),
        ("checks", changed("checks/team.py", "AUD901", "PRV001"), r"\(ValueError: check PRV001 is declared twice\)"),
        ("checks", changed("checks/team.py", "AUD901", "SHOP1"), r"identifier such as IMG901, found 'SHOP1'"),
        (
            "targets",
            module("sources/a.py", "SOURCE = 1"),
            r"expected SOURCE of shop_rules.sources.a to be .*, found int",
        ),
        ("targets", changed("sources/kubectl.py", '"kubectl",', '"dir",'), r"kind of target 'dir', which batten has"),
        ("targets", changed("sources/kubectl.py", '"kubectl",', '"K8",'), r"expected a scheme such as .* found 'K8'"),
        ("targets", module("formats/a.py", "READER = 1"), r"expected READER of shop_rules.formats.a to be a Reader"),
        ("targets", module("reports/a.py", "RENDERER = 1"), r"expected RENDERER of shop_rules.reports.a to be a "),
        (
            "targets",
            changed("reports/lines.py", '"lines"', '"json"'),
            r"report format 'json', which batten has already",
        ),
        ("frameworks", module("frameworks/a.py", "FRAMEWORK = {}"), r"expected FRAMEWORK of .*, found dict"),
        (
            "frameworks",
            changed("frameworks/shop.py", '"shop"', '"cis-docker"'),
            r"framework 'cis-docker', which batten",
        ),
        ("frameworks", changed("frameworks/shop.py", '"shop"', '"pss-shop"'), r"is for the Pod Security Standards"),
        (
            "checks",
            changed("frameworks/shop.py", '"PRV001"', '"PRV01"'),
            r"S1 of shop names the check 'PRV01': none has",
        ),
    ],
)
def test_a_broken_one_is_one_line_that_names_its_distribution(
    here: Path, tmp_path: Path, verb: str, files: dict[str, str], message: str
) -> None:
    environment = install(tmp_path / "site", {"shop_rules/__init__.py": "", **files})
    line = told(batten(*([verb, "."] if verb == "scan" else [verb]), cwd=here, **environment))
    assert line.startswith("batten: the plug-in shop-rules 1.0 cannot be used: ")
    assert re.search(message, line), line
    assert line.endswith("; mend it, or take it away with: pip uninstall shop-rules")


@pytest.mark.parametrize("value", ["gone_from_disk", "shop_rules:function", ""])
def test_an_entry_point_that_names_no_package_is_told(here: Path, tmp_path: Path, value: str) -> None:
    environment = install(tmp_path / "site", {"shop_rules/__init__.py": "function = print"}, value=value)
    assert "the plug-in shop-rules 1.0 cannot be used" in told(batten("scan", ".", cwd=here, **environment))


def test_damaged_metadata_and_hostile_errors_are_told_in_one_harmless_line(here: Path, tmp_path: Path) -> None:
    text = 'raise ValueError("a\\n\\x1b[31mb")'
    environment = install(tmp_path / "site", {"shop_rules/__init__.py": text})
    (tmp_path / "site/shop_rules-1.0.dist-info/METADATA").unlink()
    line = told(batten("scan", ".", cwd=here, **environment))
    assert line.startswith("batten: the plug-in shop cannot be used: ")
    assert "(ValueError: a ?[31mb)" in line


def test_two_plug_ins_cannot_bring_the_same(here: Path, tmp_path: Path) -> None:
    lines = example()["shop_rules/reports/lines.py"]
    environment = install(tmp_path / "site", {"shop_rules/__init__.py": "", "shop_rules/reports/lines.py": lines})
    other = {"other/__init__.py": "", "other/reports/lines.py": lines}
    install(tmp_path / "site", other, "zebra", "other")
    line = told(batten("targets", cwd=here, **environment))
    assert re.search("it brings the report format 'lines', which (shop-rules|zebra) 1.0 has already", line)


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["scan", ".", "--format", "lines"], changed("reports/lines.py", "lines =", "lines = 1 / 0 #")),
        (["scan", "kubectl:pods"], changed("sources/kubectl.py", "return Objects(ref)", "return 1 / 0")),
    ],
)
def test_one_that_fails_at_work_is_named(
    here: Path, tmp_path: Path, arguments: list[str], files: dict[str, str]
) -> None:
    environment = install(tmp_path / "site", {"shop_rules/__init__.py": "", **files})
    line = told(batten(*arguments, cwd=here, **environment))
    assert line.startswith("batten: the plug-in shop-rules 1.0 failed (ZeroDivisionError: division by zero)")


def test_without_plug_ins_nothing_is_loaded_for_them(here: Path) -> None:
    code = (
        "import sys; from batten.cli.group import run; run(['scan', 'pod.yaml', '-q', '--fail-on', 'none']);"
        "print('importlib.metadata' in sys.modules)"
    )
    environment = {**os.environ}
    done = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, env=environment, check=True)
    assert done.stdout.split() == [b"False"]
