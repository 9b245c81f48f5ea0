"""Calls of package managers: what is installed, in which version, and what is cleaned up after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from batten.detect.shell.syntax import Command, Option, Word, long_options, options
from batten.pattern import pattern


class Package(Struct, frozen=True, eq=False):
    """One operand of an install. `version` is the exact version asked for, None where none is.

    `name` is None where it is only known at run time; `constraint` is the operator and version as written.
    """

    name: str | None
    version: str | None
    constraint: str
    word: Word

    @property
    def pinned(self) -> bool:
        return self.version is not None


class PackageCall(Struct, frozen=True, eq=False):
    """`manager subcommand packages…`. `manager` is apt, apk, yum, dnf, microdnf, zypper, pip, npm or gem."""

    manager: str
    tool: str
    """As written: `apt-get`, `pip3`."""
    subcommand: str
    packages: tuple[Package, ...]
    flags: tuple[Option, ...]
    command: Command
    start: int
    end: int

    @property
    def installs(self) -> bool:
        return self.subcommand in _INSTALL

    def has(self, *names: str) -> bool:
        return any(flag.name in names for flag in self.flags)


class Cleanup(Struct, frozen=True, eq=False):
    """A command (or a flag, or a cache mount) that keeps a package manager's cache out of the layer."""

    manager: str
    command: Command | None
    """None for a cache mount."""
    start: int
    end: int


_INSTALL: Final = frozenset(("install", "add", "i", "in", "localinstall", "groupinstall", "reinstall", "ci"))
_TOOLS: Final = {
    **dict.fromkeys(("apt-get", "apt", "aptitude"), "apt"),
    **{name: name for name in ("apk", "yum", "dnf", "microdnf", "zypper", "npm", "gem")},
    "dnf5": "dnf",
    "tdnf": "dnf",
}
_PIP: Final = pattern(r"pip[\d.]*\Z")
_VALUES: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "apt": ("otc", long_options("option target-release default-release config-file")),
    "apk": ("tXp", long_options("virtual repository repositories-file root arch keys-dir cache-dir")),
    "yum": (
        "cdeRx",
        long_options(
            "setopt config installroot releasever enablerepo disablerepo repo exclude repofrompath forcearch "
            "downloaddir disableexcludes"
        ),
    ),
    "zypper": ("rRpc", long_options("repo root from installroot config plus-repo")),
    "pip": (
        "rcetif",
        long_options(
            "requirement constraint editable target index-url extra-index-url trusted-host find-links proxy cert "
            "prefix root cache-dir timeout retries python-version platform no-binary only-binary progress-bar log "
            "root-user-action config-settings src upgrade-strategy implementation abi"
        ),
    ),
    "npm": ("w", long_options("prefix registry omit include cache loglevel userconfig workspace tag only")),
    "gem": ("vsinP", long_options("version source install-dir bindir platform")),
}
_APT_OPERAND: Final = pattern(r"([^=/\s]+?)(?:([=/])(\S+))?((?<!\+)\+)?\Z")
_APK_OPERAND: Final = pattern(r"([^=<>~@\s]+)(?:([=<>~]+)([^@\s]+))?(?:@\S+)?\Z")
_RPM_OPERAND: Final = pattern(r"([A-Za-z0-9].*?)-((?:\d+:)?\d[\w.+~^]*(?:-\d[\w.+~^]*)?)\Z")
_ZYPPER_OPERAND: Final = pattern(r"([^=<>\s]+)(>=|<=|=|<|>)(\S+)\Z")
_PIP_OPERAND: Final = pattern(
    r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*((?:===|==|~=|!=|>=|<=|<|>)[^;]*)?(?:;.*)?\Z"
)
_NPM_OPERAND: Final = pattern(r"(@[^/@\s]+/[^@\s]+|[^@\s/:]+)(?:@(\S+))?\Z")
_EXACT_NPM: Final = pattern(r"v?\d+\.\d+\.\d+[\w.+-]*\Z")


def package_manager_calls(cmds: Iterable[Command]) -> list[PackageCall]:
    """The calls of package managers among `cmds`, `python -m pip` included."""
    found = []
    for command in cmds:
        tool = command.name or ""
        words = command.arguments
        manager = _TOOLS.get(tool)
        if manager is None and _PIP.match(tool):
            manager = "pip"
        elif manager is None and tool.startswith("python") and command.values[1:3] == ("-m", "pip"):
            manager, tool, words = "pip", "pip", words[2:]
        elif tool == "uv" and command.values[1:2] == ("pip",):
            manager, words = "pip", words[1:]
        if manager is not None:
            found.append(_call(manager, tool, words, command))
    return found


def _call(manager: str, tool: str, words: tuple[Word, ...], command: Command) -> PackageCall:
    short, long = _VALUES["yum" if manager in ("dnf", "microdnf") else manager]
    flags, operands = options(words, short, long)
    subcommand = (operands[0].value or "") if operands else ""
    packages: list[Package] = []
    if subcommand in _INSTALL:
        packages = [_package(manager, word) for word in operands[1:] if not _is_removal(manager, word)]
        version = next((flag.value for flag in flags if flag.name in ("-v", "--version")), None)
        if manager == "gem" and version and len(packages) == 1:
            exact = version if version[:1].isdigit() else None
            packages = [Package(packages[0].name, exact, version, packages[0].word)]
    return PackageCall(manager, tool, subcommand, tuple(packages), tuple(flags), command, command.start, command.end)


