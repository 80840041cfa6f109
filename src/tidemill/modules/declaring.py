"""What is declared by decorators, on an application and on a module alike."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar, ParamSpec, TypeVar, Unpack, overload

from tidemill.client.task import AsyncTask, Decorator, PlainTask, Task
from tidemill.core.errors import InvalidOption
from tidemill.core.event import Event
from tidemill.events.subscription import check_pattern
from tidemill.schedules.keywords import ScheduleKeywords
from tidemill.tasks.options import TaskKeywords

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T", bound=Task[..., Any])


class Declaring(ABC):
    """Takes tasks, what of them recurs, and which of them handle events."""

    written_on: ClassVar[str]
    """What the decorators stand on where they are written: `"app"`."""

    @overload
    def task(  # type: ignore[overload-overlap]  # the narrower one goes first
        self, function: Callable[P, Coroutine[Any, Any, R]], /
    ) -> AsyncTask[P, R]: ...
    @overload
    def task(self, function: Callable[P, R], /) -> PlainTask[P, R]: ...
    @overload
    def task(self, *, name: str = "", **options: Unpack[TaskKeywords]) -> Decorator: ...
    def task(
        self,
        function: Callable[..., Any] | None = None,
        *,
        name: str = "",
        **options: Unpack[TaskKeywords],
    ) -> Any:
        """Make a task of a function, as `@app.task` or `@app.task(...)`.

        A task of a module is named after the module and the function, and its jobs go to the
        module's own queue, unless it is said otherwise.

        Args:
            function: the function, where the decorator is written without parentheses.
            name: what its jobs are stored under; by default its module and its name in it.
            options: see `TaskOptions` for each.

        Raises:
            InvalidOption: an option that is unknown, makes no sense, does not fit the function, or
                goes round the quotas of its module.
            InvalidName: a name, queue or tag with characters that are not allowed.
            DuplicateTask: another function has the name.
        """

        def declare(function: Callable[..., Any]) -> Any:
            return self._declare_task(function, name, options)

        return declare if function is None else declare(function)

    def schedule(
        self,
        pattern: str = "",
        /,
        *,
        name: str = "",
        arguments: Mapping[str, Any] | None = None,
        **options: Unpack[ScheduleKeywords],
    ) -> Callable[[T], T]:
        """Let a task recur, as `@app.schedule("0 2 * * *", tz="Australia/Sydney")` above it.

        Args:
            pattern: cron expression; leave it out and give `every`, or neither to run by hand only.
            name: of the schedule; by default the task's.
            arguments: JSON values by parameter, where the defaults are not meant.
            options: see `Schedule` for each.

        Raises:
            InvalidOption: a pattern, zone or option that makes no sense, or a name declared twice.
        """
        if not isinstance(pattern, str):
            raise InvalidOption(
                f"{pattern!r} is no pattern", hint='write "0 2 * * *", or every="1h"'
            )
        if pattern:
            options["pattern"] = pattern

        def declare(task: T) -> T:
            self._check_task(task, self._above("schedule"))
            self._declare_schedule(name or task.name, task, arguments, options)
            return task

        return declare

    def on(self, pattern: str) -> Callable[[Callable[[Event], Any]], Task[[Event], Any]]:
        """Run a function, as a job, for every event of a pattern: `@app.on("invoice.*")`.

        It takes one argument, `event`, and is given an `Event`, annotated or not.

        Args:
            pattern: dotted words; `*` is one word, `**` any number. One that begins with a
                wildcard means the application's own events, not the platform's.

        Raises:
            InvalidName: the pattern is none.
            InvalidOption: the function does not take one argument, `event`, or handles other
                events.
        """
        check_pattern(pattern)

        def declare(function: Callable[[Event], Any]) -> Task[[Event], Any]:
            task = function if isinstance(function, Task) else self.task(function)
            self._check_task(task, self._above("on"))
            self._declare_handler(pattern, task)
            return task

        return declare

    def _above(self, decorator: str) -> str:
        return f"write @{self.written_on}.{decorator} above @{self.written_on}.task"

    def _check_task(self, task: object, hint: str) -> None:
        """See to it that a decorator stands above a task.

        Raises:
            InvalidOption: it does not, or above one that may not be meant.
        """
        if not isinstance(task, Task):
            raise InvalidOption(f"{task!r} is no task", hint=hint)

    @abstractmethod
    def _declare_task(
        self, function: Callable[..., Any], name: str, options: TaskKeywords
    ) -> Task[..., Any]:
        """Make a task of a function, and keep it."""

    @abstractmethod
    def _declare_schedule(
        self,
        name: str,
        task: Task[..., Any],
        arguments: Mapping[str, Any] | None,
        options: ScheduleKeywords,
    ) -> None:
        """Keep that a task recurs."""

    @abstractmethod
    def _declare_handler(self, pattern: str, task: Task[[Event], Any]) -> None:
        """Keep that a task handles events."""
