"""Who decides what an expression means: an outsider, whoever starts the pipeline, or its own authors.

Sources: https://securitylab.github.com/resources/github-actions-untrusted-input/ and GitHub's page on script
injections; https://learn.microsoft.com/azure/devops/pipelines/security/inputs; Jenkins' pages on string
interpolation; Tekton's page on variable substitution in scripts.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from msgspec import Struct

from batten.model.pipeline import Expression, Head, Variable
from batten.pattern import pattern

Who = Literal["outsider", "caller"]

_PATH: Final = pattern(r"[A-Za-z_][\w-]*(?:\.(?:[\w-]+|\*)|\[[^\[\]]{0,100}\])*")
_KEY: Final = pattern(r"\[\s*['\"]?([\w*-]+)['\"]?\s*\]")
# these answer true or false, or a digest: nothing of the text is left
_HARMLESS: Final = pattern(r"\b(?:contains|startsWith|endsWith|hashFiles)\([^()]*\)")
_COMPARED: Final = pattern(r"\s*(?:==|!=|<|>)")
_COMPARES: Final = pattern(r"(?:==|!=|<|>)\s*\Z")
_CHOOSES: Final = pattern(r"\s*&&")
_LITERAL: Final = pattern(r"'(?:[^']|'')*'")

_GITHUB_OUTSIDER: Final = pattern(
    r"github\.(?:head_ref\Z|event\Z|event\.(?:"
    r"(?:issue|pull_request|discussion|comment|review|review_comment|head_commit|commits|pages|workflow_run)\Z|"
    r"(?:issue|pull_request|discussion)\.(?:title|body)\Z|"
    r"(?:comment|review|review_comment)\.body\Z|"
    r"pull_request\.head\.(?:ref|label)\Z|pull_request\.head\.repo\.(?:default_branch|description|homepage)\Z|"
    r"workflow_run\.(?:head_branch|display_title)\Z|workflow_run\.head_commit\.(?:message|author\.(?:name|email))\Z|"
    r"workflow_run\.pull_requests\..*head\.ref\Z|workflow_run\.head_repository\.description\Z|"
    r"(?:head_commit|commits\.\w+|commits\.\*)\.(?:message|(?:author|committer)\.(?:name|email))\Z|"
    r"pages\..*\.page_name\Z))"
)
_GITHUB_CALLER: Final = pattern(r"github\.(?:ref_name|ref|event\.(?:ref|release\.(?:name|body|tag_name)))\Z")
_AZURE_OUTSIDER: Final = (
    "build.sourceversionmessage",
    "system.pullrequest.sourcebranch",
    "system.pullrequest.sourcebranchname",
    "build.sourceversionauthor",
)
_AZURE_CALLER: Final = ("build.sourcebranchname", "build.sourcebranch", "build.requestedfor", "build.queuedby")
_JENKINS_OUTSIDER: Final = pattern(
    r"\b(?:CHANGE_(?:TITLE|BRANCH|AUTHOR|AUTHOR_DISPLAY_NAME|AUTHOR_EMAIL)|ghprb\w*(?:Title|Body|LongDescription|"
    r"SourceBranch|AuthorLogin|Description)|gitlab(?:MergeRequestTitle|MergeRequestDescription|SourceBranch|TriggerPhrase))\b"
)
_JENKINS_CALLER: Final = pattern(r"\b(?:BRANCH_NAME|GIT_BRANCH|GIT_LOCAL_BRANCH|TAG_NAME)\b")
_JENKINS_PARAMETER: Final = pattern(r"\bparams(?:\.(\w+)|\[['\"](\w+)['\"]\])")
_SAFE_TYPES: Final = ("boolean", "number", "choice", "environment", "array", "object", "step", "stepList", "job")


class Source(Struct, frozen=True):
    """Where a part of an expression comes from."""

    who: Who
    name: str
    parameter: bool = False


def sources(expression: Expression, head: Head, environment: tuple[Variable, ...] = ()) -> list[Source]:
    """The parts of an expression that others than the pipeline's authors decide."""
    return list(dict.fromkeys(_sources(expression.text, head, environment, 0)))


