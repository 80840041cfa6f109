"""Claim: the one step in which priority, pause, limits, rates and fairness are decided.

It walks the lines of all queues together, best job first, and decides of each whether it runs,
parks, expires or stays. The lines are read lazily from an index that holds waiting jobs only, so a
claim costs what it looks at, however many jobs are stored. The transaction keeps others out:
what is counted here cannot change before it is acted upon.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec import Struct

from tidemill.core.caution import Allowance, Caution, read_caution
from tidemill.core.errors import LeaseLost
from tidemill.core.instants import Instant
from tidemill.core.job import Claim
from tidemill.core.lease import Lease
from tidemill.core.limits import Flow
from tidemill.core.rules import QueueRules
from tidemill.core.state import State
from tidemill.core.want import Claimed, Want
from tidemill.engines.relational import gates
from tidemill.engines.relational.aftermath import Aftermath
from tidemill.engines.relational.ground import HELD_UP, Transaction
from tidemill.engines.relational.keys import Keys
from tidemill.engines.relational.link import Row
from tidemill.engines.relational.rows import claim_of, numbers, queue_rules, task_rules
from tidemill.engines.relational.running import Running
from tidemill.loops.failpoint import failpoint

MOST_SET_ASIDE: Final = 1_000
"""Jobs parked or expired by one claim, so that it never holds the pen for long."""

MOST_DUE: Final = 500
"""Jobs that one claim puts into the line because their time has come."""

FIRST_PIECE: Final = 16
LARGEST_PIECE: Final = 512
"""Jobs of one line that a claim reads ahead: few at first, for most lines may not get far."""

MOST_PASSED_OVER: Final = 1_000
"""Jobs that a claim leaves out and passes over in one queue whose tenants are told apart."""


_SEQ, _TASK, _QUEUE, _TENANT, _ATTEMPT, _CRASHES, _POLICY = 2, 5, 6, 7, 9, 10, 13
_CLAIM = slice(3, 20)
_CONDITIONS = slice(20, 25)
_LIMIT_KEY, _RATE_KEY = 21, 23
_NONE = (None,) * 5
"""Where a row of the line holds what; its first columns are its place."""


class _Candidate(Struct, frozen=True):
    """What a row of the line says about whether it may run."""

    seq: int
    task: str
    queue: str
    tenant: str
    expires_at: Instant | None
    limit_key: str | None
    limit_most: int | None
    rate_key: str | None
    rate: str | None


def _is_free(rules: QueueRules) -> bool:
    """Whether the rules of a queue let every job start at once, in the order of the line."""
    limits = (rules.most, rules.tenant_most, rules.rate)
    return not rules.fair and all(limit is None for limit in limits)


def _candidate(row: Row) -> _Candidate:
    return _Candidate(row[_SEQ], row[_TASK], row[_QUEUE], row[_TENANT], *row[_CONDITIONS])


def _caution(row: Row) -> Caution:
    return read_caution(row[_POLICY], row[_ATTEMPT], row[_CRASHES])


class _Line(Struct):
    """One queue as a claim sees it."""

    rules: QueueRules
    turn: str | None
    flow: Flow


def claim(tx: Transaction, want: Want) -> Claimed:
    """Hand waiting jobs to a worker."""
    failpoint("claim.before")
    lease = want.worker
    if not tx.link.rows("lease_is_live", (lease.name, lease.fence, tx.steady)):
        raise _lost(lease)
    return _Choice(tx, want).make()


def _lost(lease: Lease) -> LeaseLost:
    """What a worker hears that claims under a lease which has run out."""
    return LeaseLost(
        f"worker {lease.name} has lost its lease",
        hint="stop what it runs and take a new lease",
    )


class _Choice:
    """One claim in the making."""

    def __init__(self, tx: Transaction, want: Want) -> None:
        self._tx = tx
        self._want = want
        self._left_out = frozenset(want.without)
        self._lines = self._open_lines()
        self._running = Running(tx)
        self._free = {
            name
            for name, line in self._lines.items()
            if _is_free(line.rules) and not self._running.limits_tenants
        }
        self._chosen: list[Row] = []
        self._parked: defaultdict[str, list[int]] = defaultdict(list)
        self._leaving: list[int] = []
        self._expired: list[int] = []
        self._frees: dict[str, Instant] = {}
        self._again_at: Instant | None = None
        self._paused = {
            name
            for name, rules in tx.link.rows("rules_of_kind", ("task",))
            if task_rules(rules).paused
        }
        self._shut: set[str] = set()
        self._full: set[tuple[str, str | None]] = set()
        self._keys = Keys(tx)
        self._set_aside = 0
        self._allowance = Allowance(want.at_once, apart=want.apart)

    def make(self) -> Claimed:
        """Put what is due into the lines, walk them, then write down what was decided."""
        self._put_due_into_line()
        for row in self._walk() if self._want.limit > 0 else ():
            if self._is_plain(row):
                self._chosen.append(row)
            else:
                self._decide(row)
            if self._allowance.spent or len(self._chosen) == self._want.limit:
                break
            if self._set_aside >= MOST_SET_ASIDE:
                self._again_at = self._tx.now
                break
        jobs = self._take()
        self._put_aside()
        return Claimed(jobs, self._again_at)

    def _put_due_into_line(self) -> None:
        """Let scheduled and retrying jobs come in time, without waiting for their promotion."""
        link, now = self._tx.link, self._tx.now
        next_due = link.rows("next_due")[0][0]
        soonest = now
        if next_due is not None and next_due <= now:
            due = link.rows("find_due", (now, MOST_DUE))
            link.run("make_ready", (numbers([row[0] for row in due]),))
            next_due = link.rows("next_due")[0][0]
            if not due:
                soonest += HELD_UP
        if next_due is not None:
            self._ask_again(max(next_due, soonest))

    def _open_lines(self) -> dict[str, _Line]:
        wanted = self._want.queues
        lines = {}
        for name, rules, turn, arrival in self._tx.link.rows("queues"):
            parsed = queue_rules(rules)
            if not parsed.paused and (wanted is None or name in wanted):
                lines[name] = _Line(parsed, turn, Flow(arrival))
        return lines

    def _walk(self) -> Iterator[Row]:
        """All lines together, the best head first; rows begin with their place."""
        streams: list[Iterator[Row]] = []
        for name, line in self._lines.items():
            if line.rules.fair:
                streams.append(self._take_turns(name, line.turn))
            elif line.rules.tenant_most is not None or self._running.limits_tenants:
                tenants = self._tenants(name)
                passes = MOST_PASSED_OVER // len(tenants)
                streams.extend(self._line_of_tenant(name, each, passes) for each in tenants)
            elif self._left_out:
                streams.extend(self._line(name, task) for task in self._tasks(name))
            elif name in self._free:
                streams.append(self._read("line", name))
            else:
                streams.append(self._line(name))
        # A place ends in the row number, so two rows never compare beyond it.
        return streams[0] if len(streams) == 1 else heapq.merge(*streams)

    def _line(self, queue: str, task: str | None = None) -> Iterator[Row]:
        """The line of a queue, or of one task in it, for as long as the queue has room."""
        rows = (
            self._read("line", queue) if task is None else self._read("line_of_task", queue, task)
        )
        for row in rows:
            yield row
            if queue in self._shut:
                return

    def _read(self, line: str, *of: str) -> Iterator[Row]:
        """Read a line piece by piece, so that all keys of a piece are asked for at once."""
        rows = self._tx.link.stream(line, of, self._want.limit)
        # Not a row more than is wanted, as long as no job is left out: it may take another query.
        size, wanted = self._first_piece(), self._want.limit
        while piece := list(islice(rows, min(size, wanted) if wanted > 0 else size)):
            self._keys.meet(
                key for row in piece for key in (row[_LIMIT_KEY], row[_RATE_KEY]) if key is not None
            )
            yield from piece
            size, wanted = min(size * 2, LARGEST_PIECE), wanted - len(piece)

    def _first_piece(self) -> int:
        """How much of a line to read first: one of many may not get far, a lone one does."""
        return LARGEST_PIECE if len(self._lines) == 1 else FIRST_PIECE

    def _tasks(self, queue: str) -> list[str]:
        """The tasks that have a job waiting in a queue and are not left out."""
        named = self._tx.link.rows("tasks_waiting", (queue,))
        return [task for (task,) in named if task not in self._left_out]

    def _line_of_tenant(self, queue: str, tenant: str, passes: int) -> Iterator[Row]:
        """The line of one tenant for as long as it has room; it passes over so many left-out."""
        link = self._tx.link
        if tenant:
            rows = link.stream("line_of_tenant", (queue, tenant), self._want.limit)
        else:
            rows = link.stream("line_of_no_tenant", (queue,), self._want.limit)
        for row in rows:
            if row[_TASK] in self._left_out:
                if not passes:
                    return
                passes -= 1
                continue
            yield row
            if queue in self._shut or (queue, tenant) in self._full:
                return

    def _tenants(self, queue: str) -> list[str]:
        named = self._tx.link.rows("tenants_waiting", (queue,))
        return ["", *(tenant for (tenant,) in named)]

    def _take_turns(self, queue: str, last: str | None) -> Iterator[Row]:
        """The line of a fair queue: tenants in turn, from the one behind the last served."""
        turns = self._tenants(queue)
        if last is not None:
            turns.sort(key=lambda tenant: (tenant <= last, tenant))
        passes = MOST_PASSED_OVER // len(turns)
        lines: dict[str, Iterator[Row]] = {}
        while turns:
            left = []
            for tenant in turns:
                if tenant not in lines:
                    lines[tenant] = self._line_of_tenant(queue, tenant, passes)
                row = next(lines[tenant], None)
                if row is not None:
                    left.append(tenant)
                    yield row
            turns = left

    def _is_plain(self, row: Row) -> bool:
        """Whether neither the job nor any rule holds it back, so that it runs and that is all."""
        return (
            row[_CONDITIONS] == _NONE
            and row[_QUEUE] in self._free
            and row[_TASK] not in self._paused
            and _caution(row) is Caution.NONE
        )

    def _decide(self, row: Row) -> None:
        """Let a job run, park it, expire it, or leave it where it is."""
        job = _candidate(row)
        now = self._tx.now
        if job.queue in self._shut or (job.queue, job.tenant) in self._full:
            # Read ahead, before its queue or its tenant had all that it may have.
            return
        if job.expires_at is not None and job.expires_at <= now:
            self._expired.append(job.seq)
            self._set_aside += 1
        elif job.task in self._paused:
            self._park(f"task:{job.task}", job)
        elif self._queue_has_room(job):
            if (
                job.limit_key is not None
                and self._keys.room(job.limit_key, job.limit_most or 0) < 1
            ):
                self._park(f"key:{job.limit_key}", job)
            elif job.rate_key is not None and not self._rate_is_free(job.rate_key, job.rate or ""):
                self._park(f"rate:{job.rate_key}", job)
            elif self._allowance.covers(_caution(row), len(self._chosen)):
                self._choose(job, row)

    def _park(self, gate: str, job: _Candidate) -> None:
        self._parked[gate].append(job.seq)
        self._set_aside += 1
        if job.limit_key is not None or job.rate_key is not None:
            self._leaving.append(job.seq)

    def _queue_has_room(self, job: _Candidate) -> bool:
        """Whether the rules of its queue let one more job of its tenant start now."""
        line = self._lines[job.queue]
        rules = line.rules
        running = self._running
        if rules.most is not None and running.in_queue(job.queue) >= rules.most:
            self._shut.add(job.queue)
            return False
        if not running.tenant_has_room(job.queue, job.tenant, rules.tenant_most):
            self._full.add((job.queue, job.tenant))
            return False
        if rules.rate is not None and line.flow.free(rules.rate, self._tx.now) < 1:
            self._shut.add(job.queue)
            self._ask_again(line.flow.next_at(rules.rate, self._tx.now))
            return False
        return True

    def _rate_is_free(self, key: str, own: str) -> bool:
        free_at = self._keys.free_at(key, own)
        if free_at is None:
            return True
        gate = f"rate:{key}"
        self._frees[gate] = min(self._frees.get(gate, free_at), free_at)
        return False

    def _choose(self, job: _Candidate, row: Row) -> None:
        """Let it run, and count it where limits look."""
        now = self._tx.now
        self._chosen.append(row)
        self._running.choose(job.queue, job.tenant)
        line = self._lines[job.queue]
        if line.rules.rate is not None:
            line.flow = line.flow.take(line.rules.rate, now, 1)
            self._tx.link.run("set_queue_arrival", (line.flow.arrival, job.queue))
        if line.rules.fair:
            self._tx.link.run("set_turn", (job.tenant, job.queue))
        if job.limit_key is not None:
            self._keys.run(job.limit_key)
        if job.rate_key is not None:
            self._keys.start(job.rate_key, job.rate or "")

    def _ask_again(self, at: Instant) -> None:
        self._again_at = at if self._again_at is None else min(self._again_at, at)

    def _take(self) -> tuple[Claim, ...]:
        """Put the chosen jobs under the worker's lease and a new fence."""
        if not self._chosen:
            return ()
        link, now, worker = self._tx.link, self._tx.now, self._want.worker.fence
        fence = link.rows("next_fence")[0][0]
        seqs = numbers([row[_SEQ] for row in self._chosen])
        link.run("take", (fence, worker, now, seqs))
        return tuple([claim_of(row[_CLAIM], fence, worker, now) for row in self._chosen])

    def _put_aside(self) -> None:
        link = self._tx.link
        if self._leaving:
            # Out of the line, they no longer take room that others of their keys wait for.
            gates.look_behind(self._tx, self._leaving)
        for gate, seqs in self._parked.items():
            link.run("park", (gate, numbers(seqs)))
        for gate, at in self._frees.items():
            gates.look_at(self._tx, gate, at=at)
        if self._expired:
            aftermath = Aftermath(self._tx)
            aftermath.end(aftermath.end_resting(self._expired, State.CANCELLED, "expired"))
            aftermath.write()
