"""What batten writes it reads again: the packages are the same, whatever the format."""

import pytest

from batten.report.sbom import FORMATS, write
from formats.sbom.support import packages, read
from report.sbom import support
from report.sbom.support import bill


@pytest.mark.parametrize("name", FORMATS)
def test_packages_come_back_with_what_matching_needs(name: str) -> None:
    found = packages(read(write(name, bill())))
    assert len(found) == len(support.PACKAGES) - 1  # two copies of one version share a name here
    libssl = found["libssl3 3.0.15-1~deb12u1"]
    assert libssl.purl == support.OPENSSL.purl
    assert libssl.source == support.OPENSSL.source
    assert libssl.distribution is not None
    assert (libssl.distribution.id, libssl.distribution.version) == ("debian", "12")
    assert libssl.paths == ("var/lib/dpkg/status",)
    assert libssl.layer == support.LAYER
    assert libssl.from_base is True
    assert libssl.depends == ("libc6",)
    assert set(libssl.licenses) == {"Apache-2.0", "GPL-2+"}
    assert found["express 4.18.0"].checksums[0][1] == "a" * 128
    assert found["node 20.1.0"].namespace == "@types"


@pytest.mark.parametrize("name", FORMATS)
def test_an_rpm_keeps_its_epoch_in_the_version(name: str) -> None:
    package = support.Package(
        type="rpm", namespace="rhel", name="tar", version="2:1.30-9.el8", qualifiers=(("epoch", "2"),)
    )
    written = write(name, bill(package))
    assert b"pkg:rpm/rhel/tar@1.30-9.el8?epoch=2" in written
    assert packages(read(written))["tar 2:1.30-9.el8"].purl == package.purl


@pytest.mark.parametrize(
    ("version", "purl"),
    [
        ("1:3.0.7-1.el9", "pkg:rpm/rhel/tar@3.0.7-1.el9?epoch=1"),
        ("0:3.0.7-1.el9", "pkg:rpm/rhel/tar@3.0.7-1.el9"),
        ("3.0.7-1.el9", "pkg:rpm/rhel/tar@3.0.7-1.el9"),
    ],
)
@pytest.mark.parametrize("name", FORMATS)
def test_an_epoch_is_a_qualifier_of_the_package_url_whoever_told_it(name: str, version: str, purl: str) -> None:
    package = support.Package(type="rpm", namespace="rhel", name="tar", version=version)
    assert package.purl == purl
    written = write(name, bill(package))
    assert purl.encode() in written
    assert b"rhel/tar@1" not in written
    assert b"rhel/tar@0" not in written


@pytest.mark.parametrize("name", FORMATS)
def test_each_package_knows_its_line(name: str) -> None:
    written = write(name, bill())
    found = packages(read(written))["libc6 2.36-9+deb12u9"]
    assert found.place is not None
    line = written.decode().splitlines()[found.place.location().line - 1]
    assert "libc6" in line


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("type_", "qualifiers"),
    [
        ("conda", (("build", "py39_0"), ("channel", "conda-forge"), ("subdir", "linux-64"))),
        ("rpm", (("arch", "x86_64"), ("rpmmod", "nodejs:18:8090020240301110609:a75119d5"))),
    ],
)
def test_qualifiers_that_tell_builds_apart_come_back(
    name: str, type_: str, qualifiers: tuple[tuple[str, str], ...]
) -> None:
    package = support.Package(type=type_, name="numpy", version="1.21.0", qualifiers=qualifiers)
    assert packages(read(write(name, bill(package))))["numpy 1.21.0"].purl == package.purl


@pytest.mark.parametrize("name", FORMATS)
def test_the_stream_of_a_module_comes_back(name: str) -> None:
    version = "1:18.19.1-1.module+el8.9.0+1"
    package = support.Package(type="rpm", namespace="rhel", name="nodejs", version=version, module="nodejs:18")
    reading = read(write(name, bill(package)))
    assert packages(reading)[f"nodejs {version}"].module == "nodejs:18"
    assert not reading.problems
