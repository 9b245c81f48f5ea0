"""Comments and annotations that waive: every format, odd dates, odd texts, and what must not be one."""

import textwrap
from pathlib import Path

import pytest

from batten import api, limits
from batten.engine.waive_inline import block_after, split_reason
from batten.model.settings import Settings
from engine.support import POD, findings, scan, write

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations: {OBJECT: "x"}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata:
      labels: {a: b}
      annotations: {TEMPLATE: "x"}
    spec:
      containers:
      - {name: app, image: "x:1", securityContext: {privileged: true}}
      - {name: log, image: "x:1", securityContext: {privileged: true}}
"""


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("needed until 2027-03-01 (T-12)", ("needed (T-12)", "", "2027-03-01")),
        ("needed by @web until 2027-03-01, see T-12", ("needed see T-12", "@web", "2027-03-01")),
        ("needed (until 2027-03-01)", ("needed", "", "2027-03-01")),
        ("needed until 2027-03-01.", ("needed", "", "2027-03-01")),
        ("needed Until: 2027-03-01", ("needed", "", "2027-03-01")),
        ('needed until 2027-03-01",', ("needed", "", "2027-03-01")),
        ("needed until 2027-3-1", ("needed", "", "2027-3-1")),
        ("needed until 01.03.2027", ("needed", "", "01.03.2027")),
        ("needed until 20270301", ("needed", "", "20270301")),
        ("needed until 2027-03", ("needed", "", "2027-03")),
        ("pinned until 1.2.3 is out", ("pinned until 1.2.3 is out", "", "")),
        ("waits until the 2nd release", ("waits until the 2nd release", "", "")),
        ("until 2027-03-01", ("", "", "2027-03-01")),
    ],
)
def test_a_date_is_found_wherever_it_stands(text: str, parts: tuple[str, str, str]) -> None:
    assert split_reason(text) == parts


@pytest.mark.parametrize(
    "date", ["2027-02-30", "9999-99-99", "2027-3-1", "01.03.2027", "2027/03/01", "2027-03", "20261001"]
)
def test_a_date_that_is_none_never_makes_a_waiver_that_lasts(tmp_path: Path, date: str) -> None:
    text = POD.replace("true\n", f"true  # batten: ignore[PRV001] the agent until {date}\n")
    done = scan(tmp_path, {"pod.yaml": text})
    assert [one.status for one in findings(done, "PRV001")] == ["open"]
    assert f"expected a date YYYY-MM-DD after until, found {date!r}" in findings(done, "AUD001")[0].message


FORMATS = [
    ("Dockerfile", "FROM debian:13\n# batten: ignore[PRV003] builds need it\nUSER root\n", "PRV003"),
    ("Dockerfile", "FROM debian:13\n\n  # batten: ignore-file[PRV003] builds need it\n\nUSER root\n", "PRV003"),
    ("compose.yaml", "services:\n  web:\n    image: x:1\n    privileged: true # batten: ignore[PRV001] it\n", "PRV001"),
    ("compose.yaml", "services:\n  # batten: ignore[PRV001] it\n  web: {image: 'x:1', privileged: true}\n", "PRV001"),
    ("web.container", "[Container]\nImage=x:1\n; batten: ignore[PRV001] it\nPodmanArgs=--privileged\n", "PRV001"),
    ("web.container", "# batten: ignore[PRV001] it\n[Container]\nImage=x:1\nPodmanArgs=--privileged\n", None),
    (
        "compose.yaml",
        "services: {web: {image: 'x:1', # batten: ignore-file[PRV001] it\n  privileged: true}}\n",
        "PRV001",
    ),
    (
        "Dockerfile",
        "FROM debian:13\nRUN a \\\n  # batten: ignore-file[PRV003] builds need it\n  b\nUSER root\n",
        "PRV003",
    ),
    (
        "Jenkinsfile",
        "// batten: ignore-file[PRV021] it\npipeline { agent { docker { image 'x:1'\n args '--privileged' } } }\n",
        "PRV021",
    ),
    ("pod.yaml", ("\ufeff# batten: ignore-file[PRV001] it\n" + POD).replace("\n", "\r\n"), "PRV001"),
    ("pod.yaml", POD.replace("containers:", "# batten: ignore[PRV001] it\n  containers:"), "PRV001"),
]


@pytest.mark.parametrize(("name", "text", "check"), FORMATS)
def test_a_comment_waives_in_every_format(tmp_path: Path, name: str, text: str, check: str | None) -> None:
    done = scan(tmp_path, {name: text})
    if check is None:  # in a unit nothing is indented: the comment holds for the line below alone
        assert [one.status for one in findings(done, "PRV001")] == ["open"]
        assert findings(done, "AUD003")
        return
    assert [one.status for one in findings(done, check)] == ["waived"]
    assert not findings(done, "AUD003")


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("#\na:\n- b\n- c\nd: 1\n", 4),
        ("#\na:\n  b: 1\n# aside\n  c: 1\nd: 1\n", 5),
        ("#\n- a: 1\n  b: 1\n- c: 1\n", 3),
        ("#\nRUN a \\\n# aside\n b \\\nc\nUSER 1\n", 5),
        ("#\n\n# more\na: 1\nb: 1\n", 4),
        ("a: 1\n#\n", 3),
        ("#\na: 1 # b:\n- c\n", 2),
    ],
)
def test_how_far_a_block_goes(text: str, last: int) -> None:
    number = text.split("\n").index("#") + 1
    first, end = block_after(text.split("\n"), number)
    assert (first, end) == (number + 1, last)


@pytest.mark.parametrize(
    ("key", "place", "statuses"),
    [
        ("batten.dev/ignore.PRV001", "OBJECT", ["waived", "waived"]),
        ("batten.dev/ignore.PRV001", "TEMPLATE", ["waived", "waived"]),
        ("batten.dev/ignore.PRV001.app", "OBJECT", ["waived", "open"]),
        ("batten.dev/ignore.PRV001.app", "TEMPLATE", ["waived", "open"]),
        ("batten.dev/ignore.PRV001.gone", "TEMPLATE", ["open", "open"]),
        ("batten.dev/ignore.PRV001.l*", "TEMPLATE", ["open", "waived"]),
        ("batten.dev/ignore.CVE-2027-1.app", "TEMPLATE", ["open", "open"]),
    ],
)
def test_an_annotation_on_the_object_or_the_template(tmp_path: Path, key: str, place: str, statuses: list[str]) -> None:
    done = scan(tmp_path, {"web.yaml": DEPLOYMENT.replace(place, key)})
    assert [one.status for one in findings(done, "PRV001")] == statuses
    told = findings(done, "AUD003")
    assert bool(told) is ("waived" not in statuses and "CVE" not in key)
    line = DEPLOYMENT[: DEPLOYMENT.index(place)].count("\n") + 1
    assert all(one.location.line == line for one in told)


@pytest.mark.parametrize(("date", "line"), [("2027-03-01", 0), ("2026-10-31", 6)])
def test_an_annotation_on_the_job_of_a_cron_job_counts(tmp_path: Path, date: str, line: int) -> None:
    text = (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: n}\nspec:\n  jobTemplate:\n    metadata: {annotations: "
        f"{{batten.dev/ignore.PRV001.app: x by @a until {date}}}}}\n"
        "    spec:\n      template:\n        spec:\n          containers:\n"
        "          - {name: app, image: 'x:1', securityContext: {privileged: true}}\n"
        "          - {name: log, image: 'x:1', securityContext: {privileged: true}}\n"
    )
    done = scan(tmp_path, {"cron.yaml": text})
    assert [one.status for one in findings(done, "PRV001")] == ["open" if line else "waived", "open"]
    assert [one.location.line for one in findings(done, "AUD001")] == ([line] if line else [])


def test_an_expired_annotation_is_shown_where_it_stands(tmp_path: Path) -> None:
    text = DEPLOYMENT.replace('TEMPLATE: "x"', 'batten.dev/ignore.PRV001: "x by @a until 2026-10-31"')
    (expired,) = findings(scan(tmp_path, {"web.yaml": text}), "AUD001")
    assert (expired.location.line, expired.location.column) == (12, 21)
    assert "owner: @a" in expired.message


def test_a_waiver_holds_in_its_own_target_alone(tmp_path: Path) -> None:
    waived = POD.replace("true\n", "true  # batten: ignore[PRV001] the agent\n")
    write(tmp_path / "a", {"pod.yaml": waived})
    write(tmp_path / "b", {"pod.yaml": POD})
    for order in (["a", "b"], ["b", "a"]):
        done = api.scan([str(tmp_path / name) for name in order], Settings(as_of="2026-11-01"))
        states = {one.location.path.split("/")[-2]: one.status for one in findings(done, "PRV001")}
        assert states == {"a": "waived", "b": "open"}
        (note,) = [one.waiver for one in done.report.findings if one.waiver is not None]
        assert note.where == f"{tmp_path}/a/pod.yaml:11"


def test_two_waivers_of_one_finding_are_both_of_use_and_the_valid_one_holds(tmp_path: Path) -> None:
    comment = "true  # batten: ignore[PRV001] old until 2026-10-31\n"
    text = "# batten: ignore-file[PRV001] renewed until 2027-10-31\n" + POD.replace("true\n", comment)
    done = scan(tmp_path, {"pod.yaml": text})
    assert [one.status for one in findings(done, "PRV001")] == ["waived"]
    assert len(findings(done, "AUD001")) == 1
    assert not findings(done, "AUD003")


def test_a_file_with_too_many_waivers_says_so_and_ends_soon(tmp_path: Path) -> None:
    comments = "".join(f"# batten: ignore[PRV001] {number}\n" for number in range(limits.WAIVERS_PER_FILE))
    done = scan(
        tmp_path, {"pod.yaml": comments + textwrap.dedent(POD).replace("true", "true # batten: ignore[PRV001] r")}
    )
    assert [one.status for one in findings(done, "PRV001")] == ["open"]
    assert any("at most 1,000 waivers" in one.message for one in done.report.targets[0].problems)


def test_a_comment_in_a_file_that_is_only_drawn_on_holds(tmp_path: Path) -> None:
    override = "services:\n  web:\n    privileged: true  # batten: ignore[PRV001] the driver\n"
    write(tmp_path, {"compose.yaml": "services:\n  web: {image: 'x:1'}\n", "compose.override.yaml": override})
    for target in (tmp_path, tmp_path / "compose.yaml"):
        done = api.scan([str(target)], Settings(as_of="2026-11-01"))
        assert [one.status for one in findings(done, "PRV001")] == ["waived"]


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("# batten: ignore PRV001 it is an agent", "batten: ignore PRV001"),
        ("# BATTEN: ignore[PRV001] it is an agent", "BATTEN: ignore[PRV001]"),
        ("# Batten: Ignore[PRV001] it is an agent", "Batten: Ignore[PRV001]"),
        ("# batten: ignore [PRV001] it is an agent", "batten: ignore [PRV001]"),
        ("# batten: ignore: prv001, prv002 it is an agent", "batten: ignore: prv001, prv002"),
        ("# batten : ignore[PRV001] it is an agent", "batten : ignore[PRV001]"),
        ("# batten: ignore(PRV001) it is an agent", "batten: ignore(PRV001)"),
    ],
)
def test_what_is_surely_meant_for_a_waiver_and_is_none_is_told(tmp_path: Path, comment: str, found: str) -> None:
    done = scan(
        tmp_path, {"pod.yaml": POD.replace("true\n", f"true  {comment}\n")}, checks=("PRV001", "AUD001", "AUD003")
    )
    by_check = {one.check: one for one in done.report.findings}
    assert by_check.keys() == {"PRV001", "AUD001"}
    assert by_check["PRV001"].status == "open"
    assert by_check["AUD001"].location.line == 11
    told = by_check["AUD001"].message
    assert told.startswith("the waiver of PRV001 is not honoured: expected `batten: ignore[PRV001")
    assert told.endswith(f"] reason`, found `{found}`")


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        (
            "# batten: ignore[] it is an agent",
            " is not honoured: expected `batten: ignore[PRV001] reason`",
        ),
        (
            "# batten: ignore[PRV001 it is an agent",
            " of PRV001 is not honoured: expected a closing bracket in",
        ),
        ("# batten: ignore[", " is not honoured: expected a closing bracket in"),
    ],
)
def test_brackets_without_a_check_or_an_end_are_told(tmp_path: Path, comment: str, told: str) -> None:
    done = scan(tmp_path, {"pod.yaml": POD.replace("true\n", f"true  {comment}\n")}, checks=("PRV001", "AUD001"))
    by_check = {one.check: one for one in done.report.findings}
    assert by_check["PRV001"].status == "open"
    assert by_check["AUD001"].message.startswith(f"the waiver{told}")


@pytest.mark.parametrize("key", ["batten.dev/ignore", "batten.dev/ignore.", "batten.dev/ignore-PRV001"])
def test_an_annotation_that_is_meant_for_a_waiver_and_is_none_is_told(tmp_path: Path, key: str) -> None:
    text = POD.replace("metadata:\n", f"metadata:\n  annotations: {{{key}: it is an agent}}\n", 1)
    assert text != POD
    done = scan(tmp_path, {"pod.yaml": text}, checks=("PRV001", "AUD001"))
    by_check = {one.check: one for one in done.report.findings}
    assert by_check["PRV001"].status == "open"
    assert by_check["AUD001"].message.endswith(f"expected the annotation batten.dev/ignore.PRV001, found {key}")


def test_a_file_that_is_ignored_in_another_spelling_is_told_too(tmp_path: Path) -> None:
    text = "# batten: ignore_file PRV001 it is an agent\n" + POD
    done = scan(tmp_path, {"pod.yaml": text}, checks=("PRV001", "AUD001"))
    assert {(one.check, one.status) for one in done.report.findings} == {("PRV001", "open"), ("AUD001", "open")}


@pytest.mark.parametrize("comment", ["# what batten: ignore says", "# batten: ignores nothing", "# batten: see PRV001"])
def test_prose_about_batten_is_no_waiver(tmp_path: Path, comment: str) -> None:
    done = scan(tmp_path, {"pod.yaml": f"{comment}\n{POD}"}, checks=("PRV001", "AUD001", "AUD003"))
    assert {one.check for one in done.report.findings} == {"PRV001"}


WAIVER = "# batten: ignore-file[PRV001,PRV003,PRV021] text that is no comment"
SLIP = "# batten: ignroe[PRV001,PRV003,PRV021] text that is no comment"
PRIVILEGED = ("PRV001", "PRV003", "PRV021")
POD_JSON = """\
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "annotations": {"note": "see WAIVER"}},
 "spec": {"containers": [{"name": "a", "image": "x:1", "securityContext": {"privileged": true}}]}}
