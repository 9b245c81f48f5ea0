"""Instructions other than RUN: what is copied, added, left in the image."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal

from batten.engine.check import check
from batten.engine.mend import edit
from batten.formats import dockerfile
from batten.formats.dockerfile import BuildFile
from batten.formats.dockerfile.remotes import GitSource, git_source, is_address
from batten.model.edits import Edit, Set
from batten.model.source import Place
from batten.model.verdict import CRITICAL, HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.dockerfile.context import Held
    from batten.formats.dockerfile.nodes import Instruction

# files that hold credentials by their nature
_SECRET_FILE = pattern(
    r"(?:\.env(?:\.(?!example|sample|template|dist)[\w-]+)?|id_(?:rsa|dsa|ecdsa|ed25519)|\.npmrc|\.pypirc|\.netrc|_netrc"
    r"|\.pgpass|\.my\.cnf|\.s3cfg|\.boto|\.htpasswd|\.git-credentials|\.dockercfg|\.dockerconfigjson|kubeconfig"
    r"|\.vault-token|\.terraformrc|terraform\.rc|credentials\.tfrc\.json|.*\.tfstate(?:\.backup)?|rclone\.conf"
    r"|credentials\.json|application_default_credentials\.json|.*\.(?:p12|pfx|jks|keystore|kdbx|ppk)"
    r"|.*(?:private|server|tls)[\w.-]*\.key|.*-key\.pem|(?:[\w.-]*[-_.])?service[-_]account[\w.-]*\.json)\Z",
    re.IGNORECASE,
)
_SECRET_FOLDER = pattern(r"(?:.*/)?(?:\.aws|\.ssh|\.kube|\.docker|\.gnupg|\.git|\.azure|\.config/gcloud)(?:/\*?)?\Z")
# files whose name alone tells nothing: their folder does
_SECRET_PATH = pattern(
    r"(?:.*/)?(?:\.aws/credentials|\.docker/config\.json|\.kube/(?:config|[\w.-]+\.kubeconfig)"
    r"|\.azure/(?:accessTokens\.json|msal_token_cache\.\w+|azureProfile\.json|service_principal_entries\.\w+)"
    r"|\.config/(?:gcloud/.+|gh/hosts\.yml|hub|doctl/config\.yaml)|\.gem/credentials|\.cargo/credentials(?:\.toml)?"
    r"|\.composer/auth\.json|\.m2/settings-security\.xml|\.terraform\.d/credentials\.\w[\w.]*)\Z"
)
_ARCHIVE = pattern(r".*\.(?:tar|tgz|tar\.\w+|txz|tbz2?|tzst|gz|bz2|xz|zst)\Z", re.IGNORECASE)
_PLAIN_NAME = pattern(r"\.[A-Za-z][\w-]*\Z")
"""An extension without signs of a pattern; which ones archives have says `_ARCHIVE`."""


def _place(build: BuildFile, instruction: Instruction, argument: int | None = None) -> Place:
    pointer = dockerfile.pointer_of(instruction)
    return Place(build.dockerfile, pointer if argument is None else (*pointer, "arg", argument))


def _copies(build: BuildFile, *keywords: str) -> list[Instruction]:
    """COPY and ADD from the build context; those that ONBUILD triggers have another."""
    return [one for one in dockerfile.steps(build) if one.keyword in keywords and one.from_ is None]


@check("IMG004", "Secret file is copied into the image", severity=CRITICAL)
def secret_file(build: BuildFile) -> Verdict:
    """A file that holds credentials becomes a part of the image: everybody who can pull it has them, and deleting
    the file in a later layer changes nothing.

    Fix:
        dockerfile: hand it to the one command that needs it with `RUN --mount=type=secret,id=…`, and list it in
            .dockerignore.
    References:
        https://docs.docker.com/build/building/secrets/
    """
    failures: list[Failure] = []
    copies = _copies(build, "COPY", "ADD")
    for instruction in copies:
        for index, word in enumerate(instruction.sources):
            path = word.value.rstrip("/")
            if _is_secret(path, word.value):
                failures.append(
                    fail(
                        _place(build, instruction, index),
                        f"{word.value} becomes part of the image",
                        subject=word.value,
                        no_fix="the command that needs it must take it from a secret mount",
                    )
                )
    return dockerfile.told(build, failures) or (PASS if copies else NOT_APPLICABLE)


def _is_secret(path: str, written: str) -> bool:
    if written.endswith("/") and not _SECRET_FOLDER.match(written):
        return False
    named = _SECRET_FILE.match(posixpath.basename(path)) or _SECRET_PATH.match(path)
    return bool(named or _SECRET_FOLDER.match(written))


@check("IMG006", "ADD of an address without a checksum", severity=HIGH)
def unchecked_download(build: BuildFile) -> Verdict:
    """What is behind the address can change between two builds, and nothing notices: the checksum is what says
    which file was meant. Of a Git repository, which has no checksum, the commit says it. One that is taken from a
    branch is reported medium; a tag is let pass where a host that is known answers for it.

    Fix:
        dockerfile: write `ADD --checksum=sha256:… URL DEST`, or download with `RUN` and verify; name the commit of a
            repository (`ADD https://host/name.git#COMMIT DEST`).
    References:
        https://docs.docker.com/reference/dockerfile/#add---checksum
        https://docs.docker.com/reference/dockerfile/#adding-files-from-a-git-repository
    """
    adds = _copies(build, "ADD")
    failures: list[Failure] = []
    for instruction in adds:
        if instruction.checksum:
            continue
        for index, word in enumerate(instruction.sources):
            repository = git_source(word.value)
            if repository is not None:
                failures += _moving(build, instruction, index, word.value, repository)
            elif is_address(word.value):
                plain = word.value.startswith(("http:", "ftp:"))
                failures.append(
                    fail(
                        _place(build, instruction, index),
                        "an address is added without a checksum"
                        + (", over a connection that anybody can change" if plain else ""),
                        subject=word.value,
                        no_fix="the checksum must be taken from a source that you trust",
                    )
                )
    return dockerfile.told(build, failures) or (PASS if adds else NOT_APPLICABLE)


def _moving(
    build: BuildFile, instruction: Instruction, index: int, written: str, source: GitSource
) -> Iterator[Failure]:
    """A repository that gives something else tomorrow. A commit names its content, however it comes."""
    if source.kind == "commit" or (source.kind == "version" and not source.plain) or "$" in source.reference:
        return
    taken = {
        "default": "its default branch, which moves",
        "branch": f"{source.reference}, which moves",
        "version": f"the tag {source.reference}",
    }[source.kind]
    yield fail(
        _place(build, instruction, index),
        f"a Git repository is added from {taken}"
        + (", over a connection that anybody can change" if source.plain else "; a commit says what is meant"),
        subject=written,
        severity=HIGH if source.plain else MEDIUM,
        no_fix="which commit is meant is for its owner to say",
    )


_ONLY_ADD: Final = ("checksum", "keep-git-dir", "unpack")
"""Flags that COPY does not have."""


@check("IMG007", "ADD where COPY does", severity=LOW, persona="pedantic")
def add_for_copy(build: BuildFile) -> Verdict:
    """ADD unpacks archives and fetches addresses; COPY does only what it says. Where neither is wanted, COPY leaves
    nothing to guess. Whether a file is an archive stands in its first bytes: those of the build context are looked
    at where it is at hand, and what may be one is left alone.

    Fix:
        dockerfile: write COPY.
    References:
        https://docs.docker.com/build/building/best-practices/#add-or-copy
    """
    adds = _copies(build, "ADD")
    failures: list[Failure] = []
    for instruction in adds:
        names = [word.value for word in instruction.sources]
        if not names or any(instruction.flag(name) is not None for name in _ONLY_ADD):
            continue
        is_trigger = build.dockerfile.instructions[instruction.index].onbuild is not None
        known = {_copied(name, "unseen" if is_trigger else build.added.get(name, "unseen")) for name in names}
        if "no" in known:
            continue
        place, change = _as_copy(build, instruction)
        sure = known == {"yes"}
        failures.append(
            fail(
                place,
                "ADD copies what COPY would",
                subject=" ".join(names),
                confidence="high" if sure else "medium",
                fix=edit("safe", "use COPY", build.dockerfile, change)
                if sure
                else edit("review", "use COPY, unless a source is an archive", build.dockerfile, change),
            )
        )
    return dockerfile.told(build, failures) or (PASS if adds else NOT_APPLICABLE)


def _as_copy(build: BuildFile, instruction: Instruction) -> tuple[Place, Edit]:
    """The keyword of an ADD and the edit that makes it COPY; of what ONBUILD triggers, the whole instruction."""
    pointer = dockerfile.pointer_of(instruction)
    outer = build.dockerfile.instructions[instruction.index]
    if outer.onbuild is None:
        return Place(build.dockerfile, (*pointer, "keyword")), Set((*pointer, "keyword"), "COPY")
    start, end = (at - outer.span[0] for at in instruction.keyword_span)
    return Place(build.dockerfile, pointer), Set(pointer, f"{outer.raw[:start]}COPY{outer.raw[end:]}")


def _copied(source: str, kind: Held) -> Literal["yes", "likely", "no"]:
    """Would COPY do the same with this source of an ADD? `likely`: by its name alone, for it was not seen."""
    if "$" in source or _ARCHIVE.match(source) or is_address(source) or git_source(source) is not None:
        return "no"
    last = source.rpartition("/")[2]
    is_pattern = any(sign in source for sign in "*?[")
    named = _PLAIN_NAME.search(last) is not None or (not is_pattern and source.endswith("/"))
    if kind == "archive" or (is_pattern and not named):  # tomorrow there may be one that the pattern meets
        return "no"
    if kind == "plain" or source in (".", "./", "/"):
        return "yes"
    return "likely" if named else "no"


@check("IMG012", "Whole context is copied without an ignore file", severity=MEDIUM)
def whole_context(build: BuildFile) -> Verdict:
    """`COPY . .` takes everything in the folder: the Git history, .env files, keys of the developer. Nothing keeps
    them out, because no .dockerignore excludes them.

    Fix:
        dockerfile: add a .dockerignore with `.git` and `.env`, or copy the folders that are needed.
    References:
        https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    copies = [one for one in build.dockerfile.instructions if one.keyword in ("COPY", "ADD") and one.from_ is None]
    if not copies:
        return NOT_APPLICABLE
    ignored = build.ignored
    missing = _not_ignored(ignored or "")
    failures: list[Failure] = []
    final = len(build.dockerfile.stages) - 1
    for instruction in copies:
        if not missing or instruction.stage != final:
            continue
        if any(word.value in (".", "./", "*", "./*") for word in instruction.sources):
            what = (
                "no .dockerignore keeps anything out"
                if ignored is None
                else f"the .dockerignore does not name {' and '.join(missing)}"
            )
            failures.append(
                fail(
                    _place(build, instruction),
                    f"the whole context is copied and {what}",
                    subject=instruction.text,
                    severity=MEDIUM if ignored is None else LOW,
                    no_fix="the ignore file is another file: which folders the build needs is for its owner to say",
                )
            )
    return failures or PASS


