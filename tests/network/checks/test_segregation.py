"""Who reaches whom: NET004, NET005, NET008 to NET010."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    Input,
    assert_case,
    assert_mends,
    compose,
    docker,
    fails,
    manifest,
    mendable,
    passes,
    pod,
    podman,
    quadlet,
    silent,
    stack,
)


def policy(spec: str, name: str = "web") -> Input:
    """A NetworkPolicy; `spec` is one field a line."""
    fields = "".join(f"\n          {line}" for line in spec.splitlines())
    return manifest(
        f"""
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {{name: {name}, namespace: shop}}
        spec:{fields}
        """
    )


MINE = policy("podSelector: {matchLabels: {app: web}}\ningress: [{from: [{podSelector: {}}]}]")
OVERLAY = "networks:\n  back:\n    driver: overlay\n"
THREE = "  db:\n    image: postgres:17.6\n  cache:\n    image: redis:8.2\n"

EGRESS = policy("podSelector: {}\npolicyTypes: [Egress]\negress: [{to: [{podSelector: {}}]}]", "out")


def plugin(version: str, kind: str, metadata: str = "name: p, namespace: shop") -> Input:
    return manifest(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{{metadata}}}\nspec: {{}}\n")


CASES = (
    # NET004: no policy
    fails("NET004", pod() + EGRESS, at="    spec:", severity="medium", says="egress alone"),
    fails("NET004", pod(name="db") + EGRESS + MINE, at="    spec:", severity="medium", says="egress alone"),
    passes("NET004", pod() + EGRESS + MINE),
    passes("NET004", pod() + policy("podSelector: {}\npolicyTypes: [Ingress, Egress]")),
    fails("NET004", pod(name="db") + MINE, at="    spec:", severity="medium", says="this one has none"),
    fails("NET004", pod() + pod(name="db"), at="    spec:", after="name: web", severity="low", says="its 2 workloads"),
    fails("NET004", pod(spec="hostNetwork: true") + pod(name="db"), at="    spec:", after="name: web"),
    passes("NET004", pod() + MINE),
    silent("NET004", pod()),  # one workload alone is not the whole namespace
    silent("NET004", pod(spec="hostNetwork: true") + MINE),
    # policies of a plug-in may select it
    silent("NET004", pod(name="db") + MINE + plugin("cilium.io/v2", "CiliumNetworkPolicy")),
    silent("NET004", pod() + pod(name="db") + plugin("projectcalico.org/v3", "GlobalNetworkPolicy", "name: p")),
    fails(
        "NET004",
        pod(name="db") + MINE + plugin("cilium.io/v2", "CiliumNetworkPolicy", "name: p, namespace: other"),
        at="    spec:",
    ),
    # NET005: policies that allow all
    fails("NET005", policy("podSelector: {}\ningress:\n- {}"), at="- {}", severity="medium", says="in from everywhere"),
    fails(
        "NET005",
        policy("podSelector: {}\npolicyTypes: [Egress]\negress:\n- to: [{ipBlock: {cidr: 0.0.0.0/0}}]"),
        at="0.0.0.0/0",
        severity="low",
    ),
    passes("NET005", MINE),
    passes("NET005", policy("podSelector: {}\npolicyTypes: [Ingress]")),
    passes("NET005", policy("podSelector: {}\ningress: [{ports: [{port: 8080}]}]")),
    # NET008: overlays in the clear
    fails(
        "NET008",
        stack("networks: [back]", OVERLAY),
        at="back:",
        severity="medium",
        fix="review",
        becomes='encrypted: "true"',
    ),
    passes("NET008", stack("networks: [back]", OVERLAY + "    driver_opts: {encrypted: 'true'}")),
    silent("NET008", stack("networks: [back]", "networks: {back: {external: true}}")),
    fails("NET008", stack(), at="services:", says="on default", fix="review", becomes="encrypted: "),
    fails("NET008", compose("", OVERLAY), at="back:", fix="review"),
    passes("NET008", compose("", OVERLAY + "    driver_opts: {encrypted: 'true'}")),
    silent("NET008", compose("", "networks: {back: {}}")),
    # NET009: one network for all
    fails("NET009", compose("", THREE), at="services:", severity="low", says="all 3 services"),
    passes("NET009", compose("networks: [front]", THREE + "networks: {front: {}}")),
    silent("NET009", compose()),
    fails("NET009", stack("", THREE), at="services:"),
    passes("NET009", stack("networks: [front]", THREE + "networks: {front: {}}")),
    # NET010: another container's network
    fails(
        "NET010",
        compose("network_mode: service:vpn", "  vpn: {image: 'vpn:1'}"),
        at="network_mode",
        severity="medium",
        fix="review",
    ),
    passes("NET010", compose("network_mode: bridge")),
    fails("NET010", docker('"NetworkMode": "container:4f66ad9a0b2e"'), at="NetworkMode"),
    passes("NET010", docker('"NetworkMode": "shop_default"')),
    fails("NET010", podman('"NetworkMode": "container:4f66ad9a0b2e"'), at="NetworkMode"),
    passes("NET010", podman('"NetworkMode": "bridge"')),
    fails("NET010", quadlet("Network=container:vpn"), at="Network="),
    passes("NET010", quadlet("Network=shop.network")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
