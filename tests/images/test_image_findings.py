"""Findings on images in the report: where they stand, whose target they are of, no secret in any of them."""

from __future__ import annotations

from pathlib import Path

from msgspec import json as encoder

from batten import api
from batten.model.report import Report
from batten.model.settings import ImageSettings, Settings
from batten.report.words import line_place
from images.builder import Entry, configuration, docker_archive, file, layer, program, whiteout

SECRET = "Wint3rSale-42-xq"
ENV = f"# of the shop\nDATABASE_PASSWORD={SECRET}\n".encode()


def archive(path: Path, *layers: list[Entry], tag: str = "shop/web:1", **config: object) -> str:
    built = [layer(one) for one in layers]
    steps = [f"RUN DATABASE_PASSWORD={SECRET} make {number}" for number in range(len(built))]
    return str(docker_archive(path, built, configuration(built, steps, **config), tag))


def scan(*targets: str) -> Report:
    images = ImageSettings(offline=True, cache=False)
    return api.scan(list(targets), Settings(persona="auditor", as_of="2026-11-01", images=images)).report


def test_a_finding_names_its_own_image_and_the_file_in_it(tmp_path: Path) -> None:
    web = archive(tmp_path / "web.tar", [program("usr/sbin/sshd", b"x")], User="1")
    app = archive(tmp_path / "app.tar", [file("app/.env", ENV)], [whiteout("app/.env")])
    report = scan(web, app)
    found = {one.check: one for one in report.findings if one.check in ("SUR004", "IMG017")}
    assert (found["SUR004"].target, found["IMG017"].target) == (f"image:{web}", f"image:{app}")
    assert found["SUR004"].location.path == f"{web}!usr/sbin/sshd"
    assert (found["IMG017"].location.path, found["IMG017"].location.line) == (f"{app}!app/.env", 2)
    root = next(one for one in report.findings if one.check == "PRV016")
    assert (root.location.path, root.location.pointer) == (app, "/config/User")
    assert {one.check for one in report.findings if one.target == f"image:{web}"} & {"PRV016", "IMG017"} == set()


def test_no_report_holds_a_secret_of_the_image(tmp_path: Path) -> None:
    config = {"Env": [f"DATABASE_PASSWORD={SECRET}"], "Cmd": ["web", f"--url=https://u:{SECRET}@db"]}
    target = archive(tmp_path / "app.tar", [file("app/.env", ENV), program("usr/sbin/sshd", b"x")], **config)
    report = scan(target)
    assert {"IMG017", "IMG018", "SUR004"} <= {one.check for one in report.findings}
    assert SECRET not in encoder.encode(report.findings).decode()
    for form in ("table", "html", "sarif", "markdown"):
        shown = api.render(report, form)
        assert SECRET not in (shown if isinstance(shown, str) else shown.decode())


def test_an_image_is_not_fixed_but_told_why(tmp_path: Path) -> None:
    target = archive(tmp_path / "app.tar", [file("a", b"x")])
    plan = api.fix([target], Settings(checks=("PRV016",), images=ImageSettings(offline=True, cache=False)), review=True)
    assert not plan.patches
    assert [(one.finding.check, bool(one.finding.no_fix)) for one in plan.proposals] == [("PRV016", True)]


def test_the_next_build_is_compared_with_the_one_before(tmp_path: Path) -> None:
    before = archive(tmp_path / "1.4.tar", [program("usr/sbin/sshd", b"x")], tag="shop/web:1.4")
    after = archive(tmp_path / "1.5.tar", [file("app/.env", ENV)], tag="shop/web:1.5")
    settings = Settings(as_of="2026-11-01", images=ImageSettings(offline=True, cache=False))
    difference = api.diff(before, after, settings)
    assert {one.check for one in difference.removed} == {"SUR004"}
    assert {one.check for one in difference.added} == {"IMG017"}
    assert difference.kept >= 2


def test_what_is_said_of_the_image_as_a_whole_has_no_line(tmp_path: Path) -> None:
    report = scan(archive(tmp_path / "app.tar", [program("usr/sbin/sshd", b"x")]))
    places = {one.check: line_place(one) for one in report.findings}
    assert (places["PRV016"], places["SUR004"]) == ("image", "1:1")
