"""Adoption: schedules that people make for handlers in the dashboard become jobs."""

from contextlib import suppress
from typing import Final

import msgspec

from examples.automation.catalogue import Catalogue
from examples.automation.definition import DEFAULT_TIMEOUT, SCHEDULES, JobDefinition
from examples.automation.definitions import Definitions, of_body
from tidemill import Priority
from tidemill.client.client import Client
from tidemill.core.instants import to_datetime
from tidemill.errors import MisuseError, VersionConflict
from tidemill.schedules.schedule import Schedule
from tidemill.schedules.store import Schedules

ADOPTED: Final = "it becomes a job of the automation platform"
"""The note of a schedule that is about to become one."""


class Adoption:
    """Makes jobs of schedules, in the name of the platform itself."""

    def __init__(self, client: Client, catalogue: Catalogue) -> None:
        """Ask through this client."""
        self._schedules = Schedules(client)
        self._definitions = Definitions(client, catalogue)
        self._catalogue = catalogue

    async def adopt(self) -> None:
        """Make jobs of the schedules that people have made for handlers.

        Such a schedule stands still from then on, and is gone when the job has one of its own.
        What could not be a job is left alone.
        """
        for schedule in await self._schedules.afind():
            if schedule.origin != "person" or schedule.name.startswith(SCHEDULES):
                continue
            try:
                definition = self._of(schedule)
            except MisuseError:
                continue
            if definition is not None:
                await self._schedules.apause(schedule.name, note=ADOPTED)
                with suppress(VersionConflict):  # it was made before somebody was killed here
                    await self._definitions.create(definition)
                await self._schedules.adelete(schedule.name)

    def _of(self, schedule: Schedule) -> JobDefinition | None:
        """The job that a schedule comes to; `None`: it is of no handler.

        Raises:
            MisuseError: it could be none.
        """
        job = schedule.job
        found = [each for each in self._catalogue.handlers() if ".".join(each) == job.task]
        if not found or schedule.every:
            return None
        ((module, handler),) = found
        given = msgspec.json.decode(job.args)
        priorities = {int(each): each.name.lower() for each in Priority}
        definition = of_body(
            {
                "id": schedule.name,
                "name": schedule.name,
                "moduleId": module,
                "handler": handler,
                "schedule": schedule.cron,
                "timezone": schedule.zone,
                "days": _days(schedule),
                "enabled": not schedule.paused or schedule.note == ADOPTED,
                "priority": priorities.get(job.priority, "normal"),
                "timeout": job.timeout or DEFAULT_TIMEOUT,
                "retries": job.retry.attempts - 1,
                "config": given["context"]["config"],
            }
        )
        self._definitions.check(definition)
        return definition


def _days(schedule: Schedule) -> dict[str, object]:
    calendar = schedule.calendar
    return {
        "businessDays": calendar.business_days,
        "holidays": calendar.holidays,
        "blackouts": [
            (to_datetime(first).isoformat(), to_datetime(last).isoformat())
            for first, last in calendar.blackouts
        ],
    }
