"""Downloads: run at once, or taken without verifying who they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from batten.detect.shell.scripts import SHELLS, has_script_file
from batten.detect.shell.syntax import Command, Option, Word, long_options, options
from batten.pattern import pattern

_INTERPRETER: Final = pattern(r"(?:python[\d.]*|perl[\d.]*|ruby[\d.]*|node(?:js)?|php[\d.]*|pwsh|lua[\d.]*)\Z")
CURL_SHORT: Final = "AbcCdDeEFHKmoQrtTuUwxXyYzP"
CURL_LONG: Final = long_options(
    "output user header data request proxy cacert cert key max-time connect-timeout retry retry-delay "
    "retry-max-time user-agent referer cookie cookie-jar output-dir resolve range write-out url form ciphers "
    "capath proto proto-redir tls-max limit-rate config interface noproxy proxy-user data-binary data-raw"
)
WGET_SHORT: Final = "OoPaeiBtTwQUlARDI"
WGET_LONG: Final = long_options(
    "output-document output-file directory-prefix tries timeout wait user-agent header user password post-data "
    "ca-certificate ca-directory input-file execute append-output"
)
_STDOUT: Final = frozenset(("-", "/dev/stdout", "/proc/self/fd/1"))
_APT: Final = frozenset(("apt-get", "apt", "aptitude"))
_RPM: Final = frozenset(("yum", "dnf", "microdnf", "tdnf"))
_OFF: Final = frozenset(("false", "0", "no", "off"))
_ON: Final = frozenset(("true", "1", "yes", "on"))
_PIP: Final = pattern(r"pip[\d.]*\Z")
_SWITCHED_OFF: Final = {
    "NODE_TLS_REJECT_UNAUTHORIZED": "npm",
    "PYTHONHTTPSVERIFY": "python",
    "npm_config_strict_ssl": "npm",
    "NPM_CONFIG_STRICT_SSL": "npm",
    "GOSUMDB": "go",
}
# variables that switch a verification off whatever they say, if they say anything
_TRUSTED_ANYWAY: Final = {"PIP_TRUSTED_HOST": "pip", "GOINSECURE": "go", "GIT_SSL_NO_VERIFY": "git"}
_SWITCHED_ON: Final = {
    "GONOSUMCHECK": "go",
    "AZURE_CLI_DISABLE_CONNECTION_VERIFICATION": "azure",
}
_FLAGS: Final = {
    "aws": ("--no-verify-ssl",),
    "kubectl": ("--insecure-skip-tls-verify",),
    "oc": ("--insecure-skip-tls-verify",),
    "helm": ("--insecure-skip-tls-verify",),
    "skopeo": ("--insecure-policy",),
    "choco": ("--ignore-checksums", "--ignore-checksum"),
}
_HOST_KEYS: Final = pattern(r"StrictHostKeyChecking[= ](?:no|off)\Z", re.IGNORECASE)
_OFF_WHEN: Final = {"ssl_verify": _OFF, "disable-tls": _ON, "secure-http": _OFF, "ssl_verify_mode": ("0",)}
# what `echo` writes into a tool's own configuration: `insecure` into ~/.curlrc …
_RUN_COMMANDS: Final = (
    (pattern(r"(?:\A|/)\.?_?curlrc\Z"), pattern(r"(?:\A|\s)-?-?(insecure|k)(?:\s|\Z)")),
    (pattern(r"(?:\A|/)\.?wgetrc\Z"), pattern(r"\b(check_certificate\s{0,4}=\s{0,4}(?:off|no|0))", re.IGNORECASE)),
    (
        pattern(r"/ssh_config(?:\.d/[^/]+)?\Z|\.ssh/config\Z"),
        pattern(r"\b(StrictHostKeyChecking[ =]{1,4}no)\b", re.IGNORECASE),
    ),
)
_TRUSTED_SOURCE: Final = pattern(r"\bdeb(?:-src)?[ \t]+\[[^\]\n]*\b((?:trusted|allow-insecure)=yes)\b", re.IGNORECASE)
_APT_SETTING: Final = pattern(
    r"(?:Acquire::(?:AllowInsecureRepositories|AllowWeakRepositories|AllowDowngradeToInsecureRepositories"
    r"|Check-Valid-Until)|APT::Get::(?:AllowUnauthenticated|Force-Yes)|Acquire::https?::[^=]*Verify-(?:Peer|Host))\Z",
    re.IGNORECASE,
)


class DownloadRun(Struct, frozen=True, eq=False):
    """What a download gives is run unseen. `start` to `end` covers both commands."""

    downloader: Command
    interpreter: Command
    """What runs it; of a file that is run by its own name, that command."""
    start: int
    end: int
    path: str = ""
    """The file that is kept between, "" where none is."""
    sure: bool = True


class InsecureFlag(Struct, frozen=True, eq=False):
    """A setting that turns off a verification: `kind` is stable ("curl", "wget", "apt", "rpm", "apk" …)."""

    kind: str
    text: str
    command: Command
    start: int
    end: int


def writes_to_stdout(command: Command) -> bool:
    """Whether a curl or wget hands what it fetched to whatever reads its output."""
    if command.name == "curl":
        found, _ = options(command.arguments, CURL_SHORT, CURL_LONG)
        into = [option for option in found if option.name in ("-o", "--output", "-O", "--remote-name")]
        return all(option.name in ("-o", "--output") and option.value in _STDOUT for option in into)
    if command.name == "wget":
        found, _ = options(command.arguments, WGET_SHORT, WGET_LONG)
        return any(option.name in ("-O", "--output-document") and option.value in _STDOUT for option in found)
    return False


def fetched(command: Command) -> str:
    """The addresses that a command downloads from, without their schemes, as they are written; "" for none.

    For fingerprints: how it is told to download makes no other download of it.
    """
    takes = {"curl": (CURL_SHORT, CURL_LONG), "wget": (WGET_SHORT, WGET_LONG)}.get(command.name or "")
    _, operands = options(command.arguments, *takes) if takes else ([], command.arguments)
    words = [word.value or word.text for word in operands]
    addresses = [word.partition("://")[2] for word in words if "://" in word]
    return " ".join(addresses or words if takes else addresses)


def is_interpreter(command: Command) -> bool:
    return command.name is not None and (command.name in SHELLS or _INTERPRETER.match(command.name) is not None)


def _runs_stdin(command: Command) -> bool:
    """Whether an interpreter takes its program from standard input."""
    if not is_interpreter(command) or has_script_file(command.argv):
        return False
    for word in command.arguments:
        text = word.value or word.text
        if text in ("-", "-s", "--"):
            return True
        letters = text[1:] if text.startswith("-") and not text.startswith("--") else ""
        if command.name in SHELLS and "c" in letters:
            return False
        if command.name not in SHELLS and letters[:1] in ("c", "e", "m", "E", "r", "p"):
            return False
    return True


def downloads_into_shell(cmds: Sequence[Command]) -> list[DownloadRun]:
    """`curl … | sh`, `bash <(curl …)`, `sh -c "$(curl …)"`, `eval`, `$(curl …)`; also other interpreters."""
    found: list[DownloadRun] = []
    by_pipe: dict[int, list[tuple[int, Command]]] = {}
    for command in cmds:
        for pipe, position in command.pipes:
            by_pipe.setdefault(pipe, []).append((position, command))
    for command in cmds:
        if command.name not in ("curl", "wget") or not writes_to_stdout(command):
            continue
        runner = _piped_into(command, by_pipe) or _substituted_into(command, cmds)
        if runner is not None:
            start, end = min(command.start, runner.start), max(command.end, runner.end)
            found.append(DownloadRun(command, runner, start, end))
    return found


def _piped_into(command: Command, by_pipe: dict[int, list[tuple[int, Command]]]) -> Command | None:
    for pipe, position in command.pipes:
        for other, candidate in by_pipe[pipe]:
            if other > position and _runs_stdin(candidate):
                return candidate
    return None


def _substituted_into(command: Command, cmds: Sequence[Command]) -> Command | None:
    if command.parent is None:
        return None
    holder = cmds[command.parent]
    if command.context == "process":
        if holder.name in ("source", "."):
            return holder
        return holder if is_interpreter(holder) else None
    if command.context != "substitution" or command.slot is None:
        return None
    if not holder.argv or holder.words[command.slot] is holder.argv[0]:  # its output is the command
        return cmds[holder.parent] if holder.context == "script" and holder.parent is not None else holder
    if is_interpreter(holder) and command.slot:
        before = holder.words[command.slot - 1].value or ""
        return holder if re.fullmatch(r"-\w*[ce]", before) else None
    return None


def insecure_downloads(cmds: Iterable[Command]) -> list[InsecureFlag]:
    """Every setting that lets a download through whose sender or signature was not verified."""
    found: list[InsecureFlag] = []
    for command in cmds:
        _environment(command, found)
        _sources(command, found)
        _run_commands(command, found)
        name = command.name or ""
        if name == "curl":
            given, _ = options(command.arguments, CURL_SHORT, CURL_LONG)
            _note(found, command, "curl", given, ("-k", "--insecure", "--proxy-insecure"))
        elif name == "wget":
            given, _ = options(command.arguments, WGET_SHORT, WGET_LONG)
            _note(found, command, "wget", given, ("--no-check-certificate",))
        elif name in _APT:
            _apt(command, found)
        elif name in _RPM or name in ("rpm", "zypper"):
            _rpm(command, found)
        elif name == "apk":
            given, _ = options(command.arguments, "tXp")
            _note(found, command, "apk", given, ("--allow-untrusted",))
        elif name in ("npm", "yarn", "pnpm"):
            _npm(command, found)
        elif name in _FLAGS:
            given, _ = options(command.arguments)
            _note(found, command, name, given, _FLAGS[name])
        elif name in ("ssh", "scp", "sftp"):
            _ssh(command, found)
        elif name == "git":
            _git(command, found)
        elif _PIP.match(name) or _is_python_pip(command):
            given, _ = options(command.arguments, "", frozenset(("--trusted-host",)))
            _note(found, command, "pip", given, ("--trusted-host",))
            _setting(command, found, "pip", "global.trusted-host", "install.trusted-host")
        if name in ("conda", "mamba", "composer", "poetry", "bundle", "helm"):
            _off_settings(command, found)
    return found


def _ssh(command: Command, found: list[InsecureFlag]) -> None:
    given, _ = options(command.arguments, "BbcDEeFIiJLlmOoPpQRSWw")
    for option in given:
        if option.name == "-o" and _HOST_KEYS.match(option.value or ""):
            found.append(InsecureFlag("ssh", f"-o {option.value}", command, option.start, option.end))


def _setting(command: Command, found: list[InsecureFlag], kind: str, *names: str) -> None:
    """`pip config set global.trusted-host x`."""
    words = command.arguments
    for word, following in pairwise(words):
        if word.value in names:
            found.append(InsecureFlag(kind, f"{word.value} {following.value}", command, word.start, following.end))


def _off_settings(command: Command, found: list[InsecureFlag]) -> None:
    """`conda config --set ssl_verify false`, `composer config -g disable-tls true`."""
    words = command.arguments
    for word, following in pairwise(words):
        value = (following.value or "").lower()
        if value in _OFF_WHEN.get((word.value or "").lower(), ()):
            text = f"{word.value} {following.value}"
            found.append(InsecureFlag(command.name or "", text, command, word.start, following.end))


def _is_python_pip(command: Command) -> bool:
    return command.name is not None and command.name.startswith("python") and command.values[1:3] == ("-m", "pip")


def _note(
    found: list[InsecureFlag], command: Command, kind: str, given: Iterable[Option], names: tuple[str, ...]
) -> None:
    for option in given:
        if option.name in names and (option.value or "").lower() not in _OFF:
            text = option.name + (f" {option.value}" if option.value else "")
            found.append(InsecureFlag(kind, text, command, option.start, option.end))


def _word(found: list[InsecureFlag], command: Command, kind: str, word: Word) -> None:
    found.append(InsecureFlag(kind, word.value or word.text, command, word.start, word.end))


def _environment(command: Command, found: list[InsecureFlag]) -> None:
    for item in command.assignments:
        kind = insecure_variable(item.name, item.value or "")
        if kind:
            found.append(InsecureFlag(kind, f"{item.name}={item.value}", command, item.start, item.end))
    for word in command.words[: -len(command.argv)] if "env" in command.prefixes and command.argv else ():
        name, _, value = (word.value or "").partition("=")
        kind = insecure_variable(name, value)
        if kind:
            found.append(InsecureFlag(kind, f"{name}={value}", command, word.start, word.end))


def insecure_variable(name: str, value: str) -> str:
    """The kind of verification that an environment variable switches off, "" for none."""
    if name in _SWITCHED_OFF and value.lower() in _OFF:
        return _SWITCHED_OFF[name]
    if name in _SWITCHED_ON and value.lower() in _ON:
        return _SWITCHED_ON[name]
    if name == "GIT_SSH_COMMAND" and re.search(r"StrictHostKeyChecking[= ](?:no|off)\b", value, re.IGNORECASE):
        return "ssh"
    return _TRUSTED_ANYWAY.get(name, "") if value.strip() else ""


def _sources(command: Command, found: list[InsecureFlag]) -> None:
    """APT sources whose signatures are not asked for, written by `echo`, `sed`, a heredoc … (sources.list(5))."""
    for word in command.arguments:
        match = _TRUSTED_SOURCE.search(word.value or word.text)
        if match:
            found.append(InsecureFlag("apt", match[1], command, word.start, word.end))
    for body in command.heredocs:
        match = _TRUSTED_SOURCE.search(body)
        if match and command.name not in SHELLS:
            found.append(InsecureFlag("apt", match[1], command, command.start, command.end))


def _run_commands(command: Command, found: list[InsecureFlag]) -> None:
    """What goes into the configuration of curl, wget and ssh by a redirection."""
    for redirection in command.redirections:
        target = redirection.target.value or redirection.target.text if redirection.target is not None else ""
        for file, off in _RUN_COMMANDS:
            if redirection.operator not in (">", ">>", ">|") or not file.search(target):
                continue
            for text in (*(word.value or word.text for word in command.arguments), *command.heredocs):
                match = off.search(text)
                if match:
                    found.append(InsecureFlag("configuration", match[1], command, command.start, command.end))
                    break


def _apt(command: Command, found: list[InsecureFlag]) -> None:
    given, _ = options(command.arguments, "otc", frozenset(("--option", "--target-release", "--config-file")))
    names = ("--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories", "--allow-untrusted")
    _note(found, command, "apt", given, names)
    for option in given:
        if option.name in ("-o", "--option"):
            name, _, value = (option.value or "").partition("=")
            matched = _APT_SETTING.match(name)
            verify = "verify-" in name.lower() or name.lower().endswith("check-valid-until")
            if matched and value.strip("\"'").lower() in (_OFF if verify else _ON):
                found.append(InsecureFlag("apt", f"{option.name} {option.value}", command, option.start, option.end))


def _rpm(command: Command, found: list[InsecureFlag]) -> None:
    given, _ = options(command.arguments, "", frozenset(("--setopt",)))
    names = ("--nogpgcheck", "--no-gpg-checks", "--no-gpg-check", "--allow-unsigned-rpm", "--nosignature", "--nodigest")
    _note(found, command, "rpm", given, names)
    for option in given:
        name, _, value = (option.value or "").partition("=")
        checked = name.rpartition(".")[2] in ("gpgcheck", "sslverify", "repo_gpgcheck")
        if option.name == "--setopt" and checked and value.lower() in _OFF:
            found.append(InsecureFlag("rpm", f"--setopt={option.value}", command, option.start, option.end))


def _npm(command: Command, found: list[InsecureFlag]) -> None:
    words = command.arguments
    for place, word in enumerate(words):
        value = (word.value or "").lower()
        following = (words[place + 1].value or "").lower() if place + 1 < len(words) else ""
        if value.startswith(("--strict-ssl=", "strict-ssl=")):
            if value.rpartition("=")[2] in _OFF:
                _word(found, command, "npm", word)
        elif value == "--no-strict-ssl":
            _word(found, command, "npm", word)
        elif value in ("strict-ssl", "--strict-ssl") and following in _OFF:
            end = words[place + 1].end
            found.append(InsecureFlag("npm", f"{value} {following}", command, word.start, end))


def _git(command: Command, found: list[InsecureFlag]) -> None:
    words = command.arguments
    for place, word in enumerate(words):
        name, equals, value = (word.value or "").partition("=")
        if not name.lower().startswith("http.") or not name.lower().endswith("sslverify"):
            continue
        following = words[place + 1] if place + 1 < len(words) else None
        if equals and value.lower() in _OFF:
            _word(found, command, "git", word)
        elif not equals and following is not None and (following.value or "").lower() in _OFF:
            text = f"{word.value} {following.value}"
            found.append(InsecureFlag("git", text, command, word.start, following.end))
