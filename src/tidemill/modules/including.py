"""Including modules in an application: those it names, and those that are found for it."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tidemill.client.client import Client
from tidemill.client.events import Events
from tidemill.client.steps import Steps, awaiting, blocking, steps_of
from tidemill.client.task import task_of
from tidemill.core.errors import DuplicateTask, InvalidOption, NotFound, TidemillError
from tidemill.modules.module import Module, Recurring
from tidemill.modules.record import ModuleRecord
from tidemill.modules.store import Modules
from tidemill.modules.telling import told as of_module
from tidemill.schedules.store import Schedules
from tidemill.tasks.charter import Charter
from tidemill.tasks.declaration import Declaration

if TYPE_CHECKING:
    from tidemill.modules.discovery import Found

Declare = Callable[[Declaration[Any], Charter], Declaration[Any]]
"""Makes of a module's declaration the application's own, with its keys and its limits."""

_log: Final = logging.getLogger("tidemill.modules")


class Inclusion:
    """The modules of one application.

    Attributes:
        modules: those that it includes, by name.
        broken: those that were found and could not be included, each with its error.
    """

    def __init__(
        self,
        client: Client,
        schedules: Schedules,
        events: Events,
        declare: Declare,
        set_: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Register what modules bring with these.

        Args:
            set_: what a file and the environment say of their settings, by their names.
        """
        self.modules: dict[str, Module] = {}
        self.broken: list[ModuleRecord] = []
        self._client = client
        self._schedules = schedules
        self._events = events
        self._declare = declare
        self._set = set_
        self._charters: dict[str, Charter] = {}
        self._looked = False
        self._unscheduled: set[str] = set()

    def settings(self, module: str) -> Any:
        """The settings of a module, as this application has them.

        Raises:
            NotFound: it is not included.
        """
        if module not in self._charters:
            raise NotFound(
                f"module {module!r:.120} is not included", hint="app.include(...), first of all"
            )
        return self._charters[module].settings

    def add(
        self,
        given: Module | Path | str,
        settings: Mapping[str, Any] | None = None,
        *,
        schedules: bool = True,
    ) -> None:
        """Take in what a module, or the one of a manifest, brings: all of it, or nothing.

        Raises:
            InvalidManifest: the manifest cannot be used.
            InvalidOption: a module of its name is included already, a setting makes no sense, or a
                schedule has the name of another one.
            DuplicateTask: a task has the name of another one.
            NotPermitted: one of its tasks goes to a queue, or one of its handlers listens for
                events, for which it has no permission.
        """
        module = _read(given)
        chosen = {**self._set.get(module.name, {}), **(settings or {})}
        charter = module.charter(settings=module.with_settings(chosen), home=self._client)
        recurring = [*module.schedules.values()] if schedules else []
        self._check(module, charter, recurring)
        registry, client = self._client.registry, self._client
        for schema in module.events:
            self._client.schemas.declare(schema.pattern, schema.kind)
        for task in module.tasks.values():
            declaration = self._declare(task.declaration, charter)
            registry.add(declaration)
            if pattern := module.handlers.get(task.name):
                self._events.subscribe(pattern, task_of(declaration, client))
        for each in recurring:
            self._schedules.declare(
                each.name,
                lambda each=each: client.bound(each.task, each.arguments, {}),  # type: ignore[misc]  # bound now
                **each.options,
            )
        self.modules[module.name] = module
        self._charters[module.name] = charter
        if not schedules:
            self._unscheduled.add(module.name)

    def discover(self, folders: Collection[str], wanted: Collection[str]) -> None:
        """Include, once, the modules that are found and wanted; one that is broken is left out.

        It is named in the log, and all nodes are told of it with its error.
        """
        if self._looked or not wanted:
            return
        from tidemill.modules.discovery import find  # noqa: PLC0415 - most programs look for none

        self._looked = True
        for found in find(folders, wanted):
            self._take_in(found)

    def find(self, folders: Iterable[Path | str], *, schedules: bool) -> None:
        """Include each module that lies in one of these folders and is not included yet."""
        from tidemill.modules.discovery import lying  # noqa: PLC0415 - as above

        for found in lying(folders):
            if found.name not in self.modules:
                self._take_in(found, schedules=schedules)

    def _take_in(self, found: "Found", *, schedules: bool = True) -> None:
        """Include what was found, or tell why it is left out."""
        try:
            if found.name in self.modules:
                raise InvalidOption(f"the application includes {found.name} itself")
            module = found.load()
            for task in module.tasks.values():
                _ = task.declaration.signature  # an annotation may be wrong
            self.add(module, schedules=schedules)
            self.broken = [each for each in self.broken if each.name != found.name]
        except TidemillError as error:
            self._leave_out(found.name, found.place, str(error))
        except Exception as error:  # noqa: BLE001 - a stranger's code is broken, others go on
            self._leave_out(found.name, found.place, f"{type(error).__name__}: {error}")
            _log.debug("module %s", found.name, exc_info=error)

    @blocking
    def publish(self) -> Steps[None]:
        """Tell all nodes of what this application includes; see `Modules.publish`."""
        told = Modules(self._client)
        brought = [
            of_module(
                _unscheduled(each) if name in self._unscheduled else each, self.settings(name)
            )
            for name, each in self.modules.items()
        ]
        yield from steps_of(told.publish, brought, self.broken)

    apublish = awaiting(publish)

    def versions(self) -> dict[str, str]:
        """The version of each module that is included now."""
        return {name: module.version for name, module in self.modules.items()}

    def _leave_out(self, name: str, place: str, error: str) -> None:
        _log.error("module %s of %s is left out: %s", name, place, error)
        if name not in self.modules and name not in {each.name for each in self.broken}:
            self.broken.append(ModuleRecord(name=name, place=place, error=error))

    def _check(self, module: Module, charter: Charter, recurring: Sequence[Recurring]) -> None:
        """See to it that all of a module can be registered, before any of it is."""
        if module.name in self.modules:
            raise InvalidOption(
                f"two modules are called {module.name!r}: {self.modules[module.name].place} and "
                f"{module.place}",
                hint="include one of them",
            )
        for task in module.tasks.values():
            charter.check_queue(task.options.queue)
            if task.name in self._client.registry:
                raise DuplicateTask(
                    f"module {module.name} brings a task {task.name!r}, which is there already",
                    hint='give one of them a name of its own: task(name="...")',
                )
        for pattern in module.handlers.values():
            charter.check_hear(pattern)
        for schema in module.events:
            self._client.schemas.check_new(schema.pattern, schema.kind)
        for each in recurring:
            if self._schedules.declares(each.name):
                raise InvalidOption(
                    f"module {module.name} brings a schedule {each.name!r}, which is there already",
                    hint="name one of them otherwise",
                )


def _unscheduled(module: Module) -> Module:
    """The same module as one that brings no schedules."""
    same = copy(module)
    same.schedules = {}
    return same


def _read(given: object) -> Module:
    if isinstance(given, Module):
        return given
    if isinstance(given, str | Path):
        from tidemill.modules.loading import read_module  # noqa: PLC0415 - not all have manifests

        return read_module(Path(given))
    raise InvalidOption(
        f"{given!r} is no module", hint="give a tidemill.Module, or the folder of a manifest"
    )
