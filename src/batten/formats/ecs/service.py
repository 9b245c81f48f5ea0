"""Services: what `create-service` takes and `describe-services` prints, as far as it concerns safety."""

from __future__ import annotations

from typing import Any

from batten.formats.part import Part
from batten.model.source import Document, Pointer
from batten.model.workload import Resource, Workload


def workload_of(document: Document, part: Part, scope: str) -> Workload:
    """A workload of kind `Service` without containers; its facts are listed in `batten.formats.ecs.reader`."""
    name = part.text("serviceName") or part.text("service") or "service"
    facts: dict[str, str] = {}
    places: dict[str, Pointer] = {}

    def tell(fact: str, owner: Part, field: str, value: str) -> None:
        facts[fact] = value
        places[f"fact:{fact}"] = owner.at(field) if owner.get(field) is not None else owner.pointer

    tell("exec", part, "enableExecuteCommand", _word(part.flag("enableExecuteCommand")))
    network = _network(part)
    if isinstance(network.value, dict):
        public = network.text("assignPublicIp").upper() == "ENABLED"
        tell("public-ip", network, "assignPublicIp", "true" if public else "false")
    if part.get("launchType") is not None:
        tell("launch-type", part, "launchType", part.text("launchType").upper())
    if part.get("taskDefinition") is not None:
        tell("task-definition", part, "taskDefinition", part.text("taskDefinition"))
    replicas = part.integer("desiredCount")
    return Workload(
        id=f"{scope}/ecs//Service/{name}",
        platform="ecs",
        kind="Service",
        name=name,
        document=document,
        pointer=part.pointer,
        object_pointer=part.pointer,
        resource=Resource("ecs", "Service", name),
        scope=scope,
        places=places,
        replicas=replicas if isinstance(replicas, int) else None,
        facts=facts,
    )


def _network(part: Part) -> Part:
    """`awsvpcConfiguration` of the service, else that of its first task set."""
    network = part.part("networkConfiguration").part("awsvpcConfiguration")
    if isinstance(network.value, dict):
        return network
    for task_set in part.parts("taskSets")[:1]:
        return task_set.part("networkConfiguration").part("awsvpcConfiguration")
    return network


def _word(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else "unknown"
