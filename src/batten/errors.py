"""Which errors are the user's to mend: shown in one line, exit code 2."""

from __future__ import annotations


def SHOWN() -> tuple[type[BaseException], ...]:
    """The types, imported only on the way to a message."""
    from batten.engine.baseline import BaselineError
    from batten.engine.config import ConfigError
    from batten.engine.fix.write import WriteRefused
    from batten.frameworks import UnknownFramework
    from batten.plugins import PluginError
    from batten.report import UnknownFormat, UnreadableReport
    from batten.sources import TargetError
    from batten.vulnerabilities.db.rows import DatabaseError

    return (
        BaselineError,
        ConfigError,
        DatabaseError,
        PluginError,
        WriteRefused,
        UnknownFramework,
        UnknownFormat,
        UnreadableReport,
        TargetError,
        OSError,
    )


def blamed(error: BaseException) -> str:
    """The distribution of the plug-in that `error` was raised in; "" where it was batten itself."""
    from batten import plugins

    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_globals.get('__name__', '')}.")
        trace = trace.tb_next
    try:
        installed = plugins.plugins()
    except plugins.PluginError:
        return ""
    return next(
        (one.distribution for one in installed for name in frames if name.startswith(f"{one.package.__name__}.")), ""
    )


def explain(error: BaseException) -> str:
    """One line: what, where."""
    if isinstance(error, OSError):
        name = error.filename if error.filename is not None else ""
        return f"{name}: {error.strerror or error}" if name else error.strerror or str(error)
    return str(error)
