"""Ways to more rights that are built into the image: sudo, set-uid programs."""

from __future__ import annotations

from batten.detect import shell
from batten.engine.check import check
from batten.formats import dockerfile
from batten.formats.dockerfile import BuildFile
from batten.model.verdict import HIGH, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail


@check("PRV015", "sudo or set-uid programs in the image", severity=HIGH)
def set_uid(build: BuildFile) -> Verdict:
    """A set-uid program or sudo in the image turns an ordinary user of the container into its root. A build runs as
    root anyway and needs neither; a program that must change user at start uses `gosu` or `setpriv`.

    Fix:
        dockerfile: do not install sudo, do not set the bits; `RUN find / -perm /6000 -type f -exec chmod a-s {} +`
            takes away those of the base.
    References:
        https://docs.docker.com/build/building/best-practices/#user
    """
    failures: list[Failure] = []
    for instruction, found in dockerfile.runs(build, final=True):
        for call, package in shell.installed(found, shell.SUDO_PACKAGES):
            if call.installs:
                failures.append(
                    fail(
                        dockerfile.place(build, instruction, package.word.start, package.word.end),
                        f"{package.name} is installed",
                        subject=f"install {package.name}",
                        no_fix="what uses it must be changed first",
                    )
                )
        for command in shell.sudo_uses(found):
            failures.append(
                fail(
                    dockerfile.place(build, instruction, command.start, command.end),
                    "sudo is used in the build, which runs as root or should not need to",
                    subject=instruction.script[command.start : command.end],
                    severity=MEDIUM,
                    no_fix="what runs through it must be changed first",
                )
            )
        for change in shell.chmod_calls(found):
            if change.mode is not None and (change.mode.setuid or change.mode.setgid):
                failures.append(
                    fail(
                        dockerfile.place(build, instruction, change.start, change.end),
                        f"mode {change.text} sets a set-uid or set-gid bit",
                        subject=instruction.script[change.start : change.end],
                        no_fix="what relies on the bit must be changed first",
                    )
                )
    if failures:
        return failures
    return PASS if any(one.keyword == "RUN" for one in build.dockerfile.instructions) else NOT_APPLICABLE
