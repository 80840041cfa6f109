"""Which services there are, and how each is made of what is set; none is loaded before."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from tidemill.client.client import Client
from tidemill.client.events import Events
from tidemill.core.errors import InvalidOption
from tidemill.core.instants import millis
from tidemill.files.files import Files
from tidemill.services.outbound import reach_of
from tidemill.services.post import Post
from tidemill.services.shelf import Shelf

if TYPE_CHECKING:
    from tidemill.services.browser import Browser
    from tidemill.services.database import Database
    from tidemill.services.http_calls import Http
    from tidemill.services.job_events import JobEvents
    from tidemill.services.job_files import JobFiles
    from tidemill.services.job_logger import JobLogger
    from tidemill.services.mail import Mail
    from tidemill.services.notifications import Notifications

Table = Mapping[str, Any]


def shelf(
    client: Client,
    events: Events,
    files: Files,
    table: Table,
    post: Post,
    given: Mapping[str, Any],
) -> Shelf:
    """The services of a worker.

    Args:
        client: asks the store.
        events: the application's.
        files: the application's.
        table: what the settings say of `services`, by the names below it.
        post: how mail leaves the house.
        given: what the application gives its handlers itself; it goes before ours.
    """
    maker = _Makers(client, events, files, table, post)
    makers: dict[str, Callable[[], Any]] = {
        "http": maker.http,
        "events": maker.events,
        "files": maker.files,
        "logger": maker.logger,
        "database": maker.database,
        "mail": lambda: maker.mail,
        "notifications": maker.notifications,
        "browser": maker.browser,
    }
    return Shelf(makers, given)


class _Makers:
    def __init__(
        self, client: Client, events: Events, files: Files, table: Table, post: Post
    ) -> None:
        self._client = client
        self._events = events
        self._files = files
        self._table = table
        self._post = post

    def http(self) -> "Http":
        try:
            from tidemill.services import http_calls  # noqa: PLC0415 - who asks for it pays for it
            from tidemill.services.outlet import Outlet  # noqa: PLC0415 - as above
        except ImportError as error:
            raise _missing("http", "kits", error) from error
        from tidemill.services.breaker import Terms  # noqa: PLC0415 - as above
        from tidemill.services.breakers import Breakers  # noqa: PLC0415 - as above

        store, reach = self._client.store, reach_of(self._table)
        asked = self._read("http")
        terms = Terms(**_fitting(asked, Terms))
        manners = http_calls.Manners(**_fitting(asked, http_calls.Manners))
        outlet = Outlet(reach, ca=self._table.get("ca", ""))
        return http_calls.Http(store, Breakers(store, terms), outlet, reach, manners)

    def events(self) -> "JobEvents":
        from tidemill.services.job_events import JobEvents  # noqa: PLC0415 - as above

        return JobEvents(self._events)

    def files(self) -> "JobFiles":
        from tidemill.services.job_files import JobFiles  # noqa: PLC0415 - as above

        return JobFiles(self._files)

    def logger(self) -> "JobLogger":
        from tidemill.services.job_logger import JobLogger  # noqa: PLC0415 - as above

        return JobLogger()

    def database(self) -> "Database":
        try:
            from tidemill.services.database import Bounds, Database  # noqa: PLC0415 - as above
        except ImportError as error:
            raise _missing("database", "database", error) from error
        asked = self._read("database")
        if "url" not in asked:
            raise InvalidOption(
                "nothing says which database is meant", hint="set services.database.url"
            )
        return Database(asked["url"], Bounds(**_fitting(asked, Bounds)))

    def notifications(self) -> "Notifications":
        from tidemill.services.notifications import Notifications  # noqa: PLC0415 - as above

        return Notifications(self.mail, self._read("notifications"))

    @cached_property
    def mail(self) -> "Mail":
        from tidemill.services.breakers import Breakers  # noqa: PLC0415 - as above
        from tidemill.services.mail import TERMS, Mail  # noqa: PLC0415 - as above

        store = self._client.store
        return Mail(self._post, Breakers(store, TERMS), store.clock)

    def browser(self) -> "Browser":
        try:
            from tidemill.services.browser import Browser, Equipment  # noqa: PLC0415 - as above
        except ImportError as error:
            raise _missing("browser", "browser", error) from error
        return Browser(
            reach_of(self._table), Equipment(**_fitting(self._read("browser"), Equipment))
        )

    def _read(self, service: str) -> dict[str, Any]:
        """What is set for a service, lengths of time in milliseconds."""
        begin = f"{service}."
        said = {
            name.removeprefix(begin): value
            for name, value in self._table.items()
            if name.startswith(begin)
        }
        return {name: millis(value) if name in _LENGTHS else value for name, value in said.items()}


_LENGTHS: Final = {"connect", "read", "timeout", "window", "rest", "longest", "patience"}


def _fitting(asked: Table, kind: type[Struct]) -> dict[str, Any]:
    """What is a field of this kind."""
    return {name: asked[name] for name in kind.__struct_fields__ if name in asked}


def _missing(service: str, extra: str, error: ImportError) -> InvalidOption:
    return InvalidOption(
        f"the service {service} needs {error.name}, which is not installed",
        hint=f"pip install 'tidemill[{extra}]'",
    )
