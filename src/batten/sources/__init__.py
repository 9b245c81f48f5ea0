"""Where bytes come from: the text that names a target becomes something that can be read.

A target is an existing path or `SCHEME:REFERENCE`, the scheme winning. `-` is standard input.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final

from batten import plugins
from batten.pattern import pattern
from batten.sources.interface import Entry, OpenTarget, Options, Source, Target, TargetError, Unreachable
from batten.sources.names import printable

__all__ = [
    "Entry",
    "OpenTarget",
    "Options",
    "Source",
    "Target",
    "TargetError",
    "Unreachable",
    "kinds",
    "open_target",
    "sources",
]

_SCHEME: Final = pattern(r"([a-z][a-z0-9+.-]+):")  # two characters at least: `C:\x` is a path

_ELSEWHERE: Final = {
    "docker": "container engines",
    "podman": "container engines",
    "host": "hosts",
    "registry": "registries",
    "aws": "Amazon Web Services accounts",
    "azure": "Azure subscriptions",
    "gcp": "Google Cloud projects",
    "git": "Git repositories",
    "helm": "Helm charts",
    "kustomize": "Kustomize overlays",
    "report": "saved reports",
}
"""Schemes with a meaning that a module or another package brings; without it they are no path either."""


def open_target(
    text: str,
    *,
    exclude: Sequence[str] = (),
    ignore_files: bool = True,
    platform: str = "",
    offline: bool = False,
    plain_http: Sequence[str] = (),
    stopped: bool = False,
    namespaces: Sequence[str] = (),
    pod_templates: Mapping[str, str] | None = None,
) -> OpenTarget:
    """Opens the target that `text` names; reading it starts with `OpenTarget.entries`.

    What lies there decides how a path is read: a saved image or an OCI layout is an image. What is no path
    but names an image with a registry, tag or digest is that image. `exclude` are patterns in the syntax of
    `.gitignore`, relative to the root; the rest is as in `Options`. Raises `TargetError`: what was expected,
    what was found, what was probably meant.
    """
    options = Options(
        exclude=tuple(exclude),
        ignore_files=ignore_files,
        platform=platform,
        offline=offline,
        plain_http=tuple(plain_http),
        stopped=stopped,
        namespaces=tuple(namespaces),
        pod_templates=tuple((pod_templates or {}).items()),
    )
    if text == "-":
        return _source("stdin").open("", options)
    if ":" in text and (found := _SCHEME.match(text)):
        scheme, reference = found[1], text[found.end() :]
        source = next((one for one in sources() if one.scheme == scheme), None)
        if source is not None:
            return source.open(reference, options)
        if scheme in _ELSEWHERE:
            raise TargetError(_not_installed(text, scheme))
    if not text or "\0" in text:
        raise TargetError(f"expected a path or SCHEME:REFERENCE, found {text!r}; `.` is the current directory")
    if os.path.isdir(text):
        return _source("image" if _holds_image(text) else "directory").open(text, options)
    if os.path.lexists(text):  # a link to nothing, too: it is there and cannot be read
        return _source("image" if _holds_image(text) else "file").open(text, options)
    if _names_image(text):
        return _source("image").open(text, options)
    raise TargetError(_nothing_there(text))


def _holds_image(path: str) -> bool:
    """Asked for every path that is scanned: what is no image must not cost more than a look at its name."""
    if os.path.isdir(path):
        return os.path.exists(os.path.join(path, "oci-layout")) and os.path.exists(os.path.join(path, "index.json"))
    if not path.lower().endswith((".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".oci", ".img")):
        return False
    from batten.sources.oci.archives import looks_like_image_archive

    return looks_like_image_archive(path)


def _names_image(text: str) -> bool:
    """With a registry, a tag or a digest; `web` alone is more probably a path that was misspelt, and `dri:k8s`
    a scheme before a path that is there."""
    if os.path.exists(text.partition(":")[2]):
        return False
    first, slash, _ = text.partition("/")
    named = "@sha256:" in text or ":" in text.rpartition("/")[2] or (bool(slash) and ("." in first or ":" in first))
    if not named or text.startswith((".", "/", "~")) or _similar(text):
        return False
    if _SCHEME.match(text) and _similar_scheme(text, {source.scheme for source in sources()}, _MISSPELT):
        return False  # `imgae:web`; an image that is called so is asked for as `image:imgae:web`
    from batten.sources.oci.references import is_reference

    return is_reference(text)


def kinds() -> list[tuple[str, str, str]]:
    """The kinds of targets that are installed: scheme, summary, example; sorted by scheme."""
    return [(source.scheme, source.summary, source.example) for source in sources()]


def sources() -> list[Source]:
    """Every `SOURCE` of a module in this package and of plug-ins, sorted by scheme. Raises `PluginError`."""
    # Listing the folder by hand keeps pkgutil and inspect out of the start.
    names = {name.partition(".")[0] for folder in __path__ for name in os.listdir(folder)}
    modules = [import_module(f"{__name__}.{name}") for name in sorted(names) if name.isidentifier() and name[0] != "_"]
    found = [source for module in modules if isinstance(source := getattr(module, "SOURCE", None), Source)]
    brought = plugins.brought("sources", "SOURCE", lambda value: isinstance(value, Source), "a batten.sources.Source")
    plugins.without_collisions(
        [(plugin, source.scheme) for plugin, source in brought],
        {source.scheme: "batten" for source in found},
        "kind of target",
    )
    for plugin, source in brought:
        if not _SCHEME.fullmatch(f"{source.scheme}:"):
            plugin.refuse(f"expected a scheme such as 'vault' (two letters at least), found {source.scheme!r}")
    return sorted([*found, *(source for _, source in brought)], key=lambda source: source.scheme)


_MISSPELT: Final = 0.8  # how alike a scheme and a word before a colon are that is no image's name


def _source(name: str) -> Source:
    source: Source = import_module(f"{__name__}.{name}").SOURCE
    return source


def _not_installed(text: str, scheme: str) -> str:
    installed = ", ".join(f"{source.scheme}:" for source in sources())
    message = f"expected a kind of target that is installed ({installed}), found {printable(text)!r}: "
    message += f"this installation cannot read {_ELSEWHERE[scheme]} (`batten targets` lists what it can)"
    return message + f"; for the path write './{printable(text)}'" if os.path.exists(text) else message


def _nothing_there(text: str) -> str:
    """The message for a path that does not exist, with what was probably meant."""
    installed = {source.scheme for source in sources()}
    if text in installed:
        example = next(source.example for source in sources() if source.scheme == text)
        return (
            f"expected an existing path or SCHEME:REFERENCE, found {text!r}, a scheme without its colon; "
            f"did you mean {text}:? ({example})"
        )
    meant = _similar(text) or _similar_scheme(text, installed)
    if not meant:
        from batten.sources.oci.references import is_reference

        # What looks like `nginx:1.25` or `ghcr.io/shop/web` is more probably an image than a path.
        meant = [f"image:{text}"] if is_reference(text) else []
    from batten.detect.build_steps import masked

    # an address with credentials in it stands in the logs of pipelines otherwise
    message = f"expected an existing path or SCHEME:REFERENCE, found nothing at {masked(printable(text))!r}"
    hint = f"; did you mean {' or '.join(meant)}?" if meant else ""
    return f"{message}{hint} (`batten targets` lists the kinds)"


def _similar_scheme(text: str, installed: set[str], cutoff: float = 0.6) -> list[str]:
    """`dri:k8s` was probably meant as `dir:k8s`."""
    scheme, colon, reference = text.partition(":")
    if not colon:
        return []
    from difflib import get_close_matches

    return [f"{one}:{printable(reference)}" for one in get_close_matches(scheme, sorted(installed), n=1, cutoff=cutoff)]


def _similar(text: str) -> list[str]:
    """Up to two existing paths that are spelt nearly like `text`."""
    folder, name = os.path.split(text)
    try:
        siblings = sorted(os.listdir(folder or "."))[:1000]
    except OSError:
        return []
    from difflib import get_close_matches

    return [printable(os.path.join(folder, one)) for one in get_close_matches(name, siblings, n=2, cutoff=0.75)]
