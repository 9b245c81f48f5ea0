"""Command lines that build, push, scan, sign and deploy images, by the tools' own documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from batten.detect.pipelines.facts import Fact, script_commands
from batten.detect.shell import Command, Word, options
from batten.detect.shell.syntax import Option, long_options
from batten.model.pipeline import Step
from batten.model.source import Place

_ENGINES: Final = ("docker", "podman", "nerdctl", "buildah", "img")
_ENGINE_VALUES: Final = long_options(
    "file tag build-arg target platform cache-from cache-to output label network secret ssh add-host iidfile builder "
    "build-context format creds authfile tls-verify manifest layers isolation context host log-level config cert-dir "
    "volume env env-file name user workdir entrypoint mount publish progress provenance sbom memory cpus sign-by"
)
_IGNORED: Final = ("true", ":")
_TRIVY_TARGETS: Final = (
    "image",
    "i",
    "fs",
    "filesystem",
    "rootfs",
    "repo",
    "repository",
    "config",
    "sbom",
    "vm",
    "k8s",
)
_TRIVY_VALUES: Final = long_options(
    "exit-code severity format output input cache-dir cache-backend config ignorefile ignore-policy timeout template "
    "scanners security-checks vuln-type pkg-types platform db-repository java-db-repository server token username "
    "password exit-on-eol skip-dirs skip-files report compliance image-src trace-rego policy include-dev-deps vex"
)


class Line(Struct, frozen=True, eq=False):
    """A command line: its words behind the name, and how their places and texts are found."""

    name: str
    words: tuple[Word, ...]
    step: Step
    text: str
    place: Place
    at: Callable[[int, int], Place]

    def value(self, index: int) -> str:
        return (self.words[index].value or self.words[index].text) if index < len(self.words) else ""

    def after(self, count: int) -> Line:
        return replace(self, words=self.words[count:])

    def raw(self, word: Word) -> str:
        """A word with what is put in later, as it is written."""
        return self.text[word.start : word.end].strip("'\"")

    def given(self, found: Sequence[Option], *names: str) -> Option | None:
        return next((one for one in found if one.name in names), None)

    def written(self, option: Option) -> str:
        """The value of an option as it is written."""
        text = self.text[option.start : option.end]
        head = option.name
        rest = text[len(head) :] if text.startswith(head) else text
        return rest.lstrip("= \t\\\n").strip("'\"")

    def fact(self, kind: str, tool: str, images: Sequence[str] = (), **more: object) -> Fact:
        return Fact(kind, tool, self.place, tuple(images), **more)  # type: ignore[arg-type]


def of_script(step: Step) -> Iterator[Fact]:
    """What the commands of a step's script do."""
    script = step.script
    if script is None:
        return
    found = script_commands(step)
    for command in found:
        if not command.argv or command.name is None:
            continue
        line = Line(
            command.name, command.arguments, step, script.text, script.at(command.start, command.end), script.at
        )
        ignored = _ignored(command, found)
        for fact in of_line(line):
            if fact.kind == "scan" and ignored is not None:
                why = f"`{script.text[ignored.start : ignored.end]}` behind it hides the result"
                fact = replace(fact, gate=False, gate_place=script.at(ignored.start, ignored.end), gate_why=why)
            yield fact


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
        yield _scan(line, "docker scout", gate=not off, why="docker scout ends well without --exit-code")
    elif sub == "scan":
        yield _scan(line, "docker scan", gate=True, why="")
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


def _scan(
    line: Line, tool: str, *, gate: bool | None, why: str, of_images: bool = True, reported: bool = False
) -> Fact:
    return line.fact(
        "scan",
        tool,
        gate=gate,
        gate_place=line.place if gate is False else None,
        gate_why=why if gate is False else "",
        of_images=of_images,
        reported=reported,
    )


def _environment(step: Step, name: str) -> str:
    return next((one.value.text for one in step.environment if one.name == name), "")


def _trivy(line: Line) -> Iterator[Fact]:
    found, operands = options(line.words, "sfocit", _TRIVY_VALUES)
    target = next((word.value or "" for word in operands), "")
    if target not in _TRIVY_TARGETS or any(one.name == "--download-db-only" for one in found):
        return
    code = line.given(found, "--exit-code")
    value = line.written(code) if code is not None else _environment(line.step, "TRIVY_EXIT_CODE")
    configured = line.given(found, "-c", "--config") is not None
    gate: bool | None = value != "0" if value else None if configured else False
    if value and not value.isdigit():
        gate = None
    layout = line.given(found, "-f", "--format")
    fact = _scan(
        line,
        "trivy",
        gate=gate,
        why="--exit-code 0 lets it end well whatever it finds"
        if value == "0"
        else "trivy ends well without --exit-code",
        of_images=target in ("image", "i"),
        reported=layout is not None and line.written(layout) in ("sarif", "cyclonedx", "spdx", "spdx-json", "github"),
    )
    if code is not None and gate is False:
        written = line.text[code.start : code.end]
        on = written[:-1] + "1" if written.endswith("0") else ""
        fact = replace(fact, gate_place=line.at(code.start, code.end), gate_text=on)
    # a bill of materials is no search for flaws
    if layout is None or line.written(layout) not in ("cyclonedx", "spdx", "spdx-json", "github"):
        yield fact


def _grype(line: Line) -> Iterator[Fact]:
    found, operands = options(line.words, "focs", long_options("fail-on output file config scope add-cpes-if-none"))
    if not operands or operands[0].value in ("db", "version", "config", "explain", "completion"):
        return
    configured = line.given(found, "-c", "--config") is not None
    gate = line.given(found, "-f", "--fail-on") is not None or bool(_environment(line.step, "GRYPE_FAIL_ON_SEVERITY"))
    layout = line.given(found, "-o", "--output")
    yield _scan(
        line,
        "grype",
        gate=True if gate else None if configured else False,
        why="grype ends well without --fail-on",
        of_images=not line.raw(operands[0]).startswith(("dir:", "sbom:", "file:", ".")),
        reported=layout is not None and "sarif" in line.written(layout),
    )


