"""Command lines of scanners, and whether what they find ends the job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from msgspec.structs import replace

from batten.detect.pipelines.lines import Line, scan_of, variable_of
from batten.detect.pipelines.steps import Fact
from batten.detect.shell import options
from batten.detect.shell.syntax import long_options

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


def _trivy(line: Line) -> Iterator[Fact]:
    found, operands = options(line.words, "sfocit", _TRIVY_VALUES)
    target = next((word.value or "" for word in operands), "")
    if target not in _TRIVY_TARGETS or any(one.name == "--download-db-only" for one in found):
        return
    code = line.given(found, "--exit-code")
    value = line.written(code) if code is not None else variable_of(line, "TRIVY_EXIT_CODE")
    configured = line.given(found, "-c", "--config") is not None
    gate: bool | None = value != "0" if value else None if configured else False
    if value and not value.isdigit():
        gate = None
    layout = line.given(found, "-f", "--format")
    fact = scan_of(
        line,
        "trivy",
        gate=gate,
        why="--exit-code 0 lets it end well whatever it finds"
        if value == "0"
        else "trivy ends well without --exit-code",
        of_images=target in ("image", "i"),
        images=[line.raw(word) for word in operands[1:2]],
        reported=layout is not None and line.written(layout) in ("sarif", "cyclonedx", "spdx", "spdx-json", "github"),
    )
    if code is not None and gate is False and line.text:
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
    gate = line.given(found, "-f", "--fail-on") is not None or bool(variable_of(line, "GRYPE_FAIL_ON_SEVERITY"))
    layout = line.given(found, "-o", "--output")
    yield scan_of(
        line,
        "grype",
        gate=True if gate else None if configured else False,
        why="grype ends well without --fail-on",
        of_images=not line.raw(operands[0]).startswith(("dir:", "sbom:", "file:", ".")),
        images=[line.raw(operands[0])],
        reported=layout is not None and "sarif" in line.written(layout),
    )


def _snyk(line: Line) -> Iterator[Fact]:
    words = [word.value for word in line.words[:2]]
    if words[:2] == ["container", "test"]:
        yield scan_of(line, "snyk", gate=True, why="")
    elif words[:1] in (["test"], ["code"], ["iac"]):
        yield scan_of(line, "snyk", gate=True, why="", of_images=False)
    elif words[:2] == ["container", "monitor"]:
        yield scan_of(line, "snyk", gate=False, why="snyk monitor records and fails nothing")


def _batten(line: Line) -> Iterator[Fact]:
    if line.value(0) == "scan":
        found, operands = options(line.words[1:], "f", long_options("fail-on format report check config db baseline"))
        given = line.given(found, "--fail-on")
        never = given is not None and line.written(given) in ("none", "never")
        images = any((word.value or "x").endswith((".tar", ".tgz")) or ":" in line.raw(word) for word in operands)
        yield scan_of(line, "batten", gate=not never, why="--fail-on none lets it end well", of_images=images)


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
        yield scan_of(line, line.name, gate=gate, why="", of_images=not files and line.name != "dockle")


SCANNERS: Final[dict[str, Callable[[Line], Iterator[Fact]]]] = {
    "trivy": _trivy,
    "grype": _grype,
    "snyk": _snyk,
    "batten": _batten,
    **dict.fromkeys(
        ("twistcli", "wizcli", "anchorectl", "anchore-cli", "clairctl", "clair-scanner", "dockle", "osv-scanner"),
        _other_scanner,
    ),
}
