"""Fixtures for every test."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_ROOT = Path(__file__).resolve().parent.parent

# no test fetches advisories, or depends on those of whoever runs it; tests of the database bring their own
os.environ["BATTEN_OFFLINE"] = "1"
os.environ["BATTEN_DB"] = str(_ROOT / "tests" / "no-database")


# A slow machine is no failure. The examples are the same in every run, so that who clones the repository gets what
# its authors got; new ones are looked for by whoever develops (BATTEN_EXAMPLES=new), where a failure can be mended.
settings.register_profile("new", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "same", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("new" if os.environ.get("BATTEN_EXAMPLES") == "new" else "same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write expected outputs anew; review them as a diff")


def _archives() -> list[Path]:
    """Archives of real manifests: not part of the repository, used where they are at hand."""
    folders = [_ROOT.parent / "shared" / "data" / "manifests"]
    if shared := os.environ.get("BATTEN_SHARED"):
        folders.insert(0, Path(shared) / "manifests")
    return next((found for folder in folders if (found := sorted(folder.glob("*.tar.xz")))), [])


@pytest.fixture(scope="session")
def shared_manifests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with all archives unpacked, one subfolder each; unpacked once for all workers."""
    archives = _archives()
    if not archives:
        pytest.skip("the archives of real manifests are not here (set BATTEN_SHARED)")
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    unpacked = base / "shared-manifests"
    if not unpacked.exists():
        own = tmp_path_factory.mktemp("unpack")
        for archive in archives:
            with tarfile.open(archive) as opened:
                opened.extractall(own / archive.name.removesuffix(".tar.xz"), filter="data")
        try:
            own.rename(unpacked)
        except OSError:  # another worker was first
            shutil.rmtree(own)
    return unpacked
