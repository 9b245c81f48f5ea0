"""Of what type each field is that is read, and what stands there instead.

Source: the request and response structures of the ECS API, 2014-11-13 (RegisterTaskDefinition,
CreateService), which refuses any other type. Fields that nothing is read from are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from batten.formats.docker_values import is_template
from batten.model.source import Pointer

_TEXT: Final = "text"
_SCALAR: Final = "a single value"  # text in the API, but what it means is plain as a number, too
_FLAG: Final = "true or false"
_NUMBER: Final = "a whole number"
_TEXTS: Final = [_TEXT]
_ANY: Final = ""
_TABLE: Final = {_ANY: _SCALAR}

Shape = str | dict[str, Any] | list[Any]

_CONTAINER: Final[dict[str, Shape]] = {
    "name": _TEXT,
    "image": _TEXT,
    "command": _TEXTS,
    "entryPoint": _TEXTS,
    "cpu": _NUMBER,
    "memory": _NUMBER,
    "memoryReservation": _NUMBER,
    "essential": _FLAG,
    "user": _TEXT,
    "privileged": _FLAG,
    "readonlyRootFilesystem": _FLAG,
    "dockerSecurityOptions": _TEXTS,
    "linuxParameters": {
        "capabilities": {"add": _TEXTS, "drop": _TEXTS},
        "devices": [{"hostPath": _TEXT, "containerPath": _TEXT, "permissions": _TEXTS}],
        "tmpfs": [{"containerPath": _TEXT, "mountOptions": _TEXTS}],
    },
    "ulimits": [{"name": _TEXT, "softLimit": _NUMBER, "hardLimit": _NUMBER}],
    "systemControls": [{"namespace": _TEXT, "value": _SCALAR}],
    "portMappings": [
        {"containerPort": _NUMBER, "hostPort": _NUMBER, "containerPortRange": _TEXT, "protocol": _TEXT},
    ],
    "mountPoints": [{"sourceVolume": _TEXT, "containerPath": _TEXT, "readOnly": _FLAG}],
    "volumesFrom": [{"sourceContainer": _TEXT, "readOnly": _FLAG}],
    "environment": [{"name": _TEXT, "value": _SCALAR}],
    "environmentFiles": [{"value": _TEXT}],
    "secrets": [{"name": _TEXT, "valueFrom": _TEXT}],
    "dependsOn": [{"containerName": _TEXT, "condition": _TEXT}],
    "healthCheck": {"command": _TEXTS},
    "logConfiguration": {"logDriver": _TEXT, "options": _TABLE},
    "firelensConfiguration": {"type": _TEXT, "options": _TABLE},
    "restartPolicy": {"enabled": _FLAG},
}
_VOLUME: Final[dict[str, Shape]] = {
    "name": _TEXT,
    "host": {"sourcePath": _TEXT},
    "dockerVolumeConfiguration": {"driver": _TEXT, "driverOpts": _TABLE},
    "efsVolumeConfiguration": {
        "fileSystemId": _TEXT,
        "transitEncryption": _TEXT,
        "authorizationConfig": {"iam": _TEXT},
    },
    "fsxWindowsFileServerVolumeConfiguration": {"fileSystemId": _TEXT},
    "s3filesVolumeConfiguration": {"fileSystemArn": _TEXT},
    "configuredAtLaunch": _FLAG,
}
CONTAINERS: Final[Shape] = [_CONTAINER]
TASK: Final[Shape] = {
    "family": _TEXT,
    "containerDefinitions": CONTAINERS,
    "volumes": [_VOLUME],
    "cpu": _SCALAR,
    "memory": _SCALAR,
    "networkMode": _TEXT,
    "pidMode": _TEXT,
    "ipcMode": _TEXT,
    "taskRoleArn": _TEXT,
    "executionRoleArn": _TEXT,
    "requiresCompatibilities": _TEXTS,
    "runtimePlatform": {"operatingSystemFamily": _TEXT},
}
_NETWORK: Final[dict[str, Shape]] = {"awsvpcConfiguration": {"assignPublicIp": _TEXT}}
SERVICE: Final[Shape] = {
    "serviceName": _TEXT,
    "enableExecuteCommand": _FLAG,
    "launchType": _TEXT,
    "taskDefinition": _TEXT,
    "desiredCount": _NUMBER,
    "networkConfiguration": _NETWORK,
    "taskSets": [{"networkConfiguration": _NETWORK}],
}


def faults(value: Any, shape: Shape, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    """(place, `expected …, found …`) of everything that is of another type, in the order of the document."""
    if isinstance(shape, dict):
        if isinstance(value, dict):
            for name, inner in value.items():
                expected = shape.get(name, shape.get(_ANY))
                if expected is not None and inner is not None and inner != "":
                    yield from faults(inner, expected, (*pointer, name))
            return
        expected = "a mapping"
    elif isinstance(shape, list):
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from faults(item, shape[0], (*pointer, number))
            return
        expected = "a list"
    else:
        if _is(value, shape):
            return
        expected = shape
    if isinstance(value, str) and is_template(value):
        yield pointer, "filled in by a template; render the definition, then scan the result"
    else:
        yield pointer, f"expected {expected}, found {_shown(value)}; the API refuses this"


def _is(value: Any, kind: str) -> bool:
    """Whether a scalar is of a kind; a template is of any (what it decides is told elsewhere)."""
    if isinstance(value, str):
        if kind in (_TEXT, _SCALAR) or is_template(value):
            return True
        word = value.strip()
        if kind == _FLAG:
            return word.lower() in ("true", "false")
        return word.isascii() and word.removeprefix("-").isdigit()
    if kind == _SCALAR:
        return isinstance(value, int | float)
    if kind == _FLAG:
        return isinstance(value, bool)
    return kind == _NUMBER and isinstance(value, int) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return str(value).lower() if isinstance(value, bool) else repr(value)[:60]
