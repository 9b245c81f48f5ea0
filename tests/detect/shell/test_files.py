"""Modes, users, sudo."""

from __future__ import annotations

import pytest

from batten.detect.shell import Mode, chmod_calls, commands, parse_mode, sudo_uses, users_created


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("755", Mode()),
        ("0777", Mode(world_writable=True)),
        ("1777", Mode(world_writable=True, sticky=True)),
        ("4755", Mode(setuid=True)),
        ("2755", Mode(setgid=True)),
        ("06755", Mode(setuid=True, setgid=True)),
        ("u+s", Mode(setuid=True)),
        ("+s", Mode(setuid=True, setgid=True)),
        ("g+s,o+w", Mode(setgid=True, world_writable=True)),
        ("a+rwX", Mode(world_writable=True)),
        ("+w", Mode()),
        ("ug+w", Mode()),
        ("o=rw", Mode(world_writable=True)),
        ("o+w,o-w", Mode()),
        ("u-s", Mode()),
        ("g=u", Mode()),
        ("+t,o+w", Mode(world_writable=True, sticky=True)),
        ("x/y", None),
        ("999", None),
    ],
)
def test_modes(text: str, mode: Mode | None) -> None:
    assert parse_mode(text) == mode


def test_chmod_and_its_kin() -> None:
    text = "chmod -R 777 /a /b && chmod -x c && install -m 4755 a /b && mkdir -p -m 0777 /d && chmod $M /e"
    found = chmod_calls(commands(text))
    assert [(item.text, item.recursive) for item in found] == [
        ("777", True),
        ("-x", False),
        ("4755", False),
        ("0777", False),
        ("$M", False),
    ]
    assert [word.value for word in found[0].paths] == ["/a", "/b"]
    assert [item.mode is None for item in found] == [False, False, False, False, True]
    assert text[found[0].start : found[0].end] == "777"


@pytest.mark.parametrize(
    ("text", "modes"),
    [
        ("find / -exec chmod 777 {} +", ["777"]),
        ("sudo find /a -type d -exec chmod 755 {} \\; -o -exec nice chmod o+w {} ';'", ["755", "o+w"]),
        ("find /a -execdir chmod + {} -R 4755 {} +", ["+"]),
        ("find /a -print0 | xargs -0 chmod 0666", ["0666"]),
        ("find /a -name chmod -print", []),
        ("find /a -exec chmod 777", []),
    ],
)
def test_chmod_of_what_is_found(text: str, modes: list[str]) -> None:
    found = chmod_calls(commands(text))
    assert [one.text for one in found] == modes
    assert [text[one.start : one.end] for one in found] == modes


def test_chmod_by_reference_has_no_mode() -> None:
    assert chmod_calls(commands("chmod --reference=a b")) == []


@pytest.mark.parametrize(
    ("text", "name", "uid", "system"),
    [
        ("useradd -r -u 999 -g app -s /sbin/nologin app", "app", "999", True),
        ("useradd --uid=1000 app", "app", "1000", False),
        ("adduser -S -D -H -u 10001 app", "app", "10001", True),
        ("adduser --system --uid 5 --group app", "app", "5", True),
        ("adduser app wheel", "app", None, False),
        ("useradd -u $ID app", "app", None, False),
    ],
)
def test_users(text: str, name: str, uid: str | None, system: bool) -> None:
    (user,) = users_created(commands(text))
    assert (user.name, user.uid, user.system) == (name, uid, system)


def test_sudo_uses() -> None:
    found = sudo_uses(commands("sudo make; make; env A=1 sudo -i; echo sudo"))
    assert [item.words[0].value for item in found] == ["sudo", "env"]
