"""Where a cluster is and as whom it is asked: kubeconfig files, or the service account of the pod that this runs in.

Sources: kubectl's "Organizing Cluster Access Using kubeconfig Files", the types of `client.authentication.k8s.io` and
of `k8s.io/client-go/tools/clientcmd/api/v1`. Files are merged as there: the first that says a thing wins.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from batten import limits
from batten.model.source import File, Problem, Unreadable
from batten.sources.cluster.access import Access, Credentials
from batten.sources.names import printable
from batten.sources.oci.hosts import read_bounded

_ACCOUNT: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
IN_CLUSTER: Final = "in-cluster"
"""What the cluster is called that this runs in a pod of."""
_CONTEXTS: Final = "`kubectl config get-contexts` lists those that are there"


class NoConfiguration(Unreadable):
    """Nothing says where a cluster is."""


class _Entry(Struct, frozen=True):
    """A named entry of a list, and the folder of the file that it stands in."""

    value: dict[str, Any]
    folder: str


class _Merged(Struct, frozen=True):
    """All files of KUBECONFIG together."""

    current: str
    contexts: dict[str, _Entry]
    clusters: dict[str, _Entry]
    users: dict[str, _Entry]
    shown: str


def access_to(context: str, environ: Mapping[str, str], home: str) -> Access:
    """The cluster of a context, "" is the current one. Raises `Unreadable`: what is missing, and what to do."""
    paths = _paths(environ, home)
    there = [path for path in paths if os.path.exists(path)]
    if not there:
        if not context and (found := _in_cluster(environ)) is not None:
            return found
        where = ", ".join(map(printable, paths))
        raise NoConfiguration(f"expected a kubeconfig, found none ({where}); set KUBECONFIG to the file that has one")
    merged = _merged(there)
    name = context or merged.current
    if not name:
        if (found := _in_cluster(environ)) is not None:
            return found
        raise Unreadable(
            f"expected a current context in {merged.shown}, found none; name one, as cluster:CONTEXT ({_CONTEXTS})"
        )
    entry = merged.contexts.get(name)
    if entry is None:
        if context == IN_CLUSTER and (found := _in_cluster(environ)) is not None:
            return found
        raise Unreadable(f"no context {printable(name)!r} in {merged.shown}; {_CONTEXTS}")
    named = f"the context {printable(name)!r}"
    cluster = _referred(entry, "cluster", merged.clusters, named, merged.shown)
    user = _referred(entry, "user", merged.users, named, merged.shown) if entry.value.get("user") else None
    return _access(name, cluster, user or _Entry({}, ""), environ)


# -------------------------------------------------------------------------------------- files


def _paths(environ: Mapping[str, str], home: str) -> list[str]:
    named = [path for path in environ.get("KUBECONFIG", "").split(os.pathsep) if path]
    if len(named) > limits.KUBECONFIG_FILES:
        raise Unreadable(f"expected at most {limits.KUBECONFIG_FILES} files in KUBECONFIG, found {len(named)}")
    return list(dict.fromkeys(named)) or [os.path.join(home, ".kube", "config")]


def _merged(paths: list[str]) -> _Merged:
    current = ""
    lists: dict[str, dict[str, _Entry]] = {"contexts": {}, "clusters": {}, "users": {}}
    for path in paths:
        value = _decoded(path)
        folder = os.path.dirname(os.path.abspath(path))
        current = current or _text(value.get("current-context"))
        for key, known in lists.items():
            entries = value.get(key)
            for entry in entries if isinstance(entries, list) else ():
                inner = entry.get(key[:-1]) if isinstance(entry, dict) else None
                if isinstance(inner, dict) and (name := _text(entry.get("name"))):
                    known.setdefault(name, _Entry(inner, folder))
    shown = ", ".join(map(printable, paths))
    return _Merged(current, lists["contexts"], lists["clusters"], lists["users"], shown)


def _decoded(path: str) -> dict[str, Any]:
    from batten.formats.yaml import KUBERNETES, read_documents

    shown = printable(path)
    try:
        data = read_bounded(path) or b""
    except OSError as error:
        raise Unreadable(f"{shown} cannot be read: {error.strerror or 'no access'}") from None
    except Unreadable as error:
        raise Unreadable(f"{shown}: {error.message}") from None
    for document in read_documents(File("kubeconfig", data), KUBERNETES):
        if isinstance(document, Problem):  # whose message may show a part of the text, and with it a token
            raise Unreadable(f"expected a kubeconfig in YAML, found other at {shown}:{document.line or 1}")
        if isinstance(document.value, dict):
            return document.value
        break
    if data.strip():
        raise Unreadable(f"expected a kubeconfig (clusters, users, contexts) in {shown}, found other")
    return {}


def _referred(entry: _Entry, key: str, known: dict[str, _Entry], named: str, shown: str) -> _Entry:
    name = _text(entry.value.get(key))
    found = known.get(name)
    if found is None:
        what = f"a {key} that is not there ({printable(name)!r})" if name else f"no {key}"
        raise Unreadable(f"{named} names {what}; see {shown}")
    return found


# ------------------------------------------------------------------------------------- access


def _access(name: str, cluster: _Entry, user: _Entry, environ: Mapping[str, str]) -> Access:
    value = cluster.value
    server = _text(value.get("server"))
    if not server:
        raise Unreadable(f"the cluster of the context {printable(name)!r} names no server; see your kubeconfig")
    verified = value.get("insecure-skip-tls-verify") is not True
    authority = _material(cluster, "certificate-authority")
    if authority:
        value = {**value, "certificate-authority-data": b64encode(authority).decode()}
    return Access(
        name=name,
        server=server,
        authority=authority,
        verified=verified,
        server_name=_text(value.get("tls-server-name")),
        proxy=_text(value.get("proxy-url")),
        credentials=_credentials(name, user, value, environ),
    )


def _credentials(name: str, user: _Entry, cluster: dict[str, Any], environ: Mapping[str, str]) -> Credentials:
    """A token wins over the file of one, both over what a plug-in gives: as in client-go."""
    value = user.value
    headers = list(_impersonation(value))
    token = _text(value.get("token"))
    file = _text(value.get("tokenFile"))
    if file and not token:
        token = _read(os.path.join(user.folder, file), "the token").decode("utf-8", "replace").strip()
    password = ""
    if username := _text(value.get("username")):
        password = f"{username}:{_text(value.get('password'))}"
    found = Credentials(
        token=token,
        basic="" if token else password,
        certificate=_material(user, "client-certificate"),
        key=_material(user, "client-key"),
        headers=tuple(headers),
    )
    if found.is_any():
        return found
    plug_in = value.get("exec")
    if isinstance(plug_in, dict):
        from batten.sources.cluster.plug_in import ask

        return ask(plug_in, user.folder, cluster, environ).with_headers(tuple(headers))
    provider = value.get("auth-provider")
    if isinstance(provider, dict):
        config = provider.get("config")
        token = _text(config.get("id-token")) if isinstance(config, dict) else ""
        if not token:
            kind = printable(_text(provider.get("name"))[:40])
            raise Unreadable(
                f"the user of the context {printable(name)!r} logs in with the auth-provider {kind!r}, which kubectl "
                "no longer knows; expected `exec`, a token or a certificate"
            )
        return Credentials(token=token, headers=tuple(headers))
    return found


def _impersonation(value: dict[str, Any]) -> list[tuple[str, str]]:
    """Acting as somebody else, as the kubeconfig says (`as`, `as-groups`)."""
    found = []
    if who := _text(value.get("as")):
        found.append(("Impersonate-User", who))
    if uid := _text(value.get("as-uid")):
        found.append(("Impersonate-Uid", uid))
    groups = value.get("as-groups")
    found += [("Impersonate-Group", one) for one in groups if isinstance(one, str)] if isinstance(groups, list) else []
    if any(not text.isprintable() or not text.isascii() for _, text in found):
        raise Unreadable("expected names of a user and groups in `as` and `as-groups`, found other")
    return found


def _material(entry: _Entry, key: str) -> bytes:
    """PEM text, from the entry itself or the file that it names; the first wins."""
    if data := _text(entry.value.get(f"{key}-data")):
        try:
            return b64decode(data, validate=True)
        except (Error, ValueError):
            raise Unreadable(f"expected base64 in {key}-data of your kubeconfig, found other") from None
    if path := _text(entry.value.get(key)):
        return _read(os.path.join(entry.folder, path), key)
    return b""


def _read(path: str, what: str) -> bytes:
    try:
        found = read_bounded(path)
    except (OSError, Unreadable):
        found = None
    if not found:
        raise Unreadable(f"expected {what} in {printable(path)}, found nothing to read")
    return found


def _in_cluster(environ: Mapping[str, str]) -> Access | None:
    """The service account that a pod is given."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT", "")
    path = os.path.join(_ACCOUNT, "token")
    if not host or not port or not os.path.exists(path):
        return None
    shown = f"[{host}]" if ":" in host else host
    token = _read(path, "the token").decode("utf-8", "replace").strip()
    authority = _read(os.path.join(_ACCOUNT, "ca.crt"), "the authority")
    return Access(
        name=IN_CLUSTER, server=f"https://{shown}:{port}", authority=authority, credentials=Credentials(token=token)
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
