"""Values as HCL, in the style of the text around them."""

from __future__ import annotations

from typing import Any, Final

from batten.formats.hcl.lex import NAME
from batten.model.edits import CannotEdit
from batten.pattern import pattern

_STEP: Final = "  "
_CAPITAL: Final = pattern(r"(?<=[a-z0-9])(?=[A-Z])")
# fields of APIs that are mappings of texts, no blocks
_MAPS: Final = frozenset(
    {"labels", "annotations", "match_labels", "node_selector", "data", "limits", "requests", "driver_opts"}
)
# fields of APIs that are lists: one block for each, by this name
_SINGULAR: Final = {
    "containers": "container", "init_containers": "init_container", "volumes": "volume", "ports": "port",
    "volume_mounts": "volume_mount", "tolerations": "toleration", "sysctls": "sysctl", "rules": "rule",
    "subjects": "subject",
}  # fmt: skip
_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def argument(name: str) -> str:
    """The name of an argument or block for a field of an API: `readOnlyRootFilesystem`, `ScanOnPush`."""
    return "_".join(_CAPITAL.split(name)).lower()


def singular(name: str) -> str:
    """The block of which a list in an API is made."""
    return _SINGULAR.get(name, name)


def text(value: str) -> str:
    """A quoted text."""
    written = "".join(_ESCAPES.get(letter, letter) for letter in value)
    written = written.replace("${", "$${").replace("%{", "%%{")
    if not written.isprintable():
        raise CannotEdit("the value has characters that are not written into a text")
    return f'"{written}"'


def expression(value: Any, indent: str, newline: str) -> str:
    """A value as an expression whose lines, but the first, begin with `indent`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int | float):
        return str(value)
    inner = indent + _STEP
    if isinstance(value, list | tuple):
        items = [expression(item, inner, newline) for item in value]
        if not any(isinstance(item, dict) for item in value):
            return f"[{', '.join(items)}]"
        return f"[{newline}{''.join(f'{inner}{item},{newline}' for item in items)}{indent}]"
    if not value:
        return "{}"
    lines = [f"{inner}{key(name)} = {expression(one, inner, newline)}{newline}" for name, one in value.items()]
    return f"{{{newline}{''.join(lines)}{indent}}}"


def inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(inline, value))}]"
    if isinstance(value, dict) and value:
        return f"{{ {', '.join(f'{key(name)} = {inline(one)}' for name, one in value.items())} }}"
    return expression(value, "", "")


def key(name: str) -> str:
    """A key of an object."""
    return name if NAME.fullmatch(name) else text(name)


def elements(fields: dict[str, Any], indent: str, newline: str) -> list[str]:
    """Fields of an API as the arguments and blocks of a body, each with its lines, without the last line end."""
    found = []
    for field, value in fields.items():
        name = argument(field)
        if isinstance(value, dict) and name not in _MAPS:
            found.append(block(name, value, indent, newline))
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            found += [block(singular(name), item, indent, newline) for item in value]
        else:
            found.append(f"{indent}{name} = {expression(value, indent, newline)}")
    return found


def block(name: str, fields: dict[str, Any], indent: str, newline: str) -> str:
    inner = elements(fields, indent + _STEP, newline)
    body = "".join(f"{one}{newline}" for one in inner)
    return f"{indent}{name} {{{newline}{body}{indent}}}" if body else f"{indent}{name} {{}}"
