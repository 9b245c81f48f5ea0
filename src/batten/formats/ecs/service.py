"""Services: what `create-service` takes and `describe-services` prints, as far as it concerns safety."""

from __future__ import annotations

from batten.formats.docker_values import is_template
from batten.formats.part import Part
from batten.model.source import Document, Pointer
from batten.model.workload import Resource, Workload


def workload_of(document: Document, part: Part, scope: str) -> tuple[Workload, list[Pointer]]:
    """(a workload of kind `Service` without containers, the judged fields that a template fills in).

    The facts are listed in `batten.formats.ecs.reader`.
    """
    name = part.text("serviceName") or part.text("service") or "service"
    facts: dict[str, str] = {}
    places: dict[str, Pointer] = {}
    templates: list[Pointer] = []

    def tell(fact: str, owner: Part, field: str, value: str) -> None:
        if is_template(owner.text(field)):
            templates.append(owner.at(field))
            return
        facts[fact] = value
        places[f"fact:{fact}"] = owner.at(field) if owner.get(field) is not None else owner.pointer

    tell("exec", part, "enableExecuteCommand", "true" if part.flag("enableExecuteCommand") is True else "false")
    network = _network(part)
    if isinstance(network.value, dict):
        public = network.text("assignPublicIp").upper() == "ENABLED"
        tell("public-ip", network, "assignPublicIp", "true" if public else "false")
    for fact, field in (("launch-type", "launchType"), ("task-definition", "taskDefinition")):
        if part.get(field) is not None and not is_template(part.text(field)):
            tell(fact, part, field, part.text(field))
    replicas = part.integer("desiredCount")
    workload = Workload(
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
    return workload, templates


def _network(part: Part) -> Part:
    """`awsvpcConfiguration` of the service, else that of its first task set."""
    network = part.part("networkConfiguration").part("awsvpcConfiguration")
    if isinstance(network.value, dict):
        return network
    for task_set in part.parts("taskSets")[:1]:
        return task_set.part("networkConfiguration").part("awsvpcConfiguration")
    return network
