"""Command lines that build, push, scan, sign and deploy images, by the tools' own documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from batten.detect.pipelines.deployments import DEPLOYMENTS
from batten.detect.pipelines.lines import Line, scan_of
from batten.detect.pipelines.scanners import SCANNERS
from batten.detect.pipelines.steps import Fact, script_commands
from batten.detect.shell import Command, Word, options
from batten.detect.shell.syntax import long_options
from batten.model.pipeline import Step
from batten.pattern import pattern

_ENGINES: Final = ("docker", "podman", "nerdctl", "buildah", "img")
_ENGINE_VALUES: Final = long_options(
    "file tag build-arg target platform cache-from cache-to output label network secret ssh add-host iidfile builder "
    "build-context format creds authfile tls-verify manifest layers isolation context host log-level config cert-dir "
    "volume env env-file name user workdir entrypoint mount publish progress provenance sbom memory cpus sign-by"
)
_PIPEFAIL: Final = pattern(r"\bset\b[^\n;]{0,80}\bpipefail\b")
_IGNORED: Final = ("true", ":")


def of_script(step: Step) -> Iterator[Fact]:
    """What the commands of a step's script do."""
    script = step.script
    if script is None:
        return
    found = script_commands(step)
    assigned: dict[str, str] = {}
    promoted: set[str] = set()  # names that are given to what has been pushed already
    for command in found:
        own = {one.name: one.value or "$" for one in command.assignments}
        if command.name == "export":
            own |= {name: value for word in command.arguments for name, _, value in [(word.value or "").partition("=")]}
        if command.name == "export" or not command.argv:
            assigned |= own
        if not command.argv or command.name is None:
            continue
        line = Line(
            command.name,
            command.arguments,
            step,
            script.text,
            script.at(command.start, command.end),
            script.at,
            {**assigned, **own},
        )
        ignored = _ignored(command, found)
        words = [line.raw(word) for word in line.words] if line.name in _ENGINES else []
        if words[:1] == ["tag"] and "@" in "".join(words[1:2]):
            promoted.add(words[-1])
        for fact in of_line(line):
            if fact.kind == "push" and fact.images and promoted.issuperset(fact.images):
                continue
            piped = _piped(command, found) if fact.kind == "scan" and fact.gate is not False else None
            if piped is not None and not script.pipefail and not _PIPEFAIL.search(script.text, 0, command.start):
                why = f"the pipe to {piped.name} hides the result; set -o pipefail first"
                fact = replace(fact, gate=False, gate_place=script.at(command.start, piped.end), gate_why=why)
            if fact.kind == "scan" and ignored is not None:
                why = f"`{script.text[ignored.start : ignored.end]}` behind it hides the result"
                fact = replace(fact, gate=False, gate_place=script.at(ignored.start, ignored.end), gate_why=why)
            yield fact


def _piped(command: Command, found: Sequence[Command]) -> Command | None:
    """The last command of the pipeline that it stands in, where it is not that itself."""
    if command.pipeline is None:
        return None
    number, position = command.pipeline
    last = max(
        (one for one in found if one.pipeline is not None and one.pipeline[0] == number),
        key=lambda one: one.pipeline[1] if one.pipeline is not None else 0,
    )
    return last if last.pipeline is not None and last.pipeline[1] > position else None


def _ignored(command: Command, found: Sequence[Command]) -> Command | None:
    """The command behind `||` that makes a failure a success."""
    following = next((one for one in found[found.index(command) + 1 :] if one.context == command.context), None)
    if following is None or following.connector != "||":
        return None
    if following.name in _IGNORED or following.name == "echo":
        return following
    return following if following.name == "exit" and following.values[1:2] == ("0",) else None


def of_arguments(step: Step) -> Iterator[Fact]:
    """What an image does that is run with arguments: the kaniko executor, a scanner."""
    if step.image is None or not step.arguments:
        return
    words = tuple(Word(one.text, one.text, 0, 0) for one in step.arguments)
    name = _of_image(step.image.text)
    first = words[0].text.rpartition("/")[2]
    if first in _TOOLS or first == "executor":
        name, words = ("kaniko" if first == "executor" else first), words[1:]
    if not name:
        return
    place = step.arguments[0].place
    yield from of_line(Line(name, words, step, "", place, lambda _start, _end: place))


_IMAGES: Final = {
    "kaniko": "kaniko",
    "trivy": "trivy",
    "grype": "grype",
    "cosign": "cosign",
    "ko": "ko",
    "skopeo": "skopeo",
    "batten": "batten",
    "snyk": "snyk",
    "buildah": "buildah",
}


def _of_image(reference: str) -> str:
    """The tool that an image holds, by its name."""
    name = reference.partition("@")[0]
    parts = name.replace(":", "/").split("/")
    return next((tool for word, tool in _IMAGES.items() if word in parts or f"{word}-project" in parts), "")


def of_line(line: Line) -> Iterator[Fact]:
    """What one command line does."""
    if line.name in _ENGINES:
        yield from _engine(line)
    elif line.name in _TOOLS:
        yield from _TOOLS[line.name](line)
    elif line.name in ("mvn", "mvnw", "gradle", "gradlew"):
        for word in line.words:
            if word.text.endswith("jib:build") or (
                line.name.startswith("gradle") and word.text.endswith((":jib", "jib"))
            ):
                yield line.fact("build", "jib")
                yield line.fact("push", "jib")
                return


