"""Builds the images of the shop as a registry would hand them out, without Docker and the same each time.

    python examples/webshop-images/build.py FOLDER

writes FOLDER/web.tar (nginx, reachable through the Ingress of the shop) and FOLDER/api.tar (Flask, inside the
cluster), each as `docker save` does. What is wrong with them is what the Dockerfiles in examples/webshop do: a root
user, an SSH daemon, files that everybody may write, an .env file that a later step deletes. Their packages are those
of Debian 12 and PyPI as they were in early 2024; the programs themselves are left out, since nothing is run.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

BASE = {
    "base-files": ("base-files", "12.4+deb12u5"),
    "bash": ("bash", "5.2.15-2+b2"),
    "libc6": ("glibc", "2.36-9+deb12u2"),
    "libexpat1": ("expat", "2.5.0-1"),
    "libgssapi-krb5-2": ("krb5", "1.20.1-2+deb12u1"),
    "libssl3": ("openssl", "3.0.11-1~deb12u2"),
    "openssl": ("openssl", "3.0.11-1~deb12u2"),
    "perl-base": ("perl", "5.36.0-7+deb12u1"),
    "util-linux": ("util-linux", "2.38.1-5+b1"),
    "zlib1g": ("zlib", "1:1.2.13.dfsg-1"),
}
WEB = {
    "curl": ("curl", "7.88.1-10+deb12u5"),
    "libcurl4": ("curl", "7.88.1-10+deb12u5"),
    "nginx": ("nginx", "1.22.1-9"),
    "openssh-server": ("openssh", "1:9.2p1-2+deb12u2"),
}
PYTHON = {
    "Flask": "3.0.0",
    "Jinja2": "3.1.2",
    "Werkzeug": "3.0.0",
    "certifi": "2023.7.22",
    "gunicorn": "21.2.0",
    "idna": "3.4",
    "requests": "2.31.0",
    "urllib3": "2.0.6",
}
OWNED = {
    "bash": ["usr/bin/bash"],
    "curl": ["usr/bin/curl"],
    "nginx": ["usr/sbin/nginx"],
    "openssh-server": ["usr/sbin/sshd"],
    "util-linux": ["usr/bin/su"],
}
FILES = {"usr/bin/su": 0o4755, "usr/bin/passwd": 0o4755, "usr/bin/bash": 0o755, "usr/bin/curl": 0o755}
SECRETS = b"# copied by mistake\nDATABASE_PASSWORD=Wint3rSale-2024-qx\nSTRIPE_KEY_FILE=/run/secrets/stripe\n"
LISTS = b"Package: not-installed\n\n" * 60_000  # what apt-get update leaves behind
RELEASE = (
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n'
    "VERSION_CODENAME=bookworm\nID=debian\n"
)


def status(packages: dict[str, tuple[str, str]]) -> bytes:
    """The dpkg database."""
    rows = []
    for name, (source, version) in sorted(packages.items()):
        built = version.removesuffix("+b1").removesuffix("+b2")
        origin = f"{source} ({built})" if built != version else source
        rows.append(
            f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nSource: {origin}\n"
            f"Version: {version}\nMaintainer: Debian <{source}@packages.debian.org>\n"
        )
    return "\n".join(rows).encode()


def lists(packages: dict[str, tuple[str, str]]) -> dict[str, tuple[bytes, int]]:
    """Which package owns which file."""
    return {
        f"var/lib/dpkg/info/{name}.list": ("".join(f"/{path}\n" for path in OWNED[name]).encode(), 0o644)
        for name in packages
        if name in OWNED
    }


def layer(files: dict[str, tuple[bytes, int]]) -> bytes:
    """One layer; no time of day in it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (data, mode) in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), mode
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def save(path: Path, name: str, config: dict[str, Any], layers: list[tuple[str, bytes]]) -> None:
    """What `docker save` writes."""
    digests = [hashlib.sha256(data).hexdigest() for _, data in layers]
    days = ["2024-01-31", *["2024-02-13"] * (len(layers) - 1)]  # the base is older than what stands on it
    history = [{"created": f"{day}T00:40:00Z", "created_by": step} for day, (step, _) in zip(days, layers, strict=True)]
    image = {
        "architecture": "amd64",
        "os": "linux",
        "created": "2024-02-13T00:40:00Z",
        "config": config,
        "history": history,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{one}" for one in digests]},
    }
    data = json.dumps(image, sort_keys=True).encode()
    named = f"{hashlib.sha256(data).hexdigest()}.json"
    manifest = [{"Config": named, "RepoTags": [name], "Layers": [f"{one}/layer.tar" for one in digests]}]
    files = {named: data, "manifest.json": json.dumps(manifest).encode()}
    files |= {f"{one}/layer.tar": content for one, (_, content) in zip(digests, layers, strict=True)}
    path.write_bytes(layer({key: (value, 0o644) for key, value in files.items()}))


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write(__doc__ or "")
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    base = layer(
        {
            "etc/os-release": (RELEASE.encode(), 0o644),
            "var/lib/dpkg/status": (status(BASE), 0o644),
            **lists(BASE),
            **{path: (b"\x7fELF", mode) for path, mode in FILES.items() if path != "usr/bin/curl"},
        }
    )
    nginx = layer(
        {
            "var/lib/dpkg/status": (status(BASE | WEB), 0o644),
            **lists(WEB),
            "usr/sbin/nginx": (b"\x7fELF", 0o755),
            "usr/sbin/sshd": (b"\x7fELF", 0o755),
            "usr/bin/curl": (b"\x7fELF", 0o755),
            "var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages": (LISTS, 0o644),
        }
    )
    pages = layer({"usr/share/nginx/html/index.html": (b"<h1>The shop</h1>\n", 0o777)})
    site = "usr/lib/python3/dist-packages"
    app = {"app/app.py": (b"import flask\nimport requests\n", 0o644)}
    for name, version in PYTHON.items():
        record = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n".encode()
        app[f"{site}/{name}-{version}.dist-info/METADATA"] = (record, 0o644)
        module = f"{name.lower()}/__init__.py"
        app[f"{site}/{module}"] = (b"", 0o644)
        app[f"{site}/{name}-{version}.dist-info/RECORD"] = (f"{module},,\n".encode(), 0o644)
    web = {"Cmd": ["nginx", "-g", "daemon off;"], "ExposedPorts": {"80/tcp": {}, "22/tcp": {}}}
    variables = ["PATH=/usr/local/bin:/usr/bin:/bin", "PYTHON_VERSION=3.8.20", "DATABASE_PASSWORD=Wint3rSale"]
    api = {"Entrypoint": ["python", "/app/app.py"], "User": "root", "Env": variables}
    debian = "/bin/sh -c #(nop) ADD file:base in /"
    save(
        folder / "web.tar",
        "registry.shop.example/shop/web:latest",
        web,
        [
            (debian, base),
            ("/bin/sh -c apt-get update && apt-get install -y nginx curl openssh-server", nginx),
            ("/bin/sh -c chmod -R 777 /usr/share/nginx/html", pages),
        ],
    )
    save(
        folder / "api.tar",
        "registry.shop.example/shop/api:2.4.1",
        api,
        [
            (debian, base),
            ("COPY .env /app/.env", layer({"app/.env": (SECRETS, 0o644)})),
            ("/bin/sh -c pip install -r requirements.txt", layer(app)),
            ("/bin/sh -c rm /app/.env", layer({"app/.wh..env": (b"", 0o644)})),
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
