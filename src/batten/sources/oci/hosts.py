"""Where a repository is asked for: the registry itself, its mirrors, over TLS or not.

What an engine on this machine is told holds here too: registries.conf (containers-registries.conf(5)) and
Docker's daemon.json. Variables of batten's own win:

BATTEN_REGISTRY_MIRRORS  `mirror.example` (of Docker Hub) or `ghcr.io=mirror.example/ghcr`, several with commas
BATTEN_PLAIN_HTTP        hosts that are asked over plain HTTP, with commas; `1` means all
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from batten import limits
from batten.model.image import DOCKER_HUB
from batten.model.source import Unreadable
from batten.sources.confined import open_regular
from batten.sources.names import printable
from batten.sources.oci.references import Repository, is_host, is_repository_name

DOCKER_HUB_HOST: Final = "registry-1.docker.io"
_CERTIFICATES: Final = ("/etc/containers/certs.d", "/etc/docker/certs.d")
_YES: Final = frozenset({"1", "true", "yes", "all", "*"})


class Endpoint(Struct, frozen=True):
    """One host that may have a repository, and what the repository is called there."""

    host: str
    """With its port, where it is not the scheme's own."""
    repository: str
    account: Repository
    """Whose credentials count: those of a registry are for that registry, a mirror has its own."""
    plain: bool = False
    """Plain HTTP, without asking for TLS first."""
    may_be_plain: bool = False
    """TLS is tried first: this machine itself, and what the user calls insecure."""
    is_mirror: bool = False


class _Place(Struct, frozen=True):
    """A host and a path in front of the repositories."""

    host: str
    prefix: str = ""
    plain: bool = False
    insecure: bool = False
    when: str = "all"
    """`all`, `digest-only` or `tag-only`."""


class _Rule(Struct, frozen=True):
    """One `[[registry]]` of registries.conf."""

    prefix: str
    location: _Place | None = None
    insecure: bool = False
    blocked: bool = False
    mirrors: tuple[_Place, ...] = ()


class Hosts(Struct, frozen=True, kw_only=True):
    """What is known of registries before any of them is asked."""

    rules: tuple[_Rule, ...] = ()
    insecure: tuple[str, ...] = ()
    """Hosts and networks (`10.0.0.0/8`) that need no TLS."""
    plain: tuple[str, ...] = ()
    """Hosts that are asked over plain HTTP; `*` is all."""
    certificates: tuple[str, ...] = ()
    """Folders with a folder for each host: `*.crt` are authorities, `*.cert` and `*.key` are the client's own."""

    def endpoints(self, repository: Repository, *, by_digest: bool, pushing: bool = False) -> list[Endpoint]:
        """Where to ask, mirrors first. Raises `Unreadable` for what the user's configuration blocks."""
        rule = self._rule(repository)
        if rule is not None and rule.blocked:
            raise Unreadable(f"{repository}: blocked by registries.conf")
        whole = str(repository)
        found = []
        if rule is not None:
            rest = whole[len(rule.prefix) :].lstrip("/") if whole.startswith(rule.prefix) else repository.name
            if not pushing:
                found = [self._at(one, rest, is_mirror=True) for one in rule.mirrors if _holds(one.when, by_digest)]
            if rule.location is not None:
                return [*found, self._at(rule.location, rest)]
        host = DOCKER_HUB_HOST if repository.registry == DOCKER_HUB else repository.registry
        place = _Place(host, insecure=rule is not None and rule.insecure)
        return [*found, self._at(place, repository.name)]

    def _rule(self, repository: Repository) -> _Rule | None:
        """The one with the longest prefix."""
        fitting = [rule for rule in self.rules if _is_under(repository, rule.prefix)]
        return max(fitting, key=lambda rule: len(rule.prefix), default=None)

    def _at(self, place: _Place, rest: str, *, is_mirror: bool = False) -> Endpoint:
        name = "/".join(part for part in (place.prefix, rest) if part)
        return Endpoint(
            host=place.host,
            repository=name,
            account=Repository(DOCKER_HUB if place.host == DOCKER_HUB_HOST else place.host, name),
            plain=place.plain or self.is_plain(place.host),
            may_be_plain=place.insecure or self.may_be_plain(place.host),
            is_mirror=is_mirror,
        )

    def is_plain(self, host: str) -> bool:
        return "*" in self.plain or host in self.plain or name_of(host) in self.plain

    def may_be_plain(self, host: str) -> bool:
        """May `host` be asked without TLS, should it not speak it?"""
        return is_loopback(host) or self.is_plain(host) or any(_is_named(host, one) for one in self.insecure)

    def folders(self, host: str) -> list[str]:
        """The folders with certificates for `host`."""
        folders = (os.path.join(folder, host) for folder in self.certificates)
        return [folder for folder in folders if is_host(host) and os.path.isdir(folder)]


def hosts_of(environ: Mapping[str, str], home: str) -> Hosts:
    """What the environment and the files of engines on this machine say. Raises `Unreadable`."""
    config = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    mirrors, insecure = _daemon(config)
    rules = list(_registries_conf(environ, config))
    if mirrors and not any(rule.prefix == DOCKER_HUB for rule in rules):
        rules.append(_Rule(DOCKER_HUB, mirrors=mirrors))
    own = _own_mirrors(environ.get("BATTEN_REGISTRY_MIRRORS", ""))
    rules = [rule for rule in rules if rule.prefix not in own]
    rules += [_Rule(prefix, mirrors=tuple(places)) for prefix, places in own.items()]
    plain = environ.get("BATTEN_PLAIN_HTTP", "").lower()
    listed = (
        ("*",) if plain in _YES else tuple(one for one in plain.replace(",", " ").split() if one not in ("0", "no"))
    )
    folders = (*_CERTIFICATES, os.path.join(config, "containers", "certs.d"), os.path.join(config, "docker", "certs.d"))
    return Hosts(rules=tuple(rules), insecure=insecure, plain=listed, certificates=folders)


