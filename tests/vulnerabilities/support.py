"""Packages, records and databases that the tests of this room are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from batten.model.package import Distribution, Package, SourcePackage
from batten.model.vulnerability import Vulnerability
from batten.vulnerabilities.db import Database, open_database
from batten.vulnerabilities.db.build import build
from batten.vulnerabilities.match import Matches, match

DATA = Path(__file__).parent.parent / "data" / "advisories"
DEBIAN = Distribution("debian", "12", "bookworm")
STRETCH = Distribution("debian", "9", "stretch")
ALPINE = Distribution("alpine", "3.20.3")
ALMA = Distribution("almalinux", "8.9")
TARGET = "image:shop/web:1"


def deb(name: str, version: str, source: str = "", *, source_version: str = "", **fields: Any) -> Package:
    return _distributed("deb", "debian", name, version, source, source_version, {"distribution": DEBIAN, **fields})


def apk(name: str, version: str, source: str = "", **fields: Any) -> Package:
    return _distributed("apk", "alpine", name, version, source, "", {"distribution": ALPINE, **fields})


def rpm(name: str, version: str, source: str = "", **fields: Any) -> Package:
    return _distributed("rpm", "almalinux", name, version, source, "", {"distribution": ALMA, **fields})


def _distributed(
    kind: str, namespace: str, name: str, version: str, source: str, source_version: str, fields: dict[str, Any]
) -> Package:
    distribution: Distribution = fields["distribution"]
    given = {"qualifiers": (("distro", f"{distribution.id}-{distribution.version}"),), "target": TARGET, **fields}
    return Package(
        type=kind,
        namespace=namespace,
        name=name,
        version=version,
        source=SourcePackage(source or name, source_version or version),
        **given,
    )


def package(kind: str, name: str, version: str, **fields: Any) -> Package:
    """Of a language; `name` may hold a namespace before the last slash."""
    namespace, _, short = name.rpartition("/")
    return Package(type=kind, namespace=namespace, name=short, version=version, **{"target": TARGET, **fields})


def osv(ident: str, ecosystem: str, name: str, *events: tuple[str, str], **fields: Any) -> dict[str, Any]:
    """A record with one range: `("introduced", "0"), ("fixed", "1.2")`."""
    affected: dict[str, Any] = {"package": {"ecosystem": ecosystem, "name": name}}
    if events:
        affected["ranges"] = [{"type": "ECOSYSTEM", "events": [{key: value} for key, value in events]}]
    if "versions" in fields:
        affected["versions"] = fields.pop("versions")
    return {"id": ident, "modified": "2026-01-01T00:00:00Z", "affected": [affected], **fields}


def tracker(**packages: dict[str, Any]) -> tuple[str, bytes]:
    """Debian's tracker: `curl={"CVE-2024-1": {"status": "open", "urgency": "low"}}`, of bookworm."""
    body = {
        name.replace("_", "-"): {flaw: {"releases": {"bookworm": said}} for flaw, said in flaws.items()}
        for name, flaws in packages.items()
    }
    return "tracker.json", msgspec.json.encode(body)


def secdb(packages: dict[str, dict[str, list[str]]], release: str = "v3.20") -> tuple[str, bytes]:
    """Alpine's list of mended flaws."""
    body = {
        "distroversion": release,
        "reponame": "main",
        "archs": ["x86_64"],
        "urlprefix": "https://dl-cdn.alpinelinux.org/alpine",
        "apkurl": "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk",
        "packages": [{"pkg": {"name": name, "secfixes": fixes}} for name, fixes in packages.items()],
    }
    return f"secdb-{release}.json", msgspec.json.encode(body)


def facts(kev: list[str] = [], epss: dict[str, float] = {}) -> list[tuple[str, bytes]]:  # noqa: B006
    catalogue = {
        "title": "CISA Catalog of Known Exploited Vulnerabilities",
        "catalogVersion": "2026.01.01",
        "dateReleased": "2026-01-01T00:00:00.000Z",
        "count": len(kev),
        "vulnerabilities": [
            {
                "cveID": name,
                "vendorProject": "Shop",
                "product": "Web",
                "vulnerabilityName": "A flaw",
                "dateAdded": "2026-01-01",
                "shortDescription": "",
                "requiredAction": "Update.",
                "dueDate": "2026-01-22",
                "knownRansomwareCampaignUse": "Known",
            }
            for name in kev
        ],
    }
    lines = ["#model_version:v2025.03.14,score_date:2026-01-01T00:00:00+0000", "cve,epss,percentile"]
    lines += [f"{name},{score:.5f},0.50000" for name, score in epss.items()]
    return [("kev.json", msgspec.json.encode(catalogue)), ("epss.csv", "\n".join(lines).encode())]


def database(folder: Path, *feeds: dict[str, Any] | tuple[str, bytes] | str) -> Database:
    """Built from OSV records, (name, bytes), and files below tests/data/advisories."""
    mirror = folder / "mirror"
    mirror.mkdir(parents=True, exist_ok=True)
    for number, feed in enumerate(feeds):
        if isinstance(feed, str):
            (mirror / f"{number}-{Path(feed).name}").write_bytes((DATA / feed).read_bytes())
        elif isinstance(feed, dict):
            (mirror / f"{number}.json").write_bytes(msgspec.json.encode(feed))
        else:
            (mirror / f"{number}-{feed[0]}").write_bytes(feed[1])
    build(mirror, folder / "advisories.sqlite")
    return open_database(folder / "advisories.sqlite")


def matched(folder: Path, packages: list[Package], *feeds: dict[str, Any] | tuple[str, bytes] | str) -> Matches:
    """`packages` held against a database of `feeds`."""
    with database(folder, *feeds) as db:
        return match(packages, db)


def only(matches: Matches) -> Vulnerability:
    assert len(matches.rows) == 1, [(row.id, row.package, row.status) for row in matches.rows]
    return matches.rows[0]
