"""Which errors are the user's to mend: shown in one line, exit code 2."""

from __future__ import annotations


def SHOWN() -> tuple[type[BaseException], ...]:
    """The types, imported only on the way to a message."""
    from batten.engine.baseline import BaselineError
    from batten.engine.config import ConfigError
    from batten.engine.fix.write import WriteRefused
    from batten.frameworks import UnknownFramework
    from batten.report import UnknownFormat
    from batten.sources import TargetError

    return (BaselineError, ConfigError, WriteRefused, UnknownFramework, UnknownFormat, TargetError, OSError)


def explain(error: BaseException) -> str:
    """One line: what, where."""
    if isinstance(error, OSError):
        name = error.filename if error.filename is not None else ""
        return f"{name}: {error.strerror or error}" if name else str(error)
    return str(error)
