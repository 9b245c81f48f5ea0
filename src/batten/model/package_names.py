"""Names of packages as package URLs have them, and what can be a name or a version at all.

Shared by what reads installed packages and what reads lock files, so that one package has one name.
"""

from __future__ import annotations

from batten import limits


def project_name(text: str) -> str:
    """The name of a Python project as package URLs have it (purl-spec, type pypi)."""
    return text.strip().lower().replace("_", "-")


def split_scope(name: str) -> tuple[str, str]:
    """`@scope/name` of npm -> (`@scope`, `name`)."""
    scope, slash, rest = name.partition("/")
    return (scope, rest) if slash and scope.startswith("@") else ("", name)


def split_path(path: str) -> tuple[str, str]:
    """`github.com/owner/name` of Go or Swift -> (`github.com/owner`, `name`)."""
    namespace, _, name = path.rpartition("/")
    return namespace, name


def is_name(text: str) -> bool:
    """Can `text` be the name of a package? Blanks, slashes and control characters are in none."""
    return 0 < len(text) <= limits.PACKAGE_NAME and text.isprintable() and not any(one in text for one in " /\\\"'<>")


def is_version(text: str) -> bool:
    """Can `text` be a version?"""
    return 0 < len(text) <= limits.VERSION_CHARACTERS and text.isprintable() and " " not in text
