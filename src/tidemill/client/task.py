"""A task as its users hold it: a function still, and the way to have it run later."""

from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar, Unpack, overload

from tidemill.client.bound import Bound
from tidemill.client.job import Job
from tidemill.client.terms import Terms
from tidemill.client.wishes import NONE, Wishes, WishKeywords, read_wishes
from tidemill.tasks.declaration import Declaration
from tidemill.tasks.options import TaskOptions, check_parameters

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Taker(Protocol):
    """Takes the calls of a task: a client, or what knows one when a call is made."""

    def enqueue(self, bound: Bound[R], /) -> Job[R]:
        """Store one job."""
        ...

    async def aenqueue(self, bound: Bound[R], /) -> Job[R]:
        """As `enqueue`, from async code."""
        ...


class Task(Generic[P, R_co]):
    """A function that can be run later; made by `@app.task`, which makes one of its two kinds.

    Example:
        >>> job = welcome.enqueue(42)  # doctest: +SKIP
        >>> job = welcome.using(delay="10m", key="welcome-42").enqueue(42)  # doctest: +SKIP
    """

    def __init__(
        self,
        function: Callable[P, Any],
        declaration: Declaration[R_co],
        client: Taker,
        wishes: Wishes = NONE,
    ) -> None:
        """Join a declaration and the client that its calls are handed to."""
        update_wrapper(self, function)
        self._function: Callable[P, Any] = function
        self._client = client
        self._terms = Terms(declaration, wishes)
        self.declaration = declaration

    def __repr__(self) -> str:
        return f"<Task {self.name}>"

    @property
    def name(self) -> str:
        """What its jobs are stored under."""
        return self.declaration.name

    @property
    def options(self) -> TaskOptions:
        """How its jobs run unless a call says otherwise."""
        return self.declaration.options

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Run the function here and now, as if it were not a task."""
        return self._function(*args, **kwargs)

    def enqueue(self, *args: P.args, **kwargs: P.kwargs) -> Job[R_co]:
        """Ask for the function to be run by a worker with these arguments.

        When this returns, the job is stored; when it raises, it is not, save that an answer may
        be lost on its way, so enqueue the same `bind(...)` again rather than a new call.

        Raises:
            InvalidArguments: they do not fit the parameters; the one at fault is named.
            Unserialisable: an argument has no JSON form.
            PayloadTooLarge: they are more JSON than the application allows.
            NotUnique: the unique key is held, and the task is to be told so.
            UnknownParent: it is to run after a job that is not stored.
            WrongTransaction: the engine cannot write into the transaction given.
            StoreError: the store did not take it.
        """
        return self._client.enqueue(self.bind(*args, **kwargs))

    async def aenqueue(self, *args: P.args, **kwargs: P.kwargs) -> Job[R_co]:
        """As `enqueue`, from async code."""
        return await self._client.aenqueue(self.bind(*args, **kwargs))

    def bind(self, *args: P.args, **kwargs: P.kwargs) -> Bound[R_co]:
        """Check a call and keep it, to be enqueued with others or in a batch.

        Raises:
            InvalidArguments: they do not fit the parameters; the one at fault is named.
            Unserialisable: an argument has no JSON form.
            PayloadTooLarge: they are more JSON than the application allows.
        """
        return Bound(self._terms, self.declaration.encode_args(args, kwargs))

    def using(self, **wishes: Unpack[WishKeywords]) -> Self:
        """The same task, whose calls are enqueued with these wishes; see `Wishes` for each.

        Raises:
            InvalidOption: a wish that is unknown, makes no sense, or contradicts another.
            InvalidName: a queue, tenant, tag or key with characters that are not allowed.

        Example:
            >>> welcome.using(delay="10m", priority=Priority.HIGH)  # doctest: +SKIP
        """
        read = read_wishes(self._terms.wishes, wishes)
        if read.unique:
            check_parameters(self._function, "unique", read.unique.by)
        return type(self)(self._function, self.declaration, self._client, read)


class PlainTask(Task[P, R_co]):
    """A task written as `def`."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Run the function here and now."""
        answer: R_co = self._function(*args, **kwargs)
        return answer


class AsyncTask(Task[P, R_co]):
    """A task written as `async def`; its jobs' results are what it returns once awaited."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, R_co]:
        """Run the function here and now, when awaited."""
        answer: Coroutine[Any, Any, R_co] = self._function(*args, **kwargs)
        return answer


def task_of(declaration: Declaration[Any], taker: Taker) -> Task[..., Any]:
    """The task of what was declared, of the kind that its function is."""
    kind = AsyncTask if declaration.is_async else PlainTask
    return kind(declaration.function, declaration, taker)


class Decorator(Protocol):
    """Turns a function into a task."""

    @overload
    def __call__(  # type: ignore[overload-overlap]  # the narrower one goes first
        self, function: Callable[P, Coroutine[Any, Any, R]], /
    ) -> AsyncTask[P, R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> PlainTask[P, R]: ...
    def __call__(self, function: Callable[..., Any], /) -> Any:
        """Declare the function."""
