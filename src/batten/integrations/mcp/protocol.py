"""JSON-RPC 2.0 over standard input and output, as the Model Context Protocol's stdio transport has it.

Source: modelcontextprotocol.io, specification 2025-06-18 (basic/lifecycle, basic/transports, basic/utilities,
server/tools). One message a line; requests are answered one after the other, beside which pings and cancellations are
taken at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from queue import Full, Queue
from typing import Any, BinaryIO, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from batten import __version__
from batten.limits import MCP_LINE_BYTES, MCP_WAITING

VERSIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Of the protocol, that speak of tools in the same way."""
_OURS: Final = "2025-06-18"

_PARSE_ERROR, _INVALID_REQUEST, _NO_METHOD, _INVALID_PARAMS, _BUSY = -32700, -32600, -32601, -32602, -32000

Id = int | str


class _Message(Struct):
    jsonrpc: str = ""
    method: str | UnsetType = UNSET
    id: Id | UnsetType | None = UNSET
    params: Any = UNSET


class Cancelled(BaseException):
    """The client wants no answer any more. No `Exception`: nothing on the way is to take it for a failure."""


class Call:
    """A request that is worked on."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        self._cancelled.set()

    def go_on(self, _: str = "") -> None:
        """Raises `Cancelled` where it is to be given up; may be given as `progress`."""
        if self._cancelled.is_set():
            raise Cancelled


class Answer(Struct):
    """What a tool gives: data, the same as text, and whether it is the account of a mistake."""

    text: str
    data: dict[str, Any] | None = None
    failed: bool = False


class Tool(Struct, frozen=True):
    """A tool as `tools/list` describes it, and what runs it. `arguments`: the struct of its arguments."""

    name: str
    title: str
    description: str
    arguments: type[Struct]
    annotations: Mapping[str, bool]
    run: Callable[[Any, Call], Answer]
    """Raises what `told` makes a line of, and `Cancelled`."""

    def described(self) -> dict[str, Any]:
        schema = msgspec.json.schema(self.arguments)
        kinds = schema.pop("$defs")
        inputs = kinds.pop(self.arguments.__name__)
        inputs.pop("title", None)
        if kinds:
            inputs["$defs"] = kinds
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": inputs,
            "annotations": {"title": self.title, **self.annotations},
        }


class Server:
    """Answers the messages of one client until its end of the pipe is closed."""

    def __init__(self, tools: Sequence[Tool], instructions: str, told: Callable[[BaseException], str]) -> None:
        """`told`: one line for what a tool raises."""
        self._tools = {tool.name: tool for tool in tools}
        self._instructions = instructions
        self._told = told
        self._waiting: Queue[tuple[Id, dict[str, Any], Call] | None] = Queue(MCP_WAITING)
        self._calls: dict[Id, Call] = {}
        self._lock = threading.Lock()
        self._gone = False

    def run(self, source: BinaryIO, sink: BinaryIO) -> None:
        """Reads messages from `source` until it ends, then finishes what was asked for."""
        self._sink = sink
        worker = threading.Thread(target=self._work, daemon=True)
        worker.start()
        while not self._gone and (line := source.readline(MCP_LINE_BYTES + 1)):
            if len(line) > MCP_LINE_BYTES and not line.endswith(b"\n"):
                while (rest := source.readline(MCP_LINE_BYTES)) and not rest.endswith(b"\n"):
                    pass
                self._refuse(None, _INVALID_REQUEST, f"expected at most {MCP_LINE_BYTES >> 20} MiB in one message")
            elif line.strip():
                self._take(line)
        self._waiting.put(None)
        worker.join()

    def _take(self, line: bytes) -> None:
        try:
            message = msgspec.json.decode(line, type=_Message)
        except msgspec.ValidationError as error:
            self._refuse(None, _INVALID_REQUEST, f"expected one JSON-RPC message, found another object: {error}")
            return
        except (msgspec.DecodeError, ValueError, RecursionError):
            self._refuse(None, _PARSE_ERROR, "expected one JSON-RPC message in one line, found no JSON")
            return
        params = {} if message.params is UNSET else message.params
        if not isinstance(message.method, str):
            if message.id is UNSET:
                self._refuse(None, _INVALID_REQUEST, "expected a method, found none")
            return  # else an answer: we ask nothing
        if message.jsonrpc != "2.0":
            self._refuse(None if message.id is UNSET else message.id, _INVALID_REQUEST, 'expected "jsonrpc": "2.0"')
        elif message.id is UNSET:
            self._note(message.method, params if isinstance(params, dict) else {})
        elif message.id is None:
            self._refuse(None, _INVALID_REQUEST, "expected a string or a number as id, found null")
        elif not isinstance(params, dict):
            self._refuse(message.id, _INVALID_PARAMS, "expected an object as params")
        elif isinstance(message.id, (int, str)):
            self._asked(message.id, message.method, params)

    def _note(self, method: str, params: dict[str, Any]) -> None:
        if method == "notifications/cancelled":
            identifier = params.get("requestId")
            call = self._calls.get(identifier) if isinstance(identifier, (int, str)) else None
            if call is not None:
                call.cancel()

    def _asked(self, identifier: Id, method: str, params: dict[str, Any]) -> None:
        if method == "initialize":
            self._answer(identifier, self._initialize(params))
        elif method == "ping":
            self._answer(identifier, {})
        elif method == "tools/list":
            self._answer(identifier, {"tools": [tool.described() for tool in self._tools.values()]})
        elif method != "tools/call":
            self._refuse(identifier, _NO_METHOD, f"no method {method[:100]!r} here")
        elif identifier in self._calls:
            self._refuse(
                identifier, _INVALID_REQUEST, "expected an id of its own, found that of a call still worked on"
            )
        else:
            call = self._calls[identifier] = Call()
            try:
                self._waiting.put_nowait((identifier, params, call))
            except Full:
                del self._calls[identifier]
                self._refuse(identifier, _BUSY, f"{MCP_WAITING} calls are waiting; ask again when they are answered")

    def _initialize(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = params.get("protocolVersion")
        return {
            "protocolVersion": wanted if wanted in VERSIONS else _OURS,
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "batten", "title": "batten: container hardening", "version": __version__},
            "instructions": self._instructions,
        }

    def _work(self) -> None:
        while (asked := self._waiting.get()) is not None:
            identifier, params, call = asked
            try:
                call.go_on()
                self._call(identifier, params, call)
            except Cancelled:
                pass  # nobody waits for an answer
            finally:
                self._calls.pop(identifier, None)

    def _call(self, identifier: Id, params: dict[str, Any], call: Call) -> None:
        name = params.get("name")
        tool = self._tools.get(name) if isinstance(name, str) else None
        if tool is None:
            known = ", ".join(self._tools)
            self._refuse(identifier, _INVALID_PARAMS, f"no tool {str(name)[:100]!r}; there are {known}")
            return
        answer = self._run(tool, params.get("arguments") or {}, call)
        call.go_on()
        result: dict[str, Any] = {"content": [{"type": "text", "text": answer.text}]}
        if answer.data is not None:
            result["structuredContent"] = answer.data
        if answer.failed:
            result["isError"] = True
        self._answer(identifier, result)

    def _run(self, tool: Tool, given: Any, call: Call) -> Answer:
        try:
            arguments = msgspec.convert(given, tool.arguments)
        except msgspec.ValidationError as error:
            return Answer(f"{tool.name}: {error}", failed=True)
        try:
            return tool.run(arguments, call)
        except Exception as error:
            if os.environ.get("BATTEN_TRACEBACK"):
                sys.excepthook(*sys.exc_info())
            return Answer(self._told(error), failed=True)

    def _answer(self, identifier: Id, result: dict[str, Any]) -> None:
        self._send({"jsonrpc": "2.0", "id": identifier, "result": result})

    def _refuse(self, identifier: Id | None, code: int, message: str) -> None:
        self._send({"jsonrpc": "2.0", "id": identifier, "error": {"code": code, "message": message}})

    def _send(self, message: dict[str, Any]) -> None:
        data = msgspec.json.encode(message) + b"\n"
        with self._lock:
            try:
                self._sink.write(data)
                self._sink.flush()
            except (OSError, ValueError):
                self._gone = True  # nobody reads any more
