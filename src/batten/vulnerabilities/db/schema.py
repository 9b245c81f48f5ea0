"""The tables of the database: one SQLite file, rows clustered by package so that a look-up reads one stretch."""

from __future__ import annotations

from typing import Final

APPLICATION: Final = 0x62617474  # "batt", in the header of the file
VERSION: Final = 1
"""Changes when rows mean something else; an older file is built again, a newer one is refused."""

TABLES: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- one file or address of a source; `name` is the source that reports show
CREATE TABLE feed (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  origin TEXT NOT NULL,
  format TEXT NOT NULL,
  licence TEXT NOT NULL DEFAULT '',
  comprehensive INTEGER NOT NULL DEFAULT 0,
  ecosystems TEXT NOT NULL DEFAULT '',
  records INTEGER NOT NULL DEFAULT 0,
  newest TEXT NOT NULL DEFAULT '',
  fetched TEXT NOT NULL DEFAULT '',
  etag TEXT NOT NULL DEFAULT '',
  modified TEXT NOT NULL DEFAULT '',
  sha256 TEXT NOT NULL DEFAULT '',
  problem TEXT NOT NULL DEFAULT '', -- what of it could not be read
  failed TEXT NOT NULL DEFAULT '' -- why it could not be renewed
);

CREATE TABLE package (id INTEGER PRIMARY KEY, ecosystem TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (ecosystem, name));

CREATE TABLE advisory (
  id INTEGER PRIMARY KEY,
  feed INTEGER NOT NULL,
  ident TEXT NOT NULL,
  aliases TEXT,
  upstream TEXT,
  related TEXT,
  withdrawn TEXT,
  published TEXT,
  modified TEXT,
  severity TEXT,
  informational TEXT,
  details BLOB
);

CREATE TABLE affected (
  package INTEGER NOT NULL,
  advisory INTEGER NOT NULL,
  number INTEGER NOT NULL,
  unit INTEGER NOT NULL,
  status INTEGER NOT NULL,
  reason TEXT,
  ranges TEXT,
  versions TEXT,
  module TEXT,
  product TEXT,
  arch TEXT,
  severity TEXT,
  PRIMARY KEY (package, advisory, number)
) WITHOUT ROWID;

CREATE TABLE alias (name TEXT NOT NULL, advisory INTEGER NOT NULL, PRIMARY KEY (name, advisory)) WITHOUT ROWID;

-- facts about a CVE; its number is (year - 1970) * 10^8 + sequence
CREATE TABLE epss (cve INTEGER PRIMARY KEY, score INTEGER NOT NULL, percentile INTEGER NOT NULL);
CREATE TABLE kev (cve INTEGER NOT NULL, feed INTEGER NOT NULL, fact BLOB NOT NULL,
  PRIMARY KEY (cve, feed)) WITHOUT ROWID;
CREATE TABLE fact (cve INTEGER NOT NULL, feed INTEGER NOT NULL, fact BLOB NOT NULL,
  PRIMARY KEY (cve, feed)) WITHOUT ROWID;

CREATE TABLE end_of_life (product TEXT NOT NULL, cycle TEXT NOT NULL, feed INTEGER NOT NULL, fact BLOB NOT NULL,
  PRIMARY KEY (product, cycle, feed)) WITHOUT ROWID;
"""

INDEXES: Final = """
CREATE INDEX IF NOT EXISTS advisory_ident ON advisory (ident);
"""

UNITS: Final = ("package", "source", "binary")
STATUSES: Final = ("affected", "not_affected", "will_not_fix", "under_investigation", "fixed")
EPSS_SCALE: Final = 100_000  # scores are published with five decimals


def cve_number(ident: str) -> int | None:
    """The key of `CVE-2024-3094` in the tables of facts; None for what is no CVE."""
    parts = ident.split("-")
    if len(parts) != 3 or parts[0] != "CVE" or not (parts[1].isascii() and parts[1].isdigit()):
        return None
    if len(parts[1]) != 4 or not (parts[2].isascii() and parts[2].isdigit()) or not 4 <= len(parts[2]) <= 8:
        return None
    year = int(parts[1])
    return (year - 1970) * 100_000_000 + int(parts[2]) if year >= 1990 else None
