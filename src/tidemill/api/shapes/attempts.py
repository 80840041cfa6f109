"""Attempts of many jobs as they travel."""

from typing import Annotated, Any

from pydantic import Field

from tidemill.api.shapes.jobs import AttemptOut, attempt_out
from tidemill.api.shapes.shape import In, Name, Out, Past
from tidemill.core.query import Tried


class AttemptsIn(In):
    """Which attempts are asked for: those that run, and those that ended in a stretch of time."""

    since: Annotated[Past | None, Field(description="By default an hour ago.")] = None
    until: Past | None = None
    queue: Name | None = None
    task: Name | None = None
    tenant: Name | None = None
    worker: Annotated[int | None, Field(description="Session of a worker.")] = None
    limit: Annotated[int, Field(ge=1, le=2_000)] = 500


class TriedOut(AttemptOut):
    """One try of a job by a worker, and of which job."""

    job: str
    task: str
    queue: str
    tenant: str
    tags: Annotated[list[str], Field(description="Tags of the job.")]


class AttemptsOut(Out):
    """Attempts: those that run first, then the others, by when they ended, the last one first."""

    attempts: list[TriedOut]
    more: Annotated[
        bool, Field(description="There may be others, which a shorter stretch would show.")
    ]


def tried_out(tried: Tried, *, masked: bool) -> dict[str, Any]:
    """An attempt and its job, as they travel."""
    return {
        "job": tried.job,
        "task": tried.task,
        "queue": tried.queue,
        "tenant": tried.tenant,
        "tags": tried.tags,
        **attempt_out(tried.attempt, masked=masked),
    }
