"""What no store can hold: texts with half a surrogate pair or NUL, numbers of more than 64 bits.

Names are checked where they are given, see `tidemill.core.identity`. What comes as far as an engine
all the same is refused there when it is sent, without a look at every value before.
"""

from typing import Any, Final

import msgspec

from tidemill.core.errors import InvalidArguments

UNSENT: Final = (UnicodeEncodeError, OverflowError)
"""What Python, and all that encodes for us, raises of such a value."""


def unstorable(error: UnicodeEncodeError | OverflowError) -> InvalidArguments:
    """Say that a value cannot be stored, or looked for, in the words of every engine."""
    if isinstance(error, UnicodeEncodeError):
        return InvalidArguments("a text holds half a surrogate pair, which cannot be stored")
    return InvalidArguments("a number is too large to be stored")


def refuse_nul(*texts: str | None) -> None:
    """Refuse what SQLite would cut off in a list, and PostgreSQL does not hold at all.

    Raises:
        InvalidArguments: one of these has a NUL.
    """
    for text in texts:
        if text is not None and "\0" in text:
            raise InvalidArguments("a text holds NUL, which cannot be stored")


def refuse_unsent(values: Any) -> None:
    """Refuse what could not be sent anywhere, where nothing is sent.

    Raises:
        InvalidArguments: half a surrogate pair, or a number that is too large, is among these.
    """
    try:
        # The one of the forms at hand that holds neither.
        msgspec.msgpack.encode(values)
    except UNSENT as error:
        raise unstorable(error) from error
