"""What the tests of checks stand on: short real-format inputs, and what is expected of a check on each.

A table of cases reads as a list of examples:

    CASES = (
        fails("PRV001", pod("securityContext: {privileged: true}"), at="privileged: true", fix="review"),
        passes("PRV001", pod()),
    )

`fails` names the line by a text that stands in it once; with `fix` the finding is mended and the result
scanned again. `passes` wants a pass in so many words, `silent` that the check does not apply.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from msgspec import Struct, field

from batten import api
from batten.engine.scan import Scan
from batten.model.report import Finding
from batten.model.settings import Settings

AS_OF = "2026-11-01"
IMAGE = "registry.example/shop/web:1.4"


class Input(Struct, frozen=True):
    """Files as a user has them: path -> text, and the platform that they are of."""

    platform: str
    files: dict[str, str]

    def __add__(self, other: Input) -> Input:
        """Both, beside each other; documents of one YAML file are joined."""
        files = dict(self.files)
        for path, text in other.files.items():
            files[path] = f"{files[path]}---\n{text}" if path in files else text
        return Input(self.platform, files)


class Case(Struct, frozen=True):
    """An input, and what a check says of it."""

    check: str
    input: Input
    outcome: Literal["fails", "passes", "silent"]
    at: str = ""
    after: str = ""
    severity: str = ""
    says: str = ""
    fix: str = ""
    becomes: str = ""
    count: int = 1
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.check}-{self.input.platform}"


def fails(
    check: str,
    given: Input,
    *,
    at: str,
    after: str = "",
    severity: str = "",
    says: str = "",
    fix: str = "",
    becomes: str = "",
    count: int = 1,
    **settings: Any,
) -> Case:
    """The check finds `count` things, the first of them in the line that holds `at`.

    `after`: a text in an earlier line, where `at` stands in several lines. `says`: part of its message.
    `fix`: the kind of fix that it offers, "" for none; the mended text then holds `becomes`.
    """
    return Case(check, given, "fails", at, after, severity, says, fix, becomes, count, settings)


def passes(check: str, given: Input, **settings: Any) -> Case:
    """The check looked at something and found nothing."""
    return Case(check, given, "passes", settings=settings)


def silent(check: str, given: Input, **settings: Any) -> Case:
    """There is nothing here that the check applies to."""
    return Case(check, given, "silent", settings=settings)


# ---------------------------------------------------------------------------------------- inputs


def _lines(text: str, depth: int) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n") + "\n", " " * depth) if text.strip() else ""


def _ended(text: str) -> str:
    """With a line end; the indentation counts, because the text may begin with further services."""
    return text.rstrip("\n") + "\n" if text else ""


def pod(container: str = "", spec: str = "", *, image: str = IMAGE, name: str = "web", more: str = "") -> Input:
    """A Deployment: lines of the container, of the pod spec, and `more` entries of `containers`."""
    return Input(
        "kubernetes",
        {
            "web.yaml": (
                "# the shop as its customers see it\n"
                "apiVersion: apps/v1\n"
                "kind: Deployment\n"
                f"metadata: {{name: {name}, namespace: shop}}\n"
                "spec:\n"
                f"  selector: {{matchLabels: {{app: {name}}}}}\n"
                "  template:\n"
                f"    metadata: {{labels: {{app: {name}}}}}\n"
                "    spec:\n"
                + _lines(spec, 6)
                + "      containers:  # one for now\n"
                + f"        - name: {name}\n"
                + f"          image: {image}  # built in the pipeline\n"
                + _lines(container, 10)
                + _lines(more, 8)
                + "# the end\n"
            )
        },
    )


def manifest(text: str) -> Input:
    """Kubernetes objects as written."""
    return Input("kubernetes", {"web.yaml": textwrap.dedent(text).lstrip("\n")})


def kube(yaml: str = "../web.yaml") -> Input:
    """A Quadlet unit that plays a manifest, which is named from the folder of the unit."""
    return Input("quadlet", {"units/web.kube": f"[Kube]\nYaml={yaml}\n"})


def compose(service: str = "", project: str = "", *, image: str = IMAGE, **files: str) -> Input:
    """A Compose file with the service `web`; `files` stand beside it (`__` in a name for a dot)."""
    text = (
        "# the shop, on one machine\n"
        "services:\n"
        "  web:\n"
        f"    image: {image}  # built in the pipeline\n" + _lines(service, 4) + _ended(project) + "# the end\n"
    )
    return Input("compose", {"compose.yaml": text, **{name.replace("__", "."): one for name, one in files.items()}})


def stack(service: str = "", project: str = "", *, image: str = IMAGE, deploy: str = "") -> Input:
    """A stack for `docker stack deploy`."""
    text = (
        "# the shop, on the swarm\n"
        "services:\n"
        "  web:\n"
        f"    image: {image}  # built in the pipeline\n"
        "    deploy:\n"
        "      mode: replicated\n" + _lines(deploy, 6) + _lines(service, 4) + _ended(project) + "# the end\n"
    )
    return Input("swarm", {"stack.yaml": text})


def service(container: str = "", template: str = "", *, image: str = IMAGE) -> Input:
    """A record of `docker service inspect`: one member of `ContainerSpec` or of `TaskTemplate` a line."""
    text = (
        "[\n"
        '    {   "ID": "kq2xv9x0v6n0z0d8c4m1q6y3e",\n'
        '        "Spec": {\n'
        '            "Name": "shop_web",\n'
        '            "TaskTemplate": {\n'
        + _members(template, 16)
        + '                "ContainerSpec": {\n'
        + _members(container, 20)
        + f'                    "Image": "{image}"\n'
        + "                }\n"
        + "            },\n"
        + '            "Mode": {"Replicated": {"Replicas": 2}}\n'
        + "        }\n"
        + "    }\n"
        + "]\n"
    )
    return Input("swarm", {"services.json": text})


def _members(text: str, depth: int) -> str:
    return "".join(
        f"{line}\n" if line.endswith(("{", "[", ",")) else f"{line},\n" for line in _lines(text, depth).splitlines()
    )


def task(container: str = "", definition: str = "", *, image: str = IMAGE, launch: str = "EC2") -> Input:
    """An ECS task definition: one member of the container or the definition a line."""
    text = (
        '{ "family": "web",\n'
        f'  "requiresCompatibilities": ["{launch}"],\n'
        + _members(definition, 2)
        + '  "containerDefinitions": [\n'
        + '    { "name": "web",\n'
        + f'      "image": "{image}",\n'
        + _members(container, 6)
        + '      "essential": true\n'
        + "    }\n"
        + "  ]\n"
        + "}\n"
    )
    return Input("ecs", {"task.json": text})


def docker(host: str = "", config: str = "", record: str = "", *, image: str = IMAGE) -> Input:
    """A record of `docker inspect`: one member of it, of `HostConfig` or of `Config` a line."""
    text = (
        "[\n"
        '    {   "Id": "4f66ad9a0b2e4c6f6b0a3a7d0b8f7c2d",\n'
        '        "Name": "/web",\n'
        '        "Platform": "linux",\n'
        '        "HostsPath": "/var/lib/docker/containers/4f66ad9a0b2e/hosts",\n'
        + _members(record, 8)
        + '        "HostConfig": {\n'
        + _members(host, 12)
        + '            "Isolation": ""\n'
        + "        },\n"
        + '        "Config": {\n'
        + _members(config, 12)
        + f'            "Image": "{image}"\n'
        + "        }\n"
        + "    }\n"
        + "]\n"
    )
    return Input("docker", {"containers.json": text})


def podman(host: str = "", config: str = "", record: str = "", *, image: str = IMAGE) -> Input:
    """A record of `podman inspect`, as `docker`."""
    text = (
        "[\n"
        '     {    "Id": "4f66ad9a0b2e4c6f6b0a3a7d0b8f7c2d",\n'
        '          "Name": "web",\n'
        f'          "ImageName": "{image}",\n'
        '          "OCIRuntime": "crun",\n'
        '          "ConmonPidFile": "/run/containers/storage/overlay-containers/4f66ad9a0b2e/userdata/conmon.pid",\n'
        + _members(record, 10)
        + '          "Config": {\n'
        + _members(config, 15)
        + '               "Annotations": null\n'
        + "          },\n"
        + '          "HostConfig": {\n'
        + _members(host, 15)
        + '               "AutoRemove": false\n'
        + "          }\n"
        + "     }\n"
        + "]\n"
    )
    return Input("podman", {"containers.json": text})


def quadlet(container: str = "", *, image: str = IMAGE, **files: str) -> Input:
    """The unit `web.container`; `files` stand beside it (`__` in a name for a dot)."""
    text = (
        f"# the shop's front\n[Container]\nImage={image}\n{_lines(container, 0)}\n[Install]\nWantedBy=default.target\n"
    )
    return Input("quadlet", {"web.container": text, **{name.replace("__", "."): one for name, one in files.items()}})


def dockerfile(text: str, **files: str) -> Input:
    """A Dockerfile as written; `files` stand beside it (`__` in a name for a dot)."""
    written = {name.replace("__", "."): textwrap.dedent(one) for name, one in files.items()}
    return Input("dockerfile", {"Dockerfile": textwrap.dedent(text).lstrip("\n"), **written})


def terraform(text: str, **files: str) -> Input:
    """A module of Terraform as written; `files` stand beside it (`__` in a name for a dot)."""
    written = {name.replace("__", "."): textwrap.dedent(one) for name, one in files.items()}
    return Input("aws", {"main.tf": textwrap.dedent(text).lstrip("\n"), **written})


def cloudformation(resources: str, **files: str) -> Input:
    """A template with these resources."""
    written = {name.replace("__", "."): textwrap.dedent(one) for name, one in files.items()}
    text = "AWSTemplateFormatVersion: '2010-09-09'\nResources:  # of the shop\n" + _lines(resources, 2) + "# the end\n"
    return Input("aws", {"stack.yaml": text, **written})


# ---------------------------------------------------------------------------------------- asking


def _write(files: dict[str, str], folder: str) -> None:
    for path, text in files.items():
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="")


def _scan(files: dict[str, str], check: str, settings: dict[str, Any]) -> Scan:
    with TemporaryDirectory() as folder:
        _write(files, folder)
        done = api.scan([folder], Settings(**{"checks": (check,), "as_of": AS_OF, **settings}))
    problems = [one.message for target in done.report.targets for one in target.problems if one.severe]
    assert not problems, f"the input itself could not be read: {problems}"
    return done


def findings(files: dict[str, str], check: str, **settings: Any) -> list[Finding]:
    """What one check finds in these files (path -> text)."""
    return [one for one in _scan(files, check, settings).report.findings if one.check == check]


def assert_case(case: Case) -> None:
    """The check says of the input what the case says that it does."""
    done = _scan(case.input.files, case.check, case.settings)
    found = [one for one in done.report.findings if one.check == case.check]
    told = [f"{one.location.path}:{one.location.line} {one.message}" for one in found]
    if case.outcome != "fails":
        assert not found, told
        judged = [one for one in done.results if one.check.id == case.check]
        assert bool(judged) == (case.outcome == "passes"), f"judged {len(judged)} times, expected {case.outcome}"
        return
    assert len(found) == case.count, told
    first = found[0]
    assert first.check == case.check
    path = Path(first.location.path).name
    [text] = [text for name, text in case.input.files.items() if Path(name).name == path]
    skipped = text.partition(case.after)[0].count("\n") if case.after else -1
    lines = [number for number, line in enumerate(text.splitlines(), 1) if case.at in line and number > skipped + 1]
    assert len(lines) == 1 or (case.after and lines), f"{case.at!r} stands in lines {lines} of the input: name one"
    assert [first.location.line, first.location.column > 0] == [lines[0], True], told
    assert case.says in first.message, told
    if case.severity:
        assert first.severity == case.severity
    assert (first.fix.kind if first.fix else "") == case.fix, first.no_fix
    if not case.fix:
        assert first.no_fix or case.input.platform in ("docker", "podman"), "a finding without a fix says why"


_RISING = ("info", "low", "medium", "high", "critical")


def assert_mends(case: Case) -> None:
    """The fix takes the findings away, or lowers them where it says so; comments and all other lines are kept."""
    with TemporaryDirectory() as folder:
        _write(case.input.files, folder)
        settings = Settings(persona="auditor", as_of=AS_OF, **case.settings)
        plan = api.fix([folder], settings, review=True, choose=lambda one: one.finding.check == case.check)
    mine = [one for one in plan.proposals if one.finding.check == case.check]
    assert all(one.applied for one in mine), [one.reason for one in mine]
    mended = dict(case.input.files)
    for patch in plan.patches:
        mended[patch.path] = patch.after.data.decode()
    changed = {path: text for path, text in mended.items() if text != case.input.files[path]}
    for path, text in changed.items():
        comments = [line for line in case.input.files[path].splitlines() if line.lstrip().startswith("#")]
        assert all(line in text.splitlines() for line in comments), text
        assert ("# built in the pipeline" in case.input.files[path]) == ("# built in the pipeline" in text), text
    assert any(case.becomes in text for text in changed.values()), "\n".join(changed.values())
    left = findings(mended, case.check, **case.settings)
    assert len(left) == sum(one.lowers for one in mine), "\n".join(changed.values())
    for one in left:
        assert _RISING.index(one.severity) < max(_RISING.index(each.finding.severity) for each in mine)


def mendable(cases: tuple[Case, ...]) -> list[Case]:
    """The cases that a fix is offered for."""
    return [case for case in cases if case.fix]
