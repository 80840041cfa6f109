"""Jobs, asked about and changed through a server; the words are those of `client.control.Jobs`."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, Unpack
from urllib.parse import quote

from tidemill.client.job import LogLine
from tidemill.client.lookup import FilterKeywords
from tidemill.client.why import Cause
from tidemill.core.errors import InvalidOption, JobFailed
from tidemill.core.instants import from_datetime, to_datetime
from tidemill.core.job import Snapshot
from tidemill.core.state import State
from tidemill.remote.reading import cause, log_line, snapshot
from tidemill.remote.wire import Wire

PAGE: Final = 100
_LOOK_EVERY: Final = 0.5
"""Seconds between two looks at a change of very many jobs, which a job goes on with."""

Told = Callable[[int], object] | None


class RemoteJob:
    """A job behind a server.

    Attributes:
        id: the job's id.
        seen: the job as it was when it was last looked at.
    """

    def __init__(self, wire: Wire, seen: Snapshot) -> None:
        """Hold a job that was just looked up."""
        self._wire = wire
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
        self.seen = snapshot(self._wire.ask("GET", f"/jobs/{quote(self.id, safe='')}"))
        return self.seen

    def logs(self) -> list[LogLine]:
        """What the job said while it ran, in order; nothing where one may not see it."""
        sent = self._wire.ask("GET", f"/jobs/{quote(self.id, safe='')}/logs")
        return [log_line(each) for each in sent["lines"]]


class RemoteJobs:
    """Questions about the jobs of a server, and what can be asked of them."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def get(self, id_: str) -> RemoteJob:
        """A job, with what is known of it in `seen`.

        Raises:
            JobNotFound: it is not stored, or its history has been pruned.
        """
        return RemoteJob(
            self._wire, snapshot(self._wire.ask("GET", f"/jobs/{quote(id_, safe='')}"))
        )

    def find(self, **which: Unpack[FilterKeywords]) -> Iterator[RemoteJob]:
        """The jobs that match, newest first, page by page."""
        for sent in self._wire.pages("/jobs", "jobs", limit=PAGE, **_plain(which)):
            yield RemoteJob(self._wire, snapshot(sent))

    def why(self, id_: str) -> tuple[Cause, ...]:
        """Why a job does not run: every cause there is; or that it runs, or has finished."""
        sent = self._wire.ask("GET", f"/jobs/{quote(id_, safe='')}/why")
        return tuple(map(cause, sent["causes"]))

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
        sent = self._wire.ask("POST", f"/jobs/{verb}", {**meant, **details}, reason=reason)
        if told is not None:
            told(sent["changed"])
        return sent["changed"] if sent["job"] is None else self._rest(sent["job"])

    def _rest(self, id_: str) -> int:
        job = self.get(id_)
        while not job.seen.state.finished:
            time.sleep(_LOOK_EVERY)
            job.snapshot()
        if job.seen.state is not State.COMPLETED:
            raise JobFailed(
                f"the job {id_}, which went on with the change, is {job.seen.state}",
                error=job.seen.error,
                reason=job.seen.reason,
            )
        return int(job.seen.result or b"0")


def _plain(which: FilterKeywords) -> dict[str, Any]:
    """A filter as it travels: a moment as text, several as a list."""
    return {name: _written(value) for name, value in which.items()}


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_datetime(from_datetime(value)).isoformat()
    return value if isinstance(value, str) else [str(each) for each in value]
