"""An image with packages of every kind that bills of materials treat differently."""

from batten.formats.text import TextDocument
from batten.model.image_content import BaseImage, Image, Layer
from batten.model.package import Distribution, Package, SourcePackage
from batten.model.source import File
from batten.model.workload import Resource
from batten.report.sbom import SbomInput

DEBIAN = Distribution("debian", "12", "bookworm", "Debian GNU/Linux 12 (bookworm)")
LAYER = "sha256:" + "1" * 64


def image(**changed: object) -> Image:
    fields: dict[str, object] = {
        "document": TextDocument(File("config.json", b"{}")),
        "pointer": (),
        "resource": Resource("image", "Image", "shop"),
        "scope": ".",
        "name": "shop",
        "id": "sha256:" + "c" * 64,
        "reference": "registry.example/team/shop:1.2",
        "digest": "sha256:" + "d" * 64,
        "repository_digests": ("registry.example/team/shop@sha256:" + "d" * 64,),
        "architecture": "amd64",
        "layers": (Layer(LAYER),),
        "distribution": DEBIAN,
        "base": BaseImage("debian:12", "sha256:" + "b" * 64, 1),
    }
    return Image(**(fields | changed))  # type: ignore[arg-type]


OPENSSL = Package(
    type="deb",
    namespace="debian",
    name="libssl3",
    version="3.0.15-1~deb12u1",
    qualifiers=(("arch", "amd64"), ("distro", "debian-12")),
    source=SourcePackage("openssl", "3.0.15-1~deb12u1"),
    origin="dpkg",
    paths=("var/lib/dpkg/status",),
    layer=LAYER,
    instruction="ADD rootfs.tar /",
    from_base=True,
    licenses=("Apache-2.0", "GPL-2+"),
    vendor="Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>",
    depends=("libc6", "nowhere"),
    distribution=DEBIAN,
)
LIBC = Package(type="deb", namespace="debian", name="libc6", version="2.36-9+deb12u9", origin="dpkg", layer=LAYER)
EXPRESS = Package(
    type="npm",
    name="express",
    version="4.18.0",
    origin="node",
    paths=("app/node_modules/express/package.json",),
    licenses=("mit OR apache-2.0",),
    depends=("debug",),
    checksums=(("SHA-512", "A" * 128), ("sha1", "too short"), ("blake3", "0" * 64)),
    direct=True,
    scope="runtime",
)
DEBUG_NEAR = Package(
    type="npm", name="debug", version="2.6.9", paths=("app/node_modules/express/node_modules/debug/package.json",)
)
DEBUG_FAR = Package(type="npm", name="debug", version="4.3.4", paths=("app/node_modules/debug/package.json",))
DEBUG_TWIN = Package(type="npm", name="debug", version="4.3.4", paths=("tools/node_modules/debug/package.json",))
SCOPED = Package(type="npm", namespace="@types", name="node", version="20.1.0", licenses=("MIT",))
NGINX = Package(
    type="generic",
    name="nginx",
    version="1.25.3",
    paths=("usr/sbin/nginx",),
    confidence="medium",
    evidence="nginx/1.25.3 in usr/sbin/nginx",
)
ODD = Package(
    type="maven",
    namespace="org.example",
    name="odd\x00\x1bname",
    version="1.0 <&> \ud800",
    licenses=("see LICENSE\nfile", "", "MIT AND LicenseRef-mine", "(" * 300),
    vendor="Someone (of) <somewhere>",
)
PACKAGES = (OPENSSL, LIBC, EXPRESS, DEBUG_NEAR, DEBUG_FAR, DEBUG_TWIN, SCOPED, NGINX, ODD)


def bill(*packages: Package, **changed: object) -> SbomInput:
    fields: dict[str, object] = {
        "name": "registry.example/team/shop:1.2",
        "created": "2026-01-02T03:04:05Z",
        "packages": packages or PACKAGES,
        "image": image(),
    }
    return SbomInput(**(fields | changed))  # type: ignore[arg-type]
