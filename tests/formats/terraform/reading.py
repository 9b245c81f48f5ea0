"""Modules of Terraform from memory, read as a scan reads them."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from batten.formats.interface import ReadContext, Reading
from batten.formats.nodes import Node
from batten.formats.terraform import READER
from batten.formats.terraform.evaluate import Evaluator
from batten.formats.terraform.module import Module, Shared
from batten.formats.terraform.values import Steps
from batten.model.workload import Container, Workload
from fuzz.memory import Memory


def memory(files: dict[str, str]) -> Memory:
    return Memory({path: dedent(text).encode() for path, text in files.items()})


def read(text: str, **files: str) -> Reading:
    """The file `main.tf`; `files` stand beside it (`__` in a name for a dot, `_S_` for a slash)."""
    return read_files({"main.tf": text, **{named(name): one for name, one in files.items()}})


def named(name: str) -> str:
    return name.replace("_S_", "/").replace("__", ".")


def read_files(files: dict[str, str], path: str = "main.tf") -> Reading:
    target = memory(files)
    file = target.get(path)
    assert file is not None
    return READER.read(file, ReadContext(target))


def workload(reading: Reading) -> Workload:
    [found] = [noun for noun in reading.nouns if isinstance(noun, Workload)]
    return found


def container(reading: Reading) -> Container:
    [found] = workload(reading).containers
    return found


def local(expression: str, more: str = "", **files: str) -> Node:
    """What an expression comes to, as the value of a local."""
    target = memory(
        {"main.tf": f"locals {{\n  x = {expression}\n}}\n{more}", **{named(n): t for n, t in files.items()}}
    )
    module = Module(Shared(target, "", Steps(), {}, {}), "", "", None, 0)
    attribute = module.folder.locals["x"]
    return Evaluator(module, attribute.document).node(attribute.attribute.value, attribute.pointer)


def plain(expression: str, more: str = "", **files: str) -> Any:
    return local(expression, more, **files).value()
