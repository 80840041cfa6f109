"""Change and rule: what people ask to be done to jobs, queues, tasks and keys."""

from typing import assert_never

import msgspec

from tidemill.core.change import (
    FROM,
    Cancel,
    Change,
    Changed,
    Delete,
    Move,
    Postpone,
    PutBack,
    Reprioritise,
    Retry,
    RunNow,
    Which,
    moment_given,
)
from tidemill.core.earlier import Earlier, earlier_of, is_as_left
from tidemill.core.event import Topic
from tidemill.core.query import JobFilter, read_cursor
from tidemill.core.record import EVENTS, check_version
from tidemill.core.rules import KeyRules, QueueRules, Rules, TaskRules, TenantRules, subject
from tidemill.core.signal import Signal
from tidemill.core.state import State
from tidemill.engines.relational.aftermath import Aftermath, find_facts
from tidemill.engines.relational.finding import by_ids, newest
from tidemill.engines.relational.gates import look_at, look_behind
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.link import Row
from tidemill.engines.relational.rows import numbers, rank, snapshot, text
from tidemill.engines.relational.searching import SLICE, Effort
from tidemill.engines.relational.tending import forget
from tidemill.engines.unstorable import refuse_nul

_SEQ, _ID, _QUEUE, _TENANT, _STATE = 0, 1, 3, 4, 5
"""Where a snapshot's row holds what a change needs."""


def change(
    tx: Transaction,
    which: Which,
    change: Change,
    cursor: str | None,
    limit: int,
    effort: Effort = SLICE,
) -> Changed:
    """Do what is asked for to one slice of jobs, as far as one looks for them."""
    allowed = FROM[type(change)]
    if which.filter is not None:
        rows, onward = _slice_of_filter(tx, which.filter, allowed, cursor, limit, effort)
    else:
        rows, onward = _slice_of_ids(tx, which, cursor, limit)
    fit = [row for row in _held_still(tx, rows) if State(row[_STATE]) in allowed]
    if not fit:
        return Changed((), onward)
    given = moment_given(change, tx.now)
    rows_by_id = {row[_ID]: row for row in fit}
    ids = tuple(_apply(tx, change, fit))
    earlier = [] if given is None else [earlier_of(snapshot(rows_by_id[id_]), given) for id_ in ids]
    return Changed(ids, onward, tuple(earlier))


def _slice_of_filter(
    tx: Transaction,
    which: JobFilter,
    allowed: frozenset[State],
    cursor: str | None,
    limit: int,
    effort: Effort,
) -> tuple[list[Row], str | None]:
    """The next jobs that match and allow it, newest first: a job that changes is not met again."""
    states = tuple(sorted(allowed.intersection(which.states or allowed)))
    if not states:
        return [], None
    narrowed = msgspec.structs.replace(which, states=states)
    return newest(tx.link, narrowed, cursor, limit, effort)


