"""Rules of queues and tasks, seen and set through a server; see `client.queues.Queues`."""

from typing import Any, Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from tidemill.core.instants import Duration
from tidemill.core.rules import QueueRules, TaskRules
from tidemill.remote.reading import Sent, length, nothing, part, value
from tidemill.remote.wire import Wire
from tidemill.tasks.options import RateLimit

_PLAIN: Final = QueueRules(queue="")


class RemoteQueues:
    """The rules of queues and tasks behind a server."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def find(self) -> list[QueueRules]:
        """The rules of every queue that has had a job or has been given some, by name."""
        return self._wire.get(_queues, "/queues")

    def paused_tasks(self) -> list[TaskRules]:
        """The rules of the tasks that are paused, by name."""
        return self._wire.get(_paused_tasks, "/tasks")

    def pause(self, queue: str, note: str = "") -> None:
        """Claim nothing from the queue any more; what runs, runs on. The note says why."""
        self._wire.ask(nothing, "POST", f"/queues/{part(queue)}/pause", {"note": note})

    def resume(self, queue: str) -> None:
        """Claim from the queue again."""
        self._wire.ask(nothing, "POST", f"/queues/{part(queue)}/resume")

    def pause_task(self, task: str, note: str = "") -> None:
        """Start no job of the task any more, in whatever queue; what runs, runs on."""
        self._wire.ask(nothing, "POST", f"/tasks/{part(task)}/pause", {"note": note})

    def resume_task(self, task: str) -> None:
        """Start jobs of the task again."""
        self._wire.ask(nothing, "POST", f"/tasks/{part(task)}/resume")

    def limit(
        self,
        queue: str,
        *,
        most: int | None | UnsetType = UNSET,
        rate: RateLimit | None | UnsetType = UNSET,
        tenant_most: int | None | UnsetType = UNSET,
        fair: bool | UnsetType = UNSET,
    ) -> None:
        """Set the limits of a queue; what is not given stays, `None` takes a limit away."""
        limits: dict[str, Any] = {"most": most, "tenant_most": tenant_most, "fair": fair}
        if isinstance(rate, RateLimit):
            plain = rate.rate
            limits["rate"] = {
                "count": plain.count,
                "per": plain.per / 1_000,
                "burst": plain.burst,
            }
        else:
            limits["rate"] = rate
        self._wire.ask(nothing, "PATCH", f"/queues/{part(queue)}", _given(limits))

    def keep(
        self,
        queue: str,
        *,
        completed: Duration | None | UnsetType = UNSET,
        failed: Duration | None | UnsetType = UNSET,
        cancelled: Duration | None | UnsetType = UNSET,
    ) -> None:
        """Set how long finished jobs of a queue are kept; `None`: as the settings say for all."""
        lengths = {"completed": completed, "failed": failed, "cancelled": cancelled}
        self._wire.ask(nothing, "PATCH", f"/queues/{part(queue)}/retention", _given(lengths))


def _given(written: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in written.items() if each is not UNSET}


def _queues(sent: Sent) -> list[QueueRules]:
    return [_queue(each) for each in sent["queues"]]


def _queue(sent: Sent) -> QueueRules:
    rate = sent["rate"]
    kept = {outcome: length(each) for outcome, each in sent["retention"].items()}
    rules = value(
        QueueRules,
        sent,
        at=("paused_at",),
        rate=rate and rate | {"per": length(rate["per"])},
        retention=kept,
    )
    # The very default is left out where rules are written, one that equals it is not.
    return rules if any(kept.values()) else replace(rules, retention=_PLAIN.retention)


def _paused_tasks(sent: Sent) -> list[TaskRules]:
    rules = [value(TaskRules, each, at=("paused_at",)) for each in sent["tasks"]]
    return [each for each in rules if each.paused]
