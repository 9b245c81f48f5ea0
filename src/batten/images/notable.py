"""Which files of an image are worth a word by their name: what could go, what should not be there."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from batten.pattern import pattern

_SHELLS: Final = "sh bash dash ash zsh ksh mksh csh tcsh fish busybox toybox pwsh"
_PACKAGE_MANAGERS: Final = (
    "apt apt-get aptitude dpkg apk yum dnf dnf5 microdnf tdnf rpm zypper pacman opkg emerge xbps-install nix-env snap "
    "pip pip3 pipx uv poetry conda mamba npm npx yarn pnpm corepack gem bundle bundler composer cpan cpanm luarocks"
)
_COMPILERS: Final = (
    "gcc cc g++ c++ cpp clang clang++ tcc go gofmt rustc cargo javac ghc ocamlopt gfortran ld ld.bfd ld.gold lld as "
    "make gmake cmake ninja meson autoconf automake libtool bison flex gdb strace ltrace"
)
_NETWORK_TOOLS: Final = (
    "curl wget nc ncat netcat nc.openbsd nc.traditional nmap telnet ftp lftp tftp socat tcpdump tshark ssh scp sftp "
    "rsync dig nslookup host traceroute ping ip ifconfig ss netstat arp iptables nft"
)
_INTERPRETERS: Final = "python perl ruby node nodejs php lua luajit java tclsh guile erl bun deno"
_DAEMONS: Final = "sshd dropbear tinysshd telnetd in.telnetd rshd rlogind"

_PROGRAMS: Final[dict[str, str]] = {
    name: kind
    for kind, names in (
        ("shell", _SHELLS),
        ("package-manager", _PACKAGE_MANAGERS),
        ("compiler", _COMPILERS),
        ("network-tool", _NETWORK_TOOLS),
        ("interpreter", _INTERPRETERS),
        ("ssh-daemon", _DAEMONS),
    )
    for name in names.split()
}
_PROGRAM_FOLDERS: Final = ("bin", "sbin")

_CACHES: Final = pattern(
    r"(?:var/cache/(?:apt|apk|yum|dnf|libdnf5|tdnf|zypp|pacman/pkg|debconf)|var/lib/apt/lists|var/lib/(?:yum|dnf)/repos"
    r"|(?:root|home/[^/]+)/(?:\.cache|\.npm/_cacache|\.yarn/cache|\.cargo/registry|\.m2/repository|\.gradle/caches"
    r"|\.composer/cache|\.nuget/packages|\.gem/specs|\.bundle/cache|\.conda/pkgs|go/pkg/mod/cache)"
    r"|usr/local/share/\.cache|go/pkg/mod/cache|usr/local/cargo/registry|opt/conda/pkgs|usr/local/bundle/cache"
    r"|tmp|var/tmp)(?=/|$)"
)
# Files of packages: samples, tests and templates that nobody's secret is in.
_SYSTEM: Final = pattern(
    r"(?:usr/(?:share|lib|lib32|lib64|libx32|libexec|include|src|bin|sbin|games)|lib|lib32|lib64|libx32|bin|sbin"
    r"|var/lib/(?:dpkg|rpm|apt|pacman|alternatives)|var/cache|usr/local/(?:lib|include|go|cargo|rustup)|go/pkg|boot"
    r"|etc/(?:ssl/certs|ca-certificates|pki/(?:ca-trust|tls/certs|rpm-gpg)|alternatives|apparmor\.d|init\.d|rc\d\.d))"
    r"(?:/|$)"
)
_VENDORED: Final = pattern(
    r"(?:^|/)(?:node_modules|site-packages|dist-packages|vendor/(?:bundle|cache|github\.com)|gems|\.git/objects"
    r"|__pycache__|\.m2|pkg/mod|conda-meta|locale|i18n|share/(?:jupyter|doc|man|icons|fonts))(?:/|$)"
)
_LIBRARIES: Final = pattern(
    r"(?:^|/)(?:node_modules|site-packages|dist-packages|gems|python\d[\d.]*|\.venv/lib|tests?)(?:/|$)"
)

_SECRET_NAMES: Final = pattern(
    r"(?:\.env(?:\..*)?|.*\.env|[._]?netrc|\.pgpass|\.my\.cnf|\.npmrc|\.yarnrc(?:\.yml)?|\.pypirc|\.git-credentials"
    r"|\.gitconfig|\.dockercfg|\.htpasswd|\.bash_history|\.?s3cfg|\.boto|credentials(?:\.\w+)?|config|kubeconfig|auth\.json"
    r"|.*\.(?:pem|key|p8|tfstate|tfvars|properties|ini|conf|cfg|cnf|config|ya?ml|json|toml|xml|sh|bash|sql|txt|py|rb|js|ts"
    r"|php|pl|go|java|kt|cs|env|secret|secrets|token|password|passwd|htpasswd|ovpn|ppk|rdp|plist|gradle|tf|list)"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|ssh_host_\w+_key|(?i:.*(?:secret|passw|token|credential).*)"
    r"|shadow-?|Dockerfile.*|docker-compose.*|Makefile|Procfile|Jenkinsfile|web\.config|wp-config\.php)"
)
_KEY_STORES: Final = (".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk", ".ovpn")
_KEY_NAMES: Final = pattern(r"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|ssh_host_\w+_key")


class Zone(Struct, frozen=True):
    """What the folder of a file says of it: worked out once per folder."""

    programs: bool
    """Programs lie here: `…/bin`, `…/sbin`."""
    cache: bool
    packaged: bool
    """What lies here came with packages: not searched for secrets."""
    library: bool
    """Modules of packages lie here: their imports are the packages' own matter."""


def zone(folder: str) -> Zone:
    return Zone(
        folder.rpartition("/")[2] in _PROGRAM_FOLDERS,
        _CACHES.match(folder) is not None,
        _SYSTEM.match(folder) is not None or _VENDORED.search(folder) is not None,
        _LIBRARIES.search(folder) is not None,
    )


def cache_folder(path: str) -> str:
    """The cache that `path` lies in, `var/lib/apt/lists`; "" where it is in none."""
    found = _CACHES.match(path)
    return found[0] if found else ""


def program_kind(name: str) -> str:
    """What a program of this name is for: `shell`, `compiler` …; "" where it is nothing notable."""
    kind = _PROGRAMS.get(name)
    if kind is None and ("-" in name or name[-1:].isdigit()):
        # `gcc-12`, `python3.11`, `x86_64-linux-gnu-gcc-12`
        bare = name.rstrip("0123456789.").rstrip("-").rpartition("-linux-gnu-")[2] or name
        kind = _PROGRAMS.get(bare)
    return kind or ""


def may_hold_secrets(name: str) -> bool:
    """Is a text of this name likely to be somebody's settings? Asked outside of packages only."""
    return name != "nsswitch.conf" and _SECRET_NAMES.fullmatch(name) is not None  # `passwd: files` is no password


def is_key_store(name: str) -> bool:
    """Binary files that hold private keys by their nature."""
    return name.lower().endswith(_KEY_STORES)


def is_key_name(name: str) -> bool:
    return _KEY_NAMES.fullmatch(name) is not None
