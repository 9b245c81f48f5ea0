"""Pipelines of continuous integration: GitHub Actions, GitLab CI, Azure Pipelines, Jenkins, Tekton.

What recognises them stands here; each system has a module of its own, loaded when its first file comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from batten.formats.interface import ReadContext, Reading
from batten.limits import PIPELINE_SCRIPT
from batten.model.source import File, Problem
from batten.pattern import pattern

_YAML: Final = (".yml", ".yaml")
_JENKINS_NAME: Final = pattern(
    r"jenkinsfile(?:[._-].*)?|.*[._-]jenkinsfile|.*\.jenkins(?:file)?(?:\.groovy)?", re.IGNORECASE
)
_GITLAB_NAME: Final = pattern(r"(?:.*[._-])?gitlab-ci(?:[._-].*)?\.ya?ml", re.IGNORECASE)
_GITLAB_COMPONENT: Final = pattern(rb"(?:\xef\xbb\xbf)?(?:(?:---|#[^\n]*)?[ \t\r]*\n)*+spec:[ \t\r]*\n[ \t]+inputs:")
"""What others include with inputs: https://docs.gitlab.com/ci/components/"""
AZURE_NAME: Final = pattern(r"(?:.*[._-])?azure-?pipelines?(?:[._-].*)?\.ya?ml|vsts-ci\.ya?ml", re.IGNORECASE)
"""How whole pipelines are called; their templates may be called anything."""

_GITHUB: Final = pattern(rb"^(?:on|\"on\"|'on'|true)[ \t]*:", re.MULTILINE)
_JOBS: Final = pattern(rb"^(?:jobs)[ \t]*:", re.MULTILINE)
_ACTION: Final = pattern(rb"^runs[ \t]*:", re.MULTILINE)
_USING: Final = pattern(rb"^[ \t]+['\"]?using['\"]?[ \t]*:", re.MULTILINE)
_TEKTON: Final = pattern(rb"^[ \t\"'{,-]*apiVersion[\"']?[ \t]*:[ \t]*[\"']?(?:triggers\.)?tekton\.dev/", re.MULTILINE)
# the keys with which the stages, jobs and steps of Azure Pipelines begin, and such as only it has beside them
_AZURE_PARTS: Final = pattern(
    rb"^[ \t]*-[ \t]+(?:task|stage|job|deployment|script|bash|powershell|pwsh|checkout|template)[ \t]*:", re.MULTILINE
)
_AZURE_ROOT: Final = pattern(rb"^(?:steps|jobs|stages|extends)[ \t]*:", re.MULTILINE)
_AZURE_SURE: Final = pattern(
    rb"^(?:pool|trigger|pr|resources|schedules)[ \t]*:|^[ \t]*-[ \t]+task[ \t]*:[ \t]*['\"]?[\w.-]+@\d"
    rb"|\bvmImage[ \t]*:|^[ \t]*-[ \t]+(?:stage|deployment)[ \t]*:",
    re.MULTILINE,
)
_VARIABLE: Final = pattern(r"[$%<{]|\s")
_TEMPLATES: Final = (b"{{", b"{%", b"<%")
_GROOVY: Final = pattern(
    rb"^[ \t]*(?:pipeline|node|stage|withCredentials|withEnv|properties|podTemplate|timestamps)[ \t]*[({'\"]"
    rb"|^[ \t]*(?:def[ \t]+\w+[ \t]*=[ \t]*)?docker\.\w+|^[ \t]*(?:sh|bat|checkout)[ \t(]+['\"(s]",
    re.MULTILINE,
)


