"""The language server, driven over standard input and output by the client of pygls."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from lsprotocol import types

from batten import api
from integrations.editor import Editor, edited

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: registry.example/web:1.4
    securityContext: {note: "héllo 🦀🦀", privileged: true}
"""
LINE = 7
PRIVILEGED = POD.splitlines()[LINE].index("privileged") + 2  # each crab is two units of UTF-16


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return (tmp_path / "pod.yaml").as_uri()


def run(scenario: Callable[[Editor], Awaitable[None]], root: Path | None, **options: Any) -> None:
    async def whole() -> None:
        async with Editor(root, **options) as editor:
            await scenario(editor)

    asyncio.run(whole())


def only(diagnostics: list[types.Diagnostic], check: str) -> types.Diagnostic:
    (found,) = [one for one in diagnostics if one.code == check]
    return found


def text_edits(action: types.CodeAction) -> list[types.TextEdit]:
    assert action.edit is not None
    assert action.edit.document_changes is not None
    (document,) = action.edit.document_changes
    assert isinstance(document, types.TextDocumentEdit)
    return [one for one in document.edits if isinstance(one, types.TextEdit)]


def test_a_text_that_is_not_saved_is_judged_as_it_is_typed(tmp_path: Path, uri: str):
    async def scenario(editor: Editor) -> None:
        found = only(await editor.opened(uri, POD), "PRV001")
        assert found.source == "batten"
        assert found.severity == types.DiagnosticSeverity.Error
        assert found.code_description is not None
        assert found.code_description.href == "https://docs.example/checks/PRV001.md"
        editor.type(uri, POD.replace("privileged: true", "privileged: fals"), 2)
        editor.type(uri, POD.replace("privileged: true", "privileged: false"), 3)
        assert "PRV001" not in {one.code for one in await editor.told(uri, 3)}
        editor.close(uri)
        assert await editor.told(uri, None) == []

    run(scenario, tmp_path, docs="https://docs.example/checks/")


@pytest.mark.parametrize("odd", ["file:///tmp/x%00y/pod.yaml", "file://[::1", "file:", "", "untitled:1"])
def test_an_address_that_is_no_file_spoils_no_other_text(tmp_path: Path, uri: str, odd: str):
    async def scenario(editor: Editor) -> None:
        editor.open(odd, POD)
        assert "PRV001" in {one.code for one in await editor.opened(uri, POD)}

    run(scenario, tmp_path)


@pytest.mark.parametrize(("encoding", "column"), [("utf-16", 0), ("utf-32", -2), ("utf-8", 5)])
def test_places_are_told_in_the_units_of_the_editor(tmp_path: Path, uri: str, encoding: str, column: int):
    async def scenario(editor: Editor) -> None:
        found = only(await editor.opened(uri, POD), "PRV001")
        start = PRIVILEGED + column
        assert (found.range.start.line, found.range.start.character) == (LINE, start)
        assert (found.range.end.line, found.range.end.character) == (LINE, start + len("privileged: true"))

    run(scenario, tmp_path, encodings=(encoding,))


def test_a_quick_fix_is_what_batten_fix_does(tmp_path: Path, uri: str):
    async def scenario(editor: Editor) -> None:
        found = only(await editor.opened(uri, POD), "PRV001")
        actions = await editor.actions(uri, found.range, "quickfix")
        (action,) = [one for one in actions if "PRV001" in one.title]
        assert [one.code for one in action.diagnostics or ()] == ["PRV001"]
        assert action.title == "batten PRV001: run it without privileges (review)"
        expected = api.fix_text(
            str(tmp_path / "pod.yaml"), POD, review=True, choose=lambda one: one.finding.check == "PRV001"
        )
        edits = text_edits(action)
        assert edited(POD, edits) == expected.patches[0].after.data.decode()
        # no more than what changes
        assert all(one.range.start.line == LINE and one.range.start.character >= PRIVILEGED for one in edits)
        editor.type(uri, edited(POD, edits), 2)
        assert "PRV001" not in {one.code for one in await editor.told(uri, 2)}

    run(scenario, tmp_path)


