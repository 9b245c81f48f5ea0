"""The reference implementations that versions are held against (`make judges`; tests/judges/README.md).

Each runs once and answers line by line, so that a million pairs take seconds.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

_ROOT = Path(__file__).parents[2]
_SCRIPTS = _ROOT / "tests/judges/versions"
BUILT = _ROOT / ".judges"
INVALID = "x"


class Judge(NamedTuple):
    """A program that compares versions of a scheme.

    `validity` tells what it says of texts that are no versions: the "same" as batten, "nothing" (it compares them
    somehow), or that it is "stricter" (batten also takes what advisories write: 1.2 for 1.2.0, no `v` in Go).
    """

    name: str
    scheme: str
    command: tuple[str, ...]
    environment: dict[str, str] = {}
    validity: Literal["same", "nothing", "stricter"] = "same"

    def agrees(self, ours: str, answer: str) -> bool:
        """Whether two answers to a comparison say the same, as far as this judge can tell."""
        return (
            ours == answer
            or (self.validity == "nothing" and ours == INVALID)
            or (self.validity == "stricter" and answer == INVALID)
        )

    def answers(self, pairs: Iterable[tuple[str, str]], *arguments: str) -> list[str]:
        """`-1`, `0`, `1` or `x` for each pair; with "--ranges", whether the first satisfies the second."""
        text = "".join(f"{left}\t{right}\n" for left, right in pairs)
        found = subprocess.run(
            [*self.command, *arguments],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env=self.environment or None,
        )
        assert found.returncode == 0, found.stderr[-2000:]
        answers = found.stdout.split()
        assert len(answers) == text.count("\n"), found.stderr[-2000:]
        return answers


def _program(*names: str) -> str | None:
    return next((found for found in map(shutil.which, names) if found), None)


def _answers(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def find() -> dict[str, Judge]:
    """The judges that this machine has, by name."""
    found = []
    perl, python, ruby, php, node, java = map(_program, ("perl", "/usr/bin/python3", "ruby", "php", "node", "java"))
    if perl and _answers(perl, "-MDpkg::Version", "-e", "1"):
        found.append(Judge("Dpkg::Version", "dpkg", (perl, str(_SCRIPTS / "dpkg.pl"))))
    if python and _answers(python, "-c", "import apt_pkg"):
        found.append(Judge("apt", "dpkg", (python, str(_SCRIPTS / "debian.py"), "dpkg"), validity="nothing"))
    if python and _answers(python, "-c", "import rpm"):
        found.append(Judge("rpm", "rpm", (python, str(_SCRIPTS / "debian.py"), "rpm"), validity="nothing"))
    if ruby:
        found.append(Judge("Gem::Version", "gem", (ruby, str(_SCRIPTS / "gem.rb"))))
    if php and _answers(php, "-r", 'require "Composer/Semver/autoload.php";'):
        found.append(Judge("composer/semver", "packagist", (php, str(_SCRIPTS / "composer.php"))))
    semver = BUILT / "npm/node_modules/semver"
    if node and semver.exists():
        found.append(
            Judge("npm semver", "semver", (node, str(_SCRIPTS / "semver.js")), {"SEMVER": str(semver)}, "stricter")
        )
    jar = BUILT / "maven-artifact.jar"
    if java and jar.exists():
        found.append(
            Judge(
                "ComparableVersion", "maven", (java, "-cp", str(jar), str(_SCRIPTS / "Maven.java")), validity="nothing"
            )
        )
    if (BUILT / "versions").exists():
        found.append(Judge("x/mod/semver, go/version", "golang", (str(BUILT / "versions"),), validity="stricter"))
    return {judge.name: judge for judge in found}
