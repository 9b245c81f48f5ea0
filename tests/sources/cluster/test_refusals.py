"""Servers that refuse, fail or lie: what is told, and what is read all the same. Nothing is sent anywhere else."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from batten import api, limits
from batten.model.report import Report
from batten.model.settings import Settings
from sources.cluster.fake import (
    DEPLOYMENTS,
    NAMESPACE,
    PODS,
    TLS,
    Cluster,
    Handler,
    cluster,
    config,
    deployments,
    scan,
    serving,
    told,
)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batten.sources.cluster.api.Api._sleep", lambda *_: None)


def ask(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: Any = None, **more: Any) -> Report:
    monkeypatch.setenv("KUBECONFIG", str(config(tmp_path / "config", address, user, **more)))
    return api.scan(["cluster:"], Settings(namespaces=(NAMESPACE,))).report


def is_read(report: Report) -> bool:
    return any(one.resource.name == "db" for one in report.findings)


# ------------------------------------------------------------------------------------- kinds


def test_a_kind_that_is_forbidden_is_named_once_and_the_rest_is_read(found: Cluster, tmp_path: Path, monkeypatch):
    found.answers[DEPLOYMENTS] = 403
    report = scan(found, tmp_path, monkeypatch)
    assert [(one.path, one.message) for one in report.targets[0].problems if one.severe] == [
        (
            "cluster:prod!deployments",
            "forbidden in owners: reading needs get and list on deployments.apps (docs/clusters.md has a role)",
        )
    ]
    assert (report.targets[0].status, is_read(report)) == ("partial", True)


def test_what_lies_in_no_namespace_is_more_than_was_asked_for(found: Cluster, tmp_path: Path, monkeypatch):
    found.answers["/apis/rbac.authorization.k8s.io/v1/clusterroles"] = 403
    report = scan(found, tmp_path, monkeypatch)
    assert report.targets[0].status == "complete"
    assert any(
        "clusterroles.rbac.authorization.k8s.io say of the namespaces" in one for one in told(report, severe=False)
    )


def test_a_namespace_that_is_not_there(found: Cluster, tmp_path: Path, monkeypatch):
    report = scan(found, tmp_path, monkeypatch, namespaces=("gone",))
    assert told(report, severe=True) == ["expected the namespace gone in the cluster, found none of that name"]
    assert report.exit_code == 3


def test_kinds_of_kubernetes_are_read_where_custom_ones_may_not_be_asked_for(
    found: Cluster, tmp_path: Path, monkeypatch
):
    found.answers["/apis"] = 403
    report = scan(found, tmp_path, monkeypatch)
    assert told(report, severe=True) == [
        "which custom resources there are may not be asked (/apis); only kinds of Kubernetes are read"
    ]
    assert is_read(report)


def test_a_group_whose_server_is_down_is_named(found: Cluster, tmp_path: Path, monkeypatch):
    group = {"name": "argoproj.io", "versions": [{"version": "v1alpha1"}], "preferredVersion": {"version": "v1alpha1"}}
    found.answers["/apis"]["groups"].append(group)
    found.answers["/apis/argoproj.io/v1alpha1"] = 503
    report = scan(found, tmp_path, monkeypatch)
    assert [one.partition(":")[0] for one in told(report, severe=True)] == [
        "what /apis/argoproj.io/v1alpha1 has cannot be asked"
    ]
    assert is_read(report)


def test_custom_resources_are_read_in_the_version_that_is_served(found: Cluster, tmp_path: Path, monkeypatch):
    versions = [{"version": "v2"}, {"version": "v1alpha1"}]
    group = {"name": "argoproj.io", "versions": versions, "preferredVersion": versions[0]}
    found.answers["/apis"]["groups"].append(group)
    kind = {"name": "rollouts", "kind": "Rollout", "namespaced": True, "verbs": ["get", "list"]}
    other = {"name": "applications", "kind": "Application", "namespaced": True, "verbs": ["list"]}
    found.answers["/apis/argoproj.io/v2"] = {"resources": [other]}
    found.answers["/apis/argoproj.io/v1alpha1"] = {"resources": [kind, {**kind, "name": "rollouts/status"}, other]}
    rollout = {**deployments("canary"), "kind": "RolloutList"}
    found.answers[f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/rollouts"] = rollout
    report = scan(found, tmp_path, monkeypatch)
    paths = {one.location.path for one in report.findings if one.resource.kind == "Rollout"}
    assert paths == {"cluster:prod!rollouts.argoproj.io/owners/canary.yaml"}
    assert not [path for path in found.paths if "applications" in path]


def test_kinds_that_the_configuration_names_are_read(found: Cluster, tmp_path: Path, monkeypatch):
    versions = [{"version": "v1"}]
    found.answers["/apis"]["groups"].append(
        {"name": "acme.example", "versions": versions, "preferredVersion": versions[0]}
    )
    kind = {"name": "apps", "kind": "App", "namespaced": True, "verbs": ["list"]}
    found.answers["/apis/acme.example/v1"] = {"resources": [kind]}
    found.answers[f"/apis/acme.example/v1/namespaces/{NAMESPACE}/apps"] = {**deployments("shop"), "kind": "AppList"}
    for entry in ("acme.example/App", "App"):
        report = scan(found, tmp_path, monkeypatch, pod_template_kinds={entry: "spec.template"})
        assert [one for one in report.findings if one.resource.kind == "App"]


# --------------------------------------------------------------------------------- busy servers


def failing(times: int, status: int, then: Any, **headers: str) -> Any:
    left = [times]

    def answer(handler: Handler) -> None:
        if left[0]:
            left[0] -= 1
            handler.answer(status, {"kind": "Status", "message": "busy"}, **headers)
        else:
            handler.answer(200, then)

    return answer


@pytest.mark.parametrize(("status", "headers"), [(429, {"Retry_After": "1"}), (503, {}), (500, {"Retry_After": "x"})])
def test_a_busy_server_is_asked_again(
    found: Cluster, tmp_path: Path, monkeypatch, status: int, headers: dict[str, str]
):
    found.answers[PODS] = failing(3, status, found.answers[PODS], **headers)
    report = scan(found, tmp_path, monkeypatch)
    assert (told(report, severe=True), found.asked().count(PODS)) == ([], 4)


def test_the_time_that_a_busy_server_names_is_waited_for(found: Cluster, tmp_path: Path, monkeypatch):
    asked: list[float | None] = []
    monkeypatch.setattr("batten.sources.cluster.api.Api._sleep", lambda _, attempt, wait: asked.append(wait))
    found.answers[PODS] = failing(1, 429, found.answers[PODS], Retry_After="7")
    scan(found, tmp_path, monkeypatch)
    assert asked == [7]


def test_a_server_that_stays_busy_is_given_up(found: Cluster, tmp_path: Path, monkeypatch):
    found.answers[PODS] = failing(99, 429, {})
    report = scan(found, tmp_path, monkeypatch)
    assert told(report, severe=True) == [f"it answers 429 to {PODS} (busy)"]
    assert found.asked().count(PODS) == limits.CLUSTER_ATTEMPTS
    found.answers[PODS] = failing(99, 429, {}, Retry_After="86400")
    report = scan(found, tmp_path, monkeypatch)
    assert told(report, severe=True) == [f"it answers 429 to {PODS} and asks to come back in 86,400 s"]


def test_a_place_that_the_server_has_forgotten_is_found_again(found: Cluster, tmp_path: Path, monkeypatch):
    pods = found.answers[PODS]
    forgotten = [2]

    def answer(handler: Handler) -> None:
        if "continue=" in handler.path and forgotten[0]:
            forgotten[0] -= 1
            handler.answer(410, {"kind": "Status", "reason": "Expired", "message": "the provided continue parameter"})
            return
        query = handler.path.partition("continue=")[2].partition("&")[0]
        handler.answer(200, handler.page(pods, {"limit": ["3"], **({"continue": [query]} if query else {})}))

    found.answers[PODS] = answer
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert told(report, severe=True) == []
    names = [one.resource.name for one in report.inventory or () if one.noun == "workload"]
    assert len(names) == len(set(names)) == 11
    forgotten[0] = 99
    assert [one for one in told(scan(found, tmp_path, monkeypatch), severe=True) if "410" in one]


def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(found: Cluster, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(limits, "CLUSTER_ANSWER_BYTES", 25_000)
    report = scan(found, tmp_path, monkeypatch)
    assert told(report, severe=True) == []
    assert {re.sub(r"&.*", "", path) for path in found.paths if path.startswith(f"{PODS}?")} == {
        f"{PODS}?limit=500",
        f"{PODS}?limit=62",
        f"{PODS}?limit=7",
    }


# -------------------------------------------------------------------------------- hostile answers


def endless(handler: Handler) -> None:
    """A list that never ends, as fast as it is taken."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    try:
        handler.wfile.write(b'{"kind": "PodList", "items": [')
        while True:
            handler.wfile.write(b'{"metadata": {"name": "x"}},' * 4000)
    except OSError:
        handler.close_connection = True


