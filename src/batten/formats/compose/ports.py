"""Port mappings: the short syntax `[[address:]published:]target[/protocol]` and the long one's numbers.

Compose specification, "ports"; `docker/go-connections`, ParsePortSpec.
"""

from __future__ import annotations

from batten.model.workload import Port

RANDOM = -1
"""`Port.host` of a port that the engine chooses."""


def parse_short(text: str) -> Port | str:
    """The mapping in `text`, or what is wrong with it.

    `${NAME}` stands for a variable without a value: a published port that is one counts as chosen
    elsewhere (`RANDOM`); a target that is one leaves nothing to say ("").
    """
    address, published, target = _split(text)
    target, _, protocol = target.partition("/")
    protocol = (protocol or "tcp").lower()
    if "${" in target:
        return ""
    if protocol not in ("tcp", "udp", "sctp") and "${" not in protocol:
        return f"expected tcp, udp or sctp after /, found {protocol!r}"
    inside = span(target)
    if inside is None:
        return f"expected a port from 1 to 65535 or a range, found {target!r}"
    outside = published_span(published)
    if outside is None:
        return f"expected a published port from 0 to 65535 or a range, found {published!r}"
    if inside[1] and outside[0] > 0 and inside[1] - inside[0] != (outside[1] or outside[0]) - outside[0]:
        return f"expected ranges of one length, found {published} and {target}"
    return Port(inside[0], outside[0], clean_address(address), protocol, inside[1], outside[1])


def clean_address(address: str) -> str:
    """Without the brackets of IPv6."""
    return address[1:-1] if address.startswith("[") and address.endswith("]") else address


def span(text: str) -> tuple[int, int] | None:
    """First and last of `8000-8010` (last 0 where it is one port); None where it is none."""
    first, dash, last = text.partition("-")
    begin = _number(first)
    end = _number(last) if dash else 0
    if begin is None or end is None or (dash and end < begin):
        return None
    return begin, end if end != begin else 0


def published_span(text: str) -> tuple[int, int] | None:
    """As `span`; nothing written or a variable without a value is `RANDOM`."""
    if not text or "${" in text:
        return RANDOM, 0
    both = span(text)
    return (RANDOM, 0) if both == (0, 0) else both


def _split(text: str) -> tuple[str, str, str]:
    """Address, published and target; the address may hold colons (IPv6, with or without brackets)."""
    rest, colon, target = text.rpartition(":")
    if not colon:
        return "", "", text
    address, _, published = rest.rpartition(":")
    return address, published, target


def _number(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 5:
        number = int(text)
        return number if number <= 65535 else None
    return None
