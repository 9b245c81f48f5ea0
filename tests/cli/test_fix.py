"""`batten fix`: a diff changes nothing, writing is atomic and proved, what is left is named."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.support import batten
from cli.test_cli import git
from engine.support import POD, write


def test_a_diff_changes_nothing_and_applies_with_git(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    git(tmp_path, "init", "-q")
    done = batten("fix", ".", "--unsafe", cwd=tmp_path)
    assert (tmp_path / "pod.yaml").read_text() == POD
    assert done.stdout.startswith(b"--- a/pod.yaml\n+++ b/pod.yaml\n")
    subprocess.run(["git", "-C", str(tmp_path), "apply"], input=done.stdout, check=True)
    assert (tmp_path / "pod.yaml").read_text() != POD


def test_review_fixes_need_unsafe(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    done = batten("fix", ".", cwd=tmp_path)
    assert done.stdout == b""
    assert b"--unsafe" in done.stderr


def test_write_mends_and_a_second_run_does_nothing(tmp_path: Path) -> None:
    commented = POD.replace("privileged: true", "privileged: true  # why?").replace("\n", "\r\n")
    write(tmp_path, {"pod.yaml": commented})
    assert batten("fix", ".", "--unsafe", "--write", cwd=tmp_path).returncode == 0
    after = (tmp_path / "pod.yaml").read_bytes()
    assert b"# why?" in after
    assert after.count(b"\n") == after.count(b"\r\n")
    left = json.loads(batten("scan", ".", "--format", "json", cwd=tmp_path).stdout)["findings"]
    assert [one["check"] for one in left] == []
    again = json.loads(batten("fix", ".", "--unsafe", "--write", "--format", "json", cwd=tmp_path).stdout)
    assert again["files"] == []
    assert (tmp_path / "pod.yaml").read_bytes() == after


def test_only_the_named_check_is_mended(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD + "  hostPID: true\n"})
    batten("fix", ".", "--unsafe", "--write", "--check", "PRV011", cwd=tmp_path)
    text = (tmp_path / "pod.yaml").read_text()
    assert "privileged: true" in text
    assert "hostPID: true" not in text


def test_a_dirty_tree_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD, "other.txt": "a"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    write(tmp_path, {"other.txt": "b"})
    done = batten("fix", ".", "--unsafe", "--write", cwd=tmp_path)
    assert done.returncode == 2
    assert b"--allow-dirty" in done.stderr
    assert (tmp_path / "pod.yaml").read_text() == POD
    assert batten("fix", ".", "--unsafe", "--write", "--allow-dirty", cwd=tmp_path).returncode == 0
    assert (tmp_path / "pod.yaml").read_text() != POD


def test_no_program_that_a_repository_names_is_run(tmp_path: Path) -> None:
    """`core.fsmonitor` is one that Git asks what has changed; a folder that somebody sent may name any."""
    write(tmp_path, {"pod.yaml": POD})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    git(tmp_path, "config", "core.fsmonitor", f"touch {tmp_path}/asked; false")
    assert batten("fix", ".", "--unsafe", "--write", cwd=tmp_path).returncode == 0
    assert not (tmp_path / "asked").exists()


def test_a_change_in_a_nested_repository_is_called_as_it_is_seen_from_here(tmp_path: Path) -> None:
    inner = tmp_path / "vendor" / "shop"
    write(inner, {"k8s/pod.yaml": POD, "k8s/other.txt": "a"})
    git(inner, "init", "-q")
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "one")
    write(inner, {"k8s/other.txt": "b"})
    done = batten("fix", ".", "--unsafe", "--write", cwd=tmp_path)
    assert done.stderr.startswith(b"batten: vendor/shop/k8s/other.txt: the Git tree has uncommitted changes")
    done = batten("fix", ".", "--unsafe", "--write", cwd=inner / "k8s")
    assert done.stderr.startswith(b"batten: other.txt: the Git tree has uncommitted changes")


@pytest.mark.parametrize("other", ["--write", "--interactive"])
def test_what_changes_nothing_and_what_does_are_not_asked_for_together(tmp_path: Path, other: str) -> None:
    write(tmp_path, {"pod.yaml": POD})
    for arguments in (("--diff", other), (other, "--diff")):
        done = batten("fix", ".", "--unsafe", *arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert f"--diff changes nothing and {other} does" in done.stderr.decode()
    assert (tmp_path / "pod.yaml").read_text() == POD


def test_a_patch_may_be_kept_of_what_is_written(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    done = batten("fix", ".", "--unsafe", "--write", "--patch", "kept.patch", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "pod.yaml").read_text() != POD
    assert "+++ b/pod.yaml" in (tmp_path / "kept.patch").read_text()


def test_a_file_that_git_has_no_copy_of_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"old.yaml": "a: 1\n", ".gitignore": "ignored.yaml\n"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    write(tmp_path, {"new.yaml": POD, "ignored.yaml": POD})
    for name in ("new.yaml", "ignored.yaml"):
        done = batten("fix", name, "--unsafe", "--write", cwd=tmp_path)
        assert done.returncode == 2
        assert f"{name}: expected a file that Git has a copy of, found one that was never added" in done.stderr.decode()
        assert (tmp_path / name).read_text() == POD
        assert batten("fix", name, "--unsafe", "--write", "--allow-dirty", cwd=tmp_path).returncode == 0
        assert (tmp_path / name).read_text() != POD


def test_a_file_with_several_names_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    (tmp_path / "other.yaml.orig").hardlink_to(tmp_path / "pod.yaml")
    done = batten("fix", ".", "--unsafe", "--write", cwd=tmp_path)
    assert done.returncode == 2
    assert b"pod.yaml: expected a file with one name, found 2 hard links" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert (tmp_path / "pod.yaml").read_text() == POD
    (tmp_path / "other.yaml.orig").unlink()
    assert batten("fix", ".", "--unsafe", "--write", cwd=tmp_path).returncode == 0
    assert (tmp_path / "pod.yaml").read_text() != POD


def test_standard_input_cannot_be_written(tmp_path: Path) -> None:
    done = batten("fix", "-", "--unsafe", "--write", cwd=tmp_path, stdin=POD.encode())
    assert done.returncode == 2
    assert b"--patch" in done.stderr


@pytest.mark.skipif(not hasattr(os, "chmod"), reason="POSIX modes")
def test_what_could_not_be_read_is_named(tmp_path: Path) -> None:
    for arguments in (["-q"], ["--format", "json"], []):
        done = batten("fix", "-", *arguments, cwd=tmp_path, stdin=b"")
        assert done.returncode == 3
        assert done.stderr == b"batten: -: standard input is empty; expected the text of one file\n"


def test_the_mode_of_the_file_is_kept(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    (tmp_path / "pod.yaml").chmod(0o640)
    batten("fix", ".", "--unsafe", "--write", cwd=tmp_path)
    assert (tmp_path / "pod.yaml").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX signals")
def test_killed_while_writing_every_file_is_old_or_new(tmp_path: Path) -> None:
    files = {f"p{number:03}.yaml": POD.replace("name: web", f"name: web{number}") for number in range(200)}
    write(tmp_path, files)
    process = subprocess.Popen(
        [sys.executable, "-m", "batten", "fix", ".", "--unsafe", "--write", "-q"],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if (tmp_path / "p020.yaml").read_text() != files["p020.yaml"]:
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    # the new text of one file tells that of all: only the name differs
    first = (tmp_path / "p000.yaml").read_text().replace("name: web0\n", "name: web@\n")
    assert "privileged: true" not in first
    for number, (name, before) in enumerate(files.items()):
        text = (tmp_path / name).read_text()
        assert text in (before, first.replace("name: web@\n", f"name: web{number}\n"))


def test_temporary_files_of_a_killed_run_go_with_the_next_one(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD, ".pod.yaml.ab_de6g8.batten": "half", ".mine.batten": "kept"})
    with (tmp_path / ".pod.yaml.12345678.batten").open("w") as writing:
        fcntl = pytest.importorskip("fcntl")
        fcntl.flock(writing.fileno(), fcntl.LOCK_EX)
        batten("fix", ".", "--unsafe", "--write", cwd=tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        ".mine.batten",
        ".pod.yaml.12345678.batten",
        "pod.yaml",
    ]


def test_what_a_fix_uncovers_is_named(tmp_path: Path) -> None:
    shared = "      privileged: true\n      allowPrivilegeEscalation: &flag true\n    tty: *flag\n"
    write(tmp_path, {"pod.yaml": POD.replace("      privileged: true\n", shared)})
    done = batten("fix", "pod.yaml", "--unsafe", cwd=tmp_path)
    assert b"pod.yaml:11: once PRV001 is mended, PRV004 " in done.stderr
    rows = json.loads(batten("fix", "pod.yaml", "--unsafe", "--format", "json", cwd=tmp_path).stdout)["fixes"]
    assert [row["check"] for row in rows if row["uncovers"]] == ["PRV001"]


@pytest.mark.parametrize(
    "name", ["new\nline.yaml", 'quo"te.yaml', "back\\slash.yaml", "tab\there.yaml", "two words.yaml", "größe.yaml"]
)
def test_a_patch_names_every_path_as_git_reads_it(name: str, tmp_path: Path) -> None:
    write(tmp_path, {f"sub dir/{name}": POD})
    assert batten("fix", ".", "--unsafe", "--patch", "fix.patch", cwd=tmp_path).returncode == 0
    subprocess.run(["git", "apply", "fix.patch"], cwd=tmp_path, check=True)
    assert "privileged: true" not in (tmp_path / "sub dir" / name).read_text()


def test_a_patch_of_a_name_that_is_no_utf_8(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.yaml"))
    file.write_text(POD)
    batten("fix", ".", "--unsafe", "--patch", "fix.patch", cwd=tmp_path)
    subprocess.run(["git", "apply", "fix.patch"], cwd=tmp_path, check=True)
    assert "privileged: true" not in file.read_text()


@pytest.mark.parametrize("in_git", [True, False])
@pytest.mark.parametrize("absolute", [True, False])
def test_a_patch_of_files_elsewhere_says_where_to_apply_it(tmp_path: Path, *, in_git: bool, absolute: bool) -> None:
    write(tmp_path, {"repo/k8s/pod.yaml": POD, "repo/here/keep.txt": ""})
    if in_git:
        git(tmp_path / "repo", "init", "-q")
    here = tmp_path / "repo" / "here"
    target = str(tmp_path / "repo" / "k8s") if absolute else "../k8s"
    done = batten("fix", target, "--unsafe", "--patch", "fix.patch", cwd=here)
    assert done.returncode == 0
    command = done.stderr.decode().rpartition("to write it: ")[2].strip()
    folder = tmp_path / "repo" if in_git else tmp_path / "repo" / "k8s"
    assert command == f"git -C {folder} apply {here / 'fix.patch'}"
    subprocess.run(command.split(), check=True)
    assert "privileged: true" not in (tmp_path / "repo" / "k8s" / "pod.yaml").read_text()


def test_a_patch_of_an_absolute_target_below_is_relative(tmp_path: Path) -> None:
    write(tmp_path, {"k8s/pod.yaml": POD})
    done = batten("fix", str(tmp_path / "k8s" / "pod.yaml"), "--unsafe", cwd=tmp_path)
    assert done.stdout.startswith(b"--- a/k8s/pod.yaml\n+++ b/k8s/pod.yaml\n")


def test_an_archive_is_mended_with_a_patch(tmp_path: Path) -> None:
    write(tmp_path, {"k8s/pod.yaml": POD})
    shutil.make_archive(str(tmp_path / "all"), "zip", tmp_path, "k8s")
    done = batten("fix", "all.zip", "--unsafe", cwd=tmp_path)
    assert b"batten fix --patch fixes.patch --unsafe all.zip\n" in done.stderr
    refused = batten("fix", "all.zip", "--unsafe", "--write", cwd=tmp_path)
    assert refused.returncode == 2
    assert b"all.zip: only files and directories can be written to; use --patch FILE" in refused.stderr
    batten("fix", "all.zip", "--unsafe", "--patch", "fixes.patch", cwd=tmp_path)
    subprocess.run(["git", "apply", "fixes.patch"], cwd=tmp_path, check=True)
    assert "privileged: true" not in (tmp_path / "k8s" / "pod.yaml").read_text()


def test_a_patch_of_nothing_is_no_file(tmp_path: Path) -> None:
    write(tmp_path, {"config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"})
    done = batten("fix", ".", "--unsafe", "--patch", "fix.patch", cwd=tmp_path)
    assert done.returncode == 0
    assert b"fix.patch: not written, there is nothing to mend by it" in done.stderr
    assert not (tmp_path / "fix.patch").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    os.chown(tmp_path / "pod.yaml", 1234, 5678)
    (tmp_path / "pod.yaml").chmod(0o640)
    batten("fix", ".", "--unsafe", "--write", cwd=tmp_path)
    after = (tmp_path / "pod.yaml").stat()
    assert (tmp_path / "pod.yaml").read_text() != POD
    assert (after.st_uid, after.st_gid, after.st_mode & 0o7777) == (1234, 5678, 0o640)


def test_the_command_beside_a_finding_has_the_files_of_variables_of_the_scan(tmp_path: Path) -> None:
    resource = 'resource "kubernetes_pod" "web" {\n  metadata { name = "web" }\n  spec { host_pid = var.pid }\n}\n'
    write(tmp_path, {"infra/main.tf": 'variable "pid" {}\n' + resource, "infra/prod.tfvars": "pid = true\n"})
    told = batten("scan", "infra", "--var-file", "infra/prod.tfvars", cwd=tmp_path).stdout.decode()
    (command,) = [line[line.index("batten fix") :] for line in told.splitlines() if "--check PRV011" in line]
    assert command == "batten fix --unsafe --check PRV011 --var-file infra/prod.tfvars infra"
    done = batten(*command.split()[1:], cwd=tmp_path).stdout.decode()
    assert "-pid = true\n+pid = false\n" in done
