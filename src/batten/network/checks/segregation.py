"""Who can reach whom inside: network policies, project networks."""

from __future__ import annotations

from collections.abc import Iterator

from batten.engine.check import Context, check
from batten.engine.elsewhere import may_be_one
from batten.engine.mend import edit
from batten.model.edits import Remove, Set
from batten.model.objects import KubernetesObject, Network, Project, TrafficPolicy, TrafficRule
from batten.model.scope import in_target
from batten.model.source import Place
from batten.model.values import Absent
from batten.model.verdict import LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail
from batten.model.workload import Resource, Workload

_PLUGINS = frozenset(
    ("cilium.io", "crd.antrea.io", "crd.projectcalico.org", "policy.networking.k8s.io", "projectcalico.org")
)
_WHOLE_CLUSTER = ("Admin", "Baseline", "CiliumClusterwide", "Cluster", "Global")


@check("NET004", "No network policy selects the workload", severity=MEDIUM, exposure=True, platforms=("kubernetes",))
def no_policy(workload: Workload, context: Context) -> Verdict:
    """Without a policy that selects it, a pod accepts connections from every pod of the cluster and may open them
    to anywhere; a policy for egress alone leaves the way in open. It is judged only where the same files declare a
    policy for the namespace: there, a workload was forgotten. Where none is declared at all, a namespace of two
    workloads or more says so once, not each workload. A policy in another folder counts where it may be of the same
    namespace. Where policies of a network plug-in (Cilium, Calico, Antrea, administrators' policies) may hold for the
    namespace, nothing is said: what those select is not judged yet.

    Fix:
        kubernetes: add a NetworkPolicy that denies by default (`podSelector: {}`), then allow what is used.
    References:
        https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    if "partial" in workload.facts:
        return NOT_APPLICABLE  # a controller gives its pods their labels
    links = context.inventory.links
    in_reach = workload.host_network is not True  # no policy holds in the host's network: that is NET001's
    selecting = links.policies.get(workload.id, ())
    if in_reach and any(policy.ingress is not None for policy in selecting):
        return PASS
    if _plugin_may_rule(workload, context):
        return NOT_APPLICABLE
    if context.inventory.within(TrafficPolicy, workload.scope, workload.namespace):
        if not in_reach or workload.id in links.likely_policies:
            return NOT_APPLICABLE
        return fail(
            workload.where(),
            "the network policies that select it hold for egress alone: everybody may connect to it"
            if selecting
            else "other workloads of the namespace have a network policy, this one has none",
            no_fix="whom it talks to is for its owner to say",
        )
    mates = (
        one
        for one in context.inventory.within(Workload, workload.scope, workload.namespace)
        if one.platform == "kubernetes" and "partial" not in one.facts
    )
    if next(mates) is not workload or not (others := list(mates)) or any(_policies_elsewhere(workload, context)):
        return NOT_APPLICABLE
    folder = in_target(workload.scope)
    unnamed = "this directory" if folder == "." else folder
    where = f"namespace {workload.namespace}" if workload.namespace else unnamed
    what = f"its {len(others) + 1} workloads accept connections from everywhere"
    return fail(
        workload.where(),
        f"no network policy is declared for {where}: {what}",
        subject="none",
        # the fact is the namespace's: which workload is read first must not matter
        resource=Resource("kubernetes", "Namespace", workload.namespace or "default"),
        severity=LOW,  # its policies may be kept elsewhere; exposure still raises it
        confidence="medium",
        related=tuple(one.where() for one in others[:5]),
        no_fix="who talks to whom is for its owner to say",
    )


def _plugin_may_rule(workload: Workload, context: Context) -> bool:
    """Whether a policy that a network plug-in brings may select the workload."""
    policies = context.inventory.indexed(KubernetesObject, _is_of_plugin).get(True, ())
    return any(
        one.kind.startswith(_WHOLE_CLUSTER)
        or not (one.namespace and workload.namespace and one.namespace != workload.namespace)
        for one in policies
    )


def _is_of_plugin(one: KubernetesObject) -> bool:
    return one.kind.endswith("NetworkPolicy") and one.api_version.rpartition("/")[0] in _PLUGINS


def _policies_elsewhere(workload: Workload, context: Context) -> Iterator[TrafficPolicy]:
    """Those of other scopes that may be of its namespace."""
    index = context.inventory.indexed(TrafficPolicy, _namespace)
    groups = [index.get(workload.namespace, ()), index.get("", ())] if workload.namespace else index.values()
    for group in groups:
        for policy in group:
            if policy.scope != workload.scope and may_be_one(workload, policy):
                yield policy


def _namespace(policy: TrafficPolicy) -> str:
    return policy.namespace


def _everybody(rules: tuple[TrafficRule, ...]) -> TrafficRule | None:
    for rule in rules:
        if rule.ports:
            continue
        if not rule.peers or any(peer.cidr in ("0.0.0.0/0", "::/0") and not peer.excluded for peer in rule.peers):
            return rule
    return None


@check("NET005", "Network policy allows everything", severity=MEDIUM, platforms=("kubernetes",))
def allows_everything(policy: TrafficPolicy) -> Verdict:
    """A rule without peers and ports allows all traffic of that direction: the policy selects the pods and then
    lets everybody in (or out).

    Fix:
        kubernetes: name the peers and ports; to deny all, write the policy type with no rule.
    References:
        https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    failures: list[Failure] = []
    for direction, rules in (("ingress", policy.ingress), ("egress", policy.egress)):
        rule = _everybody(rules or ())
        if rule is not None:
            what = "in from everywhere" if direction == "ingress" else "out to everywhere"
            failures.append(
                fail(
                    Place(policy.document, rule.pointer or policy.pointer),
                    f"a rule lets all traffic {what}",
                    subject=direction,
                    severity=MEDIUM if direction == "ingress" else LOW,
                    no_fix="who talks to whom is for its owner to say",
                )
            )
    return failures or PASS


