"""What is surely meant for a waiver and is not written as one; what merely names batten."""

from pathlib import Path

import pytest

from batten.engine import waive_slips
from engine.support import POD, findings, scan


def told(text: str) -> list[str]:
    return [one.message for one in waive_slips.comments(text)]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# batten: ignroe[PRV001] it is an agent", "ignore[PRV001]"),
        ("# batten: ignore because it is an agent", "ignore[PRV001]"),
        ("# batten:ignor RUN002 it is an agent", "ignore[RUN002]"),
        ("# batten: ignore-next-line[PRV001, RUN002] it", "ignore[PRV001,RUN002]"),
        ("# batten: ignore_files[PRV001] it", "ignore-file[PRV001]"),
        ("# batten ignore[PRV001] it is an agent", "ignore[PRV001]"),
        ("# batten-ignore PRV001", "ignore[PRV001]"),
        ("// batten.ignore(CVE-2027-1234)", "ignore[CVE-2027-1234]"),
        ("; batten: skip=PRV001:it is an agent", "ignore[PRV001]"),
        ("# batten:disable=PRV001", "ignore[PRV001]"),
        ("# batten: noqa: PRV001", "ignore[PRV001]"),
        ("# batten: ignore 'PRV001', \"RUN002\" it", "ignore[PRV001,RUN002]"),
        ("# batten: [PRV001] it is an agent", "ignore[PRV001]"),
    ],
)
def test_a_slip_is_told_with_what_was_expected(comment: str, expected: str) -> None:
    (message,) = told(f"a: 1\n{comment}\nb: 2\n")
    assert message == f"expected `batten: {expected} reason`, found `{comment.lstrip('#/; ')}`"


@pytest.mark.parametrize(
    "comment",
    [
        "# we scan this with batten: it is good",
        "# batten: see the docs",
        "# batten ignore files are listed here",
        "# batten ignores what lies in vendor/",
        "# Batten: ignored in CI",
        "# batten: PRV001 is waived in batten.toml",
        "# batten skips nothing here",
        "# batten: allow a minute for this",
        "# batten down the hatches",
        "# batten.toml has the waivers (ignore[PRV001])",
        "image: registry.example/batten:ignore",
        "name: batten",
    ],
)
def test_a_comment_that_merely_names_batten_is_not_told(comment: str) -> None:
    assert told(f"a: 1\n{comment}\nb: 2\n") == []


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("batten.io/ignore.PRV001", ("PRV001",)),
        ("baten.dev/ignore.PRV001", ("PRV001",)),
        ("batten.dev/ignroe.PRV001", ("PRV001",)),
        ("batten.dev/skip-PRV001", ("PRV001",)),
        ("ignore.batten.dev/PRV001", ("PRV001",)),
        ("batten/ignore", ()),
        ("batten-ignore", ()),
        ("batten.dev.ignore.PRV001", ("PRV001",)),
    ],
)
def test_an_annotation_under_a_wrong_name_is_told(tmp_path: Path, key: str, named: tuple[str, ...]) -> None:
    assert waive_slips.annotation(key, "batten.dev") == (named, True)
    text = POD.replace("metadata:\n", f"metadata:\n  annotations: {{{key}: it is an agent}}\n", 1)
    done = scan(tmp_path, {"pod.yaml": text}, checks=("PRV001",))
    assert [one.status for one in findings(done, "PRV001")] == ["open"]
    (found,) = findings(done, "AUD001")
    assert found.message.endswith(f"expected the annotation batten.dev/ignore.PRV001, found {key}")
    assert found.location.line == 4


@pytest.mark.parametrize(
    "key",
    [
        "batten.dev/owner",
        "batten.dev/scanned-by",
        "battens.shop/ignore",
        "example.com/ignore.PRV001",
        "ignore",
        "batten",
    ],
)
def test_other_annotations_are_not_told(key: str) -> None:
    assert not waive_slips.annotation(key, "batten.dev")[1]


@pytest.mark.parametrize("between", [" ", ";", " | "])
def test_identifiers_that_run_together_are_told_with_commas(tmp_path: Path, between: str) -> None:
    comment = f"# batten: ignore[PRV001{between}RUN002] it"
    done = scan(tmp_path, {"pod.yaml": POD.replace("true\n", f"true  {comment}\n")}, checks=("PRV001",))
    assert [one.status for one in findings(done, "PRV001")] == ["open"]
    assert "expected `batten: ignore[PRV001,RUN002] reason`" in findings(done, "AUD001")[0].message


@pytest.mark.parametrize("word", ["*", "all"])
def test_a_waiver_of_everything_is_told(tmp_path: Path, word: str) -> None:
    text = POD.replace("true\n", f"true  # batten: ignore[{word}] it\n")
    assert "a waiver names each check" in findings(scan(tmp_path, {"pod.yaml": text}), "AUD003")[0].message


@pytest.mark.parametrize("spelt", ["Batten: ignore[PRV001]", "batten: ignroe[PRV001]"])
def test_in_a_large_file_they_are_told_too(tmp_path: Path, spelt: str) -> None:
    text = POD.replace("true\n", f"true  # {spelt} it\n") + "---\n# filling\n" * 200
    assert len(text) > 3_000
    large = text + "# filler\n" * 150_000
    for name, content in (("small", text), ("large", large)):
        done = scan(tmp_path / name, {"pod.yaml": content}, checks=("PRV001",))
        assert len(findings(done, "AUD001")) == 1
