"""What is shown while nobody answers."""

import io
import time

import pytest

from batten.cli import output
from batten.cli.watch import Watch
from batten.model.progress import Question


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_looks_until_it_is_stopped() -> None:
    looks: list[float] = []
    watch = Watch(lambda: looks.append(time.monotonic()), 0.01)
    while not looks:
        time.sleep(0.001)
    watch.stop()
    counted = len(looks)
    time.sleep(0.02)
    assert len(looks) == counted


@pytest.mark.parametrize("terminal", [True, False])
def test_a_question_without_an_answer_is_shown_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(output, "_PROGRESS_AFTER", 0.01)
    monkeypatch.setattr(output, "_QUIET_FOR", 0.0)
    progress = output.Progress("scanning")
    progress(Question("reading docker:\x1b[31m"))
    for _ in range(500 if terminal else 10):
        if "reading" in stream.getvalue():
            break
        time.sleep(0.01)
    progress.done()
    shown = stream.getvalue()
    assert ("reading docker:?[31m" in shown) is terminal
    assert shown == "" or shown.endswith("\r\x1b[K")


def test_a_quick_answer_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    progress = output.Progress("scanning")
    progress(Question("reading docker:"))
    progress("a.yaml")
    progress.done()
    assert stream.getvalue() == ""
