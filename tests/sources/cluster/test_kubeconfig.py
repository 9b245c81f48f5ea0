"""Where a cluster is and as whom it is asked, as kubectl reads it."""

from __future__ import annotations

import json
import os
import stat
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from batten.model.source import Unreadable
from batten.sources import TargetError, open_target
from batten.sources.cluster import kubeconfig
from batten.sources.cluster.access import Access
from batten.sources.cluster.kubeconfig import IN_CLUSTER, access_to

EXEC = {"apiVersion": "client.authentication.k8s.io/v1", "command": "./log-in", "interactiveMode": "Never"}


def written(path: Path, *, user: Any = None, cluster: Any = None, current: str = "prod", name: str = "prod") -> Path:
    value = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": current,
        "contexts": [{"name": name, "context": {"cluster": f"c-{name}", "user": f"u-{name}"}}],
        "clusters": [{"name": f"c-{name}", "cluster": cluster or {"server": f"https://{name}.example:6443"}}],
        "users": [{"name": f"u-{name}", "user": {"token": f"token-{name}"} if user is None else user}],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


def read(*paths: Path, context: str = "", **environ: str) -> Access:
    named = {"KUBECONFIG": os.pathsep.join(map(str, paths))} if paths else {}
    return access_to(context, {**named, **environ}, "/nowhere")


def test_the_current_context_or_the_one_that_is_named(tmp_path: Path):
    path = written(tmp_path / "config")
    found = read(path)
    assert (found.name, found.server, found.credentials.token) == ("prod", "https://prod.example:6443", "token-prod")
    assert read(path, context="prod") == found
    with pytest.raises(Unreadable, match=r"no context 'test' in .*config; `kubectl config get-contexts` lists"):
        read(path, context="test")


def test_several_files_are_merged_and_the_first_that_says_a_thing_wins(tmp_path: Path):
    first = written(tmp_path / "a", name="a", current="")
    second = written(tmp_path / "b", name="b", current="b")
    third = written(tmp_path / "c", name="a", current="a", user={"token": "other"})
    assert read(first, tmp_path / "missing", second, third).name == "b"
    assert read(first, second, third, context="a").credentials.token == "token-a"


