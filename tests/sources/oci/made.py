"""Small images made in memory, and the ways in which tools store them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OCI = "application/vnd.oci.image."


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar_of(members: dict[str, bytes], links: dict[str, str] | None = None, hard: dict[str, str] | None = None) -> bytes:
    """A tar archive; `links` are symbolic, name -> target."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for kind, found in ((tarfile.SYMTYPE, links), (tarfile.LNKTYPE, hard)):
            for name, target in (found or {}).items():
                info = tarfile.TarInfo(name)
                info.type, info.linkname = kind, target
                archive.addfile(info)
    return out.getvalue()


@dataclass
class Made:
    """An image: its blobs by digest, and the descriptor of its manifest."""

    layers: list[bytes]
    """Unpacked."""
    config: bytes
    manifest: bytes
    blobs: dict[str, bytes]
    platform: dict[str, str]
    annotations: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return sha256(self.manifest)

    @property
    def descriptor(self) -> dict[str, Any]:
        return {
            "mediaType": OCI + "manifest.v1+json",
            "digest": self.digest,
            "size": len(self.manifest),
            "platform": self.platform,
            **({"annotations": self.annotations} if self.annotations else {}),
        }


def image(
    *layers: bytes,
    platform: str = "linux/amd64",
    docker: bool = False,
    manifest: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
) -> Made:
    """An image with gzip layers; `manifest` and `config` replace keys of theirs."""
    if not layers:
        layers = (
            tar_of({"etc/os-release": f"ID=made\nFOR={platform}\n".encode()}),
            tar_of({"app/run": b"#!/bin/sh\n"}),
        )
    packed = [gzip.compress(layer, mtime=0) for layer in layers]
    os, architecture, *variant = platform.split("/")
    named = {"os": os, "architecture": architecture} | ({"variant": variant[0]} if variant else {})
    settings = json.dumps(
        {
            **named,
            "config": {"Cmd": ["/app/run"]},
            "rootfs": {"type": "layers", "diff_ids": [sha256(one) for one in layers]},
        }
        | (config or {})
    ).encode()
    kinds = (
        ("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.container.image.v1+json",
         "application/vnd.docker.image.rootfs.diff.tar.gzip")
        if docker
        else (OCI + "manifest.v1+json", OCI + "config.v1+json", OCI + "layer.v1.tar+gzip")
    )  # fmt: skip
    document = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": kinds[0],
            "config": {"mediaType": kinds[1], "digest": sha256(settings), "size": len(settings)},
            "layers": [{"mediaType": kinds[2], "digest": sha256(one), "size": len(one)} for one in packed],
        }
        | (manifest or {})
    ).encode()
    blobs = {sha256(one): one for one in (settings, document, *packed)}
    return Made(list(layers), settings, document, blobs, named)


def index_of(*entries: dict[str, Any], **more: Any) -> bytes:
    return json.dumps(
        {"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": list(entries), **more}
    ).encode()


def index_entry(data: bytes, **more: Any) -> dict[str, Any]:
    return {"mediaType": OCI + "index.v1+json", "digest": sha256(data), "size": len(data), **more}


def layout_files(index: bytes, *blobs: dict[str, bytes]) -> dict[str, bytes]:
    """The files of an OCI layout, name -> content."""
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": index}
    for group in blobs:
        files |= {"blobs/" + digest.replace(":", "/"): data for digest, data in group.items()}
    return files


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def docker_save(*made: Made, tags: list[list[str]] | None = None) -> tuple[dict[str, bytes], dict[str, str]]:
    """What `docker save` wrote before Docker 25: (files, links). A layer that comes twice is a link."""
    files: dict[str, bytes] = {}
    links: dict[str, str] = {}
    listed = []
    seen: dict[str, str] = {}
    for number, one in enumerate(made):
        names = []
        for place, layer in enumerate(one.layers):
            name = hashlib.sha256(f"{number}.{place}".encode()).hexdigest()
            if (digest := sha256(layer)) in seen:
                links[f"{name}/layer.tar"] = f"../{seen[digest]}/layer.tar"
            else:
                files[f"{name}/layer.tar"] = layer
                seen[digest] = name
            files[f"{name}/VERSION"] = b"1.0"
            names.append(f"{name}/layer.tar")
        config = sha256(one.config).removeprefix("sha256:") + ".json"
        files[config] = one.config
        listed.append({"Config": config, "RepoTags": (tags or [["shop/web:1"]])[number], "Layers": names})
    files["manifest.json"] = json.dumps(listed).encode()
    return files, links
