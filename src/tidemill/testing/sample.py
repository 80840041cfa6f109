"""Samples of the values that travel: plain, complete, and changed where a test says so."""

from typing import Any

import msgspec

from tidemill.core.identity import new_id
from tidemill.core.job import DEFAULT_TIMEOUT, Claim, NewJob
from tidemill.core.lease import WORKER, Lease
from tidemill.core.retry import RetryPolicy
from tidemill.core.want import Claimed
from tidemill.testing.clock import START


def a_job(**overrides: Any) -> NewJob:
    """A plain job of the task `sample`, with an id of its own.

    Args:
        overrides: fields of `NewJob` that are to be different.

    Example:
        >>> a_job(priority=50).priority
        50
    """
    fields: dict[str, Any] = {"id": new_id(), "task": "sample"} | overrides
    return NewJob(**fields)


def a_lease(**overrides: Any) -> Lease:
    """The lease of a worker session with a name of its own, for 30 seconds from `START`.

    Args:
        overrides: fields of `Lease` that are to be different.
    """
    name = WORKER + new_id()
    fields: dict[str, Any] = {"name": name, "holder": "sample", "fence": 1, "until": START + 30_000}
    return Lease(**fields | overrides)


def a_claim(**overrides: Any) -> Claim:
    """The first attempt of a plain job as its worker holds it, without any store.

    Args:
        overrides: fields of `Claim` that are to be different.
    """
    fields: dict[str, Any] = {
        "id": new_id(),
        "ref": 1,
        "fence": 2,
        "worker": 1,
        "task": "sample",
        "queue": "default",
        "tenant": "",
        "args": b"{}",
        "attempt": 1,
        "crashes": 0,
        "priority": 0,
        "timeout": DEFAULT_TIMEOUT,
        "policy": msgspec.json.encode(RetryPolicy()),
        "created_at": START,
        "ready_at": START,
        "checkpoint": None,
        "source": "",
        "started_at": START,
    }
    return Claim(**fields | overrides)


def comparable(answer: Any) -> Any:
    """An answer without the engine's own handle on rows, which is nobody else's business."""
    if isinstance(answer, Claim):
        return msgspec.structs.replace(answer, ref=0)
    if isinstance(answer, tuple):
        return tuple(comparable(part) for part in answer)
    if isinstance(answer, Claimed):
        return msgspec.structs.replace(answer, jobs=comparable(answer.jobs))
    return answer
