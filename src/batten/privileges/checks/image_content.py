"""Who the process of a built image is, and which of its files hand out more rights."""

from __future__ import annotations

import posixpath
from typing import Final

from batten.engine.check import Context, check
from batten.engine.image_parts import SYSTEM, containers_of, has_configuration, in_base, listed, packages_of
from batten.model.image_content import Image, ImageFile
from batten.model.values import Absent
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Severity, Verdict, fail

_NO_FIX: Final = "the Dockerfile must be changed and the image built again"


def _user(image: Image) -> str:
    return image.user.partition(":")[0].strip()


def _is_root(user: str) -> bool:
    return user in ("", "root") or not user.strip("0")


@check("PRV016", "Image runs as root", severity=HIGH)
def runs_as_root(image: Image, context: Context) -> Verdict:
    """The configuration of the image names no user, or root: the process starts as uid 0 wherever nobody says
    otherwise. uid 0 inside a container is uid 0 on the host unless user namespaces are in use, so an escape lands
    as root.

    An image passes where every workload of the same scan that runs it sets another user.

    Fix:
        all: end the last stage of the Dockerfile with `USER 10001` after the files that it writes are owned by that
            id; a program that needs a low port can listen above 1024.
    References:
        https://docs.docker.com/build/building/best-practices/#user
        https://github.com/opencontainers/image-spec/blob/main/config.md
    """
    if not has_configuration(image) or image.os == "windows":
        return NOT_APPLICABLE
    if not _is_root(_user(image)):
        return PASS
    users = [one.user for one in containers_of(image, context.inventory)]
    if users and not any(isinstance(one, Absent) or one.may_be_root for one in users):
        return PASS
    said = f"the user of the image is {image.user[:40]}" if image.user else "the image sets no user, so it runs as root"
    return fail(image.where("config", "User"), said, no_fix=_NO_FIX)


@check("PRV018", "User of the image is a name", severity=LOW, persona="pedantic")
def named_user(image: Image) -> Verdict:
    """A platform that must refuse root cannot tell which id a name stands for: with `runAsNonRoot` Kubernetes does
    not start an image whose user is a name and that no `runAsUser` overrides.

    Fix:
        all: write the number: `USER 10001`.
    References:
        https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    """
    user = _user(image)
    if not has_configuration(image) or image.os == "windows" or _is_root(user):
        return NOT_APPLICABLE
    if user.isascii() and user.isdigit():
        return PASS
    return fail(
        image.where("config", "User"),
        f"the user is the name {user[:40]}, which a platform cannot tell from root",
        no_fix="which id it has is for its Dockerfile to say",
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# programs that run what they are told, or read and write any file: with the bit they are a root shell
_SHELLS: Final = _words(
    "sh bash dash ash zsh ksh busybox env find vim vi nano less more cp mv dd tar cat tee chmod chown nmap gdb strace "
    "python python2 python3 perl ruby node php lua awk gawk mawk sed docker make rsync socat systemctl"
)
_BECOME_ROOT: Final = frozenset(("sudo", "sudoedit", "doas", "pkexec", "gosu", "su-exec"))
# what distributions ship so, for where their package database does not say whose it is (usr-merged paths, no lists)
_USUAL: Final = _words(
    "su passwd chsh chfn chage expiry gpasswd newgrp newgidmap newuidmap mount umount unix_chkpwd pam_timestamp_check "
    "unix_update wall write bsd-write ssh-agent ssh-keysign dbus-daemon-launch-helper polkit-agent-helper-1 ping ping6 "
    "bbsuid crontab at utempter fusermount fusermount3 dotlockfile mail-lock mail-unlock mail-touchlock userhelper "
    "staprun locate mlocate plocate screen lockfile"
)


_BITS: Final = {"setuid": 0, "setgid": 1, "capabilities": 2}


@check("PRV017", "Programs that hand out rights", severity=MEDIUM)
def set_uid_files(image: Image, context: Context) -> Verdict:
    """A set-uid or set-gid program, or one with file capabilities, runs with its owner's rights whoever starts it: a
    flaw in one of them turns an ordinary user of the container into root. The usual ones of the distribution (`su`,
    `passwd`, `mount` …) rank low, those that come with nobody's package higher, and a shell or an interpreter with
    the bit is an open door.

    `no-new-privileges` and `allowPrivilegeEscalation: false` take the bits their effect.

    Fix:
        all: do not install what is not needed; `RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} +` in the
            last stage takes the bits away, `setcap -r FILE` the capabilities.
    References:
        https://docs.docker.com/build/building/best-practices/#user
        https://man7.org/linux/man-pages/man7/capabilities.7.html
    """
    found: dict[str, ImageFile] = {}
    for file in sorted(image.files, key=lambda one: _BITS.get(one.kind, 0)):
        if file.kind in _BITS and file.deleted_in is None:
            found.setdefault(file.path, file)
    if not found:
        return PASS if image.layers or image.files or image.size else NOT_APPLICABLE
    owned = {path for one in packages_of(image, context.inventory) if one.type in SYSTEM for path in one.files}
    groups: dict[str, list[ImageFile]] = {}
    for file in found.values():
        groups.setdefault(_group(file, owned), []).append(file)
    return [_failure(image, group, files) for group, files in groups.items()]


def _group(file: ImageFile, owned: set[str]) -> str:
    name = posixpath.basename(file.path)
    if name in _SHELLS and file.kind == "setuid":
        return "shell"
    if name in _BECOME_ROOT:
        return "become-root"
    bare = file.path.removeprefix("usr/")
    known = name in _USUAL or file.path in owned or bare in owned
    return "usual" if known else "capabilities" if file.kind == "capabilities" else "own"


_GROUPS: Final[dict[str, tuple[Severity, str]]] = {
    "shell": (HIGH, "run anything as root for whoever starts them"),
    "become-root": (MEDIUM, "exist to become another user"),
    "own": (MEDIUM, "are set-uid or set-gid and belong to no package of the distribution"),
    "capabilities": (LOW, "have file capabilities and belong to no package of the distribution"),
    "usual": (LOW, "are set-uid or set-gid, as the distribution ships them"),
}


def _failure(image: Image, group: str, files: list[ImageFile]) -> Failure:
    severity, words = _GROUPS[group]
    names = listed((f"/{file.path}" for file in files), 8)
    message = f"{names} {words if len(files) > 1 else _one(words)}"
    if all(in_base(image, file.layer) for file in files):
        message += "; " + ("they come" if len(files) > 1 else "it comes") + " with the base image"
    return fail(
        image.where(),
        message,
        subject=group if group in ("usual", "capabilities") else f"{group}: {' '.join(file.path for file in files)}",
        severity=severity,
        no_fix="whether anything relies on the bit is for its owner to say",
    )


def _one(words: str) -> str:
    """The same words of one file."""
    for many, one in (("run ", "runs "), ("exist ", "exists "), ("are ", "is "), ("have ", "has ")):
        if words.startswith(many):
            words = one + words.removeprefix(many)
    return (
        words.replace(" starts them", " starts it")
        .replace("and belong ", "and belongs ")
        .replace("ships them", "ships it")
    )
