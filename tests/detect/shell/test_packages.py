"""Package managers: packages, versions, caches."""

from __future__ import annotations

import pytest

from batten.detect.shell import cache_cleanups, commands, installed, package_manager_calls


@pytest.mark.parametrize(
    ("text", "manager", "packages"),
    [
        ("apt-get install -y --no-recommends curl=7.88.1-10 git", "apt", [("curl", "7.88.1-10"), ("git", None)]),
        ("apt-get -o X=1 -t stable install -yq g++ old-", "apt", [("g++", None)]),
        ("apt install vim/stable", "apt", [("vim", None)]),
        ("apk add --no-cache -t .build 'gcc=~12' py3-x@edge", "apk", [("gcc", "12"), ("py3-x", None)]),
        ("apk add 'a>1' b=1.2-r0", "apk", [("a", None), ("b", "1.2-r0")]),
        ("yum install -y --setopt=x=y httpd-2.4.6-97", "yum", [("httpd", "2.4.6-97")]),
        ("yum install java-17-x java-1.8.0-x", "yum", [("java-17-x", None), ("java-1.8.0-x", None)]),
        ("dnf install java-1.8.0-openjdk-1.8.0.342", "dnf", [("java-1.8.0-openjdk", "1.8.0.342")]),
        ("microdnf install nginx", "microdnf", [("nginx", None)]),
        ("zypper -n in 'a=1.2' b", "zypper", [("a", "1.2"), ("b", None)]),
        ("pip install -r req.txt flask==3.0.0 'u[std]>=0.2'", "pip", [("flask", "3.0.0"), ("u", None)]),
        ("pip3 install 'x==1.*'", "pip", [("x", None)]),
        ("python3 -m pip install --upgrade pip", "pip", [("pip", None)]),
        ("npm install -g @angular/cli@13 yarn@1.22.19", "npm", [("@angular/cli", None), ("yarn", "1.22.19")]),
        ("gem install rails:7.0.1 bundler", "gem", [("rails", "7.0.1"), ("bundler", None)]),
        ("gem install rails -v 7.0.1", "gem", [("rails", "7.0.1")]),
        ('apt-get install "curl=${VERSION}" $MORE', "apt", [("curl", "${VERSION}"), (None, None)]),
    ],
)  # fmt: skip
def test_what_is_installed(text: str, manager: str, packages: list[tuple[str | None, str | None]]) -> None:
    (call,) = package_manager_calls(commands(text))
    assert (call.manager, call.installs) == (manager, True)
    assert [(package.name, package.version) for package in call.packages] == packages
    assert text[call.start : call.end] == text


def test_flags_of_a_call() -> None:
    (call,) = package_manager_calls(commands("sudo apt-get -y install --no-install-recommends a"))
    assert call.has("-y")
    assert call.has("--no-install-recommends")
    assert not call.has("--force-yes")
    assert call.tool == "apt-get"


def test_other_subcommands_install_nothing() -> None:
    found = package_manager_calls(commands("apt-get update && npm ci && npm run build && yum clean all"))
    assert [(call.subcommand, call.packages) for call in found] == [
        ("update", ()),
        ("ci", ()),
        ("run", ()),
        ("clean", ()),
    ]


def test_installed_finds_named_packages() -> None:
    found = installed(
        commands("apt-get install -y curl sudo=1.9 && apt-get remove openssh-server"), ["sudo", "openssh-server"]
    )
    assert [(package.name, package.version) for _, package in found] == [("sudo", "1.9")]


@pytest.mark.parametrize(
    ("text", "managers"),
    [
        ("rm -rf /var/lib/apt/lists/*", ["apt"]),
        ("rm -rf /tmp/* /var/lib/apt/lists/", ["apt"]),
        ("apk add --no-cache a", ["apk"]),
        ("rm -rf /var/cache/apk/*", ["apk"]),
        ("yum clean all", ["yum"]),
        ("dnf -y clean all", ["dnf"]),
        ("microdnf clean all", ["microdnf"]),
        ("zypper clean -a", ["zypper"]),
        ("pip install --no-cache-dir a", ["pip"]),
        ("npm cache clean --force", ["npm"]),
        ("apt-get clean", []),
        ("rm -rf /var/lib/aptitude", []),
        ("echo /var/lib/apt/lists/*", []),
    ],
)
def test_caches_that_are_cleaned(text: str, managers: list[str]) -> None:
    assert [item.manager for item in cache_cleanups(commands(text))] == managers


def test_cache_mounts_keep_caches_out() -> None:
    found = cache_cleanups(commands("apt-get install -y a"), ["/var/lib/apt", "/x"])
    assert [(item.manager, item.command) for item in found] == [("apt", None)]
