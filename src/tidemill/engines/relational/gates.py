"""Gates: where blocked jobs stand, how many a gate lets out, and when it is worth looking at.

A gate is looked at when something has happened that may leave room behind it: a table names such
gates, and from when. Whatever takes a job out of the line or out of a gate, changes a rule, or
puts a new job behind a gate has to say so here; a gate that nothing has happened to is not read,
so promoting costs the same with ten gates and with ten thousand.
"""

from collections.abc import Sequence

from tidemill.core.instants import Instant
from tidemill.core.limits import Flow, Rate
from tidemill.core.rules import KeyRules
from tidemill.core.state import State
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.link import Row
from tidemill.engines.relational.rows import decode_rate, key_rules, numbers, task_rules

_OWN_MOST, _OWN_RATE = 2, 3
"""Where a row of `find_parked` holds what a job brings along."""


def look_at(tx: Transaction, *gates: str, at: Instant = 0) -> None:
    """Have gates looked at by the next promotion, or by the first one from a moment on."""
    tx.link.many("look_at_gate", [(gate, at) for gate in gates])


def look_behind(tx: Transaction, seqs: Sequence[int]) -> None:
    """These jobs are about to change places: who is parked for one of their keys may go on."""
    tx.link.run("look_at_gates_of", (numbers(seqs),))


def give_room_on(tx: Transaction, key: str, freed: int) -> list[str]:
    """Give the room left under a limit key to the first jobs parked there; answer their queues."""
    gate = f"key:{key}"
    parked = tx.link.rows("find_parked", (gate, freed + 1))
    if not parked:
        return []
    most = key_limit(tx, key, parked[0][_OWN_MOST])
    room = min(most - _count(tx, key, State.RUNNING), freed)
    chosen = parked[: max(room, 0)]
    if chosen:
        tx.link.run("release", (tx.now, numbers([row[0] for row in chosen])))
    if len(chosen) < len(parked) and parked[len(chosen)][_OWN_MOST] > most:
        # The next one in the line brings a larger limit along than those before it.
        look_at(tx, gate)
    return [row[1] for row in chosen]


def room(tx: Transaction, gate: str, head: Row) -> tuple[int | None, Instant | None]:
    """How many may leave a gate, and when more may.

    Args:
        head: the row of `find_parked` of the first job in its line, whose own limit or rate counts.

    Returns:
        How many may leave now, `None`: all of them; and when to look again though nothing happens.
    """
    kind, _, name = gate.partition(":")
    if kind == "task":
        return 0 if _is_paused(tx, name) else None, None
    if kind == "key":
        taken = _count(tx, name, State.RUNNING) + _count(tx, name, State.WAITING)
        return max(key_limit(tx, name, head[_OWN_MOST]) - taken, 0), None
    rate, flow = _rate_after_waiting(tx, name, head[_OWN_RATE])
    return flow.free(rate, tx.now), flow.next_at(rate, tx.now)


def key_limit(tx: Transaction, key: str, own: int) -> int:
    """The limit in force for a key: the one set at run time, else what the job brought along."""
    return limit_in_force(rules_of_key(tx, key), own)


def key_rate(tx: Transaction, key: str, own: str) -> Rate:
    """The rate in force for a key: the one set at run time, else what the job brought along."""
    return rate_in_force(rules_of_key(tx, key), own)


def limit_in_force(rules: KeyRules | None, own: int) -> int:
    """The limit that was set for a key, else what a job brought along."""
    return own if rules is None or rules.most is None else rules.most


def rate_in_force(rules: KeyRules | None, own: str) -> Rate:
    """The rate that was set for a key, else what a job brought along."""
    return decode_rate(own) if rules is None or rules.rate is None else rules.rate


def rules_of_key(tx: Transaction, key: str) -> KeyRules | None:
    """What was set for a key at run time."""
    found = tx.link.rows("rules_of", ("key", key))
    return key_rules(found[0][0]) if found else None


def flow_of_key(tx: Transaction, key: str) -> Flow:
    """Where the rate of a key stands."""
    found = tx.link.rows("find_flow", (key,))
    return Flow(found[0][0] if found else 0)


def _count(tx: Transaction, key: str, state: State) -> int:
    return int(tx.link.rows("count_key", (key, state.value))[0][0])


def _is_paused(tx: Transaction, task: str) -> bool:
    found = tx.link.rows("rules_of", ("task", task))
    return bool(found) and task_rules(found[0][0]).paused


def _rate_after_waiting(tx: Transaction, key: str, own: str) -> tuple[Rate, Flow]:
    """The rate of a key, and where it would stand had all started that wait for a start."""
    rate = key_rate(tx, key, own)
    waiting = int(tx.link.rows("count_rate_waiting", (key,))[0][0])
    return rate, flow_of_key(tx, key).take(rate, tx.now, waiting)
