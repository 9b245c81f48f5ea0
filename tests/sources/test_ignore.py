from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from batten import limits
from batten.sources import open_target
from batten.sources.ignore import IgnoreRules

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

TREE = [
    "a", "b.yaml", "a.log", "foo/a", "foo/b.yaml", "foo/bar/a", "foo/bar/b.log", "foo/bar/foo/a",
    "bar/a", "bar/foo", "bar/b/a", "bar/b/c/a.yaml", "x y", "x ", "#a", "!a", "a*b", "a[b", "[a]",
    "ab", "abc", "aXb", ".hidden", ".a/b", "b/b/b/b", "c-d/e_f.log",
]  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    for name in TREE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(["git", *arguments], cwd=root, env=environment, check=False, capture_output=True)


def git_sees(root: Path, below: str = "") -> set[str]:
    """What Git itself does not ignore, by the real program."""
    done = git(root / below, "ls-files", "--others", "--exclude-standard", "-z")
    assert done.returncode == 0
    return set(filter(None, os.fsdecode(done.stdout).split("\0")))


def git_ignores(root: Path, path: str) -> bool:
    return git(root, "check-ignore", "-q", path).returncode == 0


def walk_sees(root: Path) -> set[str]:
    opened = open_target(str(root))
    seen = {opened.native(entry.path) for entry in opened.entries(lambda path: True)}
    return {os.path.relpath(path, root) for path in seen if path}


PIECES = ["a", "b", "foo", "bar", "c", "X", ".log", ".yaml", "*", "*", "**", "?", "/", "/", "#", "!", " ", "\\ "]
PIECES += ["[ab]", "[!a]", "[a-c]", "[^b-z]", "[[:alpha:]]", "[[:punct:]]", "[]a]", "[a-]", "[b-a]", "[", "]"]
PIECES += ["\\*", "\\a", "\\"]
lines = st.builds(
    lambda negated, pieces, slash: negated + "".join(pieces) + slash,
    st.sampled_from(["", "", "!"]),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6),
    st.sampled_from(["", "", "/", " ", "\r"]),
)
files = st.lists(lines, max_size=5).map("\n".join)


@needs_git
@given(top=files, foo=files, bar=files, info=files)
@example(top="foo/*\n!foo/a\n", foo="", bar="", info="")
@example(top="/foo/*/\n!/foo/bar/\n", foo="", bar="", info="")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_walk_sees_what_git_sees(repository: Path, top: str, foo: str, bar: str, info: str) -> None:
    for path, text in ((".gitignore", top), ("foo/.gitignore", foo), ("foo/bar/.gitignore", bar)):
        (repository / path).write_bytes(text.encode())
    (repository / ".git/info/exclude").write_bytes(info.encode())
    assert walk_sees(repository) == git_sees(repository)
    # A folder that is named as the target is scanned, ignored or not.
    if not git_ignores(repository, "foo"):
        assert walk_sees(repository / "foo") == git_sees(repository, "foo")


@needs_git
def test_ignore_files_above_the_root_of_the_walk_count_inside_a_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "k8s/old").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("/k8s/old/gone.yaml\n*.tmp.yaml\n")
    for name in ("gone.yaml", "kept.yaml", "a.tmp.yaml"):
        (tmp_path / "k8s/old" / name).touch()
    assert walk_sees(tmp_path / "k8s") == {"old/kept.yaml"}


def test_in_a_worktree_the_common_repository_says_what_is_excluded(tmp_path: Path) -> None:
    main = tmp_path / "main/.git"
    (main / "worktrees/side").mkdir(parents=True)
    (main / "info").mkdir()
    (main / "info/exclude").write_text("secret.yaml\n")
    (main / "worktrees/side/commondir").write_text("../..\n")
    side = tmp_path / "side"
    side.mkdir()
    (side / ".git").write_text(f"gitdir: {main}/worktrees/side\n")
    (side / "secret.yaml").touch()
    (side / "web.yaml").touch()
    assert walk_sees(side) == {".git", "web.yaml"}


def test_battenignore_has_the_last_word_over_gitignore(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / ".gitignore").write_text("*.gen.yaml\n")
    (tmp_path / "out/.gitignore").write_text("*\n")
    (tmp_path / ".battenignore").write_text("!*.gen.yaml\nold.yaml\n")
    for name in ("a.gen.yaml", "old.yaml", "out/b.gen.yaml", "out/c.yaml"):
        (tmp_path / name).touch()
    assert walk_sees(tmp_path) == {".gitignore", ".battenignore", "a.gen.yaml", "out/b.gen.yaml"}


def test_folders_that_tools_make_are_passed_over_unless_a_rule_takes_them_back(tmp_path: Path) -> None:
    for name in ("node_modules", ".terraform", "vendor"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.yaml").touch()
    assert walk_sees(tmp_path) == {"vendor/x.yaml"}
    (tmp_path / ".battenignore").write_text("!node_modules\n")
    assert walk_sees(tmp_path) == {".battenignore", "node_modules/x.yaml", "vendor/x.yaml"}


def test_exclude_wins_over_every_ignore_file(tmp_path: Path) -> None:
    (tmp_path / ".battenignore").write_text("!a.yaml\n")
    (tmp_path / "a.yaml").touch()
    (tmp_path / "b.yaml").touch()
    opened = open_target(str(tmp_path), exclude=["/a.yaml"])
    assert [entry.path for entry in opened.entries(lambda path: path.endswith(".yaml"))] == ["b.yaml"]


def test_ignore_files_can_be_left_unread(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "a.yaml").touch()
    opened = open_target(str(tmp_path), ignore_files=False)
    assert [entry.path for entry in opened.entries(lambda path: path.endswith(".yaml"))] == ["a.yaml"]


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 40 + "*b", "**/a/" * 30 + "b", "[ab]*" * 40 + "c", "*?" * 60 + "x/y", "a" * 4000 + "*" * 90, "(a+)+$" * 20],
)
def test_a_hostile_pattern_costs_no_more_than_a_plain_one(pattern: str) -> None:
    rules = IgnoreRules(pattern)
    started = time.process_time()
    for name in ("a" * 255, "a/" * 63 + "a"):
        rules.verdict(name.rpartition("/")[2], name, False)
        rules.verdict(name.rpartition("/")[2], "a/" * 120 + name, False)
    assert time.process_time() - started < 0.5


def test_an_ignore_file_with_too_many_rules_is_told_and_its_first_rules_hold(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("first.yaml\n" + "x\n" * limits.IGNORE_RULES + "last.yaml\n")
    for name in ("first.yaml", "last.yaml"):
        (tmp_path / name).touch()
    opened = open_target(str(tmp_path))
    assert [entry.path for entry in opened.entries(lambda path: path.endswith(".yaml"))] == ["last.yaml"]
    assert [(problem.path, problem.message[:30]) for problem in opened.problems] == [
        (".gitignore", "expected at most 5,000 rules, ")
    ]


def test_an_ignore_file_that_is_a_link_is_not_read_but_told(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("*.yaml\n")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/a.yaml").touch()
    (tmp_path / "tree/.gitignore").symlink_to("../rules")
    opened = open_target(str(tmp_path / "tree"))
    assert [entry.path for entry in opened.entries(lambda path: path.endswith(".yaml"))] == ["a.yaml"]
    assert "found a link" in opened.problems[0].message
