"""Downloads that are run at once, and verifications that are turned off."""

from __future__ import annotations

import pytest

from batten.detect.shell import commands, downloads_into_shell, insecure_downloads


@pytest.mark.parametrize(
    "text",
    [
        "curl -fsSL https://x | sh",
        "curl https://x | sudo -E bash -s -- --flag",
        "wget -qO- https://x | bash",
        "wget -O - https://x | sh -x",
        "curl https://x | gunzip | bash",
        "curl https://x | python3",
        "curl https://x | perl - App::cpanminus",
        "(curl https://x || wget -qO- https://y) | sh",
        "curl https://x -o - | sh",
        "bash <(curl -s https://x)",
        "source <(curl -s https://x)",
        "sh < <(curl -s https://x)",
        'sh -c "$(curl -fsSL https://x)"',
        'sh -c "$(wget -O- https://x)" "" --unattended',
        'eval "$(curl https://x)"',
        "$(curl https://x)",
        'python -c "$(curl https://x)"',
        "bash -c 'curl https://x | sh'",
        "bash <<EOF\ncurl https://x | sh\nEOF",
    ],
)
def test_a_download_that_is_run(text: str) -> None:
    found = downloads_into_shell(commands(text))
    assert found
    assert "https://x" in text[found[0].start : found[0].end]
    assert found[0].downloader.name in ("curl", "wget")


@pytest.mark.parametrize(
    "text",
    [
        "curl https://x | tar xz",
        "curl https://x -o f && sh f",
        "curl -o f https://x | sh",
        "wget https://x | sh",
        "curl https://x | bash script.sh",
        "curl https://x | python3 -c 'import json'",
        "curl https://x | python3 -m json.tool",
        "curl https://x | sudo apt-key add -",
        "curl https://x | bash -c 'cat'",
        "echo $(curl https://x)",
        'sh -c "echo $(curl https://x)"',
        "diff <(curl https://x) f",
        "sh -c 'make' && curl https://x",
        "echo 'curl https://x | sh'",
    ],
)
def test_a_download_that_is_not_run(text: str) -> None:
    assert downloads_into_shell(commands(text)) == []


@pytest.mark.parametrize(
    ("text", "kind", "cut"),
    [
        ("curl -fsSLk https://x", "curl", "-fsSLk"),
        ("curl --insecure https://x", "curl", "--insecure"),
        ("wget --no-check-certificate https://x", "wget", "--no-check-certificate"),
        ("apt-get install -y --allow-unauthenticated a", "apt", "--allow-unauthenticated"),
        ("apt-get --force-yes install a", "apt", "--force-yes"),
        ("apt-get -o Acquire::https::Verify-Peer=false update", "apt", "-o Acquire::https::Verify-Peer=false"),
        ("apt-get -oAPT::Get::AllowUnauthenticated=1 update", "apt", "-oAPT::Get::AllowUnauthenticated=1"),
        ("yum install -y --nogpgcheck a", "rpm", "--nogpgcheck"),
        ("dnf --setopt=sslverify=false install a", "rpm", "--setopt=sslverify=false"),
        ("zypper --no-gpg-checks in a", "rpm", "--no-gpg-checks"),
        ("apk add --allow-untrusted a.apk", "apk", "--allow-untrusted"),
        ("npm config set strict-ssl false", "npm", "strict-ssl false"),
        ("npm install --strict-ssl=false", "npm", "--strict-ssl=false"),
        ("NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci", "npm", "NODE_TLS_REJECT_UNAUTHORIZED=0"),
        ("pip install --trusted-host pypi.org a", "pip", "--trusted-host pypi.org"),
        ("python3 -m pip install --trusted-host=x a", "pip", "--trusted-host=x"),
        ("git -c http.sslVerify=false clone x", "git", "http.sslVerify=false"),
        ("git config --global http.sslVerify false", "git", "http.sslVerify false"),
        ("GIT_SSL_NO_VERIFY=true git clone x", "git", "GIT_SSL_NO_VERIFY=true"),
        ("export GIT_SSL_NO_VERIFY=1", "git", "GIT_SSL_NO_VERIFY=1"),
        ("GIT_SSL_NO_VERIFY=false git clone x", "git", "GIT_SSL_NO_VERIFY=false"),  # git asks whether it is there
        ("env A=1 PYTHONHTTPSVERIFY=0 python3 x.py", "python", "PYTHONHTTPSVERIFY=0"),
    ],
)  # fmt: skip
def test_verification_that_is_turned_off(text: str, kind: str, cut: str) -> None:
    (found,) = insecure_downloads(commands(text))
    assert (found.kind, text[found.start : found.end]) == (kind, cut)


@pytest.mark.parametrize(
    "text",
    [
        "curl -o k https://x",
        "curl -H 'k' https://x",
        "curl -ok https://x",
        "wget https://x",
        "npm config set strict-ssl true",
        "npm install --strict-ssl",
        "git config http.sslVerify true",
        "apt-get -o Acquire::Retries=3 update",
        "apt-get -o Acquire::https::Verify-Peer=true update",
        "dnf --setopt=install_weak_deps=False install a",
        "echo --no-check-certificate",
        "GIT_SSL_NO_VERIFY= git clone x",
        "env A=1 NODE_TLS_REJECT_UNAUTHORIZED=1 npm ci",
    ],
)
def test_verification_that_stays(text: str) -> None:
    assert insecure_downloads(commands(text)) == []
