"""Claim: the one step in which priority, pause, limits, rates and fairness are decided.

It walks the lines of all queues together, best job first, and decides of each whether it starts,
parks, expires or stays where it is. What it decides holds at once, so that the limits of the next
job are derived from what really runs.
"""

import heapq
from collections.abc import Iterator
from itertools import islice
from typing import Final

from tidemill.core.caution import Allowance, Caution, caution
from tidemill.core.instants import Instant
from tidemill.core.job import Claim, NewJob
from tidemill.core.state import State
from tidemill.core.want import Claimed, Want
from tidemill.engines.memory.aftermath import Aftermath
from tidemill.engines.memory.leases import check_live
from tidemill.engines.memory.row import Row, claim_of
from tidemill.engines.memory.store import Step

MOST_SET_ASIDE: Final = 1_000
"""Jobs parked or expired by one claim, so that it never keeps others waiting for long."""

MOST_DUE: Final = 500
"""Jobs that one claim puts into the line because their time has come."""

MOST_PASSED_OVER: Final = 1_000
"""Jobs that a claim leaves out and passes over in one queue whose tenants are told apart."""


def claim(step: Step, want: Want) -> Claimed:
    """Hand waiting jobs to a worker."""
    check_live(step, want.worker)
    return _Choice(step, want).make()


def _caution(row: Row) -> Caution:
    return caution(row.job.retry, row.attempt + 1, row.crashes)


