"""Setting the rules of queues, tasks and keys: pause, resume, limit, keep."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from tidemill.client.client import Client
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.client.witness import written
from tidemill.core.errors import InvalidOption, VersionConflict
from tidemill.core.identity import check_key, check_name, check_words
from tidemill.core.instants import Duration, millis
from tidemill.core.limits import check_most
from tidemill.core.rules import KeyRules, QueueRules, Rules, TaskRules, subject
from tidemill.core.signal import Signal
from tidemill.tasks.options import RateLimit

_GOES_ON: Final[dict[str, Any]] = {
    "paused": False,
    "note": "",
    "paused_by": "",
    "paused_at": None,
}
"""What is said of something that is paused no longer."""

R = TypeVar("R", QueueRules, TaskRules, KeyRules)


class Queues:
    """The rules of queues, tasks and keys, which every claim from now on obeys; and a bell.

    A verb changes the fields that it names and leaves the others as they are, whoever sets them
    meanwhile. Given the `version` of the rules that a person has seen, it raises `VersionConflict`
    if they have been set since, so that nobody undoes what they have not seen.

    Every verb comes twice: as it is for threads, with an `a` before it for async code.
    """

    def __init__(self, client: Client) -> None:
        """Steer the store of this client."""
        self._client = client
        self._store = client.store

    @blocking
    def rules(self) -> Steps[tuple[Rules, ...]]:
        """Every rule that is set, and a plain one for every queue that has ever had a job."""
        return self._rules()

    arules = awaiting(rules)

    @blocking
    def find(self) -> Steps[list[QueueRules]]:
        """The rules of every queue that has had a job or has been given some, by name."""
        found = yield from self._rules()
        queues = [each for each in found if isinstance(each, QueueRules)]
        return sorted(queues, key=lambda each: each.queue)

    afind = awaiting(find)

    @blocking
    def paused_tasks(self) -> Steps[list[TaskRules]]:
        """The rules of the tasks that are paused, by name."""
        found = yield from self._rules()
        tasks = [each for each in found if isinstance(each, TaskRules) and each.paused]
        return sorted(tasks, key=lambda each: each.task)

    apaused_tasks = awaiting(paused_tasks)

    @blocking
    def wake(self, *queues: str) -> Steps[None]:
        """Tell workers that there may be new jobs or events, so that they look at once.

        Needed by nobody but those who enqueue in a transaction whose driver tells us nothing of
        its commit: call it afterwards.

        Args:
            queues: where the jobs are; none: anywhere.

        Example:
            >>> with psycopg.connect(url) as connection:  # doctest: +SKIP
            ...     welcome.using(tx=connection).enqueue(42)
            >>> app.queues.wake("email")  # doctest: +SKIP
        """
        names = frozenset(check_name("queue", name) for name in queues)
        engine = yield from self._store.engine()
        engine.signals.send(Signal("work", names))
        engine.signals.send(Signal("event"))

    awake = awaiting(wake)

    @blocking
    def pause(self, queue: str, note: str = "", *, version: int | None = None) -> Steps[None]:
        """Claim nothing from the queue any more; what runs, runs on. The note says why."""
        plain = QueueRules(queue=check_name("queue", queue))
        return self._set("queues.pause", plain, version, **self._paused(note))

    apause = awaiting(pause)

    @blocking
    def resume(self, queue: str, *, version: int | None = None) -> Steps[None]:
        """Claim from the queue again."""
        plain = QueueRules(queue=check_name("queue", queue))
        return self._set("queues.resume", plain, version, **_GOES_ON)

    aresume = awaiting(resume)

    @blocking
    def pause_task(self, task: str, note: str = "", *, version: int | None = None) -> Steps[None]:
        """Start no job of the task any more, in whatever queue; what runs, runs on."""
        plain = TaskRules(task=check_name("task", task))
        return self._set("tasks.pause", plain, version, **self._paused(note))

    apause_task = awaiting(pause_task)

    @blocking
    def resume_task(self, task: str, *, version: int | None = None) -> Steps[None]:
        """Start jobs of the task again."""
        plain = TaskRules(task=check_name("task", task))
        return self._set("tasks.resume", plain, version, **_GOES_ON)

    aresume_task = awaiting(resume_task)

    @blocking
    def limit(
        self,
        queue: str,
        *,
        most: int | None | UnsetType = UNSET,
        rate: RateLimit | None | UnsetType = UNSET,
        tenant_most: int | None | UnsetType = UNSET,
        fair: bool | UnsetType = UNSET,
        version: int | None = None,
    ) -> Steps[None]:
        """Set the limits of a queue; what is not given stays, `None` takes a limit away.

        Args:
            queue: the queue meant.
            most: jobs that may run at once.
            rate: starts per time; its key says nothing here and is left empty.
            tenant_most: jobs of one tenant that may run at once.
            fair: whether tenants take turns.
            version: that of the rules one has seen.

        Raises:
            InvalidOption: a limit that makes no sense.
            InvalidName: no name for a queue.
            VersionConflict: the rules are not of that version any more.
        """
        changes = _limits(most=most, rate=rate, tenant_most=tenant_most)
        if not isinstance(fair, bool | UnsetType):
            raise InvalidOption(f"fair={fair!r} is not possible", hint="give True or False")
        if fair is not UNSET:
            changes["fair"] = fair
        plain = QueueRules(queue=check_name("queue", queue))
        return self._set("queues.limit", plain, version, **changes)

    alimit = awaiting(limit)

    @blocking
    def keep(
        self,
        queue: str,
        *,
        completed: Duration | None | UnsetType = UNSET,
        failed: Duration | None | UnsetType = UNSET,
        cancelled: Duration | None | UnsetType = UNSET,
        version: int | None = None,
    ) -> Steps[None]:
        """Set how long finished jobs of a queue are kept, by how they ended.

        What is not given stays; `None` means as long as the settings say for every queue.

        Raises:
            InvalidOption: a duration that makes no sense.
            InvalidName: no name for a queue.
            VersionConflict: the rules are not of that version any more.

        Example:
            >>> app.queues.keep("email", completed="1d", failed="30d")  # doctest: +SKIP
        """
        written = {"completed": completed, "failed": failed, "cancelled": cancelled}
        lengths = {
            outcome: None if length is None else millis(length)
            for outcome, length in written.items()
            if not isinstance(length, UnsetType)
        }
        plain = QueueRules(queue=check_name("queue", queue))

        def kept(rules: QueueRules) -> QueueRules:
            return replace(rules, retention=replace(rules.retention, **lengths))

        return self._alter("queues.keep", plain, version, kept)

    akeep = awaiting(keep)

    @blocking
    def limit_key(
        self,
        key: str,
        *,
        most: int | None | UnsetType = UNSET,
        rate: RateLimit | None | UnsetType = UNSET,
        version: int | None = None,
    ) -> Steps[None]:
        """Set the limits of a key, before those that jobs bring along; see `limit`."""
        plain = KeyRules(key=check_key("limit key", key))
        return self._set("keys.limit", plain, version, **_limits(most=most, rate=rate))

    alimit_key = awaiting(limit_key)

    def _rules(self) -> Steps[tuple[Rules, ...]]:
        engine = yield from self._store.engine()
        return (yield from ask(engine.reader.rules()))

    def _paused(self, note: str) -> dict[str, Any]:
        """What is said of a pause."""
        return {
            "paused": True,
            "note": check_words("note", note),
            "paused_by": self._client.asker,
            "paused_at": self._store.clock.now(),
        }

    def _set(self, action: str, plain: R, version: int | None, **changes: Any) -> Steps[None]:
        """Change some fields of the rules that stand, or of plain ones, and no other field."""
        return self._alter(action, plain, version, lambda rules: replace(rules, **changes))

    def _alter(
        self, action: str, plain: R, version: int | None, altered: Callable[[R], R]
    ) -> Steps[None]:
        """Make other rules of those that stand, or of plain ones."""
        _, name = subject(plain)
        engine = yield from self._store.engine()
        while True:
            rules = yield from ask(engine.reader.rules())
            standing = [each for each in rules if isinstance(each, type(plain))]
            mine = next((each for each in standing if subject(each) == subject(plain)), plain)
            expected = mine.version if version is None else version
            new = altered(mine)
            audit = self._client.audit(action, name, before=_told(mine), after=_told(new))
            try:
                yield from ask(engine.jobs.rule(new, expected=expected, audit=audit))
            except VersionConflict:
                if version is not None:
                    raise
                # Someone set other fields meanwhile: they are to stay as well.
                continue
            return


def _told(rules: Rules) -> bytes:
    """Rules as they are digested for the audit log, without how often they were set."""
    return written(replace(rules, version=0))


def _limits(**written: int | RateLimit | UnsetType | None) -> dict[str, Any]:
    """The limits that were given, checked."""
    limits: dict[str, Any] = {}
    for name, limit in written.items():
        if isinstance(limit, UnsetType):
            continue
        if limit is None:
            limits[name] = None
        elif isinstance(limit, RateLimit):
            if limit.key:
                raise InvalidOption(f"{name} has the key {limit.key!r}", hint="leave it empty here")
            limits[name] = limit.rate
        elif name == "rate":
            raise InvalidOption(
                f"rate={limit!r} is no RateLimit", hint='write rate=RateLimit(100, "1m")'
            )
        else:
            limits[name] = check_most(limit)
    return limits
