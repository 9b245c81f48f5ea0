"""A client of the Model Context Protocol over standard input and output, as far as the tests need one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any


class Client:
    """Starts the server and speaks to it. What it writes to standard output must be protocol, line by line."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "batten", "mcp", *arguments],
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._number = 0

    def __enter__(self) -> Client:
        given = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        self.hello = self.ask("initialize", given)["result"]
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rest, self.noise = self._process.communicate(timeout=60)

    @property
    def code(self) -> int | None:
        return self._process.returncode

    def send(self, message: dict[str, Any] | bytes) -> None:
        assert self._process.stdin is not None
        line = message if isinstance(message, bytes) else json.dumps(message).encode()
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert found["jsonrpc"] == "2.0"
        return found

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        self._number += 1
        self.send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params or {}})
        answer = self.read()
        assert answer["id"] == self._number
        return answer

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of a tool."""
        found: dict[str, Any] = self.ask("tools/call", {"name": tool, "arguments": arguments})["result"]
        return found

    def refusal(self, tool: str, **arguments: Any) -> str:
        """The one line of a call that is refused."""
        found = self.call(tool, **arguments)
        text: str = found["content"][0]["text"]
        assert found["isError"] is True
        assert "\n" not in text
        assert "Traceback" not in text
        return text
