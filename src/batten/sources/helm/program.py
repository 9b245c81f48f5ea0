"""Renders a chart with the program `helm` of the PATH.

`helm template` prints objects sorted and parsed. What each template prints as it is, marks and all, it shows where a
chart renders something that is no YAML: so one template more is put beside the others that does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from batten.formats.helm.errors import ChartError
from batten.limits import HELM_MEMORY, HELM_OUTPUT, HELM_SECONDS
from batten.pattern import pattern

_BROKEN: Final = "zz-batten-no-yaml.yaml"
_SOURCE: Final = pattern(r"(?:\A|\n)---\n# Source: ([^\n]+)\n")


def render(
    program: str, folder: str, chart: str, values: Mapping[str, Any], release: str, namespace: str
) -> dict[str, str]:
    """What each template of the chart prints. `folder`: for what the program writes. Raises `ChartError`."""
    from batten.sources.helm.runner import environment, shortened

    os.makedirs(os.path.join(chart, "templates"), exist_ok=True)
    with open(os.path.join(chart, "templates", _BROKEN), "w") as file:
        file.write("{ no: yaml\n")
    given = os.path.join(folder, "values.json")
    with open(given, "w") as file:
        json.dump(values, file, default=str)
    home = os.path.join(folder, "home")
    os.makedirs(home)
    command = [program, "template", release, chart, "--namespace", namespace, "--values", given, "--debug"]
    output = os.path.join(folder, "printed")
    try:
        with open(output, "wb") as printed:
            done = subprocess.run(  # noqa: S603 - helm with arguments of ours
                command,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.PIPE,
                cwd=home,
                env=environment(home),
                timeout=HELM_SECONDS,
                check=False,
                preexec_fn=_confine if sys.platform != "win32" else None,
            )
    except subprocess.TimeoutExpired:
        raise ChartError(f"it took longer than {HELM_SECONDS} s and was stopped") from None
    except OSError as error:
        raise ChartError(f"{program} cannot be started: {error.strerror}") from None
    if os.path.getsize(output) >= HELM_OUTPUT:
        raise ChartError(f"expected at most {HELM_OUTPUT >> 20} MiB, found that it prints more")
    with open(output, encoding="utf-8", errors="replace", newline="") as file:
        text = file.read()
    parts = _SOURCE.split(text)
    found: dict[str, str] = {}
    for name, content in zip(parts[1::2], parts[2::2], strict=True):
        found.setdefault(name, content)  # hooks are printed a second time, object by object
    if not any(name.endswith(_BROKEN) for name in found):
        said = done.stderr.decode("utf-8", "replace")
        wrong = next((line for line in said.splitlines() if line.startswith("Error:")), said)
        raise ChartError(shortened(wrong.removeprefix("Error:").replace(chart + os.sep, "")) or "helm said nothing")
    return {name: content + "\n" for name, content in found.items() if not name.endswith(_BROKEN)}


def _confine() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (HELM_MEMORY, HELM_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (HELM_OUTPUT, HELM_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
