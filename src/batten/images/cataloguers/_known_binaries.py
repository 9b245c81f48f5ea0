"""Programs that carry their own version: where they lie, and how the version is written in them.

A table of facts, each seen in the program itself or in its source. The products are those of the CPE
dictionary, by which advisories name what is in no package manager.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Known(Struct, frozen=True):
    """One program or library. The version is the first group of the first of `versions` that is found."""

    name: str
    """Of the package URL, type `generic`."""
    files: str
    """Regular expression for the whole file name."""
    versions: tuple[bytes, ...]
    """Regular expressions for what stands in the file; all parts of bounded length."""
    product: tuple[str, str]
    """Vendor and product of the CPE."""


_THREE: Final = rb"(\d{1,4}\.\d{1,4}\.\d{1,4})"
_SHARED: Final = r"\.so(?:\.\d[\d.]*)?"
_REDIS: Final = (
    rb"(?<![\d.])" + _THREE + rb"[0-9a-f]{12}-\d{9,20}\0",
    rb"(?<![\d.])" + _THREE + rb"(?:[A-Za-z][\w.-]{0,60}?-\d{9,20}|\d{10}0{9})\0",
)
"""Version and build: a container's identifier or a host's name and the time, or the time of a reproducible build
(Redis, src/mkreleasehdr.sh)."""

PROGRAMS: Final = (
    Known(
        "python",
        rf"python\d(?:\.\d+)?(?:\.exe)?|libpython\d\.\d+m?{_SHARED}",
        (rb"\0([23]\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d{1,2})?\+?)\0",),
        ("python", "python"),
    ),
    Known("node", r"node(?:\.exe)?|nodejs|libnode\.so\.\d+", (rb"node(?:\.js)?/v" + _THREE,), ("nodejs", "node.js")),
    Known(
        "nginx",
        r"nginx|openresty",
        (rb"nginx version: [a-z]{1,20}/" + _THREE, rb"nginx/" + _THREE),
        ("f5", "nginx"),
    ),
    Known("httpd", r"httpd|apache2", (rb"Apache/" + _THREE,), ("apache", "http_server")),
    Known("redis", r"redis-(?:server|sentinel|check-rdb|check-aof)", _REDIS, ("redis", "redis")),
    Known("valkey", r"valkey-(?:server|sentinel|check-rdb|check-aof)", _REDIS, ("lfprojects", "valkey")),
    Known(
        "postgresql",
        r"postgres",
        (rb"PostgreSQL\) (\d{1,2}(?:\.\d{1,3}){1,2})", rb"PostgreSQL (\d{1,2}(?:\.\d{1,3}){1,2})"),
        ("postgresql", "postgresql"),
    ),
    Known("mariadb", r"mariadbd|mysqld|mariadb", (_THREE + rb"-MariaDB",), ("mariadb", "mariadb")),
    Known("mysql", r"mysqld", (rb"mysql-" + _THREE + rb"[/-]", rb"mysqld-" + _THREE), ("oracle", "mysql")),
    Known("busybox", r"busybox(?:\.static)?", (rb"BusyBox v" + _THREE,), ("busybox", "busybox")),
    Known(
        "openssl",
        rf"openssl|lib(?:crypto|ssl){_SHARED}",
        (rb"OpenSSL (\d\.\d{1,2}\.\d{1,3}[a-z]{0,2}) (?:\d|[A-Z])",),
        ("openssl", "openssl"),
    ),
    Known(
        "php",
        r"php(?:-fpm|-cgi)?\d?(?:\.\d)?|libphp\d?(?:\.\d)?\.so",
        (rb"X-Powered-By: PHP/" + _THREE, rb"PHP/" + _THREE),
        ("php", "php"),
    ),
    Known(
        "ruby",
        rf"ruby(?:\d(?:\.\d)?)?|libruby(?:-\d\.\d)?{_SHARED}",
        (rb"ruby " + _THREE,),
        ("ruby-lang", "ruby"),
    ),
    Known("perl", rf"perl(?:5[\d.]*)?|libperl{_SHARED}", (rb"/perl5?/(5\.\d{1,2}\.\d{1,2})",), ("perl", "perl")),
    Known(
        "haproxy",
        r"haproxy",
        (rb"version (\d\.\d{1,2}(?:\.|-dev)\d{1,3})[^\0]{0,60}, released 20", rb"HA-?Proxy version " + _THREE),
        ("haproxy", "haproxy"),
    ),
    Known(
        "memcached", r"memcached", (rb"memcached " + _THREE, rb"\0(1\.\d{1,2}\.\d{1,3})\0"), ("memcached", "memcached")
    ),
    Known("consul", r"consul", (rb"CONSUL_VERSION: " + _THREE,), ("hashicorp", "consul")),
    Known(
        "curl",
        rf"curl|libcurl(?:-gnutls)?{_SHARED}",
        (rb"libcurl/" + _THREE, rb"curl/" + _THREE, rb"\0curl " + _THREE),
        ("haxx", "curl"),
    ),
    Known("bash", r"bash", (rb"@\(#\)Bash version " + _THREE,), ("gnu", "bash")),
    Known(
        "openssh",
        r"sshd|ssh",
        (rb"OpenSSH_(\d{1,2}\.\d{1,2}p\d)", rb"OpenSSH_(\d{1,2}\.\d{1,2})\0"),
        ("openbsd", "openssh"),
    ),
    Known("dropbear", r"dropbear(?:multi)?", (rb"dropbear_(\d{4}\.\d{2})",), ("dropbear_ssh_project", "dropbear_ssh")),
    Known("lighttpd", r"lighttpd", (rb"lighttpd/" + _THREE,), ("lighttpd", "lighttpd")),
    Known("varnish", r"varnishd", (rb"varnish-" + _THREE,), ("varnish-software", "varnish_cache")),
    Known("zlib", rf"libz{_SHARED}", (rb" deflate (1\.\d{1,2}(?:\.\d{1,3}){0,2}) Copyright",), ("zlib", "zlib")),
)

TEXTS: Final = (
    Known(
        "go",
        r"(?:.*/)?go/VERSION",
        (rb"^go(\d{1,2}\.\d{1,2}(?:\.\d{1,3})?(?:(?:rc|beta)\d{1,2})?)",),
        ("golang", "go"),
    ),
    Known(
        "erlang",
        r"(?:.*/)?releases/\d{1,3}/OTP_VERSION",
        (rb"^(\d{1,3}\.\d{1,3}(?:\.\d{1,3}){0,3})",),
        ("erlang", "erlang/otp"),
    ),
    Known("openjdk", r".+/release", (rb'(?m)^JAVA_VERSION="([\w.+-]{1,40})"',), ("oracle", "openjdk")),
)
"""Here `files` is for the whole path."""
