"""What the layers of an image weigh: IMG021."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import Case, fails, passes, silent
from image_cases import assert_image_case, directory, image

CASES = (
    fails(
        "IMG021",
        image([[], []], base=1, unpacked=(160_000_000, 160_000_000), history=["ADD rootfs /", "COPY b /"]),
        at="/layer/0",
        severity="low",
        says="320 MB unpacked: layer 1 160 MB (base image), layer 2 160 MB (COPY b /); 160 MB of it come with the base",
    ),
    passes("IMG021", image([[]], unpacked=(8_000_000,))),
    silent("IMG021", directory({"a": b"1"})),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case, tmp_path: Path) -> None:
    assert_image_case(case, tmp_path)
