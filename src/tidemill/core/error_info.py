"""What is kept of the error that ended an attempt."""

from msgspec import Struct


class ErrorInfo(Struct, frozen=True, omit_defaults=True):
    """An error as it is kept.

    Attributes:
        kind: name of the exception's class, with its module unless built in.
        message: what it said, cut to 8 KiB.
        traceback: where it happened, cut to 32 KiB; empty when there is none.
    """

    kind: str
    message: str
    traceback: str = ""
