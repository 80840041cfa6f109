"""Modules as all nodes know them: looked at, disabled and enabled."""

from collections.abc import Iterable

from msgspec.structs import replace

from tidemill.client.client import Client
from tidemill.client.directory import Directory
from tidemill.client.queues import Queues
from tidemill.client.steps import Steps, awaiting, blocking, steps_of
from tidemill.core.errors import NotFound, VersionConflict
from tidemill.core.identity import check_words
from tidemill.core.rules import TaskRules
from tidemill.modules.quotas import Quotas, key_of
from tidemill.modules.record import KIND, ModuleRecord, mark
from tidemill.schedules.store import Schedules


class Modules:
    """The modules that nodes have told of; every verb comes with an `a` before it for async code.

    A module that is disabled has its tasks and schedules paused, with a note that says so. That
    holds on every node, those included that start later. What is enabled again is what was paused
    by that, and nothing that a person has paused.
    """

    def __init__(self, client: Client, queues: Queues | None = None) -> None:
        """Ask through this client.

        Args:
            queues: what pauses tasks; the client's own by default.
        """
        self._client = client
        self._kept = Directory(client, KIND, ModuleRecord, "modules")
        self._queues = queues or Queues(client)
        self._schedules = Schedules(client)

    @blocking
    def find(self) -> Steps[list[ModuleRecord]]:
        """All of them, by name."""
        return [each.value for each in (yield from self._kept.all())]

    afind = awaiting(find)

    @blocking
    def get(self, name: str) -> Steps[ModuleRecord]:
        """One of them.

        Raises:
            NotFound: no node has told of one of this name.
        """
        return (yield from self._kept.get(name, _shown(name))).value

    aget = awaiting(get)

    @blocking
    def disable(self, name: str, note: str = "") -> Steps[ModuleRecord]:
        """Start no job of the module any more, on any node; what waits stays, what runs, runs on.

        One that is disabled stays as it is, with the note that it has.

        Args:
            name: of the module.
            note: why.

        Raises:
            NotFound: no node has told of one of this name.
            InvalidName: the note cannot be kept.
        """
        said = check_words("note", f"{mark(name)}: {note}") and note
        now = self._client.store.clock.now()
        asker = self._client.asker

        def off(old: ModuleRecord) -> ModuleRecord:
            if old.disabled:
                return old
            return replace(old, disabled=True, note=said, changed_by=asker, changed_at=now)

        yield from self._kept.change(name, off, shown=_shown(name), verb="disable")
        return (yield from self._follow(name))

    adisable = awaiting(disable)

    @blocking
    def enable(self, name: str) -> Steps[ModuleRecord]:
        """Start jobs of the module again; its schedules go on from now.

        Raises:
            NotFound: no node has told of one of this name.
        """
        now = self._client.store.clock.now()
        asker = self._client.asker

        def on(old: ModuleRecord) -> ModuleRecord:
            return replace(old, disabled=False, note="", changed_by=asker, changed_at=now)

        yield from self._kept.change(name, on, shown=_shown(name), verb="enable")
        return (yield from self._follow(name))

    aenable = awaiting(enable)

    @blocking
    def publish(
        self, modules: Iterable[ModuleRecord], broken: Iterable[ModuleRecord]
    ) -> Steps[None]:
        """Tell all nodes of what this one includes, and of what it could not.

        Quotas that code has changed hold from now on; those that it has left as they were keep
        what people have made of them. A module that is disabled stays so, with what is new in it.
        """
        for told in modules:
            yield from self._limit(told)
            yield from self._tell(told)
            yield from self._follow(told.name)
        for record in broken:
            yield from self._tell(record)

    apublish = awaiting(publish)

    def _tell(self, told: ModuleRecord) -> Steps[None]:
        """Keep what a node knows of a module, and what people have said of it."""
        name, shown = told.name, _shown(told.name)
        while True:
            kept = yield from self._kept.look(name)
            try:
                if kept is None:
                    yield from self._kept.add(name, told, verb="publish")
                elif _renewed(kept.value, told) != kept.value:
                    yield from self._kept.change(
                        name, lambda old: _renewed(old, told), shown=shown, verb="publish"
                    )
            except VersionConflict:
                continue  # another node has just told of it
            return

    def _limit(self, told: ModuleRecord) -> Steps[None]:
        """Have the store keep to quotas that were not declared before."""
        kept = yield from self._kept.look(told.name)
        before = Quotas() if kept is None else kept.value.quotas
        new, queue, key = told.quotas, told.name, key_of(told.name)
        if new.concurrency != before.concurrency:
            yield from steps_of(self._queues.limit, queue, most=new.concurrency)
        if new.rate != before.rate:
            yield from steps_of(self._queues.limit, queue, rate=new.starts)
        if new.per_hour != before.per_hour:
            yield from steps_of(self._queues.limit_key, key, rate=new.hourly())

    def _follow(self, name: str) -> Steps[ModuleRecord]:
        """Pause, or let go on, what the record says; whoever does so last has seen it as it is."""
        while True:
            kept = yield from self._kept.get(name, _shown(name))
            follow = self._pause if kept.value.disabled else self._resume
            try:
                yield from follow(kept.value)
            except (VersionConflict, NotFound):
                continue  # a person has just paused, resumed or deleted one of them: look again
            again = yield from self._kept.get(name, _shown(name))
            if again.version == kept.version:
                return again.value

    def _pause(self, module: ModuleRecord) -> Steps[None]:
        note = f"{mark(module.name)}: {module.note}" if module.note else mark(module.name)
        rules = yield from self._rules()
        for task in (*module.tasks, *module.former_tasks):
            mine = rules.get(task, TaskRules(task=task))
            if not mine.paused:
                yield from steps_of(self._queues.pause_task, task, note, version=mine.version)
        recurring = {*module.schedules, *module.former_schedules}
        for schedule in (yield from steps_of(self._schedules.find)):
            if schedule.name in recurring and not (schedule.owner or schedule.paused):
                yield from steps_of(
                    self._schedules.pause, schedule.name, note=note, version=schedule.version
                )

    def _resume(self, module: ModuleRecord) -> Steps[None]:
        sign = mark(module.name)
        for task, mine in (yield from self._rules()).items():
            if mine.paused and _is_marked(mine.note, sign):
                yield from steps_of(self._queues.resume_task, task, version=mine.version)
        for schedule in (yield from steps_of(self._schedules.find)):
            if schedule.paused and not schedule.owner and _is_marked(schedule.note, sign):
                yield from steps_of(self._schedules.resume, schedule.name, version=schedule.version)

    def _rules(self) -> Steps[dict[str, TaskRules]]:
        rules = yield from steps_of(self._queues.rules)
        return {each.task: each for each in rules if isinstance(each, TaskRules)}


def _is_marked(note: str, sign: str) -> bool:
    return note == sign or note.startswith(f"{sign}:")


def _shown(name: str) -> str:
    return f"module {name!r}"


def _renewed(old: ModuleRecord, told: ModuleRecord) -> ModuleRecord:
    """What a node has told, with what people have said; of a broken one what was known before."""
    if told.error:
        return replace(old, error=told.error)
    # Nodes of another version may still run those: a disabled module is disabled there, too.
    return replace(
        told,
        former_tasks=_former(told.tasks, old.tasks, old.former_tasks),
        former_schedules=_former(told.schedules, old.schedules, old.former_schedules),
        disabled=old.disabled,
        note=old.note,
        changed_by=old.changed_by,
        changed_at=old.changed_at,
    )


def _former(now: tuple[str, ...], *before: tuple[str, ...]) -> tuple[str, ...]:
    """Names that were told before, and are not now."""
    return tuple(sorted({name for names in before for name in names} - set(now)))