def _sources(text: str, head: Head, environment: tuple[Variable, ...], depth: int) -> list[Source]:
    if head.platform == "github-actions":
        return _github(text, head, environment, depth)
    if head.platform == "azure-pipelines":
        return _azure(text, head, environment, depth)
    if head.platform == "jenkins":
        return _jenkins(text, head)
    return _tekton(text, head) if head.platform == "tekton" else []


def paths(text: str) -> list[str]:
    """The contexts that a GitHub expression puts into the text: `github.event.issue.title`."""
    bare = _LITERAL.sub(lambda found: " " * len(found[0]), _KEY.sub(r".\1", text))
    bare = _HARMLESS.sub(lambda found: " " * len(found[0]), bare)
    found: list[str] = []
    for one in _PATH.finditer(bare):
        if bare.startswith("(", one.end()) or _COMPARED.match(bare, one.end()):
            continue
        if _COMPARES.search(bare, max(0, one.start() - 8), one.start()):
            continue
        # the condition of `a && b || c` is not what it becomes
        if _CHOOSES.match(bare, one.end()):
            continue
        found.append(one[0])
    return found


def _github(text: str, head: Head, environment: tuple[Variable, ...], depth: int) -> list[Source]:
    found: list[Source] = []
    for path in paths(text):
        lower = path.lower() if path.lower().startswith("github.") else path
        if _GITHUB_OUTSIDER.match(lower):
            found.append(Source("outsider", path))
        elif _GITHUB_CALLER.match(lower):
            found.append(Source("caller", path))
        elif path.startswith(("inputs.", "github.event.inputs.")):
            name = path.rpartition(".")[2]
            if head.parameters.get(name, "string") not in _SAFE_TYPES:
                found.append(Source("caller", path, True))
        elif path.startswith("env.") and depth < 3:
            given = next((one for one in environment if one.name == path[4:]), None)
            if given is not None and "${{" in given.value.text:
                inside = re.findall(r"\$\{\{(.*?)\}\}", given.value.text, re.DOTALL)
                below = [each for one in inside for each in _github(one, head, environment, depth + 1)]
                found += [Source(one.who, f"{path} ({one.name})", one.parameter) for one in below]
    return found


def _azure(text: str, head: Head, environment: tuple[Variable, ...], depth: int) -> list[Source]:
    name = re.sub(r"\Avariables(?:\.|\[['\"])|['\"]\]\Z", "", text.strip()).lower()
    if name in _AZURE_OUTSIDER:
        return [Source("outsider", text)]
    if name in _AZURE_CALLER:
        return [Source("caller", text)]
    if name.startswith("parameters."):
        kind = next((one for key, one in head.parameters.items() if key.lower() == name[11:]), "string")
        return [] if kind in _SAFE_TYPES or "." in name[11:] else [Source("caller", text, True)]
    given = next((one for one in environment if one.name.lower() == name), None)
    if given is None or depth > 2:
        return []
    inside = re.findall(r"\$\(([\w.]+)\)", given.value.text)
    below = [each for one in inside for each in _azure(one, head, environment, depth + 1)]
    return [Source(one.who, f"{text} ({one.name})", one.parameter) for one in below]


def _jenkins(text: str, head: Head) -> list[Source]:
    found: list[Source] = []
    for one in _JENKINS_PARAMETER.finditer(text):
        name = one[1] or one[2]
        if head.parameters.get(name, "string") not in (*_SAFE_TYPES, "password"):
            found.append(Source("caller", one[0], True))
    found += [Source("outsider", one[0]) for one in _JENKINS_OUTSIDER.finditer(text)]
    found += [Source("caller", one[0]) for one in _JENKINS_CALLER.finditer(text)]
    return found


def _tekton(text: str, head: Head) -> list[Source]:
    if text.startswith(("tt.params", "body.", "header.")):
        return [Source("outsider", text)]
    found = re.match(r"(?:inputs\.)?params(?:\.|\[['\"])([\w-]+)['\"]?\]?\Z", text)
    if found is None or head.parameters.get(found[1], "string") in _SAFE_TYPES:
        return []
    return [Source("caller", text, True)]
