"""Ways to more rights that are built into the image: sudo, set-uid programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from batten.detect import shell
from batten.engine.check import check
from batten.engine.mend import edit
from batten.formats import dockerfile
from batten.formats.dockerfile import BuildFile
from batten.model.edits import Remove
from batten.model.source import Place
from batten.model.verdict import HIGH, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail

if TYPE_CHECKING:
    from batten.formats.dockerfile.nodes import Instruction


@check("PRV015", "sudo or set-uid programs in the image", severity=HIGH)
def set_uid(build: BuildFile) -> Verdict:
    """A set-uid program or sudo in the image turns an ordinary user of the container into its root, and so do a file
    capability such as SETUID or SYS_ADMIN, a rule of sudo with NOPASSWD and the group `sudo` or `wheel`. A build
    runs as root anyway and needs none of them; a program that must change user at start uses `gosu` or `setpriv`.

    Fix:
        dockerfile: do not install sudo, do not set the bits (`chmod`, `COPY --chmod`) and capabilities;
            `RUN find / -perm /6000 -type f -exec chmod a-s {} +` takes away the bits of the base.
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
                    subject=f"sudo {command.name or '?'}",
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
                        subject=f"{change.text} {' '.join(path.value or '?' for path in change.paths)}",
                        no_fix="what relies on the bit must be changed first",
                    )
                )
        failures += _grants(build, instruction, found)
    copies = _copies(build)
    for copy in copies:
        mode = shell.parse_mode(copy.chmod or "")
        if mode is not None and (mode.setuid or mode.setgid):
            failures.append(
                fail(
                    Place(build.dockerfile, (*dockerfile.pointer_of(copy), "flag", "chmod")),
                    f"--chmod={copy.chmod} sets a set-uid or set-gid bit",
                    subject=f"{copy.chmod} {copy.text}",
                    no_fix="what relies on the bit must be changed first",
                )
            )
    if failures:
        return dockerfile.told(build, failures)
    judged = any(one.keyword == "RUN" for one in dockerfile.steps(build)) or any(copy.chmod for copy in copies)
    return PASS if judged else NOT_APPLICABLE


# capabilities(7): what makes root, reads every file, or reaches beyond the container where it has them itself
_AS_GOOD_AS_ROOT = frozenset(
    {
        "ALL", "BPF", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD",
        "NET_ADMIN", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_PTRACE",
        "SYS_RAWIO", "SYS_TIME",
    }
)  # fmt: skip


def _copies(build: BuildFile) -> list[Instruction]:
    """COPY and ADD of the stages that end up in the image."""
    kept = {stage.index for stage in dockerfile.stage_config(build.dockerfile).chain}
    return [one for one in dockerfile.steps(build) if one.keyword in ("COPY", "ADD") and one.stage in kept]


def _grants(build: BuildFile, instruction: Instruction, found: list[shell.Command]) -> Iterator[Failure]:
    """File capabilities, rules of sudo, groups."""
    for grant, names in shell.capability_grants(found):
        strong = sorted(names & _AS_GOOD_AS_ROOT)
        if strong:
            yield fail(
                dockerfile.place(build, instruction, grant.start, grant.end),
                f"setcap gives {', '.join(strong)} to whoever runs the file",
                subject=f"setcap {grant.text}",
                no_fix="what relies on the capability must be changed first",
            )
    for grant in shell.sudo_without_password(found):
        yield fail(
            dockerfile.place(build, instruction, grant.start, grant.end),
            "sudo asks for no password (NOPASSWD)",
            subject="NOPASSWD",
            no_fix="what uses it must be changed first",
        )
    for grant in shell.root_groups(found):
        yield fail(
            dockerfile.place(build, instruction, grant.start, grant.end),
            f"a user is put into the group {grant.text}, whose members can become root",
            subject=f"group {grant.text}",
            severity=MEDIUM,
            no_fix="what the user needs it for must be given otherwise",
        )


@check("PRV019", "Build step without confinement", severity=HIGH, platforms=("dockerfile",))
def unconfined_step(build: BuildFile) -> Verdict:
    """`RUN --security=insecure` gives a step of the build all capabilities and no seccomp filter, `RUN
    --network=host` the network of the build machine with what listens on its loopback. The builder has to allow
    both (`security.insecure`, `network.host`), and then every dependency that the step runs has them, too.

    Fix:
        dockerfile: remove the flag; do what needs the rights outside of the build, or in a machine of its own.
    References:
        https://docs.docker.com/reference/dockerfile/#run---security
        https://docs.docker.com/reference/dockerfile/#run---network
    """
    failures: list[Failure] = []
    steps = [one for one in dockerfile.steps(build) if one.keyword == "RUN"]
    for instruction in steps:
        for name, value, severity, meaning in (
            ("security", "insecure", HIGH, "with all capabilities and no seccomp filter"),
            ("network", "host", MEDIUM, "in the network of the build machine"),
        ):
            if (instruction.flag(name) or "").lower() == value:
                flag = (*dockerfile.pointer_of(instruction), "flag", name)
                failures.append(
                    fail(
                        Place(build.dockerfile, flag),
                        f"the step runs {meaning}",
                        subject=name,
                        severity=severity,
                        fix=edit("review", f"remove --{name}={value}", build.dockerfile, Remove(flag)),
                    )
                )
    return dockerfile.told(build, failures) or (PASS if steps else NOT_APPLICABLE)
