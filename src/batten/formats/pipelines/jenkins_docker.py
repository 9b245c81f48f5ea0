"""Images and libraries in Jenkinsfiles: steps of the Docker Pipeline plug-in, pods of the Kubernetes plug-in."""

from __future__ import annotations

import re
from typing import Final

from batten.formats.pipelines.groovy import Node
from batten.formats.pipelines.jenkins_parts import Around, Draft, Parts
from batten.model.pipeline import HostMount, JobImage, Text, Use
from batten.pattern import pattern

_MOUNT: Final = pattern(r"(?:-v|--volume|--mount)[ =]+([^\s'\"]+)")
_POD_IMAGE: Final = pattern(r"^[ \t-]*image[ \t]*:[ \t]*['\"]?([^\s'\"#]+)", re.MULTILINE)
_POD_PRIVILEGED: Final = pattern(r"^[ \t-]*privileged[ \t]*:[ \t]*true\b", re.MULTILINE)
_POD_PATH: Final = pattern(
    r"hostPath[ \t]*:\s*(?:type[ \t]*:[^\n]*\n\s*)?(?:\{[ \t]*)?path[ \t]*:[ \t]*['\"]?([^\s'\"},#]+)"
)


class Images(Parts):
    """Reads what says which images are built, pushed and run, and which libraries are loaded."""

    def image_of(self, node: Node | None) -> Text | None:
        """The image that a chain of calls is about."""
        for one in self.chain(node):
            if one.kind == "call" and one.name in ("docker.build", "docker.image"):
                return self.text_of(one.argument("", 0))
        return None

    def docker(self, node: Node, around: Around, last: str) -> None:
        """`docker.build(…)`, `image.push(…)`, `docker.image(…).inside(…) {…}`."""
        draft = self.draft(around, node.start, node.end)
        if node.name == "@Library":
            self.library(node)
        elif node.name == "docker.build":
            self.library_step(around, node, "docker.build")
        elif last == "push" and (self.is_image(node.base) or (node.base is None and self.is_named_image(node))):
            self.library_step(around, node, "docker.push")
        elif last in ("inside", "run", "withRun") and node.base is not None and self.is_image(node.base):
            image = self.image_of(node.base)
            built = self.is_built(node.base)
            if image is not None and not built:
                draft.images.append(JobImage("job" if last == "inside" else "service", image))
            self.options(draft, self.text_of(node.argument("", 0)))

    def is_named_image(self, node: Node) -> bool:
        return self.is_image(Node("name", node.start, node.end, name=node.name.rpartition(".")[0]))

    def is_built(self, node: Node | None) -> bool:
        return any(one.kind == "call" and one.name == "docker.build" for one in self.chain(node))

    def library_step(self, around: Around, node: Node, name: str) -> None:
        inputs = {}
        for number, one in enumerate(node.arguments):
            text = self.text_of(one)
            if text is not None:
                inputs[str(number)] = text
        if name == "docker.push":
            image = self.image_of(node.base) or self.image_of(Node("name", 0, 0, name=node.name.rpartition(".")[0]))
            if image is not None:
                inputs["image"] = image
        text = Text(self.text[node.start : node.end], self.document, (node.start, node.end))
        self.add(around, node, name, use=Use("task", text, name, "", local=True), inputs=inputs)

    def options(self, draft: Draft, text: Text | None) -> None:
        """The options of `docker run` that a container is started with."""
        if text is None:
            return
        at = text.text.find("--privileged")
        if at >= 0:
            draft.privileged.append(text.at(at, at + len("--privileged")))
        for found in _MOUNT.finditer(text.text):
            source = found[1].split(":")[0]
            draft.mounts.append(HostMount(source, text.at(found.start(1), found.end(1))))

    def pod(self, draft: Draft, text: Text | None) -> None:
        """The YAML of a pod, as a string."""
        if text is None:
            return
        for found in _POD_IMAGE.finditer(text.text):
            image = Text(found[1], text.document, text.pointer, found.start(1), whole=False)
            draft.images.append(JobImage("job", image))
        draft.privileged += [text.at(one.start(), one.end()) for one in _POD_PRIVILEGED.finditer(text.text)]
        for found in _POD_PATH.finditer(text.text):
            draft.mounts.append(HostMount(found[1], text.at(found.start(1), found.end(1))))

    def pod_template(self, node: Node, around: Around) -> None:
        """`podTemplate(containers: […], volumes: […])`."""
        draft = self.draft(around, node.start, node.end)
        self.pod(draft, self.text_of(node.named.get("yaml")))
        waiting = [*node.arguments, *node.named.values()]
        while waiting:
            one = waiting.pop(0)
            waiting += one.arguments
            if one.kind != "call":
                continue
            if one.name == "containerTemplate":
                image = self.text_of(one.named.get("image"))
                allowed = None
                if self.word(one.named.get("privileged")) == "true":
                    allowed = self.place(one.named["privileged"].start, one.named["privileged"].end)
                    draft.privileged.append(allowed)
                if image is not None:
                    draft.images.append(JobImage("job", image, allowed))
            elif one.name == "hostPathVolume":
                path = self.text_of(one.named.get("hostPath"))
                if path is not None:
                    draft.mounts.append(HostMount(path.text, path.place))

    def _library(self, node: Node, around: Around) -> Around:
        text = self.text_of(node.argument("identifier", 0))
        if text is not None:
            name, _, ref = text.text.partition("@")
            self.uses.append(Use("library", text, name, ref))
        return around

    def library(self, node: Node) -> None:
        """`@Library('name@ref')`, `@Library(['a', 'b@1'])`."""
        for one in node.arguments:
            for each in one.arguments if one.kind == "list" else [one]:
                self._library(Node("call", each.start, each.end, arguments=[each]), Around(""))