def test_an_edit_is_for_the_version_that_was_judged(tmp_path: Path, uri: str):
    async def scenario(editor: Editor) -> None:
        found = only(await editor.opened(uri, POD), "PRV001")
        editor.type(uri, "# new\n" + POD, 2)
        moved = types.Range(
            types.Position(LINE + 1, found.range.start.character), types.Position(LINE + 1, found.range.end.character)
        )
        # asked before the new text was judged: it is now
        (action,) = [one for one in await editor.actions(uri, moved, "quickfix") if "PRV001" in one.title]
        assert action.edit is not None
        assert action.edit.document_changes is not None
        (document,) = action.edit.document_changes
        assert isinstance(document, types.TextDocumentEdit)
        assert document.text_document.version == 2
        assert "privileged: false" in edited("# new\n" + POD, text_edits(action))

    run(scenario, tmp_path)


def test_an_editor_without_versions_gets_plain_changes(tmp_path: Path, uri: str):
    async def scenario(editor: Editor) -> None:
        found = only(await editor.opened(uri, POD), "PRV001")
        (action,) = [one for one in await editor.actions(uri, found.range, "quickfix") if "PRV001" in one.title]
        assert action.edit is not None
        assert action.edit.changes is not None
        assert list(action.edit.changes) == [uri]

    run(scenario, tmp_path, versions=False)


def test_all_safe_fixes_are_one_action(tmp_path: Path, uri: str):
    documents = [
        f"apiVersion: {group}/v1beta1\nkind: {kind}\nmetadata: {{name: one}}\n{field}\n"
        for group, kind, field in (
            ("storage.k8s.io", "StorageClass", "provisioner: csi.example"),
            ("scheduling.k8s.io", "PriorityClass", "value: 1000"),
        )
    ]
    text = "---\n".join(documents)
    plan = api.fix_text(str(tmp_path / "pod.yaml"), text)
    assert len([one for one in plan.proposals if one.applied]) == 2

    async def scenario(editor: Editor) -> None:
        await editor.opened(uri, text)
        start = types.Position(0, 0)
        (action,) = await editor.actions(uri, types.Range(start, start), "source.fixAll")
        assert action.kind == "source.fixAll.batten"
        assert edited(text, text_edits(action)) == plan.patches[0].after.data.decode()

    run(scenario, tmp_path)


def test_a_finding_is_explained_where_one_points_at_it(tmp_path: Path, uri: str):
    async def scenario(editor: Editor) -> None:
        await editor.opened(uri, POD)
        told = await editor.hover(uri, LINE, PRIVILEGED + 3)
        assert "**PRV001** Container is privileged (critical)" in told
        assert "owns the node" in told
        assert "How to fix it" in told
        assert await editor.hover(uri, 1, 2) == ""
        assert await editor.hover((tmp_path / "other.yaml").as_uri(), 0, 0) == ""

    run(scenario, tmp_path)


def test_the_nearest_configuration_holds_and_what_it_waives_is_not_shown(tmp_path: Path, uri: str):
    configuration = tmp_path / "batten.toml"

    async def scenario(editor: Editor) -> None:
        assert only(await editor.opened(uri, POD), "PRV001")
        configuration.write_text(
            '[[waiver]]\ncheck = "PRV001"\nreason = "debugging"\nowner = "ops"\n', encoding="utf-8"
        )
        editor.save(configuration.as_uri())
        assert "PRV001" not in {one.code for one in await editor.told(uri)}
        configuration.write_text('colour = "red"\n', encoding="utf-8")
        editor.save(configuration.as_uri())
        (mistake,) = await editor.told(uri)
        assert "unknown key 'colour'" in mistake.message

    run(scenario, tmp_path)


def test_what_another_open_text_decides_is_judged_with_it(tmp_path: Path):
    base, web = ((tmp_path / name).as_uri() for name in ("base.yaml", "compose.yaml"))
    text = "services:\n  web:\n    image: registry.example/web:1.4\n    extends: {file: base.yaml, service: base}\n"

    async def scenario(editor: Editor) -> None:
        await editor.opened(base, "services:\n  base:\n    user: '1000'\n")
        assert "PRV002" not in {one.code for one in await editor.opened(web, text)}
        editor.type(base, "services:\n  base:\n    labels: {a: b}\n", 2)
        await editor.told(base, 2)
        editor.save(base)
        assert "PRV002" in {one.code for one in await editor.told(web)}

    run(scenario, tmp_path)


@pytest.mark.parametrize(
    ("uri", "text", "language"),
    [
        ("untitled:Untitled-1", POD, "yaml"),
        ("untitled:Untitled-1", "FROM registry.example/web:1.4\nUSER root\n", "dockerfile"),
    ],
)
def test_a_text_without_a_file_is_judged_and_mended(tmp_path: Path, uri: str, text: str, language: str):
    async def scenario(editor: Editor) -> None:
        found = await editor.opened(uri, text, language)
        assert found
        if language == "yaml":
            actions = await editor.actions(uri, only(found, "PRV001").range, "quickfix")
            assert "privileged: false" in edited(text, text_edits(actions[0]))

    run(scenario, tmp_path)
    run(scenario, None)


