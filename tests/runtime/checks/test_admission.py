"""What the cluster should refuse: RUN016, RUN017."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    Input,
    assert_case,
    assert_mends,
    fails,
    manifest,
    mendable,
    passes,
    pod,
)

PROBE = "livenessProbe:\n  httpGet:\n    path: /\n    port: 8080\n    host: "


def namespace(labels: str = "{}", name: str = "shop") -> Input:
    return manifest(
        f"""
        # the shop's place
        apiVersion: v1
        kind: Namespace
        metadata:
          name: {name}
          labels: {labels}
        """
    )


HARDENED = pod(
    "securityContext:\n  allowPrivilegeEscalation: false\n  capabilities: {drop: [ALL]}",
    "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
)

CASES = (
    # RUN016: probes that go elsewhere
    fails("RUN016", pod(PROBE + "169.254.169.254"), at="169.254", severity="low", fix="review"),
    passes("RUN016", pod(PROBE + "127.0.0.1")),
    passes("RUN016", pod("livenessProbe: {httpGet: {path: /, port: 8080}}")),
    # RUN017: namespaces without Pod Security
    fails("RUN017", namespace(), at="name: shop", severity="medium", fix="review", becomes="enforce: baseline"),
    fails(
        "RUN017",
        namespace("{pod-security.kubernetes.io/enforce: privileged}"),
        at="privileged",
        fix="review",
        becomes="enforce: baseline",
    ),
    fails("RUN017", namespace() + HARDENED, at="name: shop", fix="review", becomes="enforce: restricted"),
    fails("RUN017", namespace() + pod(spec="hostPID: true"), at="name: shop"),
    passes("RUN017", namespace("{pod-security.kubernetes.io/enforce: restricted}")),
    passes("RUN017", namespace(name="kube-system")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
