"""Picks the few real advisories that `make demo` needs out of a mirror of the feeds.

    python scripts/make_demo_advisories.py MIRROR

MIRROR holds `osv-Debian-12-changelogs.zip`, `osv-PyPI.zip`, `kev.json.gz`, `epss_scores-DATE.csv.gz` and
`vulnrichment-adp.jsonl.gz`, as `batten db build --from MIRROR` takes them. Written are the same formats, in
examples/webshop-images/advisories.
"""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent / "examples" / "webshop-images"
DEBIAN = frozenset(("nginx", "openssl", "curl", "glibc", "expat", "krb5", "perl", "util-linux"))
PYTHON = frozenset(("flask", "werkzeug", "jinja2", "requests", "urllib3", "idna", "certifi", "gunicorn"))


def picked(archive: Path, names: frozenset[str]) -> dict[str, dict[str, Any]]:
    """The records of an OSV zip that speak of one of the packages and are not withdrawn, by file name."""
    found = {}
    with zipfile.ZipFile(archive) as opened:
        for member in sorted(opened.namelist()):
            record = json.loads(opened.read(member))
            about = {one["package"]["name"].lower() for one in record.get("affected", ()) if "package" in one}
            if about & names and not record.get("withdrawn"):
                found[member] = record
    return found


def write_zip(name: str, records: dict[str, dict[str, Any]]) -> None:
    """The same bytes for the same records: no time of day in the members."""
    with zipfile.ZipFile(HERE / "advisories" / name, "w", zipfile.ZIP_DEFLATED) as opened:
        for member, record in sorted(records.items()):
            info = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(info, json.dumps(record, sort_keys=True, separators=(",", ":")))


def write_gzip(name: str, text: str) -> None:
    (HERE / "advisories" / name).write_bytes(gzip.compress(text.encode(), mtime=0))


def flaws(records: Iterable[dict[str, Any]]) -> set[str]:
    names = {name for one in records for name in (one["id"], *one.get("aliases", ()), *one.get("upstream", ()))}
    return {name[name.index("CVE-") :] for name in names if "CVE-" in name}


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    mirror = Path(sys.argv[1])
    debian = picked(mirror / "osv-Debian-12-changelogs.zip", DEBIAN)
    python = picked(mirror / "osv-PyPI.zip", PYTHON)
    write_zip("osv-Debian-12.zip", debian)
    write_zip("osv-PyPI.zip", python)
    wanted = flaws((*debian.values(), *python.values()))
    kev = json.loads(gzip.decompress((mirror / "kev.json.gz").read_bytes()))
    kev["vulnerabilities"] = [one for one in kev["vulnerabilities"] if one["cveID"] in wanted]
    kev["count"] = len(kev["vulnerabilities"])
    write_gzip("kev.json.gz", json.dumps(kev, indent=1))
    [scores] = sorted(mirror.glob("epss_scores-*.csv.gz"))
    lines = gzip.decompress(scores.read_bytes()).decode().splitlines()
    write_gzip(
        scores.name, "\n".join([*lines[:2], *(one for one in lines[2:] if one.partition(",")[0] in wanted)]) + "\n"
    )
    told = gzip.decompress((mirror / "vulnrichment-adp.jsonl.gz").read_bytes()).decode().splitlines()
    kept = [line for line in told if any(f'"{name}"' in line for name in wanted)]
    write_gzip("vulnrichment-adp.jsonl.gz", "\n".join(kept) + "\n")
    print(f"{len(debian)} + {len(python)} advisories, {len(kev['vulnerabilities'])} exploited, {len(kept)} with scores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
