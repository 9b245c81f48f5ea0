"""The command that makes an update, as it is shown and as it is put into a Dockerfile.

Names and versions come out of images: each is quoted for a shell.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from typing import Final

from batten.model.package import Package
from batten.model.source import Document
from batten.vulnerabilities.lookups import full_name

_MANAGERS: Final = {
    "dnf": "dnf upgrade -y",
    "dnf5": "dnf5 upgrade -y",
    "microdnf": "microdnf update -y",
    "tdnf": "tdnf update -y",
    "yum": "yum update -y",
    "zypper": "zypper --non-interactive update",
}
"""Package that brings a manager of rpms -> its command; the first that is installed is taken."""
_RPM: Final = {
    "azurelinux": _MANAGERS["tdnf"],
    "mariner": _MANAGERS["tdnf"],
    "photon": _MANAGERS["tdnf"],
    "opensuse-leap": _MANAGERS["zypper"],
    "opensuse-tumbleweed": _MANAGERS["zypper"],
    "sles": _MANAGERS["zypper"],
}
_WITHOUT: Final = frozenset({"wolfi", "chainguard"})  # their images of one program have no apk
_DISTROLESS: Final = "dpkg/status.d/"

_APT: Final = ("apt-get update && apt-get install -y --only-upgrade ", " && rm -rf /var/lib/apt/lists/*")
_UPDATES: Final = (
    _APT,
    ("apk upgrade --no-cache ", ""),
    *((f"{told} ", "") for told in dict.fromkeys((*_MANAGERS.values(), *_RPM.values()))),
)
"""(before the names, behind them) of an update of packages of a distribution."""

# file of a lock -> command; {name} and {to} are quoted, {pin} is NAME==TO, {at} NAME@TO, {crate} NAME@INSTALLED
_LOCKS: Final = {
    "Cargo.lock": "cargo update -p {crate} --precise {to}",
    "Gemfile.lock": "bundle update {name}",
    "Package.resolved": "swift package update {name}",
    "Pipfile.lock": "pipenv update {name}",
    "bun.lock": "bun add {at}",
    "composer.lock": "composer update {name} --with-dependencies",
    "mix.lock": "mix deps.update {name}",
    "npm-shrinkwrap.json": "npm install {at}",
    "package-lock.json": "npm install {at}",
    "packages.lock.json": "dotnet add package {name} --version {to}",
    "pdm.lock": "pdm update {name}",
    "pnpm-lock.yaml": "pnpm update {at}",
    "poetry.lock": "poetry update {name}",
    "pubspec.lock": "dart pub upgrade {name}",
    "uv.lock": "uv lock --upgrade-package {pin}",
    "yarn.lock": "yarn upgrade {at}",
}
_BERRY: Final = ("yarn up {at}", "yarn up -R {name}")
"""What Yarn 2 and later call it, for what the project asks for and for what others need."""
_INDIRECT: Final = {
    "bun.lock": "bun update {name}",
    "npm-shrinkwrap.json": "npm update {name}",
    "package-lock.json": "npm update {name}",
}
"""Where the project does not ask for the package itself: installing it would add it."""
_INSTALLED: Final = {
    "gem": "gem install {name} --version {to}",
    "pypi": "pip install --upgrade {pin}",
}


def command(packages: Sequence[Package], to: str, installed: Collection[str] = ()) -> str:
    """What moves `packages` (of one update) to `to`; "" where that depends on how they got there."""
    first = packages[0]
    if first.type in ("deb", "apk", "rpm"):
        return system_command(packages, installed)
    name = full_name(first)
    if first.type == "golang":
        return _go(name, to, lock=first.place is not None)
    words = {
        "name": shlex.quote(name),
        "to": shlex.quote(to),
        "at": shlex.quote(f"{name}@{to}"),
        "pin": shlex.quote(f"{name}=={to}"),
        # one crate is often there in several versions; a name alone means none of them
        "crate": shlex.quote(f"{name}@{first.version}" if _of_one_version(packages) else name),
    }
    if first.place is not None:
        template = _of_lock(first, first.place.document)
    elif first.type == "npm" and any("lib/node_modules/" in path for path in first.paths):
        template = "npm install --global {at}"
    else:
        template = _INSTALLED.get(first.type, "")
    return template.format(**words)


def _of_one_version(packages: Sequence[Package]) -> bool:
    return len({package.version for package in packages}) == 1


def _of_lock(package: Package, document: Document) -> str:
    file = document.file.path.rpartition("/")[2]
    if file == "yarn.lock" and getattr(document, "command", "").startswith("yarn up "):
        return _BERRY[package.direct is False]
    return (package.direct is False and _INDIRECT.get(file)) or _LOCKS.get(file, "")


def system_command(packages: Sequence[Package], installed: Collection[str] = ()) -> str:
    """For packages of a distribution: its package manager updates these alone; "" where the image has none.

    `installed`: the names of all packages of the image; empty where not all of them are known.
    """
    names = " ".join(shlex.quote(name) for name in dict.fromkeys(package.name for package in packages))
    first = packages[0]
    distribution = first.distribution
    if first.type == "deb":
        if all(_DISTROLESS in path for package in packages for path in package.paths) and first.paths:
            return ""  # each package has a file of its own there, and nobody is there to change them
        start, end = _APT
        return f"{start}{names}{end}"
    if first.type == "apk":
        bare = distribution is not None and distribution.id in _WITHOUT and installed and "apk-tools" not in installed
        return "" if bare else f"apk upgrade --no-cache {names}"
    if installed:
        manager = next((told for name, told in _MANAGERS.items() if name in installed), "")
        return f"{manager} {names}" if manager else ""
    known = _RPM.get(distribution.id) if distribution is not None else None
    old = distribution is not None and (distribution.id, distribution.version[:1]) in (("amzn", "2"), ("centos", "7"))
    old = old and distribution is not None and not distribution.version.startswith("20")
    return f"{known or ('yum update -y' if old else 'dnf upgrade -y')} {names}"


def _go(name: str, to: str, *, lock: bool) -> str:
    if name in ("stdlib", "toolchain"):
        number = to.removeprefix("go").removeprefix("v")
        return f"go get {shlex.quote(f'toolchain@go{number}')}" if lock else ""
    version = to if to.startswith("v") else f"v{to}"
    return f"go get {shlex.quote(f'{name}@{version}')} && go mod tidy" if lock else ""


def base_command(reference: str, to: str) -> str:
    """How a newer build of a base image gets there."""
    tag, at, digest = to.partition("@")
    if at:
        return f"FROM {reference.rpartition(':')[0]}:{tag}@{digest}"
    if to.startswith("sha256:"):
        return f"FROM {reference.partition('@')[0]}@{to}"
    return f"docker build --pull (FROM {reference})"


def one_command(commands: Sequence[str]) -> str:
    """One call of the package manager that does what these commands of `system_command` do; "" where they differ in
    more than the names."""
    for start, end in _UPDATES:
        if all(one.startswith(start) and one.endswith(end) for one in commands):
            names = [name for one in commands for name in shlex.split(one[len(start) : len(one) - len(end)])]
            return f"{start}{shlex.join(dict.fromkeys(names))}{end}"
    return ""
