"""A publisher of feeds on loopback: a real HTTP server that also misbehaves."""

from __future__ import annotations

import gzip
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType


class FeedServer:
    """Serves `files` by path. `faults` says what goes wrong at a path, the next so many times."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.faults: dict[str, list[str]] = {}
        self.seen: list[tuple[str, str]] = []
        """(path, what the request's conditions were)."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Quiet."""

            def do_GET(self) -> None:
                server.answer(self)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> FeedServer:
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def etag(self, path: str) -> str:
        return f'"{hash(self.files[path]) & 0xFFFFFFFF:08x}"'

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        condition = request.headers.get("If-None-Match") or request.headers.get("If-Modified-Since") or ""
        self.seen.append((path, condition))
        fault = self.faults[path].pop(0) if self.faults.get(path) else ""
        if fault.isdigit():
            self._send(request, int(fault), b"sorry", {"Retry-After": "0"})
        elif path in self.redirects:
            self._send(request, 302, b"", {"Location": self.redirects[path]})
        elif path not in self.files:
            self._send(request, 404, b"none")
        elif condition == self.etag(path):
            self._send(request, 304, b"", {"ETag": condition})
        elif fault == "truncated":
            data = self.files[path]
            request.send_response(200)
            request.send_header("Content-Length", str(len(data)))
            request.end_headers()
            request.wfile.write(data[: len(data) // 2])
            request.close_connection = True
        elif fault == "gzip":
            self._send(request, 200, gzip.compress(self.files[path]), {"Content-Encoding": "gzip"})
        elif fault == "hang-up":
            request.close_connection = True
        else:
            self._send(request, 200, self.files[path], {"ETag": self.etag(path)})

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        request.send_response(status)
        for name, value in (headers or {}).items():
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if status != 304:
            request.wfile.write(body)
