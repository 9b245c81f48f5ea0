"""What the commands of a build fetch and leave: IMG005, IMG008 to IMG011."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.model.edits import InsertAfter
from batten.model.settings import Settings
from batten.model.verdict import DocumentEdit
from formats.dockerfile.helpers import edited
from harness import (
    Case,
    assert_case,
    assert_mends,
    dockerfile,
    fails,
    findings,
    mendable,
    passes,
    silent,
)

CASES = (
    # IMG005: scripts run unseen
    fails(
        "IMG005",
        dockerfile("FROM debian:13\nRUN apt-get update \\\n && curl -fsSL https://get.example/x | sh\n"),
        at="curl",
        severity="high",
        says="curl hands a script to sh",
    ),
    fails("IMG005", dockerfile('FROM debian:13\nRUN bash -c "$(wget -qO- https://get.example/x)"\n'), at="wget"),
    passes("IMG005", dockerfile("FROM debian:13\nRUN curl -o x https://get.example/x && sha256sum -c x.sum && sh x\n")),
    passes("IMG005", dockerfile("FROM debian:13\nRUN curl -s https://get.example/x | tar xz\n")),
    fails(
        "IMG005",
        dockerfile('FROM debian:13\nRUN ["sh", \\\n  "-c", "curl -s https://get.example/x \\\\\\n | sh"]\n'),
        at="curl",
        says="curl hands a script to sh",
    ),
    passes("IMG005", dockerfile('FROM debian:13\nRUN ["echo", "curl -s https://get.example/x | sh"]\n')),
    fails(
        "IMG005",
        dockerfile("FROM debian:13\nRUN wget -q https://x.example/a -O /tmp/a.sh && \\\n sh -x /tmp/a.sh --all\n"),
        at="wget",
        severity="high",
        says="wget downloads /tmp/a.sh, which is run with nothing verified",
    ),
    fails(
        "IMG005",
        dockerfile("FROM debian:13\nRUN curl -o /usr/bin/a https://x.example/a && chmod +x /usr/bin/a && a -v\n"),
        at="curl",
        says="downloads /usr/bin/a",
    ),
    fails("IMG005", dockerfile("FROM debian:13\nRUN curl -sO https://x.example/get.py; python3 get.py\n"), at="curl"),
    fails("IMG005", dockerfile("FROM debian:13\nRUN curl https://x.example/a >i; chmod +x i; ./i\n"), at="curl"),
    fails(
        "IMG005",
        dockerfile('FROM debian:13\nRUN ["sh", "-c", "wget https://x.example/a.sh?v=1 && . ./a.sh"]\n'),
        at="wget",
    ),
    passes("IMG005", dockerfile("FROM debian:13\nRUN wget -O a https://x.example/a && gpg --verify a.asc a && ./a\n")),
    passes(
        "IMG005",
        dockerfile(
            'FROM debian:13\nRUN curl -Lo /bin/a https://x.example/a && [ "$(sha256sum /bin/a)" = "1  /bin/a" ] && a\n'
        ),
    ),
    passes("IMG005", dockerfile("FROM debian:13\nRUN curl -Lo /bin/a https://x.example/a && chmod +x /bin/a\n")),
    passes("IMG005", dockerfile("FROM debian:13\nRUN curl -o a.tgz https://x.example/a.tgz && tar xf a.tgz && ./b\n")),
    passes("IMG005", dockerfile("FROM debian:13\nRUN ./a.sh && curl -o a.sh https://x.example/a.sh\n")),
    fails(
        "IMG005",
        dockerfile(
            'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell", "-Command"]\n'
            "RUN iex ((New-Object System.Net.WebClient).DownloadString('https://get.example/install.ps1'))\n"
        ),
        at="iex",
        severity="high",
        says="PowerShell runs what it downloads",
    ),
    fails(
        "IMG005",
        dockerfile("FROM mcr.microsoft.com/powershell\nRUN pwsh -c 'iwr -useb https://x.example/y.ps1 | iex'\n"),
        at="iwr",
    ),
    fails(
        "IMG005",
        dockerfile(
            "# escape=`\nFROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
            "RUN powershell -Command Invoke-WebRequest https://x.example/a.exe -OutFile C:\\a.exe; `\n"
            "    Start-Process C:\\a.exe -Wait\n"
        ),
        at="Invoke-WebRequest",
        says="downloads C:\\a.exe",
    ),
    passes(
        "IMG005",
        dockerfile(
            "# escape=`\nFROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
            "RUN powershell -Command Invoke-WebRequest https://x.example/a.exe -OutFile a.exe; `\n"
            "    if ((Get-FileHash a.exe).Hash -ne 'AB') { exit 1 }; .\\a.exe\n"
        ),
    ),
    # cmd is the shell of Windows, and named as such
    *(
        fails("IMG005", dockerfile(f"# escape=`\nFROM {base}\nRUN {text}\n"), at="RUN", severity="high", says=said)
        for base in (
            "mcr.microsoft.com/windows/nanoserver:ltsc2022",
            "--platform=windows/amd64 registry.example/base:1",
            'registry.example/base:1\nSHELL ["cmd", "/S", "/C"]',
        )
        for text, said in (
            ("curl.exe -o C:\\a.exe https://x.example/a && C:\\a.exe /S", "curl downloads C:\\a.exe"),
            ("certutil -urlcache -f https://x.example/a.exe a.exe & a.exe", "certutil downloads a.exe"),
            ("curl -s https://x.example/a.ps1 | powershell -", "curl hands a script to powershell"),
            ("curl -o a.ps1 https://x.example/a && powershell -File a.ps1", "curl downloads a.ps1"),
        )
    ),
    fails(
        "IMG005",
        # what the base makes the shell is not written
        dockerfile(
            "FROM registry.example/base:1\nRUN Invoke-Expression (New-Object Net.WebClient).DownloadString('https://x.example')\n"
        ),
        at="RUN",
        says="PowerShell runs",
    ),
    passes(
        "IMG005",
        dockerfile(
            "# escape=`\nFROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
            "RUN curl -o a.exe https://x.example/a && certutil -hashfile a.exe SHA256 | findstr ab12 && a.exe\n"
        ),
    ),
    passes("IMG005", dockerfile("FROM elixir:1.18\nRUN iex -e 'IO.puts 1' && curl -fsS https://x.example/ok\n")),
    silent("IMG005", dockerfile("FROM debian:13\nCOPY web /web\n")),
    # what ONBUILD triggers
    fails(
        "IMG005",
        dockerfile("FROM debian:13\nONBUILD RUN curl http://x.example/i.sh | bash\n"),
        at="ONBUILD",
        says="unseen, in the builds that stand on this image",
    ),
    passes("IMG005", dockerfile("FROM debian:13\nONBUILD RUN make\n")),
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nONBUILD RUN wget --no-check-certificate https://x.example/x\n"),
        at="wget",
        says="off, in the builds that stand on this image",
        fix="review",
        becomes="ONBUILD RUN wget https://x.example/x",
    ),
    fails(
        "IMG011",
        dockerfile("FROM debian:13\nONBUILD RUN chmod 777 /x\n"),
        at="chmod",
        says="write, in the builds that stand on this image",
        fix="review",
        becomes="ONBUILD RUN chmod 775 /x",
    ),
    fails(
        "IMG011",
        dockerfile("FROM debian:13\nONBUILD COPY --chmod=666 a /a\n"),
        at="COPY",
        says="in the builds that stand on this image",
        fix="review",
    ),
    fails("IMG008", dockerfile("FROM debian:13\nRUN true && echo insecure >> ~/.curlrc\n"), at="echo"),
    # IMG008: no verification
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nRUN curl -k https://x.example/x -o /x\n"),
        at="curl -k",
        severity="high",
        fix="review",
        becomes="RUN curl https://x.example/x -o /x\n",
    ),
    # whose shell runs what it fetches unseen, then as before
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nRUN curl -k https://x.example/x | bash\n"),
        at="curl -k",
        fix="review",
        becomes="RUN curl https://x.example/x | bash\n",
    ),
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nRUN --security=insecure curl -k https://x.example/x -o /x\n"),
        at="curl -k",
        fix="review",
        becomes="RUN --security=insecure curl https://x.example/x -o /x\n",
    ),
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nRUN apt-get install -y --allow-unauthenticated web\n"),
        at="allow-un",
        fix="review",
        becomes="install -y web\n",
    ),
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nRUN wget --no-check-certificate https://x.example\n"),
        at="--no-check",
        fix="review",
    ),
    fails(
        "IMG008",
        dockerfile('FROM debian:13\nRUN ["curl", \\\n "-k", "https://x.example/x"]\n'),
        at='"-k"',
        fix="review",
        becomes='["curl", \\\n "https',
    ),
    fails(
        "IMG008",
        dockerfile(
            "FROM debian:13\nENV A=1 \\\n NODE_TLS_REJECT_UNAUTHORIZED=0 \\\n GIT_SSL_NO_VERIFY=1 PYTHONHTTPSVERIFY=0\n"
        ),
        at="NODE_TLS",
        says="NODE_TLS_REJECT_UNAUTHORIZED=0 switches",
        count=3,
        fix="review",
        becomes="ENV A=1\n",
    ),
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nARG GIT_SSL_NO_VERIFY=0\nCMD web\n"),  # git asks whether it is there
        at="ARG",
        fix="review",
        becomes="FROM debian:13\nCMD web\n",
    ),
    *(
        fails("IMG008", dockerfile(f"FROM debian:13\nRUN {bad}\n"), at="RUN", fix="review", becomes=f"RUN {good}\n")
        for bad, good in (
            ("curl -fsSLk https://x.example", "curl -fsSL https://x.example"),
            ("curl -ko x https://x.example", "curl -o x https://x.example"),
            ('["curl", "-fk", "https://x.example"]', '["curl", "-f", "https://x.example"]'),
            ('["wget", "--no-check-certificate", "https://x.example"]', '["wget", "https://x.example"]'),
            ("git -c http.sslVerify=false clone https://x.example", "git clone https://x.example"),
            ("git clone --config http.sslVerify=false https://x.example", "git clone https://x.example"),
            ("git config --global http.sslVerify false", "git config --global http.sslVerify true"),
            ("npm config set strict-ssl false", "npm config set strict-ssl true"),
            ("npm ci --strict-ssl=false", "npm ci"),
            ("NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci", "npm ci"),
            ("env GIT_SSL_NO_VERIFY=1 git clone https://x.example", "env git clone https://x.example"),
            (
                "export NODE_TLS_REJECT_UNAUTHORIZED=0 && npm ci",
                "export NODE_TLS_REJECT_UNAUTHORIZED=1 && npm ci",
            ),
            ("dnf install -y --setopt=*.gpgcheck=0 web", "dnf install -y web"),
            ("apt-get -o Acquire::Check-Valid-Until=false update", "apt-get update"),
            ("composer config -g disable-tls true", "composer config -g disable-tls false"),
        )
    ),
    *(
        fails("IMG008", dockerfile(f"FROM debian:13\nRUN {command}\n"), at="RUN")
        for command in (
            "export GIT_SSL_NO_VERIFY=1 && git clone https://x.example",
            'curl "-k" https://x.example',
        )
    ),
    fails("IMG008", dockerfile("FROM debian:13\nENV PYTHONHTTPSVERIFY=0\nRUN x $PYTHONHTTPSVERIFY\n"), at="ENV"),
    fails(
        "IMG008",
        dockerfile('FROM debian:13\nRUN echo "deb [arch=amd64 trusted=yes] https://x.example ./" > /etc/apt/a.list\n'),
        at="echo",
        says="trusted=yes",
        fix="review",
        becomes="deb [arch=amd64] https",
    ),
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nRUN cat > /etc/apt/a.list <<EOF\ndeb [trusted=yes] https://x.example ./\nEOF\n"),
        at="cat",
    ),
    passes(
        "IMG008",
        dockerfile(
            "FROM debian:13\nENV NODE_TLS_REJECT_UNAUTHORIZED=1 GIT_SSL_NO_VERIFY=\n"
            "RUN echo 'deb [signed-by=/k.gpg] https://x.example ./ # trusted=yes' > /etc/apt/a.list\n"
        ),
    ),
    passes("IMG008", dockerfile("FROM debian:13\nRUN curl -fsSL https://x.example/x -o /x\n")),
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nRUN aws s3 cp --no-verify-ssl s3://a b\n"),
        at="--no-verify-ssl",
        fix="review",
    ),
    fails(
        "IMG008", dockerfile("FROM python:3.13\nENV PIP_TRUSTED_HOST=x.example\n"), at="PIP_TRUSTED_HOST", fix="review"
    ),
    fails("IMG008", dockerfile("FROM python:3.13\nRUN pip config set global.trusted-host x.example\n"), at="pip"),
    fails("IMG008", dockerfile("FROM golang:1.25\nENV GOSUMDB=off\n"), at="GOSUMDB", fix="review"),
    fails("IMG008", dockerfile("FROM debian:13\nRUN echo insecure >> ~/.curlrc\n"), at="echo"),
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nRUN ssh -o StrictHostKeyChecking=no git@x.example true\n"),
        at="ssh -o",
        fix="review",
        becomes="RUN ssh git@x.example true",
    ),
    fails(
        "IMG008",
        dockerfile("FROM debian:13\nENV GIT_SSH_COMMAND='ssh -o StrictHostKeyChecking=no'\n"),
        at="GIT_SSH_COMMAND",
        fix="review",
    ),
    fails(
        "IMG008",
        dockerfile("FROM conda:26\nRUN conda config --set ssl_verify false\n"),
        at="conda config",
        fix="review",
        becomes="ssl_verify true",
    ),
    fails(
        "IMG008",
        dockerfile(
            'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell"]\n'
            "RUN Invoke-WebRequest -SkipCertificateCheck https://x.example/y -OutFile y.txt\n"
        ),
        at="Invoke-WebRequest -Skip",
    ),
    fails(
        "IMG008",
        dockerfile(
            "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN powershell -Command "
            "[System.Net.ServicePointManager]::ServerCertificateValidationCallback = {$true}; iwr https://x.example\n"
        ),
        at="RUN powershell",
    ),
    fails(
        "IMG008",
        dockerfile("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN curl.exe -k https://x.example/x -o x\n"),
        at="curl.exe -k",
        fix="review",
        becomes="curl.exe https",
    ),
    passes("IMG008", dockerfile("FROM golang:1.25\nENV GOSUMDB=sum.golang.org PIP_TRUSTED_HOST=\nRUN true\n")),
    passes("IMG008", dockerfile("FROM debian:13\nRUN echo 'verbose' >> ~/.curlrc && echo insecure > /notes\n")),
    passes("IMG008", dockerfile("FROM debian:13\nRUN ssh -o StrictHostKeyChecking=accept-new git@x.example true\n")),
    # IMG009: caches of package managers
    fails(
        "IMG009",
        dockerfile("FROM debian:13\nRUN apt-get update && apt-get install -y curl\n"),
        at="apt-get install",
        fix="safe",
        becomes="install -y curl && rm -rf /var/lib/apt/lists/*\n",
    ),
    fails(
        "IMG009",
        dockerfile("FROM debian:13\nRUN set -eu; apt-get update; apt-get install -y curl; rm -rf /x\n"),
        at="apt-get install",
        fix="safe",
        becomes="curl; rm -rf /var/lib/apt/lists/*; rm -rf /x\n",
    ),
    fails(
        "IMG009",
        dockerfile(
            "FROM debian:13\nRUN apt-get update \\\n    && apt-get install -y \\\n      curl \\\n      # why\n"
            "      git \\\n    && true\n"
        ),
        at="apt-get install",
        fix="safe",
        becomes="      git \\\n      && rm -rf /var/lib/apt/lists/* \\\n    && true\n",
    ),
    # a later RUN needs the lists, or what comes of one more command cannot be seen
    fails(
        "IMG009", dockerfile("FROM debian:13\nRUN apt-get install -y a\nRUN apt-get remove b\n"), at="apt-get install"
    ),
    fails("IMG009", dockerfile("FROM debian:13\nRUN if true; then apt-get install -y a; fi\n"), at="apt-get install"),
    fails("IMG009", dockerfile("FROM debian:13\nRUN (apt-get install -y a)\n"), at="apt-get install"),
    fails("IMG009", dockerfile("FROM debian:13\nRUN apt-get install -y a || true\n"), at="apt-get install"),
    fails("IMG009", dockerfile("FROM debian:13\nRUN apt-get install -y a # why\n"), at="apt-get install"),
    fails("IMG009", dockerfile("FROM debian:13\nRUN cat <<E >/x && apt install b\nfoo\nE\n"), at="apt install"),
    fails(
        "IMG009",
        dockerfile("FROM debian:13\nRUN apt-get update && apt-get install \\\n        curl && \\\n    true\n"),
        at="apt-get install",
        fix="safe",
        becomes="        curl && \\\n    rm -rf /var/lib/apt/lists/* && \\\n    true\n",
    ),
    fails(
        "IMG009",
        dockerfile("FROM debian:13\nRUN <<E\napt-get update\napt-get install -y a\nE\n"),
        at="apt-get install",
        fix="safe",
        becomes="install -y a && rm -rf /var/lib/apt/lists/*\nE\n",
    ),
    fails(
        "IMG009",
        dockerfile("FROM debian:13\nRUN <<-E\n\tset -e\n\tapt update && apt install -y a\n\ttrue\nE\n"),
        at="apt update",
        fix="safe",
        becomes="install -y a\n\trm -rf /var/lib/apt/lists/*\n\ttrue\nE\n",
    ),
    fails(
        "IMG009",
        dockerfile("FROM alpine:3.22\nRUN <<E\napk update\napk add git\nE\n"),
        at="apk add",
        fix="safe",
        becomes="apk add --no-cache git\nE\n",
    ),
    fails("IMG009", dockerfile('FROM debian:13\nRUN ["apt-get", "install", "a"]\n'), at="RUN"),
    fails(
        "IMG009",
        dockerfile("FROM fedora:43\nRUN dnf -y install curl && true\n"),
        at="dnf",
        fix="safe",
        becomes="curl && dnf clean all && true\n",
    ),
    fails(
        "IMG009",
        dockerfile("FROM python:3.13\nRUN pip install web && python -m pip install --upgrade x\n"),
        at="pip",
        says="--no-cache-dir",
        fix="safe",
        becomes="pip install --no-cache-dir web && python -m pip install --no-cache-dir --upgrade x\n",
    ),
    fails(
        "IMG009",
        dockerfile("FROM alpine:3.22\nRUN apk add --update \\\n    curl\n"),
        at="apk add",
        fix="safe",
        becomes="apk add --no-cache --update \\\n    curl\n",
    ),
    passes(
        "IMG009",
        dockerfile("FROM debian:13\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n"),
    ),
    passes("IMG009", dockerfile("FROM alpine:3.22\nRUN apk add --no-cache curl\n")),
    passes("IMG009", dockerfile("FROM python:3.13\nENV PIP_NO_CACHE_DIR=1 A=b\nRUN pip install web\n")),
    passes("IMG009", dockerfile("FROM python:3.13\nARG PIP_NO_CACHE_DIR=off\nRUN python -m pip install web\n")),
    passes("IMG009", dockerfile("FROM python:3.13\nRUN PIP_NO_CACHE_DIR=1 pip install web\n")),
    passes("IMG009", dockerfile("FROM python:3.13\nRUN export PIP_NO_CACHE_DIR=1; pip install web\n")),
    passes("IMG009", dockerfile("FROM python:3.13\nENV UV_NO_CACHE=1\nRUN uv pip install web\n")),
    fails(
        "IMG009",
        dockerfile("FROM python:3.13\nRUN pip install web\nENV PIP_NO_CACHE_DIR=1\n"),
        at="pip install",
        fix="safe",
        becomes="--no-cache-dir",
    ),
    passes("IMG009", dockerfile("FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip pip install web\n")),
    passes("IMG009", dockerfile("FROM debian:13 AS build\nRUN apt-get install -y gcc\nFROM debian:13\nRUN true\n")),
    # IMG010: tools of the build
    fails(
        "IMG010", dockerfile("FROM debian:13\nRUN apt-get install -y gcc make curl\n"), at="gcc", says="gcc, make stay"
    ),
    passes("IMG010", dockerfile("FROM debian:13 AS build\nRUN apt-get install -y gcc\nFROM debian:13\nRUN true\n")),
    passes("IMG010", dockerfile("FROM alpine:3.22\nRUN apk add --virtual .build gcc && make && apk del .build\n")),
    passes("IMG010", dockerfile("FROM debian:13\nRUN apt-get install -y gcc && make && apt-get purge -y gcc\n")),
    # IMG011: everybody may write
    fails(
        "IMG011",
        dockerfile("# the shop\nFROM debian:13\nRUN mkdir /data && chmod -R 777 /data\n"),
        at="chmod -R 777",
        severity="medium",
        fix="review",
        becomes="chmod -R 775 /data",
    ),
    fails(
        "IMG011",
        dockerfile("FROM debian:13\nCOPY --chmod=0666 web.conf /etc/web.conf\n"),
        at="--chmod=0666",
        fix="review",
        becomes="--chmod=0664",
    ),
    fails("IMG011", dockerfile("FROM debian:13\nRUN chmod a+w /data\n"), at="a+w"),
    fails(
        "IMG011",
        dockerfile('# the shop\nFROM debian:13\nRUN ["chmod", "777", "/data"]\n'),
        at="777",
        fix="review",
        becomes='RUN ["chmod", "775", "/data"]',
    ),
    fails(
        "IMG011",
        dockerfile('# the shop\nFROM debian:13\nRUN ["/bin/bash", "-c", "cd \\"$HOME\\"; chmod 777 /data"]\n'),
        at="777",
        fix="review",
        becomes="chmod 775 /data",
    ),
    fails("IMG011", dockerfile("FROM debian:13\nCOPY --chmod=a+rwx web /web\n"), at="--chmod=a+rwx"),
    fails("IMG011", dockerfile("FROM debian:13\nCOPY --chmod=ugo=rw web /web\n"), at="--chmod=ugo=rw"),
    fails(
        "IMG011",
        dockerfile("# the shop\nFROM debian:13\nRUN find /web -type d -exec chmod 777 {} +\n"),
        at="chmod 777",
        fix="review",
        becomes="-exec chmod 775 {} +",
    ),
    fails("IMG011", dockerfile("FROM debian:13\nRUN find /web -print0 | xargs -0 chmod 777\n"), at="777", fix="review"),
    passes("IMG011", dockerfile("FROM debian:13\nCOPY --chmod=u+rwx,go+rX web /web\n")),
    passes("IMG011", dockerfile("FROM debian:13\nRUN chmod 1777 /tmp && chmod 755 /web\n")),
    passes("IMG011", dockerfile("FROM debian:13\nCOPY --chmod=755 web /web\n")),
    passes("IMG011", dockerfile("FROM debian:13 AS build\nCOPY --chmod=777 x /x\nFROM debian:13\nCOPY y /y\n")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)


@pytest.mark.parametrize(
    ("check", "before", "after"),
    [
        ("IMG005", "curl -s https://x.example/a | sh", "curl -fsSL --retry 3 https://x.example/a | sh"),
        ("IMG005", "curl -s http://x.example/a | sh", "curl -s https://x.example/a | bash -x"),
        (
            "IMG005",
            "wget -q https://x.example/a -O a.sh && sh a.sh",
            "wget https://x.example/a -O a.sh; sh -x a.sh --all",
        ),
        ("IMG005", "curl -s $FROM | sh", "curl -sS $FROM | sh"),
        ("IMG005", "pwsh -c 'iex (irm https://x.example/a)'", "pwsh -c 'iex (irm -TimeoutSec 9 https://x.example/a)'"),
        ("IMG008", "curl -kfsS https://x.example/a -o a", "curl -fsSLk https://x.example/a -o a"),
        ("PRV015", "sudo make install", "sudo make --jobs 2 install"),
        ("PRV015", "chmod u+s /web", "chmod --verbose u+s /web"),
        ("PRV019", "make", "make install"),
    ],
)
def test_other_words_of_a_command_make_no_new_finding(check: str, before: str, after: str) -> None:
    flag = "--security=insecure " if check == "PRV019" else ""
    marks = [
        [one.fingerprint for one in findings({"Dockerfile": f"FROM debian:13\nRUN {flag}{command}\n"}, check)]
        for command in (before, after)
    ]
    assert len(marks[0]) == 1
    assert marks[0] == marks[1]


def test_two_findings_of_one_instruction_are_told_apart() -> None:
    text = (
        "FROM debian:13\nRUN curl -s https://a.example/x | sh; curl -s https://b.example/x | sh; "
        "curl -s https://a.example/x | sh\n"
    )
    assert len({one.fingerprint for one in findings({"Dockerfile": text}, "IMG005")}) == 3


def test_a_command_is_added_to_a_run_in_whatever_order_another_fix_adds_an_instruction(tmp_path: Path) -> None:
    """What both add stands at the same place of the file where the RUN is the last instruction."""
    text = "FROM nginx:1.29\nRUN apt-get update && apt-get install -y curl"
    (tmp_path / "Dockerfile").write_text(text)
    [finding] = api.scan([str(tmp_path)], Settings(checks=("IMG009",))).judged
    fix = finding.failure.fix
    assert fix is not None
    [change] = fix.steps
    assert isinstance(change, DocumentEdit)
    user = InsertAfter(("instruction", 1), "USER 101")
    wanted = f"{text} && rm -rf /var/lib/apt/lists/*\nUSER 101"
    assert [edited(text, *edits) for edits in ((user, change.edit), (change.edit, user))] == [wanted, wanted]
