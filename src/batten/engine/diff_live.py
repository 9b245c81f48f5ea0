"""A live cluster against something else: what the other side cannot say, or does not speak of, is no difference."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from batten.model.facts import ResourceFacts
from batten.model.report import Finding, Report
from batten.model.workload import Resource

_CLUSTER: Final = "cluster"
_UNREAD: Final = "Secret"
"""What a cluster is never asked for."""
_OF_THE_CLUSTER: Final = ("ClusterRole", "ClusterRoleBinding")
_OF_EVERY_CLUSTER: Final = ("default", "kube-node-lease", "kube-public", "kube-system")
"""Namespaces without which a cluster was not read whole."""


_FILE: Final = "file"
"""The platform of what is found in texts, whatever they are."""
_PARTS: Final = 3
_NOTHING: Final = Resource("", "", "")


def is_live(report: Report) -> bool:
    """Whether a cluster is what the report is of."""
    return any(one.kind == _CLUSTER for one in report.targets)


def comparable(before: Report, after: Report) -> tuple[Report, Report]:
    """Both sides without Secrets. Of a cluster that is held against files, what lies in namespaces that the files name,
    and what is granted to accounts there: the rest of the cluster is not theirs to declare."""
    before, after = _without_secrets(before), _without_secrets(after)
    if is_live(before) and is_live(after):
        return before, after
    if is_live(before):
        return _near(before, after), _in_reach(after, before)
    return _in_reach(before, after), _near(after, before)


def _without_secrets(report: Report) -> Report:
    inventory = report.inventory
    return replace(
        report,
        findings=[one for one in report.findings if not _is_secret(one.resource)],
        inventory=None if inventory is None else [one for one in inventory if not _is_secret(one.resource)],
    )


def _is_secret(resource: Resource | None) -> bool:
    return resource is not None and resource.platform == "kubernetes" and resource.kind == _UNREAD


def _near(live: Report, files: Report) -> Report:
    if live.inventory is None or files.inventory is None:
        return live
    named = {_place(one.resource) for one in files.inventory if one.resource.platform == "kubernetes"}
    if "" in named:
        named = {*named, _where(live.inventory, files.inventory)} - {""}
    called = {(one.resource.kind, one.resource.name) for one in files.inventory}
    near = [one for one in live.inventory if _is_near(one, named, called)]
    implied = {_mark(one.resource) for one in near if _is_implied(one, called)}
    inside = {_mark(one.resource) for one in near} - implied
    # a finding may be of what has no facts of its own
    return replace(
        live,
        findings=[
            one
            for one in live.findings
            if _mark(_of(one)) in inside
            or (_place(_of(one)) in named and (_of(one).namespace or not _is_in(one, implied)))
        ],
        inventory=[one for one in near if _mark(one.resource) in inside],
    )


def _in_reach(files: Report, live: Report) -> Report:
    """Where a cluster was asked for some namespaces alone: without what lies in others, or in none and is not looked
    for then."""
    if live.inventory is None or files.inventory is None:
        return files
    there = {_mark(one.resource) for one in live.inventory}
    if {("Namespace", "", one) for one in _OF_EVERY_CLUSTER} <= there:
        return files

    asked = {_place(one.resource) for one in live.inventory} | {""}

    def reached(resource: Resource) -> bool:
        if resource.kind in _OF_THE_CLUSTER:
            return _mark(resource) in there
        return resource.platform != "kubernetes" or _place(resource) in asked

    return replace(
        files,
        findings=[one for one in files.findings if reached(_of(one))],
        inventory=[one for one in files.inventory if reached(one.resource)],
    )


def _where(live: Iterable[ResourceFacts], files: Iterable[ResourceFacts]) -> str:
    """The namespace that files were applied to which leave that to the call: where most of what they name is."""
    called = {(one.noun, one.resource.kind, one.resource.name) for one in files if not one.resource.namespace}
    found = Counter(
        one.resource.namespace
        for one in live
        if one.resource.namespace and (one.noun, one.resource.kind, one.resource.name) in called
    )
    return found.most_common(1)[0][0] if found else "default"


def _is_near(one: ResourceFacts, named: set[str], called: set[tuple[str, str]]) -> bool:
    resource = one.resource
    if resource.namespace or resource.kind == "Namespace":
        return _place(resource) in named
    if (resource.kind, resource.name) in called:
        return True
    subjects = one.facts.get("subjects")
    if resource.kind != "ClusterRoleBinding" or not isinstance(subjects, list):
        return False
    return any(text.partition(" ")[2].partition("/")[0] in named for text in subjects if "/" in text)


def _is_implied(one: ResourceFacts, called: set[tuple[str, str]]) -> bool:
    """A namespace that says nothing, and that the files take for granted."""
    resource = one.resource
    return resource.kind == "Namespace" and not one.facts.get("labels") and ("Namespace", resource.name) not in called


def _is_in(finding: Finding, namespaces: set[tuple[str, str, str]]) -> bool:
    """Whether a finding stands in the object of one of them, and not in what lies in it."""
    return _mark(_of(finding)) in namespaces and "!namespaces/" in finding.location.path


def _of(finding: Finding) -> Resource:
    return finding.resource or _NOTHING


def _place(resource: Resource) -> str:
    """The namespace that a resource lies in, or is."""
    if resource.platform == _FILE:  # `configmaps/shop/settings.yaml`
        return resource.name.split("/")[1] if resource.name.count("/") == _PARTS - 1 else ""
    return resource.name if resource.kind == "Namespace" and not resource.namespace else resource.namespace


def _mark(resource: Resource) -> tuple[str, str, str]:
    return resource.kind, resource.namespace, resource.name


# ------------------------------------------------------------------------------------ findings


def alike(gone: Sequence[Finding], come: Sequence[Finding]) -> set[int]:
    """Findings (by `id`) of the same check on the same resource, wherever in its folders the other side has it: those
    that are alone with that on both sides, first with their namespace, then without."""
    found: set[int] = set()
    for named in (True, False):
        there, here = _by_likeness(gone, found, named), _by_likeness(come, found, named)
        for likeness, ones in here.items():
            others = there.get(likeness, [])
            if likeness[1] == _FILE:  # of a text, not of a resource: one of them is as good as another
                found |= {id(one) for pair in zip(ones, others, strict=False) for one in pair}
            elif len(ones) == 1 and len(others) == 1:
                found |= {id(ones[0]), id(others[0])}
    return found


def _by_likeness(findings: Iterable[Finding], without: set[int], named: bool) -> dict[tuple[str, ...], list[Finding]]:
    found: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for one in findings:
        if id(one) not in without:
            resource = _of(one)
            place = (resource.namespace or "default") if named else ""
            name, message = resource.name, one.message
            if resource.kind == "Namespace":  # which a message names
                name, message = name if named else "", ""
            elif resource.platform == _FILE:
                place, name = "", ""
            key = (one.check, resource.platform, resource.kind, place, name, resource.container, message)
            found[key].append(one)
    return found
