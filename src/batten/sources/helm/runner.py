"""Renders charts in a process of its own, which has little time, little memory, no network and nobody's home.

Helm is native code, and a chart is a program. What the process is given lies in a folder that is made for one
rendering; it is not written to. A process that dies or hangs costs its chart.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from importlib.util import find_spec
from typing import IO, Any, Final

from batten.formats.helm.errors import ChartError
from batten.limits import HELM_OUTPUT, HELM_SECONDS

_LENGTH: Final = struct.Struct("<I")
# The child finds the modules where this process found them, and nothing in the current folder.
_PROGRAM: Final = "import sys; sys.path[:] = sys.argv[1:]; from batten.sources.helm.child import serve; serve()"
_ERROR: Final = 400  # characters of what Helm says


class Runner:
    """Renders with the library of the extra `batten[helm]`, else with the program `helm` of the PATH."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._home: str | None = None
        self._lock = threading.Lock()
        self._program: str | None = None
        self._library: bool | None = None

    def available(self) -> bool:
        """Whether there is anything that renders."""
        if self._library is None:
            self._library = find_spec("helm_python") is not None
            self._program = None if self._library else shutil.which("helm")
        return self._library or self._program is not None

    def render(
        self, files: Mapping[str, bytes], values: Mapping[str, Any], release: str, namespace: str
    ) -> dict[str, str]:
        """See `batten.formats.interface.Charts.render`."""
        if not self.available():
            raise ChartError("nothing here renders charts; to add it: pip install 'batten[helm]'")
        with self._lock, tempfile.TemporaryDirectory(prefix="batten-helm-") as folder:
            chart = os.path.join(folder, "chart")
            _write(chart, files)
            if self._program is not None:
                from batten.sources.helm.program import render

                return render(self._program, folder, chart, values, release, namespace)
            request = {"chart": chart, "values": values, "release": release, "namespace": namespace}
            try:
                data = json.dumps(request, default=str).encode()
            except (ValueError, RecursionError):
                raise ChartError("its values are nested deeper than any real ones") from None
            return self._asked(data)

    def close(self) -> None:
        """Ends the process."""
        self._end()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None

    def _asked(self, data: bytes) -> dict[str, str]:
        """One request; the process is ended where it takes too long."""
        late = threading.Event()
        answer: bytes | None = None
        timer = None
        try:
            process = self._started()

            def stop() -> None:
                late.set()
                process.kill()

            timer = threading.Timer(HELM_SECONDS, stop)
            timer.daemon = True
            timer.start()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(_LENGTH.pack(len(data)) + data)
            process.stdin.flush()
            answer = _receive(process.stdout)
        except OSError:
            answer = None
        finally:
            if timer is not None:
                timer.cancel()
        if answer is None:
            code = self._end()
            if late.is_set():
                raise ChartError(f"it took longer than {HELM_SECONDS} s and was stopped")
            raise ChartError(f"Helm ended on it (exit code {code}): it may ask for too much memory, or for no end")
        told = json.loads(answer)
        if "error" in told:
            raise ChartError(shortened(str(told["error"])))
        return {str(name): str(text) for name, text in told["printed"].items()}

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            if self._home is None:
                self._home = tempfile.mkdtemp(prefix="batten-helm-home-")
                atexit.register(self.close)
            self._process = subprocess.Popen(  # noqa: S603  # this very interpreter, no shell, fixed words
                [sys.executable, "-P", "-c", _PROGRAM, *map(os.path.abspath, sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._home,
                env=environment(self._home),
            )
        return self._process

    def _end(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            return process.wait(0.2)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def environment(home: str) -> dict[str, str]:
    """The variables of a process that renders: none of the user's but what the system needs to load a program."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "HOME": home,
        "USERPROFILE": home,
        "HELM_PLUGINS": os.path.join(home, "no-plugins"),
        "HELM_NO_PLUGINS": "1",
        "HELM_CACHE_HOME": home,
        "HELM_CONFIG_HOME": home,
        "HELM_DATA_HOME": home,
        "KUBECONFIG": os.path.join(home, "no-cluster"),
        "GOMEMLIMIT": "1GiB",
        "GOTRACEBACK": "none",
        "LANG": "C.UTF-8",
    }


def shortened(message: str) -> str:
    """What Helm says, in one line, without the folder that the chart was put into for it."""
    text = " ".join("".join(one if one.isprintable() else " " for one in message).split())
    return text if len(text) <= _ERROR else f"{text[:_ERROR]}…"


def _write(chart: str, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        parts = path.split("/")
        if any(part in ("", ".", "..") or "\0" in part or (os.sep != "/" and os.sep in part) for part in parts):
            continue
        native = os.path.join(chart, *parts)
        try:
            os.makedirs(os.path.dirname(native), exist_ok=True)
            with open(native, "xb") as file:
                file.write(data)
        except OSError as error:
            raise ChartError(f"its file {path[:200]} cannot be put down to be rendered: {error.strerror}") from None


def _receive(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    if size > 2 * HELM_OUTPUT:
        return None
    data = stream.read(size)
    return data if len(data) == size else None


runner: Final = Runner()
"""One for the program: starting it takes longer than rendering a chart."""
