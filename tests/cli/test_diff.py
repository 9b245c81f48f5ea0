"""`batten diff` and `--baseline` as a user meets them: what is printed, the exit code, wrong files."""

import json
from pathlib import Path

import pytest

from cli.support import batten
from engine.support import POD, write

MENDED = POD.replace("privileged: true", "privileged: false")


def test_what_is_uncovered_is_listed_and_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, {"a/pod.yaml": POD, "b/pod.yaml": MENDED})
    done = batten("diff", "a", "b", cwd=tmp_path)
    assert done.returncode == 0
    assert b"3 uncovered: what stood over it went\n  ~ high     PRV004  b/pod.yaml:8 " in done.stdout
    assert done.stdout.endswith(b"0 came, 3 uncovered, 1 went, 4 stayed; 1 change of what is deployed\n")
    told = json.loads(batten("diff", "a", "b", "--format", "json", cwd=tmp_path).stdout)
    assert [one["check"] for one in told["uncovered"]] == ["PRV004", "PRV007", "RUN002"]
    assert batten("diff", "b", "a", cwd=tmp_path).returncode == 1


def test_a_side_that_is_not_read_whole_exits_3(tmp_path: Path) -> None:
    write(tmp_path, {"a/pod.yaml": POD, "b/pod.yaml": POD + "  - [\n"})
    done = batten("diff", "a", "b", cwd=tmp_path)
    assert done.returncode == 3
    assert b"not read whole, so that something may be missing here: b" in done.stderr


@pytest.mark.parametrize(
    ("text", "said_by_scan", "said_by_diff"),
    [
        ('{"schema": "batten.report/v9"}', "of another version of batten", "expected batten.report/v0, found"),
        ('{"schema": "batten.report/v0", "find', "found no JSON", "expected a report in JSON"),
        ('{"schema": "batten.difference/v0"}', "found the schema", "found the schema 'batten.difference/v0'"),
    ],
)
def test_a_file_of_ours_that_is_no_report_is_one_line_and_exits_2(
    tmp_path: Path, text: str, said_by_scan: str, said_by_diff: str
) -> None:
    write(tmp_path, {"pod.yaml": POD, "saved.json": text})
    for arguments, said in (
        (("scan", "pod.yaml", "--baseline", "saved.json"), said_by_scan),
        (("diff", "saved.json", "pod.yaml"), said_by_diff),
        (("diff", "pod.yaml", "saved.json"), said_by_diff),
    ):
        done = batten(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert said in done.stderr.decode()
        assert "saved.json" in done.stderr.decode()
        assert done.stderr.count(b"\n") == 1


def test_reports_are_compared_whatever_the_order_of_their_fields(tmp_path: Path) -> None:
    write(tmp_path, {"pod.yaml": POD})
    report = json.loads(batten("scan", "pod.yaml", "--format", "json", cwd=tmp_path).stdout)
    (tmp_path / "saved.json").write_text(json.dumps(report, sort_keys=True))
    done = batten("diff", "saved.json", "pod.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"0 came, 0 went, 5 stayed\n")


def test_what_drifted_is_told_resource_by_resource(tmp_path: Path) -> None:
    write(tmp_path, {"a/pod.yaml": POD, "b/pod.yaml": MENDED + "  - {name: side, image: 'b:1'}\n"})
    said = batten("diff", "a", "b", cwd=tmp_path).stdout.decode()
    assert "what is deployed changed\n  ~ Pod " in said
    assert "\n      privileged: yes -> no\n" in said
    assert "\n  + Pod " in said
    said = batten("diff", "a", "b", "--format", "markdown", cwd=tmp_path).stdout.decode()
    assert "\n    - `privileged: yes -> no`\n" in said


def test_a_saved_report_tells_what_drifted_where_it_has_an_inventory(tmp_path: Path) -> None:
    write(tmp_path, {"a/pod.yaml": POD, "b/pod.yaml": MENDED})
    batten("scan", "a", "--format", "json", "-o", "without.json", cwd=tmp_path)
    batten("scan", "a", "--format", "json", "-o", "with.json", "--with-inventory", cwd=tmp_path)
    done = batten("diff", "without.json", "b", cwd=tmp_path)
    assert b"what drifted is not known: save the report with batten scan --with-inventory" in done.stderr
    assert b"what is deployed" not in done.stdout
    done = batten("diff", "with.json", "b", "--format", "json", cwd=tmp_path)
    (change,) = json.loads(done.stdout)["drift"]
    assert (change["fact"], change["before"], change["after"]) == ("privileged", "yes", "no")


def test_a_file_that_is_nothing_to_compare_stops_the_call(tmp_path: Path) -> None:
    write(tmp_path, {"x.json": "{}", "pod.yaml": POD})
    for sides in (("x.json", "pod.yaml"), ("pod.yaml", "x.json")):
        done = batten("diff", *sides, cwd=tmp_path)
        assert done.returncode == 2
        assert b"x.json: expected a saved report or a file to scan: no reader recognises this file" in done.stderr


def test_vulnerabilities_and_packages_that_came_and_went_are_counted_in_words(tmp_path: Path) -> None:
    secdb = {
        "apkurl": "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk",
        "archs": ["x86_64"],
        "distroversion": "v3.20",
        "reponame": "main",
        "urlprefix": "https://dl-cdn.alpinelinux.org/alpine",
        "packages": [{"pkg": {"name": "openssl", "secfixes": {"3.3.2-r0": ["CVE-2024-6119"]}}}],
    }
    write(tmp_path, {"mirror/main.json": json.dumps(secdb)})
    assert batten("db", "build", "--from", "mirror", "--db", "a.sqlite", cwd=tmp_path).returncode == 0
    for side, version in (("a", "3.3.1-r0"), ("b", "3.3.2-r0")):
        write(
            tmp_path,
            {
                f"{side}/etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n",
                f"{side}/lib/apk/db/installed": f"P:openssl\nV:{version}\nA:x86_64\no:openssl\n\n",
            },
        )
    done = batten("diff", "rootfs:a", "rootfs:b", "--db", "a.sqlite", "--fail-on", "critical", cwd=tmp_path)
    assert done.returncode == 0
    told = done.stdout.decode()
    assert "1 vulnerability went\n  - unknown    CVE-2024-6119  openssl 3.3.1-r0\n" in told
    assert "1 package changed\n  ~ apk openssl 3.3.1-r0 -> 3.3.2-r0\n" in told
    assert "; vulnerabilities: 0 came, 1 went, 0 stayed; 1 package changed" in told


def test_what_is_wrong_with_two_roots_is_the_same_whatever_their_folders_are_called(tmp_path: Path) -> None:
    for side in ("a", "b"):
        write(tmp_path, {f"{side}/etc/os-release": "ID=alpine\nVERSION_ID=3.10.1\nPRETTY_NAME=Alpine a b\n"})
    done = batten("diff", "rootfs:a", "rootfs:b", "--as-of", "2026-11-01", cwd=tmp_path)
    assert "0 came, 0 went, 1 stayed" in done.stdout.decode()
