"""Hints between nodes. They make things prompt; nothing is wrong when one is lost."""

from typing import Literal

from msgspec import Struct


class Signal(Struct, frozen=True):
    """Something may have changed.

    Attributes:
        kind: `"work"`: these queues may have something to claim; `"control"`: these jobs have been
            asked to stop; `"event"`: the event log has grown; `"resync"`: anything may have
            happened, look for yourself.
        names: the queues or jobs meant; empty: any.
    """

    kind: Literal["work", "control", "event", "resync"]
    names: frozenset[str] = frozenset()


RESYNC = Signal("resync")
