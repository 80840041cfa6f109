"""Changes of jobs as they travel: which jobs, what is to be done, what was."""

from typing import Annotated

from pydantic import Field

from tidemill.api.shapes.jobs import FilterIn, Ids, JobOut, PriorityIn
from tidemill.api.shapes.shape import In, Moment, Name, Out, Span, Words


class CancelIn(In):
    """Why."""

    reason: Annotated[Words, Field(description="The job keeps it.")] = ""


class ChangeIn(In):
    """Jobs that are to be changed: these ids, or all that match a filter; one of the two."""

    ids: Ids | None = None
    filter: FilterIn | None = None


class UntilIn(In):
    """When a job is to be due."""

    until: Annotated[Moment | Span, Field(description="A moment, or so long from now.")]


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


class PreviewOut(Out):
    """Which jobs a change would look at.

    Of more than can be counted quickly the count is that of those that were, and `more` is true.
    """

    count: int
    more: bool
    sample: list[JobOut]
