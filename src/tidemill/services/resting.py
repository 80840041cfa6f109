"""What becomes of a job that would ask a host which is left in peace."""

import random
from datetime import timedelta

from tidemill.core.errors import HostUnavailable
from tidemill.core.instants import Instant, Millis, words
from tidemill.loops.clock import Clock
from tidemill.services.breaker import Health
from tidemill.services.breakers import Breakers
from tidemill.tasks.directives import Snooze
from tidemill.worker.run import running


class HostResting(Snooze):
    """A host is left in peace, so this job is put off until it may be asked; no attempt is spent.

    A handler lets it pass. What it has done before is done again when the job runs anew.
    """

    def __init__(self, host: str, wait: Millis) -> None:
        """Say which host, and for how long."""
        super().__init__(timedelta(milliseconds=wait))
        self.args = (f"{host} is left in peace for {words(wait)}",)


class Resting:
    """Puts jobs off as long as there is hope for the host that they would ask."""

    def __init__(self, breakers: Breakers, clock: Clock) -> None:
        """Go by what is known of hosts, and by this time."""
        self._breakers = breakers
        self._clock = clock

    def put_off(self, host: str, health: Health, until: Instant) -> None:
        """Put the job off, if there is one and its host is cut off.

        Raises:
            HostResting: it is so.
        """
        if running.get(None) is not None and self._breakers.parks(health):
            # Those that wait for one host come back one after another, not all at once.
            spread = int(max(health.rest, 1) * random.random())  # noqa: S311 - guards nothing
            raise HostResting(host, max(until - self._clock.now(), 0) + spread)

    def unavailable(self, host: str, until: Instant) -> HostUnavailable:
        """What is raised where no job can be put off."""
        wait = max(until - self._clock.now(), 0)
        return HostUnavailable(
            f"{host} does not answer as it should, and is left in peace for {words(wait)}",
            hint="ask again later",
            wait=-(-wait // 1_000),
        )
