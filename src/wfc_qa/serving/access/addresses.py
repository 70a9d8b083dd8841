"""Where a request comes from: its peer, or what a trusted proxy says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import takewhile

from starlette.datastructures import Headers

Network = IPv4Network | IPv6Network
UNKNOWN = "unknown"
# With any of these a request was handed on, whatever its peer.
FORWARDING = ("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-proto", "via")
FOR = re.compile(r'(?:^|;)\s*for="?([^";,]*)"?', re.IGNORECASE)
HOST_NAMES = {"localhost", "localhost."}
IPV6_PREFIX = 64


def read_networks(proxies: Iterable[str]) -> tuple[Network, ...]:
    return tuple(map(ip_network, proxies))


def is_in(address: str, networks: Sequence[Network]) -> bool:
    bare = _bare(address)
    return bare != UNKNOWN and any(ip_address(bare) in network for network in networks)


def client_address(peer: str, headers: Headers, trusted: Sequence[Network]) -> str:
    """The nearest address that no trusted proxy has; headers count only as far as trusted proxies wrote them."""
    hops = [*_forwarded(headers), peer]
    proxies = list(takewhile(lambda hop: is_in(hop, trusted), reversed(hops)))
    return _bare(hops[-1 - len(proxies)] if len(proxies) < len(hops) else hops[0])


def counted_as(address: str) -> str:
    """What a limit counts: an IPv4 address, or the network that an IPv6 customer has to choose from."""
    bare = _bare(address)
    if bare != UNKNOWN and isinstance(ip_address(bare), IPv6Address):
        return str(ip_network((bare, IPV6_PREFIX), strict=False))
    return bare


def is_from_here(peer: str, headers: Headers) -> bool:
    """Whether a program of this machine asks, straight and by this machine's own name: neither through a proxy nor,
    from a page that another host's name was borrowed for, through a browser."""
    return _is_straight(peer, headers) and _is_own_name(headers.get("host", ""))


def is_under_borrowed_name(peer: str, headers: Headers) -> bool:
    """Whether this machine asks itself, straight, by another name: as a page does whose own name was made to lead here
    (DNS rebinding)."""
    return _is_straight(peer, headers) and not _is_own_name(headers.get("host", ""))


def _is_straight(peer: str, headers: Headers) -> bool:
    bare = _bare(peer)
    loopback = bare != UNKNOWN and ip_address(bare).is_loopback
    return loopback and not any(name in headers for name in FORWARDING)


def is_loopback(origin: str) -> bool:
    return _is_own_name(origin.partition("://")[2])


def _is_own_name(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if re.search(r":[0-9]*$", host) else host
    bare = _bare(name)
    return name.lower() in HOST_NAMES or (bare != UNKNOWN and ip_address(bare).is_loopback)


def _forwarded(headers: Headers) -> list[str]:
    """Hops from the farthest to the nearest; X-Forwarded-For where there is one, else Forwarded (RFC 7239)."""
    chain = ",".join(headers.getlist("x-forwarded-for"))
    if chain:
        return [hop.strip() for hop in chain.split(",")]
    elements = ",".join(headers.getlist("forwarded")).split(",")
    return [found[1] if (found := FOR.search(element)) else UNKNOWN for element in elements if element]


def _bare(hop: str) -> str:
    """The address alone, without port and brackets; IPv4 within IPv6 as IPv4; ``UNKNOWN`` for anything else."""
    hop = hop.strip().strip('"')
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        found = ip_address(hop)
    except ValueError:
        return UNKNOWN
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found)))
    return str(found)
