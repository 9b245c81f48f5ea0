"""What is recorded, and what was accepted: logs, waivers."""

from __future__ import annotations

from batten.engine.check import Context, check
from batten.engine.mend import edit
from batten.model.edits import Remove
from batten.model.objects import WaiverUse
from batten.model.values import Absent
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Verdict, fail
from batten.model.workload import Container

_WRITTEN = ("compose", "swarm", "quadlet")  # of which a file is at hand
_WHERE = "where they should go is for its owner to say"
_OWNER = "whether to mend what it accepts or to decide again is for its owner to say"


@check("AUD001", "Waiver has expired or may not be used", severity=HIGH, waivable=False)
def expired_waiver(waiver: WaiverUse) -> Verdict:
    """A finding was accepted until a day that has passed, without a reason, although the check may not be waived, or in
    words that are no waiver. The finding itself is open again. No baseline hides an expired waiver, nor what it
    covered.

    Fix:
        all: mend what was accepted, or decide again: write what was expected, with the reason and a new date.
    """
    if waiver.expired:
        by = f" (owner: {waiver.owner})" if waiver.owner else ""
        return fail(
            waiver.where(),
            f"the waiver of {waiver.name} expired on {waiver.expires}{by}",
            subject=waiver.name,
            no_fix=_OWNER,
        )
    if waiver.refused:
        return fail(
            waiver.where(),
            f"the waiver{f' of {waiver.name}' if waiver.name else ''} is not honoured: {waiver.refused}",
            subject=waiver.name,
            no_fix=_OWNER,
        )
    return PASS


@check("AUD003", "Waiver that matches nothing", severity=LOW)
def unused_waiver(waiver: WaiverUse) -> Verdict:
    """Nothing is covered by the waiver: what it accepted is mended or was renamed. Left there, it will hide the next
    one. This is said only by a scan that could have found it: the check ran, and the files that the waiver speaks of
    were read (all of the configuration's folder, where it names none). A waiver of something that is neither a check
    nor a vulnerability matches nothing, either.

    Fix:
        all: delete it.
    """
    if waiver.matched or waiver.expired or waiver.refused:
        return PASS
    if not waiver.assessed:
        return NOT_APPLICABLE
    return fail(
        waiver.where(),
        waiver.unknown or f"the waiver of {waiver.name} matches nothing",
        subject=waiver.name,
        no_fix="whether it is of no use any more is for its owner to say",
    )


@check(
    "AUD002", "Logs go nowhere", severity=MEDIUM, platforms=("compose", "swarm", "ecs", "docker", "podman", "quadlet")
)
def no_logs(container: Container, context: Context) -> Verdict:
    """What the program prints is thrown away, so that after an incident nobody can say what happened.

    Fix:
        compose: remove `logging.driver: none`.
        swarm: remove `logging.driver: none`.
        ecs: set `logConfiguration` with `awslogs` or `awsfirelens`.
        docker: recreate the container without `--log-driver none`.
        podman: recreate the container without `--log-driver none`.
        quadlet: remove `LogDriver=none`.
    References:
        https://csrc.nist.gov/pubs/sp/800/190/final
    """
    if isinstance(container.log_driver, Absent):
        return NOT_APPLICABLE
    if container.log_driver == "none":
        place = container.where("log_driver")
        # options without their driver would be handed to the engine's own
        what = place.pointer[:-1] if container.platform != "quadlet" else place.pointer
        fix = edit("safe", "log as the engine does", place.document, Remove(what))
        if container.platform not in _WRITTEN:
            return fail(place, "logs are thrown away", no_fix=_WHERE)
        return fail(place, "logs are thrown away", fix=fix)
    if container.platform == "ecs" and not container.log_driver:
        launched = context.inventory.workload_of(container).facts.get("launch-type", "").split(",")
        fates = ["stays on the host"] if launched != ["FARGATE"] else []
        fates += ["is lost on Fargate"] if "FARGATE" in launched else []
        return fail(
            container.where("log_driver"),
            f"no log configuration: what it prints {' and '.join(fates)}",
            no_fix=_WHERE,
        )
    return PASS
