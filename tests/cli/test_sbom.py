"""`batten sbom` as a user meets it."""

import json
from pathlib import Path

from cli.support import batten


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
