"""The advisory database: one SQLite file with what every source says, in the source's own semantics.

with open_database(default_path()) as db:
    rows = db.advisories("debian:12", ["openssl", "zlib"])
    more = db.details(row.id for found in rows.values() for row in found)
"""

from batten.vulnerabilities.db.lookup import Database, default_path, open_database
from batten.vulnerabilities.db.rows import (
    EVERYTHING,
    AdvisoryRow,
    DatabaseError,
    Details,
    EndOfLife,
    Epss,
    Interval,
    Kev,
    Severity,
    Ssvc,
)

__all__ = [
    "EVERYTHING",
    "AdvisoryRow",
    "Database",
    "DatabaseError",
    "Details",
    "EndOfLife",
    "Epss",
    "Interval",
    "Kev",
    "Severity",
    "Ssvc",
    "default_path",
    "open_database",
]
