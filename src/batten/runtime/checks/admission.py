"""What the cluster itself should refuse: Pod Security Admission, hosts named in probes."""

from __future__ import annotations

from batten.engine.check import Context, check
from batten.engine.mend import edit, removal
from batten.model.edits import Set
from batten.model.objects import Namespace
from batten.model.verdict import LOW, MEDIUM, PASS, Failure, Verdict, fail
from batten.model.workload import Container, Workload

_ENFORCE = "pod-security.kubernetes.io/enforce"
_SYSTEM = ("kube-system", "kube-public", "kube-node-lease")


@check("RUN016", "Probe or hook names a host", severity=LOW, persona="auditor", platforms=("kubernetes",))
def probe_host(container: Container) -> Verdict:
    """A probe or lifecycle hook with a `host` makes the kubelet, which sits in the node's network, send requests
    there: a way to reach what the pod itself may not. Pod Security refuses it since 1.34.

    Fix:
        kubernetes: remove `host`; the probe then goes to the pod.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    failures: list[Failure] = [
        fail(
            container.at(probe),
            f"the {probe.where} names the host {probe.host}",
            subject=probe.where,
            fix=removal(container, probe, "let the probe go to the pod"),
        )
        for probe in container.probe_hosts
        if probe.host and probe.host not in ("127.0.0.1", "::1", "localhost")
    ]
    return failures or PASS


@check("RUN017", "Namespace does not enforce Pod Security", severity=MEDIUM, platforms=("kubernetes",))
def namespace_without_pod_security(namespace: Namespace, context: Context) -> Verdict:
    """Without the label, the built-in admission controller lets every pod into the namespace, privileged ones too.
    `baseline` stops the known ways out of a container, `restricted` asks for hardening.

    Fix:
        kubernetes: label the namespace `pod-security.kubernetes.io/enforce: baseline` or `restricted`.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-admission/
    """
    if namespace.name in _SYSTEM:
        return PASS
    level = namespace.labels.get(_ENFORCE, "")
    if level in ("baseline", "restricted"):
        return PASS
    from batten.frameworks import pss  # only where a namespace needs one

    # whatever folder they stand in, and those beside it that leave it open: the label must lock none of them out
    inside = list(context.inventory.indexed(Workload, _pods_of).get(namespace.name, ()))
    if len(context.inventory.within(Namespace, namespace.scope)) == 1:
        beside = context.inventory.within(Workload, namespace.scope, "")
        inside += [one for one in beside if one.platform == "kubernetes"]
    version = context.settings.pss_version or pss.NEWEST
    if not all(not pss.evaluate(one, "baseline", version) for one in inside):
        wanted, no_fix = "", "some of its workloads would be refused at baseline: mend them first"
    elif inside and all(not pss.evaluate(one, "restricted", version) for one in inside):
        wanted, no_fix = "restricted", ""
    else:
        wanted, no_fix = "baseline", ""
    message = "pods of every kind are let in" if level != "privileged" else "it enforces nothing (privileged)"
    change = Set((*namespace.pointer, "metadata", "labels", _ENFORCE), wanted)
    place = namespace.where("metadata", "labels", _ENFORCE) if level else namespace.where("metadata", "name")
    return fail(
        place,
        f"{message}: no Pod Security level is enforced",
        fix=edit("review", f"enforce {wanted}", namespace.document, change) if wanted else None,
        no_fix=no_fix,
    )


def _pods_of(workload: Workload) -> str | None:
    """The namespace of what runs on Kubernetes."""
    return workload.namespace if workload.platform == "kubernetes" else None
