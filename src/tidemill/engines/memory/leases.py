"""Names that one holder has for a time."""

from msgspec.structs import replace

from tidemill.core.errors import LeaseLost
from tidemill.core.instants import Millis
from tidemill.core.lease import Lease, Renewal
from tidemill.core.signal import Signal
from tidemill.engines.memory.store import Holding, Step, Store
from tidemill.loops.call import Call


class MemoryLeases:
    """The port of leases."""

    def __init__(self, store: Store) -> None:
        """Stand on the store."""
        self._store = store

    def take(
        self, name: str, holder: str, length: Millis, info: bytes = b"{}"
    ) -> Call[Lease | None]:
        """Take a name that is free or has run out, or keep one's own; `None` if another has it."""
        return self._store.call(
            lambda step: _take(step, name, holder, length, info), name, holder, length
        )

    def give_back(self, lease: Lease) -> Call[bool]:
        """Free a name at once, if this lease still has it; jobs held under it are expired now."""
        return self._store.call(lambda step: _give_back(step, lease))

    def find(self, prefix: str) -> Call[tuple[Lease, ...]]:
        """The leases that have not run out and whose names begin so, by name."""
        return self._store.call(lambda step: _find(step, prefix))


def _take(step: Step, name: str, holder: str, length: Millis, info: bytes) -> Lease | None:
    held = step.live_leases().get(name)
    if held is None:
        fence = step.store.next_fence()
    elif held.holder == holder:
        fence = held.fence
    else:
        return None
    return _hold(step, Lease(name, holder, fence, step.now + length, info), length)


def _hold(step: Step, lease: Lease, length: Millis) -> Lease:
    step.store.leases[lease.name] = Holding(lease, step.steady + length)
    return lease


def _give_back(step: Step, lease: Lease) -> bool:
    held = step.live_leases().get(lease.name)
    if held is None or held.fence != lease.fence:
        return False
    del step.store.leases[lease.name]
    step.signals.append(Signal("work"))
    return True


def _find(step: Step, prefix: str) -> tuple[Lease, ...]:
    leases = sorted(step.live_leases().values(), key=lambda lease: lease.name)
    return tuple([lease for lease in leases if lease.name.startswith(prefix)])


def check_live(step: Step, lease: Lease) -> None:
    """Make sure that a worker still has its lease.

    Raises:
        LeaseLost: it has run out, was given back, or was taken anew since.
    """
    held = step.live_leases().get(lease.name)
    if held is None or held.fence != lease.fence:
        raise LeaseLost(
            f"{lease.name} has lost its lease",
            hint="what it held may be someone else's: stop it and take a new lease",
        )


def renew(step: Step, lease: Lease, length: Millis, info: bytes) -> Renewal:
    """Push on the end of a worker's lease; tell which of its jobs should stop."""
    check_live(step, lease)
    renewed = _hold(step, replace(lease, until=step.now + length, info=info), length)
    asked = [
        row
        for row in step.store.jobs.running.under()
        if row.worker == lease.fence and row.cancel_reason is not None
    ]
    asked.sort(key=lambda row: row.ref)
    return Renewal(renewed, tuple([row.job.id for row in asked]))
