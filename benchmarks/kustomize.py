"""What building costs: all overlays of the shared manifests against their results as plain files.

From each archive the files are taken that some kustomization is built from, and beside them the results of those
kustomizations that no other one builds on. Both trees are scanned in turn in one process, the best of several rounds
counts. `python benchmarks/kustomize.py [ARCHIVE…]`; without one the archives that `run.py` takes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from run import archives

from batten import api
from batten.formats.kustomize import NAMES
from batten.formats.kustomize.build import build
from batten.formats.kustomize.errors import BuildError
from batten.formats.kustomize.load import kind_of
from batten.formats.kustomize.reader import _is_definition
from batten.model.settings import Settings
from batten.model.source import Unreadable
from batten.sources import open_target

ROUNDS = 5
LIMIT = 2.0


class Plain(yaml.CSafeDumper):
    """Without anchors: a built file has none."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def split(root: Path, sources: Path, results: Path) -> tuple[int, int]:
    """Copy what is built from into `sources`, what comes of it into `results`: (overlays, those that are not built)."""
    built, based, refused = {}, set[str](), 0
    with open_target(str(root)) as opened:
        for path in sorted(one for one in root.rglob("*") if one.name in NAMES):
            folder = path.parent.relative_to(root).as_posix()
            folder = "" if folder == "." else folder
            file = opened.files.get(path.relative_to(root).as_posix())
            try:
                if file is None or kind_of(file) != "Kustomization":
                    continue
                built[file.path] = build(folder, opened.files, _is_definition)
            except (BuildError, Unreadable):
                refused += 1
                continue
            based.update(one for one in built[file.path].read if one != file.path)
        for name, one in built.items():
            for path_ in {name, *one.read}:
                read = opened.files.get(path_)
                if read is not None:
                    target = sources / root.name / path_
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(read.data)
            if name not in based:
                target = results / root.name / Path(name).parent / "built.yaml"
                target.parent.mkdir(parents=True, exist_ok=True)
                values = [each.node.value() for each in one.objects]
                target.write_text(yaml.dump_all(values, Dumper=Plain, sort_keys=False))
    return len(built) - len(based & set(built)), refused


def main(found_archives: list[Path]) -> int:
    if not found_archives:
        sys.exit("expected archives of manifests in $BATTEN_SHARED/manifests or as arguments, found none")
    with tempfile.TemporaryDirectory() as made:
        trees = Path(made)
        overlays = refused = 0
        for archive in found_archives:
            root = trees / "all" / archive.name.partition(".")[0]
            root.mkdir(parents=True)
            subprocess.run(["tar", "-xf", archive, "-C", root], check=True)
            counts = split(root, trees / "sources", trees / "results")
            overlays, refused = overlays + counts[0], refused + counts[1]
        best = {"sources": float("inf"), "results": float("inf")}
        found = {}
        for _ in range(ROUNDS):
            for name in best:
                begin = time.process_time()
                found[name] = api.scan([str(trees / name)], Settings()).report
                best[name] = min(best[name], time.process_time() - begin)
        ratio = best["sources"] / best["results"]
        print(f"{overlays} overlays, {refused} kustomizations that are not built")
        print(f"built and judged   {best['sources']:.3f} s  {len(found['sources'].findings)} findings")
        print(f"as plain files     {best['results']:.3f} s  {len(found['results'].findings)} findings")
        print(f"ratio              {ratio:.2f}  (at most {LIMIT})")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main([Path(word) for word in sys.argv[1:]] or archives()))