def _written(word: Word) -> str:
    """The word's value; for one that is partly dynamic what is written, without its quotes."""
    return word.value if word.value is not None else word.text.replace('"', "").replace("'", "")


def _is_removal(manager: str, word: Word) -> bool:
    """`apt-get install a b-` takes b away."""
    return manager == "apt" and (word.value or "").endswith("-")


def _package(manager: str, word: Word) -> Package:
    """The package that an operand names. Partly dynamic operands keep what is written: `curl=$VERSION`."""
    text = _written(word)
    if word.value is None and text.startswith("$"):
        return Package(None, None, "", word)
    if manager == "apt":
        match = _APT_OPERAND.match(text)
        if match and not text.startswith((".", "/")):
            exact = match[3] if match[2] == "=" else None
            return Package(match[1], exact, (match[2] or "") + (match[3] or ""), word)
    elif manager == "apk":
        match = _APK_OPERAND.match(text)
        if match:
            exact = match[3] if match[2] in ("=", "~", "~=", "=~") else None
            return Package(match[1], exact, (match[2] or "") + (match[3] or ""), word)
    elif manager in ("yum", "dnf", "microdnf"):
        match = _RPM_OPERAND.match(text)
        # a version has a dot, or a release after it: java-17-openjdk and python3-3 are names
        if match and "/" not in text and ("." in match[2] or "-" in match[2]):
            return Package(match[1], match[2], "-" + match[2], word)
    elif manager == "zypper":
        match = _ZYPPER_OPERAND.match(text)
        if match:
            return Package(match[1], match[3] if match[2] == "=" else None, match[2] + match[3], word)
    elif manager == "pip":
        return _pip_package(text, word)
    elif manager == "npm":
        match = _NPM_OPERAND.match(text)
        if match:
            wanted = match[2] or ""
            dynamic = word.value is None and "$" in wanted
            return Package(match[1], wanted if _EXACT_NPM.match(wanted) or dynamic else None, wanted, word)
    elif manager == "gem":
        name, colon, wanted = text.partition(":")
        return Package(name, wanted if colon and wanted[:1].isdigit() else None, wanted, word)
    return Package(text, None, "", word)


def _pip_package(text: str, word: Word) -> Package:
    match = _PIP_OPERAND.match(text)
    if match is None:
        return Package(text, None, "", word)
    constraint = (match[2] or "").strip()
    exact = constraint.lstrip("=").strip() if constraint.startswith("==") and "," not in constraint else None
    return Package(match[1], None if exact is not None and "*" in exact else exact, constraint, word)


def installed(cmds: Iterable[Command], names: Iterable[str]) -> list[tuple[PackageCall, Package]]:
    """The packages among `names` that the commands install."""
    wanted = frozenset(names)
    found = []
    for call in package_manager_calls(cmds):
        if call.installs:
            found += [(call, package) for package in call.packages if package.name in wanted]
    return found


_CACHES: Final = {
    "/var/lib/apt": "apt",
    "/var/lib/apt/lists": "apt",
    "/var/cache/apk": "apk",
    "/etc/apk/cache": "apk",
    "/var/cache/yum": "yum",
    "/var/cache/dnf": "dnf",
    "/var/cache/libdnf5": "dnf",
    "/var/cache/zypp": "zypper",
    "/root/.cache/pip": "pip",
    "~/.cache/pip": "pip",
    "$HOME/.cache/pip": "pip",
    "/root/.npm": "npm",
    "~/.npm": "npm",
}
_WHOLE_CACHES: Final = {
    "/var/cache": ("apk", "yum", "dnf", "zypper"),
    "/root/.cache": ("pip",),
    "~/.cache": ("pip",),
    "$HOME/.cache": ("pip",),
}


def cache_cleanups(cmds: Iterable[Command], cache_mounts: Iterable[str] = ()) -> list[Cleanup]:
    """What keeps package caches out of the layer, per manager.

    cache_mounts: the targets of the instruction's `--mount=type=cache` (and tmpfs) mounts.
    """
    found: list[Cleanup] = []
    for target in cache_mounts:
        found += [Cleanup(manager, None, 0, 0) for manager in _managers_of(target)]
    cmds = list(cmds)
    for command in cmds:
        if command.name in ("rm", "find"):
            for word in command.arguments:
                path = _written(word)
                found += [Cleanup(manager, command, command.start, command.end) for manager in _managers_of(path)]
    for call in package_manager_calls(cmds):
        if _cleans(call):
            found.append(Cleanup(call.manager, call.command, call.start, call.end))
    return found


def _managers_of(path: str) -> tuple[str, ...]:
    path = path.rstrip("*").rstrip("/") or path
    if path in _WHOLE_CACHES:
        return _WHOLE_CACHES[path]
    return (_CACHES[path],) if path in _CACHES else ()


def _cleans(call: PackageCall) -> bool:
    operands = [word.value for word in call.command.arguments if word.value and not word.value.startswith("-")]
    if call.manager == "apk":
        return call.has("--no-cache") or operands[:2] == ["cache", "clean"]
    if call.manager in ("yum", "dnf", "microdnf"):
        return "clean" in operands and "all" in operands
    if call.manager == "zypper":
        return bool(operands) and operands[0] in ("clean", "cc")
    if call.manager == "pip":
        return call.has("--no-cache-dir") or "purge" in operands
    if call.manager == "npm":
        return operands[:2] == ["cache", "clean"]
    return False
