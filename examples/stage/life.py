"""Things that happen by themselves, now and then, as long as somebody looks on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_EVERY: Final = 5.0
"""Seconds between two of them."""


@contextmanager
def living(tick: Callable[[int], object]) -> Iterator[None]:
    """Have something happen again and again until the block ends.

    Args:
        tick: has one thing happen; it is given a number that counts up.
    """
    over = threading.Event()

    def live() -> None:
        number = 0
        while not over.wait(_EVERY):
            tick(number)
            number += 1

    thread = threading.Thread(target=live, name="life")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
