"""Fingerprints survive what does not change a finding: moved lines, renamed files, reordered documents."""

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from batten import api
from batten.engine.marks import fingerprint
from batten.model.settings import Settings
from batten.model.workload import Resource
from engine.support import write

CONTAINERS = st.sampled_from(
    [
        "{name: app, image: 'x:1'}",
        "{name: app, image: 'x:1', securityContext: {privileged: true}}",
        "{name: app, image: x, ports: [{hostPort: 80}], env: [{name: PASSWORD, value: hunter2hunter}]}",
        "{name: app, image: 'x:1', securityContext: {capabilities: {add: [SYS_ADMIN, NET_ADMIN]}}}",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> list[str]:
    """Pods and what speaks of them; names may occur twice."""
    made = []
    for _ in range(draw(st.integers(1, 5))):
        name, namespace = draw(st.sampled_from(["web", "db", "job"])), draw(st.sampled_from(["shop", "other"]))
        host = draw(st.sampled_from(["", "  hostNetwork: true\n", "  hostPID: true\n"]))
        made.append(
            f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}\n"
            f"spec:\n{host}  containers:\n  - {draw(CONTAINERS)}\n"
        )
    for kind in draw(st.lists(st.sampled_from(["Namespace", "Service", "ServiceAccount"]), max_size=2)):
        spec = "spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}\n" if kind == "Service" else ""
        place = "" if kind == "Namespace" else ", namespace: shop"
        made.append(f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: shop{place}}}\n{spec}")
    return made


@st.composite
def layouts(draw: st.DrawFn, rows: list[str]) -> dict[str, str]:
    """The documents in some order, in some files of one folder, with lines between."""
    files: dict[str, str] = {}
    for row in draw(st.permutations(rows)):
        name = draw(st.sampled_from(["a.yaml", "b.yml", "z.yaml"]))
        files[name] = files.get(name, "") + "---\n" + draw(st.sampled_from(["", "# aside\n", "\n\n"])) + row
    return files


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_same_documents_have_the_same_fingerprints(data: st.DataObject) -> None:
    rows = data.draw(documents())
    found = []
    for _ in range(2):
        files = data.draw(layouts(rows))
        with TemporaryDirectory() as folder:
            report = api.scan([str(write(Path(folder), files))], Settings(as_of="2026-11-01", persona="auditor")).report
        found.append({one.fingerprint: (one.check, one.resource, one.message) for one in report.findings})
        assert len(found[-1]) == len(report.findings)
    assert found[0].keys() == found[1].keys(), sorted(
        str(found[n][key]) for n in (0, 1) for key in found[n].keys() - found[1 - n].keys()
    )


@given(st.text(max_size=40), st.text(max_size=40), st.integers(0, 3))
def test_a_fingerprint_is_a_digest_of_what_names_the_finding(name: str, subject: str, repeat: int):
    parts = ["PRV001", "k8s", "kubernetes", "Pod", "shop", name, "app", subject, *([str(repeat)] if repeat else [])]
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    resource = Resource(platform="kubernetes", kind="Pod", namespace="shop", name=name, container="app")
    assert fingerprint("PRV001", "k8s", resource, subject, repeat) == digest[:32]
