"""Lock files within a scan: their packages stand in the inventory, nothing else changes."""

from __future__ import annotations

from pathlib import Path

from batten.engine.scan import Scan, open_all, scan_targets
from batten.model.package import Package
from batten.model.settings import ImageSettings, Settings

SETTINGS = Settings(images=ImageSettings(offline=True, database="no such file"))


def _scan(*targets: Path) -> Scan:
    texts = [str(target) for target in targets]
    return scan_targets(open_all(texts, SETTINGS), SETTINGS)


def _shop(folder: Path) -> Path:
    (folder / "api").mkdir(parents=True)
    (folder / "requirements.txt").write_text("flask==3.0.3\n")
    (folder / "api" / "requirements.txt").write_text("jinja2==3.1.0\nurllib3\n")
    (folder / "node_modules" / "a").mkdir(parents=True)
    (folder / "node_modules" / "a" / "package-lock.json").write_text('{"packages": {}}')
    return folder


def test_packages_belong_to_their_folder(tmp_path: Path) -> None:
    scan = _scan(_shop(tmp_path / "shop"))
    told = {(one.name, one.target, one.paths) for one in scan.inventory.of(Package)}
    assert told == {("flask", ".", ("requirements.txt",)), ("jinja2", "api", ("api/requirements.txt",))}


def test_files_that_requirements_name_are_read_at_their_own_place(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "requirements.txt").write_text("flask==3.0.3\n-r api/more.txt\n")
    (tmp_path / "api" / "more.txt").write_text("\nlxml==4.6.2\n-r last.txt\n-r ../requirements.txt\n")
    (tmp_path / "api" / "last.txt").write_text("six==1.16.0\n-r more.txt\n")
    for target in (tmp_path, tmp_path / "requirements.txt"):
        rows = _scan(target).report.packages
        told = {(one.name, one.location and (Path(one.location.path).name, one.location.line)) for one in rows}
        assert told == {
            ("flask", ("requirements.txt", 1)),
            ("lxml", ("more.txt", 2)),
            ("six", ("last.txt", 1)),
        }
        assert len(rows) == 3


def test_folders_of_two_targets_are_told_apart(tmp_path: Path) -> None:
    first, second = _shop(tmp_path / "a"), _shop(tmp_path / "b")
    targets = [one.target for one in _scan(first, second).inventory.of(Package)]
    assert len(set(targets)) == len(targets) == 4
    assert sum(target.endswith("//api") for target in targets) == 2


def test_reports_show_places_as_the_user_would_write_them(tmp_path: Path) -> None:
    folder = _shop(tmp_path / "shop")
    told = {row.name: row.location for row in _scan(folder).report.packages}
    location = told["jinja2"]
    assert location is not None
    assert Path(location.path) == folder / "api" / "requirements.txt"
    assert (location.line, location.column) == (1, 9)


def test_without_a_database_the_first_target_says_so(tmp_path: Path) -> None:
    report = _scan(_shop(tmp_path / "shop")).report
    messages = [one.message for target in report.targets for one in target.problems if one.severe]
    assert len(messages) == 1
    assert messages[0].startswith("nothing was matched: expected a vulnerability database")
    assert report.exit_code == 3


def test_a_broken_lock_file_is_a_problem_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text('{\n"packages": {,}}')
    [problem] = [one for target in _scan(tmp_path).report.targets for one in target.problems]
    assert problem.path.endswith("package-lock.json")
    assert problem.line == 2
