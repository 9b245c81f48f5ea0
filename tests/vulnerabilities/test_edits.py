"""Updates as edits of the files that decide them."""

from __future__ import annotations

from pathlib import Path

from batten import api
from batten.engine.scan import Scan
from batten.model.package import Package
from batten.model.settings import ImageSettings, Settings
from batten.model.verdict import Change, DocumentEdit, Fix
from batten.model.vulnerability import UpdateStep
from batten.model.workload import Container
from batten.vulnerabilities.edits import NoFix, fix_of
from vulnerabilities.support import TARGET, database, deb, osv, package

FLAW = osv("PYSEC-2024-1", "PyPI", "requests", ("introduced", "0"), ("fixed", "2.32.0"))
GO = osv("GO-2024-1", "Go", "golang.org/x/net", ("introduced", "0"), ("fixed", "0.23.0"))


def scanned(folder: Path, files: dict[str, str]) -> Scan:
    (folder / "shop").mkdir()
    for name, text in files.items():
        (folder / "shop" / name).write_text(text)
    path = database(folder, FLAW, GO).path
    return api.scan([str(folder / "shop")], Settings(images=ImageSettings(database=str(path))))


def edited(fix: Fix | NoFix) -> str:
    """The text of the file after the fix."""
    assert isinstance(fix, Fix), fix
    (step,) = fix.steps
    assert isinstance(step, DocumentEdit)
    text = step.document.file.text()
    for splice in reversed(step.document.splices([step.edit])):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


def test_a_pin_is_moved(tmp_path: Path) -> None:
    done = scanned(tmp_path, {"requirements.txt": "# ours\nrequests==2.31.0  # http\nflask==3.0.0\n"})
    (step,) = done.report.plan
    fix = fix_of(step, done.inventory.of(Package))
    assert edited(fix) == "# ours\nrequests==2.32.0  # http\nflask==3.0.0\n"
    assert isinstance(fix, Fix)
    assert (fix.kind, fix.summary) == ("review", "update requests to 2.32.0")


def test_a_pin_with_hashes_is_left_to_its_tool(tmp_path: Path) -> None:
    line = f"requests==2.31.0 --hash=sha256:{'0' * 64}\n"
    done = scanned(tmp_path, {"requirements.txt": line})
    (step,) = done.report.plan
    found = fix_of(step, done.inventory.of(Package))
    assert isinstance(found, NoFix)
    assert "hashes belong to this version" in found.reason


def test_a_module_of_go_keeps_its_v(tmp_path: Path) -> None:
    done = scanned(tmp_path, {"go.mod": "module shop.example/web\n\ngo 1.21\n\nrequire golang.org/x/net v0.7.0\n"})
    (step,) = done.report.plan
    assert step.command == "go get golang.org/x/net@v0.23.0 && go mod tidy"
    assert "golang.org/x/net v0.23.0" in edited(fix_of(step, done.inventory.of(Package)))


def test_a_module_with_hashes_beside_it_is_left_to_go(tmp_path: Path) -> None:
    module = "module shop.example/web\n\ngo 1.21\n\nrequire golang.org/x/net v0.7.0\n"
    done = scanned(tmp_path, {"go.mod": module, "go.sum": "golang.org/x/net v0.7.0/go.mod h1:AAAA\n"})
    (step,) = done.report.plan
    found = fix_of(step, done.inventory.of(Package))
    assert isinstance(found, NoFix)
    reason = "go.sum beside it must have the hashes of the new version, too; run `go get golang.org/x/net@v0.23.0`"
    assert found.reason == reason


def dockerfile(folder: Path, text: str) -> Container:
    (folder / "Dockerfile").write_text(text)
    done = api.scan([str(folder / "Dockerfile")], Settings())
    (found,) = done.inventory.of(Container)
    return found


def step(kind: str, name: str, installed: str, to: str) -> UpdateStep:
    return UpdateStep(
        target=TARGET,
        kind=kind,  # type: ignore[arg-type]
        name=name,
        installed=installed,
        to=to,
        removes=(),
        of=1,
        remaining=0,
        risk=1.0,
        text="",
    )


