"""Which addresses a template may be fetched from: those of the Internet, unless the operator allows more."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from activities.tosca.problems import PassingError, ToscaError

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
_CLOUD_SERVICES = frozenset({ip_address("168.63.129.16")})
"""Metadata services of clouds that hide behind a public address."""


def is_internal(address: Address) -> bool:
    """Whether the address leads into this machine or its network, also wrapped in a form of IPv6."""
    if isinstance(address, IPv6Address):
        wrapped = _wrapped(address)
        if wrapped is not None:
            return is_internal(wrapped)
        if address.is_site_local:
            return True
    return (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address in _CLOUD_SERVICES
    )


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside: mapped, 6to4 or NAT64; those of Teredo are not global anyway."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def resolve(host: str, port: int, *, allow_internal: bool) -> list[str]:
    """The addresses of the host, every one of them checked.

    Raises:
        ToscaError: there is no such host, or one of its addresses is internal; an internal one beside public
            ones is no accident either.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
            raise PassingError(f"the name of the host {host} cannot be resolved at the moment") from None
        raise ToscaError(f"there is no host {host}") from None
    addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
    if not allow_internal and any(is_internal(ip_address(address)) for address in addresses):
        raise ToscaError(
            f"the host {host} is at an internal address, which the setting tosca_allow_internal_urls forbids"
        )
    return addresses
