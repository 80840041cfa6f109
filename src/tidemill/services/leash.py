"""Runs a program in its own place, which is killed when the one that has started it dies."""

import os
import signal
import sys

from tidemill.worker.orphan import die_with_parent

if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]), signal.SIGKILL)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - what was asked to be run, by our own words
