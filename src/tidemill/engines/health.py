"""What an engine found when it looked at its store."""

from enum import StrEnum

from msgspec import Struct


class Durability(StrEnum):
    """What an answered change survives."""

    DURABLE = "durable"
    """A crash of the process, of the machine, and a loss of power."""
    DURABLE_EXCEPT_POWER_LOSS = "durable-except-power-loss"
    """A crash of the process or of the store, but not always of the machine."""
    VOLATILE = "volatile"
    """Nothing: it is gone with the process or the server."""


class Finding(Struct, frozen=True):
    """Something about the store that its owner should know.

    Attributes:
        grave: whether it endangers data or guarantees.
        remedy: what to do about it.
    """

    what: str
    remedy: str
    grave: bool = False


class Health(Struct, frozen=True):
    """What the engine found when it looked at its store."""

    durability: Durability
    store: str
    schema: int
    findings: tuple[Finding, ...] = ()
