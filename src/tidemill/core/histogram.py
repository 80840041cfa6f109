"""Lengths of time counted in 24 bins, fine where they are short: enough for honest percentiles."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from tidemill.core.instants import Millis

BOUNDS: Final[tuple[Millis, ...]] = (
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000,
    60_000, 120_000, 300_000, 900_000, 3_600_000, 14_400_000, 86_400_000,
)  # fmt: skip
"""Upper bounds of the bins, exclusive; the last bin has none."""

BINS: Final = len(BOUNDS) + 1
EMPTY: Final = (0,) * BINS


def bin_of(length: Millis) -> int:
    """The bin that counts this length."""
    return bisect_right(BOUNDS, length)


def count(lengths: Iterable[Millis]) -> list[int]:
    """How many of these lengths each bin counts."""
    counts = [0] * BINS
    for length, times in Counter(lengths).items():
        counts[bin_of(length)] += times
    return counts


def add(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    """Both counts together."""
    return tuple(a + b for a, b in zip(one, other, strict=True))


def percentile(counts: Sequence[int], share: float) -> Millis | None:
    """The length below which this share of the counted ones lies, linear within its bin.

    Args:
        counts: one count per bin.
        share: 0.5 for the median, 0.95, 0.99.

    Returns:
        `None` when nothing was counted; the last bin answers with its lower bound.
    """
    total = sum(counts)
    if not total:
        return None
    wanted = share * total
    seen = 0
    for number, count in enumerate(counts):
        if count and seen + count >= wanted:
            low = BOUNDS[number - 1] if number else 0
            high = BOUNDS[number] if number < len(BOUNDS) else low
            return round(low + (high - low) * (wanted - seen) / count)
        seen += count
    return BOUNDS[-1]
