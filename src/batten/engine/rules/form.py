"""What a file of rules looks like: the structs that it is read into, and the JSON Schema that editors take."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, Struct, field

OnWord = Literal[
    "container",
    "workload",
    "image",
    "mount",
    "port",
    "variable",
    "service_account",
    "role",
    "binding",
    "network_policy",
    "service",
    "ingress",
    "namespace",
    "object",
    "config",
    "network",
    "project",
    "security_group",
    "image_repository",
    "access_policy",
    "pipeline",
    "job",
    "step",
    "built_image",
    "installed_package",
]
Platform = Literal["kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet", "dockerfile"]
PLATFORMS: tuple[str, ...] = get_args(Platform)
Expression = Annotated[str, Meta(min_length=1, description="A CEL expression over the neutral model.")]


class EditForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change of the source on one platform; pointers are relative to the noun (RFC 6901 without the first `/`)."""

    platform: Platform
    set: str = ""
    value: Any = None
    remove: str = ""


class FixForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it is mended: fields of the neutral model (`set`), the entry goes (`remove`), or `edits` of the source."""

    summary: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: Literal["safe", "review"] = "review"
    set: dict[str, Any] = field(default_factory=dict)
    remove: bool = False
    edits: list[EditForm] = field(default_factory=list)


class ExampleForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A manifest; `file` is the name that it is read under, which decides the format where the text does not."""

    text: str
    file: str = ""
    fixed: bool = True
    """Of a failing one of a rule with a fix: the fix mends it."""


class ExamplesForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    failing: list[str | ExampleForm] = field(default_factory=list)
    passing: list[str | ExampleForm] = field(default_factory=list)


class RuleForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule."""

    id: Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9]{1,15}(-[A-Z0-9]{1,16})*-[0-9]{1,6}$")]
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    on: OnWord
    fails_if: Expression
    when: Expression | None = None
    severity: Literal["critical", "high", "medium", "low", "info"] = "medium"
    message: Annotated[str, Meta(max_length=2000)] = ""
    where: str = ""
    description: str = ""
    remediation: str | dict[str, str] = ""
    references: list[str] = field(default_factory=list)
    platforms: list[Platform] = field(default_factory=list)
    persona: Literal["regular", "pedantic", "auditor"] = "regular"
    confidence: Literal["high", "medium", "low"] = "high"
    strategy: Annotated[int, Meta(ge=1, le=10)] = 7
    waivable: bool = True
    controls: list[str] = field(default_factory=list)
    fix: FixForm | None = None
    examples: ExamplesForm | None = None


class RuleFileForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of rules."""

    rules: list[RuleForm]


def schema() -> dict[str, Any]:
    """The JSON Schema of a file of rules."""
    import msgspec

    found = msgspec.json.schema(RuleFileForm)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Rules for batten", **found}