def _engine(line: Line) -> Iterator[Fact]:
    """docker, podman, nerdctl, buildah."""
    words = tuple(options(_known(line.words), "Hlc", _ENGINE_VALUES, permute=False)[1])
    line = replace(line, words=_known(words))
    sub = line.value(0)
    while sub in ("image", "buildx", "builder", "compose", "manifest", "container", "service", "stack", "trust"):
        if sub == "compose":
            yield from _compose(line.after(1))
            return
        group, line = sub, line.after(1)
        inner = options(line.words, "f", _ENGINE_VALUES, permute=False)[1]
        line = replace(line, words=tuple(inner))
        sub = line.value(0)
        if group == "trust" and sub == "sign":
            yield line.fact("sign", "docker trust")
        if group in ("service", "stack") and sub in ("update", "deploy", "create"):
            yield from _service(line, group)
        if group in ("trust", "service", "stack"):
            return
    line = line.after(1)
    found, operands = options(line.words, "fteovluwpm", _ENGINE_VALUES)
    if sub in ("build", "bud", "bake", "build-using-dockerfile"):
        tags = [line.written(one) for one in found if one.name in ("-t", "--tag", "--manifest")]
        yield line.fact("build", line.name, tags)
        output = [one.value or "" for one in found if one.name in ("-o", "--output")]
        pushes = any(one.name == "--push" and one.value in ("", "true") for one in found)
        if pushes or any("type=registry" in one or "push=true" in one for one in output):
            yield line.fact("push", line.name, tags)
    elif sub == "push":
        images = [line.raw(one) for one in operands if not one.text.startswith("-")]
        yield line.fact("push", line.name, images[-1:])
    elif sub == "scout" and line.value(0) in ("cves", "quickview", "compare"):
        code = line.given(found, "-e", "--exit-code")
        off = line.value(0) != "compare" and code is None
        yield scan_of(line, "docker scout", gate=not off, why="docker scout ends well without --exit-code")
    elif sub == "scan":
        yield scan_of(line, "docker scan", gate=True, why="")
    elif sub == "run":
        yield from _run(line, operands)


def _known(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Without what variables put before the command: `buildah $FLAGS bud`."""
    while words and words[0].value is None:
        words = words[1:]
    return words


def _run(line: Line, operands: Sequence[Word]) -> Iterator[Fact]:
    """`docker run aquasec/trivy image …`: what the image is given is the tool's own command line."""
    for number, word in enumerate(line.words):
        if word not in operands:
            continue
        tool = _of_image(line.raw(word))
        if tool:
            yield from of_line(replace(line, name=tool, words=line.words[number + 1 :]))
        return


def _compose(line: Line) -> Iterator[Fact]:
    words = options(line.words, "fp", _ENGINE_VALUES, permute=False)[1]
    sub = words[0].value if words else ""
    if sub == "build":
        yield line.fact("build", "docker compose")
        if any(word.value == "--push" for word in words):
            yield line.fact("push", "docker compose")
    elif sub == "push":
        yield line.fact("push", "docker compose")


def _service(line: Line, group: str) -> Iterator[Fact]:
    image = line.given(options(line.words, "", _ENGINE_VALUES | {"--image"})[0], "--image")
    if image is not None or group == "stack":
        yield line.fact("deploy", f"docker {group}", [line.written(image)] if image is not None else ())


def _kaniko(line: Line) -> Iterator[Fact]:
    found = options(line.words, "fcd", long_options("dockerfile context destination build-arg digest-file target"))[0]
    targets = [
        line.written(one) if line.text else one.value or "" for one in found if one.name in ("-d", "--destination")
    ]
    yield line.fact("build", "kaniko", targets)
    skipped = any(one.name in ("--no-push", "--no-push-cache") and one.value != "false" for one in found)
    if not skipped:
        yield line.fact("push", "kaniko", targets)


def _executor(line: Line) -> Iterator[Fact]:
    given = {one.name for one in options(line.words)[0]}
    if given & {"--destination", "--no-push", "--context", "--dockerfile"}:
        yield from _kaniko(line)


def _ko(line: Line) -> Iterator[Fact]:
    if line.value(0) in ("build", "publish", "resolve", "apply", "create"):
        given = options(line.words[1:])[0]
        yield line.fact("build", "ko")
        local = any(one.name in ("-L", "--local") or (one.name == "--push" and one.value == "false") for one in given)
        if not local:
            yield line.fact("push", "ko")


def _pack(line: Line) -> Iterator[Fact]:
    if line.value(0) == "build":
        yield line.fact("build", "pack", [line.value(1)])
        if any(word.value == "--publish" for word in line.words):
            yield line.fact("push", "pack", [line.value(1)])


def _copy(line: Line) -> Iterator[Fact]:
    """skopeo, crane, regctl: what ends in a registry is pushed."""
    words = [line.raw(word) if line.text else word.text for word in line.words]
    if line.name == "skopeo" and words[:1] == ["copy"] and words[-1].startswith("docker://"):
        # from one registry to another is no build of this pipeline
        if not any(word.startswith("docker://") for word in words[:-1]):
            yield line.fact("push", "skopeo", words[-1:])
    elif line.name == "crane" and words[:1] == ["push"]:
        yield line.fact("push", "crane", words[-1:])


def _sign(line: Line) -> Iterator[Fact]:
    if line.value(0) in ("sign", "attest"):
        yield line.fact("sign", line.name)


_TOOLS: Final[dict[str, Callable[[Line], Iterator[Fact]]]] = {
    **SCANNERS,
    **DEPLOYMENTS,
    "kaniko": _kaniko,
    "executor": _executor,
    "ko": _ko,
    "pack": _pack,
    "skopeo": _copy,
    "crane": _copy,
    "cosign": _sign,
    "notation": _sign,
}
