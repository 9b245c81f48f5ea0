"""Secrets in manifests: in variables and arguments, in Secret objects, in any text."""

from __future__ import annotations

import re
from typing import Final, Literal

from batten.detect import secrets
from batten.detect.secret_values import is_stand_in
from batten.engine.check import Context, check
from batten.engine.places import argument, exact
from batten.model.objects import Configuration, Project, SecretText
from batten.model.source import Place
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Severity, Verdict, fail
from batten.model.workload import Container, EnvVar
from batten.pattern import pattern

_ROTATE = "whoever could read it, here or in an earlier version, has it: rotate it, then hand it over at run time"
_TEST_DATA = ("test", "tests", "testdata", "fixtures", "example", "examples", "sample", "samples")


@check("ACC009", "Secret value in the environment or arguments", severity=HIGH, secret=True)
def secret_value(container: Container) -> Verdict:
    """A password or key is written out in a variable or an argument. Whoever can read the manifest, the history of
    the repository, the container's record or /proc has it. The same goes for an ENV or a label of a Dockerfile that
    takes a password from an ARG: the file does not show it, every copy of the image does. What a stage takes that the
    image is not built on stays in the builder's cache and that stage's history, which less people can read.

    Fix:
        kubernetes: put it into a Secret (better: an external secret store) and mount it as a file, or use
            `valueFrom.secretKeyRef`.
        compose: use `secrets:` and the `*_FILE` variables of the image.
        swarm: use `docker secret` and `secrets:`.
        ecs: use `secrets` with a `valueFrom` of Secrets Manager or Parameter Store.
        docker: recreate the container with the secret as a file.
        podman: use `podman secret` and `--secret`.
        quadlet: use `Secret=`.
        dockerfile: use `RUN --mount=type=secret` while building, and hand it over at run time else.
    References:
        https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
    """
    failures: list[Failure] = []
    for variable in container.environment:
        beside = _stage_beside(container, variable)
        if variable.source == "build":
            where = (
                f"{beside}, where everybody who reads the cache"
                if beside
                else "the image, where everybody who pulls it"
            )
            failures.append(
                fail(
                    exact(container, variable),
                    f"{variable.name} keeps the build argument {variable.reference} in {where} it reads the value",
                    subject=variable.name,
                    confidence="medium",
                    severity=MEDIUM if beside else HIGH,
                    no_fix="what needs it while building takes it from a secret mount, what runs is handed it then",
                )
            )
        if variable.value is None or variable.source != "literal":
            continue
        hit = secrets.judge_assignment(variable.name, variable.value)
        if hit is not None and not exact(container, variable).is_made():
            failures.append(
                fail(
                    exact(container, variable),
                    f"{variable.name} holds {hit.title.lower()} ({hit.redacted})"
                    + (f", which stays in {beside}" if beside else ""),
                    subject=variable.name,
                    confidence=hit.confidence,
                    severity=_severity(hit.confidence),
                    no_fix=_ROTATE,
                )
            )
    command, args = container.command or (), container.args or ()
    for index, hit in secrets.find_in_words((*command, *args)):
        name: Literal["command", "args"] = "command" if index < len(command) else "args"
        number = index if name == "command" else index - len(command)
        failures.append(
            fail(
                argument(container, name, number, (hit.start, hit.end)),
                f"an argument holds {hit.title.lower()} ({hit.redacted})",
                subject=f"{name}/{number}",
                confidence=hit.confidence,
                severity=_severity(hit.confidence),
                no_fix=_ROTATE,
            )
        )
    return failures or PASS


def _stage_beside(container: Container, variable: EnvVar) -> str:
    """Where a variable of a build stage that the image is not built on stays, "" for all others."""
    if container.platform != "dockerfile" or (variable.source != "build" and variable.value is None):
        return ""
    from batten.formats.dockerfile.environment import stage_beside
    from batten.formats.dockerfile.nodes import Dockerfile

    document = container.document
    stage = stage_beside(document, variable.pointer) if isinstance(document, Dockerfile) else None
    if stage is None:
        return ""
    return f"the build cache and the history of stage {stage.name or stage.index}"


def _severity(confidence: str) -> Severity:
    return {"high": HIGH, "medium": HIGH, "low": MEDIUM}[confidence]


@check(
    "ACC010",
    "Whole secret as environment",
    severity=LOW,
    platforms=("kubernetes", "compose", "swarm", "ecs", "quadlet"),
)
def whole_secret(container: Container) -> Verdict:
    """All keys of a secret, or a file of variables, become the environment: also those that the program does not
    need, and all of them show up in crash dumps and child processes. Mounted as files they are read by who
    opens them.

    Fix:
        kubernetes: mount the Secret as a volume, or name the keys with `valueFrom.secretKeyRef`.
        compose: use `secrets:` with a file each instead of `env_file`.
        swarm: use `secrets:` with a file each instead of `env_file`.
        ecs: name the keys under `secrets` instead of `environmentFiles`.
        quadlet: use `Secret=` instead of `EnvironmentFile=`.
    References:
        https://kubernetes.io/docs/concepts/security/secrets-good-practices/
    """
    failures: list[Failure] = []
    for source in container.environment_from:
        if source.kind == "config":
            continue
        if source.kind == "file" and not any(
            word in source.reference.lower() for word in ("secret", ".env", "cred", "pass")
        ):
            continue
        what = "every key of the secret" if source.kind == "secret" else "every line of"
        failures.append(
            fail(
                container.at(source),
                f"{what} {source.reference} becomes a variable",
                subject=source.reference,
                no_fix="which keys the program reads is for its owner to say",
            )
        )
    return failures or PASS


