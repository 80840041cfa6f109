"""What one claim knows of the keys of limits and rates that it meets, asked for by the piece."""

from collections.abc import Iterable

from msgspec import Struct

from tidemill.core.instants import Instant
from tidemill.core.limits import Flow, Rate
from tidemill.core.rules import KeyRules
from tidemill.engines.relational import gates
from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.rows import key_rules, text


class _Key(Struct):
    """A key.

    Attributes:
        running: jobs under it, those that this claim has chosen included.
        rules: what was set for it at run time.
        flow: where its rate stands.
    """

    running: int
    rules: KeyRules | None
    flow: Flow


class Keys:
    """Counts while a claim chooses; the transaction keeps others from changing what was read."""

    def __init__(self, tx: Transaction) -> None:
        """Know of none."""
        self._tx = tx
        self._known: dict[str, _Key] = {}

    def meet(self, names: Iterable[str]) -> None:
        """Ask for those of these keys that are not known yet, in one go."""
        unknown = set(names).difference(self._known)
        if not unknown:
            return
        for name, running, rules, arrival in self._tx.link.rows("keys", (text(sorted(unknown)),)):
            parsed = None if rules is None else key_rules(rules)
            self._known[name] = _Key(int(running), parsed, Flow(arrival or 0))

    def room(self, name: str, own: int) -> int:
        """How many more jobs of a key may start, by its rules or else by a job's own limit."""
        key = self._find(name)
        return gates.limit_in_force(key.rules, own) - key.running

    def free_at(self, name: str, own: str) -> Instant | None:
        """When a rate allows the next start; `None`: it does now."""
        key, now = self._find(name), self._tx.now
        rate = self._rate(key, own)
        return None if key.flow.free(rate, now) >= 1 else key.flow.next_at(rate, now)

    def run(self, name: str) -> None:
        """One more job runs under a limit."""
        self._find(name).running += 1

    def start(self, name: str, own: str) -> None:
        """One more start is counted by a rate."""
        key = self._find(name)
        key.flow = key.flow.take(self._rate(key, own), self._tx.now, 1)
        self._tx.link.run("put_flow", (name, key.flow.arrival))

    def _find(self, name: str) -> _Key:
        self.meet((name,))
        return self._known[name]

    def _rate(self, key: _Key, own: str) -> Rate:
        return gates.rate_in_force(key.rules, own)
