"""A publisher of feeds on loopback: a real HTTP server that also misbehaves."""

from __future__ import annotations

import gzip
import ssl
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType


class FeedServer:
    """Serves `files` by path. `faults` says what goes wrong at a path, the next so many times.

    A fault is a status (`503`, or `503 7` with a Retry-After), `truncated`, `gzip`, `hang-up`, `hang` (no answer) or
    `trickle` (a byte now and then). With `tls` it speaks HTTPS. With `dated` it gives dates in place of ETags.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, dated: str = "") -> None:
        self.dated = dated
        self._closing = Event()
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
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> FeedServer:
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def etag(self, path: str) -> str:
        return self.dated or f'"{sha256(self.files[path]).hexdigest()[:8]}"'

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        condition = request.headers.get("If-None-Match") or request.headers.get("If-Modified-Since") or ""
        self.seen.append((path, condition))
        fault = self.faults[path].pop(0) if self.faults.get(path) else ""
        status, _, after = fault.partition(" ")
        if status.isdigit():
            self._send(request, int(status), b"sorry", {"Retry-After": after or "0"})
        elif fault == "hang":
            self._closing.wait(30)
            request.close_connection = True
        elif path in self.redirects:
            self._send(request, 302, b"", {"Location": self.redirects[path]})
        elif path not in self.files:
            self._send(request, 404, b"none")
        elif condition == self.etag(path):
            self._send(request, 304, b"", self._marks(path))
        elif fault == "trickle":
            request.send_response(200)
            request.send_header("Content-Length", "10000")
            request.end_headers()
            while not self._closing.wait(0.02):
                request.wfile.write(b" ")
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
            self._send(request, 200, self.files[path], self._marks(path))

    def _marks(self, path: str) -> dict[str, str]:
        return {"Last-Modified" if self.dated else "ETag": self.etag(path)}

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
