"""Other tools' templates in Compose files."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web:\n    image: {{ img }}\n",
        "services:\n  web:\n    image: {{ img }}:{{ tag }}\n    user: '1000'\n",
        "services:\n  web:\n{% if debug %}\n    user: root\n{% endif %}\n    image: a:1\n",
        "services:\n  web:\n    image: '{{ img }}'\n",
    ],
)
def test_the_way_out_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "compose.yaml").write_text(text)
    report = api.scan([str(tmp_path)], Settings()).report
    [problem] = report.targets[0].problems
    assert problem.message.startswith("template: ")
    assert problem.message.endswith("render the file first, then scan the result")


def test_a_dockerfile_in_the_file_may_be_one_too(tmp_path: Path) -> None:
    text = "services:\n  web:\n    build:\n      dockerfile_inline: |\n        FROM {{ base }}:1\n        RUN make\n"
    (tmp_path / "compose.yaml").write_text(text)
    report = api.scan([str(tmp_path)], Settings(persona="auditor")).report
    [problem] = report.targets[0].problems
    assert problem.message.startswith("expected a Dockerfile, found a template of one ({{ base }}:1)")
    assert problem.line == 5
    assert [one for one in report.findings if one.resource.platform == "dockerfile"] == []
