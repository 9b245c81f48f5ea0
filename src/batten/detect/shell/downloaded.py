"""Downloads that are kept as a file and run by the same script, with nothing verified between."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import Final

from batten.detect.shell.downloads import (
    CURL_LONG,
    CURL_SHORT,
    WGET_LONG,
    WGET_SHORT,
    DownloadRun,
    is_interpreter,
    writes_to_stdout,
)
from batten.detect.shell.syntax import Command, Word, options

_VERIFIERS: Final = frozenset(
    """sha1sum sha224sum sha256sum sha384sum sha512sum b2sum b3sum md5sum shasum rhash cksum gpg gpg2 gpgv gpgv2
    cosign minisign signify openssl slsa-verifier rpmkeys sq sqv cmp diff notation gh""".split()  # noqa: SIM905
)
_COMPARED: Final = 200  # commands after each download that are looked at: more is no build step, and costs its square


def downloads_run(cmds: Sequence[Command]) -> list[DownloadRun]:
    """`wget URL -O a.sh && sh a.sh`, `curl -o /usr/bin/a URL && chmod +x /usr/bin/a && a`.

    Not those with a checksum or a signature verified between. `sure` is False where the file that runs is
    the downloaded one by its name alone.
    """
    found: list[DownloadRun] = []
    verified = sorted(command.start for command in cmds if command.name in _VERIFIERS)
    for place, command in enumerate(cmds):
        for path in kept_files(command):
            runner = _runner(path, command, cmds[place + 1 : place + 1 + _COMPARED])
            if runner is None:
                continue
            last, sure = runner
            if not any(command.start < start < last.start for start in verified):
                found.append(DownloadRun(command, last, command.start, last.end, path, sure))
                break
    return found


def kept_files(command: Command) -> Iterator[str]:
    """The files that a curl or wget writes what it fetched to."""
    if command.name not in ("curl", "wget"):
        return
    is_curl = command.name == "curl"
    given, operands = options(
        command.arguments, CURL_SHORT if is_curl else WGET_SHORT, CURL_LONG if is_curl else WGET_LONG
    )
    into = ("-o", "--output") if is_curl else ("-O", "--output-document")
    named = [option.value for option in given if option.name in into]
    if named:
        yield from (path for path in named if path and path not in ("-", "/dev/stdout", "/dev/null"))
    else:
        flags = {option.name for option in given}
        by_name = flags & {"-O", "--remote-name"} if is_curl else not flags & {"-P", "--directory-prefix", "-i"}
        if by_name:
            yield from _by_address(operands)
    if writes_to_stdout(command):
        for one in command.redirections:
            if one.operator in (">", ">|", ">>") and one.target is not None and one.target.value:
                yield one.target.value


def _by_address(operands: Sequence[Word]) -> Iterator[str]:
    for word in operands:
        address = (word.value or "").partition("?")[0]
        name = posixpath.basename(address)
        if "://" in address and name and address.count("/") > 2:
            yield name


def _runner(path: str, download: Command, later: Sequence[Command]) -> tuple[Command, bool] | None:
    """The first command after the download that runs the file at `path`, and whether that is sure."""
    for command in later:
        if command.parent != download.parent or not command.argv:
            continue
        first = command.argv[0].value or ""
        if _same(first, path) and "/" in first:
            return command, True
        if "/" not in first and first == posixpath.basename(path) and posixpath.dirname(path).endswith("bin"):
            return command, False
        if (is_interpreter(command) or first in (".", "source")) and _same(_script_file(command), path):
            return command, True
    return None


def _script_file(command: Command) -> str:
    """The file that an interpreter is given; "" for none, or a program in the command itself."""
    for word in command.arguments:
        text = word.value or ""
        if text in ("-c", "-m", "-e"):
            return ""
        if text and not text.startswith(("-", "+")):
            return text
    return ""


def _same(one: str, other: str) -> bool:
    """Whether two paths are one file, as far as that is written: `./x` is `x`."""
    return bool(one) and posixpath.normpath(one) == posixpath.normpath(other)
