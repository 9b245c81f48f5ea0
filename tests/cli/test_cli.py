"""The command line: exit codes, streams, help, errors in one line."""

import json
import subprocess
from pathlib import Path

import pytest

from cli.support import batten
from engine.support import POD, write

GOOD = """\
apiVersion: v1
kind: Pod
metadata: {name: good, namespace: shop}
spec:
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: app
    image: registry.example/app:1.0
    resources: {limits: {memory: 64Mi}}
    securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
"""
VERBS = ["scan", "fix", "diff", "explain", "checks", "frameworks", "targets", "init", "completion"]


@pytest.mark.parametrize(
    ("files", "arguments", "code"),
    [
        ({"pod.yaml": GOOD}, ["scan", "."], 0),
        ({"pod.yaml": POD}, ["scan", "."], 1),
        ({"pod.yaml": POD}, ["scan", "pod.yaml", "--fail-on", "none"], 0),
        ({"pod.yaml": POD}, ["scan"], 2),
        ({"pod.yaml": POD}, ["scan", "gone.yaml"], 2),
        ({"pod.yaml": POD}, ["scan", ".", "--check", "XYZ1"], 2),
        ({"pod.yaml": POD}, ["scan", ".", "--framework", "pss-strict"], 2),
        ({"pod.yaml": POD}, ["scan", ".", "--format", "pdf"], 2),
        ({"pod.yaml": POD, "batten.toml": "nope = 1\n"}, ["scan", "."], 2),
        ({"pod.yaml": POD, "batten.toml": "checks = ['nope']\n"}, ["scan", "."], 2),
        ({"pod.yaml": POD, "batten.toml": "[severity]\nPRV01 = 'low'\n"}, ["scan", "."], 2),
        ({"pod.yaml": GOOD, "bad.yaml": "kind: Pod\napiVersion: v1\n x: [\n"}, ["scan", "."], 3),
        ({"pod.yaml": GOOD}, ["scan", "pod.yaml", "--framework", "pss-restricted"], 0),
        ({"pod.yaml": POD}, ["scan", "pod.yaml", "--framework", "pss-baseline", "--fail-on", "none"], 1),
    ],
)
def test_exit_codes(tmp_path: Path, files: dict[str, str], arguments: list[str], code: int) -> None:
    done = batten(*arguments, cwd=write(tmp_path, files))
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    if code == 2:
        assert done.stdout == b""
        assert done.stderr.startswith(b"batten: ")
        assert done.stderr.count(b"\n") == 1


def test_standard_input_is_a_target(tmp_path: Path) -> None:
    done = batten("scan", "-", "--format", "json", cwd=tmp_path, stdin=POD.encode())
    report = json.loads(done.stdout)
    assert {"PRV001"} <= {one["check"] for one in report["findings"]}
    assert done.returncode == 1


def test_several_reports_in_one_run(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    done = batten(
        "scan",
        ".",
        "--report",
        "sarif=out.sarif",
        "--report",
        "html=out.html",
        "-o",
        "out.json",
        "--format",
        "json",
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert done.stdout == b""
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "out.html").read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / "out.json").read_text())["schema"] == "batten.report/v0"


def test_colours_only_where_they_are_wanted(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    assert b"\x1b[" not in batten("scan", ".", cwd=tmp_path).stdout
    assert b"\x1b[" in batten("scan", ".", "--color", "always", cwd=tmp_path).stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(tmp_path: Path, verb: str) -> None:
    done = batten(verb, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert b"Example" in done.stdout
    assert f"batten {verb}".encode() in done.stdout


def test_an_unknown_verb_is_guessed(tmp_path: Path) -> None:
    done = batten("scna", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert b"did you mean 'scan'?" in done.stderr


def test_version(tmp_path: Path) -> None:
    assert batten("--version", cwd=tmp_path).stdout.startswith(b"batten 0.")


@pytest.mark.parametrize("arguments", [["checks"], ["targets"], ["frameworks"], ["explain", "PRV001"]])
def test_lists_are_data_as_json(tmp_path: Path, arguments: list[str]) -> None:
    assert json.loads(batten(*arguments, "--format", "json", cwd=tmp_path).stdout)


def test_explain_names_the_nearest_check(tmp_path: Path) -> None:
    done = batten("explain", "PRB001", cwd=tmp_path)
    assert done.returncode == 2
    assert b"did you mean PRV0" in done.stderr


def test_explain_lists_a_family(tmp_path: Path) -> None:
    told = batten("explain", "prv", cwd=tmp_path).stdout.decode().splitlines()
    assert "PRV001  critical  Container is privileged" in told
    assert all(line.startswith("PRV") for line in told if line)
    rows = json.loads(batten("explain", "PRV", "--format", "json", cwd=tmp_path).stdout)
    assert [row["id"] for row in rows] == [line.split()[0] for line in told if line]


def test_what_nothing_was_judged_of_has_a_short_summary(tmp_path: Path) -> None:
    done = batten("scan", "-", cwd=tmp_path, stdin=b"")
    assert done.returncode == 3
    assert done.stdout.decode().splitlines()[:3] == [
        "-: standard input is empty; expected the text of one file",
        "",
        "no open findings · 1 path could not be read",
    ]
    assert b"not assessed" not in done.stdout


def test_a_file_with_nothing_but_a_secret_counts_as_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": GOOD, ".env": "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzL0q8pT3vA\n"})
    report = json.loads(batten("scan", ".", "--format", "json", cwd=tmp_path).stdout)
    assert {one["location"]["path"] for one in report["findings"]} == {".env"}
    assert [target["files"] for target in report["targets"]] == [2]


def test_diff_of_a_saved_report_and_a_target(tmp_path: Path) -> None:
    write(tmp_path, {"a/pod.yaml": GOOD.replace("name: good", "name: web"), "b/pod.yaml": POD})
    batten("scan", "a", "--format", "json", "-o", "a.json", cwd=tmp_path)
    done = batten("diff", "a.json", "b", "--format", "json", cwd=tmp_path)
    difference = json.loads(done.stdout)
    assert done.returncode == 1
    assert "PRV001" in {one["check"] for one in difference["added"]}
    back = json.loads(batten("diff", "b", "a.json", "--format", "json", cwd=tmp_path).stdout)
    assert [one["check"] for one in back["removed"]] == [one["check"] for one in difference["added"]]


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.email=t@example.com", "-c", "user.name=t", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def test_diff_base_reports_what_the_change_brings(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    write(tmp_path, {"pod.yaml": POD.replace("spec:\n", "spec:\n  hostPID: true\n", 1)})
    report = json.loads(batten("scan", ".", "--diff-base", "HEAD", "--format", "json", cwd=tmp_path).stdout)
    assert [one["check"] for one in report["findings"] if one["status"] == "open"] == ["PRV011"]
    assert batten("scan", ".", "--diff-base", "nope", cwd=tmp_path).returncode == 2


def test_a_wrong_call_is_told_in_one_line(tmp_path: Path) -> None:
    done = batten("completion", cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1
    assert b"fish" in done.stderr