"""
TASK = """\
{"family": "web", "containerDefinitions": [{"name": "web", "image": "x:1", "dockerLabels": {"note": "WAIVER"},
 "memory": 64, "privileged": true}], "requiresCompatibilities": ["EC2"]}
"""
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: ci}
data:
  Dockerfile: |
    WAIVER
    FROM x
---
"""
SCRIPT = """\
    command:
    - sh
    - |
      WAIVER
      echo "WAIVER"
    securityContext:
"""
COMPOSE = """\
services:
  a:
    image: x:1
    labels: {note: "x WAIVER y"}
    privileged: true
"""
JENKINSFILE = """\
pipeline { agent { docker { image 'x:1'
 args '--privileged' } }
 stages { stage('a') { steps { sh '''
WAIVER
''' } } } }
"""
MODULE = """\
resource "docker_container" "a" {
  name       = "a"
  image      = "x:1"
  privileged = true
  hostname   = "see WAIVER"
  command    = ["sh", "-c", <<-EOF
    WAIVER
    EOF
  ]
}
"""


def annotated(text: str) -> str:
    return POD.replace("metadata:\n", f"metadata:\n  annotations:\n{textwrap.indent(text, '    ')}\n", 1)


IN_STRINGS = [
    ("pod.json", POD_JSON),
    ("task.json", TASK),
    ("pod.yaml", annotated("note: \"see WAIVER\"\nmore: 'WAIVER'")),
    ("pod.yaml", annotated('note: "see\n\n  WAIVER"')),
    ("pod.yaml", annotated("note: |\n  WAIVER")),
    ("pod.yaml", POD.replace("    securityContext:\n", SCRIPT)),
    ("pod.yaml", CONFIG_MAP + POD),
    ("compose.yaml", COMPOSE),
    ("Dockerfile", 'FROM debian:13\nRUN echo "WAIVER" > /x\nUSER root\n'),
    ("Dockerfile", "FROM debian:13\nCOPY <<EOF /etc/motd\nWAIVER\nEOF\nUSER root\n"),
    ("web.container", '[Container]\nImage=x:1\nLabel=note="WAIVER"\nPodmanArgs=--privileged\n'),
    ("Jenkinsfile", JENKINSFILE),
    ("main.tf", MODULE),
]


