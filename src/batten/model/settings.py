"""What a user can set: the configuration's values as the checks and the judge read them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from batten.model.source import Place

Persona = Literal["regular", "pedantic", "auditor"]
PERSONAS: tuple[Persona, ...] = ("regular", "pedantic", "auditor")


class Waiver(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One accepted finding (or several). Globs as in `fnmatch`; empty matches everything.

    `expires` is a date `YYYY-MM-DD`, the last day on which the waiver holds.
    """

    check: str
    reason: str
    owner: str
    expires: str | None = None
    path: str = ""
    resource: str = ""
    """`namespace/name`, `kind/name` or `name`."""
    container: str = ""
    subject: str = ""
    where: str = ""
    """Set by batten: the place where the waiver is written."""
    place: Place | None = None
    """Set by batten: its table in the configuration."""
    source: str = ""
    """Set by batten: the file (absolute) of the configuration that it stands in."""
    folder: str | None = None
    """Set by batten: the folder (absolute) that the configuration speaks for; "" where it is shared with
    others, so that no scan sees all that it is meant for; None: the caller's own, for this very scan."""


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that decides what is checked and what counts."""

    fail_on: str = "high"
    persona: Persona = "regular"
    min_confidence: Literal["high", "medium", "low"] = "low"
    checks: tuple[str, ...] = ()
    """Only these identifiers (or prefixes: `PRV`); empty: all."""
    skip: tuple[str, ...] = ()
    strategies: tuple[int, ...] = ()
    frameworks: tuple[str, ...] = ()
    pss_version: str = ""
    severities: dict[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    allowed_registries: tuple[str, ...] = ()
    """Globs over `registry/repository`; empty: no list, the check does not apply."""
    allowed_base_images: tuple[str, ...] = ()
    pod_template_kinds: dict[str, str] = field(default_factory=dict)
    """`group/Kind` -> dotted path of the pod template or pod spec in a custom resource."""
    non_waivable: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    narrowed: bool = False
    """This run leaves out files that its configuration would have it read (`--exclude`)."""
    as_of: str = ""
    """Date `YYYY-MM-DD` that end-of-life and waivers are judged at; "": today."""
