"""What actions, tasks and plug-in steps do with images, by their inputs: each by its own page of documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from batten.detect.pipelines.steps import Fact
from batten.model.pipeline import Step, Text
from batten.model.source import Place

_YES: Final = ("true", "yes", "1")
_NO: Final = ("false", "no", "0", "")


def of_use(step: Step) -> Iterator[Fact]:
    """What the action or task of a step does."""
    use = step.use
    if use is None:
        return
    reader = _ACTIONS.get(use.name.lower()) or _ACTIONS.get("/".join(use.name.lower().split("/")[:2]))
    if reader is None and step.head.platform == "tekton":
        reader = _tekton(use.name)
    if reader is not None:
        yield from reader(step)


def _text(step: Step, *names: str) -> str:
    for name in names:
        found = step.inputs.get(name)
        if found is not None:
            return found.text.strip()
    return ""


def _place(step: Step) -> Place:
    assert step.use is not None
    return step.use.text.place


def _tool(step: Step) -> str:
    assert step.use is not None
    return step.use.name


def _images(step: Step, *names: str) -> tuple[str, ...]:
    """The images that an input lists, one a line or parted by commas."""
    words = _text(step, *names).replace(",", "\n").split("\n")
    return tuple(word.strip() for word in words if word.strip() and not word.strip().startswith("#"))


def _may(text: str) -> bool:
    """May an input be true? An expression may."""
    return text.lower() not in _NO


def _build(step: Step) -> Iterator[Fact]:
    images = _images(step, "tags", "images", "image")
    yield Fact("build", _tool(step), _place(step), images)
    pushed = step.inputs.get("push")
    outputs = _text(step, "outputs")
    if (pushed is not None and _may(pushed.text)) or "type=registry" in outputs or "push=true" in outputs:
        at = pushed.place if pushed is not None and _may(pushed.text) else _place(step)
        yield Fact("push", _tool(step), at, images)


def _build_and_push(step: Step) -> Iterator[Fact]:
    images = _images(step, "image", "tags", "name", "imageName", "repository")
    yield Fact("build", _tool(step), _place(step), images)
    pushed = step.inputs.get("push") or step.inputs.get("push_image")
    if pushed is None or _may(pushed.text):
        yield Fact("push", _tool(step), _place(step), images)


def _push(step: Step) -> Iterator[Fact]:
    yield Fact("push", _tool(step), _place(step), _images(step, "image", "tags", "imageName"))


def _sign(step: Step) -> Iterator[Fact]:
    yield Fact("sign", _tool(step), _place(step), _images(step, "subject-name", "target_artifact_reference"))


def _deploy(step: Step) -> Iterator[Fact]:
    images = _images(step, "images", "image", "containers", "containerName", "appImage", "imageName", "imageToDeploy")
    yield Fact("deploy", _tool(step), _place(step), images)


def _scan(
    step: Step,
    gate: bool | None,
    why: str,
    at: Text | None,
    switch: str = "",
    *,
    of_images: bool = True,
    reported: bool = False,
) -> Fact:
    place = at.place if at is not None else _place(step)
    return Fact(
        "scan",
        _tool(step),
        _place(step),
        _images(step, "image-ref", "image", "image-name", "local-image"),
        of_images=of_images,
        gate=gate,
        gate_place=place if gate is False else None,
        gate_why=why if gate is False else "",
        gate_input=switch,
        reported=reported,
    )


def _trivy(step: Step) -> Iterator[Fact]:
    code = step.inputs.get("exit-code")
    kind = _text(step, "scan-type") or "image"
    layout = _text(step, "format")
    if layout in ("cyclonedx", "spdx", "spdx-json", "github"):
        return  # a bill of materials
    value = code.text.strip() if code is not None else ""
    if not value:
        value = next((one.value.text for one in step.environment if one.name == "TRIVY_EXIT_CODE"), "")
    gate = (
        None
        if (value and not value.isdigit()) or (not value and _text(step, "trivy-config"))
        else value not in ("", "0")
    )
    why = (
        "exit-code 0 lets it end well whatever it finds"
        if value
        else "it ends well whatever it finds without exit-code"
    )
    yield _scan(step, gate, why, code, "exit-code", of_images=kind == "image", reported=layout == "sarif")


def _anchore(step: Step) -> Iterator[Fact]:
    fails = step.inputs.get("fail-build")
    value = fails.text.strip().lower() if fails is not None else "true"
    gate = None if value not in (*_YES, *_NO) else value in _YES
    # its results are an output in SARIF by default; that alone says nothing
    image = bool(_text(step, "image"))
    yield _scan(step, gate, "fail-build false lets it end well whatever it finds", fails, "fail-build", of_images=image)


def _scout(step: Step) -> Iterator[Fact]:
    commands = _text(step, "command")
    if not any(word in commands for word in ("cves", "compare", "quickview")):
        return
    code = step.inputs.get("exit-code")
    value = code.text.strip().lower() if code is not None else ""
    gate = None if value not in (*_YES, *_NO) else value in _YES
    yield _scan(
        step, gate, "it ends well whatever it finds without exit-code", code, reported=bool(_text(step, "sarif-file"))
    )


def _snyk(step: Step) -> Iterator[Fact]:
    command = step.inputs.get("command")
    gate = command is None or command.text.strip() != "monitor"
    image = step.use is not None and step.use.name.endswith("/docker")
    why = "monitor records and fails nothing"
    yield _scan(step, gate, why, command, of_images=image, reported=False)


def _crazy_max(step: Step) -> Iterator[Fact]:
    threshold = step.inputs.get("severity_threshold")
    why = "it ends well whatever it finds without severity_threshold"
    yield _scan(step, threshold is not None and bool(threshold.text.strip()), why, None, "")


def _gated(step: Step) -> Iterator[Fact]:
    """Scanners that fail by default, or whose gate is decided on their server."""
    yield _scan(step, None, "", None)


def _amazon_inspector(step: Step) -> Iterator[Fact]:
    given = [step.inputs[name].text for name in step.inputs if name.endswith("_threshold")]
    gate = any(one.strip() not in ("", "0") for one in given)
    image = _text(step, "artifact_type") == "container"
    yield _scan(step, gate, "it ends well whatever it finds without a threshold", None, of_images=image)


def _azure_docker(step: Step) -> Iterator[Fact]:
    words = _text(step, "command", "action").lower().replace(" ", "")
    repository = _text(step, "repository", "imageName")
    tags = _images(step, "tags") or ("",)
    images = tuple(f"{repository}:{tag}" if tag else repository for tag in tags) if repository else ()
    command = step.inputs.get("command") or step.inputs.get("action")
    at = command.place if command is not None else _place(step)
    major = step.use.ref if step.use is not None else ""
    if words in ("build", "buildandpush", "buildanimage") or (not words and major == "2"):
        yield Fact("build", _tool(step), _place(step), images)
    if words in ("push", "buildandpush", "pushanimage", "pushimages") or (not words and major == "2"):
        yield Fact("push", _tool(step), at, images)


def _azure_kubernetes(step: Step) -> Iterator[Fact]:
    if _text(step, "action").lower() in ("", "deploy", "promote"):
        yield Fact("deploy", _tool(step), _place(step), _images(step, "containers"))


def _azure_helm(step: Step) -> Iterator[Fact]:
    if _text(step, "command").lower() in ("upgrade", "install"):
        yield Fact("deploy", _tool(step), _place(step))


def _jenkins_build(step: Step) -> Iterator[Fact]:
    yield Fact("build", "docker.build", _place(step), _images(step, "0"))


def _jenkins_push(step: Step) -> Iterator[Fact]:
    name, tag = _text(step, "image"), _text(step, "0")
    named = (f"{name.rpartition(':')[0] or name}:{tag}",) if name and tag else (name,) if name else ()
    yield Fact("push", "docker.push", _place(step), named)


def _tekton(name: str) -> Callable[[Step], Iterator[Fact]] | None:
    """Tasks of the catalogue, by their names there."""
    word = name.rpartition("/")[2].lower()
    if word.startswith(("kaniko", "buildah", "docker-build", "jib-", "ko", "buildpacks", "s2i", "img", "orka")):
        return _build_and_push if not word.startswith(("kogito", "kosli", "img-")) else None
    if word.startswith("skopeo-copy"):
        return _push
    if word.startswith(("trivy", "grype", "snyk", "clair", "anchore")):
        return _gated
    if word.startswith(("cosign", "notation", "sign")):
        return _sign
    return None


Reader = Callable[[Step], Iterator[Fact]]

_ACTIONS: Final[dict[str, Reader]] = {
    "docker/build-push-action": _build,
    "docker/bake-action": _build,
    "redhat-actions/buildah-build": lambda step: iter(
        [Fact("build", _tool(step), _place(step), _images(step, "tags"))]
    ),
    "redhat-actions/push-to-registry": _push,
    "elgohr/publish-docker-github-action": _build_and_push,
    "mr-smithers-excellent/docker-build-push": _build_and_push,
    "whoan/docker-build-with-cache-action": _build_and_push,
    "int128/kaniko-action": _build,
    "aevea/action-kaniko": _build_and_push,
    "aquasecurity/trivy-action": _trivy,
    "anchore/scan-action": _anchore,
    "docker/scout-action": _scout,
    "snyk/actions": _snyk,
    "crazy-max/ghaction-container-scan": _crazy_max,
    "azure/container-scan": _gated,
    "sysdiglabs/scan-action": _gated,
    "lacework/lw-scanner-action": _gated,
    "aws-actions/vulnerability-scan-github-action-for-amazon-inspector": _amazon_inspector,
    "actions/attest-build-provenance": _sign,
    "actions/attest": _sign,
    "notaryproject/notation-action": _sign,
    "azure/k8s-deploy": _deploy,
    "azure/webapps-deploy": _deploy,
    "azure/container-apps-deploy-action": _deploy,
    "aws-actions/amazon-ecs-render-task-definition": _deploy,
    "google-github-actions/deploy-cloudrun": _deploy,
    "docker": _azure_docker,
    "kubernetesmanifest": _azure_kubernetes,
    "helmdeploy": _azure_helm,
    "azurewebappcontainer": _deploy,
    "azurefunctionappcontainer": _deploy,
    "trivy": _gated,
    "snyksecurityscan": _gated,
    "docker.build": _jenkins_build,
    "docker.push": _jenkins_push,
}
