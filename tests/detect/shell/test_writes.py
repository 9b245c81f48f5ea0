"""Where a script writes."""

from __future__ import annotations

import pytest

from batten.detect.shell import commands
from batten.detect.shell.writes import Written, paths_written


@pytest.mark.parametrize(
    ("script", "written"),
    [
        ("echo a > /var/lib/x; nginx", [Written("/var/lib/x")]),
        ("echo a >> /a/b; app &> /c/d", [Written("/a/b"), Written("/c/d")]),
        ("app 2>/dev/null < /etc/app.conf", []),
        ("app | tee -a /log/one /log/two", [Written("/log/one"), Written("/log/two")]),
        ("touch -d yesterday /run/../tmp/up", [Written("/tmp/up")]),
        ("mkdir -p -m 700 /a/b c $D/e", [Written("/a/b", folder=True)]),
        ("mkdir /a/b", [Written("/a/b")]),
        ("sh -c 'echo > /a/b' && echo > /a/b", [Written("/a/b")]),
        ("echo mkdir -p /a; cat /b", []),
    ],
)
def test_absolute_paths_in_the_order_of_the_script(script: str, written: list[Written]) -> None:
    assert paths_written(commands(script)) == written