@check("NET008", "Overlay network is not encrypted", severity=MEDIUM, platforms=("compose", "swarm"))
def unencrypted_overlay(network: Network) -> Verdict:
    """Swarm encrypts its own management traffic, but not what containers send each other over an overlay network,
    unless the network says so.

    Fix:
        swarm: set `driver_opts: {encrypted: "true"}` on the network.
        compose: set `driver_opts: {encrypted: "true"}` on the network.
    References:
        https://docs.docker.com/engine/network/drivers/overlay/#encrypt-an-overlay-network
    """
    if network.external or network.driver != "overlay":
        return NOT_APPLICABLE
    if network.encrypted:
        return PASS
    # the network that services share where they name none is not written anywhere
    pointer = network.pointer or ("networks", network.name)
    change = Set((*pointer, "driver_opts", "encrypted"), "true")
    return fail(
        network.where(),
        f"traffic between nodes on {network.name} is not encrypted",
        fix=edit("review", "encrypt the network", network.document, change),
    )


@check("NET009", "All services share one network", severity=LOW, persona="pedantic", platforms=("compose", "swarm"))
def one_network(project: Project, context: Context) -> Verdict:
    """Every service of the project sits in the same network, so that the one that faces the outside reaches the
    database's every port. Two networks, one in front and one behind, cost a few lines.

    Fix:
        compose: declare networks and list under each service those that it needs.
        swarm: declare networks and list under each service those that it needs.
    References:
        https://docs.docker.com/compose/how-tos/networking/
    """
    services = [
        one
        for one in context.inventory.within(Workload, project.scope)
        if one.platform in ("compose", "swarm") and one.document.file is project.document.file
    ]
    joined = [frozenset(one.networks) for one in services if one.networks]
    if len(joined) < 3:
        return NOT_APPLICABLE
    if len(set(joined)) > 1 or len(joined[0]) > 1:
        return PASS
    return fail(
        project.where("services"),
        f"all {len(joined)} services share the network {next(iter(joined[0]))}",
        no_fix="who talks to whom is for its owner to say",
    )


@check(
    "NET010",
    "Shares another container's network",
    severity=MEDIUM,
    platforms=("compose", "docker", "podman", "quadlet"),
)
def shared_network(workload: Workload) -> Verdict:
    """The container sits in the network namespace of another: each reaches what the other binds to loopback, and
    sees its traffic with NET_RAW, which is in the default set.

    Fix:
        compose: remove `network_mode: service:…`; let the two talk over a network.
        docker: recreate the container without `--network container:…`.
        podman: recreate the container without `--network container:…`, or use a pod.
        quadlet: remove `Network=container:…`.
    References:
        https://docs.docker.com/engine/network/#container-networks
    """
    if isinstance(workload.network_mode, Absent):
        return NOT_APPLICABLE
    kind, _, name = workload.network_mode.partition(":")
    if kind in ("container", "service") and name:
        return fail(
            workload.where("network_mode"),
            f"it shares the network of {kind} {name}",
            fix=edit(
                "review", "give it a network of its own", workload.where("network_mode").document, Remove(place.pointer)
            )
            if (place := workload.where("network_mode")).pointer and workload.platform == "compose"
            else None,
            no_fix="how the two reach each other instead is for their owner to say",
        )
    return PASS
