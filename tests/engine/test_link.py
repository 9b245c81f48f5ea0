"""What selects a workload: the index against looking at every pair."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batten.engine.link import link
from batten.formats.text import TextDocument
from batten.model.inventory import Inventory
from batten.model.objects import LabelSelector, SelectorTerm, Service, TrafficPolicy
from batten.model.source import File
from batten.model.workload import Resource, Workload

_DOCUMENT = TextDocument(File("a.yaml", b""))
_LABELS = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xyz"), max_size=2)
_TERMS = st.lists(
    st.builds(
        SelectorTerm,
        key=st.sampled_from("ab"),
        operator=st.sampled_from(("In", "NotIn", "Exists", "DoesNotExist")),
        values=st.lists(st.sampled_from("xyz"), max_size=2).map(tuple),
    ),
    max_size=1,
).map(tuple)


def _declared(kind: str, name: str, place: tuple[str, str]) -> dict[str, Any]:
    resource = Resource("kubernetes", kind, name, place[1])
    return {
        "document": _DOCUMENT,
        "pointer": (),
        "resource": resource,
        "scope": place[0],
        "name": name,
        "namespace": place[1],
    }


_PLACES = st.tuples(st.sampled_from(("one", "two")), st.sampled_from(("", "shop")))
_NAMES = st.sampled_from(("a", "b", "c"))
_WORKLOADS = st.lists(st.tuples(_PLACES, _NAMES, _LABELS), max_size=6)
_SERVICES = st.lists(st.tuples(_PLACES, _NAMES, st.none() | _LABELS), max_size=6)
_SELECTORS = st.builds(LabelSelector, match_labels=_LABELS, terms=_TERMS)
_POLICIES = st.lists(st.tuples(_PLACES, _NAMES, _SELECTORS), max_size=6)


def _is_lone(one: Any, of: list[Any]) -> bool:
    """It names its namespace, and nothing else there has its name."""
    return one[0][1] != "" and sum(one[0][1] == other[0][1] and one[1] == other[1] for other in of) == 1


def _joined(workload: Any, workloads: list[Any], other: Any, others: list[Any]) -> int | None:
    """0 in the same scope and namespace, 1 where both are alone under their names, None where they are not joined."""
    if workload[0] == other[0]:
        return 0
    alone = _is_lone(workload, workloads) and _is_lone(other, others)
    return 1 if alone and workload[0][1] == other[0][1] else None


@given(_WORKLOADS, _SERVICES, _POLICIES)
def test_what_selects_a_workload_is_what_a_look_at_every_pair_finds(
    workloads: list[Any], services: list[Any], policies: list[Any]
) -> None:
    inventory = Inventory()
    for number, (place, name, labels) in enumerate(workloads):
        declared = _declared("Pod", name, place)
        inventory.add(Workload(id=f"w{number}", platform="kubernetes", kind="Pod", labels=labels, **declared))
    for place, name, selector in services:
        inventory.add(Service(selector=selector, **_declared("Service", name, place)))
    for place, name, chooses in policies:
        inventory.add(TrafficPolicy(selector=chooses, **_declared("NetworkPolicy", name, place)))

    links = link(inventory).links

    for number, workload in enumerate(workloads):
        for others, found, matches in (
            (services, links.services, lambda selector, labels: selector and selector.items() <= labels.items()),
            (policies, links.policies, lambda selector, labels: selector.matches(labels)),
        ):
            order = [(_joined(workload, workloads, other, others), other) for other in others]
            wanted = [
                (other[0][0], other[1])
                for wanted_order in (0, 1)
                for joined, other in order
                if joined == wanted_order and matches(other[2], workload[2])
            ]
            assert [(one.scope, one.name) for one in found.get(f"w{number}", ())] == wanted
