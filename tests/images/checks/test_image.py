"""What the configuration of an image says: IMG018, IMG022 to IMG024."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import Case, fails, passes, silent
from image_cases import assert_image_case, directory, image

TOKEN = "ghp_" + "R4nd0mAb9Xq2Lk7Zw3Vt8Yp5Cs1Df6Gh0JnM"
SOURCE = {
    "org.opencontainers.image.source": "https://git.example/shop",
    "org.opencontainers.image.revision": "0f3b",
    "org.opencontainers.image.version": "1.4",
}
BASE = {"org.opencontainers.image.base.name": "docker.io/library/debian:12"}
LIST = {"allowed_base_images": ("registry.example/base/*",)}

PUBLIC = "GPG_KEY=E3FF2839C048B25C084DEBE9B26995E3"  # of who releases Python


def step(text: str) -> list[dict[str, str]]:
    return [{"created_by": text, "created": "2026-10-01T00:00:00Z"}]


CASES = (
    # IMG018: secrets in the configuration
    fails(
        "IMG018",
        image(Env=["PATH=/bin", "DATABASE_PASSWORD=Wint3rSale"]),
        at="/config/Env/DATABASE_PASSWORD",
        severity="high",
        says="the variable DATABASE_PASSWORD holds",
    ),
    fails("IMG018", image(Labels={"token": TOKEN}), at="/config/Labels/token", says="the label token"),
    fails("IMG018", image(Cmd=["web", f"--token={TOKEN}"]), at="/config/Cmd", says="the cmd holds"),
    fails(
        "IMG018",
        image(steps=step(f"RUN |1 NPM_TOKEN={TOKEN} /bin/sh -c npm ci # buildkit")),
        at="/step/0",
        says="NPM_TOKEN in step 1 of the history (RUN) holds",
    ),
    fails("IMG018", image(steps=step(f"/bin/sh -c curl -H 'Authorization: Bearer {TOKEN}' x")), at="/step/0"),
    fails(  # said once, although the history repeats the variable
        "IMG018",
        image(Env=["DATABASE_PASSWORD=Wint3rSale"], steps=step("ENV DATABASE_PASSWORD=Wint3rSale")),
        at="/config/Env/DATABASE_PASSWORD",
    ),
    fails("IMG018", image(steps=step("RUN " + "true;" * 11_000) * 10), at="/step/9", severity="low", says="too long"),
    passes("IMG018", image(Env=["PATH=/bin", "PASSWORD_FILE=/run/secrets/db", PUBLIC])),
    silent("IMG018", directory({"etc/os-release": b"ID=debian\n"})),
    # IMG022: labels
    fails("IMG022", image(), at="/config/Labels", severity="low", says="image.source, org"),
    fails("IMG022", image(Labels=SOURCE | {"org.opencontainers.image.version": " "}), at="/Labels", says="version is"),
    passes("IMG022", image(Labels=SOURCE)),
    passes("IMG022", image(annotations=SOURCE)),
    silent("IMG022", directory({"a": b""})),
    # IMG023: health check
    fails("IMG023", image(), at="/config/Healthcheck", severity="low"),
    fails("IMG023", image(Healthcheck={"Test": ["NONE"]}), at="/config/Healthcheck"),
    passes("IMG023", image(Healthcheck={"Test": ["CMD", "/web", "-check"]})),
    silent("IMG023", directory({"a": b""})),
    # IMG024: bases
    fails("IMG024", image(annotations=BASE), at="/config/Labels", severity="high", says="debian:12", **LIST),
    fails("IMG024", image(Labels=BASE), at="/config/Labels", says="told by a label", **LIST),
    fails("IMG024", image([[], []], base=1), at="/layer/0", says="its lowest layers", **LIST),
    passes("IMG024", image(annotations=BASE), allowed_base_images=("docker.io/library/debian:*",)),
    silent("IMG024", image(annotations=BASE)),  # there is no list
    silent("IMG024", image(), **LIST),  # nobody says what the base is
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case, tmp_path: Path) -> None:
    assert_image_case(case, tmp_path)


def test_no_part_of_a_secret_stands_in_what_is_said(tmp_path: Path) -> None:
    from image_cases import results

    for case in CASES:
        if case.check == "IMG018" and case.outcome == "fails":
            told = [failure.message + failure.subject for one in results(case, tmp_path) for failure in one.failures]
            assert not any("Wint3rSale" in text or TOKEN[8:] in text for text in told)
