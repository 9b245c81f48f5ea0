"""Texts that are scanned and mended without being on the disk."""

from pathlib import Path

from batten import api
from batten.engine.fix import write
from batten.engine.fix.unified import unified_diff
from batten.sources.memory import TextTarget

COMPOSE = "services:\n  web:\n    image: registry.example/web:1.4\n    extends: {file: base.yaml, service: base}\n"
BASE = "services:\n  base:\n    privileged: true\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: registry.example/web:1.4
    securityContext: {privileged: true}
"""


def checks(scan: api.Scan) -> set[str]:
    return {one.check for one in scan.report.findings}


def test_the_text_stands_for_what_is_on_the_disk(tmp_path: Path):
    path = tmp_path / "pod.yaml"
    path.write_text(POD, encoding="utf-8")
    assert "PRV001" in checks(api.scan([str(path)]))
    assert "PRV001" not in checks(api.scan_text(str(path), POD.replace("true", "false")))


def test_a_file_that_exists_nowhere_is_scanned_under_its_name(tmp_path: Path):
    path = tmp_path / "none" / "pod.yaml"
    found = api.scan_text(str(path), POD).report
    assert {one.location.path for one in found.findings} == {str(path)}
    assert found.targets[0].status == "complete"
    assert not path.parent.exists()


def test_a_text_gives_what_the_same_file_gives(tmp_path: Path):
    path = tmp_path / "compose.yaml"
    path.write_text(COMPOSE, encoding="utf-8")
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    on_disk, in_memory = api.scan([str(path)]).report, api.scan_text(str(path), COMPOSE).report
    assert [one.fingerprint for one in in_memory.findings] == [one.fingerprint for one in on_disk.findings]
    assert "PRV001" in {one.check for one in in_memory.findings}


def test_other_texts_that_are_not_saved_are_seen_by_readers(tmp_path: Path):
    path = str(tmp_path / "compose.yaml")
    unsaved = {str(tmp_path / "base.yaml"): BASE, "/elsewhere/base.yaml": ""}
    assert "PRV001" not in checks(api.scan_text(path, COMPOSE))
    assert "PRV001" in checks(api.scan_text(path, COMPOSE, beside=unsaved))


def test_a_reader_may_look_into_the_folder_around_the_text(tmp_path: Path):
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    path = str(tmp_path / "shop" / "compose.yaml")
    text = COMPOSE.replace("base.yaml", "../base.yaml")
    assert "PRV001" not in checks(api.scan_text(path, text))
    found = api.scan_text(path, text, root=str(tmp_path)).report
    assert {one.location.path for one in found.findings if one.check != "PRV001"} == {path}
    assert {one.location.path for one in found.findings if one.check == "PRV001"} == {str(tmp_path / "base.yaml")}
    assert "PRV001" not in checks(api.scan_text(path, text, root=str(tmp_path), alone=True))
    assert "PRV001" not in checks(api.scan_text(path, text, root=str(tmp_path / "other")))


def test_names_of_texts_in_memory_are_among_those_of_their_folder(tmp_path: Path):
    (tmp_path / "a.yaml").write_text("", encoding="utf-8")
    beside = {str(tmp_path / "sub" / "c.yaml"): b"c"}
    files = TextTarget(str(tmp_path / "b.yaml"), b"b", beside).files
    assert list(files.names("")) == ["a.yaml", "b.yaml"]
    assert list(files.names("sub")) == ["c.yaml"]
    assert [files.get(one) is not None for one in ("a.yaml", "./b.yaml", "sub/c.yaml", "d.yaml", "../b.yaml")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_no_link_beside_a_text_is_followed_out_of_its_folder(tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    (folder / "base.yaml").symlink_to(tmp_path / "base.yaml")
    assert "PRV001" not in checks(api.scan_text(str(folder / "compose.yaml"), COMPOSE))


def test_a_fix_of_a_text_edits_the_text_and_writes_nothing(tmp_path: Path):
    path = tmp_path / "pod.yaml"
    path.write_text(POD, encoding="utf-8")
    text = "# not saved\n" + POD
    plan = api.fix_text(str(path), text, review=True, choose=lambda one: one.finding.check == "PRV001")
    (patch,) = plan.patches
    assert patch.before.data.decode() == text
    assert "privileged: false" in patch.after.data.decode()
    assert any(line.startswith("+    securityContext: {privileged: false") for line in unified_diff(patch))
    assert path.read_text(encoding="utf-8") == POD


def test_a_fix_of_a_text_is_not_written_over_another_one(tmp_path: Path):
    import pytest

    from batten.engine.fix import WriteRefused

    path = tmp_path / "pod.yaml"
    path.write_text(POD, encoding="utf-8")
    plan = api.fix_text(str(path), "# not saved\n" + POD, review=True)
    with pytest.raises(WriteRefused, match="changed since it was scanned"):
        write(plan.patches, allow_dirty=True)
    assert path.read_text(encoding="utf-8") == POD


def test_a_text_that_cannot_be_written_in_utf_8_is_a_problem_of_the_file():
    (target,) = api.scan_text("/none/pod.yaml", POD + "# \ud83d\n").report.targets
    assert "expected UTF-8" in target.problems[0].message


def test_a_text_beyond_every_size_is_a_problem_of_the_file():
    (target,) = api.scan_text("/none/pod.yaml", "a: b\n" * (17 * 2**20 // 5)).report.targets
    assert "16 MiB" in target.problems[0].message
