"""Findings on images in the report: where they stand, whose target they are of, no secret in any of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import zstandard
from msgspec import json as encoder
from msgspec.structs import replace

from batten import api
from batten.engine.diff import compare
from batten.model.report import Report
from batten.model.settings import ImageSettings, Settings
from batten.report import Options, names
from batten.report.sbom import FORMATS, write
from batten.report.words import line_place
from images.builder import Entry, configuration, digest, docker_archive, file, layer, layout, program, whiteout
from sources.oci.made import image, index_entry, index_of, layout_files, sha256, tar_of, written
from vulnerabilities.support import database, osv

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


TOKEN = "ghp_" + "R4nd0mAb9Xq2Lk7Zw3Vt8Yp5Cs1Df6Gh0JnM"
STEPS = (
    f"ARG NPM_TOKEN={TOKEN}",
    f"ENV DATABASE_PASSWORD={SECRET} NPM_TOKEN={TOKEN}",
    f"RUN |2 NPM_TOKEN={TOKEN} DATABASE_PASSWORD={SECRET} /bin/sh -c npm ci # buildkit",
    f"RUN curl -u shop:{SECRET} -H 'Authorization: Bearer {TOKEN}' https://u:{SECRET}@example.com",
)


def told(path: Path) -> str:
    """An image with a vulnerable package whose every text holds a secret: history, variables, labels, files."""
    script = f"#!/bin/sh\ncurl \\\n  {TOKEN}\nexport NPM_TOKEN={TOKEN}\n".encode()
    package = b'{"name": "lodash", "version": "4.17.20"}'
    built = [
        layer([file("app/node_modules/lodash/package.json", package), file("app/.env", ENV)]),
        layer([program("entry.sh", script), program("usr/sbin/sshd", b"x"), whiteout("app/.env")]),
    ]
    raw = json.loads(
        configuration(
            built,
            Env=[f"DATABASE_PASSWORD={SECRET}"],
            Cmd=["/entry.sh", f"--url=https://u:{SECRET}@db"],
            Labels={
                "org.opencontainers.image.base.name": f"https://u:{SECRET}@example.com/base",
                "deploy.token": TOKEN,
            },
        )
    )
    empty = [False, True, False, True]
    raw["history"] = [
        {"created_by": step, "created": "2026-01-01T00:00:00Z", "empty_layer": nothing}
        for step, nothing in zip((STEPS[2], STEPS[0], STEPS[3], STEPS[1]), empty, strict=True)
    ]
    return str(docker_archive(path, built, json.dumps(raw).encode()))


def test_no_form_of_a_report_and_no_cache_holds_a_secret_of_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    flaw = osv("GHSA-35jh-r3h4-6jhm", "npm", "lodash", ("introduced", "0"), ("fixed", "4.17.21"))
    images = ImageSettings(offline=True, database=str(database(tmp_path, flaw).path))
    settings = Settings(persona="auditor", as_of="2026-11-01", images=images)
    target = told(tmp_path / "app.tar")
    report = api.scan([target], settings).report
    row = next(one for one in report.vulnerabilities if one.id == "GHSA-35jh-r3h4-6jhm")
    assert row.instruction == "RUN |2 NPM_TOKEN=… DATABASE_PASSWORD=… /bin/sh -c npm ci # buildkit"
    assert [one.instruction for one in report.packages] == [row.instruction]
    shown = {name: api.render(report, name, Options(verbose=True)) for name in names()}
    document, problems = api.sbom(target, settings)
    shown |= {f"sbom {name}": write(name, document) for name in FORMATS}
    shown["problems"] = str(problems) + str([one.problems for one in report.targets])
    shown["plan"] = str(report.plan)
    cached = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert len(cached) == 2
    for path in cached:
        data = path.read_bytes()
        shown[path.name] = zstandard.ZstdDecompressor().decompress(data[data.index(b"\x28\xb5\x2f\xfd") :])
    for name, found in shown.items():
        text = found if isinstance(found, str) else found.decode("utf-8", "replace")
        for secret in (SECRET, TOKEN):
            assert secret[:8] not in text, name
            assert secret[-8:] not in text, name


def test_an_imported_bill_of_materials_is_masked_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    settings = Settings(images=ImageSettings(offline=True))
    document, _ = api.sbom(told(tmp_path / "app.tar"), settings)
    raw = replace(
        document, packages=tuple(replace(one, instruction=STEPS[2]) for one in document.packages)
    )  # as another program, or an older batten, wrote it
    for name in FORMATS:
        path = tmp_path / f"bom-{name}"
        path.write_bytes(write(name, raw))
        assert TOKEN in path.read_text()
        found = api.scan([str(path)], settings).report.packages
        assert [one.instruction for one in found] == [
            "RUN |2 NPM_TOKEN=… DATABASE_PASSWORD=… /bin/sh -c npm ci # buildkit"
        ], name


def test_an_image_is_not_fixed_but_told_why(tmp_path: Path) -> None:
    target = archive(tmp_path / "app.tar", [file("a", b"x")])
    plan = api.fix([target], Settings(checks=("PRV016",), images=ImageSettings(offline=True, cache=False)), review=True)
    assert not plan.patches
    assert [(one.finding.check, bool(one.finding.no_fix)) for one in plan.proposals] == [("PRV016", True)]


def test_two_archives_are_compared_whatever_they_are_called(tmp_path: Path) -> None:
    before = scan(archive(tmp_path / "web-1.4.tar", [file("app/.env", ENV), program("usr/sbin/sshd", b"x")]))
    after = scan(archive(tmp_path / "web-1.5.tar", [file("app/.env", ENV)], tag="mirror/shop-web:5"))
    difference = compare(before, after)
    assert {one.check for one in difference.removed} == {"SUR004"}
    assert not difference.added
    both = compare(before, scan(str(tmp_path / "web-1.5.tar"), archive(tmp_path / "other.tar", [file("a", b"")])))
    assert "PRV016" in {one.check for one in both.added}


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


def test_a_target_that_is_one_image_has_its_digest(tmp_path: Path) -> None:
    built = [layer([file("a", b"1")])]
    raw = configuration(built)
    saved = docker_archive(tmp_path / "saved.tar", built, raw)
    (tmp_path / "root").mkdir()
    stored = layout(tmp_path / "layout", built, raw)
    manifest = json.loads((stored / "index.json").read_bytes())["manifests"][0]["digest"]
    found = {one.id: one.digest for one in scan(str(saved), f"oci:{stored}", f"rootfs:{tmp_path}/root").targets}
    assert list(found.values())[:2] == [digest(raw), manifest]
    assert str(list(found.values())[2]).startswith("sha256:")
    text = tmp_path / "pod.yaml"
    text.write_text("a: 1\n")
    assert scan(str(text)).targets[0].digest is None


def test_builds_for_several_platforms_are_told_apart(tmp_path: Path) -> None:
    def layer_with(version: str) -> bytes:
        text = f"Package: openssl\nStatus: install ok installed\nVersion: {version}\nArchitecture: amd64\n\n"
        return tar_of({"etc/os-release": b"ID=debian\nVERSION_ID=12\n", "var/lib/dpkg/status": text.encode()})

    intel = image(layer_with("3.0.9-1"), platform="linux/amd64")
    arm = image(layer_with("3.0.15-1"), platform="linux/arm64/v8")
    index = index_of(intel.descriptor, arm.descriptor)
    files = layout_files(index_of(index_entry(index)), {sha256(index): index}, intel.blobs, arm.blobs)
    folder = written(tmp_path / "web", files)
    settings = Settings(images=ImageSettings(offline=True, cache=False, platform="all"))
    report = api.scan([str(folder)], settings).report
    names = [f"{folder} (linux/amd64)", f"{folder} (linux/arm64/v8)"]
    found = [one for one in report.findings if one.check == "PRV016"]
    assert sorted(one.resource.name for one in found if one.resource) == names
    assert [line_place(one) for one in found] == ["image", "image"]
    assert len({one.fingerprint for one in found}) == 2
    versions = {one.target: one.version for one in report.packages}
    assert versions == {f"image:{names[0]}": "3.0.9-1", f"image:{names[1]}": "3.0.15-1"}
