"""Failures by cause, as they travel."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Raw
from pydantic import Field

from tidemill.api.masking import shown
from tidemill.api.shapes.jobs import JobOut, job_out
from tidemill.api.shapes.shape import At, In, Json, Name, Out, moment
from tidemill.client.failures import Failure
from tidemill.client.traits import Kind, Trait
from tidemill.core.job import Snapshot
from tidemill.tasks.secret import MASK

SAMPLE: Final = 5
"""Jobs of each failure that a list names."""

_EXAMPLE: Final = "3f5a0c9e1b7d2468"

Fingerprint = Annotated[
    str,
    Field(
        pattern="^[0-9a-f]{16}$",
        description="Of the task, the error, where it was raised and what it says.",
        examples=[_EXAMPLE],
    ),
]


class FailuresIn(In):
    """Whose failures are meant."""

    tenant: Annotated[
        Name | None, Field(description="Only for callers who reach every tenant.")
    ] = None


class HourOut(Out):
    """How many jobs went wrong in one hour."""

    at: At
    count: int


class FailedInQueueOut(Out):
    """How many jobs of one queue went wrong."""

    queue: str
    count: int


class TraitOut(Out):
    """Something that most of the failed jobs have, and few completed ones of their task."""

    kind: Kind
    name: Annotated[str, Field(description="Of the argument.", examples=["url"])]
    value: Annotated[Json, Field(examples=["https://api.example.org"])]
    have: Annotated[int, Field(description="Failed jobs that have it.")]
    of: Annotated[int, Field(description="Failed jobs that were looked at.")]
    others_have: Annotated[int, Field(description="Completed jobs that have it.")]
    others: Annotated[int, Field(description="Completed jobs that were looked at.")]


class FailureOut(Out):
    """Jobs that went wrong in the same way."""

    fingerprint: Fingerprint
    task: Annotated[str, Field(examples=["shop.charge"])]
    kind: Annotated[str, Field(description="Of the error.", examples=["ConnectionError"])]
    place: Annotated[
        str,
        Field(
            description="The innermost frame that is no library's.",
            examples=["shop/pay.py in charge"],
        ),
    ]
    message: Annotated[
        str,
        Field(
            description="Without what differs; `***` for callers without `payloads.read`.",
            examples=["no answer from <address> in <number> s"],
        ),
    ]
    count: Annotated[int, Field(examples=[41])]
    failed: Annotated[int, Field(description="For good.", examples=[38])]
    retrying: Annotated[int, Field(examples=[3])]
    first_at: At
    last_at: At
    hours: Annotated[
        list[HourOut],
        Field(description="Oldest first; of a week, and hours without any are left out."),
    ]
    queues: list[FailedInQueueOut]
    traits: Annotated[
        list[TraitOut],
        Field(description="What sets them apart; arguments only with `payloads.read`."),
    ]
    jobs: Annotated[list[str], Field(description="Ids of the newest.")]


class FailuresOut(Out):
    """Failures by cause, those of most jobs first."""

    failures: Annotated[list[FailureOut], Field(description="At most a hundred.")]
    kinds: Annotated[int, Field(description="How many there are.", examples=[3])]
    count: Annotated[int, Field(description="Jobs of all of them.", examples=[41])]
    searched: Annotated[int, Field(description="Jobs that were looked through.", examples=[41])]
    more: Annotated[bool, Field(description="Whether there are older ones that were not.")]


class FailureJobsOut(Out):
    """One failure, with its jobs."""

    failure: FailureOut
    failed: Annotated[list[str], Field(description="Ids of those failed for good, newest first.")]
    retrying: Annotated[list[str], Field(description="Ids of those to be retried.")]
    jobs: Annotated[list[JobOut], Field(description="The newest of each, at most 25.")]
    searched: int
    more: bool


def failure_out(failure: Failure, traits: Sequence[Trait], *, masked: bool) -> dict[str, Any]:
    """A failure as it travels."""
    return {
        "fingerprint": failure.fingerprint,
        "task": failure.task,
        "kind": failure.kind,
        "place": failure.place,
        "message": MASK if masked and failure.gist else failure.gist,
        "count": failure.count,
        "failed": len(failure.failed),
        "retrying": len(failure.retrying),
        "first_at": moment(failure.first_at),
        "last_at": moment(failure.last_at),
        "hours": [{"at": moment(at), "count": count} for at, count in failure.recent()],
        "queues": [{"queue": name, "count": n} for name, n in failure.queues.most_common()],
        "traits": list(_traits_out(traits, masked=masked)),
        "jobs": [*failure.failed, *failure.retrying][:SAMPLE],
    }


def failure_jobs_out(
    failure: dict[str, Any], found: Failure, jobs: Sequence[Snapshot], *, masked: bool
) -> dict[str, Any]:
    """One failure with its jobs, as it travels."""
    return {
        "failure": failure,
        "failed": found.failed,
        "retrying": found.retrying,
        "jobs": [job_out(job, masked=masked) for job in jobs],
    }


def _traits_out(traits: Sequence[Trait], *, masked: bool) -> Iterator[dict[str, Any]]:
    for trait in traits:
        told = msgspec.structs.asdict(trait)
        if trait.kind == "argument":
            seen = _seen(trait)
            if masked or seen is None:
                continue
            told["value"] = seen
        yield told


def _seen(trait: Trait) -> Raw | None:
    """What an argument is, as it may be shown; nothing of it, where it may not."""
    name = msgspec.json.encode(trait.name)
    whole = b"{%b:%b}" % (name, trait.value.encode())
    return Raw(trait.value.encode()) if shown(whole) == whole else None
