"""The services of one worker, each made when a handler first asks for it."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_PATIENCE: Final = 5.0

_log = logging.getLogger("tidemill.services")


class Shelf(Mapping[str, Any]):
    """Hands out what it has made, and lets go of all of it in the end, the newest first.

    It can be used again afterwards: what is asked for is made anew. What it was given is not its
    own, so it closes none of that.

    Example:
        >>> shelf = Shelf({"shelf": list}, {"salt": 1})
        >>> shelf["shelf"] is shelf["shelf"]
        True
    """

    def __init__(self, makers: Mapping[str, Callable[[], Any]], given: Mapping[str, Any]) -> None:
        """Make nothing yet; what is given goes before what would be made under its name."""
        self._given = given
        self._makers = {name: make for name, make in makers.items() if name not in given}
        self._made: dict[str, Any] = {}
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> Any:
        if name in self._given:
            return self._given[name]
        made = self._made.get(name)
        if made is None:
            with self._lock:
                if name not in self._made:
                    self._made[name] = self._makers[name]()
                made = self._made[name]
        return made

    def __contains__(self, name: object) -> bool:
        return name in self._makers or name in self._given

    def __iter__(self) -> Iterator[str]:
        return iter((*self._makers, *self._given))

    def __len__(self) -> int:
        return len(self._makers) + len(self._given)

    async def aclose(self) -> None:
        """Let go of everything; what cannot be closed, or not in time, is told and left."""
        with self._lock:
            made, self._made = self._made, {}
        for name, service in reversed(made.items()):
            close = getattr(service, "aclose", None)
            if close is None:
                continue
            try:
                async with asyncio.timeout(_PATIENCE):
                    await close()
            except Exception:  # noqa: BLE001 - the others are to be closed as well
                _log.exception("the service %s could not be closed", name)
