"""Which release this is, and whether another one is older."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from tidemill.core.errors import ReleaseInUse
from tidemill.core.lease import Lease


@cache
def release() -> str:
    """The version of tidemill that runs here; `"unknown"` where it was not installed."""
    try:
        return version("tidemill")
    except PackageNotFoundError:
        return "unknown"


def may_be_older(other: str) -> bool:
    """Whether a release may be older than this one: what cannot be told apart may be.

    Example:
        >>> may_be_older(release()), may_be_older("0.0.1"), may_be_older("999.0")
        (False, True, False)
        >>> may_be_older("")
        True
    """
    return other != release() and _numbers(other) <= _numbers(release())


def refuse_while_older(workers: Sequence[Lease], shown: str) -> None:
    """Refuse to take away from a store what these workers may need.

    Raises:
        ReleaseInUse: some of them may be of an older release; they are named.
    """
    older = []
    for lease in workers:
        info = msgspec.json.decode(lease.info, type=dict[str, Any])
        version = str(info.get("version", "unknown"))
        if may_be_older(version):
            process = f", process {info['pid']} on {info.get('host')}" if "pid" in info else ""
            older.append(f"{info.get('name', lease.holder)} (release {version}{process})")
    if older:
        raise ReleaseInUse(
            f"workers of other releases than {release()} are at work on {shown}: "
            + ", ".join(older),
            hint="stop them, or wait for their leases to run out, and try again",
        )


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers that a version begins with; none are the oldest."""
    found = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(number) for number in found[0].split(".")) if found else ()
