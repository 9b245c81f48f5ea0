"""Waivers: where they hold, when they do not, and that none is silent."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from batten import api
from batten.engine.waive import ActiveWaiver, Subject, Waivers, _covers, _glob, holds, path_matches
from batten.engine.waive_inline import split_reason
from batten.model.settings import Settings, Waiver
from batten.model.source import File, Location
from batten.model.workload import Resource
from engine.support import POD, findings, scan, write


def waiver(**more: str) -> Waiver:
    return Waiver(**{"check": "PRV001", "reason": "the agent needs it", "owner": "@platform", **more})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("the agent needs it until 2027-03-01", ("the agent needs it", "", "2027-03-01")),
        ("needed by @platform until 2027-03-01", ("needed", "@platform", "2027-03-01")),
        (" - because", ("because", "", "")),
        ("", ("", "", "")),
    ],
)
def test_a_reason_is_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    assert split_reason(text) == parts


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, "waived"),
        ({"path": "*.yaml"}, "waived"),
        ({"path": "other/*"}, "open"),
        ({"resource": "shop/web"}, "waived"),
        ({"resource": "Pod/web"}, "waived"),
        ({"resource": "Pod/shop/w*"}, "waived"),
        ({"resource": "db"}, "open"),
        ({"container": "app"}, "waived"),
        ({"container": "sidecar"}, "open"),
        ({"expires": "2026-11-01"}, "waived"),
        ({"expires": "2026-10-31"}, "open"),
    ],
)
def test_a_waiver_of_the_configuration_holds_for_what_it_names(
    tmp_path: Path, more: dict[str, str], status: str
) -> None:
    done = scan(tmp_path, {"pod.yaml": POD}, waivers=(waiver(**more),))
    assert [one.status for one in findings(done, "PRV001")] == [status]


@given(
    st.lists(
        st.builds(
            waiver,
            path=st.sampled_from(("", "a.yaml", "./a.yaml", "k8s/a.yaml", "*.yaml", "**/a.yaml", "b.yaml", "a.yam[l]")),
            resource=st.sampled_from(("", "web", "shop/web", "Pod/web", "Pod/shop/web", "w*", "db")),
            container=st.sampled_from(("", "app", "a*", "side")),
            expires=st.sampled_from(("", "2026-01-01")),
            folder=st.sampled_from(("", "/top")),
        ),
        max_size=8,
    )
)
def test_the_index_finds_what_a_look_at_every_waiver_finds(waivers: list[Waiver]) -> None:
    subject = Subject(
        check="PRV001",
        resource=Resource("kubernetes", "Pod", "web", "shop", "app"),
        location=Location("dir/a.yaml", 1),
        subject="",
        file=File("a.yaml", b""),
        opened=None,
        below=lambda folder: "k8s/a.yaml" if folder == "/top" else "",
    )
    known = Waivers([ActiveWaiver(one) for one in waivers], Settings(), "2026-11-01", {"PRV001": True})
    covering = [one for one in known.all if _covers(one, subject)]
    chosen = next((one for one in covering if holds(one)), covering[0] if covering else None)
    assert known.match(subject) is chosen
    assert [one.matched for one in known.all] == [int(one in covering) for one in known.all]


def test_more_globs_than_the_standard_library_keeps_are_compiled_once() -> None:
    before = _glob.cache_info().misses
    for _ in range(3):
        for number in range(1000):
            path_matches("k8s/web.yaml", f"k8s/many-{number}-*.yaml")
    assert _glob.cache_info().misses - before == 1000


def test_an_expired_waiver_is_itself_a_finding(tmp_path: Path) -> None:
    done = scan(tmp_path, {"pod.yaml": POD}, waivers=(waiver(expires="2026-10-31"),))
    (expired,) = findings(done, "AUD001")
    assert expired.severity == "high"
    assert "2026-10-31" in expired.message
    assert done.report.exit_code == 1


def test_a_waiver_that_matches_nothing_is_reported(tmp_path: Path) -> None:
    done = scan(tmp_path, {"pod.yaml": POD}, waivers=(waiver(resource="gone"),))
    (unused,) = findings(done, "AUD003")
    assert unused.severity == "low"


def test_a_check_that_may_not_be_waived_stays_open(tmp_path: Path) -> None:
    done = scan(tmp_path, {"pod.yaml": POD}, waivers=(waiver(),), non_waivable=("PRV",))
    assert [one.status for one in findings(done, "PRV001")] == ["open"]
    assert "may not be waived" in findings(done, "AUD001")[0].message


@pytest.mark.parametrize(
    ("comment", "status"),
    [
        ("      privileged: true  # batten: ignore[PRV001] the agent needs it\n", "waived"),
        ("      # batten: ignore[PRV001] the agent needs it until 2027-03-01\n      privileged: true\n", "waived"),
        ("      # batten: ignore[PRV001] the agent needs it until 2026-03-01\n      privileged: true\n", "open"),
        ("      privileged: true  # batten: ignore[PRV001]\n", "open"),
        ("      privileged: true  # batten: ignore[RUN001] something else\n", "open"),
        ("      # batten: ignore[PRV001,PRV002] several\n      privileged: true\n", "waived"),
    ],
)
def test_a_comment_waives_its_line_or_the_next(tmp_path: Path, comment: str, status: str) -> None:
    done = scan(tmp_path, {"pod.yaml": POD.replace("      privileged: true\n", comment)})
    assert [one.status for one in findings(done, "PRV001")] == [status]


def test_a_comment_above_a_block_waives_the_block(tmp_path: Path) -> None:
    text = POD.replace("  - name: app", "  # batten: ignore[PRV001] all of it\n  - name: app")
    text += "  - name: other\n    image: registry.example/other:1\n    securityContext: {privileged: true}\n"
    done = scan(tmp_path, {"pod.yaml": text})
    states = {one.resource.container: one.status for one in findings(done, "PRV001") if one.resource}
    assert states == {"app": "waived", "other": "open"}


def test_a_comment_for_the_whole_file(tmp_path: Path) -> None:
    done = scan(tmp_path, {"pod.yaml": "# batten: ignore-file[PRV001] test data\n" + POD})
    assert [one.status for one in findings(done, "PRV001")] == ["waived"]


def test_a_comment_in_a_dockerfile_waives_the_next_instruction(tmp_path: Path) -> None:
    text = "FROM debian:13\n# batten: ignore[IMG005] vendor's installer, pinned by them\n"
    text += "RUN apt-get update \\\n && curl -fsSL https://x.example/i.sh | sh\nUSER 1000\n"
    done = scan(tmp_path, {"Dockerfile": text})
    assert [one.status for one in findings(done, "IMG005")] == ["waived"]


@pytest.mark.parametrize("key", ["batten.dev/ignore.PRV001", "batten.dev/ignore.PRV001.app"])
def test_an_annotation_waives_its_object(tmp_path: Path, key: str) -> None:
    text = POD.replace(
        "  namespace: shop\n", f"  namespace: shop\n  annotations:\n    {key}: node agent by @platform\n"
    )
    done = scan(tmp_path, {"pod.yaml": text})
    (finding,) = findings(done, "PRV001")
    assert finding.status == "waived"
    assert finding.waiver is not None
    assert (finding.waiver.reason, finding.waiver.owner) == ("node agent", "@platform")


def test_an_annotation_of_the_pod_template_counts(tmp_path: Path) -> None:
    text = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata:
      labels: {a: b}
      annotations:
        batten.dev/ignore.PRV001: node agent
    spec:
      containers:
      - {name: app, image: "x:1", securityContext: {privileged: true}}
"""
    done = scan(tmp_path, {"web.yaml": text})
    assert [one.status for one in findings(done, "PRV001")] == ["waived"]


