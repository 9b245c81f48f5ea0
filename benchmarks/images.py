"""The speed and memory of reading an image, beside decompressing and hashing alone, and beside Syft.

    python benchmarks/images.py [--image DIR] [--syft PROGRAM] [--jobs N] [--fleet N]

The image is made once, as root, from Debian's, PyPI's and npm's own packages (debootstrap, pip and npm must be
there), and kept in .benchmarks/image: five layers, more than 700 packages, more than 1.5 GB, as OCI layout with
gzip, as OCI layout with zstd, and as docker archive. With Syft beside it, every package that Syft lists and batten
does not is named, with the reason where it is none. The fleet is N images on three bases of these layers, each with
a program of its own. Figures depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import zstandard
from run import ROOT, Run, best, run, say

SYSTEM = "python3 python3-pip nginx nodejs gcc g++ ruby openjdk-17-jre-headless openssh-client git curl"
PYTHON = (
    "numpy pandas scipy scikit-learn matplotlib django flask fastapi uvicorn gunicorn celery sqlalchemy "
    "psycopg2-binary requests httpx aiohttp boto3 pillow lxml cryptography pydantic jinja2 sympy networkx pyarrow "
    "opencv-python-headless black mypy pytest sphinx jupyterlab"
)
NODE = (
    "express webpack webpack-cli typescript jest eslint react react-dom next lodash axios @babel/core @babel/preset-env"
)
FLOOR = """
import sys
from batten.images.unpack import Unpacked
from batten.images.reading import open_extent
from batten.sources.oci import Extent
for line in sys.stdin:
    path, offset, size = line.rstrip("\\n").rsplit("\\t", 2)
    Unpacked(open_extent(Extent(path, int(offset), int(size)))).drain()
"""
READ = """
import sys
from pathlib import Path
from batten.images import LayerCache, read_image
from batten.sources import open_target
target, jobs, cache = sys.argv[1:]
with open_target(target) as opened:
    for data in opened.images():
        content = read_image(data, jobs=int(jobs), cache=LayerCache(Path(cache)) if cache else None)
        for problem in content.problems:
            print(problem.path, problem.message, file=sys.stderr)
        print(len(content.packages), len(content.image.entry_files), content.image.size)
"""
LIST = """
import sys
from batten.images import read_image
from batten.sources import open_target
with open_target(sys.argv[1]) as opened:
    for data in opened.images():
        for one in read_image(data, jobs=1).packages:
            print(one.type, "/".join(filter(None, (one.namespace, one.name))), one.version, sep="\\t")
"""
FLEET = """
import sys
from pathlib import Path
from batten.images import LayerCache, read_image
from batten.sources import open_target
folder, number, cache = sys.argv[1:]
kept = LayerCache(Path(cache))
for index in range(int(number)):
    with open_target(f"oci:{folder}:{index}") as opened:
        for data in opened.images():
            content = read_image(data, jobs=1, cache=kept)
            assert not [problem for problem in content.problems if problem.severe], content.problems
            assert len(content.packages) > 200, len(content.packages)
