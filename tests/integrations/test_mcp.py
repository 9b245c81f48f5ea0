"""The MCP server, driven over standard input and output by a client in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.mcp_client import Client

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: wéb}
spec:
  containers:
  - name: web
    image: registry.example/web:1.4
    env:
    - {name: DB_PASSWORD, value: hunter2-Secr3t}
    securityContext: {privileged: true}
"""
SECRET = "hunter2-Secr3t"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "pod.yaml").write_text(POD, encoding="utf-8")
    (tmp_path / "outside.yaml").write_text(POD, encoding="utf-8")
    return folder


@pytest.fixture
def client(root: Path) -> Iterator[Client]:
    with Client("--root", str(root), cwd=root.parent) as found:
        yield found
    assert found.code == 0
    assert b"Traceback" not in found.noise


def test_it_says_what_it_is_and_lists_its_tools_as_reading_only(client: Client):
    tools = {tool["name"]: tool for tool in client.ask("tools/list")["result"]["tools"]}
    assert client.hello["protocolVersion"] == "2025-06-18"
    assert client.hello["serverInfo"]["name"] == "batten"
    assert client.hello["capabilities"] == {"tools": {}}
    assert set(tools) == {"scan", "explain", "fix"}
    for tool in tools.values():
        assert tool["annotations"]["readOnlyHint"] is True
        assert tool["inputSchema"]["type"] == "object"


def test_a_version_of_the_protocol_that_is_not_known_is_answered_with_ours(client: Client):
    assert client.ask("initialize", {"protocolVersion": "1999-01-01"})["result"]["protocolVersion"] == "2025-06-18"
    assert client.ask("initialize", {"protocolVersion": "2025-03-26"})["result"]["protocolVersion"] == "2025-03-26"


def test_a_scan_gives_findings_with_their_place_and_what_mends_them(client: Client):
    found = client.call("scan", paths=["pod.yaml"])
    first = found["structuredContent"]["findings"][0]
    assert (first["check"], first["severity"], first["path"], first["line"]) == ("PRV001", "critical", "pod.yaml", 10)
    assert first["column"] == POD.splitlines()[9].index("privileged") + 1
    assert first["fix"]["kind"] == "review"
    assert found["structuredContent"]["passed"] is False
    assert f"pod.yaml:10:{first['column']} critical PRV001" in found["content"][0]["text"]


def test_a_text_that_is_on_no_disk_is_scanned(client: Client, root: Path):
    text = POD.replace("privileged: true", "privileged: false")
    findings = client.call("scan", path="new/pod.yaml", text=text)["structuredContent"]["findings"]
    assert {one["path"] for one in findings} == {"new/pod.yaml"}
    assert "PRV001" not in {one["check"] for one in findings}
    assert not (root / "new").exists()


def test_what_is_listed_is_bounded_and_said_to_be(client: Client):
    found = client.call("scan", paths=["."], limit=2)["structuredContent"]
    assert len(found["findings"]) == 2
    assert found["truncated"] is True
    assert found["total"] > 2
    grave = client.call("scan", paths=["."], severity="critical")["structuredContent"]
    assert [one["check"] for one in grave["findings"]] == ["PRV001"]
    only = client.call("scan", paths=["."], checks=["RUN"])["structuredContent"]
    assert {one["check"][:3] for one in only["findings"]} == {"RUN"}


def test_a_fix_is_a_diff_that_git_applies(client: Client, root: Path):
    text = POD.replace("    env:\n    - {name: DB_PASSWORD, value: hunter2-Secr3t}\n", "")
    (root / "pod.yaml").write_text(text, encoding="utf-8")
    found = client.call("fix", paths=["pod.yaml"], checks=["PRV001"], review=True)["structuredContent"]
    assert (root / "pod.yaml").read_text(encoding="utf-8") == text
    assert [one["check"] for one in found["applied"]] == ["PRV001"]
    subprocess.run(["git", "apply", "-"], input=found["diff"].encode(), cwd=root, check=True)
    again = client.call("scan", paths=["pod.yaml"])["structuredContent"]["findings"]
    assert "PRV001" not in {one["check"] for one in again}