def is_loopback(host: str) -> bool:
    name = name_of(host)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def name_of(host: str) -> str:
    """`host` without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def read_bounded(path: str) -> bytes | None:
    """A configuration file; None where there is none. Raises `Unreadable`."""
    if not os.path.exists(path):
        return None
    descriptor, _ = open_regular(os.path.realpath(path))
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(limits.REGISTRY_FILE_BYTES + 1)
    if len(data) > limits.REGISTRY_FILE_BYTES:
        raise Unreadable(f"expected at most {limits.REGISTRY_FILE_BYTES // limits.MIB} MiB, found more")
    return data


def _holds(when: str, by_digest: bool) -> bool:
    return when == "all" or when == ("digest-only" if by_digest else "tag-only")


def _is_under(repository: Repository, prefix: str) -> bool:
    if prefix.startswith("*."):
        return repository.registry.endswith(prefix[1:])
    whole = str(repository)
    return whole == prefix or whole.startswith(f"{prefix}/")


def _is_named(host: str, listed: str) -> bool:
    if listed in (host, name_of(host)):
        return True
    if "/" not in listed:
        return False
    try:
        return ipaddress.ip_address(name_of(host)) in ipaddress.ip_network(listed, strict=False)
    except (ValueError, TypeError):
        return False


def _own_mirrors(text: str) -> dict[str, list[_Place]]:
    found: dict[str, list[_Place]] = {}
    for word in text.replace(",", " ").split():
        prefix, equals, place = word.partition("=")
        if not equals:
            prefix, place = DOCKER_HUB, word
        found.setdefault(prefix, []).append(_place(place, "BATTEN_REGISTRY_MIRRORS"))
    return found


def _place(text: str, where: str, *, insecure: bool = False, when: str = "all") -> _Place:
    """`https://host:port/prefix`, with or without the scheme; raises `Unreadable`."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "https", text
    host, _, prefix = rest.rstrip("/").partition("/")
    host = host.lower()
    if scheme not in ("http", "https") or not is_host(host) or (prefix and not is_repository_name(prefix)):
        # The text may hold credentials (`user:password@host`): it is not repeated.
        raise Unreadable(f"{where}: expected a registry such as mirror.example:5000/hub, found another text")
    host = DOCKER_HUB_HOST if host == DOCKER_HUB else host
    return _Place(host, prefix, plain=scheme == "http", insecure=insecure, when=when)


def _daemon(config: str) -> tuple[tuple[_Place, ...], tuple[str, ...]]:
    """Docker's mirrors (of Docker Hub) and insecure registries."""
    mirrors: list[_Place] = []
    insecure: list[str] = []
    for path in (os.path.join(config, "docker", "daemon.json"), "/etc/docker/daemon.json"):
        try:
            data = read_bounded(path)
            found: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any]) if data else {}
        except (Unreadable, msgspec.MsgspecError, ValueError, RecursionError):
            continue  # Docker's own business, and not its registries' concern
        mirrors += [_place(one, path) for one in _strings(found.get("registry-mirrors"))]
        insecure += _strings(found.get("insecure-registries"))
    return tuple(mirrors), tuple(insecure)


def _registries_conf(environ: Mapping[str, str], config: str) -> Iterator[_Rule]:
    if path := environ.get("CONTAINERS_REGISTRIES_CONF", ""):
        paths = [path]
    else:
        folders = (os.path.join(config, "containers"), "/etc/containers")
        paths = [one for one in (os.path.join(folder, "registries.conf") for folder in folders) if os.path.exists(one)]
        paths = [*paths[:1], *_parts(*(os.path.join(folder, "registries.conf.d") for folder in folders))]
    rules: dict[str, _Rule] = {}
    for path in paths:
        rules |= {rule.prefix: rule for rule in _rules(path)}
    yield from rules.values()


def _parts(*folders: str) -> list[str]:
    found: dict[str, str] = {}
    for folder in reversed(folders):  # the user's own wins over the machine's
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        found |= {name: os.path.join(folder, name) for name in names if name.endswith(".conf")}
    return [path for _, path in sorted(found.items())]


def _rules(path: str) -> Iterator[_Rule]:
    import tomllib

    try:
        data = read_bounded(path)
        document = tomllib.loads((data or b"").decode())
    except (Unreadable, ValueError, RecursionError) as error:
        reason = printable(str(error)[:160])
        raise Unreadable(f"{printable(path)}: expected TOML (containers-registries.conf(5)): {reason}") from None
    registries = document.get("registry")
    for registry in registries if isinstance(registries, list) else ():
        if isinstance(registry, dict) and (rule := _rule(registry, printable(path))) is not None:
            yield rule


def _rule(registry: dict[str, Any], path: str) -> _Rule | None:
    location = registry.get("location")
    prefix = registry.get("prefix") or location
    if not isinstance(prefix, str):
        return None
    insecure = registry.get("insecure") is True
    default = "digest-only" if registry.get("mirror-by-digest-only") is True else "all"
    mirrors = registry.get("mirror")
    return _Rule(
        prefix=prefix,
        location=_place(location, path, insecure=insecure)
        if isinstance(location, str) and location != prefix
        else None,
        insecure=insecure,
        blocked=registry.get("blocked") is True,
        mirrors=tuple(
            _place(
                one["location"],
                path,
                insecure=one.get("insecure") is True,
                when=str(one.get("pull-from-mirror", default)),
            )
            for one in (mirrors if isinstance(mirrors, list) else ())
            if isinstance(one, dict) and isinstance(one.get("location"), str)
        ),
    )


def _strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
