"""Where requests that somebody else has asked for may go: out, and never into one's own network.

A name is resolved once, each of its addresses is looked at, and the connection goes to one of those
that were looked at: what the name means a moment later counts nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from tidemill.core.errors import AddressRefused
from tidemill.core.identity import check_several

_MOST: Final = 2_000
_WORLD: Final = ipaddress.ip_network("2000::/3")
"""All that is global unicast (RFC 4291): site-local addresses, and those that wrap or translate an
IPv4 address without being written as Teredo or 6to4 do, lie outside of it."""
_LOCAL: Final = (
    ipaddress.ip_network("100.64.0.0/10"),  # shared by the customers of a provider
    ipaddress.ip_network("192.88.99.0/24"),  # relays of 6to4
)
_ISATAP: Final = (0x0000_5EFE, 0x0200_5EFE)
"""Before the IPv4 address that an interface of RFC 5214 has as the end of its own."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]


class Reach(Struct, frozen=True):
    """How far requests may go.

    Attributes:
        plain: whether plain HTTP will do.
        ports: where HTTP is spoken; a mail server or a database is not asked to make sense of it.
        allowed: hosts that may be asked by any scheme wherever they are, as `"ledger.internal"`,
            at any port, or `"127.0.0.1:8080"`, at this one.
        internal: whether every host is such a one.
    """

    plain: bool = False
    ports: frozenset[int] = frozenset({443, 8443})
    allowed: tuple[str, ...] = ()
    internal: bool = False

    def frees(self, host: str, port: int) -> bool:
        """Whether a host may be asked wherever it is.

        Example:
            >>> Reach(allowed=("a.internal",)).frees("a.internal", 80)
            True
        """
        written = f"[{host}]" if ":" in host else host
        return self.internal or host in self.allowed or f"{written}:{port}" in self.allowed


PORTS: Final = frozenset({80, 443, 8080, 8443})
"""Where HTTP is spoken in the world."""

WEBHOOKS: Final = Reach()
"""How far webhooks go: by TLS, to everybody's hosts."""


def reach_of(table: Mapping[str, Any]) -> Reach:
    """How far handlers may go, by what the settings say of `services`."""
    return Reach(plain=table.get("plain", False), ports=PORTS, allowed=table.get("allow", ()))


def only(reach: Reach, allowed: Iterable[str]) -> Reach:
    """The same, where no hosts but these may be asked wherever they are."""
    hosts = check_several("allow", allowed)
    return replace(reach, allowed=tuple(hosts), internal=False)


def check_url(url: str, reach: Reach = WEBHOOKS) -> SplitResult:
    """A URL that may be asked, in its parts, as far as can be told without asking for its name.

    Raises:
        AddressRefused: it may not.

    Example:
        >>> check_url("https://hooks.example.org/a").hostname
        'hooks.example.org'
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused(url, "it is none") from None
    if len(url) > _MOST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _refused(url, "it is too long, or holds what a URL does not")
    if parts.scheme not in ("https", "http"):
        raise _refused(url, "it is not https")
    if parts.username is not None or parts.password is not None:
        raise _refused(url, "it holds a user or a password")
    host = (parts.hostname or "").removesuffix(".")
    if not host:
        raise _refused(url, "it names no host")
    if reach.frees(host, port_of(parts)):
        return parts
    if parts.scheme == "http" and not reach.plain:
        raise _refused(url, "it is not https")
    if port is not None and port not in reach.ports:
        raise _refused(url, f"port {port} is not one for HTTP")
    _check_host(host)
    return parts


async def addresses_of(host: str, port: int) -> list[str]:
    """The addresses that a name stands for at this moment.

    Raises:
        OSError: it cannot be resolved.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(each[4][0]).partition("%")[0] for each in found]


async def resolve(
    host: str, port: int, reach: Reach = WEBHOOKS, lookup: Lookup = addresses_of
) -> tuple[str, ...]:
    """The addresses to connect to for a host, if it may be asked and all of them are public.

    Raises:
        AddressRefused: it may not be asked.
        OSError: the name cannot be resolved.
    """
    bare = host.removesuffix(".")
    if reach.frees(bare, port):
        return tuple(dict.fromkeys(await lookup(host, port)))
    _check_host(bare)
    found = tuple(dict.fromkeys(await lookup(host, port)))
    if not all(is_public(ipaddress.ip_address(each)) for each in found):
        raise _refused(host, "its name stands for an address inside")
    return found


def port_of(parts: SplitResult) -> int:
    """The port of a URL, which it need not say."""
    return parts.port or (80 if parts.scheme == "http" else 443)


def is_public(address: Address) -> bool:
    """Whether an address is out in the world, and not a wrapping for one that is not.

    Example:
        >>> is_public(ipaddress.ip_address("::ffff:127.0.0.1"))
        False
    """
    if isinstance(address, ipaddress.IPv6Address):
        # Some of the world leads to an IPv4 address that nobody has to write so.
        if address not in _WORLD or address.sixtofour or address.teredo:
            return False
        if int(address) >> 32 & 0xFFFF_FFFF in _ISATAP:
            return False
    elif any(address in network for network in _LOCAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _check_host(host: str) -> None:
    """Refuse a host that is inside by its very name."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        raise _refused(host, "it stays inside")
    if (address := _literal(host)) is not None and not is_public(address):
        raise _refused(host, "it stays inside")


def _literal(host: str) -> Address | None:
    """The address that a host is written as, in any of the ways that libraries understand."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # octal, hexadecimal, 127.1 and so on
    except OSError:
        return None


def _refused(what: str, why: str) -> AddressRefused:
    return AddressRefused(
        f"{what[:200]!r} may not be asked: {why}",
        hint="give an https URL of a host that is reachable from everywhere",
    )
