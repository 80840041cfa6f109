"""Jobs, asked about and changed through a server; the words are those of `client.control.Jobs`."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Unpack

import msgspec

from tidemill.client.control import Told
from tidemill.client.job import LogLine
from tidemill.client.lookup import FilterKeywords
from tidemill.client.statistics import Statistics, summarise
from tidemill.client.why import Cause
from tidemill.client.worker_info import WorkerInfo
from tidemill.core.errors import InvalidOption, JobFailed, NotAllowed
from tidemill.core.job import Snapshot
from tidemill.core.query import Bucket, QueueCounts, Step
from tidemill.core.state import State
from tidemill.remote.reading import Sent, causes, instant, log_line, moment, part, snapshot, value
from tidemill.remote.wire import Query, Wire

PAGE: Final = 100

_LOOK_EVERY: Final = 0.5
"""Seconds between two looks at a change of very many jobs, which a job goes on with."""


class RemoteJob:
    """A job behind a server.

    Attributes:
        id: the job's id.
        seen: the job as it was when it was last looked at.
    """

    def __init__(self, wire: Wire, seen: Snapshot) -> None:
        """Hold a job that was just looked up."""
        self._wire = wire
        self._path = f"/jobs/{part(seen.id)}"
        self.id = seen.id
        self.seen = seen

    @property
    def state(self) -> State:
        """Where the job stands now; the server is asked."""
        return self.snapshot().state

    def snapshot(self) -> Snapshot:
        """Everything about the job as it is now, its attempts included.

        Raises:
            JobNotFound: it is not stored, or its history has been pruned.
        """
        self.seen = self._wire.get(snapshot, self._path)
        return self.seen

    def logs(self) -> list[LogLine]:
        """What the job said while it ran, in order.

        Raises:
            NotAllowed: whoever asks may not see what jobs hold.
        """
        return self._wire.get(self._lines, f"{self._path}/logs")

    def _lines(self, sent: Sent) -> list[LogLine]:
        if sent["masked"]:
            raise NotAllowed(
                f"what job {self.id} has logged is not shown to this key",
                hint="a key with payloads.read sees it",
            )
        return [log_line(each) for each in sent["lines"]]


class RemoteJobs:
    """Questions about the jobs of a server, and what can be asked of them."""

    def __init__(self, wire: Wire, *, pause: Callable[[float], object] = time.sleep) -> None:
        """Ask this server, and let `pause` pass the seconds between two looks."""
        self._wire = wire
        self._pause = pause

    def get(self, id_: str) -> RemoteJob:
        """A job, with what is known of it in `seen`.

        Raises:
            JobNotFound: it is not stored, or its history has been pruned.
        """
        return RemoteJob(self._wire, self._wire.get(snapshot, f"/jobs/{part(id_)}"))

    def find(self, **which: Unpack[FilterKeywords]) -> Iterator[RemoteJob]:
        """The jobs that match, newest first, page by page."""
        query = _plain(which)
        for seen in self._wire.pages(snapshot, "/jobs", "jobs", query, limit=PAGE):
            yield RemoteJob(self._wire, seen)

    def why(self, id_: str) -> tuple[Cause, ...]:
        """Why a job does not run: every cause there is; or that it runs, or has finished."""
        return self._wire.get(causes, f"/jobs/{part(id_)}/why")

    def counts(self) -> tuple[QueueCounts, ...]:
        """Live jobs by queue, task and state."""
        return self._wire.get(_counts, "/statistics/live")

    def statistics(
        self,
        since: datetime,
        before: datetime | None = None,
        *,
        step: Step = "minute",
        queue: str | None = None,
        task: str | None = None,
    ) -> Statistics:
        """What ended from one moment to another (now, unless it is given), summed up."""
        query: Query = {
            "since": moment(since),
            "until": None if before is None else moment(before),
            "step": step,
            "queue": queue,
            "task": task,
        }
        return summarise(self._wire.get(_buckets, "/statistics/buckets", query))

    def workers(self) -> list[WorkerInfo]:
        """The workers that hold their leases now."""
        return self._wire.get(_workers, "/workers")

    def cancel(
        self, *ids: str, reason: str = "", told: Told = None, **which: Unpack[FilterKeywords]
    ) -> int:
        """End jobs that have not finished; those that run are asked to stop."""
        return self._change("cancel", ids, which, told, reason=reason)

    def retry(self, *ids: str, told: Told = None, **which: Unpack[FilterKeywords]) -> int:
        """Run failed and cancelled jobs again, with all their attempts before them."""
        return self._change("retry", ids, which, told)

    def delete(self, *ids: str, told: Told = None, **which: Unpack[FilterKeywords]) -> int:
        """Remove jobs that do not run, and their history, for good."""
        return self._change("delete", ids, which, told)

    def run_now(self, *ids: str, told: Told = None, **which: Unpack[FilterKeywords]) -> int:
        """Make scheduled and retrying jobs due at once."""
        return self._change("run-now", ids, which, told)

    def move(
        self, *ids: str, queue: str, told: Told = None, **which: Unpack[FilterKeywords]
    ) -> int:
        """Put jobs that do not run into another queue."""
        return self._change("move", ids, which, told, queue=queue)

    def reprioritise(
        self, *ids: str, priority: int, told: Told = None, **which: Unpack[FilterKeywords]
    ) -> int:
        """Give jobs that do not run another priority."""
        return self._change("reprioritise", ids, which, told, priority=priority)

    def _change(
        self,
        verb: str,
        ids: tuple[str, ...],
        which: FilterKeywords,
        told: Told,
        *,
        reason: str = "",
        **details: Any,
    ) -> int:
        """Have jobs changed; where a job goes on with very many, wait for it.

        Raises:
            JobFailed: that job did not come to its end.
        """
        if bool(ids) == bool(which):
            raise InvalidOption(f"{verb} needs jobs or a filter, one of the two")
        meant = {"ids": ids} if ids else {"filter": _plain(which)}
        body = {**meant, **details}
        count, rest = self._wire.ask(_changed, "POST", f"/jobs/{verb}", body, reason=reason)
        if told is not None:
            told(count)
        return count if rest is None else self._sum_of(rest)

    def _sum_of(self, id_: str) -> int:
        """Wait for a job that goes on with a change; answer how many it has come to."""
        job = self.get(id_)
        while not job.seen.state.finished:
            self._pause(_LOOK_EVERY)
            job.snapshot()
        if job.seen.state is not State.COMPLETED:
            raise JobFailed(
                f"the job {id_}, which went on with the change, is {job.seen.state}",
                error=job.seen.error,
                reason=job.seen.reason,
            )
        try:
            return msgspec.json.decode(job.seen.result or b"0", type=int)
        except msgspec.ValidationError:
            raise NotAllowed(
                f"all is changed, and the job {id_} knows how many; this key may not see it",
                hint="a key with payloads.read sees it",
            ) from None


def _plain(which: FilterKeywords) -> Query:
    """A filter as it travels: a moment as text, several as a list."""
    written: Mapping[str, Any] = which
    return {name: _written(each) for name, each in written.items()}


def _written(given: Any) -> Any:
    if isinstance(given, datetime):
        return moment(given)
    return given if isinstance(given, str) else [str(each) for each in given]


def _changed(sent: Sent) -> tuple[int, str | None]:
    """How many jobs were changed, and the job that goes on, if there is one."""
    return msgspec.convert((sent["changed"], sent["job"]), tuple[int, str | None])


def _counts(sent: Sent) -> tuple[QueueCounts, ...]:
    return tuple([value(QueueCounts, each, at=("oldest_at",)) for each in sent["live"]])


def _buckets(sent: Sent) -> list[Bucket]:
    return [value(Bucket, each, at=("at",), spans=("wait", "run")) for each in sent["buckets"]]


def _workers(sent: Sent) -> list[WorkerInfo]:
    return [_worker(each) for each in sent["workers"]]


def _worker(sent: Sent) -> WorkerInfo:
    info = {
        "name": sent["name"],
        "host": sent["host"],
        "pid": sent["pid"],
        "version": sent["release"],
        "queues": sent["queues"],
        "running": sent["running"],
        "refused": sent["refused"],
        "started_at": instant(sent["started_at"]),
        "progress_at": instant(sent["progress_at"]),
        "tasks": sent["tasks"],
        "slots": sent.get("slots"),
        "modules": sent.get("modules", {}),
    }
    return value(WorkerInfo, sent, until=instant(sent["lease_until"]), info=info)