def _snyk(line: Line) -> Iterator[Fact]:
    words = [word.value for word in line.words[:2]]
    if words[:2] == ["container", "test"]:
        yield _scan(line, "snyk", gate=True, why="")
    elif words[:1] in (["test"], ["code"], ["iac"]):
        yield _scan(line, "snyk", gate=True, why="", of_images=False)
    elif words[:2] == ["container", "monitor"]:
        yield _scan(line, "snyk", gate=False, why="snyk monitor records and fails nothing")


def _batten(line: Line) -> Iterator[Fact]:
    if line.value(0) == "scan":
        found, operands = options(line.words[1:], "f", long_options("fail-on format report check config db baseline"))
        given = line.given(found, "--fail-on")
        never = given is not None and line.written(given) in ("none", "never")
        images = any((word.value or "x").endswith((".tar", ".tgz")) or ":" in line.raw(word) for word in operands)
        yield _scan(line, "batten", gate=not never, why="--fail-on none lets it end well", of_images=images)


def _other_scanner(line: Line) -> Iterator[Fact]:
    words = [word.value or "" for word in line.words]
    wanted = {
        "twistcli": ("images", "scan"),
        "wizcli": ("docker", "scan"),
        "anchorectl": ("image", "check"),
        "anchore-cli": ("evaluate", "check"),
        "clairctl": ("report",),
        "clair-scanner": (),
        "dockle": (),
        "osv-scanner": (),
    }[line.name]
    if tuple(words[: len(wanted)]) == wanted:
        files = line.name == "osv-scanner" and not any("docker" in word or "image" in word for word in words)
        gate = None if line.name in ("clairctl", "dockle") else True
        yield _scan(line, line.name, gate=gate, why="", of_images=not files and line.name != "dockle")


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


def _kubectl(line: Line) -> Iterator[Fact]:
    words = options(line.words, "n", long_options("namespace context kubeconfig image filename server token"))
    found, operands = words
    verbs = [word.value for word in operands[:2]]
    if verbs == ["set", "image"]:
        images = [line.raw(word).partition("=")[2] for word in operands[2:] if "=" in line.raw(word)]
        yield line.fact("deploy", line.name, images)
    elif verbs[:1] in (["run"], ["create"]):
        image = line.given(found, "--image")
        if image is not None:
            yield line.fact("deploy", line.name, [line.written(image)])
    elif verbs[:1] in (["apply"], ["replace"]):
        yield line.fact("deploy", line.name)


def _helm(line: Line) -> Iterator[Fact]:
    found, operands = options(line.words, "nf", long_options("namespace values set set-string version repo timeout"))
    if not operands or operands[0].value not in ("upgrade", "install"):
        return
    images = []
    for one in found:
        if one.name in ("--set", "--set-string"):
            for pair in line.written(one).split(","):
                key, _, value = pair.partition("=")
                last = key.rpartition(".")[2].lower()
                if last in ("tag", "imagetag"):
                    images.append(f"{key}:{value}")
                elif last in ("image", "digest", "repository") and last != "repository":
                    images.append(value if last == "image" else f"{key}@{value}")
    yield line.fact("deploy", "helm", images)


def _kustomize(line: Line) -> Iterator[Fact]:
    if [word.value for word in line.words[:3]] == ["edit", "set", "image"]:
        images = [line.raw(word).rpartition("=")[2] for word in line.words[3:]]
        yield line.fact("deploy", "kustomize", images)


def _cloud(line: Line) -> Iterator[Fact]:
    """aws, gcloud, az."""
    words = [word.value for word in line.words]
    found = options(line.words, "", long_options("image docker-custom-image-name container-image-name"))[0]
    image = line.given(found, "--image", "--docker-custom-image-name", "--container-image-name", "-i")
    if (line.name == "gcloud" and words[:2] == ["run", "deploy"]) or (
        line.name == "az" and words[:1] in (["containerapp"], ["webapp"], ["container"]) and image is not None
    ):
        yield line.fact("deploy", line.name, [line.written(image)] if image is not None else ())
    elif line.name == "aws" and words[:2] == ["ecs", "update-service"]:
        yield line.fact("deploy", "aws ecs")
    elif line.name == "gcloud" and words[:2] == ["builds", "submit"]:
        tag = line.given(options(line.words, "t", long_options("tag config"))[0], "--tag", "-t")
        if tag is not None:
            yield line.fact("build", "gcloud builds", [line.written(tag)])
            yield line.fact("push", "gcloud builds", [line.written(tag)])


_TOOLS: Final[dict[str, Callable[[Line], Iterator[Fact]]]] = {
    "trivy": _trivy,
    "grype": _grype,
    "snyk": _snyk,
    "batten": _batten,
    **dict.fromkeys(
        ("twistcli", "wizcli", "anchorectl", "anchore-cli", "clairctl", "clair-scanner", "dockle", "osv-scanner"),
        _other_scanner,
    ),
    "kaniko": _kaniko,
    "executor": _executor,
    "ko": _ko,
    "pack": _pack,
    "skopeo": _copy,
    "crane": _copy,
    "cosign": _sign,
    "notation": _sign,
    "kubectl": _kubectl,
    "oc": _kubectl,
    "helm": _helm,
    "kustomize": _kustomize,
    "aws": _cloud,
    "gcloud": _cloud,
    "az": _cloud,
}
