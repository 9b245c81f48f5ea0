"""What the cluster itself should refuse: Pod Security Admission, hosts named in probes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from batten.engine.check import Context, check
from batten.engine.mend import edit, removal
from batten.model.edits import Set
from batten.model.objects import Namespace
from batten.model.verdict import LOW, MEDIUM, PASS, Failure, Verdict, fail
from batten.model.workload import Container, Workload

_ENFORCE = "pod-security.kubernetes.io/enforce"
_LEVELS = ("", "baseline", "restricted")
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
    # whatever folder they stand in, and those beside it that leave it open: the label must lock none of them out
    admitted = _admitted(context.settings.pss_version)
    index = context.inventory.indexed(Workload, admitted)
    levels = {level for level in _LEVELS if (namespace.name, level) in index}
    if len(context.inventory.within(Namespace, namespace.scope)) == 1:
        beside = context.inventory.within(Workload, namespace.scope, "")
        levels |= {admitted(one)[1] for one in beside if one.platform == "kubernetes"}
    if "" in levels:
        wanted, no_fix = "", "some of its workloads would be refused at baseline: mend them first"
    else:
        wanted, no_fix = "restricted" if levels == {"restricted"} else "baseline", ""
    message = "pods of every kind are let in" if level != "privileged" else "it enforces nothing (privileged)"
    change = Set((*namespace.pointer, "metadata", "labels", _ENFORCE), wanted)
    place = namespace.where("metadata", "labels", _ENFORCE) if level else namespace.where("metadata", "name")
    return fail(
        place,
        f"{message}: no Pod Security level is enforced",
        fix=edit("review", f"enforce {wanted}", namespace.document, change) if wanted else None,
        no_fix=no_fix,
    )


@cache
def _admitted(version: str) -> Callable[[Workload], tuple[str | None, str]]:
    """What says of a workload on Kubernetes its namespace and the strictest level that lets it in, "" for none: many
    files may declare one namespace, and each workload is held against the standards once."""
    from batten.frameworks import pss  # only where a namespace needs one

    def admitted(workload: Workload) -> tuple[str | None, str]:
        if workload.platform != "kubernetes":
            return None, ""
        level = ""
        if not pss.evaluate(workload, "baseline", version or pss.NEWEST):
            level = "baseline" if pss.evaluate(workload, "restricted", version or pss.NEWEST) else "restricted"
        return workload.namespace, level

    return admitted
