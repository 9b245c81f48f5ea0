"""Pipelines: secrets where others can read them: in build arguments, on command lines, in what is built."""

from __future__ import annotations

import re
from collections.abc import Iterator

from batten.detect import secrets
from batten.engine.check import check
from batten.engine.mend import edit
from batten.model.edits import ReplaceText
from batten.model.pipeline import Job, Script, Step, Text
from batten.model.source import Place
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Fix, Verdict, fail
from batten.pattern import pattern

_NAME = pattern(r"\$\{([A-Za-z_][\w.]*)\}|\$\{?([A-Za-z_]\w*)|\$\(([A-Za-z_][\w.]*)\)")
_GITHUB_SECRET = pattern(r"(?<![\w.-])(?:secrets\.(\w+)|github\.(token)\b)")
_ARGUMENT = pattern(r"--build-arg[ =]+([\"']?)(\w+)=([^\n]{0,500}?)\1(?=\s|\Z)")
_DATABASE = pattern(
    r"(?:\A|_)(?:DATABASE|DB|MONGO(?:DB)?|POSTGRES|REDIS|AMQP|MIGRATION)_?(?:URL|URI|DSN)\Z|CONNECTION_STRING\Z"
)
_PUBLIC = pattern(
    r"(?:REPOSITORY|REPO|REGISTRY|REGION|HOST(?:NAME)?|USER(?:NAME)?|LOGIN|ACCOUNT|PROJECT|CLUSTER|NAME|EMAIL|DOMAIN|"
    r"BUCKET|ROLE|ARN|ORG|TENANT|_ID|ZONE|NAMESPACE|ENDPOINT|PORT|SERVER|CHANNEL)\Z",
    re.IGNORECASE,
)
# these are the shell's own: no process is started that others could see
_BUILTINS = (
    "echo",
    "printf",
    "export",
    "test",
    "[",
    "[[",
    "read",
    "set",
    "local",
    "declare",
    ":",
    "true",
    "eval",
    "cd",
)
_LOGINS = ("docker", "podman", "buildah", "nerdctl", "skopeo", "crane", "oras", "helm", "img", "regctl")


def _secret_name(step: Step, name: str) -> bool:
    """Does the variable hold a secret? What the file itself gives a value is none."""
    if name in step.secrets:
        # names of registries, accounts and hosts are often kept among the secrets, too
        return _PUBLIC.search(name) is None
    if name.endswith(("_FILE", "_PATH")) or not (secrets.looks_like_secret_name(name) or _DATABASE.search(name)):
        return False
    given = next((one for one in step.environment if one.name == name), None)
    if given is None:
        # what is set in the project's settings stands in no file; on GitHub such a variable is handed over by `env`
        return step.head.platform != "github-actions"
    return given.secret


def _named(step: Step, text: str) -> list[str]:
    """The secrets that a text names."""
    found: list[str] = []
    for one in _NAME.finditer(text):
        if text.startswith("${{", one.start()):
            continue
        name = one[1] or one[2] or one[3] or ""
        if name and _secret_name(step, name.rpartition(".")[2] if step.head.platform == "jenkins" else name):
            found.append(name)
    for whole in _EXPRESSION.finditer(text):
        found += [f"secrets.{one[1]}" if one[1] else "github.token" for one in _GITHUB_SECRET.finditer(whole[1])]
        found += [one[1] for one in _ENV.finditer(whole[1]) if one[1] in step.secrets]
    return list(dict.fromkeys(found))


_EXPRESSION = pattern(r"\$\{\{(.{0,500}?)\}\}")
_ENV = pattern(r"\benv\.(\w+)")


@check(
    "ACC021",
    "Secret in a build argument",
    severity=HIGH,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins"),
)
def secret_build_argument(step: Step) -> Verdict:
    """The image is built with a secret as a build argument. Its value is in the image's history and in its provenance:
    everybody who can pull the image can read it.

    Fix:
        github-actions: use `secrets:` of `docker/build-push-action`, and `RUN --mount=type=secret` in the Dockerfile.
        all: use `docker build --secret id=…,env=…`, and `RUN --mount=type=secret` in the Dockerfile.
    References:
        https://docs.docker.com/build/building/secrets/
        https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
    """
    arguments = list(_build_arguments(step))
    failures: list[Failure] = []
    for place, name, value in arguments:
        held = _named(step, value)
        if not held and not value and _secret_name(step, name):
            held = [name]
        if held:
            failures.append(
                fail(
                    place,
                    f"{held[0]} becomes the build argument {name}, which the image's history keeps",
                    subject=f"{step.name}/{name}",
                    no_fix="the Dockerfile must read it from a mount",
                )
            )
    return failures or (PASS if arguments else NOT_APPLICABLE)


def _build_arguments(step: Step) -> Iterator[tuple[Place, str, str]]:
    """Place, name and value of every build argument of a step."""
    from batten.detect.pipelines import facts, script_commands

    script = step.script
    if script is not None and "--build-arg" in script.text:
        for command in script_commands(step):
            words = command.argv
            for number, word in enumerate(words):
                raw = script.text[word.start : word.end]
                if raw == "--build-arg" and number + 1 < len(words):
                    word = words[number + 1]
                    raw = script.text[word.start : word.end]
                elif raw.startswith("--build-arg="):
                    raw = raw[len("--build-arg=") :]
                else:
                    continue
                name, _, value = raw.strip("\"'").partition("=")
                yield script.at(word.start, word.end), name, value
    if step.use is None or not any(one.kind == "build" for one in facts(step)):
        return
    for key in ("build-args", "build_args", "buildargs"):
        if key in step.inputs:
            yield from _lines(step.inputs[key])
    for key in ("arguments", "1"):
        if key in step.inputs:
            text = step.inputs[key]
            for one in _ARGUMENT.finditer(text.text):
                yield text.at(one.start(2), one.end(3)), one[2], one[3]


