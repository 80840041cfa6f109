"""What recurs in tests of schedules, and lets its time come."""

import asyncio
from typing import Any

from tidemill import Tidemill
from tidemill.client.bound import Bound
from tidemill.client.terms import Terms
from tidemill.client.wishes import NONE
from tidemill.core.job import NewJob, Snapshot
from tidemill.engines.protocol import Engine
from tidemill.schedules.tick import Scheduler
from tidemill.testing import ManualClock


def call(app: Tidemill) -> Bound[Any]:
    declaration = app.registry.get("sync")
    return Bound(Terms(declaration, NONE), declaration.signature.encode_json({"number": 1}))


def tick(engine: Engine, clock: ManualClock) -> None:
    asyncio.run(_tick(engine, clock))


async def _tick(engine: Engine, clock: ManualClock) -> None:
    await Scheduler(engine, clock).run_once()


def jobs_of(app: Tidemill, name: str) -> list[int]:
    """When each job of a schedule is ready, oldest first."""
    return sorted(job.ready_at for job in made_by(app, name))


def made_by(app: Tidemill, name: str) -> list[Snapshot]:
    """The jobs of a schedule, newest first."""
    return [job.seen for job in app.jobs.find(source=f"schedule:{name}") if job.seen]


def template(app: Tidemill) -> NewJob:
    return call(app).new_job("", ManualClock())
