"""What it takes to test jobs without a server and without waiting: a hand-wound clock, samples."""

from tidemill.testing.clock import START, ManualClock
from tidemill.testing.harness import Harness, in_memory
from tidemill.testing.sample import a_claim, a_job, a_lease

__all__ = ["START", "Harness", "ManualClock", "a_claim", "a_job", "a_lease", "in_memory"]
