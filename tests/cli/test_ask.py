"""`batten fix --interactive`, driven through a terminal."""

from __future__ import annotations

import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.support import batten
from engine.support import write

pty = pytest.importorskip("pty", reason="terminals of POSIX")

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  hostPID: true
  containers:
  - name: app
    image: nginx:1.25
    securityContext:
      privileged: true   # why?
"""
_CHECKS = "PRV001,NET001,PRV011"
_SECONDS = 60
_QUESTION = "mend it? (y, n, a, q, ?) "


class Terminal:
    """A process with a terminal of its own, as a person has it."""

    def __init__(self, *arguments: str, cwd: Path, columns: int = 100) -> None:
        import fcntl
        import termios

        self._master, end = pty.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "batten", *arguments],
            cwd=cwd,
            stdin=end,
            stdout=end,
            stderr=end,
            env={**environment, "TERM": "xterm"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # Ctrl-C reaches it as a signal
        )
        os.close(end)
        self.text = ""
        self._seen = 0

    def until(self, wanted: str) -> str:
        """Read until `wanted` comes, colours taken away; what came before it since the last call."""
        deadline = time.monotonic() + _SECONDS
        while (found := self.text.find(wanted, self._seen)) < 0:
            assert self._read(deadline), f"waited for {wanted!r}, got {self.text[self._seen :]!r}"
        before, self._seen = self.text[self._seen : found], found + len(wanted)
        return before

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def end(self) -> int:
        """Read all that comes and wait; the exit code."""
        deadline = time.monotonic() + _SECONDS
        while self._read(deadline):
            pass
        return self.process.wait(_SECONDS)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        try:
            data = os.read(self._master, 65536) if ready else b""
        except OSError:  # the other end is closed
            return False
        self.text += re.sub(r"\x1b\[[0-9;]*[mK]", "", data.decode()).replace("\r", "")
        return bool(data)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return write(tmp_path, {"pod.yaml": POD})


@pytest.fixture
def terminal(here: Path) -> Iterator[Terminal]:
    opened = Terminal("fix", "pod.yaml", "--unsafe", "-i", "--check", _CHECKS, cwd=here)
    yield opened
    opened.close()


def fields(here: Path) -> set[str]:
    """What of the three is still there."""
    return set(re.findall("hostNetwork: true|hostPID: true|privileged: true", (here / "pod.yaml").read_text()))


def asked(before: str) -> str:
    """The check that a question is about."""
    found = re.search(r"\b[A-Z]{3}\d{3}\b", before)
    assert found is not None
    return found[0]


def test_yes_and_no_mend_what_was_chosen_and_nothing_else(here: Path, terminal: Terminal) -> None:
    first = terminal.until(_QUESTION)
    assert "[1/3] pod.yaml:" in first
    assert "Pod web" in first
    assert "\n-" in first
    assert "\n+" in first or "privileged" not in first
    terminal.type("n\n")
    second = terminal.until(_QUESTION)
    terminal.type("Yes\n")
    third = terminal.until(_QUESTION)
    terminal.type("\n")  # no
    assert terminal.end() == 0
    assert "1 fix of 3 chosen" in terminal.text
    assert "mended 1 finding in 1 file, each with proof" in terminal.text
    removed = [line[1:].strip() for line in second.splitlines() if re.match(r"-\s", line)]
    assert len(fields(here)) == 2
    assert not any(line.startswith(one) for line in removed for one in fields(here))
    assert len({asked(first), asked(second), asked(third)}) == 3
    assert "# why?" in (here / "pod.yaml").read_text()


def test_quit_keeps_what_was_chosen_before(here: Path, terminal: Terminal) -> None:
    terminal.until(_QUESTION)
    terminal.type("y\n")
    terminal.until(_QUESTION)
    terminal.type("q\n")
    assert terminal.end() == 0
    assert "1 fix of 3 chosen" in terminal.text
    assert len(fields(here)) == 2


def test_all_takes_this_and_the_rest(here: Path, terminal: Terminal) -> None:
    terminal.until(_QUESTION)
    terminal.type("n\n")
    terminal.until(_QUESTION)
    terminal.type("a\n")
    assert terminal.end() == 0
    assert "2 fixes of 3 chosen" in terminal.text
    assert len(fields(here)) == 1


def test_anything_else_is_answered_with_the_words_that_there_are(here: Path, terminal: Terminal) -> None:
    terminal.until(_QUESTION)
    terminal.type("maybe\n")
    assert "q  ask no more; write what was chosen" in terminal.until(_QUESTION)
    terminal.type("q\n")
    assert terminal.end() == 0
    assert "0 fixes of 3 chosen" in terminal.text
    assert (here / "pod.yaml").read_text() == POD


def test_interrupt_writes_nothing(here: Path, terminal: Terminal) -> None:
    terminal.until(_QUESTION)
    terminal.type("y\n")
    terminal.until(_QUESTION)
    terminal.type("\x03")
    assert terminal.end() == 128 + signal.SIGINT
    assert terminal.text.endswith("\nbatten: stopped\n")
    assert (here / "pod.yaml").read_text() == POD
    assert sorted(path.name for path in here.iterdir()) == ["pod.yaml"]


def test_the_end_of_the_input_writes_nothing(here: Path, terminal: Terminal) -> None:
    terminal.until(_QUESTION)
    terminal.type("y\n")
    terminal.until(_QUESTION)
    terminal.type("\x04")
    assert terminal.end() == 2
    assert terminal.text.endswith("\nbatten: the answers ended before the questions did; nothing was written\n")
    assert (here / "pod.yaml").read_text() == POD


def test_a_narrow_terminal_is_not_overrun(here: Path) -> None:
    terminal = Terminal("fix", "pod.yaml", "--unsafe", "-i", "--check", _CHECKS, cwd=here, columns=40)
    try:
        told, _, _ = terminal.until(_QUESTION).partition("\n---")
        terminal.type("q\n")
        assert terminal.end() == 0
    finally:
        terminal.close()
    assert max(map(len, told.splitlines())) <= 40
    assert len(_QUESTION) <= 40


def test_what_a_terminal_would_obey_is_shown_not_sent(here: Path) -> None:
    (here / "pod.yaml").write_text(POD.replace("# why?", "# \u202eevil"), encoding="utf-8")
    terminal = Terminal("fix", "pod.yaml", "--unsafe", "--color", "never", "--check", "PRV001", cwd=here)
    try:
        assert terminal.end() == 0
    finally:
        terminal.close()
    assert "\\u202eevil" in terminal.text


def test_answers_can_be_piped_and_data_stay_clean(here: Path) -> None:
    done = batten("fix", ".", "--unsafe", "-i", "--check", _CHECKS, "--format", "json", cwd=here, stdin=b"y\nn\nq\n")
    assert done.returncode == 0
    assert done.stdout.startswith(b"{")
    assert b'"applied": 1,' in done.stdout
    assert len(fields(here)) == 2


def test_a_patch_file_takes_the_place_of_writing(here: Path) -> None:
    done = batten("fix", ".", "--unsafe", "-i", "--check", _CHECKS, "--patch", "p", cwd=here, stdin=b"y\nq\n")
    assert done.returncode == 0
    assert b"nothing was changed; to write it: git apply p" in done.stderr
    assert (here / "pod.yaml").read_text() == POD
    assert (here / "p").read_text().startswith("--- a/pod.yaml\n")


def test_what_cannot_be_written_is_said_before_the_first_question(here: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=here, check=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "a")
    (here / "pod.yaml").write_text(POD + "# changed\n")
    done = batten("fix", ".", "--unsafe", "-i", cwd=here, stdin=b"")
    assert done.returncode == 2
    assert b"uncommitted changes" in done.stderr
    assert _QUESTION.encode() not in done.stderr


def test_standard_input_cannot_be_both_target_and_answers(here: Path) -> None:
    done = batten("fix", "-", "-i", cwd=here, stdin=POD.encode())
    assert done.returncode == 2
    assert b"--interactive reads the answers from standard input" in done.stderr


def test_standard_input_is_named_as_it_was_given(tmp_path: Path) -> None:
    done = batten("fix", "-", "--unsafe", cwd=tmp_path, stdin=POD.encode())
    assert b"to write it: batten fix --patch fixes.patch --unsafe -\n" in done.stderr