def test_nothing_outside_of_the_folders_of_the_editor_is_read(tmp_path: Path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "base.yaml").write_text("services:\n  base:\n    privileged: true\n", encoding="utf-8")
    (root / "base.yaml").symlink_to(outside / "base.yaml")
    text = "services:\n  web:\n    image: registry.example/web:1.4\n    extends: {file: base.yaml, service: base}\n"

    async def scenario(editor: Editor) -> None:
        for folder in (root, outside):
            (unread,) = await editor.opened((folder / "compose.yaml").as_uri(), text)
            assert "base.yaml" in unread.message
            assert unread.code is None

    run(scenario, root)


def test_what_a_text_draws_on_elsewhere_in_the_folder_of_the_editor_is_read(tmp_path: Path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "kustomization.yaml").write_text("resources: [pod.yaml]\n", encoding="utf-8")
    (tmp_path / "base" / "pod.yaml").write_text(POD, encoding="utf-8")
    overlay = (tmp_path / "overlay" / "kustomization.yaml").as_uri()
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n", encoding="utf-8")
    (chart / "values.yaml").write_text("tag: '1.4'\n", encoding="utf-8")
    template = POD.replace("web:1.4", "web:{{ .Values.tag }}")

    async def scenario(editor: Editor) -> None:
        assert await editor.opened(overlay, "resources: [../base]\n") == []
        (missing,) = await editor.opened(overlay.replace("overlay", "other"), "resources: [../nothing]\n")
        assert missing.severity == types.DiagnosticSeverity.Warning
        found = await editor.opened((chart / "templates" / "pod.yaml").as_uri(), template)
        if which("helm") or find_spec("helm_python"):
            assert only(found, "PRV001").range.start.line == LINE
            values = await editor.opened((chart / "values.yaml").as_uri(), "tag: latest\n")
            assert only(values, "IMG001").range.start.line == 0
        else:
            (told,) = [one for one in found if one.severity == types.DiagnosticSeverity.Information]
            assert "Helm chart" in told.message

    run(scenario, tmp_path)


def test_what_is_no_manifest_is_left_alone_and_what_is_broken_is_told(tmp_path: Path, uri: str):
    async def scenario(editor: Editor) -> None:
        assert await editor.opened((tmp_path / "values.yaml").as_uri(), "colour: red\n") == []
        assert await editor.opened((tmp_path / "notes.txt").as_uri(), "token: abc\n", "plaintext") == []
        assert await editor.opened((tmp_path / "empty.yaml").as_uri(), "") == []
        (broken,) = await editor.opened(uri, "apiVersion: v1\nkind: Pod\nmetadata: {name: web\n")
        assert broken.code is None
        assert broken.severity == types.DiagnosticSeverity.Warning
        for version, text in enumerate(("\0", "{" * 3000, "a: &a [*a]", "kind: Pod\r\rapiVersion: v1\r"), 2):
            editor.type(uri, text, version)
            await editor.told(uri, version)
        editor.type(uri, POD.replace("\n", "\r\n"), 9)
        found = only(await editor.told(uri, 9), "PRV001")
        assert (found.range.start.line, found.range.start.character) == (LINE, PRIVILEGED)

    run(scenario, tmp_path)


def test_a_server_ends_with_its_editor(tmp_path: Path):
    command = [sys.executable, "-m", "batten", "lsp"]
    done = subprocess.run(command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr


def test_what_is_no_protocol_is_no_end(tmp_path: Path):
    good = b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}'
    sent = b"Content-Length: 5\r\n\r\n{{{{{" + b"Content-Length: %d\r\n\r\n%s" % (len(good), good)
    done = subprocess.run(
        [sys.executable, "-m", "batten", "lsp"], cwd=tmp_path, input=sent, capture_output=True, timeout=60, check=False
    )
    assert b'"serverInfo"' in done.stdout
    assert b"Traceback" not in done.stderr


def test_a_server_without_its_library_says_what_brings_it(tmp_path: Path):
    program = "import sys; sys.modules['pygls'] = None; from batten.cli.group import run; sys.exit(run(['lsp']))"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "batten: the language server needs the extra `editor`; add it with: pip install 'batten[editor]'\n"
    )