@pytest.mark.parametrize(("name", "text"), IN_STRINGS)
def test_what_stands_in_a_string_waives_nothing_and_is_no_slip(tmp_path: Path, name: str, text: str) -> None:
    for number, written in enumerate((WAIVER, SLIP)):
        done = scan(tmp_path / str(number), {name: text.replace("WAIVER", written)})
        judged = [one for one in done.report.findings if one.check in PRIVILEGED]
        assert judged
        assert {one.status for one in judged} == {"open"}
        assert not [one.check for one in done.report.findings if one.check in ("AUD001", "AUD003")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dockerfile", "FROM debian:13\nUSER 1000\nRUN curl http://x/y | sh  WAIVER\n"),
        ("web.container", "[Container]\nImage=x:1\nPodmanArgs=--privileged  WAIVER\n"),
    ],
)
def test_behind_an_instruction_it_waives_nothing_and_is_told(tmp_path: Path, name: str, text: str) -> None:
    done = scan(tmp_path, {name: text.replace("WAIVER", "# batten: ignore[IMG005,PRV001] the driver")})
    assert not [one for one in done.report.findings if one.status == "waived"]
    told = [one.message for one in done.report.findings if one.check in ("AUD001", "AUD003")]
    assert told
    assert all("behind an instruction" in one for one in told)


@pytest.mark.parametrize(("name", "text"), [one for one in IN_STRINGS if not one[0].endswith(".json")])
def test_the_comment_beside_the_string_waives(tmp_path: Path, name: str, text: str) -> None:
    mark = "//" if name == "Jenkinsfile" else "#"
    beside = f"{mark} batten: ignore-file[{','.join(PRIVILEGED)}] the driver\n"
    done = scan(tmp_path, {name: beside + text.replace("WAIVER", WAIVER)})
    states = {one.status for one in done.report.findings if one.check in PRIVILEGED}
    assert states == {"waived"}


def test_a_comment_behind_a_string_that_reads_like_one_waives(tmp_path: Path) -> None:
    line = "    command: ['# batten: ignore[PRV001] text']  # batten: ignore-file[PRV001] the driver\n"
    done = scan(tmp_path, {"pod.yaml": POD.replace("    securityContext:", f"{line}    securityContext:", 1)})
    (found,) = findings(done, "PRV001")
    assert found.status == "waived"
    assert found.waiver is not None
    assert found.waiver.reason == "the driver"
