"""A process that its parent started does not outlive it, where the system can see to that."""

import ctypes
import os
import signal
import sys
from typing import Final

CREW_VARIABLE: Final = "TIDEMILL_CREW"
"""Set by a crew to its pid for the workers that it starts, so that none outlives it."""

_PR_SET_PDEATHSIG: Final = 1


def die_with_parent(parent: int, number: signal.Signals) -> None:
    """Have the system send this signal to this process when its parent is gone.

    Linux only; elsewhere a child sees that its parent is gone by the end of what it reads from it.

    Args:
        parent: pid of the process that started this one.
        number: the signal.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:  # it was gone before the system was asked
        os.kill(os.getpid(), number)
