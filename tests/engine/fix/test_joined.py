"""Fixes of one project that edit several of its files: proved together, all of a fix or none."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from typing import Any

import pytest

from batten import api
from batten.engine.fix import FixPlan, Proposal, WriteRefused
from batten.engine.fix import write as fix_write
from batten.model.settings import Settings
from engine.support import write

BASE = """\
services:
  web:
    image: registry.example/web:1.27
    cap_add: [SYS_ADMIN]
"""
OVERRIDE = """\
services:
  web:
    privileged: true  # for the profiler
    user: root
    cap_add:
      - SYS_PTRACE
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
"""
SHARED = """\
services:
  base:
    image: postgres:16
    user: root
    ports: ["5432:5432"]
"""
PROJECT = "services:\n  {0}:\n    extends:\n      file: ../base.yml\n      service: base\n"


def planned(root: Path, files: dict[str, str], **options: object) -> FixPlan:
    return api.fix([str(write(root, files))], Settings(as_of="2026-11-01"), review=True, **options)  # type: ignore[arg-type]


def of(plan: FixPlan, check: str) -> Proposal:
    (found,) = [one for one in plan.proposals if one.finding.check == check]
    return found


def written(root: Path, plan: FixPlan) -> dict[str, str]:
    texts = {patch.path: patch.after.text() for patch in plan.patches}
    write(root, texts)
    return texts


def test_what_an_override_decides_is_mended_there_with_what_that_uncovers_in_the_first_file(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"compose.yaml": BASE, "compose.override.yaml": OVERRIDE})
    assert all(of(plan, check).applied for check in ("PRV001", "PRV003", "RUN004", "PRV008") if _is_there(plan, check))
    texts = written(tmp_path, plan)
    assert "privileged" not in texts["compose.override.yaml"]
    assert 'user: "10001:10001"' in texts["compose.override.yaml"]
    assert "docker.sock" not in texts["compose.override.yaml"]
    assert "no-new-privileges:true" in texts["compose.yaml"]
    assert "SYS_ADMIN" not in texts["compose.yaml"]
    again = planned(tmp_path, {})
    assert again.patches == []
    assert not {"PRV001", "PRV003", "PRV004", "PRV005"} & {one.finding.check for one in again.proposals}


def _is_there(plan: FixPlan, check: str) -> bool:
    return any(one.finding.check == check for one in plan.proposals)


def test_a_fix_of_a_list_in_two_files_is_a_patch_of_both(tmp_path: Path) -> None:
    override = "services:\n  web:\n    cap_add:\n      - CAP_SYS_ADMIN\n"
    plan = planned(
        tmp_path,
        {"compose.yaml": BASE, "compose.override.yaml": override},
        choose=lambda one: one.finding.check == "PRV005",
    )
    texts = written(tmp_path, plan)
    assert "SYS_ADMIN" not in "".join(texts.values())
    assert set(texts) == {"compose.yaml", "compose.override.yaml"}
    assert all(one.proposals == plan.patches[0].proposals for one in plan.patches)


def test_two_projects_that_extend_one_file_edit_it_once(tmp_path: Path) -> None:
    files = {"base.yml": SHARED, "a/compose.yaml": PROJECT.format("a"), "b/compose.yaml": PROJECT.format("b")}
    plan = planned(tmp_path, files)
    texts = written(tmp_path, plan)
    assert texts["base.yml"] == SHARED.replace("user: root", 'user: "10001:10001"').replace(
        "5432:5432", "127.0.0.1:5432:5432"
    )
    assert planned(tmp_path, {}).patches == []


def test_a_file_whose_fix_fails_does_not_take_the_other_file_along(tmp_path: Path) -> None:
    override = "services:\n  web:\n    user: !override root\n    privileged: &flag true\n    tty: *flag\n"
    plan = planned(tmp_path, {"compose.yaml": BASE, "compose.override.yaml": override})
    assert of(plan, "PRV003").applied
    assert not of(plan, "PRV001").applied
    assert "alias" in of(plan, "PRV001").reason
    assert "pids_limit" in {patch.path: patch for patch in plan.patches}["compose.yaml"].after.text()


def test_a_fix_of_two_files_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"compose.yaml": BASE, "compose.override.yaml": OVERRIDE, "other/compose.yaml": BASE}
    plan = planned(tmp_path, files)
    make = tempfile.mkstemp

    def full(*, prefix: str, **more: Any) -> Any:
        if "override" in prefix:
            raise OSError(errno.ENOSPC, "No space left on device")
        return make(prefix=prefix, **more)

    monkeypatch.setattr(tempfile, "mkstemp", full)
    with pytest.raises(WriteRefused, match=r"compose\.override\.yaml: cannot be written: No space left on device"):
        fix_write(plan.patches)
    assert {name: (tmp_path / name).read_text() for name in files if "/" not in name} == {
        name: text for name, text in files.items() if "/" not in name
    }
    assert not [*tmp_path.rglob("*.batten")]


def test_a_file_that_another_program_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"compose.yaml": BASE})
    (tmp_path / "compose.yaml").write_text(BASE + "# mine\n")
    with pytest.raises(WriteRefused, match="changed since it was scanned; nothing was written"):
        fix_write(plan.patches)
    assert (tmp_path / "compose.yaml").read_text() == BASE + "# mine\n"


def test_a_file_that_cannot_be_put_in_place_puts_the_others_of_its_fix_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"compose.yaml": BASE, "compose.override.yaml": OVERRIDE}
    plan = planned(tmp_path, files)
    into = Path.replace
    last = plan.patches[-1].path

    def refused(self: Path, target: Path) -> Path:
        if target.name == last:
            raise PermissionError(errno.EPERM, "Operation not permitted", str(self))
        return into(self, target)

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(WriteRefused, match=f"{last}: cannot be written: Operation not permitted; nothing was written"):
        fix_write(plan.patches)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files