def truncated(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"kind": "PodList", "items": [')
    handler.close_connection = True


def bomb(handler: Handler) -> None:
    packed = gzip.compress(b'{"kind": "PodList", "items": [' + b" " * 80_000_000)
    handler.answer(200, packed, Content_Encoding="gzip")


def damaged(handler: Handler) -> None:
    handler.answer(200, b"\x1f\x8b\x08no gzip at all", Content_Encoding="gzip")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (endless, r"expected an answer of at most \d+ MiB, found more"),
        (bomb, r"expected an answer of at most \d+ MiB, found more"),
        (damaged, f"the answer to {PODS} is packed in a damaged way"),
        (b"<html>a proxy</html>", f"expected JSON of an API server from {PODS}, found other"),
        (b"[" * 100_000, f"expected JSON of an API server from {PODS}, found other"),
        (b'{"kind": "Pod"}', f"expected a list from {PODS}, found other"),
        (b'{"kind": "PodList", "items": {"a": 1}}', f"expected JSON of an API server from {PODS}, found other"),
        (b'{"kind": "PodList", "items": [7]}', f"expected JSON of an API server from {PODS}, found other"),
        (
            b'{"kind": "PodList", "items": [], "metadata": {"continue": "same"}}',
            f"expected the next page of {PODS}, found the same again",
        ),
        (
            b'{"kind": "PodList", "items": [{"a":' + b'"' + b"x" * 3_000_000 + b'"}]}',
            "expected objects of at most 2 MiB",
        ),
        (404, ""),
        (b'{"kind": "PodList", "items": null}', ""),
        (
            b'{"kind": "PodList", "items": [{}, {"metadata": 7}, {"metadata": {"name": 5, "labels": []}, "spec": []}]}',
            "",
        ),
    ],
)
def test_an_answer_that_is_none_is_told_and_the_rest_is_read(
    found: Cluster, tmp_path: Path, monkeypatch, answer: Any, expected: str
):
    monkeypatch.setattr(limits, "CLUSTER_ANSWER_BYTES", 8 * limits.MIB)
    found.answers[PODS] = (lambda handler: handler.answer(200, answer)) if isinstance(answer, bytes) else answer
    report = scan(found, tmp_path, monkeypatch)
    messages = [one.message for one in report.targets[0].problems if one.severe and "pods" in (one.path, one.path[13:])]
    assert [one for one in messages if re.match(expected, one)] if expected else not messages
    assert is_read(report)
    assert all("Traceback" not in one and "please report" not in one for one in told(report, severe=True))


