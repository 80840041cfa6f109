"""What jobs that failed have in common, and those that were completed mostly have not."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from tidemill.core.job import Snapshot

Kind = Literal["argument", "tag", "queue", "tenant", "attempt"]
Feature: TypeAlias = tuple[Kind, str, str]
"""Of which kind, its name where it has one, and its value as text; JSON, of an argument."""

FEWEST: Final = 3
"""Jobs of which it can be said that they have something in common."""

MOST: Final = 8
"""Traits that are told."""

_ARGUMENTS: Final = 20
_LONGEST: Final = 200
_MOST_HAVE: Final = 0.8
_FEW_HAVE: Final = 0.2
_RANK: Final[dict[Kind, int]] = {"argument": 0, "tag": 1, "queue": 2, "tenant": 3, "attempt": 4}

_decode: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Trait(Struct, frozen=True, kw_only=True):
    """Something that most of some failed jobs have, and few completed ones of their task.

    Attributes:
        name: of the argument; of other kinds empty.
        value: as text; of an argument as JSON.
        have: how many of the failed jobs looked at have it.
        of: how many failed jobs were looked at.
        others_have: how many of the completed jobs looked at have it.
        others: how many completed jobs were looked at.
    """

    kind: Kind
    name: str
    value: str
    have: int
    of: int
    others_have: int
    others: int


def features(job: Snapshot) -> frozenset[Feature]:
    """What there is to be had in common with other jobs; long values are nothing to tell."""
    return frozenset(_features(job))


def shared(
    failed: Sequence[frozenset[Feature]], completed: Sequence[frozenset[Feature]]
) -> tuple[Trait, ...]:
    """What sets failed jobs apart from completed ones of their task, the clearest first.

    Where there are none to compare with, only what jobs were given counts: a queue that all of
    them have in common says nothing.

    Example:
        >>> acme, other = ("argument", "host", '"acme"'), ("argument", "host", '"other"')
        >>> (trait,) = shared([frozenset([acme])] * 3, [frozenset([other])] * 5)
        >>> trait.value, trait.have, trait.others_have
        ('"acme"', 3, 0)
    """
    if len(failed) < FEWEST:
        return ()
    ours = Counter(feature for each in failed for feature in each)
    theirs = Counter(feature for each in completed for feature in each)
    found = [
        Trait(
            kind=feature[0],
            name=feature[1],
            value=feature[2],
            have=have,
            of=len(failed),
            others_have=theirs[feature],
            others=len(completed),
        )
        for feature, have in ours.items()
        if have >= _MOST_HAVE * len(failed)
        and (
            theirs[feature] <= _FEW_HAVE * len(completed)
            if completed
            else feature[0] in ("argument", "tag")
        )
    ]
    found.sort(key=lambda each: (_RANK[each.kind], -each.have, each.others_have, each.name))
    return tuple(found[:MOST])


def _features(job: Snapshot) -> Iterator[Feature]:
    for name, value in list(_arguments(job.args).items())[:_ARGUMENTS]:
        written = bytes(value)
        if len(written) <= _LONGEST:
            yield "argument", name, written.decode()
    for tag in job.tags:
        yield "tag", "", tag
    yield "queue", "", job.queue
    if job.tenant:
        yield "tenant", "", job.tenant
    if job.attempt < job.max_attempts:
        # That its attempts are spent goes for whatever fails for good.
        yield "attempt", "", str(job.attempt)


def _arguments(stored: bytes) -> dict[str, Any]:
    try:
        return _decode(stored)
    except (msgspec.MsgspecError, RecursionError):
        return {}
