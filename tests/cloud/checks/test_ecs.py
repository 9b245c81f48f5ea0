"""The surroundings of ECS tasks: CLD001 to CLD003."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    Input,
    assert_case,
    assert_mends,
    fails,
    mendable,
    passes,
    silent,
    task,
)


def service_with(network: str = '"assignPublicIp": "DISABLED"', more: str = '"enableExecuteCommand": false') -> Input:
    """What `create-service` takes."""
    return Input(
        "ecs",
        {
            "service.json": (
                "{\n"
                '  "serviceName": "web",\n'
                '  "cluster": "shop",\n'
                '  "taskDefinition": "web:7",\n'
                '  "desiredCount": 2,\n'
                f"  {more},\n"
                '  "networkConfiguration": {\n'
                '    "awsvpcConfiguration": {\n'
                '      "subnets": ["subnet-1"],\n'
                f"      {network}\n"
                "    }\n"
                "  }\n"
                "}\n"
            )
        },
    )


def task_on_efs(settings: str) -> Input:
    """A task definition with an EFS volume."""
    volume = f'{{"name": "data", "efsVolumeConfiguration": {{"fileSystemId": "fs-1"{settings}}}}}'
    return task(definition=f'"volumes": [{volume}]')


CASES = (
    fails("CLD001", service_with('"assignPublicIp": "ENABLED"'), at="assignPublicIp", severity="medium"),
    passes("CLD001", service_with()),
    silent("CLD001", task()),
    fails(
        "CLD002",
        service_with(more='"enableExecuteCommand": true'),
        at="enableExecuteCommand",
        severity="low",
        fix="review",
        becomes='"enableExecuteCommand": false',
    ),
    passes("CLD002", service_with()),
    silent("CLD002", task()),
    fails(
        "CLD003", task_on_efs(""), at="fs-1", severity="medium", fix="review", becomes='"transitEncryption": "ENABLED"'
    ),
    fails("CLD003", task_on_efs(', "transitEncryption": "DISABLED"'), at="fs-1", fix="review"),
    passes("CLD003", task_on_efs(', "transitEncryption": "ENABLED"')),
    silent("CLD003", task()),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
