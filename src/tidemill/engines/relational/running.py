"""What runs while a claim chooses, by queue and tenant: counted when a limit first asks for it."""

from collections import Counter

from tidemill.engines.relational.ground import Transaction
from tidemill.engines.relational.rows import tenant_rules


class Running:
    """Counts running jobs, those included that this claim has chosen."""

    def __init__(self, tx: Transaction) -> None:
        """Count nothing yet, but read which tenants have a limit."""
        self._tx = tx
        self._counts: Counter[tuple[str, str]] | None = None
        self._chosen: Counter[tuple[str, str]] = Counter()
        found = {
            name: tenant_rules(rules).most
            for name, rules in tx.link.rows("rules_of_kind", ("quota",))
        }
        self._most = {name: most for name, most in found.items() if most is not None}

    @property
    def limits_tenants(self) -> bool:
        """Whether any tenant may have but so many jobs running in all queues."""
        return bool(self._most)

    def choose(self, queue: str, tenant: str) -> None:
        """One more job is chosen."""
        if self._counts is None:
            self._chosen[queue, tenant] += 1
        else:
            self._counts[queue, tenant] += 1

    def in_queue(self, queue: str) -> int:
        """Jobs of a queue."""
        return sum(count for (name, _), count in self._counted().items() if name == queue)

    def tenant_has_room(self, queue: str, tenant: str, most: int | None) -> bool:
        """Whether a tenant may have one more: of so many in this queue, and in all of them."""
        if most is not None and self._counted()[queue, tenant] >= most:
            return False
        in_all = self._most.get(tenant)
        if in_all is None:
            return True
        return sum(n for (_, name), n in self._counted().items() if name == tenant) < in_all

    def _counted(self) -> Counter[tuple[str, str]]:
        if self._counts is None:
            self._counts = self._chosen
            for queue, tenant, count in self._tx.link.rows("count_running"):
                self._counts[queue, tenant] += count
        return self._counts
