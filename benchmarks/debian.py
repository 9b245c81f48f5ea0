"""What batten says of a Debian system, beside what the security archive's own index has newer: differences by name.

    python benchmarks/debian.py DATABASE [STATUS]

STATUS is the list of installed packages of a Debian 12 root file system (default: /var/lib/dpkg/status). The index of
the security archive is apt's own (`apt-get update` first); nothing is installed. Where the archive has a newer version
of a package, some advisory should say so, and no advisory should ask for a version that the archive does not have.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from batten import api
from batten.model.settings import ImageSettings, Settings
from batten.model.vulnerability import Vulnerability
from batten.versions import compare
from batten.vulnerabilities.db import open_database

RELEASE = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'


class Available(NamedTuple):
    """The newest version of one binary package in some suites."""

    version: str
    source_version: str


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("expected a database that `batten db build` made of Debian's feeds")
    status = Path(sys.argv[2] if len(sys.argv) > 2 else "/var/lib/dpkg/status")
    security = index("bookworm-security")
    everything = security | index("bookworm") | index("bookworm-updates")
    for name, one in security.items():
        if compare("dpkg", everything[name].version, one.version) < 0:
            everything[name] = one
    there = [
        fields
        for fields in records(status.read_text(encoding="utf-8", errors="replace"))
        if fields.get("Status", "").endswith(" installed")
    ]
    installed = {fields["Package"]: fields.get("Version", "") for fields in there}
    newer = {
        name: security[name].version
        for name, version in installed.items()
        if name in security and compare("dpkg", security[name].version, version) > 0
    }
    told: dict[str, set[str]] = {}
    for row in scanned(status, Path(sys.argv[1])):
        if row.fixed and row.status == "affected":
            told.setdefault(row.name, set()).add(row.fixed)
    report(installed, newer, told, everything)
    missed = known_fixes(
        Path(sys.argv[1]), [fields for fields in there if fields["Package"] in newer.keys() - told.keys()]
    )
    what = ", ".join(missed) or "for what is silent no feed has a fix"
    print(f"  fixes that the feeds have and batten did not name: {len(missed)} ({what})")


def report(
    installed: dict[str, str], newer: dict[str, str], told: dict[str, set[str]], archive: dict[str, Available]
) -> None:
    """Both directions of the difference, every package by name."""
    print(f"{len(installed)} packages installed, of {len(newer)} the security archive has a newer version")
    both = newer.keys() & told.keys()
    print(f"  batten names a fix for {len(both)} of them")
    for name in sorted(newer.keys() - told.keys()):
        print(f"  silent: {name} {installed[name]}, the archive has {newer[name]}")
    for name in sorted(told.keys() - newer.keys()):
        versions = ", ".join(sorted(told[name]))
        print(f"  more: {name} {installed[name]} is mended in {versions}, which is not of the security archive")
    for name in sorted(told):
        have = archive.get(name)
        for version in sorted(told[name]):
            if have is None or compare("dpkg", version, max_of(have)) > 0:
                print(f"  impossible: {name} asks for {version}, the archive has {have and have.version}")


def known_fixes(database: Path, packages: list[dict[str, str]]) -> list[str]:
    """Fixes that the database has for the versions that these packages have: had it any, the silence were a fault."""
    found = []
    with open_database(database) as db:
        for fields in packages:
            source, _, version = fields.get("Source", fields["Package"]).partition(" ")
            version = version.strip("()") or fields["Version"]
            for row in db.advisories("debian:12", [source]).get(source, []):
                fixes = [one.fixed for one in row.ranges if one.fixed and one.fixed != "0"]
                if any(version.startswith(f"{fixed}~deb") for fixed in fixes):
                    continue  # the fixed version itself, built again for this release
                if row.status == "affected" and any(compare("dpkg", fixed, version) > 0 for fixed in fixes):
                    found.append(f"{fields['Package']} {version}: {row.id} in {' '.join(fixes)}")
    return found


def max_of(one: Available) -> str:
    """A fix is told of the source's version; a binary rebuild adds to it."""
    return one.version if compare("dpkg", one.version, one.source_version) > 0 else one.source_version


def scanned(status: Path, database: Path) -> list[Vulnerability]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "etc").mkdir()
        (root / "etc/os-release").write_text(RELEASE)
        (root / "var/lib/dpkg").mkdir(parents=True)
        (root / "var/lib/dpkg/status").write_bytes(status.read_bytes())
        images = ImageSettings(cache=False, offline=True, database=str(database))
        return list(api.scan([f"rootfs:{root}"], Settings(images=images)).report.vulnerabilities)


def index(suite: str) -> dict[str, Available]:
    """The newest version of each package of a suite, by apt's copy of its index."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(FILENAME)", "Created-By: Packages", f"Codename: {suite}"],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Available] = {}
    for path in listed.stdout.split():
        text = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", path], check=True, capture_output=True).stdout
        for fields in records(text.decode("utf-8", "replace")):
            version = fields["Version"]
            source = fields.get("Source", "").partition("(")[2].rstrip(")") or version
            known = found.get(fields["Package"])
            if known is None or compare("dpkg", version, known.version) > 0:
                found[fields["Package"]] = Available(version, source)
    if not found:
        sys.exit(f"expected apt's index of {suite}, found none: apt-get update")
    return found


def records(text: str) -> list[dict[str, str]]:
    """Paragraphs of `Name: value`, without the lines that continue a value."""
    return [
        dict(line.split(": ", 1) for line in paragraph.split("\n") if ": " in line and not line.startswith(" "))
        for paragraph in text.split("\n\n")
        if paragraph.startswith("Package:")
    ]


if __name__ == "__main__":
    main()
