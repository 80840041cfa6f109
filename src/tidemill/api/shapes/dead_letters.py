"""Jobs that have failed for good, as they travel."""

from typing import Annotated

from pydantic import Field

from tidemill.api.shapes.jobs import Ids, SoughtIn
from tidemill.api.shapes.shape import In, Limit, Out, Past


class DeadListIn(SoughtIn):
    """Which failed jobs are listed."""

    cursor: Annotated[str | None, Field(max_length=100, description="Of the page before.")] = None
    limit: Limit = 25


class DeadCountIn(In):
    """Which failed jobs are counted."""

    created_from: Past | None = None


class DeadIn(In):
    """Which failed jobs are meant: these, those of a filter, or all."""

    ids: Ids | None = None
    filter: SoughtIn | None = None
    all: bool = False


class DeadOfQueueOut(Out):
    """Failed jobs of one queue."""

    queue: str
    count: int


class DeadByQueueOut(Out):
    """Failed jobs by queue; of very many, the newest are counted, and `more` is true."""

    queues: list[DeadOfQueueOut]
    more: bool
