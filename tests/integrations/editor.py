"""An editor: the client of pygls, speaking to a server in a process of its own over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

_PATIENCE = 30  # seconds; a machine under load starts slowly


class Editor:
    """Opens texts, types, and shows what the server tells of them."""

    def __init__(self, root: Path | None, *, encodings: tuple[str, ...] = (), versions: bool = True, **options: Any):
        self.root = root
        self._encodings = [types.PositionEncodingKind(one) for one in encodings]
        self._versions = versions
        self._options = options
        self._told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.client = LanguageClient("editor", "1")

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def told(found: types.PublishDiagnosticsParams) -> None:
            self._told.put_nowait(found)

    async def __aenter__(self) -> Editor:
        await self.client.start_io(sys.executable, "-m", "batten", "lsp", "--stdio")
        uri = self.root.as_uri() if self.root is not None else None
        edit = types.WorkspaceEditClientCapabilities(document_changes=self._versions)
        self.hello = await self.client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(
                    general=types.GeneralClientCapabilities(position_encodings=self._encodings or None),
                    workspace=types.WorkspaceClientCapabilities(workspace_edit=edit, workspace_folders=True),
                ),
                workspace_folders=[types.WorkspaceFolder(uri, "root")] if uri is not None else None,
                initialization_options=self._options,
            )
        )
        self.client.initialized(types.InitializedParams())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()

    def open(self, uri: str, text: str, language: str = "yaml") -> None:
        item = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, uri: str, text: str, version: int) -> None:
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=uri, version=version),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def save(self, uri: str) -> None:
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    async def told(self, uri: str, version: int | None = 1) -> list[types.Diagnostic]:
        """The next diagnostics of that version of a document."""
        while True:
            found = await asyncio.wait_for(self._told.get(), _PATIENCE)
            if found.uri == uri and found.version == version:
                return list(found.diagnostics)

    async def opened(self, uri: str, text: str, language: str = "yaml") -> list[types.Diagnostic]:
        self.open(uri, text, language)
        return await self.told(uri)

    async def actions(self, uri: str, at: types.Range, *only: str) -> list[types.CodeAction]:
        context = types.CodeActionContext(diagnostics=[], only=[types.CodeActionKind(one) for one in only] or None)
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(types.TextDocumentIdentifier(uri), at, context)
        )
        return [one for one in found or [] if isinstance(one, types.CodeAction)]

    async def hover(self, uri: str, line: int, character: int) -> str:
        found = await self.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        )
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value


def edited(text: str, edits: list[types.TextEdit]) -> str:
    """The text with edits of an editor that counts in UTF-16, as the protocol says they are made."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode("utf-16-le")) // 2 + 1)
    units = text.encode("utf-16-le")
    for one in sorted(edits, key=lambda each: (each.range.start.line, each.range.start.character), reverse=True):
        start, end = (starts[place.line] + place.character for place in (one.range.start, one.range.end))
        units = units[: start * 2] + one.new_text.encode("utf-16-le") + units[end * 2 :]
    return units.decode("utf-16-le")