@pytest.mark.parametrize(
    ("path", "pattern", "matches"),
    [
        ("k8s/web.yaml", "k8s/*.yaml", True),
        ("k8s/a/web.yaml", "k8s/*.yaml", True),
        ("web.yaml", "**/web.yaml", True),
        ("k8s/web.yaml", "**/web.yaml", True),
        ("k8s/web.yaml", "k8s/**/web.yaml", True),
        ("k8s/a/b/web.yaml", "k8s/**/b/**/web.yaml", True),
        ("k8s/web.yaml", "k8s/**/b/**/web.yaml", False),
        ("k8s/web.yaml", "./k8s/web.yaml", True),
        ("k8s/[x].yaml", "k8s/[[]x].yaml", True),
        ("k8s/x.yaml", "k8s/[!a-w].yaml", True),
        ("k8s/web.yaml", "k8s", False),
        ("k8s/web.yaml", "", False),
        ("K8S/web.yaml", "k8s/*", False),
        ("a" * 200, "**/" * 60 + "b", False),
        ("a" * 200, "*a" * 40 + "b", False),
    ],
)
def test_globs_of_paths(path: str, pattern: str, matches: bool) -> None:
    assert path_matches(path, pattern) is matches


@pytest.mark.parametrize("start", [".", "k8s", "k8s/storage"])
@pytest.mark.parametrize("absolute", [False, True])
def test_a_path_holds_from_wherever_the_scan_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, absolute: bool
) -> None:
    rows = 'check = "PRV001"\nreason = "the agent"\nowner = "@a"\npath = "k8s/storage/*.yaml"\n'
    write(tmp_path, {"batten.toml": f"[[waiver]]\n{rows}", "k8s/storage/pod.yaml": POD, ".git/HEAD": ""})
    for folder in (tmp_path, tmp_path / "k8s"):
        monkeypatch.chdir(folder)
        target = tmp_path / start
        text = str(target) if absolute else os.path.relpath(target)
        settings = replace(api.settings_for([text]), as_of="2026-11-01")
        done = api.scan([text], settings)
        assert [one.status for one in findings(done, "PRV001")] == ["waived"]


