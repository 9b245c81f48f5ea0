"""What lies in a built image: secrets, caches, files that everybody may write."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import Final

from batten.engine.check import check
from batten.engine.image_parts import amount, in_base, listed, origin
from batten.model.image_content import Image, ImageFile
from batten.model.verdict import CRITICAL, HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Severity, Verdict, fail
from batten.pattern import pattern

_ROTATE: Final = "whoever pulled the image has it: rotate it, then build without it"
# samples that come with languages and packages, and the certificate that Debian makes for trying things out
_SAMPLES: Final = pattern(
    r"(?:^|/)(?:tests?|testdata|fixtures?|examples?|samples?|docs?)/|(?:^|/)lib/python[\d.]+/|(?:^|/)node_modules/"
    r"|snakeoil",
    re.IGNORECASE,
)


def _was_read(image: Image) -> bool:
    return bool(image.size or image.files or image.layers)


@check("IMG017", "Secret in a file of the image", severity=CRITICAL, secret=True)
def secret_file(image: Image) -> Verdict:
    """A file of the image holds a key, a password or a token: everybody who can pull the image has it. A file that a
    later layer deletes or replaces is still in the layer before: deleting it came too late.

    Fix:
        all: hand it to the one step that needs it with `RUN --mount=type=secret,id=…`, list it in `.dockerignore`,
            and let the program read its secrets at run time. Rotate what was built in: no later layer takes it out.
    References:
        https://docs.docker.com/build/building/secrets/
        https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
    """
    if not _was_read(image):
        return NOT_APPLICABLE
    files: dict[tuple[str, int], list[ImageFile]] = {}
    for file in image.files:
        if file.kind in ("secret", "key"):
            files.setdefault((file.path, file.layer), []).append(file)
    failures: list[Failure] = []
    samples: list[ImageFile] = []
    for (path, _), found in files.items():
        if _SAMPLES.search(path):
            samples.append(found[0])
        else:
            failures.append(_secret(image, found))
    if samples:
        failures.append(_sample(image, samples))
    return failures or PASS


def _secret(image: Image, found: list[ImageFile]) -> Failure:
    surest = min(found, key=lambda one: ("high", "medium", "low").index(one.confidence))
    message = f"/{surest.path} holds {_detail(surest)}"
    if len(found) > 1:
        message += f" and {len(found) - 1} more"
    where = origin(image, surest.layer)
    if where:
        message += f", from {where}"
    if surest.deleted_in is not None:
        message += f"; layer {surest.deleted_in + 1} deletes or replaces it, too late: it is still in the image"
    severities: dict[str, Severity] = {"high": CRITICAL, "medium": HIGH, "low": MEDIUM}
    return fail(
        image.where("file", surest.path, surest.line),
        message,
        subject=surest.path,
        severity=severities[surest.confidence],
        confidence=surest.confidence,
        no_fix=_ROTATE,
    )


def _sample(image: Image, samples: list[ImageFile]) -> Failure:
    paths = list(dict.fromkeys(f"/{one.path}" for one in samples))
    words = "hold what looks like secrets, probably samples"
    if len(paths) == 1:
        words = "holds what looks like a secret, probably a sample"
    return fail(
        image.where(),
        f"{listed(paths, 4)} {words}",
        subject="samples",
        severity=LOW,
        confidence="low",
        no_fix="samples that nobody needs can be left out of the image",
    )


def _detail(file: ImageFile) -> str:
    """`private key (----… (1703 characters))` of the redacted `private key: ----… (1703 characters)`."""
    title, colon, shown = file.detail.partition(": ")
    return f"{title} ({shown})" if colon and file.kind != "key" else title or "a secret"


_CACHE_SHOWN: Final = 1_000_000  # bytes; less is not worth a word
_NO_CACHE: Final = ("var/cache/debconf",)  # the answers of the installer's questions: packages need it


@check("IMG019", "Caches stay in the image", severity=LOW, persona="pedantic")
def caches(image: Image) -> Verdict:
    """Package lists, downloads and temporary files stay in the layers: they make the image larger and slower to
    pull, and are files that scanners and attackers read. What a later layer removes is pulled all the same.

    Fix:
        all: clean up in the same `RUN` that fills the cache (`rm -rf /var/lib/apt/lists/*`, `apk add --no-cache`,
            `pip install --no-cache-dir`, `npm cache clean --force`), or use `RUN --mount=type=cache`.
    References:
        https://docs.docker.com/build/building/best-practices/#apt-get
    """
    if not _was_read(image):
        return NOT_APPLICABLE
    found: dict[tuple[str, bool], list[ImageFile]] = {}
    for file in image.files:
        if file.kind == "cache" and file.path not in _NO_CACHE:
            found.setdefault((file.path, file.deleted_in is not None), []).append(file)
    sizes = {key: sum(one.size for one in files) for key, files in found.items()}
    worth = sorted((key for key, size in sizes.items() if size >= _CACHE_SHOWN), key=lambda key: (-sizes[key], key))
    if not worth:
        return PASS
    shown = [
        f"/{path} {amount(sizes[path, late])}" + (" (deleted later, still in the image)" if late else "")
        for path, late in worth
    ]
    first = found[worth[0]][0]
    message = f"{amount(sum(sizes[key] for key in worth))} of caches and temporary files: {listed(shown, 5)}"
    where = origin(image, first.layer)
    return fail(
        image.where(),
        message + (f"; the largest is from {where}" if where else ""),
        no_fix="the step that fills a cache must clean it up",
    )


_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@check("IMG020", "Files in the image that everybody may write", severity=HIGH)
def world_writable(image: Image) -> Verdict:
    """Every user in the container may replace these files, also the one that an intruder has become. The program that
    the image starts, what it loads, and the folders in which commands are looked up rank high; the rest low.

    Fix:
        all: give the files to the user that needs them (`COPY --chown`), with mode 755 or 644; no `chmod 777`.
    References:
        https://docs.docker.com/build/building/best-practices/
    """
    if not _was_read(image):
        return NOT_APPLICABLE
    run = {*image.entry_files, *(file.path for file in image.files if file.kind == "executable")}
    path = next((value for name, value in image.environment if name == "PATH"), _PATH)
    searched = {one.strip("/") for one in path.split(":") if one.startswith("/")}
    searched |= {posixpath.dirname(one) for one in run}
    failures: list[Failure] = []
    others: list[ImageFile] = []
    for file in image.files:
        if file.kind != "world-writable" or file.deleted_in is not None:
            continue
        if file.path in run:
            failures.append(_writable(image, file, "is started with the image"))
        elif "directory" in file.detail and file.path in searched:
            failures.append(_writable(image, file, "is a folder of programs"))
        elif posixpath.dirname(file.path) in searched and file.mode & 0o111:
            failures.append(_writable(image, file, "is a program"))
        else:
            others.append(file)
    if others:
        failures.append(_others(image, others))
    return failures or PASS


def _writable(image: Image, file: ImageFile, what: str) -> Failure:
    where = origin(image, file.layer)
    return fail(
        image.where("file", file.path),
        f"/{file.path} {what} and everybody may write it (mode {file.mode & 0o7777:04o})"
        + (f", from {where}" if where else ""),
        subject=file.path,
        severity=HIGH,
        no_fix="which user needs to write is for its owner to say",
    )


def _others(image: Image, files: Iterable[ImageFile]) -> Failure:
    found = list(files)
    message = f"everybody may write {listed((f'/{one.path}' for one in found), 5)}"
    if all(in_base(image, one.layer) for one in found):
        message += ", which " + ("come" if len(found) > 1 else "comes") + " with the base image"
    return fail(
        image.where(),
        message,
        subject="others",
        severity=LOW,
        no_fix="which user needs to write is for its owner to say",
    )
