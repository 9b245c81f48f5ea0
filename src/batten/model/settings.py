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


class ImageSettings(Struct, frozen=True, kw_only=True):
    """How images are found and their vulnerabilities matched."""

    platform: str = ""
    """`linux/arm64`; "": the machine's own where the image has it. `all`: every platform of an index."""
    with_images: bool = False
    """Also read the images that workloads run."""
    offline: bool = False
    """Never fetch advisories; images of registries are refused as well."""
    cache: bool = True
    """Keep what was found in each layer, and use it again."""
    database: str = ""
    """The advisory database; "": the user's own."""
    vex: tuple[str, ...] = ()
    """Files with VEX statements."""
    ignore_unfixed: bool = False
    """Leave out what no update mends (except what is known to be exploited)."""
    only_fixed: bool = False
    """The gate counts only vulnerabilities that an update mends."""
    jobs: int = 0
    """Layers read at once; 0: as many as there are cores."""
    plain_http: tuple[str, ...] = ()
    """Registries (`host:port`) that are spoken to without TLS; loopback addresses always are where TLS fails."""


class ChartSettings(Struct, frozen=True, kw_only=True):
    """How one Helm chart is rendered."""

    release: str = ""
    """"": the chart's own name."""
    namespace: str = ""
    """"": `default`."""
    values: tuple[str, ...] = ()
    """Files of values (absolute), the last one wins."""
    sets: tuple[str, ...] = ()
    """As in `--set`."""


class HelmSettings(Struct, frozen=True, kw_only=True):
    """How Helm charts are rendered."""

    values: tuple[str, ...] = ()
    """Files of values for every chart, the last one wins."""
    sets: tuple[tuple[str, bool], ...] = ()
    """`--set` for every chart, in order; True: of `--set-string`."""
    charts: dict[str, ChartSettings] = field(default_factory=dict)
    """Folder of a chart (absolute) -> what holds for it."""


class TerraformSettings(Struct, frozen=True, kw_only=True):
    """Which files of variables the modules of Terraform are given."""

    var_files: tuple[str, ...] = ()
    """For every module that no other one calls, the last one wins."""
    modules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Folder of a module (absolute) -> its files."""


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that decides what is checked and what counts."""

    fail_on: str = "high"
    persona: Persona = "regular"
    min_confidence: Literal["high", "medium", "low"] = "low"
    checks: tuple[str, ...] = ()
    """Only these identifiers (or prefixes: `PRV`); empty: all."""
    skip: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Set by batten: identifiers that run whatever their persona, unless the rest leaves them out."""
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
    rules: tuple[str, ...] = ()
    """Files of rules of the user's own."""
    narrowed: bool = False
    """This run leaves out files that its configuration would have it read (`--exclude`)."""
    stopped: bool = False
    """Of container engines and clusters: also what does not run."""
    namespaces: tuple[str, ...] = ()
    """Of clusters: nothing but these namespaces."""
    as_of: str = ""
    """Date `YYYY-MM-DD` that end-of-life and waivers are judged at; "": today."""
    with_inventory: bool = False
    """The report keeps what was read (`Report.inventory`)."""
    compared: bool = False
    """That is compared at once and never saved: it may hold what a report must not."""
    images: ImageSettings = ImageSettings()
    helm: HelmSettings = HelmSettings()
    terraform: TerraformSettings = TerraformSettings()
