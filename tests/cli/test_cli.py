"""The command line: exit codes, streams, help, errors in one line."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from batten.cli.group import VERBS, group
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


def every_verb() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name in VERBS:
        command = group.get_command(click.Context(group), name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, inner) for inner in command.commands]
    return found


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
        ({"pod.yaml": POD}, ["scan", ".", "--check", "PRV001", "--skip", "PRV"], 2),
        ({"pod.yaml": POD}, ["fix", ".", "--check", "PRV001", "--strategy", "runtime"], 2),
        ({"pod.yaml": POD, "batten.toml": "skip = ['PRV001']\n"}, ["scan", ".", "--check", "PRV001"], 2),
        ({"pod.yaml": POD}, ["scan", ".", "--strategy", "vulnerabilities"], 0),
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


def test_every_file_of_a_folder_that_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    files = {"a.container": "[Unit]\n", "b/compose.yaml": "services:\n  web: [\n"}
    done = batten("scan", ".", cwd=write(tmp_path, files))
    assert done.returncode == 3
    assert b"  a.container:1: expected a section [Container]" in done.stdout
    assert b"  b/compose.yaml:2: expected a value" in done.stdout


def test_what_is_wrong_on_standard_input_is_told_with_its_line(tmp_path: Path) -> None:
    done = batten("scan", "-", cwd=tmp_path, stdin=b"services:\n  web: [\n")
    assert done.returncode == 3
    assert b"-:2: expected a value, found the end of the document" in done.stdout


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


def test_a_report_beside_the_table_names_the_controls(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    batten("scan", ".", "--report", "json=out.json", cwd=tmp_path)
    beside = json.loads((tmp_path / "out.json").read_text())["findings"]
    alone = json.loads(batten("scan", ".", "--format", "json", cwd=tmp_path).stdout)["findings"]
    assert [one["controls"] for one in beside] == [one["controls"] for one in alone]
    assert {"framework": "pss-baseline", "id": "privileged-containers"} in alone[0]["controls"]


def test_colours_only_where_they_are_wanted(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    assert b"\x1b[" not in batten("scan", ".", cwd=tmp_path).stdout
    assert b"\x1b[" in batten("scan", ".", "--color", "always", cwd=tmp_path).stdout


@pytest.mark.parametrize("words", every_verb(), ids=" ".join)
def test_every_verb_has_help_with_examples_and_the_common_options(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = batten(*words, "--help", cwd=tmp_path)
    assert done.returncode == 0
    examples = done.stdout.decode().partition("Example")[2]
    assert f"batten {' '.join(words)}" in examples
    if words[0] not in ("mcp", "lsp") and words not in (("db",), ("rules",)):  # servers speak a protocol
        assert all(option in done.stdout.decode() for option in ("--format", "--quiet", "--color"))


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


def test_explain_takes_the_number_for_what_it_says(tmp_path: Path) -> None:
    assert b"no check 'prv1'; did you mean PRV001?" in batten("explain", "prv1", cwd=tmp_path).stderr
    assert b"did you mean PRV009?" in batten("explain", "PRV-9", cwd=tmp_path).stderr


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


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    process = subprocess.Popen(
        [sys.executable, "-m", "batten", "scan", ".", "--format", "json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()  # before a byte is written
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


WRITING = [["scan", "."], ["fix", ".", "--unsafe"], ["explain", "PRV001"], ["init", "-o", "-"], ["--version"]]


def with_stream(closing: str, arguments: list[str], cwd: Path) -> subprocess.CompletedProcess[bytes]:
    call = ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", sys.executable, "-m", "batten", *arguments]
    return subprocess.run(call, cwd=cwd, capture_output=True, stdin=subprocess.DEVNULL, check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_of_several_reports_the_one_is_named_that_cannot_be_written(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    reports = ["--report", "csv=a.csv", "--report", "sarif=/dev/full"]
    done = with_stream("", ["scan", ".", "-q", *reports], tmp_path)
    assert done.returncode == 2
    assert done.stderr == b"batten: /dev/full cannot be written: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("arguments", WRITING)
def test_output_that_cannot_be_written_is_told_in_one_line(tmp_path: Path, arguments: list[str]) -> None:
    write(tmp_path, {"pod.yaml": POD})
    full = with_stream(">/dev/full", arguments, tmp_path)
    assert full.returncode == 2
    assert full.stderr == b"batten: standard output cannot be written: No space left on device\n"
    closed = with_stream(">&-", arguments, tmp_path)
    assert closed.returncode == 2
    assert closed.stderr == b"batten: standard output is closed\n"


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
@pytest.mark.parametrize("arguments", [*WRITING, ["scan", "gone.yaml"], ["fix", ".", "--unsafe", "--write"]])
def test_without_standard_error_the_work_is_the_same(tmp_path: Path, arguments: list[str]) -> None:
    for name in ("open", "closed"):
        write(tmp_path / name, {"pod.yaml": POD})
    plain, closed = with_stream("", arguments, tmp_path / "open"), with_stream("2>&-", arguments, tmp_path / "closed")
    assert closed.returncode == plain.returncode
    assert len(closed.stdout.splitlines()) == len(plain.stdout.splitlines())
    assert (tmp_path / "closed" / "pod.yaml").read_text() == (tmp_path / "open" / "pod.yaml").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", ".", "-o", "folder"],
        ["scan", ".", "-o", "nowhere/x.json"],
        ["scan", ".", "--report", "html=folder"],
        ["scan", ".", "--report", "html=-"],
        ["scan", ".", "--report", "html=a", "--report", "sarif=a"],
        ["scan", ".", "--report", "html=a", "--output", "./folder/../a"],
        ["scan", "pod.yaml", "-o", "./pod.yaml"],
        ["scan", ".", "pod.yaml", "--report", "json=pod.yaml"],
        ["fix", "pod.yaml", "--patch", "pod.yaml"],
        ["diff", "pod.yaml", ".", "-o", "pod.yaml"],
        ["sbom", "pod.yaml", "-o", "pod.yaml"],
        ["scan", ".", "--baseline", "nowhere.json"],
        ["fix", ".", "--patch", "folder"],
        ["diff", ".", ".", "-o", "folder"],
        ["init", "-o", "folder"],
        ["init", "--baseline", "folder"],
        ["checks", "--platform", "vms"],
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(tmp_path: Path, arguments: list[str]) -> None:
    write(tmp_path, {"pod.yaml": POD, "folder/a.txt": ""})
    done = batten(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"batten: ")
    assert done.stderr.count(b"\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pod.yaml"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", "."],
        ["fix", "."],
        ["diff", ".", "."],
        ["explain", "PRV001"],
        ["checks"],
        ["frameworks", "nsa-cisa"],
        ["targets"],
        ["init"],
        ["completion", "bash"],
    ],
)
def test_every_verb_speaks_json_and_can_be_quiet(tmp_path: Path, arguments: list[str]) -> None:
    write(tmp_path, {"pod.yaml": POD})
    done = batten(*arguments, "--format", "json", "--quiet", cwd=tmp_path)
    assert json.loads(done.stdout)
    assert done.stderr == b""


def test_a_call_without_a_verb_shows_the_help(tmp_path: Path) -> None:
    done = batten(cwd=tmp_path)
    assert done.stdout == batten("--help", cwd=tmp_path).stdout
    assert b"Examples" in done.stdout


def test_the_help_of_formats_names_each(tmp_path: Path) -> None:
    told = b" ".join(batten("scan", "--help", cwd=tmp_path).stdout.split())
    assert b"csaf, csv, cyclonedx, gitlab, html, json, junit, markdown, openvex, sarif, table (default: table)" in told


def test_no_color_and_a_dumb_terminal_win_over_a_forced_one(tmp_path: Path) -> None:
    call = ("explain", "PRV001")
    assert b"\x1b[" in batten(*call, cwd=tmp_path, FORCE_COLOR="1", NO_COLOR="", TERM="xterm").stdout
    assert b"\x1b[" not in batten(*call, cwd=tmp_path, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert b"\x1b[" not in batten(*call, cwd=tmp_path, FORCE_COLOR="1", TERM="dumb").stdout
    assert b"\x1b[" in batten(*call, "--color", "always", cwd=tmp_path, NO_COLOR="1").stdout


_TAB = r"""
source <(./batten completion bash)
IFS=' ' read -ra COMP_WORDS <<< "$1"
[[ $1 == *" " ]] && COMP_WORDS+=("")
COMP_WORDS[0]=./batten COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { echo "compopt $1 $2"; }
function=$(complete -p batten | sed 's/.*-F \([^ ]*\).*/\1/')
$function ./batten "${COMP_WORDS[COMP_CWORD]}"
printf '%s\n' "${COMPREPLY[@]}"
"""
"""What bash does at Tab with the script that we print."""


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("batten expl", ["explain"]),
        ("batten scan --diff-b", ["--diff-base"]),
        ("batten scan --framework pss-", ["pss-baseline", "pss-restricted"]),
        ("batten scan --persona p", ["pedantic"]),
        ("batten scan --format sa", ["sarif"]),
        ("batten scan --report gi", ["gitlab=report.json"]),
        ("batten checks --strategy pr", ["privileges"]),
        ("batten checks --platform ku", ["kubernetes"]),
        ("batten scan --pss-version 1.3", [f"1.3{minor}" for minor in range(7)]),
        ("batten frameworks cis-d", ["cis-docker"]),
        ("batten explain PRV00", [f"PRV00{number}" for number in range(1, 10)]),
        ("batten fix --check IMG001,prv001", ["IMG001,PRV001"]),
        ("batten scan k8", ["compopt -o default"]),
        ("batten diff a ", ["compopt -o default"]),
    ],
)
def test_bash_completes(tmp_path: Path, line: str, offered: list[str]) -> None:
    program = tmp_path / "batten"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m batten "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(["bash", "--norc", "-c", _TAB, "bash", line], cwd=tmp_path, capture_output=True, check=True)
    assert [word for word in done.stdout.decode().split("\n") if word] == offered, done.stderr.decode()


def test_vex_statements_that_are_not_there_are_a_wrong_call(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    (tmp_path / "folder").mkdir()
    for name, found in (("gone.json", b"no such file"), ("folder", b"a folder")):
        done = batten("scan", "pod.yaml", "--vex", name, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"for --vex, found " + found + b": '" + name.encode() + b"'" in done.stderr


@pytest.mark.parametrize(
    "options", [("--quiet",), ("--format", "csv"), ("--format", "gitlab"), ("--format", "csv", "--quiet")]
)
def test_what_could_not_be_read_is_named_where_the_report_has_no_place_for_it(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    write(tmp_path, {"bad.yaml": "apiVersion: v1\nkind: Pod\nspec: [\n"})
    done = batten("scan", ".", *options, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith(b"batten: bad.yaml:3: ")
    assert done.stderr.count(b"\n") == 1


def test_quiet_tells_in_one_line_of_all_that_could_not_be_read(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}.yaml": "apiVersion: v1\nkind: Pod\nspec: [\n" for name in "abc"})
    for verb, formats in (("scan", ("table", "csv")), ("fix", ("text", "json")), ("sbom", ("cyclonedx-json",))):
        for name in formats:
            done = batten(verb, ".", "--quiet", "--format", name, cwd=tmp_path)
            assert (done.returncode, done.stderr.count(b"\n")) == (3, 1), (verb, name, done.stderr)
            assert done.stderr.startswith(b"batten: a.yaml:3: ")
            assert b"(and 2 more problems: " in done.stderr


def test_a_framework_that_finds_nothing_to_judge_is_not_passed(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
    done = batten("scan", ".", "--framework", "pss-baseline", cwd=tmp_path)
    assert done.returncode == 0
    assert b": not assessed, 0 of " in done.stdout
    report = json.loads(batten("scan", ".", "--framework", "pss-baseline", "--format", "json", cwd=tmp_path).stdout)
    assert not report["frameworks"][0]["passed"]


@pytest.mark.parametrize(
    ("apart", "together"),
    [
        (["--check", "PRV001", "--check", "RUN002"], ["--check", "prv001, RUN002"]),
        (["--strategy", "2", "--strategy", "runtime"], ["--strategy", "2,runtime"]),
        (["--framework", "nsa-cisa", "--framework", "cis-docker"], ["--framework", "nsa-cisa,cis-docker"]),
        (["--skip", "PRV", "--skip", "RUN"], ["--skip", "PRV,RUN"]),
    ],
)
def test_names_may_be_given_with_commas(tmp_path: Path, apart: list[str], together: list[str]) -> None:
    one, other = (batten("checks", *words, "--format", "json", cwd=tmp_path) for words in (apart, together))
    assert one.returncode == other.returncode == 0
    assert one.stdout == other.stdout
    assert json.loads(one.stdout)


@pytest.mark.parametrize("option", ["--check", "--skip", "--strategy", "--framework"])
@pytest.mark.parametrize("text", ["", " , "])
def test_an_empty_name_is_not_taken_for_all(tmp_path: Path, option: str, text: str) -> None:
    done = batten("checks", option, text, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode() == f"batten: expected a name after {option}, found {text!r} (batten checks --help)\n"


def test_every_check_says_its_platforms(tmp_path: Path) -> None:
    rows = json.loads(batten("checks", "--format", "json", cwd=tmp_path).stdout)
    platforms = {row["id"]: row["platforms"] for row in rows}
    assert all(platforms.values())
    assert {"kubernetes", "compose", "ecs", "dockerfile"} <= set(platforms["IMG001"])
    assert platforms["IMG006"] == ["dockerfile"]
    assert platforms["IMG017"] == ["image"]
    both = json.loads(batten("checks", "--platform", "ecs,image", "--format", "json", cwd=tmp_path).stdout)
    assert {row["id"] for row in both} == {check for check, found in platforms.items() if {"ecs", "image"} & set(found)}
    ecs = json.loads(batten("checks", "--platform", "ecs", "--format", "json", cwd=tmp_path).stdout)
    assert {row["id"] for row in ecs} == {check for check, found in platforms.items() if "ecs" in found}


def test_no_message_carries_what_a_terminal_obeys(tmp_path: Path) -> None:
    name = "a\x1b[31m\nb"
    (tmp_path / name).mkdir()
    for arguments in (
        ["scan", f"{name}/x.yaml"],
        ["checks", "--check", name],
        [name],
        ["scan", ".", "--baseline", name],
    ):
        done = batten(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr.count(b"\n") == 1
        assert b"\x1b" not in done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_command_beside_a_finding_names_the_very_file(tmp_path: Path) -> None:
    name = "it's \x1b[31m\\x.yaml"
    write(tmp_path, {name: POD})
    done = batten("scan", ".", "--check", "PRV001", cwd=tmp_path)
    assert b"\x1b" not in done.stdout
    (command,) = (line for line in done.stdout.decode().splitlines() if "batten fix" in line)
    words = command[command.index("batten fix") + len("batten ") :]
    script = f"{sys.executable} -m batten {words} --quiet"
    mended = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, check=True)
    assert b"+      privileged: false" in mended.stdout