def test_a_fix_of_a_text_is_a_diff_of_that_text(client: Client, root: Path):
    text = POD.replace("wéb", "other")
    found = client.call("fix", path="pod.yaml", text=text, checks=["PRV001"], review=True)["structuredContent"]
    assert "-    securityContext: {privileged: true}" in found["diff"]
    assert (root / "pod.yaml").read_text(encoding="utf-8") == POD


def test_without_review_what_takes_something_away_is_left_with_its_reason(client: Client):
    found = client.call("fix", paths=["pod.yaml"])["structuredContent"]
    assert found["applied"] == []
    reason = next(one["reason"] for one in found["left"] if one["check"] == "PRV001")
    assert reason == "it changes what the process may do or has: ask for it with `review`"


@pytest.mark.parametrize(
    "beside",
    ["value: hunter2-Secr3t}", "value: hunter2-Secr3t} # hunter2-Secr3t"],
)
def test_no_answer_holds_a_secret_of_the_file(client: Client, root: Path, beside: str):
    text = POD.replace("value: hunter2-Secr3t}", beside)
    # its own configuration leaves the check on secrets out: nothing of it is shown nevertheless
    (root / "batten.toml").write_text('skip = ["ACC"]\n', encoding="utf-8")
    answers = [
        client.call("scan", path="pod.yaml", text=text),
        client.call("fix", path="pod.yaml", text=text, review=True),
        client.call("fix", path="pod.yaml", text=text, review=True, checks=["PRV001"]),
    ]
    assert SECRET not in json.dumps(answers)
    assert answers[1]["structuredContent"]["masked_lines"] == 1
    assert "DB_PASSWORD" in answers[1]["structuredContent"]["diff"]


def test_data_of_a_secret_beside_an_edit_is_masked(client: Client, root: Path):
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  word: plainword\n---\n"
    container = "{name: a, image: a, securityContext: {privileged: true}}"
    text = secret + f"{{kind: Pod, apiVersion: v1, spec: {{containers: [{container}]}}}}\n"
    (root / "pod.yaml").write_text(text, encoding="utf-8")
    found = client.call("fix", paths=["pod.yaml"], review=True, checks=["PRV001"])
    assert found["structuredContent"]["counts"]["applied"] == 1
    assert "\n   word: " in found["structuredContent"]["diff"]
    assert "plainword" not in json.dumps(found)


def test_a_password_that_everybody_knows_is_masked_where_it_stands(client: Client):
    text = POD.replace("registry.example/web:1.4", "registry.example/postgres:18").replace(SECRET, "postgres")
    diff = client.call("fix", path="pod.yaml", text=text, review=True)["structuredContent"]["diff"]
    assert "value: postgres" not in diff
    assert "registry.example/postgres:18" in diff


def test_a_secret_in_a_line_that_is_edited_is_masked_before_and_after(client: Client):
    container = "{name: web, image: 'registry.example/web:1.4', env: [{name: DB_PASSWORD, value: hunter2-Secr3t}]"
    text = POD[: POD.index("  - name: web")] + f"  - {container}, securityContext: {{privileged: true}}}}\n"
    found = client.call("fix", path="pod.yaml", text=text, review=True)
    assert found["structuredContent"]["counts"]["applied"]
    assert "\n+  - {name: web" in found["structuredContent"]["diff"]
    assert SECRET not in json.dumps(found)


def test_a_check_is_explained_and_a_misspelt_one_is_answered_with_the_nearest(client: Client):
    found = client.call("explain", check="prv001")
    assert found["structuredContent"]["id"] == "PRV001"
    assert {"framework": "pss-baseline", "id": "privileged-containers"} in found["structuredContent"]["controls"]
    assert "owns the node" in found["content"][0]["text"]
    assert client.refusal("explain", check="PRV1") == "no check 'PRV1'; did you mean PRV001?"


@pytest.mark.parametrize("path", ["..", "../outside.yaml", "/etc/passwd", "root/../../outside.yaml", "a\0b", ""])
def test_no_path_outside_of_the_roots_is_read(client: Client, path: str):
    refused = client.refusal("scan", paths=[path])
    assert "expected a path inside" in refused or "found nothing there" in refused
    assert "PRV001" not in refused
    assert "expected" in client.refusal("fix", path=path, text=POD)