@pytest.mark.parametrize("pattern", ["[", "[!", "web[", "*" * 500, "we?b\\", "\u202e", "web\0"])
def test_a_glob_that_is_none_covers_nothing(tmp_path: Path, pattern: str) -> None:
    done = scan(tmp_path, {"pod.yaml": POD}, waivers=(waiver(resource=pattern),))
    assert [one.status for one in findings(done, "PRV001")] == (["waived"] if set(pattern) == {"*"} else ["open"])


def test_the_same_waiver_twice_is_told_twice_or_not_at_all(tmp_path: Path) -> None:
    done = scan(tmp_path, {"pod.yaml": POD}, waivers=(waiver(), waiver()))
    assert not findings(done, "AUD003")
    done = scan(tmp_path, {"pod.yaml": POD}, waivers=(waiver(resource="gone"), waiver(resource="gone")))
    assert len({one.fingerprint for one in findings(done, "AUD003")}) == 2


def test_nobody_waives_that_a_waiver_has_expired(tmp_path: Path) -> None:
    old = waiver(expires="2026-10-31")
    done = scan(tmp_path, {"pod.yaml": POD}, waivers=(old, waiver(check="AUD001")))
    assert [one.status for one in findings(done, "AUD001")] == ["open", "open"]


@pytest.mark.parametrize("expires", ["20261001", "2026-13-01", "soon", "2026-10-31T00:00:00"])
def test_a_date_of_a_program_that_is_none_is_refused(tmp_path: Path, expires: str) -> None:
    done = scan(tmp_path, {"pod.yaml": POD}, waivers=(waiver(expires=expires),))
    assert [one.status for one in findings(done, "PRV001")] == ["open"]
    assert "expected a date" in findings(done, "AUD001")[0].message
