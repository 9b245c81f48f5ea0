"""What the configuration of a built image says: secrets, labels, health check, base."""

from __future__ import annotations

import re
from typing import Final

from batten import limits
from batten.detect import secrets
from batten.detect.build_steps import secrets_in
from batten.engine.check import Context, check
from batten.engine.image_parts import has_configuration, step
from batten.images.checks.reference import is_allowed
from batten.model.image import parse_reference
from batten.model.image_content import Image, Step
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail

_ROTATE: Final = "whoever pulled the image has it: rotate it, then build without it"


@check("IMG018", "Secret in the configuration of the image", severity=HIGH, secret=True)
def configured_secret(image: Image) -> Verdict:
    """A password or key stands in a variable, a label, the command or the history of the image. Everybody who may
    pull the image reads it with one command, and so does every program in the container. A build argument stays in
    the history although no variable shows it.

    Fix:
        all: use `RUN --mount=type=secret,id=…` in the Dockerfile for what the build needs, and hand the program its
            secrets at run time. Rotate what was built in.
    References:
        https://docs.docker.com/build/building/secrets/
        https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
    """
    if not has_configuration(image):
        return NOT_APPLICABLE
    failures: list[Failure] = []
    seen: set[tuple[str, str]] = set()
    for key, mapping in (("Env", image.environment), ("Labels", tuple(image.image_labels.items()))):
        for name, value in mapping:
            hit = secrets.judge_assignment(name, value)
            if hit is not None:
                seen.add((name, hit.redacted))
                what = "the variable" if key == "Env" else "the label"
                failures.append(_secret(image, ("config", key, name), f"{what} {name}", hit, f"{key}/{name}"))
    for key, words in (("Entrypoint", image.entrypoint), ("Cmd", image.command)):
        failures += [
            _secret(image, ("config", key), f"the {key.lower()}", hit, f"{key}/{index}")
            for index, hit in secrets.find_in_words(words)
        ]
    left = limits.HISTORY_SECRETS_CHARACTERS
    for number, one in enumerate(image.history):
        left -= len(one.created_by)
        if left < 0:
            failures.append(_not_searched(image, number))
            break
        for name, _, _, hit in secrets_in(one.created_by):
            if (name, hit.redacted) not in seen:
                seen.add((name, hit.redacted))
                what = f"{name} in step {number + 1}" if name else f"step {number + 1}"
                text = f"{what} of the history ({_kind(one)})"
                failures.append(_secret(image, ("step", number), text, hit, f"history/{name or hit.redacted}"))
    return failures or PASS


def _not_searched(image: Image, number: int) -> Failure:
    return fail(
        image.where("step", number),
        f"the history is too long to be searched for secrets from step {number + 1} on",
        subject="not searched",
        severity=LOW,
        confidence="low",
        no_fix="no build that is meant to be read has such steps",
    )


def _kind(one: Step) -> str:
    """The instruction of a step, without what it says: that may be the secret."""
    word = step(one.created_by).partition(" ")[0]
    return word if re.fullmatch(r"[A-Z]{2,12}", word) else "a command"


def _secret(image: Image, pointer: tuple[str | int, ...], what: str, hit: secrets.Hit, subject: str) -> Failure:
    return fail(
        image.where(*pointer),
        f"{what} holds {_lowered(hit.title)} ({hit.redacted})",
        subject=subject,
        confidence=hit.confidence,
        severity=MEDIUM if hit.confidence == "low" else HIGH,
        no_fix=_ROTATE,
    )


def _lowered(title: str) -> str:
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


# OCI image specification, "Pre-Defined Annotation Keys"; label-schema.org is what came before it
_LABELS: Final = {
    "org.opencontainers.image.source": "org.label-schema.vcs-url",
    "org.opencontainers.image.revision": "org.label-schema.vcs-ref",
    "org.opencontainers.image.version": "org.label-schema.version",
}


@check("IMG022", "Image does not say what it was built from", severity=LOW, persona="pedantic")
def missing_labels(image: Image) -> Verdict:
    """With source, revision and version in its labels, whoever finds a flaw in a running image finds the repository,
    the commit and the release that it comes from.

    Fix:
        all: add `LABEL org.opencontainers.image.source=… org.opencontainers.image.revision=…
            org.opencontainers.image.version=…`; the metadata action of most pipelines does it.
    References:
        https://github.com/opencontainers/image-spec/blob/main/annotations.md
    """
    if not has_configuration(image):
        return NOT_APPLICABLE
    given = {key for key, value in (*image.image_labels.items(), *image.annotations.items()) if value.strip()}
    missing = [name for name, older in _LABELS.items() if name not in given and older not in given]
    if not missing:
        return PASS
    return fail(
        image.where("config", "Labels"),
        f"the labels {', '.join(missing)} are missing" if len(missing) > 1 else f"the label {missing[0]} is missing",
        no_fix="the build knows what to write there",
    )


@check("IMG023", "Image has no health check", severity=LOW, persona="pedantic")
def missing_health_check(image: Image) -> Verdict:
    """Without a health check an engine sees a hung program as running. Kubernetes ignores it and asks its own probes;
    the OCI format has no place for it.

    Fix:
        all: add `HEALTHCHECK CMD …` to the Dockerfile, with a command that is in the image anyway.
    References:
        https://docs.docker.com/reference/dockerfile/#healthcheck
    """
    if not has_configuration(image):
        return NOT_APPLICABLE
    if image.healthcheck:
        return PASS
    return fail(
        image.where("config", "Healthcheck"),
        "the image has no health check",
        no_fix="what shows that the program works is for its owner to say",
    )


@check("IMG024", "Image is built on a base that is not allowed", severity=HIGH)
def base_not_allowed(image: Image, context: Context) -> Verdict:
    """The base that the image names, or that its lowest layers are, does not come from one of the places that your
    configuration allows (`[images] allowed-base-images`, else `allowed-registries`). Where the base cannot be told,
    this is not assessed.

    Fix:
        all: start the last stage of the Dockerfile from an allowed base, or add the base to the list.
    References:
        https://csrc.nist.gov/pubs/sp/800/190/final
        https://github.com/opencontainers/image-spec/blob/main/annotations.md
    """
    allowed = context.settings.allowed_base_images or context.settings.allowed_registries
    base = parse_reference(image.base.reference) if image.base is not None and image.base.reference else None
    if not allowed or base is None or image.base is None:
        return NOT_APPLICABLE
    if is_allowed(base, allowed):
        return PASS
    told = {"annotation": "an annotation", "label": "a label", "layers": "its lowest layers"}
    by = told.get(image.base.evidence, "its history")
    return fail(
        image.where("layer", 0) if image.base.evidence == "layers" else image.where("config", "Labels"),
        f"the base {base.raw} (told by {by}) is not on the list of allowed sources",
        subject=base.name,
        # labels are inherited: they may speak of what is below the base
        confidence="medium" if image.base.evidence == "label" else "high",
        no_fix="it must be mirrored first",
    )
