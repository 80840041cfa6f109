"""Module: tasks, schedules, event handlers and settings that come together, for any application."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from tidemill.client.bound import Bound
from tidemill.client.client import Client
from tidemill.client.control import Jobs
from tidemill.client.events import Events, make_handler
from tidemill.client.job import Job
from tidemill.client.schemas import Schemas
from tidemill.client.task import Task, task_of
from tidemill.core.errors import DuplicateTask, InvalidName, InvalidOption, OutsideJob
from tidemill.core.event import Event
from tidemill.core.identity import OWN_QUEUE, check_key, check_name, check_several, check_words
from tidemill.modules.declaring import Declaring
from tidemill.modules.home import Afloat, of_tenant, once, tenant
from tidemill.modules.home import home as _home
from tidemill.modules.part import Part
from tidemill.modules.quotas import key_of, read_permissions, read_quotas
from tidemill.schedules.keywords import ScheduleKeywords, check_options
from tidemill.tasks.charter import Charter, Permissions, chartered
from tidemill.tasks.declaration import Declaration
from tidemill.tasks.options import TaskKeywords, read_options

if TYPE_CHECKING:
    from tidemill.client.records import Records

R = TypeVar("R")
K = TypeVar("K")

_NO_SETTINGS: Final[Mapping[str, Any]] = MappingProxyType({})


class Recurring(NamedTuple):
    """A task of a module that recurs."""

    name: str
    task: str
    arguments: Mapping[str, Any] | None
    options: ScheduleKeywords


class Module(Declaring):
    """Tasks, schedules, event handlers and settings that come together, for any application.

    It knows no application: one includes it by `app.include(module)`, and several may. Its tasks
    are functions still. A call of one is enqueued by `app.enqueue(task.bind(...))`, and by
    `task.enqueue(...)` in a running job of a module, in whose application it then is.

    Attributes:
        name: what its tasks are named after, and its own queue.
        version: of what it brings.
        description: what it is for.
        services: what its jobs may use of what the application gives its handlers.
        permissions: what its code may do besides; `None`: whatever the application may.
        quotas: how much of its work is done.
        settings: its settings, with their defaults.
        events: what payloads of events are.
        place: where all this is written.

    Example:
        >>> billing = Module("billing", version="1.2.0", needs=["http"])
        >>> @billing.task(timeout="30s")
        ... def charge(invoice: int) -> str:
        ...     return f"charged {invoice}"
        >>> charge.name, charge.options.queue, charge(7)
        ('billing.charge', 'billing', 'charged 7')
    """

    written_on = "module"

    def __init__(
        self,
        name: str,
        *,
        version: str = "0",
        description: str = "",
        needs: Iterable[str] = (),
        settings: Struct | Mapping[str, Any] = _NO_SETTINGS,
        permissions: Mapping[str, Any] | None = None,
        quotas: Mapping[str, Any] | None = None,
        place: str = "",
    ) -> None:
        """Begin a module; what it brings is declared on it.

        Args:
            name: its own.
            version: of what it brings.
            description: what it is for.
            needs: services that its jobs use.
            settings: with their defaults: a `msgspec.Struct`, or a mapping.
            permissions: as in a manifest: `queues`, `events` with `emit` and `hear`, `services`.
                What is not in it the module's code may not; without it, it may what the
                application may.
            quotas: as in a manifest: `concurrency`, `rate`, `per_hour`.
            place: where all this is written; by default here.

        Raises:
            InvalidName: no name for a module.
            InvalidManifest: a permission or quota that makes no sense.
        """
        self.name = check_name("module", name)
        if name == OWN_QUEUE or name.startswith(f"{OWN_QUEUE}-"):
            raise InvalidName(
                f"{name!r} is the platform's own", hint="give the module another name"
            )
        self.version = check_key("version", version)
        self.description = check_words("description", description)
        self.place = place or f'Module("{name}")'
        read: tuple[Permissions | None, tuple[str, ...]] = (None, ())
        if permissions is not None:
            read = read_permissions(Part(self.place, "permissions", permissions))
        self.permissions = read[0]
        self.services = tuple(dict.fromkeys([*check_several("needs", needs), *read[1]]))
        self.quotas = read_quotas(Part(self.place, "quotas", quotas or {}))
        self.settings = settings
        self.tasks: dict[str, Task[..., Any]] = {}
        self.schedules: dict[str, Recurring] = {}
        self.handlers: dict[str, str] = {}
        self.events = Schemas()
        self._charter = self.charter()

    def __repr__(self) -> str:
        return f"<Module {self.name} {self.version} of {len(self.tasks)} tasks>"

    def event(self, pattern: str) -> Callable[[K], K]:
        """Say what the payloads of events are, as `@app.events.schema(pattern)` does."""

        def declare(kind: K) -> K:
            self.events.declare(pattern, kind)
            return kind

        return declare

    def emit(self, name: str, payload: Any = None) -> int:
        """Say, in a running job of a module, that something happened; answer its position.

        It happened to the tenant of the job.

        Raises:
            OutsideJob: no job of a module runs here; elsewhere use `app.events.emit`.
            NotPermitted: the module may not emit such an event.
            TidemillError: as `app.events.emit`.
        """
        said = f"module:{self.name}"
        return Events(_home(name)).emit(name, payload, source=said, tenant=tenant())

    async def aemit(self, name: str, payload: Any = None) -> int:
        """As `emit`, from async code."""
        said = f"module:{self.name}"
        return await Events(_home(name)).aemit(name, payload, source=said, tenant=tenant())

    def enqueue_many(self, calls: Iterable[Bound[R]]) -> list[Job[R]]:
        """Store many jobs in a running job of a module, in whose application they then are.

        Up to 1,000 are stored in one step, all or none.

        Raises:
            OutsideJob: no job of a module runs here; elsewhere use `app.enqueue_many`.
            TidemillError: as `app.enqueue_many`.
        """
        return _home(self.name).enqueue_many(map(of_tenant, calls))

    async def aenqueue_many(self, calls: Iterable[Bound[R]]) -> list[Job[R]]:
        """As `enqueue_many`, from async code."""
        return await _home(self.name).aenqueue_many(map(of_tenant, calls))

    def batch(self, callback: Bound[R], members: Iterable[Bound[Any]]) -> Job[R]:
        """Enqueue calls, and one that runs when they have all finished, in a running job.

        It is done once, however often the job is run: if an attempt ends before the job has, the
        next one finds the batch that it has made, as long as it asks for its batches in the same
        order.

        Raises:
            OutsideJob: no job of a module runs here; elsewhere use `app.batch`.
            TidemillError: as `app.batch`.
        """
        client = _home(f"a batch of {self.name}")
        return client.batch(*once(callback, members))

    async def abatch(self, callback: Bound[R], members: Iterable[Bound[Any]]) -> Job[R]:
        """As `batch`, from async code."""
        client = _home(f"a batch of {self.name}")
        return await client.abatch(*once(callback, members))

    @property
    def jobs(self) -> Jobs:
        """Jobs of the application, in a running job of a module.

        Raises:
            OutsideJob: no job of a module runs here; elsewhere use `app.jobs`.
        """
        return Jobs(_home(f"jobs of {self.name}"))

    def records(self, kind: str) -> "Records":
        """The module's own records of a kind, in a running job of the module.

        They are those of the job's tenant, and the application has them as
        `app.records("<module>.<kind>")`, where no job runs.

        Raises:
            OutsideJob: no job of this module runs here.
            InvalidName: no name for a kind.

        Example:
            >>> hooks = Module("hooks")
            >>> @hooks.task
            ... def called(name: str) -> int:
            ...     return hooks.records("calls").change(name, lambda seen: (seen or 0) + 1).value
        """
        # Imported here, because a program that only enqueues needs none of it.
        from tidemill.client.records import Records  # noqa: PLC0415 - see above
        from tidemill.worker.context import current  # noqa: PLC0415 - see above

        charter = chartered.get()
        if charter is None or charter.module != self.name:
            raise OutsideJob(
                f"no job of module {self.name} runs here, so nobody knows whose records are meant",
                hint=f'elsewhere write app.records("{self.name}.{kind}")',
            )
        return Records(_home(f"{self.name}.{kind}"), f"{self.name}.{kind}", current().tenant)

    def charter(self, *, settings: Any = None, home: Client | None = None) -> Charter:
        """What its tasks carry of it."""
        return Charter(
            module=self.name,
            place=self.place,
            permissions=self.permissions,
            services=self.services,
            settings=self.with_settings({}) if settings is None else settings,
            home=home,
        )

    def with_settings(self, given: Mapping[str, Any]) -> Any:
        """Its settings with others in place of some defaults.

        Raises:
            InvalidOption: a setting that it has not, or one of another type.
        """
        defaults = self.settings
        known = dict(defaults) if isinstance(defaults, Mapping) else asdict(defaults)
        for name in given:
            if name not in known:
                raise InvalidOption(
                    f"module {self.name} has no setting {name!r}",
                    hint=f"it has {', '.join(known) or 'none'}",
                )
        try:
            if isinstance(defaults, Mapping):
                read = {name: _as(known[name], value) for name, value in given.items()}
                return MappingProxyType(known | read)
            return msgspec.convert({**known, **given}, type(defaults))
        except msgspec.ValidationError as error:
            raise InvalidOption(f"settings of module {self.name}: {error}") from None

    def _check_task(self, task: object, hint: str) -> None:
        if not isinstance(task, Task) or self.tasks.get(task.name) is not task:
            raise InvalidOption(f"{task!r} is no task of module {self.name}", hint=hint)

    def _declare_task(
        self, function: Callable[..., Any], name: str, options: TaskKeywords
    ) -> Task[..., Any]:
        called = name or f"{self.name}.{getattr(function, '__name__', '')}"
        read = read_options(function, self._held(called, options))
        declared = Declaration[Any](function, read, name=called, charter=self._charter)
        if called in self.tasks:
            raise DuplicateTask(
                f"module {self.name} has two tasks {called!r}", hint="give one another name"
            )
        task = self.tasks[called] = task_of(declared, Afloat())
        return task

    def _declare_schedule(
        self,
        name: str,
        task: Task[..., Any],
        arguments: Mapping[str, Any] | None,
        options: ScheduleKeywords,
    ) -> None:
        if name in self.schedules:
            raise InvalidOption(
                f"module {self.name} has two schedules {name!r}", hint="name one otherwise"
            )
        check_options(name, task.name, options)
        self.schedules[name] = Recurring(name, task.name, arguments, options)

    def _declare_handler(self, pattern: str, task: Task[[Event], Any]) -> None:
        if task.name in self.handlers:
            raise InvalidOption(f"{task.name} handles events already", hint="one pattern each")
        make_handler(task)
        self.handlers[task.name] = pattern

    def _held(self, task: str, written: TaskKeywords) -> TaskKeywords:
        """The options of a task, held to the module's quotas."""
        options = TaskKeywords(**written)
        queue = options.setdefault("queue", self.name)
        if self.quotas.keeps_queue and queue != self.name:
            raise InvalidOption(
                f"{task} goes to queue {queue!r}, where quotas of module {self.name} do not hold",
                hint="leave the queue out, or the quotas concurrency and rate",
            )
        hourly = self.quotas.hourly(key_of(self.name))
        if hourly is not None:
            if options.get("rate") is not None:
                raise InvalidOption(
                    f"{task} has a rate of its own, and module {self.name} an hourly quota",
                    hint="a job starts by one rate: leave one of the two out",
                )
            options["rate"] = hourly
        return options


def _as(default: Any, value: Any) -> Any:
    return value if default is None else msgspec.convert(value, type(default))
