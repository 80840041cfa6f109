"""Uniqueness: at most one job for one key, and what happens to the second."""

import hashlib
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tidemill.core.errors import InvalidOption
from tidemill.core.identity import check_key
from tidemill.core.instants import Duration, Millis, millis

Until = Literal["finished", "started"]
OnDuplicate = Literal["skip", "replace", "debounce", "reject"]
_UNTIL: Final = ("finished", "started")
_ON_DUPLICATE: Final = ("skip", "replace", "debounce", "reject")


class UniqueClaim(Struct, frozen=True, omit_defaults=True):
    """A key that at most one job may hold, as the store sees it.

    Attributes:
        key: the whole key, tenant and task included.
        until: how long the job holds it: until it is `"finished"`, or until it has `"started"`.
        window: or for this long after it was enqueued, finished or not; `None`: no window.
        on_duplicate: what the second job does. `"skip"`: nothing, the first one stands;
            `"replace"`: the first one, if it has not started, takes the new arguments and options;
            `"debounce"`: as replace, and its due time starts anew; `"reject"`: an error.
    """

    key: str
    until: Until = "finished"
    window: Millis | None = None
    on_duplicate: OnDuplicate = "skip"


def unrejected(claim: UniqueClaim | None) -> UniqueClaim | None:
    """The claim of a job that nobody asks for: where one who asks would be told, it is left out."""
    if claim is None or claim.on_duplicate != "reject":
        return claim
    return replace(claim, on_duplicate="skip")


class Unique(Struct, frozen=True):
    """What makes two jobs of a task the same.

    Attributes:
        by: names of the parameters that count; empty: all of them.
        until: see `UniqueClaim`.
        window: see `UniqueClaim`.
        on_duplicate: see `UniqueClaim`.
    """

    by: tuple[str, ...] = ()
    until: Until = "finished"
    window: Millis | None = None
    on_duplicate: OnDuplicate = "skip"

    def __post_init__(self) -> None:
        """Check it where it is written."""
        names: object = self.by
        if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
            raise InvalidOption(
                f"by={self.by!r} is not the names of parameters",
                hint='write unique("user_id", "day")',
            )

    def claim(self, tenant: str, task: str, args: dict[str, msgspec.Raw], key: str) -> UniqueClaim:
        """The key of one call: the caller's own where there is one, else made of the arguments."""
        if key:
            named = f"{tenant}/{check_key('unique key', key)}"
        else:
            chosen = {name: args[name] for name in sorted(self.by or args) if name in args}
            digest = hashlib.blake2b(msgspec.json.encode(chosen), digest_size=16).hexdigest()
            named = f"{tenant}/{task}/{digest}"
        return UniqueClaim(named, self.until, self.window, self.on_duplicate)


def unique(
    *by: str,
    until: Until = "finished",
    window: Duration | None = None,
    on_duplicate: OnDuplicate = "skip",
) -> Unique:
    """Say what makes two jobs of a task the same.

    Args:
        by: names of parameters that count; none: all of them.
        until: the first job holds the key until it is `"finished"` or has `"started"`.
        window: or for so long after it was enqueued, whatever becomes of it.
        on_duplicate: `"skip"`, `"replace"`, `"debounce"` or `"reject"`.

    Raises:
        InvalidOption: a word that is none of these, or what is no name of a parameter.

    Example:
        >>> unique("user_id", window="10m").window
        600000
    """
    if until not in _UNTIL:
        raise InvalidOption(f"until={until!r} is not known", hint=f"use one of {_UNTIL}")
    if on_duplicate not in _ON_DUPLICATE:
        raise InvalidOption(
            f"on_duplicate={on_duplicate!r} is not known", hint=f"use one of {_ON_DUPLICATE}"
        )
    return Unique(by, until, None if window is None else millis(window), on_duplicate)
