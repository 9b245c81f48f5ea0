"""What a template becomes once it is filled in, as far as its name and its text say."""

from __future__ import annotations

import re
from typing import Final

from batten.model.source import File
from batten.pattern import pattern

_STRUCTURED: Final = (".yaml", ".yml", ".json", ".manifest", ".template")
_TERRAFORM: Final = (".tf", ".tofu")
# the services to the next key at the left margin; a line of a template may stand there
_SERVICES: Final = pattern(rb"^(?:\xef\xbb\xbf)?services[ \t]*:[^\n]*\n((?:(?![A-Za-z_\"'])[^\n]*\n?)*)", re.MULTILINE)
_SERVICE: Final = pattern(rb"^(?:[ ]{2,}|\t+)(?:image|build)[ \t]*:", re.MULTILINE)
_TASK: Final = pattern(rb"(?:^|[\s{,\"'])containerDefinitions[\"']?[ \t]*:", re.MULTILINE)
_STACK: Final = pattern(rb"^[\s{]*[\"']?Resources[\"']?\s*:", re.MULTILINE)
_STACKED: Final = pattern(rb"[\s{,\"']Type[\"']?\s*:\s*[\"']?AWS::")
# what `aws_ecs_task_definition.container_definitions` takes
_DEFINITIONS: Final = pattern(rb"(?:\xef\xbb\xbf)?\s*\[.*\"image\"\s*:", re.DOTALL)
_OF_DEFINITIONS: Final = pattern(rb"\"(?:essential|portMappings|logConfiguration|mountPoints)\"\s*:")
_HEADER: Final = pattern(rb"^[ \t]*\[([A-Z][A-Za-z]*)\]", re.MULTILINE)
_BUILT_UPON: Final = pattern(
    rb"^(?:resources|bases|components|patches\w*|images|helmCharts|generators|transformers|(?:configMap|secret)Generator)"
    rb"[ \t]*:",
    re.MULTILINE,
)
_RESOURCE: Final = pattern(rb"^[ \t]*resource[ \t]+\"(?:aws|docker|kubernetes)_", re.MULTILINE)
_FROM: Final = pattern(rb"^[ \t]*FROM[ \t]", re.MULTILINE | re.IGNORECASE)
_JOB: Final = pattern(
    rb"^[ \t-]*['\"]?(?:image|script|services|include|steps|jobs|stages|runs)['\"]?[ \t]*:", re.MULTILINE
)


def becomes_manifest(stem: str, data: bytes, pod_template_kinds: dict[str, str]) -> bool:
    """Whether a template becomes a file of which something is judged. `stem`: its path without the ends that
    templates have; `data`: what it begins with."""
    name = stem.rpartition("/")[2].lower()
    if name.endswith(_TERRAFORM):
        return _RESOURCE.search(data) is not None
    if _is_kustomization(stem):
        return _BUILT_UPON.search(data) is not None
    if "." in name and not name.endswith(_STRUCTURED):
        return _is_unit(name, data) or _is_dockerfile(stem, data) or _is_pipeline(stem, data)
    if b"apiVersion" in data and b"kind" in data:
        from batten.formats.kubernetes.recognise import holds_object

        return holds_object(data.decode("utf-8-sig", "replace"), pod_template_kinds)
    if b"containerDefinitions" in data and _TASK.search(data) is not None:
        return True
    if name.endswith(".json") and _DEFINITIONS.match(data) and _OF_DEFINITIONS.search(data):
        return True
    if b"AWS::" in data and _STACK.search(data) is not None and _STACKED.search(data) is not None:
        return True
    if _is_pipeline(stem, data) or _is_dockerfile(stem, data):
        return True
    if name.endswith(".json") or name.startswith("values"):  # values of a chart have services of their own
        return False
    return any(_SERVICE.search(one[1]) is not None for one in _SERVICES.finditer(data))


def _is_kustomization(stem: str) -> bool:
    from batten.formats.kustomize import NAMES

    return stem.rpartition("/")[2] in NAMES


def _is_unit(name: str, data: bytes) -> bool:
    from batten.formats.quadlet.names import section_of

    # networkd has units of the same names, with sections of its own beside [Network]
    section, found = section_of(name), [one[1].decode() for one in _HEADER.finditer(data)]
    return section != "" and section in found and "Match" not in found and "NetDev" not in found


def _is_dockerfile(stem: str, data: bytes) -> bool:
    from batten.formats.dockerfile.names import has_dockerfile_name

    return has_dockerfile_name(stem) and _FROM.search(data) is not None


def _is_pipeline(stem: str, data: bytes) -> bool:
    from batten.formats.pipelines import system_of

    system = system_of(File(stem, data, stem.rpartition("/")[0]))
    # names of these alone say what they are
    return system != "" and (system == "jenkins" or _JOB.search(data) is not None)