def _not_ignored(ignored: str) -> list[str]:
    """Which of `.git` and `.env` no pattern of the ignore file names."""
    patterns = {line.strip().strip("/") for line in ignored.splitlines()}
    if patterns & {"*", "**", ".*", "**/.*", ".??*"}:
        return []
    return [name for name, named in _IGNORED.items() if not patterns & named]


_IGNORED: Final = {
    ".git": {".git", "**/.git", ".git/**", ".git/*", ".git*", "**/.git*", "**/.git/**", "*.git"},
    ".env": {".env", "**/.env", ".env*", "*.env", "**/.env*", "**/*.env", "**/*.env*", "*.env*"},
}


@check("IMG013", "No health check", severity=LOW, persona="pedantic")
def no_healthcheck(build: BuildFile) -> Verdict:
    """Docker and Swarm restart or replace a container that says it is unhealthy; Kubernetes ignores HEALTHCHECK
    and has probes of its own, which is why this is an opinion.

    Fix:
        dockerfile: add `HEALTHCHECK CMD …`.
    References:
        https://docs.docker.com/reference/dockerfile/#healthcheck
    """
    config = dockerfile.stage_config(build.dockerfile)
    if config.healthcheck is not None:
        return PASS
    last = build.dockerfile.stages[-1].from_
    return fail(
        _place(build, last),
        "the image has no HEALTHCHECK",
        no_fix="how the program says that it is well is for its owner to say",
    )
