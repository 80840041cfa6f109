"""Names that one holder has for a time."""

from msgspec.structs import replace

from tidemill.core.errors import LeaseLost
from tidemill.core.instants import Millis
from tidemill.core.lease import Lease, Renewal
from tidemill.core.signal import Signal
from tidemill.engines.relational.ground import Ground, Transaction
from tidemill.loops.call import Call
from tidemill.loops.failpoint import failpoint


class RelationalLeases:
    """The port of leases."""

    def __init__(self, ground: Ground) -> None:
        """Stand on this ground."""
        self._ground = ground

    def take(
        self, name: str, holder: str, length: Millis, info: bytes = b"{}"
    ) -> Call[Lease | None]:
        """Take a name that is free or has run out, or keep one's own."""
        return self._ground.write(lambda tx: _take(tx, name, holder, length, info))

    def give_back(self, lease: Lease) -> Call[bool]:
        """Free a name at once, if this lease still has it."""

        def work(tx: Transaction) -> bool:
            freed = tx.link.run("give_back_lease", (lease.name, lease.fence, tx.steady)) > 0
            if freed:
                tx.signals.append(Signal("work"))
            return freed

        return self._ground.write(work)

    def find(self, prefix: str) -> Call[tuple[Lease, ...]]:
        """The leases that have not run out and whose names begin so, by name."""
        # Names hold no character beyond this one, so the range is the prefix.
        after = prefix + "\U0010ffff"

        def read(tx: Transaction) -> tuple[Lease, ...]:
            rows = tx.link.rows("find_leases", (prefix, after, tx.steady))
            ahead = tx.now - tx.steady
            return tuple([Lease(n, h, f, u + ahead, i.encode()) for n, h, f, u, i in rows])

        return self._ground.read(read)


def _take(tx: Transaction, name: str, holder: str, length: Millis, info: bytes) -> Lease | None:
    found = tx.link.rows("find_lease", (name, tx.steady))
    if found and found[0][0] != holder:
        return None
    fence = found[0][1] if found else tx.link.rows("next_fence")[0][0]
    ends = tx.steady + length
    tx.link.run("put_lease", (name, holder, fence, tx.steady, ends, info.decode()))
    return Lease(name, holder, fence, tx.now + length, info)


def renew(tx: Transaction, lease: Lease, length: Millis, info: bytes) -> Renewal:
    """Push on the end of a worker's lease; tell which of its jobs should stop."""
    failpoint("renew.before")
    values = (tx.steady, tx.steady + length, info.decode(), lease.name, lease.fence)
    if not tx.link.run("extend_lease", values):
        raise LeaseLost(
            f"{lease.name} has lost its lease",
            hint="what it held may be someone else's: stop it and take a new lease",
        )
    cancel = tuple([id_ for (id_,) in tx.link.rows("find_cancelled", (lease.fence,))])
    return Renewal(replace(lease, until=tx.now + length, info=info), cancel)
