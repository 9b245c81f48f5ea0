"""Functions of networks in CIDR notation ("IP Network Functions")."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final

from batten.formats.terraform.functions.convert import Refused
from batten.limits import TERRAFORM_ITEMS
from batten.pattern import pattern

_Network = IPv4Network | IPv6Network
_MOST_BITS: Final = 32  # by which `cidrsubnets` extends a prefix in one call
_PREFIX: Final = pattern(r"/(?:0|[1-9][0-9]{0,2})$")


def _network(prefix: str) -> _Network:
    """Raises `Refused`; `ValueError` where it is no network."""
    # what Python takes besides: a mask, or no prefix at all
    if _PREFIX.search(prefix) is None or "%" in prefix:
        raise Refused
    found = ip_network(prefix, strict=False)
    if isinstance(found, IPv6Network) and found.network_address.ipv4_mapped is not None:
        raise Refused
    return found


def _host(prefix: str, host: int) -> str:
    """Counted from the last address where `host` is negative."""
    network = _network(prefix)
    if host >= network.num_addresses or -host > network.num_addresses:
        raise Refused
    return str(network[host])


def _netmask(prefix: str) -> str:
    network = _network(prefix)
    if not isinstance(network, IPv4Network):
        raise Refused
    return str(network.netmask)


def _part(network: _Network, length: int, number: int) -> _Network:
    """The subnet of that number among those with a prefix of `length` bits."""
    base = int(network.network_address) + (number << (network.max_prefixlen - length))
    return type(network)((base, length))


def _subnet(prefix: str, bits: int, number: int) -> str:
    network = _network(prefix)
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen or not 0 <= number < 1 << bits:
        raise Refused
    return str(_part(network, length, number))


def _subnets(prefix: str, *bits: int) -> list[str]:
    """One after the other, each at the next place that its size allows."""
    network = _network(prefix)
    if len(bits) > TERRAFORM_ITEMS:
        raise Refused
    if bits and not int(network.network_address):  # there is none before it, which go-cidr asks for
        raise Refused
    found = []
    at, end = int(network.network_address), int(network.broadcast_address) + 1
    for more in bits:
        length = network.prefixlen + more
        if not 1 <= more <= _MOST_BITS or length > network.max_prefixlen:
            raise Refused
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        if at + size > end:
            raise Refused
        found.append(str(type(network)((at, length))))
        at += size
    return found


def _contains(prefix: str, inside: str) -> bool:
    """OpenTofu's own."""
    network = _network(prefix)
    other = _network(inside) if "/" in inside else None
    first = ip_address(inside) if other is None else other.network_address
    last = first if other is None else other.broadcast_address
    if isinstance(first, IPv4Address) != isinstance(network, IPv4Network):
        raise Refused
    return first in network and last in network


FUNCTIONS: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "cidrcontains": ("text text", _contains),
    "cidrhost": ("text whole", _host),
    "cidrnetmask": ("text", _netmask),
    "cidrsubnet": ("text whole whole", _subnet),
    "cidrsubnets": ("text *whole", _subnets),
}
