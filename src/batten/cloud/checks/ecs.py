"""Amazon ECS: what the task's surroundings leave open."""

from __future__ import annotations

from batten.engine.check import check
from batten.engine.mend import edit
from batten.model.edits import Set
from batten.model.source import Place, Pointer
from batten.model.verdict import LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail
from batten.model.workload import Workload


def _fact(workload: Workload, name: str) -> Place:
    return workload.where(f"fact:{name}")


def _setting(pointer: Pointer) -> Pointer:
    """Where `transitEncryption` stands, or would."""
    return pointer if pointer[-1] == "transitEncryption" else (*pointer, "transitEncryption")


@check("CLD001", "Public IP address is assigned", severity=MEDIUM, platforms=("ecs",))
def public_ip(workload: Workload) -> Verdict:
    """The task gets an address of its own in the Internet; only a security group stands between.

    Fix:
        ecs: set `assignPublicIp` to DISABLED and put the service behind a load balancer; pull images through VPC
            endpoints or a NAT gateway.
    References:
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
    """
    value = workload.facts.get("public-ip")
    if value is None:
        return NOT_APPLICABLE
    if value != "true":
        return PASS
    return fail(
        _fact(workload, "public-ip"),
        "the task gets a public IP address",
        no_fix="without it the subnet must have another way out",
    )


@check("CLD002", "ECS Exec is switched on", severity=LOW, platforms=("ecs",))
def exec_enabled(workload: Workload) -> Verdict:
    """Whoever holds `ecs:ExecuteCommand` gets a root shell in the running container, whatever its image contains.

    Fix:
        ecs: set `enableExecuteCommand` to false; switch it on for as long as you debug, with logging.
    References:
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """
    value = workload.facts.get("exec")
    if value is None:
        return NOT_APPLICABLE
    if value != "true":
        return PASS
    place = _fact(workload, "exec")
    return fail(
        place,
        "commands can be run in the container from outside",
        fix=edit("review", "switch it off until somebody debugs", place.document, Set(place.pointer, value=False)),
    )


@check("CLD003", "EFS volume without encryption in transit", severity=MEDIUM, platforms=("ecs",))
def efs_in_the_clear(workload: Workload) -> Verdict:
    """What the task reads and writes on EFS crosses the network in the clear, and without IAM authorization every
    host that reaches the mount target may mount it.

    Fix:
        ecs: set `transitEncryption` to ENABLED and `authorizationConfig.iam` to ENABLED.
    References:
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
    """
    names = [name for name in workload.facts if name.startswith("efs-encryption:")]
    if not names:
        return NOT_APPLICABLE
    failures: list[Failure] = [
        fail(
            _fact(workload, name),
            f"the EFS volume {name.partition(':')[2]} is not encrypted in transit",
            subject=name.partition(":")[2],
            fix=edit(
                "review",
                "encrypt in transit",
                _fact(workload, name).document,
                Set(_setting(_fact(workload, name).pointer), "ENABLED"),
            ),
        )
        for name in names
        if workload.facts[name] != "true"
    ]
    return failures or PASS