def test_a_kubeconfig_is_yaml_with_paths_that_are_relative_to_it(tmp_path: Path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "ca.pem").write_bytes(b"authority")
    (tmp_path / "sub" / "cert.pem").write_bytes(b"certificate")
    (tmp_path / "sub" / "key.pem").write_bytes(b"key")
    (tmp_path / "sub" / "config").write_text(
        """\
current-context: prod
contexts: [{name: prod, context: {cluster: c, user: u, namespace: shop}}]
clusters:
- name: c
  cluster:
    server: https://api.example:6443/k8s/clusters/c-1
    certificate-authority: ca.pem
    tls-server-name: kubernetes
    proxy-url: http://proxy.example:3128
users:
- name: u
  user: {client-certificate: cert.pem, client-key: ./key.pem, as: auditor, as-groups: [readers]}
"""
    )
    found = read(tmp_path / "sub" / "config")
    assert (found.authority, found.server_name, found.proxy) == (
        b"authority",
        "kubernetes",
        "http://proxy.example:3128",
    )
    assert (found.credentials.certificate, found.credentials.key) == (b"certificate", b"key")
    assert found.credentials.headers == (("Impersonate-User", "auditor"), ("Impersonate-Group", "readers"))
    assert found.shown == "https://api.example:6443"


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"token": "t", "tokenFile": "other"}, ("t", "")),
        ({"tokenFile": "token"}, ("from-a-file", "")),
        ({"username": "ann", "password": "secret"}, ("", "ann:secret")),
        ({"auth-provider": {"name": "oidc", "config": {"id-token": "i"}}}, ("i", "")),
        ({}, ("", "")),
        ({"client-key-data": b64encode(b"k").decode(), "client-certificate-data": b64encode(b"c").decode()}, ("", "")),
    ],
)
def test_credentials(tmp_path: Path, user: dict[str, Any], expected: tuple[str, str]):
    (tmp_path / "token").write_text("from-a-file\n")
    found = read(written(tmp_path / "config", user=user)).credentials
    assert (found.token, found.basic) == expected
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"expected a kubeconfig in YAML, found other at .*config:\d"),
        ("- a\n", "expected a kubeconfig .* found other"),
        ("", "expected a current context in .*, found none; name one, as cluster:CONTEXT"),
        ("current-context: x\n", "no context 'x' in"),
        ("current-context: x\ncontexts: [{name: x, context: {}}]\n", "the context 'x' names no cluster; see"),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n",
            r"the context 'x' names a cluster that is not there \('c'\)",
        ),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]",
            "the cluster of the context 'x' names no server",
        ),
        ("current-context: 7\ncontexts: {a: 1}\nclusters: [1, {name: 2}]\n", "expected a current context"),
        ("a: " + "[" * 3000, "expected a kubeconfig in YAML, found other"),
    ],
)
def test_what_is_wrong_in_a_kubeconfig_is_one_line(tmp_path: Path, text: str, message: str):
    (tmp_path / "config").write_text(text)
    with pytest.raises(Unreadable, match=message) as caught:
        read(tmp_path / "config")
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ({"client-certificate-data": "?", "client-key": "k"}, "expected base64 in client-certificate-data"),
        ({"tokenFile": "gone"}, "expected the token in .*gone, found nothing to read"),
        ({"auth-provider": {"name": "gcp"}}, "the auth-provider 'gcp', which kubectl no longer knows"),
        ({"token": "t", "as": "a\nb"}, "expected names of a user and groups"),
        ({"exec": {**EXEC, "apiVersion": "client.authentication.k8s.io/v1alpha1"}}, "found 'client.auth.*v1alpha1'"),
        ({"exec": {**EXEC, "command": ""}}, "expected a command in `exec`"),
        ({"exec": {**EXEC, "interactiveMode": "Always"}}, "asks at a terminal"),
        (
            {"exec": {**EXEC, "command": "no-such-plug-in"}},
            "the plug-in no-such-plug-in of your kubeconfig is not installed",
        ),
        ({"exec": {**EXEC, "command": "./gone", "installHint": "get\nit"}}, r"not installed \(get"),
    ],
)
def test_what_is_wrong_with_a_user_is_one_line(tmp_path: Path, user: dict[str, Any], message: str):
    with pytest.raises(Unreadable, match=message) as caught:
        read(written(tmp_path / "config", user=user))
    assert "\n" not in caught.value.message


def test_what_stands_in_a_broken_kubeconfig_is_not_repeated(tmp_path: Path):
    (tmp_path / "config").write_text("users:\n- name: u\n  user: {token: hunter2-hunter2\n  x: [hunter2\n")
    with pytest.raises(Unreadable) as caught:
        read(tmp_path / "config")
    assert "hunter2" not in caught.value.message


def test_the_service_account_of_a_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    inside = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    monkeypatch.setattr(kubeconfig, "_ACCOUNT", str(tmp_path))
    with pytest.raises(
        Unreadable, match=r"expected a kubeconfig, found none \(/nowhere/.kube/config\); set KUBECONFIG"
    ):
        access_to("", inside, "/nowhere")
    (tmp_path / "token").write_text("t\n")
    (tmp_path / "ca.crt").write_text("authority")
    found = access_to("", inside, "/nowhere")
    assert (found.name, found.server, found.authority) == (IN_CLUSTER, "https://[fd00::1]:443", b"authority")
    assert found.credentials.token == "t"
    with pytest.raises(Unreadable, match="expected a kubeconfig"):
        access_to("prod", inside, "/nowhere")


