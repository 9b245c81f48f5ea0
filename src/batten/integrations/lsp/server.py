"""The language server: the protocol's side of `batten.integrations.lsp.session`.

Source: Language Server Protocol 3.17. The whole text comes with every change: a manifest is small, and only a text that
is surely the editor's gives edits that fit. All judging happens in one thread beside the loop, one text after the
other.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from batten import __version__, api
from batten.engine.config import FILE_NAME
from batten.integrations.lsp.positions import Encoding, Positions, Span
from batten.integrations.lsp.session import Analysis, FileEdit, Session, Text, Told, places, quick_fix, safe_fixes
from batten.integrations.lsp.words import explained, page
from batten.model.report import Finding
from batten.report import RuleInfo

Found = TypeVar("Found")

_DELAY: Final = 0.15  # seconds without a change after which a text is judged
_FIX_ALL: Final = "source.fixAll.batten"
_ACTIONS: Final = 10  # findings in one place that are offered a fix
_SEVERITIES: Final = {
    "critical": types.DiagnosticSeverity.Error,
    "high": types.DiagnosticSeverity.Error,
    "medium": types.DiagnosticSeverity.Warning,
    "low": types.DiagnosticSeverity.Information,
    "info": types.DiagnosticSeverity.Hint,
}


class BattenServer(LanguageServer):
    """Holds what is open and what was found in it."""

    def __init__(self) -> None:
        super().__init__("batten", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.docs = ""
        self._texts: dict[str, Text] = {}
        self._found: dict[str, Analysis] = {}
        self._pending: dict[str, asyncio.Task[None]] = {}
        self._judge = ThreadPoolExecutor(1, "judge")
        self._session: Session | None = None
        self._rules = api.rules()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """One line in the editor's log; nothing pops up."""
        logging.getLogger("batten").error("%s: %s", type(error).__name__, error)

    @property
    def encoding(self) -> Encoding:
        chosen = self.server_capabilities.position_encoding
        return "utf-8" if chosen == "utf-8" else "utf-32" if chosen == "utf-32" else "utf-16"

    @property
    def session(self) -> Session:
        if self._session is None:
            folders = [_path(uri) for uri in self.workspace.folders]
            if not folders and self.workspace.root_path:
                folders = [self.workspace.root_path]
            self._session = Session(one for one in folders if one)
        return self._session

    def forget_session(self) -> None:
        """The folders changed."""
        self._session = None
        self.judge_all()

    def warm_up(self) -> None:
        """Loads what the first text would wait for."""
        self._judge.submit(Session().analyse, Text("", "kind: Pod\napiVersion: v1\n", 0, "yaml"))

    def took(self, uri: str, text: str, version: int, language: str, delay: float) -> None:
        """A document was opened or changed."""
        # half a surrogate pair is no text, and no answer could hold it
        text = text.encode("utf-8", "replace").decode() if not text.isascii() else text
        self._texts[uri] = Text(uri, text, version, language, _path(uri))
        self._found.pop(uri, None)
        self.judge_soon(uri, delay)

    def changed(self, uri: str, text: str, version: int) -> None:
        known = self._texts.get(uri)
        self.took(uri, text, version, known.language if known is not None else "", _DELAY)

    def closed(self, uri: str) -> None:
        self._texts.pop(uri, None)
        self._found.pop(uri, None)
        if (task := self._pending.pop(uri, None)) is not None:
            task.cancel()
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))

    def saved(self, uri: str) -> None:
        """Others may draw on it; of a configuration all do."""
        path = _path(uri)
        everywhere = os.path.basename(path) in (FILE_NAME, "pyproject.toml")
        for other in list(self._texts):
            if everywhere or os.path.dirname(_path(other)) == os.path.dirname(path):
                self._found.pop(other, None)
                self.judge_soon(other, 0)

    def judge_all(self) -> None:
        self._found.clear()
        for uri in self._texts:
            self.judge_soon(uri, 0)

    def judge_soon(self, uri: str, delay: float) -> None:
        """Publishes what is wrong in a document once it has not changed for `delay` seconds."""
        if (task := self._pending.pop(uri, None)) is not None:
            task.cancel()
        self._pending[uri] = asyncio.ensure_future(self._publish(uri, delay))

    async def _publish(self, uri: str, delay: float) -> None:
        await asyncio.sleep(delay)
        found = await self.analysis(uri)
        if found is not None and self._texts.get(uri) is found.text:
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(
                    uri=uri, version=found.text.version, diagnostics=self.diagnostics(found, found.findings)
                )
            )

    async def analysis(self, uri: str) -> Analysis | None:
        """What is wrong in a document as it is now; None where it is not open or changed meanwhile."""
        text = self._texts.get(uri)
        if text is None:
            return None
        known = self._found.get(uri)
        if known is not None:
            return known
        others, session = list(self._texts.values()), self.session

        def judged() -> Analysis | None:
            # what was typed over while it waited is not judged any more
            return session.analyse(text, others) if self._texts.get(uri) is text else None

        found = await self.beside(judged)
        if found is not None and self._texts.get(uri) is text:
            self._found[uri] = found
            return found
        return None

    async def beside(self, work: Callable[[], Found]) -> Found:
        """The result of `work`, done in the thread that judges."""
        return await asyncio.get_running_loop().run_in_executor(self._judge, work)

    def diagnostics(self, found: Analysis, findings: list[Finding]) -> list[types.Diagnostic]:
        positions = Positions(found.text.text, self.encoding)
        rules = self.rules_of(found)
        made = [self._diagnostic(one, positions, page(one, rules, self.docs)) for one in findings]
        told = [Told(found.mistake, 1, grave=True)] if found.mistake else found.problems
        for one in told:
            severity = types.DiagnosticSeverity.Warning if one.grave else types.DiagnosticSeverity.Information
            place = _range(positions.line(one.line))
            made.append(types.Diagnostic(range=place, severity=severity, source="batten", message=one.message))
        return made

    def rules_of(self, found: Analysis) -> dict[str, RuleInfo]:
        """The catalogue of checks, with the rules of one's own that hold for the text."""
        settings = found.scan.settings if found.scan is not None else None
        return api.rules(settings) if settings is not None and settings.rules else self._rules

    def _diagnostic(self, finding: Finding, positions: Positions, address: str) -> types.Diagnostic:
        return types.Diagnostic(
            range=_range(positions.of(finding.location)),
            severity=_SEVERITIES[finding.severity],
            code=finding.check,
            code_description=types.CodeDescription(href=address) if address else None,
            source="batten",
            message=finding.message,
            related_information=self._related(finding) or None,
            data=finding.fingerprint,
        )

    def _related(self, finding: Finding) -> list[types.DiagnosticRelatedInformation]:
        found = []
        for path, locations in places(finding).items():
            text = self._text_at(path)
            positions = Positions(text, self.encoding) if text is not None else None
            for one in locations:
                if positions is not None:
                    place = types.Location(uri=self._uri(path), range=_range(positions.of(one)))
                    found.append(types.DiagnosticRelatedInformation(location=place, message="see also"))
        return found

    def _text_at(self, path: str) -> str | None:
        return next((one.text for one in self._texts.values() if one.path == path), None)

    def _uri(self, path: str) -> str:
        """As the editor calls the file, where it has it open."""
        real = os.path.realpath(path)
        known = (uri for uri, one in self._texts.items() if one.path and os.path.realpath(one.path) == real)
        return next(known, "") or Path(path).as_uri()

    def workspace_edit(self, found: Analysis, edits: list[FileEdit]) -> types.WorkspaceEdit:
        """Edits of a document, and of the files that decide for it. With versions where the editor knows them, so that
        none is made in a text that changed meanwhile."""
        made: dict[str, list[types.TextEdit]] = {}
        for one in edits:
            uri = self._uri(one.path) if len(edits) > 1 or found.text.path else found.text.uri
            positions = Positions(one.before, self.encoding)
            made[uri] = [
                types.TextEdit(range=_range(each.span), new_text=each.text)
                for each in positions.replacements(one.after)
            ]
        if not self._versioned():
            return types.WorkspaceEdit(changes=made)
        documents = []
        for uri, changes in made.items():
            open_one = self._texts.get(uri)
            identifier = types.OptionalVersionedTextDocumentIdentifier(
                uri=uri, version=open_one.version if open_one is not None else None
            )
            documents.append(types.TextDocumentEdit(text_document=identifier, edits=list(changes)))
        return types.WorkspaceEdit(document_changes=documents)

    def _versioned(self) -> bool:
        workspace = self.client_capabilities.workspace
        edit = workspace.workspace_edit if workspace is not None else None
        return bool(edit is not None and edit.document_changes)

    async def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The fixes of what stands on the lines of the range, then all safe ones of the document."""
        found = await self.analysis(params.text_document.uri)
        if found is None:
            return []
        wanted = params.context.only
        made: list[types.CodeAction] = []
        first, last = params.range.start.line, params.range.end.line
        positions = Positions(found.text.text, self.encoding)
        near = [one for one in found.findings if first <= positions.of(one.location).start.line <= last]
        if _asked(types.CodeActionKind.QuickFix, wanted):
            for finding in [one for one in near if one.fix is not None][:_ACTIONS]:
                action = await self._quick_fix(found, finding)
                if action is not None:
                    made.append(action)
        if _asked(_FIX_ALL, wanted) and (wanted or near):
            edits, mended = await self.beside(lambda: safe_fixes(found))
            if edits:
                made.append(
                    types.CodeAction(
                        title=f"batten: all safe fixes ({len(mended)})",
                        kind=_FIX_ALL,
                        edit=self.workspace_edit(found, edits),
                    )
                )
        return made

    async def _quick_fix(self, found: Analysis, finding: Finding) -> types.CodeAction | None:
        edits = await self.beside(lambda: quick_fix(found, finding))
        if not edits or finding.fix is None:
            return None
        note = "" if finding.fix.kind == "safe" else " (review)"
        return types.CodeAction(
            title=f"batten {finding.check}: {finding.fix.summary}{note}",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=self.diagnostics(Analysis(found.text, scan=found.scan), [finding]),
            is_preferred=True if finding.fix.kind == "safe" else None,
            edit=self.workspace_edit(found, edits),
        )

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """What is wrong at the place, and what the check means."""
        found = await self.analysis(params.text_document.uri)
        if found is None:
            return None
        positions = Positions(found.text.text, self.encoding)
        here = params.position
        under = []
        for finding in found.findings:
            span = positions.of(finding.location)
            start, end = (span.start.line, span.start.column), (span.end.line, span.end.column)
            if start <= (here.line, here.character) <= end:
                under.append((finding, span))
        if not under:
            return None
        text = explained((finding for finding, _ in under), self.rules_of(found))
        return types.Hover(
            contents=types.MarkupContent(kind=types.MarkupKind.Markdown, value=text), range=_range(under[0][1])
        )


def _path(uri: str) -> str:
    """The absolute path of a file's URI; "" for what is no file, or can be none (with a NUL in it)."""
    try:
        path = to_fs_path(uri) or ""
    except ValueError:
        return ""
    return "" if "\0" in path else path


def _range(span: Span) -> types.Range:
    return types.Range(
        start=types.Position(span.start.line, span.start.column), end=types.Position(span.end.line, span.end.column)
    )


def _asked(kind: str, only: Any) -> bool:
    """Whether the editor wants actions of that kind: it names it, or what it is a part of."""
    return not only or any(kind == one or kind.startswith(f"{one}.") for one in only)


def make() -> BattenServer:
    """The server with its features."""
    server = BattenServer()

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        options = params.initialization_options
        docs = options.get("docs") if isinstance(options, dict) else None
        server.docs = docs if isinstance(docs, str) else ""
        server.warm_up()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        one = params.text_document
        server.took(one.uri, one.text, one.version, one.language_id, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        if params.content_changes:
            server.changed(params.text_document.uri, params.content_changes[-1].text, params.text_document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        server.saved(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        server.forget_session()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        return await server.hover(params)

    kinds = [types.CodeActionKind.QuickFix, types.CodeActionKind(types.CodeActionKind.SourceFixAll)]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds))
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await server.actions(params)

    return server
