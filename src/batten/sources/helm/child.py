"""What the process does in which charts are rendered; it is given nothing but a folder and values."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import sys
from typing import Any, Final

from batten.limits import HELM_MEMORY, HELM_OUTPUT

_LENGTH: Final = struct.Struct("<I")
_NEW_USER: Final = 0x1000_0000  # CLONE_NEWUSER of <linux/sched.h>
_NEW_NETWORK: Final = 0x4000_0000  # CLONE_NEWNET


def serve() -> None:
    """Reads requests from standard input until it ends, answers on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this process decides when it ends
    requests = sys.stdin.buffer
    # whatever the library prints must not come between the answers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    confine()
    while len(head := requests.read(_LENGTH.size)) == _LENGTH.size:
        data = requests.read(_LENGTH.unpack(head)[0])
        answer = json.dumps(_answer(json.loads(data))).encode()
        try:
            answers.write(_LENGTH.pack(len(answer)) + answer)
            answers.flush()
        except BrokenPipeError:
            os._exit(1)


def confine() -> None:
    """Takes away what rendering does not need, as far as the system lets itself be asked: memory, files to write, core
    dumps, the network."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        for what, most in (
            (resource.RLIMIT_AS, HELM_MEMORY),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            _, hard = resource.getrlimit(what)
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (least, least))
    if sys.platform == "linux":
        import ctypes

        # fails where the system forbids it; nothing that is rendered asks for the network anyway
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from helm_python import errors
    from helm_python.chart import Chart

    try:
        with Chart.load(request["chart"]) as chart:
            chart.validate_schema(request["values"])
            printed = chart.render(request["values"], name=request["release"], namespace=request["namespace"])
    except errors.HelmError as error:
        return {"error": str(error)}
    if sum(map(len, printed.values())) > HELM_OUTPUT:
        return {"error": f"expected at most {HELM_OUTPUT >> 20} MiB, found that it prints more"}
    return {"printed": printed}