"""


def tree(where: Path) -> list[Path]:
    """The layers of the image as tar archives, lowest first."""
    layers = [where / f"{number}.tar" for number in range(5)]
    if all(one.exists() for one in layers):
        return layers
    if shutil.which("debootstrap") is None or os.geteuid() != 0:
        sys.exit("the image is made with debootstrap, as root: apt-get install debootstrap")
    root = where / "root"
    remove(root)
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], **quiet)  # type: ignore[call-overload]
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copy("/etc/hosts", root / "etc/hosts")
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)  # Java's installation looks there
    install = ["chroot", root, "apt-get", "install", "-qq", "-y", "--no-install-recommends", *SYSTEM.split()]
    subprocess.run(install, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, **quiet)  # type: ignore[call-overload]
    for mounted in ("proc", "sys", "dev/pts", "dev/shm"):  # debootstrap leaves some of them
        if (root / mounted).is_mount():
            subprocess.run(["umount", root / mounted], check=True)
    pack(root, layers[0])
    status = root / "var/lib/dpkg/status"
    edits = where / "edits"
    write(edits / "var/lib/dpkg/status", without(status.read_text(), {"curl", "ruby"}).encode())
    write(edits / "usr/bin/.wh.curl", b"")
    write(edits / "var/cache/apt/.wh..wh..opq", b"")
    pack(edits, layers[1])
    python = where / "python"
    subprocess.run([sys.executable, "-m", "venv", "--copies", python / "opt/venv"], **quiet)  # type: ignore[call-overload]
    subprocess.run([python / "opt/venv/bin/pip", "install", "-q", *PYTHON.split()], **quiet)  # type: ignore[call-overload]
    write(python / "srv/app.py", b"import flask\nimport requests\n")
    pack(python, layers[2])
    node = where / "node"
    (node / "srv/web").mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "install", "--silent", "--prefix", node / "srv/web", *NODE.split()], **quiet)  # type: ignore[call-overload]
    if docker := shutil.which("docker"):  # a large program of Go
        write(node / "usr/local/bin/docker", Path(docker).read_bytes())
    pack(node, layers[3])
    hidden = where / "hidden"
    write(hidden / "usr/share/.wh.doc", b"")
    write(hidden / "var/lib/apt/.wh.lists", b"")
    pack(hidden, layers[4])
    for folder in (root, edits, python, node, hidden):
        remove(folder)
    return layers


def remove(folder: Path) -> None:
    """Removes a tree that was made here; never what is mounted in it."""
    if folder.exists():
        subprocess.run(["rm", "-rf", "--one-file-system", folder], check=True)


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def without(status: str, names: set[str]) -> str:
    kept = [one for one in status.split("\n\n") if one.partition("\n")[0].removeprefix("Package: ") not in names]
    return "\n\n".join(kept)


def pack(folder: Path, into: Path) -> None:
    with tarfile.open(into.with_suffix(".new"), "w", format=tarfile.GNU_FORMAT) as archive:
        for name in sorted(os.listdir(folder)):
            archive.add(folder / name, name)
    into.with_suffix(".new").rename(into)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def configuration(layers: list[Path]) -> bytes:
    raw = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["/opt/venv/bin/python", "/srv/app.py"], "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [digest(one) for one in layers]},
        "history": [{"created_by": f"RUN step {number}"} for number in range(len(layers))],
    }
    return json.dumps(raw).encode()


def layout(where: Path, layers: list[Path], packing: str, config: bytes) -> Path:
    """An OCI layout with gzip (level 6, as engines use) or zstd (level 3)."""
    if (where / "index.json").exists():
        return where
    shutil.rmtree(where, ignore_errors=True)
    blobs = where / "blobs/sha256"
    blobs.mkdir(parents=True)
    described = []
    for one in layers:
        made = where / "made"
        with one.open("rb") as source, made.open("wb") as target:
            if packing == "gzip":
                with gzip.GzipFile("", "wb", 6, target, mtime=0) as into:
                    shutil.copyfileobj(source, into, 1 << 20)
            else:
                zstandard.ZstdCompressor(level=3).copy_stream(source, target)
        name, size = digest(made), made.stat().st_size
        made.rename(blobs / name.removeprefix("sha256:"))
        described.append(
            {"mediaType": f"application/vnd.oci.image.layer.v1.tar+{packing}", "digest": name, "size": size}
        )
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": describe(blobs, "application/vnd.oci.image.config.v1+json", config),
            "layers": described,
        }
    ).encode()
    index = {"schemaVersion": 2, "manifests": [describe(blobs, "application/vnd.oci.image.manifest.v1+json", manifest)]}
    (where / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (where / "index.json").write_text(json.dumps(index))
    return where


def describe(blobs: Path, media_type: str, data: bytes) -> dict[str, object]:
    name = hashlib.sha256(data).hexdigest()
    (blobs / name).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{name}", "size": len(data)}


def archive(path: Path, layers: list[Path], config: bytes) -> Path:
    """What `docker save` of old writes."""
    if path.exists():
        return path
    name = hashlib.sha256(config).hexdigest() + ".json"
    listed = [{"Config": name, "RepoTags": ["shop/bench:1"], "Layers": [f"{one.stem}/layer.tar" for one in layers]}]
    work = path.with_suffix(".new")
    with tarfile.open(work, "w") as into, tempfile.TemporaryDirectory() as folder:
        for one in layers:
            into.add(one, f"{one.stem}/layer.tar")
        for file, data in ((name, config), ("manifest.json", json.dumps(listed).encode())):
            (Path(folder) / file).write_bytes(data)
            into.add(Path(folder) / file, file)
    work.rename(path)
    return path


def floor(blobs: list[Path], offsets: list[tuple[int, int]] | None = None) -> Run:
    """Decompressing and hashing alone: what no reader of layers can go below."""
    places = offsets or [(0, one.stat().st_size) for one in blobs]
    text = "".join(f"{path}\t{offset}\t{size}\n" for path, (offset, size) in zip(blobs, places, strict=True))
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(text)
        file.flush()
        program = f"import sys; sys.stdin = open({file.name!r})\n{FLOOR}"
        return best(2, sys.executable, "-c", program)


def blobs_of(where: Path) -> list[Path]:
    """The layers of a layout."""
    index = json.loads((where / "index.json").read_bytes())
    blobs = where / "blobs/sha256"
    manifest = json.loads((blobs / index["manifests"][0]["digest"].removeprefix("sha256:")).read_bytes())
    return [blobs / one["digest"].removeprefix("sha256:") for one in manifest["layers"]]


# Syft's names of kinds of packages -> types of package URLs
TYPES = {"python": "pypi", "go-module": "golang", "java-archive": "maven", "dotnet": "nuget", "binary": "generic"}


def compare_packages(target: str, found: Path, layers: list[Path]) -> None:
    """What Syft lists (its JSON in `found`) beside what batten lists, package by package."""
    program = [sys.executable, "-c", LIST, target]
    listed = subprocess.run(program, check=True, capture_output=True, text=True).stdout.splitlines()
    mine = {known(*line.split("\t")) for line in listed}
    artifacts = json.loads(found.read_bytes())["artifacts"]
    theirs = {known(TYPES.get(one["type"], one["type"]), one["name"], one["version"]): one for one in artifacts}
    manifests = private_manifests(layers)
    reasons: dict[str, list[str]] = {}
    for key in sorted(theirs.keys() - mine):
        reasons.setdefault(reason(theirs[key], manifests), []).append(" ".join(key))
    missing = reasons.pop("", [])
    say("  packages: batten, Syft, both", f"{len(mine):,}, {len(theirs):,}, {len(mine & theirs.keys()):,}")
    for why, some in sorted(reasons.items()):
        say(f"  Syft alone: {why}", f"{len(some):,} ({', '.join(some[:2])} …)")
    say("  Syft alone, rightly", ", ".join(missing[:10]) or "none", "none", not missing)


def known(kind: str, name: str, version: str) -> tuple[str, str, str]:
    """The package as both may write it: of Go the module instead of its command, of Maven the artifact alone."""
    if kind == "golang":
        name, version = name.partition("/cmd/")[0], version.removeprefix("go").removeprefix("v")
    if kind in ("pypi", "nuget"):
        name = name.lower().replace("_", "-").replace(".", "-")
    if kind in ("maven", "deb"):
        name = name.rpartition("/")[2]
    return kind, name, version


def private_manifests(layers: list[Path]) -> set[str]:
    """Paths of every package.json that says of itself that it is in no registry."""
    found = set()
    for layer in layers:
        with tarfile.open(layer) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith("/package.json") and (data := archive.extractfile(member)):
                    try:
                        is_private = json.load(data).get("private") is True
                    except (ValueError, AttributeError):
                        continue
                    if is_private:
                        found.add(f"/{member.name}")
    return found


def reason(artifact: dict[str, Any], private: set[str]) -> str:
    """Why what Syft lists is no package; "" where nothing speaks against it."""
    paths = {one["path"] for one in artifact["locations"]}
    if artifact["version"] == "UNKNOWN":
        return "without a version"
    if artifact["type"] == "npm" and paths <= private:
        return '"private": true, which npm publishes nowhere'
    if artifact["type"] == "dotnet" and artifact["metadata"].get("assemblyVersion", "") == "":
        return "a Windows program without .NET metadata"
    return ""


def fleet(where: Path, layers: list[Path], number: int) -> Path:
    """`number` images in one layout, as a registry holds them: three bases, and two layers of its own for each."""
    blobs = where / "blobs/sha256"
    if (where / "oci-layout").exists() and len(json.loads((where / "index.json").read_bytes())["manifests"]) >= number:
        return where
    remove(where)
    blobs.mkdir(parents=True)
    packed_layers = blobs_of(where.parent / "zstd")
    for one in packed_layers:
        os.link(one, blobs / one.name)
    diff_ids = [digest(one) for one in layers]
    bases = [[0, 1], [0, 1, 2], [0, 1, 3]]
    manifests = []
    for index in range(number):
        base = bases[index % len(bases)]
        own = [own_layer(index, kind) for kind in ("requirements", "program")]
        described = [
            {
                "mediaType": "application/vnd.oci.image.layer.v1.tar+zstd",
                "digest": f"sha256:{packed_layers[one].name}",
                "size": packed_layers[one].stat().st_size,
            }
            for one in base
        ]
        packing = "application/vnd.oci.image.layer.v1.tar+gzip"
        described += [describe(blobs, packing, gzip.compress(one, 6, mtime=0)) for one in own]
        raw = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["python3", f"/srv/shop{index}/main.py"], "User": "1000"},
            "rootfs": {
                "type": "layers",
                "diff_ids": [diff_ids[one] for one in base]
                + [f"sha256:{hashlib.sha256(one).hexdigest()}" for one in own],
            },
            "history": [{"created_by": f"RUN step {step}"} for step in range(len(base) + len(own))],
        }
        config = describe(blobs, "application/vnd.oci.image.config.v1+json", json.dumps(raw).encode())
        kind = "application/vnd.oci.image.manifest.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": described}
        entry = describe(blobs, kind, json.dumps(manifest).encode())
        manifests.append(entry | {"annotations": {"org.opencontainers.image.ref.name": str(index)}})
    (where / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": manifests}))
    (where / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return where


def own_layer(index: int, kind: str) -> bytes:
    """What a team adds: forty distributions of Python, or a program of two hundred files and its data."""
    from random import Random

    chance = Random(f"{index} {kind}")
    files: dict[str, bytes] = {}
    folder = f"srv/shop{index}"
    if kind == "requirements":
        for number in range(40):
            name, version = f"lib{chance.randrange(400)}", f"{chance.randrange(9)}.{chance.randrange(30)}.{number}"
            files[f"{folder}/lib/{name}-{version}.dist-info/METADATA"] = f"Name: {name}\nVersion: {version}\n".encode()
            files |= {f"{folder}/lib/{name}/m{one}.py": chance.randbytes(3000).hex().encode() for one in range(15)}
    else:
        files |= {
            f"{folder}/m{one}.py": b"import flask\n" + chance.randbytes(2000).hex().encode() for one in range(200)
        }
        files[f"{folder}/main.py"] = b"from m1 import x\n"
        files[f"{folder}/static/data.bin"] = chance.randbytes(2_000_000)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def measure_fleet(where: Path, layers: list[Path], number: int) -> None:
    """So many images on one machine, and half of them: the rest must cost what the first half did."""
    folder = fleet(where / "fleet", layers, number)
    costs = []
    for some in (number // 2, number):
        with tempfile.TemporaryDirectory(prefix="batten-bench-") as cache:
            found = run(sys.executable, "-c", FLEET, folder, str(some), cache)
        if found.code:
            sys.exit(f"the fleet of {some} images was not read whole: exit code {found.code}")
        say(f"{some} images on three bases", f"{found} {60 * some / found.wall:.0f} images a minute")
        costs.append(found)
    half, whole = costs
    linear = whole.cpu / half.cpu
    say("  twice the images, CPU", f"{linear:.2f} x", "<= 2.1 x", linear <= 2.1)
    say(
        "  twice the images, memory",
        f"{whole.memory / half.memory:.2f} x",
        "<= 1.2 x",
        whole.memory <= 1.2 * half.memory,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--image", type=Path, default=ROOT / ".benchmarks" / "image", metavar="DIR")
    parser.add_argument("--syft", type=Path, metavar="PROGRAM", help="Syft, to compare with")
    parser.add_argument("--fleet", type=int, default=200, metavar="N", help="images on shared bases (200; 0: none)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="layers read at once (1)")
    options = parser.parse_args()
    where: Path = options.image
    where.mkdir(parents=True, exist_ok=True)
    is_made = (where / "docker.tar").exists()
    layers = tree(where)
    config = configuration(layers)
    kinds = {
        "OCI layout, gzip": (f"oci:{layout(where / 'gzip', layers, 'gzip', config)}", where / "gzip", 1.4),
        "OCI layout, zstd": (f"oci:{layout(where / 'zstd', layers, 'zstd', config)}", where / "zstd", 1.4),
        "docker archive": (f"docker-archive:{archive(where / 'docker.tar', layers, config)}", None, 2.2),
    }
    if not is_made:  # a process begins with the memory of the one that started it, and making the image took some
        os.execv(sys.executable, [sys.executable, *sys.argv])
    total = sum(one.stat().st_size for one in layers)
    print(f"{total / 1e9:.2f} GB in {len(layers)} layers; Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    for name, (target, folder, most) in kinds.items():
        least = floor(blobs_of(folder) if folder else layers)
        found = best(2, sys.executable, "-c", READ, target, str(options.jobs), "")
        ratio = found.cpu / least.cpu
        say(f"{name}: decompress and hash alone", least)
        say(f"{name}: read_image", f"{found} {ratio:.2f} x", f"<= {most} x", ratio <= most)
        say("  memory", f"{found.memory:.0f} MB", "<= 100 MB", found.memory <= 100)
        if options.syft:
            listed = where / f"syft {'archive' if folder is None else folder.name}.json"
            peer = run(options.syft, "scan", "-q", "-o", f"json={listed}", target.replace("oci:", "oci-dir:"))
            smaller = peer.memory / found.memory
            say("  Syft", peer)
            say("  batten / Syft, CPU", f"{found.cpu / peer.cpu:.2f} x", "<= 0.3 x", found.cpu <= 0.3 * peer.cpu)
            say("  Syft / batten, memory", f"{smaller:.1f} x", ">= 6 x", smaller >= 6)
    with tempfile.TemporaryDirectory(prefix="batten-bench-") as cache:
        target = kinds["OCI layout, gzip"][0]
        best(1, sys.executable, "-c", READ, target, "1", cache)
        again = best(3, sys.executable, "-c", READ, target, "1", cache)
        say("again, from the cache of layers", again, "<= 0.5 s", again.wall <= 0.5)
    if options.fleet:
        measure_fleet(where, layers, options.fleet)
    if options.syft:
        # last, because it takes memory, too
        compare_packages(kinds["OCI layout, gzip"][0], where / "syft gzip.json", layers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