def _lines(text: Text) -> Iterator[tuple[Place, str, str]]:
    at = 0
    for line in text.text.split("\n"):
        name, equals, value = line.strip().partition("=")
        if equals:
            begin = at + len(line) - len(line.lstrip())
            yield text.at(begin, begin + len(line.strip())), name, value
        at += len(line) + 1


@check(
    "ACC022",
    "Secret on a command line",
    severity=LOW,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins"),
)
def secret_argument(step: Step) -> Verdict:
    """A secret is an argument of a command: every process of the machine can read it while the command runs, and it
    shows up in traces, in error messages and in the logs of tools that print how they were called. `docker login -p`
    warns of it itself. Where a Jenkinsfile puts it in with double quotes, Jenkins cannot mask it, and what it holds is
    read by the shell.

    Fix:
        all: hand it over through standard input (`--password-stdin`), a file, or the variable that the tool reads.
        jenkins: use single quotes, so that the shell reads the variable: `sh 'curl --netrc-file "$NETRC" …'`.
    References:
        https://docs.docker.com/reference/cli/docker/login/#password-stdin
        https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#string-interpolation
    """
    script = step.script
    if script is None:
        return NOT_APPLICABLE
    from batten.detect.pipelines import script_commands

    failures: list[Failure] = []
    found = script_commands(step) if "$" in script.text else []
    for command in found:
        if command.name in _BUILTINS or command.name is None:
            continue
        for number, word in enumerate(command.argv[1:], 1):
            raw = script.text[word.start : word.end]
            held = _named(step, raw) if "$" in raw else []
            if not held or (raw.startswith(("$(", '"$(')) and step.head.platform != "azure-pipelines"):
                continue
            if raw.startswith(("<(", ">(")):  # what its commands are given is a word of theirs
                continue
            if "--build-arg" in (raw, script.text[command.argv[number - 1].start : command.argv[number - 1].end]):
                continue
            login = command.name in _LOGINS and "login" in command.values
            grave = login or (step.head.platform == "jenkins" and _interpolated(script, word.start, word.end))
            fix = _stdin(step, script, command, number) if login else None
            failures.append(
                fail(
                    script.at(word.start, word.end),
                    f"{held[0]} is an argument of {command.name}",
                    subject=f"{step.name}/{command.name}/{held[0]}",
                    severity=MEDIUM if grave else LOW,
                    fix=fix,
                    no_fix="" if fix else "how the tool takes it else is for its documentation to say",
                )
            )
            break
    return failures or PASS


def _interpolated(script: Script, start: int, end: int) -> bool:
    return any(one.start >= start and one.end <= end for one in script.expressions)


def _stdin(step: Step, script: Script, command: object, number: int) -> Fix | None:
    """`echo "$X" | docker login … --password-stdin` for `docker login … -p $X`."""
    from batten.detect.shell import Command

    assert isinstance(command, Command)
    if script.document is not step.document and step.head.platform != "gitlab-ci":
        return None
    value, option = command.argv[number], command.argv[number - 1]
    raw = script.text[value.start : value.end]
    if script.text[option.start : option.end] in ("-p", "--password"):
        begin = option.start
    else:
        return None
    if command.pipes or command.context or command.prefixes or command.redirections:
        return None
    if script.shell not in ("sh", "bash", "dash") or step.head.platform not in ("github-actions", "gitlab-ci"):
        return None
    quoted = raw if raw.startswith('"') else f'"{raw}"'
    edits = (
        ReplaceText(script.at(command.start, command.start).pointer, f"printf '%s' {quoted} | "),
        ReplaceText(script.at(begin, value.end).pointer, "--password-stdin"),
    )
    return edit("review", "hand the password over through standard input", script.document, *edits)


@check(
    "ACC023",
    "Secret is written into what is built",
    severity=MEDIUM,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins"),
)
def secret_in_context(job: Job) -> Verdict:
    """The job writes a secret into a file of its folder and then builds an image from that folder. Unless an ignore
    file keeps it out, `COPY . .` puts it into the image, where everybody who can pull the image can read it.

    Fix:
        all: hand it over when the container starts; where the build needs it, use `docker build --secret` and
            `RUN --mount=type=secret`; list the file in `.dockerignore`.
    References:
        https://docs.docker.com/build/building/secrets/
        https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    from batten.detect.pipelines import facts, script_commands

    builds = [step for step in job.steps if any(one.kind == "build" for one in facts(step))]
    if not builds:
        return NOT_APPLICABLE
    last = builds[-1].index
    written: dict[str, list[tuple[Place, str]]] = {}
    for step in job.steps:
        script = step.script
        if script is None or step.index > last or ">" not in script.text:
            continue
        for command in script_commands(step):
            target = next((one.target for one in command.redirections if one.operator in (">", ">>")), None)
            if command.name not in ("echo", "printf") or target is None:
                continue
            file = target.value or target.text
            # what is written into the home directory or for the runner itself is outside of the folder
            if file.startswith(("/", "~", "$", '"$')) or not file:
                continue
            held = _named(step, script.text[command.start : command.end])
            if held:
                place = script.at(command.start, max(command.end, target.end))
                written.setdefault(file, []).append((place, held[0]))
    failures = []
    for file, found in written.items():
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        failures.append(
            fail(
                found[0][0],
                f"{found[0][1]}{more} written into {file}, in the folder that an image is built from",
                subject=file,
                confidence="medium",
                related=tuple(place for place, _ in found[1:6]),
                no_fix="how the program is given it is for the owner to say",
            )
        )
    return failures or PASS
