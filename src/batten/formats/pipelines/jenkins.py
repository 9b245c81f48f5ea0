"""Jenkinsfiles, declarative and scripted: stages become jobs, `sh`, `bat`, `docker.build` and their like steps.

Source: https://www.jenkins.io/doc/book/pipeline/syntax/ and the pages of the plug-ins' steps. What a program decides
(a loop, a condition, a variable) is read as it is written, each branch once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from msgspec.structs import replace

from batten.formats.interface import ReadContext, Reading
from batten.formats.lines import lines_of, text_of
from batten.formats.pipelines.complete import jenkins_faults
from batten.formats.pipelines.groovy import Node, parse
from batten.formats.pipelines.jenkins_docker import Images
from batten.formats.pipelines.jenkins_parts import Around
from batten.limits import PIPELINE_JOBS
from batten.model.pipeline import JobImage, Runner, Text, Variable
from batten.model.source import File, Problem, Unreadable

_SHELLS: Final = {"sh": "sh", "bat": "cmd", "powershell": "powershell", "pwsh": "powershell"}
_PARAMETERS: Final = {
    "string": "string",
    "text": "string",
    "choice": "choice",
    "booleanParam": "boolean",
    "password": "password",
    "credentials": "choice",
    "file": "string",
    "run": "choice",
}
# where a binding keeps the name of its variable; what is no secret is left out
_BINDINGS: Final = ("variable", "passwordVariable", "tokenVariable", "passphraseVariable")
_FILE_BINDINGS: Final = ("file", "zip", "dockerCert", "FileBinding", "ZipFileBinding", "DockerServerCredentialsBinding")
"""Their variable is the path of a file; so is `keyFileVariable`."""
_NO_BINDINGS: Final = ("containerTemplate", "envVar", "string.parameter")
_PARTS_OF_CHAIN: Final = ("push", "inside", "run", "withRun", "tag")


def read(file: File, context: ReadContext) -> Reading:
    """The pipeline that the file is."""
    text = text_of(file)
    try:
        statements = parse(text)
    except Unreadable as error:
        found = f"the Groovy could not be read: {error.message}; nothing of this file was judged"
        return Reading(problems=[Problem(file.path, found, error.line)])
    found_ = _Jenkins(file, text, statements)
    nouns = found_.read()
    return Reading(nouns=nouns, problems=[*found_.problems(), *jenkins_faults(file, text, statements)])


class _Jenkins(Images):
    def read(self) -> list[Any]:
        whole = Around(self.build.name)
        self.draft(whole, 0, len(self.text))
        self.collect(self.statements)
        self.visit_all(self.statements, whole)
        for name, draft in self.drafts.items():
            if not (draft.steps or draft.images or draft.mounts or draft.privileged or name != self.build.name):
                continue
            self.build.job(
                self.document,
                (draft.start, draft.end),
                name,
                stage=name,
                after=draft.after,
                runner=draft.runner,
                images=tuple(draft.images),
                mounts=tuple(draft.mounts),
                privileged=tuple(draft.privileged),
                condition=draft.condition,
                steps=tuple(draft.steps),
            )
        return self.build.nouns(uses=self.uses)

    def problems(self) -> list[Problem]:
        """What could not be judged, told once."""
        if self.crowd:
            line = lines_of(self.file).line(self.crowd)
            message = (
                f"expected at most {PIPELINE_JOBS} stages in one file, found more; the rest is told of those around"
            )
            return [Problem(self.file.path, message, line)]
        if not self.opaque:
            return []
        line = lines_of(self.file).line(self.opaque[0])
        many = f"{len(self.opaque)} steps run scripts" if len(self.opaque) > 1 else "a step runs a script"
        return [Problem(self.file.path, f"{many} that no string of this file holds; not judged", line, severe=False)]

    # ------------------------------------------------------------------------------------ walking

    def visit_all(self, nodes: Iterable[Node], around: Around) -> Around:
        """Each in turn; stages wait for those before them."""
        for node in nodes:
            around = self.visit(node, around)
        return around

    def visit(self, node: Node, around: Around) -> Around:
        """Steps and stages of a statement, in the order in which they run."""
        if node.kind != "call":
            inner = around
            if node.kind == "block" and node.name in ("catch", "finally"):
                inner = replace(around, always=True)
            elif node.kind == "closure" and node.name:  # the body of a function
                inner = around
            for part in (*node.arguments, *node.named.values(), *([node.closure] if node.closure else ())):
                inner = replace(self.visit(part, inner), always=inner.always)
            return replace(inner, always=around.always)
        if node.base is not None:
            around = self.visit(node.base, around)
        handler = getattr(self, f"_{node.name.rpartition('.')[2]}", None) if node.name else None
        if handler is not None and node.name.rpartition(".")[2] in _HANDLED:
            found: Around = handler(node, around)
            return found
        last = node.name.rpartition(".")[2]
        if last in _SHELLS and "." not in node.name:
            self.script(node, around, _SHELLS[last])
            return around
        self.docker(node, around, last)
        inner = around
        if last in ("catchError", "warnError"):
            inner = replace(around, may_fail=self.place(node.start, node.start + len(last)))
        self.visit_parts(node, inner)
        return around if node.closure is None else self.visit_closure(node, inner, around)

    def visit_parts(self, node: Node, around: Around) -> None:
        for part in (*node.arguments, *node.named.values()):
            self.visit(part, around)

    def visit_closure(self, node: Node, inner: Around, around: Around) -> Around:
        """The statements of a call's closure; what ends in it has ended behind it."""
        if node.closure is None:
            return around
        after = self.visit_all(node.closure.arguments, inner)
        return replace(around, before=after.before)

    # ------------------------------------------------------------------------------------ declarative

    def _stage(self, node: Node, around: Around) -> Around:
        name = self.word(node.argument("name", 0)) or "stage"
        if len(self.drafts) >= PIPELINE_JOBS:
            self.crowd = self.crowd or node.start
            return self.visit_closure(node, around, around)
        count = self.named[name] = self.named.get(name, 0) + 1
        unique = name if count == 1 else f"{name} {count}"
        inner = replace(around, job=unique, before=around.before)
        self.draft(inner, node.start, node.end)
        if node.closure is None:  # `stage 'Build'` of old: it goes on up to the next
            return replace(around, job=unique, before=around.before | {around.job})
        parts = {one.name: one for one in node.closure.arguments if one.kind == "call"}
        if "environment" in parts:
            inner = self._environment(parts["environment"], inner)
        if "agent" in parts:
            inner = self._agent(parts["agent"], inner)
        when = parts.get("when")
        if when is not None:
            text = Text(self.text[when.start : when.end], self.document, (when.start, when.end))
            self.drafts[unique].condition = text
        rest = [one for one in node.closure.arguments if one.name not in ("environment", "agent", "when")]
        after = self.visit_all(rest, inner)
        return replace(around, before=around.before | after.before | {unique})

    def _pipeline(self, node: Node, around: Around) -> Around:
        if node.closure is None:
            return around
        parts = {one.name: one for one in node.closure.arguments if one.kind == "call"}
        for name in ("parameters", "environment", "agent"):
            if name in parts:
                around = getattr(self, f"_{name}")(parts[name], around)
        rest = [one for one in node.closure.arguments if one.name not in ("environment", "agent", "parameters")]
        return self.visit_all(rest, around)

    def _parallel(self, node: Node, around: Around) -> Around:
        """Branches that begin together."""
        ended = around.before
        branches = [*node.named.values(), *node.arguments]
        branches += node.closure.arguments if node.closure is not None else []
        for branch in branches:
            inside = self.visit_all(branch.arguments if branch.kind == "closure" else [branch], around)
            ended |= inside.before
        return replace(around, before=ended)

    def _post(self, node: Node, around: Around) -> Around:
        inner = replace(around, always=True)
        self.visit_closure(node, inner, inner)
        return around

    def _parameters(self, node: Node, around: Around) -> Around:
        calls = list(node.closure.arguments if node.closure is not None else node.arguments)
        while calls:
            one = calls.pop()
            kind = _PARAMETERS.get(one.name) if one.kind == "call" else None
            if kind is not None:
                self.parameters[self.word(one.argument("name", 0))] = kind
            else:
                calls += one.arguments
        return around

    def _environment(self, node: Node, around: Around) -> Around:
        found: list[Variable] = []
        for one in node.closure.arguments if node.closure is not None else ():
            if one.kind != "assign":
                continue
            value = one.arguments[0]
            text = Text(self.text[value.start : value.end], self.document, (value.start, value.end))
            if value.kind == "string":
                text = self.text_of(value) or text
            if value.kind == "call" and value.name == "credentials":
                found += [Variable(name, text, True) for name in (one.name, f"{one.name}_PSW")]
            else:
                found.append(Variable(one.name, text))
        return replace(around, variables=(*found, *around.variables))

    def _agent(self, node: Node, around: Around) -> Around:
        draft = self.draft(around, node.start, node.end)
        for one in node.closure.arguments if node.closure is not None else node.arguments:
            inside = {each.name: each for each in one.closure.arguments} if one.closure is not None else {}
            if one.name == "label":
                draft.runner = Runner("own", self.text_of(one.argument("", 0)))
            elif one.name in ("docker", "dockerfile", "kubernetes"):
                image = self.text_of(inside["image"].argument("", 0)) if "image" in inside else None
                if one.name == "docker" and image is None:
                    image = self.text_of(one.argument("image", 0))
                if image is not None:
                    draft.images.append(JobImage("job", image))
                    around = replace(around, image=image)
                arguments = self.text_of(inside["args"].argument("", 0)) if "args" in inside else None
                self.options(draft, arguments)
                if "yaml" in inside:
                    self.pod(draft, self.text_of(inside["yaml"].argument("", 0)))
        return around

    # ------------------------------------------------------------------------------------ scripted

    def _node(self, node: Node, around: Around) -> Around:
        draft = self.draft(around, node.start, node.end)
        label = self.text_of(node.argument("label", 0))
        if label is not None:
            draft.runner = Runner("own", label)
        return self.visit_closure(node, around, around)

    def _withCredentials(self, node: Node, around: Around) -> Around:
        found: list[Variable] = []
        waiting = list(node.arguments)
        while waiting:
            one = waiting.pop()
            waiting += one.arguments
            class_ = self.text_of(one.named.get("$class"))
            if (class_.text if class_ is not None else one.name) in _FILE_BINDINGS:
                continue
            for key in _BINDINGS:
                text = self.text_of(one.named.get(key)) if one.kind in ("call", "map") else None
                if text is not None:
                    found.append(Variable(text.text, text, True))
        inner = replace(around, variables=(*found, *around.variables))
        return self.visit_closure(node, inner, around)

    def _withEnv(self, node: Node, around: Around) -> Around:
        found = []
        given = self.resolved(node.argument("overrides", 0))
        for one in given.arguments if given is not None else ():
            text = self.text_of(one)
            if text is not None:
                name, _, value = text.text.partition("=")
                moved = Text(value, text.document, text.pointer, len(name) + 1, whole=False)
                found.append(Variable(name, moved))
        return self.visit_closure(node, replace(around, variables=(*found, *around.variables)), around)

    def _properties(self, node: Node, around: Around) -> Around:
        waiting = list(node.arguments)
        while waiting:
            one = waiting.pop()
            if one.kind == "call" and one.name == "parameters":
                self._parameters(one, around)
            waiting += one.arguments
        return around

    def _podTemplate(self, node: Node, around: Around) -> Around:
        self.pod_template(node, around)
        return self.visit_closure(node, around, around)


_HANDLED: Final = frozenset(
    (
        *("stage", "pipeline", "parallel", "post", "parameters", "environment", "agent", "node"),
        *("withCredentials", "withEnv", "podTemplate", "properties", "library"),
    )
)