@check("ACC011", "Secret data is committed", severity=HIGH, secret=True, platforms=("kubernetes",))
def committed_secret(configuration: Configuration) -> Verdict:
    """The values of a Secret stand in the manifest. base64 hides nothing: who can read the repository has them. A
    ConfigMap that holds a password or key is the same with less care. What a Helm chart draws anew for each release
    (`genSignedCert`, `randAlphaNum`) stands in no file.

    Fix:
        kubernetes: keep values out of the repository: External Secrets, Sealed Secrets or SOPS, or let a
            controller make them. Rotate what was committed.
    References:
        https://kubernetes.io/docs/concepts/security/secrets-good-practices/
    """
    failures: list[Failure] = []
    for entry in configuration.entries:
        place = Place(configuration.document, entry.pointer or configuration.pointer)
        if configuration.secret:
            if (
                configuration.type in ("kubernetes.io/service-account-token", "helm.sh/release.v1")
                or not entry.value.strip()
            ):
                continue
            hit = secrets.judge_assignment(entry.key, entry.value)
            confidence = hit.confidence if hit is not None else "low"
            if hit is None and not _is_secret(entry.key, entry.value):
                continue
        else:
            hit = secrets.judge_assignment(entry.key, entry.value) if "\n" not in entry.value else None
            hit = next(iter(secrets.find_logins(entry.value, entry.key)), hit)
            if hit is None:
                continue
            confidence = hit.confidence
        if place.is_made():
            continue
        kind = "Secret" if configuration.secret else "ConfigMap"
        failures.append(
            fail(
                place,
                f"the value of {entry.key} stands in this {kind}",
                subject=entry.key,
                confidence=confidence,
                severity=HIGH if confidence != "low" else MEDIUM,
                no_fix=_ROTATE,
            )
        )
    return failures or (PASS if configuration.entries else NOT_APPLICABLE)


def _is_secret(key: str, value: str) -> bool:
    """May a value that tells nothing be one: no placeholder, nothing public, not kept somewhere else?"""
    return _looks_filled(value) and not _is_public(key, value) and not secrets.is_elsewhere(value)


_PUBLIC_NAME = pattern(r"(?:user(?:_?name)?|host(?:_?name)?|email|ca\.crt)(?:_in|_out)?\Z", re.IGNORECASE)


def _is_public(key: str, value: str) -> bool:
    """A certificate, a public key or the name of an account: no secret, although it stands in a Secret."""
    if "-----BEGIN " in value:
        return "PRIVATE" not in value
    return _PUBLIC_NAME.search(key.rpartition(".")[2] if key != "ca.crt" else key) is not None


_WORD: Final = 40  # characters of what may be a word for a secret (REPLACE_ME) rather than a document with words in it


def _looks_filled(value: str) -> bool:
    """Not a placeholder: something that a program could use."""
    text = value.strip()
    if len(text) <= _WORD and "\n" not in text and is_stand_in(text):
        return False
    return len(text) >= 6 and "{{" not in text and "${" not in text and not text.startswith("<")


@check(
    "ACC012",
    "Secret by environment where secrets exist",
    severity=MEDIUM,
    secret=True,
    platforms=("compose", "swarm"),
)
def compose_secret(project: Project, context: Context) -> Verdict:
    """The project hands secrets to services through variables whose values come from outside, and uses no
    `secrets:` at all. Variables show up in `docker inspect`, in child processes and in crash reports.

    Fix:
        compose: declare `secrets:` at the top, list them under the service and use the `*_FILE` variables.
        swarm: create them with `docker secret create` and list them under `secrets:`.
    References:
        https://docs.docker.com/compose/how-tos/use-secrets/
    """
    named: list[tuple[Container, Place, str]] = []
    for container in context.inventory.within(Container, project.scope):
        if container.document.file is not project.document.file:
            continue
        if any(mount.target.startswith("/run/secrets") for mount in container.mounts):
            return PASS
        for variable in container.environment:
            from_outside = variable.value is None or variable.source != "literal"
            if from_outside and secrets.looks_like_secret_name(variable.name):
                place = container.at(variable)
                # a variable from an env_file is shown at its service
                inside = place.document.file is project.document.file
                named.append((container, place if inside else container.where(), variable.name))
    if not named:
        return PASS
    names = sorted({f"{container.name}.{name}" for container, _, name in named})
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return fail(
        named[0][1],
        f"secrets reach services as variables: {shown}",
        related=tuple(place for _, place, _ in named[1:6]),
        no_fix="the image must be able to read them from files",
    )


@check("ACC013", "Secret in a file", severity=HIGH, secret=True)
def secret_text(secret: SecretText) -> Verdict:
    """The text of the file holds what looks like a password, token or private key. It is in the history of the
    repository from then on, whoever deletes the line.

    Fix:
        all: rotate it, take it out, and hand it over at run time from a secret store.
    References:
        https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
    """
    parts = secret.document.file.path.lower().split("/")
    severity: Severity = HIGH
    if secret.confidence == "low" or any(part in _TEST_DATA for part in parts[:-1]):
        severity = MEDIUM if secret.confidence != "low" else LOW
    return fail(
        secret.where(),
        f"{secret.title} ({secret.redacted})",
        subject=f"{secret.kind}:{secret.redacted}",
        confidence=secret.confidence,
        severity=severity,
        no_fix=_ROTATE,
    )
