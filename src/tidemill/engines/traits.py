"""What engines truly offer, where they may differ."""

from msgspec import Struct


class Traits(Struct, frozen=True):
    """What this engine truly offers, where engines may differ.

    Attributes:
        shared: whether several processes can work on one store.
        transactions: whether verbs with a `tx` take part in a transaction of the caller's.
    """

    name: str
    shared: bool
    transactions: bool