def test_no_link_leads_out_of_the_roots(client: Client, root: Path):
    (root / "pod.yaml").unlink()
    (root / "link.yaml").symlink_to(root.parent / "outside.yaml")
    (root / "folder").symlink_to(root.parent)
    (root / "loop").symlink_to(root / "loop")
    assert "expected a path inside" in client.refusal("scan", paths=["link.yaml"])
    assert "expected a path inside" in client.refusal("scan", paths=["folder"])
    assert "expected a path inside" in client.refusal("scan", path="folder/new.yaml", text=POD)
    assert "nothing there" in client.refusal("scan", paths=["loop"])
    assert client.call("scan", paths=["."])["structuredContent"]["findings"] == []


def test_a_configuration_in_a_root_names_no_file_outside_of_it(client: Client, root: Path):
    (root.parent / "other.toml").write_text(f"{SECRET}\n", encoding="utf-8")
    (root / "batten.toml").write_text('extends = ["../other.toml"]\n', encoding="utf-8")
    refused = client.refusal("scan", paths=["pod.yaml"])
    assert "what it extends" in refused
    assert SECRET not in refused
    (root / "batten.toml").write_text('[rules]\npaths = ["../outside.yaml"]\n', encoding="utf-8")
    assert "expected files inside of the root" in client.refusal("scan", paths=["pod.yaml"])
    (root / "batten.toml").unlink()
    (root / "batten.toml").symlink_to(root.parent / "other.toml")
    assert "found a link out of it" in client.refusal("scan", paths=["pod.yaml"])
    (root / "batten.toml").unlink()
    (root.parent / "rules").mkdir()
    (root.parent / "rules" / "a.yaml").write_text(f"{SECRET}\n", encoding="utf-8")
    (root / "batten-rules").symlink_to(root.parent / "rules")
    assert "expected files inside of the root" in client.refusal("scan", paths=["pod.yaml"])


def test_waivers_of_the_nearest_configuration_hold(client: Client, root: Path):
    waiver = '[[waiver]]\ncheck = "PRV001"\nreason = "debugging"\nowner = "ops"\n'
    (root / "batten.toml").write_text(waiver, encoding="utf-8")
    for found in (client.call("scan", paths=["pod.yaml"]), client.call("scan", path="pod.yaml", text=POD)):
        assert "PRV001" not in {one["check"] for one in found["structuredContent"]["findings"]}
        assert found["structuredContent"]["counts"]["waived"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"path": "pod.yaml"}, "expected either"),
        ({"text": POD}, "expected either"),
        ({"path": "pod.yaml", "text": POD, "paths": ["."]}, "expected either"),
        ({"path": ".", "text": POD}, "found a folder"),
        ({"paths": ["none.yaml"]}, "found nothing there"),
        ({"paths": "pod.yaml"}, "Expected `array`"),
        ({"path": 1, "text": POD}, "Expected `str`"),
        ({"checks": ["NO999"]}, "no check 'NO999'"),
        ({"limit": 0}, ">= 1"),
        ({"severity": "grave"}, "grave"),
        ({"colour": "red"}, "unknown field `colour`"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(client: Client, arguments: dict[str, object], said: str):
    assert said in client.refusal("scan", **arguments)


def test_nothing_is_written_by_a_server_that_was_not_started_for_it(client: Client, root: Path):
    refused = client.refusal("fix", paths=["pod.yaml"], review=True, write=True)
    assert "without --write" in refused
    assert (root / "pod.yaml").read_text(encoding="utf-8") == POD


def test_a_server_that_was_started_for_it_writes_what_passed_its_proof(root: Path):
    with Client("--root", str(root), "--write", cwd=root) as client:
        tools = {tool["name"]: tool for tool in client.ask("tools/list")["result"]["tools"]}
        assert tools["fix"]["annotations"]["readOnlyHint"] is False
        assert tools["scan"]["annotations"]["readOnlyHint"] is True
        assert "not saved" in client.refusal("fix", path="pod.yaml", text=POD, write=True)
        assert client.call("fix", paths=["."], review=True)["structuredContent"]["written"] == []
        assert (root / "pod.yaml").read_text(encoding="utf-8") == POD
        found = client.call("fix", paths=["."], checks=["PRV001"], review=True, write=True)
    assert found["structuredContent"]["written"] == ["pod.yaml"]
    assert "privileged: false" in (root / "pod.yaml").read_text(encoding="utf-8")


def test_a_dirty_tree_is_not_written_to(root: Path):
    (root / ".gitignore").write_text("", encoding="utf-8")
    for call in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "a"]):
        subprocess.run(["git", *call], cwd=root, check=True)
    (root / ".gitignore").write_text("x\n", encoding="utf-8")
    call = {"paths": ["pod.yaml"], "checks": ["PRV001"], "review": True, "write": True}
    with Client("--root", str(root), "--write", cwd=root) as client:
        assert "uncommitted changes" in client.refusal("fix", **call)
    with Client("--root", str(root), "--write", "--allow-dirty", cwd=root) as client:
        assert client.call("fix", **call)["structuredContent"]["written"] == ["pod.yaml"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b'{"params": {"a": ' + b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b"1", -32600),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', -32600),
        (b'{"jsonrpc": "1.0", "id": 7, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "resources/list"}', -32601),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "rm"}}', -32602),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "tools/call"}', -32602),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": []}', -32602),
    ],
)
def test_what_is_no_request_is_refused_and_the_next_one_is_answered(client: Client, line: bytes, code: int):
    client.send(line)
    assert client.read()["error"]["code"] == code
    assert client.ask("ping")["result"] == {}


