"""What a built image holds that widens its surface: remote logins, tools for intruders."""

from __future__ import annotations

import posixpath
from typing import Final

from batten.engine.check import check
from batten.engine.image_parts import listed, origin
from batten.model.image_content import Image, ImageFile
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail

_PORTS: Final = {"sshd": "22/tcp", "dropbear": "22/tcp", "tinysshd": "22/tcp", "telnetd": "23/tcp"}
_TOOLS: Final = {
    "shell": "shells",
    "package-manager": "package managers",
    "compiler": "compilers and debuggers",
    "interpreter": "interpreters",
    "network-tool": "network tools",
}


@check("SUR004", "Remote login daemon in the image", severity=MEDIUM)
def remote_daemon(image: Image) -> Verdict:
    """An SSH or telnet daemon lies in the image: a second way in beside the program, with keys, passwords and patches
    of its own. Where the image also starts it or declares its port, it is meant to be used.

    Fix:
        all: do not install it in the Dockerfile (`openssh-client` brings no daemon); log in with `kubectl exec`,
            `docker exec` or `aws ecs execute-command`.
    References:
        https://csrc.nist.gov/pubs/sp/800/190/final
    """
    if not _was_read(image):
        return NOT_APPLICABLE
    failures: list[Failure] = []
    for file in _there(image, "ssh-daemon"):
        name = posixpath.basename(file.path)
        words = f"/{file.path} is in the image"
        where = origin(image, file.layer)
        started = file.path in image.entry_files
        declared = _PORTS.get(name, "22/tcp") in image.ports
        if started:
            words += " and is started with it"
        elif declared:
            words += f" and port {_PORTS.get(name, '22/tcp').partition('/')[0]} is declared"
        failures.append(
            fail(
                image.where("file", file.path),
                words + (f"; it is from {where}" if where else ""),
                subject=file.path,
                severity=HIGH if started or declared else MEDIUM,
                no_fix="who logs in there must be given another way",
            )
        )
    return failures or PASS


@check("SUR005", "Programs that a service does not need", severity=LOW, persona="pedantic")
def tools(image: Image) -> Verdict:
    """Shells, package managers, compilers, interpreters and network tools help nobody who runs the service, and
    everybody who breaks into it. How many there are says how far the image is from a distroless base, which has none,
    or an Alpine base, which has busybox and apk. What the entry point itself uses is not counted. The report says of
    each image how many packages and MiB its program runs and links nothing of, and which base would do.

    Fix:
        all: build in one stage of the Dockerfile and `COPY --from` the result into a distroless, `scratch` or
            slim base, the one that the report names; remove what only the build needs in the step that installs it.
    References:
        https://docs.docker.com/build/building/multi-stage/
        https://github.com/GoogleContainerTools/distroless
    """
    if not _was_read(image):
        return NOT_APPLICABLE
    needed = frozenset(image.entry_files)
    parts: list[str] = []
    seen: set[str] = set()
    for kind, title in _TOOLS.items():
        names: set[str] = set()
        for file in _there(image, kind):
            target = file.detail.removeprefix("link to ") if file.detail.startswith("link to ") else file.path
            # one program under many names, as busybox is, counts once
            if target not in seen and not {file.path, target} & needed:
                seen.add(target)
                names.add(posixpath.basename(target))
        if names:
            parts.append(f"{title} {listed(sorted(names), 5)}")
    if not parts:
        return PASS
    counted = f"{len(seen)} programs" if len(seen) > 1 else "1 program"
    return fail(
        image.where(),
        f"{counted} that a service rarely needs ({_instead(image)}): {'; '.join(parts)}",
        no_fix="what of it the service calls is for its owner to say",
    )


def _instead(image: Image) -> str:
    base = image.minimality.base if image.minimality is not None else ""
    return f"{base} would do" if base else "a distroless base has none"


def _was_read(image: Image) -> bool:
    return bool(image.size or image.files or image.layers)


def _there(image: Image, kind: str) -> list[ImageFile]:
    return [file for file in image.files if file.kind == kind and file.deleted_in is None]