def _slice_of_ids(
    tx: Transaction, which: Which, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """The next of the ids given, in the order given, each once."""
    start, meant = read_cursor(cursor) or 0, list(dict.fromkeys(which.ids))
    end = start + limit
    rows = by_ids(tx.link, meant[start:end])
    found = {row[_ID]: row for row in rows if which.tenant in (None, row[_TENANT])}
    return [found[id_] for id_ in meant[start:end] if id_ in found], (
        str(end) if end < len(meant) else None
    )


def _held_still(tx: Transaction, rows: list[Row]) -> list[Row]:
    """The rows as they are now, and stay until the transaction ends; without those just gone."""
    live = [row[_SEQ] for row in rows if not State(row[_STATE]).finished]
    states = {facts.seq: facts.state for facts in find_facts(tx, live)} if live else {}
    return [
        (*row[:_STATE], states.get(row[_SEQ], row[_STATE]), *row[_STATE + 1 :])
        for row in rows
        if State(row[_STATE]).finished or row[_SEQ] in states
    ]


def _apply(tx: Transaction, change: Change, rows: list[Row]) -> list[str]:
    """Make the change; answer the ids of the jobs that it changed."""
    seqs = numbers([row[_SEQ] for row in rows])
    queues = frozenset(row[_QUEUE] for row in rows)
    match change:
        case Cancel(reason):
            _cancel(tx, rows, reason)
        case Retry():
            return _retry(tx, rows)
        case RunNow():
            tx.link.run("run_now", (tx.now, seqs))
            tx.signals.append(Signal("work", queues))
        case Postpone(until):
            look_behind(tx, [row[_SEQ] for row in rows])
            tx.link.run("postpone", (until, seqs))
        case Reprioritise(priority):
            tx.link.run("reprioritise", (rank(priority), seqs))
            look_behind(tx, [row[_SEQ] for row in rows])
        case Move(queue):
            refuse_nul(queue)
            tx.link.run("move", (queue, seqs))
            tx.link.run("add_queue", (queue, text(QueueRules(queue=queue))))
            tx.signals.append(Signal("work", frozenset({queue})))
        case Delete():
            _delete(tx, rows)
        case PutBack(to):
            return _put_back(tx, rows, {each.id: each for each in to})
        case _:
            assert_never(change)
    return [row[_ID] for row in rows]


def _cancel(tx: Transaction, rows: list[Row], reason: str) -> None:
    """Ask those that run to stop, and end the others."""
    running = [row for row in rows if row[_STATE] == State.RUNNING]
    if running:
        tx.link.run("request_cancel", (reason, numbers([row[_SEQ] for row in running])))
        tx.signals.append(Signal("control", frozenset(row[_ID] for row in running)))
    resting = [row[_SEQ] for row in rows if row[_STATE] != State.RUNNING]
    if resting:
        aftermath = Aftermath(tx)
        aftermath.end(aftermath.end_resting(resting, State.CANCELLED, reason))
        aftermath.write()


def _retry(tx: Transaction, rows: list[Row]) -> list[str]:
    """Bring finished jobs back; one whose unique key is taken stays where it is."""
    back = [row for row in rows if tx.link.run("retry_job", (row[_SEQ], tx.now))]
    tx.link.many("keep_last_attempt", [(row[_SEQ],) for row in back])
    tx.link.run("delete_done", (numbers([row[_SEQ] for row in back]),))
    tx.signals.append(Signal("work", frozenset(row[_QUEUE] for row in back)))
    return [row[_ID] for row in back]


def _put_back(tx: Transaction, rows: list[Row], to: dict[str, Earlier]) -> list[str]:
    """Undo what was done to jobs, but to those that are not any more what they were left as."""
    meant = {row[_SEQ]: to[row[_ID]] for row in rows if row[_ID] in to}
    awaited = {parent for parent, _, _ in tx.link.rows("children", (numbers(list(meant)),))}
    # Read anew: only since they are held still do they stay as they are seen.
    anew = by_ids(tx.link, [each.id for each in meant.values()])
    jobs = {row[_SEQ]: snapshot(row) for row in anew}
    back = {
        seq: each
        for seq, each in meant.items()
        if is_as_left(jobs[seq], each) and not (each.state.finished and seq in awaited)
    }
    if not back:
        return []
    look_behind(tx, list(back))
    _end_again(tx, {seq: each for seq, each in back.items() if each.state.finished})
    resting = {seq: each for seq, each in back.items() if not each.state.finished}
    tx.link.many(
        "put_back", [(each.state.value, each.ready_at, seq) for seq, each in resting.items()]
    )
    if resting:
        tx.signals.append(Signal("work", frozenset(each.queue for each in resting.values())))
    return [each.id for each in back.values()]


def _end_again(tx: Transaction, ends: dict[int, Earlier]) -> None:
    """Move jobs that were brought back to history again, as they were there; nobody is told."""
    if not ends:
        return
    tx.link.bulk(
        "end_again",
        [
            (
                seq,
                each.state.value,
                each.ready_at,
                each.worker,
                each.attempt,
                each.crashes,
                each.started_at,
                each.finished_at,
                each.expires_at,
                each.reason,
            )
            for seq, each in ends.items()
        ],
    )
    tx.link.run("delete_jobs", (numbers(list(ends)),))


def _delete(tx: Transaction, rows: list[Row]) -> None:
    """Remove jobs and their history; children of a live one hear that it will never finish."""
    live = [row[_SEQ] for row in rows if not State(row[_STATE]).finished]
    if live:
        aftermath = Aftermath(tx)
        look_behind(tx, live)
        parents = {f.seq: State.CANCELLED for f in find_facts(tx, live) if f.is_parent}
        tx.link.run("delete_edges_of_children", (numbers(live),))
        tx.link.run("untag_jobs", (numbers(live),))
        tx.link.run("delete_jobs", (numbers(live),))
        if parents:
            aftermath.end(aftermath.release_children(parents))
        aftermath.write()
    forget(tx, [row[_SEQ] for row in rows], [row[_ID] for row in rows])


def rule(tx: Transaction, rules: Rules, expected: int | None) -> int:
    """Set the rules of a queue, a task, a key or a tenant, and tell of it; answer their version.

    Raises:
        VersionConflict: another one was expected.
    """
    kind, name = subject(rules)
    refuse_nul(name)
    version = _version_of(tx, kind, name)
    check_version(f"what is set for {kind} {name!r}", version, expected)
    rules = msgspec.structs.replace(rules, version=version + 1)
    match rules:
        case QueueRules():
            tx.link.run("put_queue_rules", (name, text(rules)))
        case TaskRules():
            tx.link.run("put_rule", (kind, name, text(rules)))
            look_at(tx, f"task:{name}")
        case KeyRules():
            tx.link.run("put_rule", (kind, name, text(rules)))
            look_at(tx, f"key:{name}", f"rate:{name}")
        case TenantRules():
            tx.link.run("put_rule", (kind, name, text(rules)))
        case _:
            assert_never(rules)
    data = msgspec.json.encode({kind: name, "rules": rules})
    topic = Topic(f"{kind}.changed")
    tx.link.append([(EVENTS, tx.now, topic.value, "", "", data)])
    tx.signals.extend((Signal("event"), Signal("work")))
    return rules.version


def _version_of(tx: Transaction, kind: str, name: str) -> int:
    """The version of the rules that are set, 0 for none."""
    if kind == "queue":
        found = tx.link.rows("rules_of_queue", (name,))
    else:
        found = tx.link.rows("rules_of", (kind, name))
    return int(msgspec.json.decode(found[0][0]).get("version", 0)) if found else 0