PACKAGES = [deb("libssl3", "3.0.13-1", "openssl"), deb("openssl", "3.0.13-1")]
UPDATE = "RUN apt-get update && apt-get install -y --only-upgrade libssl3 openssl && rm -rf /var/lib/apt/lists/*\n"


def test_packages_of_the_system_are_updated_while_it_is_root_s(tmp_path: Path) -> None:
    built = dockerfile(tmp_path, 'FROM debian:12\nRUN apt-get install -y openssl\nUSER 1000\nCMD ["web"]\n')
    fix = fix_of(step("package", "openssl", "3.0.13-1", "3.0.14-1"), PACKAGES, built)
    assert edited(fix) == f'FROM debian:12\nRUN apt-get install -y openssl\n{UPDATE}USER 1000\nCMD ["web"]\n'


def test_without_a_user_they_stand_before_what_starts(tmp_path: Path) -> None:
    built = dockerfile(tmp_path, 'FROM debian:12\nCOPY web /\nEXPOSE 80\nCMD ["/web"]\n')
    fix = fix_of(step("package", "openssl", "3.0.13-1", "3.0.14-1"), PACKAGES, built)
    assert edited(fix) == f'FROM debian:12\nCOPY web /\n{UPDATE}EXPOSE 80\nCMD ["/web"]\n'


def test_where_nothing_can_update_them_no_step_is_added(tmp_path: Path) -> None:
    built = dockerfile(tmp_path, 'FROM gcr.io/distroless/base-debian12\nCOPY web /\nCMD ["/web"]\n')
    held = [deb("libssl3", "3.0.13-1", "openssl", paths=("var/lib/dpkg/status.d/libssl3",))]
    found = fix_of(step("package", "openssl", "3.0.13-1", "3.0.14-1"), held, built)
    assert found == NoFix("the image has no package manager: its base, or what builds it, brings the update")


def test_a_base_is_pinned_to_its_newest_build(tmp_path: Path) -> None:
    built = dockerfile(tmp_path, "FROM debian:12\n")
    digest = "sha256:" + "b" * 64
    fix = fix_of(step("base", "docker.io/library/debian:12", "", digest), PACKAGES, built)
    assert isinstance(fix, Fix)
    assert fix.kind == "safe"
    change = fix.steps[0]
    assert isinstance(change, Change)
    assert change.value == f"debian:12@{digest}"


def test_a_base_that_was_pinned_moves_only_on_review(tmp_path: Path) -> None:
    built = dockerfile(tmp_path, f"FROM debian:12@sha256:{'a' * 64}\n")
    fix = fix_of(step("base", "debian:12", "", "sha256:" + "b" * 64), PACKAGES, built)
    assert isinstance(fix, Fix)
    assert fix.kind == "review"


def test_a_name_cannot_bring_an_instruction_of_its_own(tmp_path: Path) -> None:
    built = dockerfile(tmp_path, "FROM debian:12\n")
    hostile = [deb("openssl\nUSER root", "3.0.13-1", "openssl")]
    found = fix_of(step("package", "openssl", "3.0.13-1", "3.0.14-1"), hostile, built)
    assert isinstance(found, NoFix)
    assert "control characters" in found.reason


def test_what_no_file_decides_has_a_reason(tmp_path: Path) -> None:
    built = dockerfile(tmp_path, "FROM debian:12\n")
    system = step("package", "openssl", "3.0.13-1", "3.0.14-1")
    assert fix_of(system, PACKAGES) == NoFix("the Dockerfile of the image was not read")
    base = step("base", "debian:12", "", "its newest build")
    assert fix_of(base, PACKAGES, built) == NoFix("no registry was asked for the newest build: build with --pull")
    python = [package("pypi", "requests", "2.31.0")]
    found = fix_of(step("package", "requests", "2.31.0", "2.32.0"), python, built)
    assert found == NoFix("requests came with the application: its lock file decides the version")
    gone = fix_of(step("lock", "requests", "2.31.0", "2.32.0"), python, built)
    assert gone == NoFix("where requests is written was not read")
