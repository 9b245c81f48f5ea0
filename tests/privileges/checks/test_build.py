"""What a build may have of the machine that builds: PRV020."""

from __future__ import annotations

import pytest

from harness import Case, assert_case, assert_mends, compose, fails, mendable, passes, pod, quadlet, silent

CASES = (
    fails(
        "PRV020",
        compose("build:\n  context: .\n  privileged: true"),
        at="privileged: true",
        severity="medium",
        says="its steps may have all capabilities",
        fix="review",
        becomes="build:\n      context: .\n# the end",
    ),
    fails(
        "PRV020",
        compose("build:\n  context: .\n  network: host"),
        at="network: host",
        severity="medium",
        says="every step has the network",
        fix="review",
        becomes="build:\n      context: .\n# the end",
    ),
    fails(
        "PRV020",
        compose("build:\n  context: .\n  entitlements:\n    - device\n    - security.insecure"),
        at="- security.insecure",
        severity="medium",
        count=2,
        fix="review",
        becomes="build:\n      context: .\n# the end",
    ),
    fails(
        "PRV020",
        compose("build:\n  context: .\n  entitlements:\n    - device=vendor.example/gpu=all"),
        at="- device",
        severity="low",
        fix="review",
        becomes="build:\n      context: .\n# the end",
    ),
    # that it is built must stay, else the service would run what a registry has under that name
    fails(
        "PRV020",
        compose("build:\n  entitlements: [network.host]"),
        at="network.host",
        severity="medium",
        fix="review",
        becomes="build:\n      entitlements: []\n# the end",
    ),
    fails("PRV020", compose("build:\n  privileged: true"), at="privileged", fix="review", becomes="build: {}\n"),
    passes("PRV020", compose("build:\n  context: .\n  network: none\n  ssh: [default]\n  privileged: false")),
    passes("PRV020", compose("build: .")),
    silent("PRV020", compose()),
    fails(
        "PRV020",
        quadlet(image="web.build", web__build="[Build]\nImageTag=localhost/web\nNetwork=host\n"),
        at="Network=host",
        severity="medium",
        says="every step has the network",
    ),
    passes("PRV020", quadlet(image="web.build", web__build="[Build]\nImageTag=localhost/web\nNetwork=none\n")),
    silent("PRV020", quadlet()),
    silent("PRV020", pod()),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)


def test_what_a_hook_inherits_is_told_once() -> None:
    text = "pre_start:\n  - command: ./migrate\nbuild:\n  context: .\n  privileged: true"
    assert_case(fails("PRV020", compose(text), at="privileged: true", fix="review"))
