"""Runs handlers that block, in threads; a thread can be asked to stop, but never made to."""

from collections.abc import Sequence
from contextlib import nullcontext

from tidemill.loops.clock import Clock
from tidemill.worker.executors.executor import Deliver
from tidemill.worker.executors.pooled import PooledExecutor, Raised, Returned
from tidemill.worker.middleware import Middleware
from tidemill.worker.run import Run
from tidemill.worker.runner import call_blocking, perform_blocking


class ThreadExecutor(PooledExecutor):
    """An executor for handlers written as `def`.

    A run whose timeout has passed is reported at once as one that could not be stopped; its
    thread stays taken until the handler really ends.
    """

    patience = 0.0

    def __init__(
        self, capacity: int, deliver: Deliver, clock: Clock, layers: Sequence[Middleware] = ()
    ) -> None:
        """Run so many at once, each inside these layers."""
        work = _attempt if layers else perform_blocking
        super().__init__(
            "tidemill-thread", capacity, lambda: nullcontext(work), deliver, clock, layers
        )

    def stop(self, run: Run) -> None:
        """Nothing but to have asked: the handler may look whether it should end."""

    def kill(self) -> None:
        """Nothing can be done at all."""


def _attempt(run: Run) -> Returned | Raised:
    try:
        return Returned(call_blocking(run))
    except BaseException as error:  # noqa: BLE001 - it is raised again on the event loop
        return Raised(error)
