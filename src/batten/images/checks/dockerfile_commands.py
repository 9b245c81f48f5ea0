"""RUN: what the commands of a build fetch, trust and leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.detect import shell
from batten.engine.check import check
from batten.engine.mend import edit
from batten.formats import dockerfile
from batten.formats.dockerfile import BuildFile
from batten.images import emptied
from batten.images.verified import without_flag, without_variable
from batten.model.edits import ReplaceText, Set
from batten.model.source import Place
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Fix, Verdict, fail

if TYPE_CHECKING:
    from batten.formats.dockerfile.nodes import Instruction


_WITHOUT_IT = "the download must be seen to work without it"
_OWNERS_CHECKSUM = "which file is meant, and its checksum, is for its owner to say"


def _is_powershell(build: BuildFile, instruction: Instruction) -> bool:
    return shell.is_powershell(instruction.script, dockerfile.shell_at(build.dockerfile, instruction))


def _is_cmd(build: BuildFile, instruction: Instruction) -> bool:
    return not instruction.json and shell.is_cmd_shell(dockerfile.shell_at(build.dockerfile, instruction))


def _answer(build: BuildFile, failures: list[Failure]) -> Verdict:
    if failures:
        return dockerfile.told(build, failures)
    return PASS if any(one.keyword == "RUN" for one in dockerfile.steps(build)) else NOT_APPLICABLE


@check("IMG005", "Download is run unseen", severity=HIGH)
def piped_download(build: BuildFile) -> Verdict:
    """`curl … | sh` runs what the server sends at that moment, as root, in the build: nobody has seen it, nothing
    pins it, and a connection that breaks half-way runs half a script. A file that is downloaded and run by the same
    RUN, with no checksum or signature verified between, is no better. On Windows the same holds of `curl`,
    `bitsadmin` and `certutil` in cmd, of `msiexec /i` with an address, and of what PowerShell downloads.

    Fix:
        dockerfile: download to a file, verify its checksum, run it; better: install a package.
    References:
        https://docs.docker.com/build/building/best-practices/
    """
    failures: list[Failure] = []
    for instruction, found in dockerfile.runs(build):
        kept = shell.cmd_downloads_run if _is_cmd(build, instruction) else shell.downloads_run
        runs = [*shell.downloads_into_shell(found), *kept(found)]
        for run in runs:
            failures.append(
                fail(
                    dockerfile.place(build, instruction, run.start, run.end),
                    f"{run.downloader.name} downloads {run.path}, which is run with nothing verified"
                    if run.path
                    else f"{run.downloader.name} hands a script to {run.interpreter.name} unseen",
                    subject=f"{run.downloader.name} {shell.fetched(run.downloader)}",
                    confidence="high" if run.sure else "medium",
                    no_fix=_OWNERS_CHECKSUM,
                )
            )
        for unseen in shell.downloads_unseen(instruction.script) if _is_powershell(build, instruction) else ():
            if any(run.start <= unseen.start < run.end for run in runs):
                continue  # cmd downloads what PowerShell runs
            failures.append(
                fail(
                    dockerfile.place(build, instruction, unseen.start, unseen.end),
                    f"PowerShell downloads {unseen.path}, which is run with nothing verified"
                    if unseen.path
                    else "PowerShell runs what it downloads unseen",
                    subject=f"powershell {unseen.addresses or unseen.path}",
                    confidence="medium" if unseen.path else "high",
                    no_fix=_OWNERS_CHECKSUM,
                )
            )
    return _answer(build, failures)


@check("IMG008", "Verification is switched off", severity=HIGH)
def insecure_flag(build: BuildFile) -> Verdict:
    """The command tells its tool not to check certificates or signatures: everybody on the way can put something
    else in.

    Fix:
        dockerfile: remove the flag; add the certificate of a proxy to the image's trust store where that is why.
    References:
        https://wiki.debian.org/SecureApt
    """
    failures: list[Failure] = []
    for instruction, found in dockerfile.runs(build):
        for flag in shell.insecure_downloads(found):
            fix = without_flag(build, instruction, flag)
            failures.append(
                fail(
                    dockerfile.place(build, instruction, flag.start, flag.end),
                    f"{flag.text} switches a verification off",
                    subject=f"{flag.kind}:{flag.text}",
                    fix=fix,
                    no_fix="" if fix is not None else _WITHOUT_IT,
                )
            )
        for off in shell.switched_off(instruction.script) if _is_powershell(build, instruction) else ():
            failures.append(
                fail(
                    dockerfile.place(build, instruction, off.start, off.end),
                    f"{off.text} switches a verification off",
                    subject=f"powershell:{off.text}",
                    no_fix=_WITHOUT_IT,
                )
            )
    for instruction in dockerfile.steps(build):
        for pair in instruction.pairs if instruction.keyword in ("ENV", "ARG") else ():
            kind = shell.insecure_variable(pair.key, pair.value or "")
            if kind:
                fix = without_variable(build, instruction, pair)
                failures.append(
                    fail(
                        Place(build.dockerfile, (*dockerfile.pointer_of(instruction), "value", pair.key)),
                        f"{pair.key}={pair.value} switches a verification off",
                        subject=f"{kind}:{pair.key}={pair.value}",
                        fix=fix,
                        no_fix="" if fix is not None else _WITHOUT_IT,
                    )
                )
    return _answer(build, failures)


@check("IMG009", "Package cache stays in the image", severity=LOW, persona="pedantic")
def package_cache(build: BuildFile) -> Verdict:
    """Package lists and downloads stay in the layer: larger images, and files that scanners and attackers read.

    Fix:
        dockerfile: `rm -rf /var/lib/apt/lists/*` in the same RUN, `apk add --no-cache`, `pip install
            --no-cache-dir`, `dnf clean all`; or a cache mount.
    References:
        https://docs.docker.com/build/building/best-practices/#apt-get
    """
    failures: list[Failure] = []
    for instruction, found in dockerfile.runs(build, final=True):
        mounts = [mount.target for mount in instruction.mounts if mount.type in ("cache", "tmpfs")]
        cleaned = {one.manager for one in shell.cache_cleanups(found, mounts)}
        for call in shell.package_manager_calls(found):
            if not call.installs or call.manager in cleaned or call.manager in ("npm", "gem"):
                continue
            if emptied.keeps_none(build, instruction, call, found):
                continue
            cleaned.add(call.manager)
            flag = emptied.FLAGS.get(call.manager)
            fix = emptied.clean_up(build, instruction, call, found)
            failures.append(
                fail(
                    dockerfile.place(build, instruction, call.start, call.end),
                    f"{call.tool} leaves its cache in the layer" + (f"; use {flag}" if flag else ""),
                    subject=call.manager,
                    fix=fix,
                    no_fix=""
                    if fix is not None
                    else "the RUN must clean up after itself, as its package manager has it",
                )
            )
    return _answer(build, failures)


_COMPILERS = frozenset(
    (
        "gcc",
        "g++",
        "clang",
        "make",
        "cmake",
        "build-essential",
        "build-base",
        "golang",
        "cargo",
        "rustc",
        "gdb",
        "strace",
        "tcpdump",
        "nmap",
        "netcat",
        "netcat-openbsd",
        "netcat-traditional",
        "ncat",
    )
)


_REMOVE = ("remove", "purge", "del", "erase", "rm", "autoremove")


@check("IMG010", "Build tools stay in the image", severity=LOW, persona="pedantic")
def build_tools(build: BuildFile) -> Verdict:
    """Compilers, debuggers and network tools in the final image help nobody but an intruder. A second stage that
    copies the result leaves them behind.

    Fix:
        dockerfile: build in one stage, `COPY --from` it into a small one.
    References:
        https://docs.docker.com/build/building/multi-stage/
    """
    failures: list[Failure] = []
    for instruction, found in dockerfile.runs(build, final=True):
        removed = {
            word
            for call in shell.package_manager_calls(found)
            if call.subcommand in _REMOVE
            for word in call.command.values
        }
        for call in shell.package_manager_calls(found):
            if not call.installs or call.manager in ("pip", "npm", "gem") or call.has("--virtual", "-t"):
                continue
            kept = sorted({package.name for package in call.packages if package.name in _COMPILERS} - removed)
            if kept:
                failures.append(
                    fail(
                        dockerfile.place(build, instruction, call.start, call.end),
                        f"{', '.join(str(name) for name in kept)} stay in the image",
                        subject=",".join(str(name) for name in kept),
                        no_fix="the build must be parted into stages",
                    )
                )
    return _answer(build, failures)


def _tighter(where: Place, mode: str, edit_with: type[ReplaceText] | type[Set] = ReplaceText) -> Fix | None:
    """The same octal mode without the right of everybody to write; others are not guessed."""
    if not mode.isdecimal() or len(mode) not in (3, 4):
        return None
    tighter = f"{mode[:-1]}{int(mode[-1]) & ~2}"
    return edit("review", f"use mode {tighter}", where.document, edit_with(where.pointer, tighter))


@check("IMG011", "Files that everybody may write", severity=MEDIUM)
def world_writable(build: BuildFile) -> Verdict:
    """With `chmod 777` every user in the container may replace the program or its configuration, also the one that
    an intruder has become.

    Fix:
        dockerfile: give the files to the user that needs them (`COPY --chown`), with 755 or 644.
    References:
        https://docs.docker.com/build/building/best-practices/
    """
    failures: list[Failure] = []
    for instruction, found in dockerfile.runs(build, final=True):
        for change in shell.chmod_calls(found):
            if change.mode is None or not change.mode.world_writable or change.mode.sticky:
                continue
            failures.append(
                fail(
                    dockerfile.place(build, instruction, change.start, change.end),
                    f"mode {change.text} lets everybody write",
                    subject=f"{change.text} {' '.join(path.value or '?' for path in change.paths)}",
                    fix=_tighter(dockerfile.place(build, instruction, change.start, change.end), change.text),
                    no_fix="which user needs to write is for its owner to say",
                )
            )
    kept = {stage.index for stage in dockerfile.stage_config(build.dockerfile).chain}
    copies = [one for one in dockerfile.steps(build) if one.keyword in ("COPY", "ADD") and one.stage in kept]
    for instruction in copies:
        mode = shell.parse_mode(instruction.chmod or "")
        if mode is not None and mode.world_writable and not mode.sticky:
            where = Place(build.dockerfile, (*dockerfile.pointer_of(instruction), "flag", "chmod"))
            failures.append(
                fail(
                    where,
                    f"--chmod={instruction.chmod} lets everybody write",
                    subject=f"{instruction.chmod} {instruction.text}",
                    fix=_tighter(where, instruction.chmod or "", Set),
                    no_fix="which user needs to write is for its owner to say",
                )
            )
    return PASS if copies and not failures else _answer(build, failures)
