"""Bills of materials inside of images."""

from __future__ import annotations

import json

import pytest

from batten.images import read_image
from batten.images.cataloguers.embedded_sbom import CATALOGUER
from batten.model.source import Unreadable
from images.builder import file, image, program
from images.cataloguers.reading import by_name, read, wants

# as Bitnami's build writes it, shortened
REDIS = {
    "SPDXID": "SPDXRef-DOCUMENT",
    "spdxVersion": "SPDX-2.3",
    "creationInfo": {"created": "2024-10-02T00:00:00.000Z", "creators": ["Organization: VMware, Inc."]},
    "name": "SPDX document for Redis 7.4.1",
    "dataLicense": "CC0-1.0",
    "documentDescribes": ["SPDXRef-redis"],
    "documentNamespace": "redis-7.4.1",
    "packages": [
        {
            "SPDXID": "SPDXRef-redis",
            "name": "redis",
            "versionInfo": "7.4.1",
            "downloadLocation": "http://download.redis.io/releases/redis-7.4.1.tar.gz",
            "licenseDeclared": "RSALv2",
            "externalRefs": [
                {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:*:redis"},
                {
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": "pkg:bitnami/redis@7.4.1?arch=amd64&distro=debian-12",
                },
            ],
        }
    ],
    "relationships": [],
}
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "components": [
        {"type": "library", "name": "libjpeg-turbo", "version": "3.0.1", "purl": "pkg:generic/libjpeg-turbo@3.0.1"},
        {"type": "library", "name": "openssl", "version": "3.0.2", "purl": "pkg:deb/debian/openssl@3.0.2"},
        {"type": "library", "name": "Pillow", "version": "10", "purl": "pkg:pypi/Pillow@10"},
        {"type": "library", "name": "nothing", "purl": "pkg:generic/nothing"},
    ],
}
PLACE = "opt/bitnami/redis/.spdx-redis.spdx"


def test_bitnamis_component_is_a_package() -> None:
    (package,) = read(CATALOGUER, PLACE, json.dumps(REDIS)).packages
    assert package.purl.startswith("pkg:bitnami/redis@7.4.1")
    assert (package.origin, package.paths, package.place) == ("embedded-sbom", (PLACE,), None)


def test_what_a_wheel_bundles_is_listed_without_packages_of_the_distribution() -> None:
    found = read(CATALOGUER, "opt/venv/pillow-10.dist-info/sboms/auditwheel.cdx.json", json.dumps(CYCLONEDX))
    assert set(by_name(found)) == {"libjpeg-turbo"}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (PLACE, True),
        ("opt/bitnami/common/.spdx-render-template.spdx", True),
        ("layers/sbom/launch/paketo-buildpacks_node/sbom.cdx.json", True),
        ("usr/share/sbom/shop.spdx.json", True),
        ("srv/app/test/data/sample.cdx.json", False),
        ("srv/node_modules/cyclonedx/examples/valid.spdx.json", False),
        ("var/lib/db/sbom/busybox-1.36.1-r2.spdx.json", False),
    ],
)
def test_only_known_places_count(path: str, wanted: bool) -> None:
    assert wants(CATALOGUER, path) is wanted


@pytest.mark.parametrize(
    "data", ["", "{}", '{"bomFormat": 3, "components": 7}', '{"spdxVersion": 1, "SPDXID": []}', "<x/>"]
)
def test_a_document_that_is_none_is_told(data: str) -> None:
    with pytest.raises(Unreadable):
        read(CATALOGUER, PLACE, data)


def test_a_program_that_the_document_beside_it_lists_is_told_once() -> None:
    redis = b"\x7fELF" + bytes(60) + b"\x007.4.1buildkitsandbox-1704821334000000000\0"
    layers = [
        [file(PLACE, json.dumps(REDIS).encode()), program("opt/bitnami/redis/bin/redis-server", redis)],
        [program("usr/local/bin/redis-server", redis)],
    ]
    found = read_image(image(layers, history=["COPY redis /opt/bitnami", "COPY b /usr"])).packages
    assert [(one.type, one.instruction) for one in found if one.type == "bitnami"] == [
        ("bitnami", "COPY redis /opt/bitnami")
    ]
    assert [one.paths for one in found if one.type == "generic"] == [("usr/local/bin/redis-server",)]