def test_a_call_that_is_wrong_is_told_before_anything_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KUBECONFIG", str(written(tmp_path / "config", cluster={"server": "ftp://x"})))
    with pytest.raises(TargetError, match="cluster: expected the server as https://HOST:PORT"):
        open_target("cluster:")
    with pytest.raises(TargetError, match=r"cluster:other: no context 'other'"):
        open_target("cluster:other")
    with pytest.raises(TargetError, match=r"expected the name of a namespace after --namespace, found '\.\./x'"):
        open_target("cluster:", namespaces=("../x",))
    monkeypatch.setenv("KUBECONFIG", str(written(tmp_path / "config", user={"token": "a\r\nHost: b"})))
    with pytest.raises(TargetError, match="expected a token or password of printable ASCII") as caught:
        open_target("cluster:")
    assert "Host" not in str(caught.value)


# ------------------------------------------------------------------------------------ plug-ins


def plug_in(folder: Path, answer: str, cluster: Any = None, **more: Any) -> Access:
    program = folder / "log-in"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    config = written(folder / "config", user={"exec": {**EXEC, **more}}, cluster=cluster)
    return read(config, PATH=os.environ["PATH"])


def credential(**status: str) -> str:
    value = {"apiVersion": EXEC["apiVersion"], "kind": "ExecCredential", "status": status}
    return f"cat <<'END'\n{json.dumps(value)}\nEND"


def test_a_plug_in_gives_a_token_or_a_certificate(tmp_path: Path):
    assert plug_in(tmp_path, credential(token="t")).credentials.token == "t"
    found = plug_in(tmp_path, credential(clientCertificateData="c", clientKeyData="k")).credentials
    assert (found.certificate, found.key) == (b"c", b"k")


def test_a_plug_in_is_told_what_the_kubeconfig_says_and_no_shell_sees_it(tmp_path: Path):
    answer = f"""\
echo "$KUBERNETES_EXEC_INFO" > {tmp_path}/info
echo "$1 $MODE" > {tmp_path}/given
{credential(token="t")}"""
    plug_in(tmp_path, answer, args=["$(touch x); *"], env=[{"name": "MODE", "value": "a b"}], provideClusterInfo=True)
    assert (tmp_path / "given").read_text() == "$(touch x); * a b\n"
    told = json.loads((tmp_path / "info").read_text())
    assert told["spec"] == {"interactive": False, "cluster": {"server": "https://prod.example:6443"}}


def test_a_plug_in_is_told_the_authority_whose_path_is_relative_to_the_kubeconfig(tmp_path: Path):
    (tmp_path / "ca.crt").write_text("an authority")
    answer = f'echo "$KUBERNETES_EXEC_INFO" > {tmp_path}/info\n{credential(token="t")}'
    cluster = {"server": "https://a.example", "certificate-authority": "ca.crt"}
    plug_in(tmp_path, answer, cluster, provideClusterInfo=True)
    told = json.loads((tmp_path / "info").read_text())["spec"]["cluster"]
    assert told["certificate-authority-data"] == b64encode(b"an authority").decode()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("echo hunter2 >&2; echo hunter2; exit 3", r"failed \(exit 3\); run `./log-in` by hand to see why"),
        ("echo hunter2", "expected an ExecCredential of client.authentication.k8s.io/v1 from the plug-in"),
        ("""echo '{"kind": "ExecCredential", "apiVersion": "v2", "hunter2": 1}'""", "expected an ExecCredential"),
        (credential(other="hunter2"), "expected a token or a certificate with its key"),
        ("yes hunter2 | head -c 3000000", "expected an ExecCredential"),
    ],
)
def test_what_a_plug_in_prints_is_never_shown(tmp_path: Path, answer: str, message: str):
    with pytest.raises(Unreadable, match=message) as caught:
        plug_in(tmp_path, answer)
    assert "hunter2" not in caught.value.message


def test_a_plug_in_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("batten.limits.KUBECONFIG_SECONDS", 0.3)
    with pytest.raises(Unreadable, match=r"did not answer within 0.3 s"):
        plug_in(tmp_path, "exec sleep 30")
