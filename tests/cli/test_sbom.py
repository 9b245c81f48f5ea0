"""`batten sbom` as a user meets it."""

import json
from pathlib import Path

from batten.report.sbom import write
from cli.support import batten
from report.sbom.support import bill

DATA = Path(__file__).parents[1] / "data" / "scanners"


def test_a_directory_without_packages_gives_a_document_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = batten("sbom", "empty", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["metadata"]["component"]["name"] == "empty"
    assert done.stderr == b"batten: empty: no packages were found\n"


def test_a_root_file_system_gives_its_packages(tmp_path: Path) -> None:
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/var/lib/dpkg").mkdir(parents=True)
    (tmp_path / "root/etc/os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    (tmp_path / "root/var/lib/dpkg/status").write_text(
        "Package: zlib1g\nStatus: install ok installed\nVersion: 1:1.2.13.dfsg-1\nArchitecture: amd64\n"
    )
    done = batten("sbom", "rootfs:root", "--format", "spdx-json", "-o", "bill.json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    names = [one["name"] for one in json.loads((tmp_path / "bill.json").read_bytes())["packages"]]
    assert names == ["root", "debian", "zlib1g"]


def test_what_is_no_target_or_no_format_is_one_line_and_exits_2(tmp_path: Path) -> None:
    for arguments in (("sbom", "nowhere/"), ("sbom", ".", "--format", "cyclone"), ("sbom", ".", "-o", "no/where")):
        done = batten(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert b"Traceback" not in done.stderr


def test_a_report_of_another_scanner_is_a_target_with_its_rows_and_its_gate(tmp_path: Path) -> None:
    reports = [str(DATA / name) for name in ("trivy-image.json", "grype-ghsa.json")]
    done = batten("scan", *reports, "--offline", "--db", "none.sqlite", "--format", "json", cwd=tmp_path)
    rows = {row["id"]: row for row in json.loads(done.stdout)["vulnerabilities"]}
    assert sorted(rows) == ["CVE-2014-3577", "CVE-2017-16137", "CVE-2024-29041", "CVE-2024-9143"]
    assert rows["CVE-2014-3577"]["aliases"] == ["GHSA-cfh5-3ghh-wfjx"]  # two rows of Grype's are one
    assert rows["CVE-2024-29041"]["statements"][0]["source"] == "trivy"
    assert rows["CVE-2024-29041"]["location"]["line"] == 58
    gated = batten("scan", *reports, "--offline", "--db", "none.sqlite", "--fail-on", "medium", cwd=tmp_path)
    assert gated.returncode == 1


def test_a_bill_of_materials_is_a_target(tmp_path: Path) -> None:
    (tmp_path / "bill.json").write_bytes(write("spdx-json", bill()))
    done = batten("scan", "bill.json", "--offline", "--db", "none.sqlite", "--format", "json", cwd=tmp_path)
    packages = json.loads(done.stdout)["packages"]
    assert len(packages) == len(bill().packages)
    again = batten("sbom", "bill.json", "--format", "spdx-json", cwd=tmp_path)
    names = {one["name"] for one in json.loads(again.stdout)["packages"]}
    assert {"libssl3", "express", "debian"} <= names