def test_an_answer_that_breaks_off_is_asked_for_again_and_then_told(found: Cluster, tmp_path: Path, monkeypatch):
    found.answers[PODS] = truncated
    report = scan(found, tmp_path, monkeypatch)
    (message,) = told(report, severe=True)
    assert message.endswith(f"it answers 503 to {PODS}") or "breaks off" in message
    assert is_read(report)


def test_a_redirect_is_not_followed(found: Cluster, tmp_path: Path, monkeypatch):
    other = cluster()
    with serving(other) as elsewhere:

        def answer(handler: Handler) -> None:
            handler.answer(302, b"", Location=f"{elsewhere}/api/v1/pods")

        found.answers[PODS] = answer
        report = scan(found, tmp_path, monkeypatch)
    assert told(report, severe=True) == [f"it answers 302 to {PODS}"]
    assert other.paths == []


def test_more_than_any_cluster_has_ends_the_reading(found: Cluster, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(limits, "CLUSTER_OBJECTS", 12)
    report = scan(found, tmp_path, monkeypatch)
    assert told(report, severe=True) == ["expected at most 12 objects, found more; the rest is not read"]
    assert report.findings  # of what was read by then
    monkeypatch.setattr(limits, "CLUSTER_OBJECTS", 500)
    monkeypatch.setattr(limits, "CLUSTER_BYTES", 30_000)
    assert "MiB in all; the rest is not read" in told(scan(found, tmp_path, monkeypatch), severe=True)[0]


def test_a_slow_server_is_left(found: Cluster, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(limits, "CLUSTER_SECONDS", 0.3)

    def dripping(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        try:
            for _ in range(200):
                handler.wfile.write(b" ")
                threading.Event().wait(0.05)
        except OSError:
            handler.close_connection = True

    found.answers[PODS] = dripping
    started = time.monotonic()
    report = scan(found, tmp_path, monkeypatch)
    assert time.monotonic() - started < 8
    assert "the rest is not read" in told(report, severe=True)[0]


# ------------------------------------------------------------------------------- the connection


def test_no_answer_is_one_line_and_exit_code_3(tmp_path: Path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    report = ask(f"https://127.0.0.1:{port}", tmp_path, monkeypatch)
    assert told(report, severe=True) == [
        f"https://127.0.0.1:{port} does not answer; is the cluster running, and is this the network to reach it from?"
    ]
    assert (report.exit_code, report.targets[0].status) == (3, "failed")


def test_a_server_that_hangs_is_left(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(limits, "CLUSTER_ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        report = ask(f"https://127.0.0.1:{silent.getsockname()[1]}", tmp_path, monkeypatch)
    assert len(told(report, severe=True)) == 1
    assert report.exit_code == 3


def test_credentials_that_are_not_known_are_one_line(found: Cluster, tmp_path: Path, monkeypatch):
    for path in found.answers:
        found.answers[path] = 401
    report = scan(found, tmp_path, monkeypatch)
    assert told(report, severe=True) == [
        "the API server does not take these credentials (401); log in again, or see the user of the context"
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"certificate-authority-data": None}, "its certificate cannot be verified"),
        (
            {"certificate-authority-data": b64encode(b"no pem").decode()},
            "expected certificates in PEM as the authority",
        ),
        ({"tls-server-name": "kubernetes.example"}, "its certificate cannot be verified"),
        ({"tls-server-name": "localhost"}, ""),
        ({"certificate-authority-data": None, "insecure-skip-tls-verify": True}, ""),
    ],
)
def test_a_certificate_is_verified_as_the_kubeconfig_says(
    found: Cluster, tmp_path: Path, monkeypatch, more: dict[str, Any], expected: str
):
    with serving(found) as address:
        report = ask(address, tmp_path, monkeypatch, **more)
    messages = told(report, severe=True)
    if expected:
        assert expected in messages[0]
        assert found.paths == []
    else:
        assert messages == []
    notes = [one for one in told(report, severe=False) if "insecure-skip-tls-verify" in one]
    assert len(notes) == ("insecure-skip-tls-verify" in more)


def test_a_client_certificate_is_shown_and_asked_for(found: Cluster, tmp_path: Path, monkeypatch):
    data = {
        "client-certificate-data": b64encode((TLS / "client.crt").read_bytes()).decode(),
        "client-key-data": b64encode((TLS / "client.key").read_bytes()).decode(),
    }
    with serving(found, mutual=True) as address:
        assert is_read(ask(address, tmp_path, monkeypatch, data))
        report = ask(address, tmp_path, monkeypatch)
        assert len(told(report, severe=True)) == 1
        broken = {**data, "client-key-data": b64encode(b"hunter2").decode()}
        (message,) = told(ask(address, tmp_path, monkeypatch, broken), severe=True)
    assert message == "expected a certificate and its key in PEM as the client's own, found other"


def test_over_plain_http_credentials_stay_on_this_machine(found: Cluster, tmp_path: Path, monkeypatch):
    with serving(found, encrypted=False) as address:
        report = ask(address, tmp_path, monkeypatch)
        assert any("without TLS" in one for one in told(report, severe=False))
        assert found.headers[0]["Authorization"] == "Bearer token-of-mine"
        found.headers.clear()
        # the name of another machine, which a proxy takes here
        more = {"proxy-url": address}
        report = ask("http://cluster.example:8001", tmp_path, monkeypatch, **more)
    assert found.headers
    assert all("Authorization" not in one for one in found.headers)
    assert any("no credentials are sent" in one for one in told(report, severe=False))


def test_impersonation_and_passwords_are_headers(found: Cluster, tmp_path: Path, monkeypatch):
    user = {"username": "ann", "password": "secret", "as": "auditor", "as-groups": ["readers", "others"]}
    with serving(found) as address:
        report = ask(address, tmp_path, monkeypatch, user)
    assert found.headers[0]["Authorization"] == "Basic " + b64encode(b"ann:secret").decode()
    assert found.headers[0]["Impersonate-User"] == "auditor"
    assert b"secret" not in json.dumps([one.message for one in report.targets[0].problems]).encode()


def test_other_targets_of_the_call_are_read(tmp_path: Path, monkeypatch):
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: true, containers: [{name: a, image: a}]}\n"
    )
    monkeypatch.setenv("KUBECONFIG", str(config(tmp_path / "config", "https://127.0.0.1:1")))
    report = api.scan(["cluster:", str(tmp_path / "pod.yaml")], Settings()).report
    assert [one.status for one in report.targets] == ["failed", "complete"]
    assert report.findings