def system_of(file: File) -> str:
    """The module that reads the file: by its name where names are fixed, else by its content; "" for none."""
    path, name = file.path, file.name
    if path.lower().endswith(_YAML) or path == "-":
        data = file.data
        # a plain search first: most files of a repository are manifests, and some of them large
        if b"tekton.dev/" in data and _TEKTON.search(data) is not None:
            return "tekton"
        if f"/{file.directory}".endswith("/.github/workflows"):
            return "github"
        if name in ("action.yml", "action.yaml") and _ACTION.search(data) and _USING.search(data):
            return "github"
        lower = name.lower()
        if ("gitlab" in lower and _GITLAB_NAME.fullmatch(name) is not None) or "/.gitlab/ci/" in f"/{path}":
            return "gitlab"
        if b"$[[" in data and _GITLAB_COMPONENT.match(data) is not None:
            return "gitlab"
        if (lower.startswith("vsts-ci.") or "azure" in lower) and AZURE_NAME.fullmatch(name) is not None:
            return "azure"
        if "/.azure-pipelines/" in f"/{path}":
            return "azure"
        if b"jobs" in data and (b"runs-on" in data or b"uses:" in data) and _GITHUB.search(data) and _JOBS.search(data):
            return "github"
        if b"apiVersion" in data:
            return ""
        if _AZURE_ROOT.search(data) and _AZURE_PARTS.search(data) and _AZURE_SURE.search(data):
            return "azure"
        return ""
    if _JENKINS_NAME.fullmatch(name) is not None:
        return "jenkins"
    if path.lower().endswith(".json"):
        return "tekton" if b"tekton.dev/" in file.data and _TEKTON.search(file.data) is not None else ""
    return "jenkins" if name.lower().endswith(".groovy") and _GROOVY.search(file.data) else ""


class PipelineReader:
    """Recognises pipelines by their place, their name and their content."""

    name = "pipelines"
    priority = 15

    def wants_name(self, path: str) -> bool:
        name = path.rpartition("/")[2]
        lower = name.lower()
        return lower.endswith((*_YAML, ".json", ".groovy")) or _JENKINS_NAME.fullmatch(name) is not None

    def wants(self, file: File) -> bool:
        return bool(system_of(file))

    def read(self, file: File, context: ReadContext) -> Reading:
        """The pipeline in the file, as its system's module reads it."""
        module = import_module(f"batten.formats.pipelines.{system_of(file)}")
        found: Reading = module.read(file, context)
        if any(mark in file.data for mark in _TEMPLATES) and any(map(_is_filled_in, found.nouns)):
            from batten.formats.kubernetes.templates import template_problem

            found.problems.append(template_problem(file, context.files))
        found.problems += dict.fromkeys(problem for noun in found.nouns for problem in _wrong_images(noun))
        found.problems += [problem for noun in found.nouns for problem in _long_scripts(noun)]
        return found


def _wrong_images(noun: Any) -> Iterator[Problem]:
    """Images of a job that are no reference of one."""
    from batten.model.image import parse_reference
    from batten.model.pipeline import Job

    for one in noun.images if isinstance(noun, Job) else ():
        text = one.text.text.removeprefix("docker://")
        if text and not _VARIABLE.search(text) and parse_reference(text) is None:
            message = f"expected an image reference, found {text[:80]!r}; the image is not judged"
            yield Problem(one.text.document.file.path, message, one.text.document.locate(one.text.pointer).line)


def _long_scripts(noun: Any) -> Iterator[Problem]:
    """A script that is too long to be looked at."""
    from batten.model.pipeline import Step

    script = noun.script if isinstance(noun, Step) else None
    if script is not None and len(script.text) > PIPELINE_SCRIPT:
        message = f"expected a script of at most {PIPELINE_SCRIPT:,} characters, found {len(script.text):,}"
        line = script.document.locate(script.pointer).line
        yield Problem(script.document.file.path, f"{message}; what it does is not judged", line)


def _is_filled_in(noun: Any) -> bool:
    """Whether a template language decides which images a job or a step runs in, or whose code it runs."""
    from batten.formats.yaml.split import is_template
    from batten.model.pipeline import Job, Step

    if isinstance(noun, Job):
        texts = [*(one.text for one in noun.images), noun.use.text if noun.use is not None else None]
    elif isinstance(noun, Step):
        texts = [noun.image, noun.use.text if noun.use is not None else None]
    else:
        return False
    return any(one is not None and is_template(one.text) for one in texts)


READER = PipelineReader()
