"""What rules read of pipelines and of packages: nouns whose structs hold places, and are told in plain values here.

Each is a table of fields, as `names` makes them of the other structs, with the place that each is blamed at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, get_args, get_type_hints

from batten.engine.rules.kinds import BOOL, INT, STRING, Field, Type
from batten.model.image_content import Image
from batten.model.package import Package
from batten.model.pipeline import Job, Pipeline, Runner, Step, Use
from batten.model.source import Place

_TEXT: Final = Type("string", nullable=True)
_TEXTS: Final = Type("list", item=STRING)
_NAMED: Final = Type("map", item=STRING)
_RIGHTS: Final = Type("map", item=STRING, nullable=True)
_SYSTEMS: Final = Type("string", words=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"))


def _words(struct: type, field: str, *, nullable: bool = False) -> Type:
    return Type("string", words=get_args(get_type_hints(struct)[field]), nullable=nullable)


def _field(name: str, type: Type, get: Callable[[Any], Any], doc: str) -> Field:
    return Field(name, type, lambda noun, inventory: get(noun), name, doc)


def _text(one: Any) -> str | None:
    return None if one is None else str(one.text)


def _use(name: str) -> Callable[[Any], Any]:
    return lambda noun: None if noun.use is None else getattr(noun.use, name)


def _variables(step: Step) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in step.environment:
        found.setdefault(one.name, one.value.text)
    return found


def _rights(noun: Any) -> dict[str, str] | None:
    return None if noun.rights is None else noun.rights.scopes


_HEAD: Final = (
    _field("name", STRING, lambda noun: noun.name, "As it is called in its file."),
    _field("system", _SYSTEMS, lambda noun: noun.head.platform, "Which system runs it."),
    Field(
        "file",
        STRING,
        lambda noun, inventory: str(noun.document.file.path),
        "",
        "The path of the file, from the root of the target.",
    ),
    _field(
        "triggers",
        _TEXTS,
        lambda noun: [one.name for one in noun.head.triggers],
        "What starts the pipeline, in the system's words.",
    ),
    _field("part", BOOL, lambda noun: noun.head.part, "It does not run by itself: other pipelines call it."),
)
_USES: Final = (
    _field("uses", _TEXT, _use("name"), "The action, task, template or workflow that it is: `actions/checkout`."),
    _field("uses_kind", _words(Use, "kind", nullable=True), _use("kind"), "What kind of code of others that is."),
    _field("uses_ref", _TEXT, _use("ref"), "Its version, `v4`, a commit, a digest; empty where none is written."),
    _field(
        "uses_local", BOOL, lambda noun: noun.use is not None and noun.use.local, "It is a file of the same repository."
    ),
)
_RUNS: Final = (
    _field("condition", _TEXT, lambda noun: _text(noun.condition), "When it runs, as written."),
    _field("may_fail", BOOL, lambda noun: noun.may_fail is not None, "The job or pipeline goes on when it fails."),
)
_STEP: Final = (
    *_HEAD,
    _field("job", STRING, lambda step: step.job, "The job that it is part of."),
    _field("index", INT, lambda step: step.index, "Its number in the job, from 0."),
    _field("script", _TEXT, lambda step: _text(step.script), "What an interpreter runs."),
    _field("shell", _TEXT, lambda step: None if step.script is None else step.script.shell, "The interpreter."),
    *_USES,
    _field(
        "inputs",
        _NAMED,
        lambda step: {key: one.text for key, one in step.inputs.items()},
        "What is handed to an action or task.",
    ),
    _field("variables", _NAMED, _variables, "Its environment, that of its job and of the pipeline."),
    _field("secrets", _TEXTS, lambda step: list(step.secrets), "Names of the variables that hold secrets."),
    _field("image", _TEXT, lambda step: _text(step.image), "The image that it runs in, where it is one of its own."),
    _field(
        "arguments", _TEXTS, lambda step: [one.text for one in step.arguments], "Command and arguments of that image."
    ),
    *_RUNS,
    _field("always", BOOL, lambda step: step.always, "It runs also after others have failed."),
)
_JOB: Final = (
    *_HEAD,
    _field("stage", STRING, lambda job: job.stage, "The stage that it is part of; empty where there are none."),
    _field("after", _TEXTS, lambda job: sorted(job.after), "Jobs that have ended when it begins."),
    _field("runner", _words(Runner, "kind"), lambda job: job.runner.kind, "Whose machine it runs on."),
    _field("runner_name", _TEXT, lambda job: _text(job.runner.text), "How the machine is asked for: `ubuntu-24.04`."),
    _field(
        "images", _TEXTS, lambda job: [one.text.text for one in job.images], "The images that it runs in and beside."
    ),
    _field(
        "privileged",
        BOOL,
        lambda job: bool(job.privileged) or any(one.privileged for one in job.images),
        "It, or an image of it, is given all rights.",
    ),
    _field(
        "mounts",
        _TEXTS,
        lambda job: [one.source for one in job.mounts],
        "Paths of the machine that are mounted into it.",
    ),
    _field(
        "rights",
        _RIGHTS,
        _rights,
        "Rights of its token, scope -> `read`, `write`, `none`; those of the pipeline hold where it has none.",
    ),
    *_USES,
    *_RUNS,
    _field(
        "steps",
        Type("list", item=Type("object", object="step")),
        lambda job: job.steps,
        "Its steps in the order written.",
    ),
)
_PIPELINE: Final = (
    *_HEAD,
    _field("kind", STRING, lambda one: one.head.kind, "`Workflow`, `Action`, `Pipeline`, `Jenkinsfile`, `Task` …"),
    _field("parameters", _TEXTS, lambda one: list(one.head.parameters), "Names of what who starts it hands in."),
    _field(
        "rights", _RIGHTS, _rights, "Rights of the token, scope -> `read`, `write`, `none`, where they are written."
    ),
    _field(
        "uses",
        _TEXTS,
        lambda one: [each.name for each in one.uses],
        "Templates and libraries that are drawn in for all of it.",
    ),
    _field(
        "jobs",
        Type("list", item=Type("object", object="job")),
        lambda one: one.jobs,
        "Its jobs in an order in which they can run.",
    ),
)
_PACKAGE: Final = (
    _field("type", STRING, lambda one: one.type, "`deb`, `apk`, `rpm`, `pypi`, `npm`, `golang`, `maven` …"),
    _field("name", STRING, lambda one: one.name, "Its name, without the namespace."),
    _field("namespace", STRING, lambda one: one.namespace, "Distribution, group or scope; empty where there is none."),
    _field("version", STRING, lambda one: one.version, "The installed version."),
    _field("purl", STRING, lambda one: one.purl, "The package URL."),
    _field(
        "source",
        _TEXT,
        lambda one: None if one.source is None else one.source.name,
        "The source package that it is made from.",
    ),
    _field("paths", _TEXTS, lambda one: list(one.paths), "Where its metadata stands in the image."),
    _field(
        "licenses", _TEXTS, lambda one: list(one.licenses), "SPDX expressions where there are such, else its own words."
    ),
    _field("vendor", STRING, lambda one: one.vendor, "Who packed it."),
    _field("origin", STRING, lambda one: one.origin, "What found it: `dpkg`, `python` …"),
    _field(
        "from_base", Type("bool", nullable=True), lambda one: one.from_base, "It comes with the recognised base image."
    ),
    _field("reach", _words(Package, "reach"), lambda one: one.reach, "How the entry point of the image gets at it."),
)
_BUILT: Final = (
    _field("reference", STRING, lambda one: one.reference, "As it was named."),
    _field("digest", STRING, lambda one: one.digest, "Digest of the manifest; empty where it came without one."),
    _field("architecture", STRING, lambda one: one.architecture, "`amd64`, `arm64` …"),
    _field("user", STRING, lambda one: one.user, "The user of its configuration."),
    _field("ports", _TEXTS, lambda one: list(one.ports), "The ports that it exposes."),
    _field("labels", _NAMED, lambda one: one.image_labels, "The labels of its configuration."),
    _field("size", INT, lambda one: one.size, "Unpacked bytes of all layers; 0 where unknown."),
    _field(
        "base",
        _TEXT,
        lambda one: None if one.base is None else one.base.reference,
        "The image that it was built on, where it is known.",
    ),
    _field("layers", INT, lambda one: len(one.layers), "How many layers it has."),
)
TABLES: Final[dict[str, tuple[Field, ...]]] = {
    "step": _STEP,
    "job": _JOB,
    "pipeline": _PIPELINE,
    "installed_package": _PACKAGE,
    "built_image": _BUILT,
}
CARRIERS: Final[dict[str, type]] = {"step": Step, "job": Job, "pipeline": Pipeline, "built_image": Image}
UNSHOWN: Final = frozenset({"script", "inputs", "variables", "arguments"})
"""Fields of a step that may hold a secret, and stand in no message."""


def place_of_package(image: Image, package: Package) -> Place:
    """Its metadata in the image; else the image."""
    if package.place is not None:
        return package.place
    return image.where("file", package.paths[0]) if package.paths else image.where()


def place_in_pipeline(noun: Step | Job | Pipeline, name: str) -> Place:
    """Where a field is written; the noun's own place where it is not, or is made of several."""
    found: Any = None
    if name in ("script", "image", "condition"):
        found = getattr(noun, name, None)
    elif name in ("uses", "uses_ref", "uses_kind") and not isinstance(noun, Pipeline):
        found = noun.use.text if noun.use is not None else None
    elif name == "runner" or name == "runner_name":
        found = noun.runner.text if isinstance(noun, Job) else None
    elif name == "may_fail" and not isinstance(noun, Pipeline) and noun.may_fail is not None:
        return noun.may_fail
    elif name == "rights" and not isinstance(noun, Step) and noun.rights is not None:
        return noun.rights.place
    elif name == "privileged" and isinstance(noun, Job) and noun.privileged:
        return noun.privileged[0]
    elif name == "images" and isinstance(noun, Job) and noun.images:
        found = noun.images[0].text
    elif name == "triggers" and len(noun.head.triggers) == 1:
        return noun.head.triggers[0].place
    place: Place = found.place if found is not None else noun.where()
    return place
