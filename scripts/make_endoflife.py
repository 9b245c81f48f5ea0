"""Makes `src/batten/patching/endoflife.json` from endoflife.date's release cycles.

    python scripts/make_endoflife.py endoflife.json.gz 2026-08-21

The data is published by endoflife.date under the MIT licence. Kept are the products that images
carry, and of each cycle its name, codename and the day its support ends (`true`: ended on an unknown day).
"""

import gzip
import json
import sys
from pathlib import Path

PRODUCTS = (
    "almalinux",
    "alpine-linux",
    "amazon-linux",
    "apache-http-server",
    "centos",
    "centos-stream",
    "debian",
    "django",
    "dotnet",
    "eclipse-temurin",
    "elasticsearch",
    "envoy",
    "etcd",
    "fedora",
    "go",
    "haproxy",
    "mariadb",
    "mongodb",
    "mysql",
    "nginx",
    "nodejs",
    "openjdk-builds-from-oracle",
    "openssl",
    "opensuse",
    "oracle-linux",
    "perl",
    "php",
    "postgresql",
    "python",
    "rabbitmq",
    "redis",
    "rhel",
    "rocky-linux",
    "ruby",
    "rust",
    "sles",
    "spring-boot",
    "tomcat",
    "traefik",
    "ubuntu",
    "valkey",
    "wordpress",
)


def main(source: str, dated: str) -> None:
    """Write the table; `dated` is the day of the data."""
    with gzip.open(source) as file:
        everything = json.load(file)
    products = {}
    for product in PRODUCTS:
        cycles = {}
        for cycle in everything.get(product, ()):
            # Debian's long-term support is for everybody; that of others is sold
            eol = (cycle.get("eoes") if product == "debian" else None) or cycle.get("eol")
            if eol is False or eol is None:
                eol = ""
            cycles[str(cycle["releaseCycle"])] = [str(cycle.get("codename") or "").lower(), eol]
        if cycles:
            products[product] = cycles
    target = Path(__file__).parent.parent / "src" / "batten" / "patching" / "endoflife.json"
    lines = [f"  {json.dumps(name)}: {json.dumps(cycles, sort_keys=True)}" for name, cycles in sorted(products.items())]
    head = f'{{"source": "https://endoflife.date (MIT)", "dated": "{dated}", "products": {{'
    target.write_text(head + "\n" + ",\n".join(lines) + "\n}}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
