"""What an editor waits for: milliseconds from a text that was opened to its diagnostics, over pipes.

The file is a manifest of 300 lines with ten Deployments, opened anew under another name each time so that nothing
is answered from memory. What is typed waits 150 ms more, until the typing pauses. `python benchmarks/lsp.py`
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from integrations.editor import Editor

ROUNDS = 30
WARM_UP = 5
LIMIT = 50.0  # milliseconds, of the median
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web{number}
  namespace: shop
  labels:
    app: web{number}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web{number}
  template:
    metadata:
      labels:
        app: web{number}
    spec:
      containers:
        - name: app
          image: registry.example/shop/web:1.{number}
          ports:
            - containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
          securityContext:
            privileged: {privileged}
          volumeMounts:
            - {{name: data, mountPath: /data}}
      volumes: [{{name: data, emptyDir: {{}}}}]
---
"""


def manifest() -> str:
    return "".join(DEPLOYMENT.format(number=one, privileged=str(one % 2 == 0).lower()) for one in range(10))


async def measure(root: Path) -> list[tuple[float, float, float]]:
    """(diagnostics, hover, quick fixes) of each round."""
    text = manifest()
    taken = []
    async with Editor(root) as editor:
        for number in range(WARM_UP + ROUNDS):
            uri = (root / f"web{number}.yaml").as_uri()
            began = time.perf_counter()
            found = await editor.opened(uri, text)
            told = time.perf_counter()
            place = next(one.range for one in found if one.code == "PRV001")
            await editor.hover(uri, place.start.line, place.start.character)
            explained = time.perf_counter()
            await editor.actions(uri, place, "quickfix")
            taken.append((told - began, explained - told, time.perf_counter() - explained))
            editor.close(uri)
    return taken[WARM_UP:]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        taken = asyncio.run(measure(Path(folder)))
    print(f"a manifest of {manifest().count(chr(10))} lines, {ROUNDS} rounds after {WARM_UP}, milliseconds")
    medians = []
    for name, column in zip(("diagnostics", "hover", "quick fix"), zip(*taken, strict=True), strict=True):
        times = sorted(1000 * one for one in column)
        medians.append(statistics.median(times))
        print(f"  {name:12} best {times[0]:6.1f}  median {medians[-1]:6.1f}  worst {times[-1]:6.1f}")
    print(f"  diagnostics: at most {LIMIT:.0f} asked for: {'held' if medians[0] <= LIMIT else 'NOT held'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
