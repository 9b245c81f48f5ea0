"""From targets to rows: images and manifests scanned along, as a user does."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from batten import api
from batten.model.report import Report
from batten.model.settings import ImageSettings, Settings
from batten.vulnerabilities.db import Database
from images import builder
from vulnerabilities.support import database, facts, osv, tracker

STATUS = """\
Package: openssl
Status: install ok installed
Architecture: amd64
Version: 3.0.13-1

Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.0.13-1
"""
RELEASE = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n'
METADATA = "Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n\n"
FEEDS = (
    tracker(openssl={"CVE-2024-1000": {"status": "resolved", "fixed_version": "3.0.14-1", "urgency": "high"}}),
    osv("PYSEC-2024-1", "PyPI", "requests", ("introduced", "0"), ("fixed", "2.32.0"), aliases=["CVE-2024-2000"]),
    *facts(["CVE-2024-1000"], {"CVE-2024-2000": 0.01}),
)
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: shop/web:1
        securityContext: {runAsUser: USER}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: TYPE
  selector: {app: web}
  ports: [{port: 80}]
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    layers = [
        builder.layer(
            [
                builder.file("etc/os-release", RELEASE.encode()),
                builder.file("var/lib/dpkg/status", STATUS.encode()),
            ]
        ),
        builder.layer(
            [builder.file("usr/lib/python3/site-packages/requests-2.31.0.dist-info/METADATA", METADATA.encode())]
        ),
    ]
    config = builder.configuration(layers, User="1000")
    return builder.docker_archive(tmp_path / "web.tar", layers, config)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return database(tmp_path / "db", *FEEDS)


def scanned(*targets: Path, **images: Any) -> Report:
    settings = Settings(as_of="2026-11-01", images=ImageSettings(cache=False, **images))
    return api.scan([str(target) for target in targets], settings).report


def test_an_image_s_packages_are_matched_ranked_and_planned(archive: Path, db: Database) -> None:
    report = scanned(archive, database=str(db.path))
    rows = {(row.id, row.name): row for row in report.vulnerabilities}
    assert set(rows) == {
        ("CVE-2024-1000", "openssl"),
        ("CVE-2024-1000", "libssl3"),
        ("CVE-2024-2000", "requests"),
    }
    exploited = rows["CVE-2024-1000", "libssl3"]
    assert exploited.kev
    assert exploited.priority > rows["CVE-2024-2000", "requests"].priority
    assert "not root" in [reason.text for reason in exploited.reasons]
    assert exploited.layer.startswith("sha256:")
    assert [step.name for step in report.plan] == ["openssl", "requests"]
    assert {one.ecosystem for one in report.coverage} == {"debian:12", "pypi"}
    assert "debian" in {one.name for one in report.sources}
    assert report.exit_code == 1


@pytest.mark.parametrize(
    ("service", "user", "texts"),
    [
        ("LoadBalancer", "0", ["reachable from outside through Service shop/web (LoadBalancer)", "runs as root"]),
        ("ClusterIP", "1000", ["reachable inside the cluster (Deployment shop/web)", "not root"]),
    ],
)
def test_how_a_workload_runs_the_image_decides(
    archive: Path, db: Database, tmp_path: Path, service: str, user: str, texts: list[str]
) -> None:
    (tmp_path / "k8s").mkdir()
    manifest = DEPLOYMENT.replace("TYPE", service).replace("USER", user)
    (tmp_path / "k8s" / "web.yaml").write_text(manifest)
    report = scanned(tmp_path / "k8s", archive, database=str(db.path))
    for row in report.vulnerabilities:
        said = [reason.text for reason in row.reasons]
        assert all(text in said for text in texts), said


def test_outside_and_as_root_is_acted_on(archive: Path, db: Database, tmp_path: Path) -> None:
    decisions = {}
    for service, user in (("LoadBalancer", "0"), ("ClusterIP", "1000")):
        folder = tmp_path / service
        folder.mkdir()
        (folder / "web.yaml").write_text(DEPLOYMENT.replace("TYPE", service).replace("USER", user))
        report = scanned(folder, archive, database=str(db.path))
        decisions[service] = next(row for row in report.vulnerabilities if row.kev).priority
    assert decisions["LoadBalancer"] > decisions["ClusterIP"]


def test_the_workload_of_another_image_says_nothing(archive: Path, db: Database, tmp_path: Path) -> None:
    (tmp_path / "k8s").mkdir()
    manifest = DEPLOYMENT.replace("shop/web:1", "shop/web:2").replace("TYPE", "LoadBalancer").replace("USER", "0")
    (tmp_path / "k8s" / "web.yaml").write_text(manifest)
    report = scanned(tmp_path / "k8s", archive, database=str(db.path))
    assert all("exposure not known" in [reason.text for reason in row.reasons] for row in report.vulnerabilities)


def test_vex_is_applied_and_what_matched_nothing_is_told(archive: Path, db: Database, tmp_path: Path) -> None:
    vex = tmp_path / "shop.json"
    statements = [
        {
            "vulnerability": {"name": name},
            "products": [{"@id": "shop/web:1", "subcomponents": [{"@id": "pkg:pypi/requests"}]}],
            "status": "not_affected",
            "justification": "vulnerable_code_not_in_execute_path",
        }
        for name in ("CVE-2024-2000", "CVE-2024-3000")
    ]
    vex.write_text(json.dumps({"@context": "https://openvex.dev/ns/v0.2.0", "statements": statements}))
    report = scanned(archive, database=str(db.path), vex=(str(vex),))
    row = next(row for row in report.vulnerabilities if row.id == "CVE-2024-2000")
    assert (row.status, row.source) == ("not_affected", f"vex:{vex}")
    assert [step.name for step in report.plan] == ["openssl"]
    problems = [one for target in report.targets for one in target.problems]
    assert [one.message for one in problems] == ["matched nothing: CVE-2024-3000 not affected in pkg:pypi/requests"]
    assert report.targets[0].status == "complete"


def test_a_broken_vex_file_is_a_problem(archive: Path, db: Database, tmp_path: Path) -> None:
    (tmp_path / "vex.json").write_text("{}")
    report = scanned(archive, database=str(db.path), vex=(str(tmp_path / "vex.json"),))
    assert "expected OpenVEX" in report.targets[0].problems[0].message
    assert report.targets[0].status == "partial"


@pytest.mark.parametrize("offline", [True, False])
def test_without_a_database_nothing_is_matched_and_it_says_so(archive: Path, offline: bool, tmp_path: Path) -> None:
    report = scanned(archive, offline=offline, database="" if offline else str(tmp_path / "none.sqlite"))
    assert len(report.packages) == 3
    assert not report.vulnerabilities
    (problem,) = report.targets[0].problems
    assert problem.message.startswith("nothing was matched: expected a vulnerability database, found none")
    assert "batten db update" in problem.message
    assert report.exit_code == 3


def test_lock_files_among_manifests_do_not_fail_without_one(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "requirements.txt").write_text("requests==2.31.0\n")
    (tmp_path / "compose.yaml").write_text("services: {web: {image: registry.example/web:1}}\n")
    report = api.scan([str(tmp_path)], Settings(fail_on="none", images=ImageSettings(offline=True))).report
    (problem,) = report.targets[0].problems
    assert problem.path == "1 package of lock files"
    assert problem.message.startswith("not matched: there is no vulnerability database; `batten db update`")
    assert report.exit_code == 0


def test_lock_files_alone_do_not_pass_without_one(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("requests==2.31.0\n")
    report = scanned(tmp_path)
    (problem,) = report.targets[0].problems
    assert problem.message.startswith("nothing was matched: expected a vulnerability database, found none")
    assert report.exit_code == 3


@pytest.mark.parametrize(
    "asked",
    [
        Settings(fail_on="kev"),
        Settings(fail_on="priority>=act"),
        Settings(strategies=(6,)),
        Settings(images=ImageSettings(only_fixed=True)),
    ],
)
def test_a_call_about_vulnerabilities_does_not_pass_without_one(tmp_path: Path, asked: Settings) -> None:
    (tmp_path / "requirements.txt").write_text("requests==2.31.0\n")
    report = api.scan([str(tmp_path)], replace(asked, images=replace(asked.images, offline=True))).report
    (problem,) = report.targets[0].problems
    assert problem.message.startswith("nothing was matched: expected a vulnerability database, found none")
    assert report.exit_code == 3


def test_a_sample_of_advisories_that_lists_nothing_is_no_good_news(db: Database, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("requests==2.32.3\n")
    report = scanned(tmp_path, database=str(db.path))
    (covered,) = report.coverage
    assert (covered.sources, covered.known, covered.few) == (("pypa",), 1, True)
    assert report.score.strategies[5].score is None


@pytest.mark.parametrize(("feeds", "code"), [(FEEDS, 0), (FEEDS[1:2], 3)], ids=["with", "without"])
def test_the_gate_on_exploited_flaws_needs_their_catalogue(tmp_path: Path, feeds: tuple[Any, ...], code: int) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "requirements.txt").write_text("requests==2.31.0\n")
    path = str(database(tmp_path / "db", *feeds).path)
    settings = Settings(fail_on="kev", images=ImageSettings(database=path))
    report = api.scan([str(tmp_path / "shop")], settings).report
    assert [row.id for row in report.vulnerabilities] == ["CVE-2024-2000"]
    told = [
        one.message for one in report.targets[0].problems if "expected the catalogue of exploited flaws" in one.message
    ]
    assert (len(told), report.exit_code) == (1 if code else 0, code)


def test_each_source_has_its_age_on_the_day_of_the_scan(db: Database, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("requests==2.31.0\n")
    fetched = date.fromisoformat(next(one.fetched for one in db.states() if one.name == "pypa")[:10])
    later = str(fetched + timedelta(days=40))
    report = api.scan([str(tmp_path)], Settings(as_of=later, images=ImageSettings(database=str(db.path)))).report
    assert {one.age for one in report.sources if one.name == "pypa"} == {40}
    (epss,) = [one for one in report.sources if one.name == "epss"]
    assert epss.age == (date.fromisoformat(later) - date.fromisoformat(epss.newest)).days


def test_a_version_of_no_scheme_in_a_folder_is_told(db: Database, tmp_path: Path) -> None:
    (tmp_path / "shop" / "sub").mkdir(parents=True)
    (tmp_path / "shop" / "sub" / "requirements.txt").write_text("requests===of-ours\n")
    report = scanned(tmp_path / "shop", database=str(db.path))
    (problem,) = report.targets[0].problems
    assert "requests of-ours was not matched" in problem.message


def test_a_damaged_database_is_a_problem(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "db.sqlite").write_bytes(b"SQLite format 3\0" + bytes(5000))
    report = scanned(archive, database=str(tmp_path / "db.sqlite"))
    assert report.targets[0].problems[0].message.startswith("nothing was matched: ")
    assert report.exit_code == 3


def test_the_same_image_in_any_form_gives_the_same_rows(archive: Path, db: Database, tmp_path: Path) -> None:
    layers = [
        builder.layer(
            [
                builder.file("etc/os-release", RELEASE.encode()),
                builder.file("var/lib/dpkg/status", STATUS.encode()),
            ],
            "zstd",
        )
    ]
    layout = builder.layout(tmp_path / "layout", layers, builder.configuration(layers))
    one = scanned(archive, database=str(db.path)).vulnerabilities
    other = scanned(layout, database=str(db.path)).vulnerabilities
    assert {(row.id, row.package, row.fixed) for row in one if row.name != "requests"} == {
        (row.id, row.package, row.fixed) for row in other
    }


def test_what_another_scanner_found_is_listed_in_every_report(db: Database, tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parents[1] / "data/scanners/trivy-image.json", tmp_path / "trivy.json")
    settings = Settings(images=ImageSettings(database=str(db.path), offline=True))
    report = api.scan([str(tmp_path / "trivy.json")], settings).report
    assert report.packages == []
    for name in ("table", "html", "markdown"):
        assert "CVE-2024-29041" in str(api.render(report, name)), name


def test_a_report_without_a_flaw_says_of_what_nothing_is_known(db: Database, tmp_path: Path) -> None:
    package = {"id": "1", "name": "bash", "version": "5.1-6", "kind": "binary"}
    empty: dict[str, Any] = {
        "manifest_hash": "sha256:" + "a" * 64,
        "vulnerabilities": {},
        "package_vulnerabilities": {},
    }
    system = {"1": {"id": "1", "did": "debian", "name": "Debian GNU/Linux", "version_id": "7"}}
    environment = {"1": [{"package_db": "var/lib/dpkg/status", "distribution_id": "1"}]}
    clair = {**empty, "packages": {"1": package}, "distributions": system, "environments": environment}
    (tmp_path / "clair.json").write_text(json.dumps(clair))
    settings = Settings(images=ImageSettings(database=str(db.path), offline=True))
    report = api.scan([str(tmp_path / "clair.json")], settings).report
    (covered,) = report.coverage
    assert (covered.packages, covered.sources) == (1, ())
    assert "No source of advisories speaks of" in str(api.render(report, "table"))
    assert "No source speaks of" in str(api.render(report, "html"))
