"""Advisories that their publishers keep as small documents of YAML, in which every value is a text."""

from __future__ import annotations

from typing import Any

from batten import limits
from batten.vulnerabilities.db.importers import common


def load(data: bytes) -> dict[str, Any]:
    """The mapping of a document; `1.10` stays what it is. Raises Unreadable."""
    import yaml

    if len(data) > limits.ADVISORY_PAGE:
        raise common.Unreadable(f"expected a document of at most {limits.ADVISORY_PAGE // limits.KIB} KiB")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        found: Any = yaml.load(data.decode("utf-8", "replace"), loader)  # noqa: S506 - it makes texts alone
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise common.Unreadable(f"expected YAML, found {' '.join(str(error).split())[:80]}") from None
    if not isinstance(found, dict):
        raise common.Unreadable("expected a mapping, found none")
    return found


def text(found: dict[str, Any], key: str) -> str:
    """The text under `key`, "" where there is none."""
    value = found.get(key)
    return value.strip() if isinstance(value, str) and value.strip() not in ("~", "null") else ""


def texts(found: dict[str, Any], key: str) -> list[str]:
    """The texts in the list (or the one text) under `key`."""
    value = found.get(key)
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one.strip()]
