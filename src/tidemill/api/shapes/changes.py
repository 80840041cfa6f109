"""Changes of jobs as they travel: which jobs, what is to be done, what was."""

import re
from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from tidemill.api.shapes.jobs import FilterIn, Ids, JobOut, PriorityIn
from tidemill.api.shapes.shape import At, In, Moment, Name, Out, Span, Words, with_zone

_DATE: Final = re.compile(r"\d{4}-")


class CancelIn(In):
    """Why."""

    reason: Annotated[Words, Field(description="The job keeps it.")] = ""


class ChangeIn(In):
    """Jobs that are to be changed: these ids, or all that match a filter; one of the two."""

    ids: Ids | None = None
    filter: FilterIn | None = None


def _moment_of(written: datetime | str | float) -> datetime | str | float:
    """What is written as a moment as one: of a text it is not known before it is looked at."""
    if not isinstance(written, str) or _DATE.match(written) is None:
        return written
    try:
        return with_zone(datetime.fromisoformat(written))
    except ValueError as error:
        raise ValueError(f"{error}; a moment is such as 2026-11-30T08:00:00Z") from None


class UntilIn(In):
    """When a job is to be due."""

    until: Annotated[
        Moment | Span,
        AfterValidator(_moment_of),
        Field(description="A moment, or so long from now."),
    ]


class UrgencyIn(In):
    """Which priority a job is to have."""

    priority: PriorityIn


class QueueIn(In):
    """In which queue a job is to wait."""

    queue: Name


class PostponeIn(ChangeIn, UntilIn):
    """Jobs that are to be due later."""


class ReprioritiseIn(ChangeIn, UrgencyIn):
    """Jobs that are to have another priority."""


class MoveIn(ChangeIn, QueueIn):
    """Jobs that are to wait in another queue."""


class ChangedOut(Out):
    """How many jobs were changed; those in states that do not allow it were left alone."""

    changed: int
    job: Annotated[
        str | None, Field(description="Of very many: the job that goes on; its result is the sum.")
    ] = None
    operation: Annotated[str | None, Field(description="Under which id account of it is kept.")] = (
        None
    )
    undo_until: Annotated[
        At | None, Field(description="Until when it can be undone; `null`: it cannot be.")
    ] = None


class PreviewOut(Out):
    """Which jobs a change would look at.

    Of more than can be counted quickly, or than can be looked through quickly where those meant are
    rare, the count is that of those that were found, and `more` is true.
    """

    count: int
    more: bool
    sample: list[JobOut]
