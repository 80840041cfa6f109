"""Enqueueing as an application offers it: calls that are bound, and tasks by their names."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, Unpack, overload

from tidemill.client.bound import Bound
from tidemill.client.client import Client
from tidemill.client.job import Job
from tidemill.client.wishes import WishKeywords

R = TypeVar("R")


class Enqueueing:
    """What can be enqueued with whoever has a client.

    Attributes:
        client: asks the store.
    """

    client: Client

    def bind(
        self,
        task: str,
        arguments: Mapping[str, Any] | None = None,
        /,
        **wishes: Unpack[WishKeywords],
    ) -> Bound[Any]:
        """A call of a task by its name, with JSON values by parameter, that is not enqueued yet.

        What takes a bound call takes it: `enqueue_many`, `batch`, `schedules.create`.

        Raises:
            UnknownTask: no task of this application has the name.
            TidemillError: as `Task.bind` and `Task.using`.

        Example:
            >>> call = app.bind("shop.welcome", {"user_id": 42}, tags=["new"])  # doctest: +SKIP
            >>> app.schedules.create("again", call, pattern="0 9 * * *")  # doctest: +SKIP
        """
        return self.client.bound(task, arguments, wishes)

    @overload
    def enqueue(self, call: Bound[R], /) -> Job[R]: ...
    @overload
    def enqueue(
        self,
        call: str,
        arguments: Mapping[str, Any] | None = None,
        /,
        **wishes: Unpack[WishKeywords],
    ) -> Job[Any]: ...
    def enqueue(
        self,
        call: Bound[Any] | str,
        arguments: Mapping[str, Any] | None = None,
        /,
        **wishes: Unpack[WishKeywords],
    ) -> Job[Any]:
        """Enqueue a call that is bound, or a task by its name with JSON values by parameter.

        Raises:
            UnknownTask: no task of this application has the name.
            TidemillError: as `Task.enqueue` and `Task.using`.

        Example:
            >>> app.enqueue("shop.welcome", {"user_id": 42}, delay="10m")  # doctest: +SKIP
        """
        return self.client.enqueue(self.client.bound(call, arguments, wishes))

    @overload
    async def aenqueue(self, call: Bound[R], /) -> Job[R]: ...
    @overload
    async def aenqueue(
        self,
        call: str,
        arguments: Mapping[str, Any] | None = None,
        /,
        **wishes: Unpack[WishKeywords],
    ) -> Job[Any]: ...
    async def aenqueue(
        self,
        call: Bound[Any] | str,
        arguments: Mapping[str, Any] | None = None,
        /,
        **wishes: Unpack[WishKeywords],
    ) -> Job[Any]:
        """As `enqueue`, from async code."""
        return await self.client.aenqueue(self.client.bound(call, arguments, wishes))

    def enqueue_many(self, calls: Iterable[Bound[R]]) -> list[Job[R]]:
        """Enqueue many calls, a thousand in one step; see `Client.enqueue_many`."""
        return self.client.enqueue_many(calls)

    async def aenqueue_many(self, calls: Iterable[Bound[R]]) -> list[Job[R]]:
        """As `enqueue_many`, from async code."""
        return await self.client.aenqueue_many(calls)

    def batch(self, callback: Bound[R], members: Iterable[Bound[Any]]) -> Job[R]:
        """Enqueue calls, and one that runs when they have all finished; see `Client.batch`."""
        return self.client.batch(callback, members)

    async def abatch(self, callback: Bound[R], members: Iterable[Bound[Any]]) -> Job[R]:
        """As `batch`, from async code."""
        return await self.client.abatch(callback, members)
