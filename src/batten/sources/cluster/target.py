"""`cluster:` as a target: each object that is read is a file of its own (`deployments/shop/web.yaml`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from batten import limits
from batten.formats.kubernetes.live import ClusterFacts
from batten.model.source import File, Unreadable
from batten.pattern import pattern
from batten.sources.cluster.access import Access
from batten.sources.cluster.api import Api, Broken, Refused
from batten.sources.cluster.connection import check
from batten.sources.cluster.kinds import Kind, has_pods, served
from batten.sources.cluster.kubeconfig import access_to
from batten.sources.cluster.owners import Owners
from batten.sources.cluster.reach import Reach
from batten.sources.cluster.text import as_yaml
from batten.sources.cluster.trim import is_default, trimmed
from batten.sources.interface import Entry, NoFiles, OpenTarget, Options, Target, TargetError, Wanted
from batten.sources.names import printable

_NAME: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,252}\Z")
_NAMESPACE: Final = pattern(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")
_FORBIDDEN: Final = 403
_GONE: Final = frozenset({404, 405})
_SHOWN: Final = 5  # that a note names one by one


class Object(Entry):
    """One object as YAML. It lies in no folder of a deployment: its scope is the cluster."""

    __slots__ = ()

    @property
    def format(self) -> str:
        return "kubernetes"

    def read(self) -> File:
        return File(self.path, self._data)


class OpenCluster(OpenTarget):
    """A cluster. Nothing is asked before `entries` is used."""

    def __init__(self, access: Access, options: Options) -> None:
        super().__init__(Target(f"cluster:{printable(access.name)}", "cluster", printable(access.name)))
        self.files = NoFiles()
        self.cluster = self._facts = ClusterFacts()
        self._access = access
        self._namespaces = options.namespaces
        self._own = dict(options.pod_templates)
        self._with_ended = options.stopped
        self._taken: set[str] = set()
        self._forbidden: dict[Kind, list[str]] = {}

    def shown(self, path: str) -> str:
        return self.target.id if path == "." else f"{self.target.id}!{path}"

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        """Objects of every kind that is read, those that could be had; the rest becomes problems."""
        self._tell_access()
        try:
            with Api(self._access) as api:
                kinds = served(api, self._own, self._tell)
                yield from self._read(api, kinds, wanted_name)
        except Unreadable as error:
            self.problem(".", self._of_itself(error))
        self._tell_forbidden()

    def _tell(self, message: str, severe: bool) -> None:
        self.problem(".", message, severe=severe)

    def _tell_access(self) -> None:
        if self._access.server.startswith("http://"):
            what = "it is spoken to without TLS: whoever is in between reads and changes the answers"
            self.problem(".", what if self._access.is_loopback else f"{what}; no credentials are sent", severe=False)
        elif not self._access.verified:
            what = (
                "its certificate is not verified (insecure-skip-tls-verify): whoever is in between has your credentials"
            )
            self.problem(".", what, severe=False)

    def _of_itself(self, error: Unreadable) -> str:
        if isinstance(error, Refused) and error.status == 401:
            return "the API server does not take these credentials (401); log in again, or see the user of the context"
        return error.message

    def _read(self, api: Api, kinds: list[Kind], wanted: Wanted | None) -> Iterator[Entry]:
        """Controllers before what they make, pods last; workloads are handed out when all of them are known."""
        owners = Owners(self._own, ended=self._with_ended)
        reach = Reach(self._namespaces)
        try:
            for kind in reach.ordered(kinds):
                for item in self._objects(api, kind, reach):
                    if has_pods(kind, self._own):
                        owners.add(item, kind)
                    elif reach.wants(item, kind) and not is_default(item, kind):
                        yield from self._entry(item, kind, wanted)
        except Broken as error:
            self.problem(".", self._of_itself(error))
        except Refused as error:
            self.problem(".", self._of_itself(error))
        for held in owners.workloads():
            running = {name: tuple(sorted(digests)) for name, digests in held.running.items()}
            yield from self._file(held.kind, held.namespace, held.name, held.data, wanted, running)
        self._tell_owners(owners)

    def _objects(self, api: Api, kind: Kind, reach: Reach) -> Iterator[dict[str, Any]]:
        """The objects of a kind, in the namespaces that are asked for. Raises `Broken`, and `Refused` for 401."""
        for path, namespace in reach.paths(kind):
            try:
                if path.single:
                    yield api.get(path.text)
                    continue
                for item in api.objects(path.text):
                    if item is None:
                        whole = limits.CLUSTER_OBJECT_BYTES // limits.MIB
                        self.problem(
                            kind.name, f"expected objects of at most {whole} MiB, found a larger one; not read"
                        )
                    else:
                        yield item
            except Broken:
                raise
            except Refused as error:
                if error.status == 401:
                    raise
                self._refused(error, kind, namespace, single=path.single)
            except Unreadable as error:
                self.problem(kind.name, error.message)

    def _refused(self, error: Refused, kind: Kind, namespace: str, *, single: bool) -> None:
        if error.status == _FORBIDDEN:
            self._forbidden.setdefault(kind, []).append(namespace)
        elif error.status in _GONE:
            if single:
                self.problem(".", f"expected the namespace {namespace} in the cluster, found none of that name")
        else:
            self.problem(kind.name, error.message)

    def _tell_forbidden(self) -> None:
        """Once for each kind, in however many namespaces. What lies in no namespace is more than `--namespace` asks
        for: without it less is known, and nothing is missing."""
        for kind, namespaces in self._forbidden.items():
            if self._namespaces and not kind.namespaced:
                what = f"forbidden: what {kind.right} say of the namespaces is not known"
                self.problem(kind.name, what, severe=False)
                continue
            named = [one for one in namespaces if one]
            shown = ", ".join(named[:_SHOWN]) + (f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else "")
            where = f" in {shown}" if named else ""
            hint = "" if named else ", or name the namespaces that you may read with --namespace"
            message = (
                f"forbidden{where}: reading needs get and list on {kind.right} (docs/clusters.md has a role){hint}"
            )
            self.problem(kind.name, message)

    def _tell_owners(self, owners: Owners) -> None:
        if owners.ended:
            one = owners.ended == 1
            what = "1 pod or run that is over was" if one else f"{owners.ended:,} pods and runs that are over were"
            self.problem(".", f"{what} not read; --stopped reads {'it' if one else 'them'}, too", severe=False)
        if owners.changed:
            what = "the pods of these are not what their templates say, changed at admission; judged is what runs"
            self.problem(".", f"{what}: {_some(owners.changed)}", severe=False)
        if owners.apart:
            what = "these are not what their owners say, and are judged on their own"
            self.problem(".", f"{what}: {_some(owners.apart)}", severe=False)

    # -------------------------------------------------------------------------------- files

    def _entry(self, item: dict[str, Any], kind: Kind, wanted: Wanted | None) -> Iterator[Entry]:
        metadata = item.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
        yield from self._file(kind, namespace, name, msgspec.json.encode(trimmed(item, kind)), wanted)

    def _file(
        self,
        kind: Kind,
        namespace: str,
        name: str,
        data: bytes,
        wanted: Wanted | None,
        running: dict[str, tuple[str, ...]] | None = None,
    ) -> Iterator[Entry]:
        path = self._path(kind, namespace, name)
        if running:
            self._facts.running[path] = running
            several = [one for one, digests in running.items() if len(digests) > 1]
            if several:
                what = f"its pods run different images under one name ({', '.join(map(printable, several[:_SHOWN]))})"
                self.problem(path, f"{what}: a tag leads elsewhere by now", severe=False)
        if wanted is None or wanted(path):
            text = as_yaml(msgspec.json.decode(data))
            yield Object(path, len(text), text)

    def _path(self, kind: Kind, namespace: str, name: str) -> str:
        """A path that can be no other's: no name in an answer is trusted."""
        parts = [kind.name, *([namespace] if namespace else []), name]
        bare = "/".join(
            one if _NAME.match(one) else pattern(r"[^A-Za-z0-9-]").sub("_", one)[:200] or "_" for one in parts
        )
        path, number = f"{bare}.yaml", 1
        while path in self._taken:
            number += 1
            path = f"{bare}.{number}.yaml"
        self._taken.add(path)
        return path


def _some(found: list[str]) -> str:
    names = [printable(one)[:200] for one in found]
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")


def open_cluster(reference: str, options: Options) -> OpenTarget:
    """The cluster of a context. Raises `TargetError` where the kubeconfig says none, or has no credentials for it."""
    named = f"cluster:{printable(reference)}"
    if len(options.namespaces) > limits.CLUSTER_NAMESPACES:
        allowed, found = limits.CLUSTER_NAMESPACES, len(options.namespaces)
        raise TargetError(f"{named}: expected at most {allowed} namespaces, found {found}; leave --namespace away")
    for one in options.namespaces:
        if not _NAMESPACE.match(one):
            raise TargetError(f"expected the name of a namespace after --namespace, found {printable(one)!r}")
    try:
        access = access_to(reference, os.environ, os.path.expanduser("~"))
        check(access)
    except Unreadable as error:
        raise TargetError(f"{named if reference else 'cluster'}: {error.message}") from None
    return OpenCluster(access, options)
