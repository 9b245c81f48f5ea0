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


def _declared(name: str, place: tuple[str, str]) -> dict[str, Any]:
    resource = Resource("kubernetes", "Any", name, place[1])
    return {
        "document": _DOCUMENT,
        "pointer": (),
        "resource": resource,
        "scope": place[0],
        "name": name,
        "namespace": place[1],
    }


_PLACES = st.tuples(st.sampled_from(("one", "two")), st.sampled_from(("", "shop")))
_WORKLOADS = st.lists(st.tuples(_PLACES, _LABELS), max_size=6)
_SERVICES = st.lists(st.tuples(_PLACES, st.none() | _LABELS), max_size=6)
_POLICIES = st.lists(st.tuples(_PLACES, st.builds(LabelSelector, match_labels=_LABELS, terms=_TERMS)), max_size=6)


@given(_WORKLOADS, _SERVICES, _POLICIES)
def test_what_selects_a_workload_is_what_a_look_at_every_pair_finds(
    workloads: list[Any], services: list[Any], policies: list[Any]
) -> None:
    inventory = Inventory()
    for number, (place, labels) in enumerate(workloads):
        noun = Workload(id=f"w{number}", platform="kubernetes", kind="Pod", labels=labels, **_declared("w", place))
        inventory.add(noun)
    for number, (place, selector) in enumerate(services):
        inventory.add(Service(selector=selector, **_declared(f"s{number}", place)))
    for number, (place, chooses) in enumerate(policies):
        inventory.add(TrafficPolicy(selector=chooses, **_declared(f"p{number}", place)))

    links = link(inventory).links

    for number, (place, labels) in enumerate(workloads):
        chosen = [
            f"s{index}"
            for index, (where, selector) in enumerate(services)
            if where == place and selector and selector.items() <= labels.items()
        ]
        assert [one.name for one in links.services.get(f"w{number}", ())] == chosen
        held = [
            f"p{index}"
            for index, (where, selector) in enumerate(policies)
            if where == place and selector.matches(labels)
        ]
        assert [one.name for one in links.policies.get(f"w{number}", ())] == held
