"""What the model draws from: names, rules, ends, keys, filters; few of each, so that they meet."""

from typing import Final

from hypothesis import strategies as st

from tidemill.core.error_info import ErrorInfo
from tidemill.core.limits import Rate
from tidemill.core.outcome import (
    Abandoned,
    Cancelled,
    Crashed,
    Done,
    Failed,
    Interrupted,
    Outcome,
    TimedOut,
)
from tidemill.core.query import JobFilter, Step
from tidemill.core.record import NewEntry
from tidemill.core.retry import RetryPolicy
from tidemill.core.rules import KeyRules, QueueRules, TaskRules, TenantRules
from tidemill.core.state import State
from tidemill.core.unique import UniqueClaim

STEPS: Final[tuple[Step, ...]] = ("minute", "hour", "day")
QUEUES: Final = ("mail", "report")
TASKS: Final = ("send", "build")
TENANTS: Final = ("", "ant", "bee")
KEYS: Final = ("k1", "k2")
ERROR: Final = ErrorInfo("ValueError", "boom")
POLICY: Final = RetryPolicy(attempts=2, shape="fixed", base=1_000, jitter=False)
SOON: Final = st.sampled_from([0, 1, 500, 1_000, 60_000])
AUDITS: Final = st.sampled_from([(), (), (NewEntry("done", b"{}", "ant", "user:zoe"),)])

rules: Final = st.one_of(
    st.builds(
        QueueRules,
        queue=st.sampled_from(QUEUES),
        paused=st.booleans(),
        most=st.none() | st.integers(1, 3),
        rate=st.none() | st.just(Rate(2, 1_000)),
        fair=st.booleans(),
        tenant_most=st.none() | st.integers(1, 2),
    ),
    st.builds(TaskRules, task=st.sampled_from(TASKS), paused=st.booleans()),
    st.builds(TenantRules, tenant=st.sampled_from(TENANTS), most=st.none() | st.integers(0, 2)),
    st.builds(
        KeyRules,
        key=st.sampled_from(KEYS),
        most=st.none() | st.integers(1, 3),
        rate=st.none() | st.just(Rate(1, 1_000)),
    ),
)
outcomes: Final[st.SearchStrategy[Outcome]] = st.sampled_from(
    [
        Done(b"1"),
        Failed(ERROR),
        Failed(ERROR, retryable=False),
        Failed(ERROR, again_after=0),
        TimedOut(ERROR),
        Crashed(ERROR),
        Abandoned(ERROR),
        Cancelled("enough"),
        Interrupted(),
    ]
)
uniques: Final = st.builds(
    UniqueClaim,
    key=st.sampled_from(KEYS),
    until=st.sampled_from(["finished", "started"]),
    window=st.none() | st.just(2_000),
    on_duplicate=st.sampled_from(["skip", "replace", "debounce", "reject"]),
)
filters: Final = st.builds(
    JobFilter,
    states=st.sampled_from([(), (State.FAILED,), (State.WAITING, State.RUNNING)]),
    queues=st.sampled_from([(), QUEUES[:1]]),
    tags=st.sampled_from([(), ("blue",)]),
    unique_key=st.sampled_from([None, None, KEYS[0]]),
)
