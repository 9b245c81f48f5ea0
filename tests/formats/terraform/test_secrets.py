"""What is secret in a module stands in no report, whichever of its files it was written in."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from batten import api
from batten.model.settings import Settings

SECRET = 'resource "kubernetes_secret" "s" {\n  metadata {\n    name = "s"\n  }\n  data = {\n    a = VALUE\n  }\n}\n'
POD = """
resource "kubernetes_pod" "p" {
  metadata {
    name = "p"
  }
  spec {
    container {
      name  = "c"
      image = IMAGE
    }
  }
}
"""


def report(folder: Path, files: dict[str, str]) -> str:
    for path, text in files.items():
        (folder / path).write_text(text)
    found = api.scan([str(folder)], Settings(as_of="2026-11-01", persona="auditor")).report
    assert any(one.check == "IMG001" and one.excerpt is not None for one in found.findings)
    return msgspec.json.encode(found).decode()


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": 'locals {\n  image = "web:latest"\n  b = "qqq-777-www"\n}\n'
         + SECRET.replace("VALUE", "local.b") + POD.replace("IMAGE", "local.image")},
        {"main.tf": SECRET.replace("VALUE", "local.b") + POD.replace("IMAGE", "local.image"),
         "locals.tf": 'locals {\n  image = "web:latest"\n  b = "qqq-777-www"\n}\n'},
        {"main.tf": POD.replace("IMAGE", "var.image"),
         "variables.tf": 'variable "image" {\n  default = "web:latest"\n}\nvariable "t" {\n  default   = "qqq-777-www"'
         "\n  sensitive = true\n}\n"},
    ],
)  # fmt: skip
def test_it_is_not_shown(tmp_path: Path, files: dict[str, str]) -> None:
    told = report(tmp_path, files)
    assert "web:latest" in told
    assert "qqq-777-www" not in told
