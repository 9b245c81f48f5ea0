"""Files against a cluster: what the other side cannot say, or does not speak of, is no difference."""

from __future__ import annotations

from batten.engine.diff import compare
from batten.engine.diff_live import comparable
from batten.model.facts import ResourceFacts
from batten.model.report import Count, Finding, Report, Score, TargetReport
from batten.model.source import Location
from batten.model.workload import Resource

EVERY_CLUSTER = ("default", "kube-node-lease", "kube-public", "kube-system")


def facts(kind: str, name: str, namespace: str = "", noun: str = "workload", **said: object) -> ResourceFacts:
    resource = Resource("kubernetes", kind, name, namespace)
    return ResourceFacts(
        noun=noun, resource=resource, scope=".", location=Location("x", 1), facts=dict(said), aliases=[]
    )


def namespaces(*names: str) -> list[ResourceFacts]:
    return [facts("Namespace", name, noun="namespace", labels=[]) for name in names]


def finding(
    kind: str, name: str, namespace: str = "", *, check: str = "PRV001", message: str = "m", mark: str = "1"
) -> Finding:
    return Finding(
        check=check,
        strategy=2,
        title="t",
        severity="high",
        confidence="high",
        status="open",
        target="t",
        resource=Resource("kubernetes", kind, name, namespace),
        message=message,
        remediation="",
        location=Location("cluster:prod!namespaces/x.json" if kind == "Namespace" else "x", 1),
        fingerprint=mark,
    )


def report(kind: str, inventory: list[ResourceFacts], *findings: Finding) -> Report:
    target = TargetReport(id="t", kind=kind, ref="t", status="complete")
    return Report(
        version="1",
        started="",
        seconds=0.0,
        targets=[target],
        score=Score(overall=None, strategies=[]),
        count=Count(),
        findings=list(findings),
        inventory=inventory,
        exit_code=0,
        exit_reason="",
    )


def drifted(files: Report, live: Report) -> list[str]:
    found = compare(files, live).drift
    assert found is not None
    return [
        f"{one.kind} {one.resource.kind} {one.resource.namespace}/{one.resource.name} {one.fact}".strip()
        for one in found
    ]


def test_of_a_cluster_counts_what_lies_in_the_namespaces_that_the_files_name():
    files = report("directory", [facts("Deployment", "web", "shop")])
    live = report(
        "cluster",
        [
            *namespaces(*EVERY_CLUSTER, "shop", "other"),
            facts("Deployment", "web", "shop"),
            facts("Deployment", "added", "shop"),
            facts("Deployment", "web", "other"),
            facts("ClusterRole", "of-others", noun="role"),
            facts("ClusterRoleBinding", "of-others", noun="grant", subjects=["ServiceAccount other/x", "Group a"]),
            facts("ClusterRoleBinding", "to-ours", noun="grant", subjects=["ServiceAccount shop/default"]),
        ],
    )
    assert drifted(files, live) == ["added Deployment shop/added", "added ClusterRoleBinding /to-ours"]


def test_files_without_a_namespace_are_where_most_of_them_are_found():
    files = report("directory", [facts("Deployment", "web"), facts("Deployment", "api"), facts("Deployment", "db")])
    live = report(
        "cluster",
        [
            *namespaces(*EVERY_CLUSTER, "shop", "other"),
            facts("Deployment", "web", "other"),
            facts("Deployment", "web", "shop"),
            facts("Deployment", "api", "shop"),
        ],
    )
    assert drifted(files, live) == ["removed Deployment /db"]


def test_secrets_are_not_compared():
    files = report("directory", [facts("Secret", "s", "shop", noun="configuration")], finding("Secret", "s", "shop"))
    live = report("cluster", namespaces("shop"))
    found = compare(files, live)
    assert (found.drift, found.removed) == ([], [])


def test_what_a_cluster_was_not_asked_for_has_not_gone():
    files = report(
        "directory",
        [facts("Deployment", "a", "shop"), facts("Deployment", "b", "pay"), facts("ClusterRole", "r", noun="role")],
        finding("Deployment", "b", "pay", mark="b"),
    )
    asked = report("cluster", [*namespaces("shop"), facts("Deployment", "a", "shop")])
    assert drifted(files, asked) == []
    assert compare(files, asked).removed == []
    whole = report("cluster", [*namespaces(*EVERY_CLUSTER, "shop"), facts("Deployment", "a", "shop")])
    assert drifted(files, whole) == ["removed Deployment pay/b", "removed ClusterRole /r"]


def test_a_namespace_that_the_files_take_for_granted_is_no_difference_unless_it_says_something():
    files = report("directory", [facts("Deployment", "a", "shop")])
    found = facts("Namespace", "shop", noun="namespace", labels=["pod-security.kubernetes.io/enforce=privileged"])
    plain = report("cluster", [*namespaces("shop"), facts("Deployment", "a", "shop")], finding("Namespace", "shop"))
    assert (drifted(files, plain), compare(files, plain).added) == ([], [])
    telling = report("cluster", [found, facts("Deployment", "a", "shop")], finding("Namespace", "shop"))
    assert drifted(files, telling) == ["added Namespace /shop"]
    assert len(compare(files, telling).added) == 1


def test_findings_of_the_same_resource_in_another_folder_stayed():
    files = report("directory", [facts("Deployment", "a")], finding("Deployment", "a", mark="in a folder"))
    live = report(
        "cluster",
        [*namespaces("shop"), facts("Deployment", "a", "shop")],
        finding("Deployment", "a", "shop", mark="in none"),
        finding("Deployment", "a", "shop", mark="other", check="PRV002"),
    )
    found = compare(files, live)
    assert ([one.check for one in found.added], found.removed, found.kept) == (["PRV002"], [], 1)


def test_findings_that_are_alike_several_times_are_not_paired():
    twice = [finding("Deployment", "a", "shop", mark=mark) for mark in ("1", "2")]
    files = report("directory", [facts("Deployment", "a", "shop")], *twice)
    live = report("cluster", [facts("Deployment", "a", "shop")], finding("Deployment", "a", "shop", mark="3"))
    found = compare(files, live)
    assert (len(found.removed), len(found.added), found.kept) == (2, 1, 0)


def test_two_clusters_are_compared_whole():
    before = report("cluster", [*namespaces("a", "b")])
    after = report("cluster", [*namespaces("a"), facts("Deployment", "x", "c")])
    assert comparable(before, after) == (before, after)
    assert drifted(before, after) == ["added Deployment c/x", "removed Namespace /b"]
