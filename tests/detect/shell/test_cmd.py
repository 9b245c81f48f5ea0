"""Scripts for cmd.exe: their commands, and what they download and run."""

from __future__ import annotations

import pytest

from batten.detect.shell import (
    cmd_downloads_run,
    commands,
    downloads_into_shell,
    insecure_downloads,
    is_cmd_shell,
    read_script,
)

CMD = ("cmd", "/S", "/C")


def names(text: str) -> list[tuple[str | None, tuple[str | None, ...]]]:
    return [(one.name, one.values[1:]) for one in commands(text, CMD)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C:\\Tools\\Curl.EXE -o a.exe https://x.example/a?b=1^&c=2", [("curl", ("-o", "a.exe", "https://x.example/a?b=1&c=2"))]),
        ('curl "https://x.example/a?b=1&c=2" & dir', [("curl", ("https://x.example/a?b=1&c=2",)), ("dir", ())]),
        ("a && b || c\nd", [("a", ()), ("b", ()), ("c", ()), ("d", ())]),
        ("@echo off & (mkdir C:\\app)", [("echo", ("off",)), ("mkdir", ("C:\\app",))]),
        ("call setup.cmd /q", [("setup", ("/q",))]),
        ('start "installing" /wait setup.exe /q', [("setup", ("/q",))]),
        ("start /wait setup.exe /q", [("setup", ("/q",))]),
        ('cmd /S /c "curl -k https://x.example && dir"', [("curl", ("-k", "https://x.example")), ("dir", ())]),
        ("rem curl https://x.example & a", [("a", ())]),
        ('"C:\\Program Files\\nodejs\\npm.cmd" ci', [("npm", ("ci",))]),
        ("a 2>&1 > log.txt", [("a", ())]),
        ("", []),
        ('"""', []),
        ("&|&&\n^", []),
    ],
)  # fmt: skip
def test_commands(text: str, expected: list[tuple[str | None, tuple[str | None, ...]]]) -> None:
    assert names(text) == expected


def test_offsets_are_those_of_the_script() -> None:
    text = 'cmd /c "dir & curl.exe -k https://x.example" && b'
    shown = [text[one.start : one.end] for one in commands(text, CMD)]
    assert shown == ["dir", "curl.exe -k https://x.example", "b"]


def test_a_text_beyond_the_limits_is_not_read() -> None:
    script = read_script("a & " * 100_000, CMD)
    assert script.commands == []
    assert "longer than" in script.unread


def test_scripts_in_one_another_end() -> None:
    assert commands("cmd /c " * 1000 + "a", CMD)[0].name == "a"
    nested = "a"
    for _ in range(100):
        nested = f'cmd /c "{nested}"'
    assert len(commands(nested, CMD)) == 1


@pytest.mark.parametrize("shell", [("cmd",), ("C:\\Windows\\System32\\CMD.EXE", "/S", "/C"), ("cmd.exe", "/c")])
def test_the_shell_of_windows(shell: tuple[str, ...]) -> None:
    assert is_cmd_shell(shell)


@pytest.mark.parametrize("shell", [(), ("/bin/sh", "-c"), ("powershell", "-Command")])
def test_other_shells(shell: tuple[str, ...]) -> None:
    assert not is_cmd_shell(shell)


def kept(text: str) -> list[tuple[str, bool]]:
    return [(one.path, one.sure) for one in cmd_downloads_run(commands(text, CMD))]


@pytest.mark.parametrize(
    ("text", "path", "sure"),
    [
        ("curl.exe -fSLo C:\\s.exe https://x.example/s && C:\\s.exe /quiet", "C:\\s.exe", True),
        ("curl -L https://x.example/s.exe -o s.exe & .\\s.exe", "s.exe", True),
        ("curl -LO https://x.example/s.exe && s /quiet", "s.exe", False),
        ("cd C:\\t & curl -o C:\\t\\s.cmd https://x.example && call s.cmd", "C:\\t\\s.cmd", False),
        ("curl https://x.example/s.bat > s.bat && s.bat", "s.bat", True),
        ("curl -o %TEMP%\\s.exe https://x.example && start /wait %TEMP%\\s.exe", "%TEMP%\\s.exe", True),
        ("curl -o s.ps1 https://x.example && powershell -File s.ps1", "s.ps1", True),
        ("bitsadmin /transfer j /download https://x.example/a C:\\a.msi && msiexec /i C:\\a.msi", "C:\\a.msi", True),
        ("certutil -urlcache -split -f https://x.example/b.exe b.exe & b.exe /S", "b.exe", True),
        ("certutil.exe -urlcache -split -f https://x.example/b.exe & b.exe /S", "b.exe", True),
        ("msiexec /qn /i https://x.example/a.msi", "https://x.example/a.msi", True),
        ("curl -s https://x.example/a.ps1 | powershell -Command -", "", True),
        ("curl -s https://x.example/a.cmd | findstr /v rem | cmd", "", True),
    ],
)  # fmt: skip
def test_a_download_that_is_run(text: str, path: str, sure: bool) -> None:
    assert kept(text) == [(path, sure)]


@pytest.mark.parametrize(
    "text",
    [
        "curl -o s.zip https://x.example && tar -xf s.zip",
        "curl -o s.exe https://x.example && del s.exe",
        "curl -o C:\\a\\s.exe https://x.example && D:\\b\\s.exe",
        "curl -o s.exe https://x.example && other.exe s.exe",
        "curl -o s.exe https://x.example && certutil -hashfile s.exe SHA256 | findstr abc && s.exe",
        'curl -o s.exe https://x.example && powershell "if ((Get-FileHash s.exe).Hash -ne 1) { exit 1 }" && s.exe',
        "curl -o s.exe https://x.example && signtool verify /pa s.exe && s.exe",
        "certutil -addstore root ca.crt & ca.crt",
        "msiexec /i C:\\a.msi",
        "curl https://x.example/status | findstr ok",
        "bitsadmin /reset",
        "certutil -urlcache",
    ],
)
def test_what_is_not_run_unseen(text: str) -> None:
    assert kept(text) == []


def test_flags_of_programs_hold_here_too() -> None:
    found = commands("curl.exe -kfSLo a.zip https://x.example && npm.cmd config set strict-ssl false", CMD)
    assert [one.kind for one in insecure_downloads(found)] == ["curl", "npm"]
    assert downloads_into_shell(found) == []
