"""`RUN --mount=…`: comma-separated options, quoted as CSV is.

Reference: https://docs.docker.com/reference/dockerfile/#run---mount
"""

from __future__ import annotations

from typing import Final

from batten.formats.dockerfile.nodes import Flag, Mount

_ALIASES: Final = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly", "rw": "readwrite"}
_TRUE: Final = frozenset(("1", "t", "true"))
_WRITABLE_BY_DEFAULT: Final = frozenset(("cache", "tmpfs"))


def csv_fields(text: str) -> list[str] | None:
    """The fields of one CSV record; None for no record and where a quote stands in the wrong place."""
    if not text:
        return None
    if '"' not in text:
        return text.split(",")
    fields: list[str] = []
    at = 0
    while True:
        if text.startswith('"', at):
            end, part = at + 1, ""
            while True:
                close = text.find('"', end)
                if close < 0:
                    return None
                part += text[end:close]
                if not text.startswith('""', close):
                    break
                part += '"'
                end = close + 2
            at = close + 1
            if at < len(text) and text[at] != ",":
                return None
        else:
            comma = text.find(",", at)
            part = text[at:] if comma < 0 else text[at:comma]
            if '"' in part:
                return None
            at += len(part)
        fields.append(part)
        if at >= len(text):
            return fields
        at += 1


def parse_mount(flag: Flag) -> Mount:
    """The mount that `flag` describes; options that are not understood are left out."""
    options: dict[str, str] = {}
    for entry in csv_fields(flag.value or "") or []:
        name, equals, value = entry.partition("=")
        name = name.lower()
        options[_ALIASES.get(name, name)] = value if equals else "true"
    kind = options.get("type", "bind").lower()
    if "readonly" in options:
        read_only = options["readonly"].lower() in _TRUE
    elif "readwrite" in options:
        read_only = options["readwrite"].lower() not in _TRUE
    else:
        read_only = kind not in _WRITABLE_BY_DEFAULT
    return Mount(
        type=kind,
        source=options.get("source", ""),
        target=options.get("target", ""),
        from_=options.get("from", ""),
        id=options.get("id", ""),
        sharing=options.get("sharing", "").lower(),
        env=options.get("env", ""),
        required=options.get("required", "").lower() in _TRUE,
        read_only=read_only,
        mode=options.get("mode", ""),
        uid=options.get("uid", ""),
        gid=options.get("gid", ""),
        size=options.get("size", ""),
        flag=flag,
    )
