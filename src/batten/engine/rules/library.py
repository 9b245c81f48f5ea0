"""The library that runs expressions, loaded without its command line.

`import cel` loads typer, rich and prompt-toolkit with it, some 0.4 s; the compiled module alone takes milliseconds.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from batten.engine.config import ConfigError

_NAME = "cel.cel"
_SUFFIXES = (".so", ".pyd")


class MissingLibrary(ConfigError):
    """Rules are there, and nothing that runs them."""

    def __init__(self) -> None:
        super().__init__("rules of your own need the extra `rules`; add it with: pip install 'batten[rules]'")


class Compiled(Protocol):
    def execute(self, context: Any = None) -> Any:
        """The value of the expression."""


@cache
def library() -> Any:
    """The compiled module of `common-expression-language`; raises `MissingLibrary`."""
    from importlib.util import find_spec, module_from_spec, spec_from_file_location

    if _NAME in sys.modules:  # it cannot be loaded twice in one process
        return sys.modules[_NAME]
    found = find_spec("cel")
    for folder in found.submodule_search_locations or () if found is not None else ():
        for path in sorted(Path(folder).glob("cel.*")):
            if path.suffix in _SUFFIXES:
                spec = spec_from_file_location(_NAME, path)
                if spec is not None and spec.loader is not None:
                    module = module_from_spec(spec)
                    spec.loader.exec_module(module)
                    sys.modules[_NAME] = module
                    return module
    raise MissingLibrary
