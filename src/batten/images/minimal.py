"""How far an image is from what its program needs, and which base would do instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from batten.images.squash import SYSTEM_TYPES
from batten.model.image_content import Image, ImageFile, Minimality
from batten.model.package import Package
from batten.pattern import pattern

_KINDS: Final = {
    "shell": "shells",
    "package-manager": "package_managers",
    "compiler": "compilers",
    "interpreter": "interpreters",
    "network-tool": "network_tools",
}
_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "busybox", "toybox"})
_INTERPRETER: Final = pattern(r"(python|node|java|ruby|php|perl|dotnet)(?:-fpm|js)?[0-9.]*\Z")
_DISTROLESS: Final = "gcr.io/distroless"
"""https://github.com/GoogleContainerTools/distroless: its images, by release of Debian."""
_DEBIAN: Final = ("12", "13")
_PYTHON: Final = {"12": "3.11", "13": "3.13"}
_NODE: Final = (22, 24)
_JAVA: Final = {"12": (17, 21), "13": (17, 21, 25)}


def minimality(
    image: Image, packages: Iterable[Package], target: str = "", *, understood: bool = True
) -> Minimality | None:
    """None for what has neither layers nor files: nothing was read of it. `packages` have their `reach`; where it is
    not `understood` what the program needs, no package is superfluous and no base proposed."""
    if not (image.size or image.files or image.layers):
        return None
    system = [one for one in packages if one.type in SYSTEM_TYPES]
    program = image.entry_files[0] if image.entry_files else ""
    idle = [one for one in system if one.reach == "present"]
    programs = _programs(image)
    base, reason = "", "what its program needs could not be read"
    if understood or not program:
        base, reason = _base(image, packages, idle, programs)
    return Minimality(
        target=target,
        image=image.reference,
        size=image.size,
        program=program,
        packages=len(system),
        bytes=sum(one.size for one in system),
        superfluous_packages=len(idle) if program and understood else None,
        superfluous_bytes=sum(one.size for one in idle) if program and understood else 0,
        base=base,
        reason=reason,
        **programs,
    )


def _programs(image: Image) -> dict[str, tuple[str, ...]]:
    """By kind the programs that are no part of the way to the image's own; of many names of one file the first."""
    needed = frozenset(image.entry_files)
    found: dict[str, dict[str, None]] = {name: {} for name in _KINDS.values()}
    seen: set[str] = set()
    for file in image.files:
        name = _KINDS.get(file.kind)
        target = _target(file)
        if name and file.deleted_in is None and target not in seen and not {file.path, target} & needed:
            seen.add(target)
            found[name][target] = None
    return {name: tuple(sorted(paths)) for name, paths in found.items()}


def _target(file: ImageFile) -> str:
    return file.detail.removeprefix("link to ") if file.detail.startswith("link to ") else file.path


def _base(
    image: Image, packages: Iterable[Package], idle: Sequence[Package], programs: dict[str, tuple[str, ...]]
) -> tuple[str, str]:
    """The smallest base that is published for such a program, and why; ("", …) where none would be smaller."""
    files = image.entry_files
    if not files:
        return "", "the image names no program, or its file was not found: what it needs is not known"
    if not idle and not any(programs[name] for name in ("shells", "package_managers", "compilers")):
        return "", "there is nothing in it that its program does not need, as far as packages and programs tell"
    names = [path.rpartition("/")[2] for path in files]
    interpreter = next((found[1] for name in names if (found := _INTERPRETER.match(name)) is not None), "")
    shell = next((name for name in names if name in _SHELLS), "")
    base, reason = _of_program(image, packages, interpreter, names)
    if shell and base:
        return base, f"{reason}; {shell} runs before it and is not there: have the program started without it"
    return base, reason


def _of_program(image: Image, packages: Iterable[Package], interpreter: str, names: Sequence[str]) -> tuple[str, str]:
    is_musl = any(name.startswith("ld-musl-") for name in names)
    release = _release(image)
    if interpreter in ("ruby", "php", "perl", "dotnet"):
        small = "its `-chiseled` variant" if interpreter == "dotnet" else "its `-alpine` or `-slim` variant"
        return f"the official image of {interpreter}", f"{small} has {interpreter} and little else"
    if is_musl and image.distribution is not None and image.distribution.id == "alpine":
        return "", "it is on Alpine already; a program that is linked statically runs on `scratch`"
    if is_musl:
        told = f"with {interpreter} from its packages" if interpreter else "it is linked with musl"
        return "alpine", f"{told}; a program that is linked statically runs on `scratch`"
    if interpreter == "python":
        return f"{_DISTROLESS}/python3-debian{release}", f"it has Python {_PYTHON[release]} and no shell"
    if interpreter == "node":
        major = _nearest(_major(packages, ("node", "nodejs")), _NODE)
        return f"{_DISTROLESS}/nodejs{major}-debian{release}", f"it has Node.js {major} and no shell"
    if interpreter == "java":
        major = _nearest(_major(packages, ("openjdk",)), _JAVA[release])
        return f"{_DISTROLESS}/java{major}-debian{release}", f"it has Java {major} and no shell"
    if any(name.startswith(("libstdc++.so", "libgcc_s.so")) for name in names):
        return f"{_DISTROLESS}/cc-debian{release}", "the program links the C++ library"
    if not any(name.startswith(("libc.so", "ld-linux")) for name in names):
        return (
            f"{_DISTROLESS}/static-debian{release}",
            "the program links nothing; `scratch` does where it needs no certificates",
        )
    return f"{_DISTROLESS}/base-debian{release}", "the program links the C library"


def _release(image: Image) -> str:
    """Of Debian: that of the image where there are distroless images of it, else the newest."""
    distribution = image.distribution
    version = distribution.version if distribution is not None and distribution.id == "debian" else ""
    return version if version in _DEBIAN else _DEBIAN[-1]


def _major(packages: Iterable[Package], names: Sequence[str]) -> int:
    for package in packages:
        if package.name in names or package.name.startswith(tuple(f"{name}-" for name in names)):
            digits = package.version.partition(":")[2] or package.version
            number = digits.partition(".")[0].partition("+")[0]
            if number.isdigit() and len(number) < 4:
                return int(number)
    return 0


def _nearest(major: int, published: Sequence[int]) -> int:
    """The same major version, else the lowest above it, else the newest."""
    return next((one for one in published if one >= major > 0), published[-1])
