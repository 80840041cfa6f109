"""Results: what executions came to, said as events, and posted to whoever has asked for it."""

from collections.abc import Callable
from typing import Any, Final

from examples.automation.definition import id_of
from examples.automation.executions import execution_out, status_of
from tidemill import Event, Module
from tidemill.errors import JobNotFound

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
        told = 0
        for each in ended:
            if knows(each["task"]):
                told += await _say(results, each["id"])
        return told

    return results


async def _say(results: Module, execution: str) -> bool:
    try:
        seen: Any = (await results.jobs.aget(execution)).seen
    except JobNotFound:
        return False  # it has been deleted since
    if not seen.state.finished:
        return False  # somebody has run it again since
    job = id_of(seen.tags, seen.task)
    name = f"execution.{status_of(seen).lower()}.{job}"
    await results.aemit(name, execution_out(seen, job, shows=True))
    return True


def pattern_of(job: str, status: str) -> str:
    """The pattern of the events of one job that came to this; `"*"`: to anything."""
    return f"execution.{status}.{job}"
