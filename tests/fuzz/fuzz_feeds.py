"""Coverage-guided fuzzing of advisory feeds: python tests/fuzz/fuzz_feeds.py -max_total_time=600

Whatever the bytes are, every document of a file is read, passed over or refused with a clear message; what was
written can be read again, and a file that is refused as a whole leaves nothing. The first byte says whether the rest
is packed first.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tempfile
import zipfile
from pathlib import Path

from batten.vulnerabilities.db import Database, open_database
from batten.vulnerabilities.db.build import FeedProblem, take
from batten.vulnerabilities.db.writer import Feed, Writer

NAMES = ("cve_data_photon4.0.json", "wolfi.json", "python.json", "page.md", "feed")


def one_input(data: bytes) -> None:
    """Builds a database from one file; raises on any broken promise."""
    how, content = (data[0] if data else 0), data[1:]
    name = NAMES[how % len(NAMES)]
    with tempfile.TemporaryDirectory() as folder:
        source, path = Path(folder) / name, Path(folder) / "db.sqlite"
        source.write_bytes(_packed(how // len(NAMES), name, content))
        with Writer(path) as writer:
            found = take(writer, source, Feed(origin=name))
            if isinstance(found, FeedProblem):
                assert found.text
                assert found.text.isprintable()
            writer.finish()
        with open_database(path) as db:
            _look(db, lost=found is None or isinstance(found, FeedProblem))


def _packed(how: int, name: str, content: bytes) -> bytes:
    if how % 8 == 1:
        return gzip.compress(content, 1)
    if how % 8 == 2:
        return bz2.compress(content, 1)
    if how % 8 == 3:
        return lzma.compress(content, preset=0)
    if how % 8 == 4:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr(name, content)
        return data.getvalue()
    return content


def _look(db: Database, *, lost: bool) -> None:
    counts = db.counts()
    if lost:
        assert not any(counts[name] for name in ("advisories", "affected", "aliases", "epss", "kev")), counts
    names: set[str] = set()
    for ecosystem in db.ecosystems():
        every = [row[0] for row in db._connection.execute("SELECT name FROM package WHERE ecosystem = ?", (ecosystem,))]
        for rows in db.advisories(ecosystem, every).values():
            for row in rows:
                names.add(row.id)
                names.update(row.aliases)
                assert not any(char.isspace() for char in row.id)
                assert all("\n" not in f"{one.introduced}{one.fixed}{one.last_affected}" for one in row.ranges)
    some = sorted(names)[:50]
    db.details(some)
    db.aliases(some)
    db.states()


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
