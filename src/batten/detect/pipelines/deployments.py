"""Command lines that deploy images, and the images that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from batten.detect.pipelines.lines import Line
from batten.detect.pipelines.steps import Fact
from batten.detect.shell import options
from batten.detect.shell.syntax import long_options


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


DEPLOYMENTS: Final[dict[str, Callable[[Line], Iterator[Fact]]]] = {
    "kubectl": _kubectl,
    "oc": _kubectl,
    "helm": _helm,
    "kustomize": _kustomize,
    "aws": _cloud,
    "gcloud": _cloud,
    "az": _cloud,
}
