"""Tidemill: where an application's tasks, its store and its clients come together."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from tidemill.client.client import Client
from tidemill.client.control import Jobs
from tidemill.client.enqueueing import Enqueueing
from tidemill.client.events import Events
from tidemill.client.queues import Queues
from tidemill.client.steps import Steps, awaiting, blocking
from tidemill.client.store import Store
from tidemill.client.task import Task, task_of
from tidemill.core.errors import InsideJob, InvalidOption
from tidemill.core.event import Event
from tidemill.core.identity import check_name
from tidemill.core.instants import millis
from tidemill.engines.protocol import Engine
from tidemill.files.place import Place
from tidemill.loops.clock import Clock, SystemClock
from tidemill.modules.declaring import Declaring
from tidemill.modules.including import Inclusion
from tidemill.modules.module import Module
from tidemill.modules.store import Modules
from tidemill.schedules.keywords import ScheduleKeywords
from tidemill.schedules.store import Schedules
from tidemill.settings import load
from tidemill.settings.known import DEFAULT_URL
from tidemill.tasks.charter import Charter
from tidemill.tasks.declaration import Declaration
from tidemill.tasks.options import TaskKeywords, TaskOptions, read_options
from tidemill.tasks.registry import Registry
from tidemill.tasks.secret import NO_KEYS, Vault
from tidemill.tasks.signature import PAYLOAD_LIMIT, check_limit

if TYPE_CHECKING:
    from tidemill.client.records import Records
    from tidemill.files.files import Files
    from tidemill.worker.context import JobContext
    from tidemill.worker.middleware import Middleware
    from tidemill.worker.worker import Worker
    from tidemill.works import Works

L = TypeVar("L", bound="Middleware")


class Tidemill(Declaring, Enqueueing):
    """One application: its tasks, and the store that their jobs are kept in.

    The store is opened when it is first needed. Use the application as a context manager, from
    threads or from async code, to have it closed in the end.

    Attributes:
        jobs: questions about jobs, and what can be asked of them.
        queues: the rules of queues, tasks and keys.
        events: what happened, and who wants to hear of it.
        schedules: what recurs.
        modules: those that nodes have told of, to be enabled and disabled.
        settings: what a file and the environment said when it was made.
        store: where its jobs are kept, opened when it is first needed.
        registry: the tasks by their names.
        client: asks the store, for nobody in particular.
        included: the modules of this application.

    Example:
        >>> app = Tidemill("memory://")
        >>> @app.task
        ... def add(a: int, b: int) -> int:
        ...     return a + b
        >>> add(1, 2)
        3
    """

    written_on = "app"

    def __init__(
        self,
        url: str | None = None,
        *,
        tenant: str | None = None,
        payload_limit: int | None = None,
        clock: Clock | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Make an application; nothing is opened yet.

        What is not given is as `tidemill.settings` finds it in a file and the environment.

        Args:
            url: where jobs are kept, see `tidemill.engines.open_engine`; if nothing says so,
                `sqlite:///tidemill.db`.
            tenant: whose jobs are enqueued and looked at, unless a call says otherwise.
            payload_limit: bytes of JSON that the arguments of one call may have, up to 1 MiB.
            clock: the time that this application goes by; the machine's by default.
            settings: what would otherwise stand in `tidemill.toml`, by its names there, such as
                `{"services.allow": ["127.0.0.1:8025"]}`; goes before the file and the environment.

        Raises:
            InvalidOption: a payload limit or a setting that is not possible.
            InvalidName: no name for a tenant.
        """
        self.settings = load().given(settings or {})
        usual = self.settings.get("payload_limit", PAYLOAD_LIMIT)
        self._payload_limit = check_limit(usual if payload_limit is None else payload_limit)
        whose = self.settings.get("tenant", "") if tenant is None else tenant
        self.url = url or self.settings.get("url", DEFAULT_URL)
        self.registry = Registry()
        self._vault = Vault(self.settings.get("secrets.keys", NO_KEYS))
        self.store = Store(self.url, clock or SystemClock())
        near = self.settings.file.parent if self.settings.file else None
        self._place = Place(self.store, self.settings.get("files.folder", ""), near)
        self._has_worker = False
        self._traced: tuple[Middleware, ...] = ()
        self._layers: list[Middleware] = []
        self._works: Works | None = None
        tenant = whose and check_name("tenant", whose)
        self.client = Client(self.store, self.registry, tenant, vault=self._vault)
        self.jobs = Jobs(self.client)
        self.queues = Queues(self.client)
        self.events = Events(self.client)
        self.schedules = Schedules(self.client)
        self.modules = Modules(self.client)
        chosen: Mapping[str, Any] = self.settings.get("modules.settings", {})
        self.included = Inclusion(self.client, self.schedules, self.events, self._adopt, chosen)
        self.registry.more = self.discover

    def __repr__(self) -> str:
        return f"<Tidemill of {len(self.registry)} tasks>"

    def include(
        self,
        module: Module | Path | str,
        *,
        settings: Mapping[str, Any] | None = None,
        schedules: bool = True,
    ) -> None:
        """Take in the tasks, schedules and event handlers of a module: all of it, or nothing.

        Args:
            module: a `Module`, or a manifest, or the folder that it lies in.
            settings: its settings that are not to be as it has them.
            schedules: whether its schedules are made; `False` leaves when its tasks recur to you.

        Raises:
            InvalidManifest: the manifest cannot be used; the file and the key are named.
            InvalidOption: a module of its name is included already, a setting makes no sense, or a
                schedule has the name of another one.
            DuplicateTask: a task has the name of another one.
            NotPermitted: it brings what it has no permission for.
        """
        self.included.add(module, settings, schedules=schedules)

    def discover(self, *folders: Path | str, schedules: bool = True) -> None:
        """Include the modules that the settings name, once; a worker and a server do so themselves.

        One that cannot be included is left out, and told in the log and by `tidemill modules`.

        Args:
            folders: include instead each module that lies in one of these, and is not included yet.
            schedules: as `include` has it, for those.
        """
        if folders:
            self.included.find(folders, schedules=schedules)
            return
        wanted = self.settings.get("modules.include", ())
        self.included.discover(self.settings.get("modules.folders", ()), wanted)

    def records(self, kind: str, *, tenant: str | None = None) -> "Records":
        """The application's own records of a kind: values under keys, with versions.

        In a running job of a module, `module.records` is meant for what the module keeps: its kind
        `subscriptions` is the kind `webhook.subscriptions` here, if the module is called webhook.

        Args:
            kind: a name, as that of a task.
            tenant: whose they are; by default the application's own.

        Raises:
            InvalidName: no name for a kind, or for a tenant.

        Example:
            >>> app = Tidemill("memory://")
            >>> read = app.records("shop.rates").put("eur", 1.6)
            >>> app.records("shop.rates").put("eur", 1.7, version=read.version).version
            2
        """
        from tidemill.client.records import Records  # noqa: PLC0415 - see `worker`

        return Records(self.client, kind, tenant)

    @cached_property
    def files(self) -> "Files":
        """The application's files: made by jobs, kept for a while, handed out by links.

        Example:
            >>> app = Tidemill("memory://")
            >>> with app.files.create("rates.csv") as out:
            ...     _ = out.write(b"eur,1.7")
            >>> out.file.media_type
            'text/csv'
        """
        from tidemill.files.files import KEEP, MOST, Files, House  # noqa: PLC0415 - see `worker`

        get = self.settings.get
        house = House(
            folder=self._place.folder,
            keep=millis(get("files.keep", KEEP)),
            most=get("files.most", MOST),
            url=get("files.url", ""),
        )
        return Files(self.client, house)

    def trace(self, provider: Any = None) -> None:
        """Make spans by OpenTelemetry for what is enqueued and run from now on.

        Args:
            provider: makes them; by default the one that the program has set.

        Raises:
            InvalidOption: OpenTelemetry is not installed.
        """
        try:
            from tidemill.telemetry.otel import OpenTelemetry  # noqa: PLC0415 - few programs do it
        except ImportError as error:
            raise InvalidOption(
                "OpenTelemetry is not installed", hint="pip install 'tidemill[telemetry]'"
            ) from error
        telemetry = self.client.tracing = OpenTelemetry(provider)
        self._traced = (telemetry.ran,)

    def middleware(self, layer: L) -> L:
        """Put a layer around every handler that a worker of this application runs.

        The one that is put first is the outermost.

        Example:
            >>> app = Tidemill("memory://")
            >>> @app.middleware
            ... async def tell(job, call_next):
            ...     await job.log("begun")
            ...     return await call_next()
        """
        self._layers.append(layer)
        return layer

    def worker(self, **options: Any) -> "Worker":
        """A worker for the tasks of this application; see `tidemill.worker.Worker` for the options.

        What is not given, or is `None`, is as the settings have it.

        Raises:
            InvalidOption: a task's annotation cannot be resolved, or JSON cannot carry it.
            StoreError: the store cannot be opened.
        """
        # Imported here, because a program that only enqueues needs none of it.
        from tidemill.worker.worker import Worker  # noqa: PLC0415 - see above

        for task in self.works.tasks():
            self.registry.add(task, own=True)
        self.discover()
        self.registry.check()
        engine = self.open()
        self.schedules.publish()
        self.events.publish()
        self.included.publish()
        chosen = self.works.of_a_worker(engine, options)
        own = (*self._traced, *self._layers)
        chosen["middleware"] = (*own, *chosen.get("middleware", ()))
        chosen["modules"] = self.included.versions
        self._has_worker = True
        return Worker(engine, self.registry, self.store.clock, **chosen)

    @property
    def works(self) -> "Works":
        """Jobs and duties of the platform's own."""
        from tidemill.works import Works  # noqa: PLC0415 - see `worker`

        if self._works is None:
            self._works = Works(self.client, self.events, self.settings, self.files)
        return self._works

    @staticmethod
    def current() -> "JobContext":
        """The running job, inside a handler.

        Raises:
            OutsideJob: no job runs here.
        """
        from tidemill.worker.context import current  # noqa: PLC0415 - see `worker`

        return current()

    @blocking
    def open(self) -> Steps[Engine]:
        """Open the store now rather than when it is first needed; safe twice.

        Raises:
            InvalidOption: the URL names no engine.
            StoreError: the store cannot be opened.
        """
        return self.store.engine()

    aopen = awaiting(open)  # noqa: A003 - the one above is meant

    @blocking
    def close(self) -> Steps[None]:
        """Let go of the store; safe twice. The next use would open it again.

        The files of a store in memory are removed.

        Raises:
            InsideJob: a job asks for it whose worker in this process uses the store.
        """
        if self._has_worker and self.works.runs_job:
            raise InsideJob(
                "a job cannot close the store that its worker uses",
                hint="leave out close() and `with app:` in the task; the worker sees to it",
            )
        yield from self.store.close()
        yield from self._place.close()

    aclose = awaiting(close)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        await self.aopen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _declare_task(
        self, function: Callable[..., Any], name: str, options: TaskKeywords
    ) -> Task[..., Any]:
        declaration = self._declaration(function, read_options(function, options), name)
        self.registry.add(declaration)
        return task_of(declaration, self.client)

    def _declare_schedule(
        self,
        name: str,
        task: Task[..., Any],
        arguments: Mapping[str, Any] | None,
        options: ScheduleKeywords,
    ) -> None:
        self.schedules.declare(name, lambda: self.client.bound(task.name, arguments, {}), **options)

    def _declare_handler(self, pattern: str, task: Task[[Event], Any]) -> None:
        self.events.subscribe(pattern, task)

    def _adopt(self, of_module: Declaration[Any], charter: Charter) -> Declaration[Any]:
        return self._declaration(of_module.function, of_module.options, of_module.name, charter)

    def _declaration(
        self,
        function: Callable[..., Any],
        options: TaskOptions,
        name: str,
        charter: Charter | None = None,
    ) -> Declaration[Any]:
        """Declare a function, with the limit and the keys of this application."""
        return Declaration(
            function,
            options,
            name=name,
            payload_limit=self._payload_limit,
            vault=self._vault,
            charter=charter,
        )
