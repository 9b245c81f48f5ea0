"""Credential plug-ins: the program that the user's own kubeconfig names, without a shell, and what it answers.

Source: "client-go credential plugins" of the Kubernetes documentation, `client.authentication.k8s.io/v1`, `/v1beta1`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from batten import limits
from batten.model.source import Unreadable
from batten.sources.cluster.access import Credentials
from batten.sources.names import printable

_GROUP: Final = "client.authentication.k8s.io"
_VERSIONS: Final = (f"{_GROUP}/v1", f"{_GROUP}/v1beta1")


def ask(plug_in: Mapping[str, Any], folder: str, cluster: Mapping[str, Any], environ: Mapping[str, str]) -> Credentials:
    """What the plug-in gives. `folder`: of the kubeconfig; `cluster`: its entry there, with the
    authority as data. Raises `Unreadable`, without a word of what the program printed."""
    version, command = _text(plug_in.get("apiVersion")), _text(plug_in.get("command"))
    shown = printable(command)[:120]
    if version not in _VERSIONS:
        expected = " or ".join(_VERSIONS)
        raise Unreadable(
            f"expected {expected} as apiVersion of `exec` in your kubeconfig, found {printable(version)!r}"
        )
    if not command:
        raise Unreadable("expected a command in `exec` of your kubeconfig, found none")
    if plug_in.get("interactiveMode") == "Always":
        raise Unreadable(
            f"the plug-in {shown} of your kubeconfig asks at a terminal; log in with it first, or use a token"
        )
    program = _program(command, folder, environ)
    if program is None:
        hint = " ".join(printable(_text(plug_in.get("installHint"))).split())[:200]
        raise Unreadable(f"the plug-in {shown} of your kubeconfig is not installed{f' ({hint})' if hint else ''}")
    arguments = [one for one in _list(plug_in.get("args")) if isinstance(one, str)]
    given = {**environ, **_variables(plug_in)}
    given["KUBERNETES_EXEC_INFO"] = _information(
        version, cluster if plug_in.get("provideClusterInfo") is True else None
    )
    try:
        status, output = _run([program, *arguments], given)
    except ValueError:  # a NUL in it
        raise Unreadable(f"expected a command line for the plug-in {shown} of your kubeconfig, found other") from None
    by_hand = f"run `{shown}` by hand to see why"
    if status is None:
        raise Unreadable(f"the plug-in {shown} of your kubeconfig did not answer within {limits.KUBECONFIG_SECONDS} s")
    if status != 0:
        raise Unreadable(f"the plug-in {shown} of your kubeconfig failed (exit {status}); {by_hand}")
    return _answer(output, version, f"the plug-in {shown} of your kubeconfig", by_hand)


def _program(command: str, folder: str, environ: Mapping[str, str]) -> str | None:
    """A path is relative to the kubeconfig; a bare name is looked for in the PATH alone."""
    if os.path.basename(command) != command:
        path = os.path.join(folder, command)
        return path if os.access(path, os.X_OK) and os.path.isfile(path) else None
    return shutil.which(command, path=environ.get("PATH"))


def _variables(plug_in: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for one in _list(plug_in.get("env")):
        if isinstance(one, dict) and (name := _text(one.get("name"))) and "=" not in name:
            found[name] = _text(one.get("value"))
    return found


def _information(version: str, cluster: Mapping[str, Any] | None) -> str:
    spec: dict[str, Any] = {"interactive": False}
    if cluster is not None:
        known = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")
        spec["cluster"] = {key: cluster[key] for key in known if cluster.get(key)}
    return msgspec.json.encode({"apiVersion": version, "kind": "ExecCredential", "spec": spec}).decode()


def _run(command: list[str], environ: Mapping[str, str]) -> tuple[int | None, bytes]:
    """Exit status (None: it took too long, or could not start) and the beginning of what it printed."""
    # A file and no pipe: whatever the program leaves running cannot keep us waiting for its end.
    with tempfile.TemporaryFile(prefix="batten-") as output:
        try:
            done = subprocess.run(  # noqa: S603 - the user's own program, without a shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=limits.KUBECONFIG_SECONDS,
                env=dict(environ),
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None, b""
        except OSError as error:
            return error.errno or 126, b""
        output.seek(0)
        return done.returncode, output.read(limits.KUBECONFIG_OUTPUT + 1)


def _answer(output: bytes, version: str, named: str, by_hand: str) -> Credentials:
    try:
        found = msgspec.json.decode(output) if len(output) <= limits.KUBECONFIG_OUTPUT else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("kind") != "ExecCredential" or found.get("apiVersion") != version:
        raise Unreadable(f"expected an ExecCredential of {version} from {named}, found other; {by_hand}")
    status = found.get("status")
    status = status if isinstance(status, dict) else {}
    credentials = Credentials(
        token=_text(status.get("token")),
        certificate=_text(status.get("clientCertificateData")).encode(),
        key=_text(status.get("clientKeyData")).encode(),
    )
    if not credentials.is_any():
        raise Unreadable(f"expected a token or a certificate with its key from {named}, found neither; {by_hand}")
    return credentials


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