class _Choice:
    """One claim in the making."""

    def __init__(self, step: Step, want: Want) -> None:
        self._step = step
        self._store = step.store
        self._jobs = step.store.jobs
        self._want = want
        self._left_out = frozenset(want.without)
        self._aftermath = Aftermath(step)
        self._chosen: list[Claim] = []
        self._fence: int | None = None
        self._again_at: Instant | None = None
        self._set_aside = 0
        self._shut: set[str] = set()
        self._full: set[tuple[str, str]] = set()
        self._tenants_are_limited = any(
            rules.most is not None for rules in self._store.tenants.values()
        )
        self._allowance = Allowance(want.at_once, apart=want.apart)

    def make(self) -> Claimed:
        """Put what is due into the lines, and walk them as far as needed."""
        self._put_due_into_line()
        lines = heapq.merge(*self._lines(), key=lambda row: row.place)
        while len(self._chosen) < self._want.limit and (row := next(lines, None)):
            if row.job.queue not in self._shut:
                self._decide(row)
            if self._allowance.spent:
                break
            if self._set_aside == MOST_SET_ASIDE:
                self._again_at = self._step.now
                break
        self._aftermath.close()
        return Claimed(tuple(self._chosen), self._again_at)

    def _put_due_into_line(self) -> None:
        """Let scheduled and retrying jobs come in time, without waiting for their promotion."""
        for row in list(islice(self._jobs.due.under(), MOST_DUE)):
            if row.ready_at > self._step.now:
                break
            with self._jobs.moving(row):
                row.state = State.WAITING
        if following := self._jobs.due.first():
            self._ask_again(max(following.ready_at, self._step.now))

    def _ask_again(self, at: Instant) -> None:
        self._again_at = at if self._again_at is None else min(self._again_at, at)

    def _lines(self) -> Iterator[Iterator[Row]]:
        """The lines that are to be merged by their heads."""
        wanted = self._want.queues
        for name, queue in self._store.queues.items():
            if queue.rules.paused or (wanted is not None and name not in wanted):
                continue
            if queue.rules.fair:
                yield self._take_turns(name, queue.served)
            elif queue.rules.tenant_most is not None or self._tenants_are_limited:
                # Apart, so that a tenant that is full does not have its whole line walked.
                yield from self._lines_of(name, self._jobs.turns.groups(name))
            elif self._left_out:
                tasks = self._jobs.tasks.groups(name)
                yield from (self._line(name, t) for t in tasks if t not in self._left_out)
            else:
                yield self._line(name)

    def _line(self, queue: str, task: str | None = None) -> Iterator[Row]:
        """The line of a queue, or of one task in it, for as long as the queue has room."""
        jobs = self._jobs
        rows = jobs.waiting.under(queue) if task is None else jobs.tasks.under(queue, task)
        for row in rows:
            yield row
            if queue in self._shut:
                return

    def _lines_of(self, queue: str, tenants: list[str]) -> list[Iterator[Row]]:
        """The line of each tenant; what is passed over is shared evenly between them."""
        passes = MOST_PASSED_OVER // len({"", *tenants})
        return [self._line_of_tenant(queue, tenant, passes) for tenant in tenants]

    def _line_of_tenant(self, queue: str, tenant: str, passes: int) -> Iterator[Row]:
        """The line of one tenant for as long as it has room; it passes over so many left-out."""
        for row in self._jobs.turns.under(queue, tenant):
            if row.job.task in self._left_out:
                if not passes:
                    return
                passes -= 1
                continue
            yield row
            if queue in self._shut or (queue, tenant) in self._full:
                return

    def _take_turns(self, queue: str, served: str | None) -> Iterator[Row]:
        """The line of a fair queue: the best job of each tenant in turn, from where turns stand."""
        tenants: list[str] = self._jobs.turns.groups(queue)
        if served is not None:
            tenants.sort(key=lambda tenant: (tenant <= served, tenant))
        lines = self._lines_of(queue, tenants)
        while lines:
            left = []
            for line in lines:
                if row := next(line, None):
                    yield row
                    left.append(line)
            lines = left

    def _decide(self, row: Row) -> None:
        """Let a job start, park it, expire it, or leave it where it is."""
        job = row.job
        if job.expires_at is not None and job.expires_at <= self._step.now:
            self._aftermath.cancel([row], "expired")
            self._set_aside += 1
        elif (rules := self._store.tasks.get(job.task)) and rules.paused:
            self._park(row, f"task:{job.task}")
        elif not self._queue_lets(job):
            pass
        elif job.limit is not None and not self._key_has_room(job.limit.key, job.limit.most):
            self._park(row, f"key:{job.limit.key}")
        elif job.rate is not None and not self._rate_is_free(job):
            self._park(row, f"rate:{job.rate.key}")
        elif self._allowance.covers(_caution(row), len(self._chosen)):
            self._start(row)

    def _park(self, row: Row, gate: str) -> None:
        with self._jobs.moving(row):
            row.state, row.gate = State.BLOCKED, gate
        self._set_aside += 1

    def _queue_lets(self, job: NewJob) -> bool:
        """Whether the rules of its queue let one more job of its tenant start now."""
        queue = self._store.queues[job.queue]
        rules, running = queue.rules, self._jobs.running
        if rules.most is not None and running.count(job.queue) >= rules.most:
            self._shut.add(job.queue)
            return False
        most = rules.tenant_most
        if (
            most is not None and running.count(job.queue, job.tenant) >= most
        ) or not self._tenant_has_room(job.tenant):
            self._full.add((job.queue, job.tenant))
            return False
        if rules.rate is not None and queue.flow.free(rules.rate, self._step.now) < 1:
            self._shut.add(job.queue)
            free_at = queue.flow.next_at(rules.rate, self._step.now)
            self._ask_again(free_at)
            return False
        return True

    def _tenant_has_room(self, tenant: str) -> bool:
        rules = self._store.tenants.get(tenant)
        most = rules.most if rules else None
        return most is None or self._store.running_of(tenant) < most

    def _key_has_room(self, key: str, own: int) -> bool:
        return self._jobs.limited.count(key, State.RUNNING) < self._store.most_of(key, own)

    def _rate_is_free(self, job: NewJob) -> bool:
        assert job.rate is not None  # noqa: S101 - asked for jobs with a rate only
        rate = self._store.rate_of(job.rate.key, job.rate.rate)
        return self._store.flows[job.rate.key].free(rate, self._step.now) >= 1

    def _start(self, row: Row) -> None:
        """Put a job under the worker's lease and a new fence, and take from its rates."""
        if self._fence is None:
            self._fence = self._store.next_fence()
        with self._jobs.moving(row):
            row.state = State.RUNNING
            row.fence = self._fence
            row.worker = self._want.worker.fence
            row.attempt += 1
            row.started_at = self._step.now
            if row.job.unique is not None and row.job.unique.until == "started":
                row.let_go = True
        self._remember_start(row.job)
        self._chosen.append(claim_of(row))

    def _remember_start(self, job: NewJob) -> None:
        """Move on the turn of its queue and the rates that it starts under."""
        queue, now = self._store.queues[job.queue], self._step.now
        if queue.rules.fair:
            queue.served = job.tenant
        if queue.rules.rate is not None:
            queue.flow = queue.flow.take(queue.rules.rate, now, 1)
        if job.rate is not None:
            rate = self._store.rate_of(job.rate.key, job.rate.rate)
            self._store.flows[job.rate.key] = self._store.flows[job.rate.key].take(rate, now, 1)