def test_a_text_beyond_every_size_is_refused_and_the_next_call_answered(client: Client):
    refused = client.call("scan", path="big.yaml", text="a: b\n" * (17 * 2**20 // 5))
    assert "16 MiB" in refused["content"][0]["text"]
    assert refused["structuredContent"]["findings"] == []
    client.send(b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "x": "' + b"a" * (33 * 2**20) + b'"}')
    assert "32 MiB" in client.read()["error"]["message"]
    assert client.ask("ping")["result"] == {}


def test_texts_that_are_no_manifest_of_anything_are_answered(client: Client):
    for text in ("", "\0", "{" * 5000, "a: &a [*a, *a]", "\ud83d\ude00", "kind: Pod", "{{ if }}"):
        assert "structuredContent" in client.call("scan", path="x.yaml", text=text)
        assert "structuredContent" in client.call("fix", path="x.yaml", text=text)


def test_a_call_that_is_cancelled_is_not_answered(client: Client, root: Path):
    for number in range(400):
        (root / f"pod{number}.yaml").write_text(POD, encoding="utf-8")
    client.send({"jsonrpc": "2.0", "id": "long", "method": "tools/call", "params": {"name": "fix", "arguments": {}}})
    client.send({"jsonrpc": "2.0", "id": "next", "method": "tools/call", "params": {"name": "fix", "arguments": {}}})
    for identifier in ("next", "long", "unknown"):
        told = {"requestId": identifier, "reason": "changed my mind"}
        client.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": told})
    assert client.ask("ping")["result"] == {}
    assert client.call("explain", check="PRV001")["structuredContent"]["id"] == "PRV001"


def test_requests_before_the_pipe_was_closed_are_answered(root: Path):
    asked = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "scan", "arguments": {}}}\n'
    done = subprocess.run(
        [sys.executable, "-m", "batten", "mcp"], cwd=root, input=asked, capture_output=True, check=True
    )
    assert json.loads(done.stdout)["result"]["structuredContent"]["total"] > 0


def test_an_answer_is_bounded_whatever_is_asked_for(client: Client, root: Path):
    pods = [POD.replace("name: web", f"name: web-{'x' * 200}-{number}") for number in range(200)]
    (root / "pod.yaml").write_text("---\n".join(pods), encoding="utf-8")
    for found in (client.call("scan", limit=500), client.call("fix", review=True, limit=500)):
        assert found["structuredContent"]["truncated"] is True
        assert len(json.dumps(found)) < 400_000


def test_the_whole_machine_is_no_root_unless_one_says_so():
    done = subprocess.run([sys.executable, "-m", "batten", "mcp"], cwd="/", capture_output=True, check=False)
    assert done.returncode == 2
    assert b"expected --root DIR" in done.stderr


def test_a_root_that_is_no_folder_is_told(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "batten", "mcp", "--root", str(tmp_path / "none")], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"expected a folder as root, found none" in done.stderr
    assert done.stdout == b""
