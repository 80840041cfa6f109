"""Which services there are, and how each is made of what is set; none is loaded before."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from tidemill.client.client import Client
from tidemill.client.events import Events
from tidemill.core.errors import InvalidOption
from tidemill.core.instants import millis
from tidemill.services.outbound import Reach
from tidemill.services.shelf import Shelf

if TYPE_CHECKING:
    from tidemill.services.http_calls import Http

PORTS: Final = frozenset({80, 443, 8080, 8443})
"""Where HTTP is spoken in the world."""

Table = Mapping[str, Any]


def shelf(client: Client, events: Events, table: Table, given: Mapping[str, Any]) -> Shelf:
    """The services of a worker.

    Args:
        client: asks the store.
        events: the application's.
        table: what the settings say of `services`, by the names below it.
        given: what the application gives its handlers itself; it goes before ours.
    """
    maker = _Makers(client, events, table)
    makers: dict[str, Callable[[], Any]] = {"http": maker.http}
    for name, service in given.items():
        makers[name] = _keeper(service)
    return Shelf(makers)


class _Makers:
    def __init__(self, client: Client, events: Events, table: Table) -> None:
        self._client = client
        self._events = events
        self._table = table

    def http(self) -> "Http":
        try:
            from tidemill.services import http_calls  # noqa: PLC0415 - who asks for it pays for it
            from tidemill.services.outlet import Outlet  # noqa: PLC0415 - as above
        except ImportError as error:
            raise _missing("http", "kits", error) from error
        from tidemill.services.breaker import Terms  # noqa: PLC0415 - as above
        from tidemill.services.breakers import Breakers  # noqa: PLC0415 - as above

        store, reach = self._client.store, self._reach()
        asked = self._of("http")
        chosen = {
            name: millis(value) if name in _LENGTHS else value for name, value in asked.items()
        }
        terms = Terms(**_fitting(chosen, Terms))
        manners = http_calls.Manners(**_fitting(chosen, http_calls.Manners))
        outlet = Outlet(reach, ca=self._table.get("ca", ""))
        return http_calls.Http(store, Breakers(store, terms), outlet, reach, manners)

    def _reach(self) -> Reach:
        return Reach(
            plain=self._table.get("plain", False),
            ports=PORTS,
            allowed=self._table.get("allow", ()),
        )

    def _of(self, service: str) -> dict[str, Any]:
        begin = f"{service}."
        return {
            name.removeprefix(begin): value
            for name, value in self._table.items()
            if name.startswith(begin)
        }


_LENGTHS: Final = {"connect", "read", "timeout", "window", "rest", "longest", "patience"}


def _fitting(chosen: Table, kind: type[Struct]) -> dict[str, Any]:
    """What is a field of this kind."""
    return {name: chosen[name] for name in kind.__struct_fields__ if name in chosen}


def _keeper(service: Any) -> Callable[[], Any]:
    return lambda: service


def _missing(service: str, extra: str, error: ImportError) -> InvalidOption:
    return InvalidOption(
        f"the service {service} needs {error.name}, which is not installed",
        hint=f"pip install 'tidemill[{extra}]'",
    )
