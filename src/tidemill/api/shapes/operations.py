"""Changes of many jobs as they travel, once they have been made."""

from typing import Annotated, Any, Literal

from pydantic import Field

from tidemill.api.shapes.shape import At, In, Key, Limit, Out, moment
from tidemill.core.instants import Instant
from tidemill.core.job import Snapshot
from tidemill.core.state import State
from tidemill.operations.operation import Operation
from tidemill.operations.undo import Refusal


class OperationListIn(In):
    """A page of operations."""

    cursor: Annotated[Key | None, Field(description="Of the page before.")] = None
    limit: Limit = 25


class OperationOut(Out):
    """A change of many jobs, and what has become of it."""

    id: str
    verb: Annotated[str, Field(description="What the audit log calls it, as `jobs.cancel`.")]
    given: Annotated[dict[str, Any], Field(description="What was asked for in particular.")]
    who: str
    reason: str
    tenant: str
    meant: Annotated[int | None, Field(description="How many ids; `null`: a filter was given.")]
    filter: Annotated[
        dict[str, Any] | None,
        Field(description="That filter; what it looks for in arguments and keys is `***`."),
    ]
    began_at: At
    ended_at: At
    changed: Annotated[int, Field(description="Jobs changed so far.")]
    skipped: Annotated[
        int | None,
        Field(description="Of ids: jobs that were left alone. A filter leaves none alone."),
    ]
    state: Annotated[
        Literal["done", "running", "failed", "undone"],
        Field(description="`running`: a job goes on; `failed`: that job has failed."),
    ]
    job: Annotated[str | None, Field(description="The job that goes on with the rest.")]
    undo_until: At | None
    undo_refused: Annotated[Refusal | None, Field(description="Why it cannot be undone now.")]
    undone_at: At | None
    undone_by: str
    undone: Annotated[int, Field(description="Jobs that are again what they were.")]
    begun: Annotated[int, Field(description="Jobs that were left alone: they had begun since.")]
    others: Annotated[
        int,
        Field(
            description="Jobs that were left alone: somebody has changed or deleted them since, or"
            " others have come to wait for them."
        ),
    ]


class OperationPageOut(Out):
    """Operations, newest first."""

    operations: list[OperationOut]
    cursor: Annotated[str | None, Field(description="For the next page; `null` on the last one.")]


def operation_out(operation: Operation, rest: Snapshot | None, now: Instant) -> dict[str, Any]:
    """An operation as it travels.

    Args:
        rest: the job that goes on with it, if there is one and it is still kept.
        now: the moment at which somebody asks.
    """
    changed = max(operation.changed, _changed_by(rest))
    meant = operation.meant
    return {
        "id": operation.id,
        "verb": operation.verb,
        "given": operation.given,
        "who": operation.who,
        "reason": operation.reason,
        "tenant": operation.tenant,
        "meant": meant,
        "filter": operation.filter,
        "began_at": moment(operation.began_at),
        "ended_at": moment(operation.ended_at),
        "changed": changed,
        "skipped": None if meant is None else max(0, meant - changed),
        "state": _state(operation, rest),
        "job": operation.job or None,
        "undo_until": moment(operation.undo_until),
        "undo_refused": operation.refusal(now),
        "undone_at": moment(operation.undone_at),
        "undone_by": operation.undone_by,
        "undone": operation.undone,
        "begun": operation.begun,
        "others": operation.others,
    }


def _changed_by(rest: Snapshot | None) -> int:
    """How many the job that goes on says are changed, in all."""
    if rest is None or rest.result is None or not rest.result.isdigit():
        return 0
    return int(rest.result)


def _state(operation: Operation, rest: Snapshot | None) -> str:
    if operation.undone_at is not None:
        return "undone"
    if rest is None or rest.state is State.COMPLETED:
        return "done"
    return "failed" if rest.state.finished else "running"
