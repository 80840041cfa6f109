"""Results: what executions came to, said as events, and posted to whoever has asked for it."""

from collections.abc import Callable
from typing import Final

from examples.automation.definition import id_of
from examples.automation.executions import execution_out, status_of
from tidemill import Event, Module

NAME: Final = "automation.results"
WEBHOOK: Final = "automation.webhook"
"""The module that posts them, whose own executions are none of the platform's."""

STATUSES: Final = ("completed", "failed", "timeout", "cancelled")

_ENDS: Final = frozenset({"jobs.completed", "jobs.failed", "jobs.cancelled"})


def telling(knows: Callable[[str], bool]) -> Module:
    """The module that says what executions came to.

    An end of one is the event `execution.<status>.<job>`, so that one may listen for the results of
    one job, `execution.*.nightly`, or for all that fails, `execution.failed.**`.

    Args:
        knows: whether a task is one of which there are executions.
    """
    results = Module(NAME, version="1.0.0", description="Says what executions came to.")

    @results.on("jobs.*")
    async def tell(event: Event) -> int:
        """Say what executions came to that have ended in one step."""
        ended = event.payload["jobs"] if event.name in _ENDS else []
        ids = [each["id"] for each in ended if knows(each["task"])]
        # Some may have been deleted since, or run again.
        found = [seen for seen in await results.jobs.alook(ids) if seen.state.finished]
        for seen in found:
            job = id_of(seen.tags, seen.task)
            name = f"execution.{status_of(seen).lower()}.{job}"
            await results.aemit(name, execution_out(seen, job, shows=True))
        return len(found)

    return results


def pattern_of(job: str, status: str) -> str:
    """The pattern of the events of one job that came to this; `"*"`: to anything."""
    return f"execution.{status}.{job}"
