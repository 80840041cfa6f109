"""Obedience: what stands around every handler, and lets it run only if its definition has it so."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from examples.automation.conditions import HELD_BACK, Facts, unmet
from examples.automation.definition import JobDefinition, tag_of
from examples.automation.definitions import KIND, SCHEDULED
from tidemill import Cancel, JobContext, Tidemill

FORCED: Final = "forced"
"""Tag of an execution that is run whatever the conditions of its job are."""


class Obedience:
    """A layer around the handlers of an application."""

    def __init__(self, app: Tidemill) -> None:
        """Look definitions up in this application's store."""
        self._app = app
        self._kept = app.records(KIND)

    async def __call__(self, job: JobContext, call_next: Callable[[], Awaitable[Any]]) -> Any:
        """Run the handler, or end its execution as cancelled, and say why.

        Raises:
            Cancel: it is not to run now.
        """
        named = next((tag[4:] for tag in job.tags if tag.startswith("job:")), "")
        if named:
            why = await self._why_not(named, job)
            if why:
                raise Cancel(f"{HELD_BACK}{why}")
        return await call_next()

    async def _why_not(self, id_: str, job: JobContext) -> str:
        scheduled = any(tag.startswith(SCHEDULED) for tag in job.tags)
        kept = await self._kept.aget(id_)
        if kept is None:
            # A tick may have come while the schedule was being removed.
            return "the job has been deleted" if scheduled else ""
        definition = msgspec.convert(kept.value, JobDefinition)
        if scheduled and not definition.enabled:
            return "the job is disabled"
        if FORCED in job.tags:
            return ""
        return await unmet(definition.conditions, Facts(self._app, job, tag_of(id_)))
