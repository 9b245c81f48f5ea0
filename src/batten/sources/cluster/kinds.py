"""What is read of a cluster: the kinds that verdicts rest on, in the version that the server serves them in.

Secrets are never asked for: that they are there decides nothing, what they hold must not come here, and whoever may
list them has them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from batten import limits
from batten.formats.kubernetes.kinds import (
    ARGO_WORKFLOWS,
    BUILTIN_GROUPS,
    CUSTOM_POD_TEMPLATES,
    OTHER_READ,
    POD_TEMPLATES,
    kind_of,
)
from batten.formats.kubernetes.partial import PARTIAL
from batten.formats.kubernetes.reader import DECLARED
from batten.model.source import Unreadable
from batten.pattern import pattern
from batten.sources.cluster.api import Api, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

_GROUP: Final = pattern(r"[a-z0-9.-]{1,253}\Z")
_WORD: Final = pattern(r"[A-Za-z0-9]{1,63}\Z")
_PLURAL: Final = pattern(r"[a-z0-9-]{1,63}\Z")
_GROUPS: Final = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), "apps"),
    **dict.fromkeys(("Job", "CronJob"), "batch"),
}
_NOT_ASKED: Final = frozenset({("", "Secret")})
_OLD: Final = frozenset({"extensions"})
"""Groups that hold the same objects as others."""
_LAST: Final = ("ReplicaSet", "ReplicationController", "Job", "Pod")
"""Kinds that others make, in the order in which they do."""
_UNNAMED: Final = frozenset({401, 403})
_GONE: Final = frozenset({404, 405, 406})


class Kind(Struct, frozen=True):
    """A kind as a server serves it."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def name(self) -> str:
        """As kubectl names it: `deployments`, `rollouts.argoproj.io`."""
        return self.plural if self.group in BUILTIN_GROUPS else f"{self.plural}.{self.group}"

    @property
    def right(self) -> str:
        """As a role names it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "") -> str:
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{root}/namespaces/{namespace}/{self.plural}" if namespace else f"{root}/{self.plural}"


def _builtin() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    templates = ((_GROUPS.get(kind, ""), kind) for kind in POD_TEMPLATES)
    for group, kind in (*templates, *DECLARED):
        if (group, kind) not in _NOT_ASKED and group not in _OLD:
            found.setdefault(group, set()).add(kind)
    return found


def wanted(own: Mapping[str, str]) -> dict[str, set[str]]:
    """Group -> kinds. `own`: the user's table of pod templates (`group/Kind`); one without a group is of any that
    has custom resources here, "*"."""
    found = _builtin()
    for entry in (*CUSTOM_POD_TEMPLATES, *ARGO_WORKFLOWS, *PARTIAL, *OTHER_READ, *own):
        group, slash, _ = entry.rpartition("/")
        found.setdefault(group if slash else "*", set()).add(kind_of(entry))
    found[""] -= {"DeploymentConfig"}  # before OpenShift had groups
    return found


def has_pods(kind: Kind, own: Mapping[str, str]) -> bool:
    """Whether objects of this kind make pods, or are some."""
    entry = f"{kind.group}/{kind.kind}"
    if entry in CUSTOM_POD_TEMPLATES or entry in ARGO_WORKFLOWS or entry in PARTIAL or entry in own or kind.kind in own:
        return True
    return kind.kind in POD_TEMPLATES and _GROUPS.get(kind.kind, "") == kind.group


def served(api: Api, own: Mapping[str, str], tell: Callable[[str, bool], None]) -> list[Kind]:
    """The kinds that are wanted and there: what makes others first, pods last. Raises what `Api` raises."""
    kinds = wanted(own)
    found: list[Kind] = []
    for group, versions in _groups(api, kinds, tell):
        missing = set(kinds.get(group, ())) | (set() if group in BUILTIN_GROUPS else kinds.get("*", set()))
        for version in versions:
            if not missing:
                break
            for one in _resources(api, group, version, tell):
                if one.kind in missing:
                    missing.discard(one.kind)
                    found.append(one)
    return sorted(found, key=_order)


def _order(kind: Kind) -> tuple[int, bool, str, str]:
    rank = _LAST.index(kind.kind) + 1 if kind.kind in _LAST and kind.group in BUILTIN_GROUPS else 0
    return rank, kind.group in BUILTIN_GROUPS, kind.group, kind.plural


def _groups(
    api: Api, kinds: Mapping[str, set[str]], tell: Callable[[str, bool], None]
) -> Iterator[tuple[str, list[str]]]:
    """Groups with their versions, the preferred one first."""
    yield "", ["v1"]
    try:
        listed = api.get("/apis").get("groups")
    except Refused as error:
        if error.status not in _UNNAMED or error.status == 401:
            raise
        tell("which custom resources there are may not be asked (/apis); only kinds of Kubernetes are read", True)
        for group in _builtin():
            if group:
                yield group, ["v1"]
        return
    if not isinstance(listed, list):
        raise Unreadable("expected groups of an API at /apis, found other; is it an API server?")
    for one in listed:
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str) or not _GROUP.match(name):
            continue
        group = name
        if group not in kinds and (group in BUILTIN_GROUPS or not kinds.get("*")):
            continue
        preferred = one.get("preferredVersion")
        names = [preferred, *(one.get("versions") or ())] if isinstance(one.get("versions"), list) else [preferred]
        versions = [found for each in names if isinstance(each, dict) and isinstance(found := each.get("version"), str)]
        fitting = [found for found in dict.fromkeys(versions) if _WORD.match(found)]
        yield group, fitting[: limits.CLUSTER_VERSIONS]


def _resources(api: Api, group: str, version: str, tell: Callable[[str, bool], None]) -> Iterator[Kind]:
    """What a version of a group serves and lets one list."""
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        listed = api.get(path).get("resources")
    except Refused as error:
        if error.status in _GONE:
            return
        if error.status == 401:
            raise
        # an aggregated API whose server is down answers 503
        tell(f"what {path} has cannot be asked: {error.message}", True)
        return
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict):
            continue
        plural, kind, verbs = one.get("name"), one.get("kind"), one.get("verbs")
        if not isinstance(plural, str) or not _PLURAL.match(plural) or not isinstance(kind, str):
            continue
        if isinstance(verbs, list) and "list" in verbs and _WORD.match(kind):
            yield Kind(group, version, kind, plural, one.get("namespaced") is True)
