"""What became of a journey: the ledger and the store held against what is promised.

The client says what it was told is stored, the ledger what has run, the store what came of it.
Every line of the ledger is written with the job's attempt and fence by the process that ran it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from msgspec import Struct

from tests.journeys.crowd import Crowd, Line
from tidemill import State
from tidemill.core.job import Snapshot
from tidemill.core.query import JobFilter

RUNS = ("start", "heard", "tick")
"""What the ledger says of an attempt that has begun."""

SLICE = 500
"""Jobs that are asked for at once."""

_REFUSED = re.compile(r"stale completion: job (\S+) .* fence (\d+),")


class Refusal(Struct, frozen=True):
    """One completion that a worker was told came too late."""

    job: str
    fence: int


class Verdict(Struct, frozen=True):
    """What one journey came to.

    Attributes:
        accepted: jobs that the client was told are stored.
        lost: of them, those that are not there, or have not completed.
        repeated: runs that no attempt allows: the same attempt twice, or more runs than attempts.
        disorder: fences that went back, and completions by one that was not the last.
        refused: completions that came too late, each under a fence smaller than the job's.
    """

    accepted: int
    lost: tuple[str, ...]
    repeated: tuple[str, ...]
    disorder: tuple[str, ...]
    refused: tuple[Refusal, ...]

    @property
    def flaws(self) -> tuple[str, ...]:
        """Everything that must not be."""
        return (*self.lost, *self.repeated, *self.disorder)


def examine(crowd: Crowd, ids: Sequence[str]) -> Verdict:
    """Look at what has become of the jobs that were accepted, and at all that has run."""
    known = {*ids, *(line.job for line in crowd.lines() if line.what in RUNS)}
    stored = _stored(crowd, [*known])
    runs = _runs(crowd, known, stored)
    lost = []
    for id_ in ids:
        found = stored.get(id_)
        if found is None:
            lost.append(f"{id_} is not there")
        elif found.state is not State.COMPLETED:
            lost.append(f"{id_} is {found.state}: {found.reason} {found.error}")
    refused = refusals(crowd)
    repeated = [flaw for id_, mine in runs.items() for flaw in _repetitions(stored.get(id_), mine)]
    disorder = [flaw for id_, mine in runs.items() for flaw in _disorder(stored.get(id_), mine)]
    disorder += [
        f"{refusal.job} was refused fence {refusal.fence}, which is its last"
        for refusal in refused
        if refusal.job in stored and refusal.fence >= stored[refusal.job].fence
    ]
    disorder += _unexpected(crowd)
    return Verdict(len(ids), tuple(lost), tuple(repeated), tuple(disorder), refused)


def judge(crowd: Crowd, ids: Sequence[str]) -> None:
    """Nothing lost, nothing done that the guarantees do not allow."""
    flaws = examine(crowd, ids).flaws
    assert not flaws, "\n".join(map(str, flaws))


def refusals(crowd: Crowd) -> tuple[Refusal, ...]:
    """The completions that workers were refused, by their logs."""
    return tuple(Refusal(job, int(fence)) for job, fence in _REFUSED.findall(crowd.logs()))


def overlaps(lines: list[Line], ended_by_kill: dict[int, float]) -> int:
    """The most runs that were under way at one moment, by the ledger's own stamps.

    A run that was killed ended when its process did.
    """
    ends = {(line.job, line.fence): line.at for line in lines if line.what == "end"}
    moments: list[tuple[float, int]] = []
    for line in lines:
        if line.what == "start":
            end = ends.get((line.job, line.fence), ended_by_kill.get(line.pid))
            assert end is not None, "a run without an end, by a process that was not killed"
            moments += [(line.at, 1), (end, -1)]
    running = most = 0
    for _, change in sorted(moments, key=lambda moment: (moment[0], moment[1])):
        running += change
        most = max(most, running)
    return most


def _runs(crowd: Crowd, known: set[str], stored: dict[str, Snapshot]) -> dict[str, list[Line]]:
    """The runs of these jobs by the ledger; of one that was live, those until it was looked at."""
    runs: defaultdict[str, list[Line]] = defaultdict(list)
    for line in crowd.lines():
        job = stored.get(line.job)
        if line.what in RUNS and line.job in known:
            if job is not None and not job.state.finished and line.fence > job.fence:
                continue
            runs[line.job].append(line)
    return runs


def _stored(crowd: Crowd, ids: list[str]) -> dict[str, Snapshot]:
    """The jobs of these ids that are there."""
    reader = crowd.app.open().reader
    slices = [ids[first : first + SLICE] for first in range(0, len(ids), SLICE)]
    return {job.id: job for some in slices for job in reader.get(some).wait() if job}


def _repetitions(job: Snapshot | None, runs: list[Line]) -> list[str]:
    """Each run is an attempt of its own, and there are no more of them than attempts."""
    if job is None:
        return [f"{runs[0].job} has run and is not there"]
    flaws = [
        f"{job.id} ran {times} times as attempt {attempt}"
        for attempt, times in Counter(line.attempt for line in runs).items()
        if times > 1
    ]
    if not len(runs) <= job.attempt <= job.max_attempts:
        flaws.append(f"{job.id} ran {len(runs)} times in {job.attempt} of {job.max_attempts}")
    return flaws


def _disorder(job: Snapshot | None, runs: list[Line]) -> list[str]:
    """Each attempt has a larger fence than the one before, and the last one completed the job.

    Not each run begins after the one before: who is stopped between its claim and the run of it,
    and wakes up, may begin what others have done since.
    """
    fences = [line.fence for line in sorted(runs, key=lambda line: line.attempt)]
    flaws = []
    if fences != sorted(set(fences)):
        flaws.append(f"{runs[0].job} ran under the fences {fences}, by its attempts")
    if job is not None and job.state is State.COMPLETED and job.fence != max(fences):
        flaws.append(f"{job.id} was completed under {job.fence}, but ran under {max(fences)}")
    return flaws


def _unexpected(crowd: Crowd) -> list[str]:
    """Jobs that are there though no client asked for them; ticks and events ask, too."""
    flaws, cursor = [], None
    while True:
        page = crowd.app.open().reader.find(JobFilter(), cursor=cursor, limit=1_000).wait()
        flaws += [
            f"{job.id} is there unasked"
            for job in page.jobs
            if not job.source and job.id not in crowd.asked
        ]
        cursor = page.cursor
        if cursor is None:
            return flaws
