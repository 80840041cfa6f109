"""How often one may try to log in: for an account and for an address, over all servers."""

from ipaddress import IPv6Address, ip_address
from typing import Final

import msgspec
from msgspec import Struct

from tidemill.client.steps import Steps, ask
from tidemill.core.errors import TooManyRequests, VersionConflict
from tidemill.core.instants import Instant
from tidemill.core.limits import Flow, Rate
from tidemill.core.record import Put
from tidemill.engines.protocol import Engine

KIND: Final = "throttle"

ACCOUNT: Final = Rate(10, 60_000)
"""Wrong passwords for one account in a minute, known or not."""
ADDRESS: Final = Rate(100, 60_000)
"""Wrong passwords from one address in a minute, for whatever accounts."""

_HOST_BITS: Final = 64
"""Of an IPv6 address: whoever has one has all that begin alike (RFC 6177)."""


class Door(Struct, frozen=True):
    """What somebody tries to come in by.

    Attributes:
        key: `"account:<name>"` or `"address:<ip>"`.
    """

    key: str
    rate: Rate


def doors(account: str, address: str) -> tuple[Door, Door]:
    """The two doors of a login.

    An account is held up, never locked: who waits may try again, so that nobody can keep its owner
    out for good. Addresses that belong together are one door.

    Example:
        >>> doors("zoe", "2001:db8::1")[1] == doors("bo", "2001:db8::ffff:2")[1]
        True
    """
    return Door(f"account:{account}", ACCOUNT), Door(f"address:{_place(address)}", ADDRESS)


def _place(address: str) -> str:
    """What an address shares with all others of whoever has it; as it is where it is none."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if not isinstance(read, IPv6Address):
        return str(read)
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return str(IPv6Address(int(read) >> _HOST_BITS << _HOST_BITS))


def check_open(engine: Engine, tried: tuple[Door, ...], now: Instant) -> Steps[None]:
    """See to it that a password may be tried.

    Raises:
        TooManyRequests: too many wrong ones came before, for the account or from the address.
    """
    for door in tried:
        _, flow = yield from _read(engine, door)
        if not flow.free(door.rate, now):
            wait = -(-(flow.next_at(door.rate, now) - now) // 1_000)
            raise TooManyRequests(
                "too many wrong passwords", hint=f"try again in {wait} s", wait=max(wait, 1)
            )


def note_wrong(engine: Engine, tried: tuple[Door, ...], now: Instant) -> Steps[None]:
    """Count a wrong password."""
    for door in tried:
        while True:
            version, flow = yield from _read(engine, door)
            doc = msgspec.json.encode(flow.take(door.rate, now, 1))
            try:
                yield from ask(engine.records.put(Put(KIND, door.key, doc, expected=version)))
            except VersionConflict:
                continue  # Another one was counted meanwhile.
            break


def _read(engine: Engine, door: Door) -> Steps[tuple[int, Flow]]:
    record = yield from ask(engine.records.get(KIND, door.key))
    if record is None:
        return 0, Flow()
    return record.version, msgspec.json.decode(record.doc, type=Flow)


def sweep(engine: Engine, now: Instant) -> Steps[int]:
    """Forget doors at which nobody has been wrong for a while; answer how many."""
    forgotten = 0
    for record in (yield from ask(engine.records.find(KIND))):
        if msgspec.json.decode(record.doc, type=Flow).arrival <= now * 1_000:
            try:
                forgotten += yield from ask(engine.records.delete(KIND, record.key, record.version))
            except VersionConflict:
                continue  # Somebody has just been wrong there.
    return forgotten
