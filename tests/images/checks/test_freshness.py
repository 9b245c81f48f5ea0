"""IMG025 and IMG026 on what a registry has said (`tests/images/test_base_images.py` asks one)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from batten.formats.dockerfile.parser import parse
from batten.formats.dockerfile.reader import nouns_of
from batten.model.image_content import BaseState
from batten.model.source import File
from harness import Case, fails, passes, silent
from image_cases import ImageInput, image, results

OLD, NEW = (f"sha256:{one * 64}" for one in "ab")
NOW = BaseState(reference="docker.io/library/debian:12", asked=OLD, digest=NEW, is_current=False)
CURRENT = replace(NOW, digest=OLD, is_current=True)
PATCHED = replace(CURRENT, reference="docker.io/library/node:22.1.0", newer="22.1.4", newer_digest=NEW)


def on(state: BaseState, *, other: bool = False) -> ImageInput:
    """An image whose base is in this state; or the state of another image beside it."""
    given = image()
    assert given.data is not None
    return replace(given, beside=(replace(state, image="sha256:0" if other else given.data.config_digest),))


def dockerfile(text: str, *states: BaseState) -> ImageInput:
    nouns = nouns_of(parse(File("Dockerfile", text.encode())), "Dockerfile", None)
    return replace(image(), platform="dockerfile", beside=(*nouns, *states))


PINNED = f"FROM debian:12@{OLD}\n"
CASES = (
    fails("IMG025", on(NOW), at="/layer/0", severity="medium", says=f"debian:12 leads to {NEW[:19]} by now, not to"),
    fails("IMG025", on(replace(NOW, asked="")), at="/layer/0", says="leads to sha256:bbbbbbbbbbbb by now: what"),
    fails("IMG025", on(PATCHED), at="/layer/0", says="of the base docker.io/library/node:22.1.0 there is 22.1.4"),
    passes("IMG025", on(CURRENT)),
    silent("IMG025", image()),
    silent("IMG025", on(NOW, other=True)),
    fails("IMG026", dockerfile(PINNED, NOW), at="/instruction/0/arg/0", severity="low", says="not to sha256:aaaa"),
    fails(
        "IMG026",
        dockerfile(f"FROM node:22.1.0@{OLD}\n", PATCHED),
        at="/instruction/0/arg/0",
        says="there is 22.1.4 by now",
    ),
    passes("IMG026", dockerfile(PINNED, CURRENT)),
    silent("IMG026", dockerfile(PINNED)),  # nobody was asked
    silent("IMG026", dockerfile("FROM debian:12\n", NOW)),  # the next build takes what is there
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case, tmp_path: Path) -> None:
    found = results(case, tmp_path)
    failures = [failure for one in found for failure in one.failures]
    if case.outcome != "fails":
        assert not failures
        assert bool(found) == (case.outcome == "passes")
        return
    (failure,) = failures
    assert failure.place.document.locate(failure.place.pointer).pointer.endswith(case.at)
    assert case.says in failure.message
    assert bool(failure.fix) != bool(failure.no_fix)
