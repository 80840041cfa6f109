"""Rows of the store and the values they stand for."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from tidemill.core.error_info import ErrorInfo
from tidemill.core.instants import Instant
from tidemill.core.job import Attempt, Claim, NewJob, Progress, Snapshot
from tidemill.core.limits import Rate
from tidemill.core.outcome import Ending
from tidemill.core.rules import KeyRules, QueueRules, TaskRules, TenantRules
from tidemill.core.state import State
from tidemill.engines.relational.link import Row
from tidemill.engines.unstorable import refuse_nul

encode = msgspec.json.encode
tags_of = msgspec.json.Decoder(tuple[str, ...]).decode
_headers = msgspec.json.Decoder(dict[str, str]).decode
_error = msgspec.json.Decoder(ErrorInfo).decode
_progress = msgspec.json.Decoder(Progress).decode
decode_rate = msgspec.json.Decoder(Rate).decode
queue_rules = lru_cache(maxsize=4096)(msgspec.json.Decoder(QueueRules).decode)
task_rules = lru_cache(maxsize=4096)(msgspec.json.Decoder(TaskRules).decode)
key_rules = lru_cache(maxsize=4096)(msgspec.json.Decoder(KeyRules).decode)
tenant_rules = lru_cache(maxsize=4096)(msgspec.json.Decoder(TenantRules).decode)


def text(value: Any) -> str:
    """A value as JSON text."""
    return encode(value).decode()


def text_or_none(value: Any) -> str | None:
    """A value as JSON text; nothing for nothing."""
    return encode(value).decode() if value else None


def numbers(values: Sequence[int]) -> str:
    """Row numbers as the JSON list that statements take apart."""
    return encode(values).decode()


_MOST_PRIORITY = (1 << 63) - 1

_AMID = 11
"""How many values of a plain job stand before those of others."""

_STATES = {state: state.value for state in State}
"""Their words; on Python 3.11 to ask a state itself takes eight times as long, for each job."""

_policies: dict[Any, str] = {}


def policy_text(job: NewJob) -> str:
    """The retry policy as JSON; there are few different ones, and many jobs."""
    known = _policies.get(job.retry)
    if known is None:
        if len(_policies) > 1_000:
            _policies.clear()
        known = _policies[job.retry] = text(job.retry)
    return known


def place(job: NewJob, now: Instant) -> tuple[State, Instant]:
    """The state and the place in the line of a job that nothing holds back but its time."""
    if job.due_at is not None and job.due_at > now:
        return State.SCHEDULED, job.due_at
    return State.WAITING, now


def rank(priority: int) -> int:
    """Where a priority stands in a line: it is negated, so that smaller runs sooner."""
    if priority > _MOST_PRIORITY:
        raise OverflowError("a priority that cannot be negated")
    return -priority


def plain_row(seq: int, job: NewJob, state: State, ready_at: Instant, now: Instant) -> Row:
    """The values of `insert_plain`.

    Raises:
        InvalidArguments: a text has a NUL.
    """
    tags, headers = job.tags, job.headers
    refuse_nul(job.id, job.task, job.queue, job.tenant, job.source, *tags)
    return (
        seq,
        job.id,
        job.task,
        job.queue,
        job.tenant,
        _STATES[state],
        rank(job.priority),
        ready_at,
        now,
        job.retry.attempts,
        job.expires_at,
        job.timeout,
        text(tags) if tags else None,
        job.source,
        text(headers) if headers else None,
        policy_text(job),
        job.args,
    )


def job_row(job: NewJob, state: State, ready_at: Instant, now: Instant, gate: str) -> Row:
    """The values of `insert_job`: those of a plain job but for its number, the others amid them."""
    unique, limit, rate = job.unique, job.limit, job.rate
    refuse_nul(job.batch, *[each.key for each in (unique, limit, rate) if each])
    _, *plain = plain_row(0, job, state, ready_at, now)
    return (
        *plain[:_AMID],
        gate,
        unique.key if unique else None,
        unique.until if unique else None,
        limit.key if limit else None,
        limit.most if limit else None,
        rate.key if rate else None,
        text(rate.rate) if rate else None,
        job.batch,
        *plain[_AMID:],
    )


def replacement(job: NewJob, seq: int) -> Row:
    """The values of `replace_job`."""
    return (
        job.args,
        rank(job.priority),
        text_or_none(job.tags),
        job.timeout,
        policy_text(job),
        job.retry.attempts,
        job.expires_at,
        seq,
    )


def claim_of(row: Row, fence: int, worker: int, started_at: Instant) -> Claim:
    """A row of the first fields of a claim, in their order, and of tags and headers."""
    *facts, tags, headers = row
    fields: Row = (*facts, fence, worker, started_at)
    if tags is None and headers is None:
        return Claim(*fields)
    fields += (tags_of(tags) if tags else (), _headers(headers) if headers else {})
    return Claim(*fields)


def snapshot(row: Row, attempts: tuple[Attempt, ...] = ()) -> Snapshot:
    """A row of `snapshot_job` or `snapshot_done` as whoever asks gets it."""
    (
        _, id_, task, queue, tenant, state, args, priority, attempt, max_attempts, crashes,
        created_at, ready_at, started_at, finished_at, expires_at, timeout, policy, gate,
        waits_for, worker, fence, cancel_requested, unique_key, limit_key, rate_key, batch, tags,
        source, headers, result, error, reason, progress, checkpoint, _ending,
    ) = row  # fmt: skip
    return Snapshot(
        id=id_,
        task=task,
        queue=queue,
        tenant=tenant,
        state=State(state),
        args=args,
        priority=priority,
        attempt=attempt,
        max_attempts=max_attempts,
        crashes=crashes,
        created_at=created_at,
        ready_at=ready_at,
        started_at=started_at,
        finished_at=finished_at,
        expires_at=expires_at,
        timeout=timeout,
        policy=policy.encode(),
        gate=gate,
        waits_for=waits_for,
        worker=worker,
        fence=fence,
        cancel_requested=bool(cancel_requested),
        unique_key=unique_key,
        limit_key=limit_key,
        rate_key=rate_key,
        batch=batch,
        tags=tags_of(tags) if tags else (),
        source=source,
        headers=_headers(headers) if headers else {},
        result=result,
        error=_error(error) if error else None,
        reason=reason,
        progress=_progress(progress) if progress else None,
        checkpoint=checkpoint,
        attempts=attempts,
    )


def past_attempt(row: Row) -> Attempt:
    """A row of `attempts`."""
    _, number, worker, started_at, ended_at, ending, error = row
    return Attempt(
        number, worker, started_at, ended_at, Ending(ending), _error(error) if error else None
    )


def last_attempt(row: Row) -> Attempt | None:
    """The attempt that runs now or that ended the job, as its own row tells it."""
    job = snapshot(row)
    if job.started_at is None or job.worker is None:
        return None
    if job.state is State.RUNNING:
        return Attempt(job.attempt, job.worker, job.started_at, None, None)
    ending = row[-1]
    if ending is None:
        return None
    error = None if ending == Ending.COMPLETED else job.error
    return Attempt(job.attempt, job.worker, job.started_at, job.finished_at, Ending(ending), error)
