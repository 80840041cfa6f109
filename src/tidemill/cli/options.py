"""Options that several commands share, and the store that they mean."""

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from tidemill.app import Tidemill
from tidemill.cli import render
from tidemill.cli.shell import Shell
from tidemill.client.lookup import FilterKeywords
from tidemill.core.errors import InvalidOption
from tidemill.core.instants import Instant, millis, to_datetime
from tidemill.core.state import State
from tidemill.engines import is_server
from tidemill.settings import KEY, Settings, load
from tidemill.settings.known import DEFAULT_URL

if TYPE_CHECKING:
    from tidemill.remote.remote import Remote

Asked: TypeAlias = "Shell | Remote"
"""Whom a command asks: the store itself, or a server before one. Both have the same words."""

LOOK_EVERY: Final = 0.5
"""Seconds between looks at what is followed: as often as a person reads."""

_DATABASES: Final = ("postgresql://", "postgres://")

_STATES: Final = ", ".join(state.value for state in State)

Url = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help="The store, as sqlite:///jobs.db, or a server, https://…; else the one that is set.",
    ),
]
StoreUrl = Annotated[
    str,
    typer.Option(metavar="URL", help="The store, as sqlite:///jobs.db; else the one that is set."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, one document.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="The jobs meant.")]
States = Annotated[
    list[str] | None, typer.Option("--state", metavar="STATE", help=f"In this state: {_STATES}.")
]
QueueNames = Annotated[
    list[str] | None, typer.Option("--queue", metavar="NAME", help="In this queue.")
]
TaskNames = Annotated[
    list[str] | None, typer.Option("--task", metavar="NAME", help="Of this task.")
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", metavar="TAG", help="With this tag; several: with all.")
]
Tenant = Annotated[str | None, typer.Option(metavar="NAME", help="Of this tenant.")]
Text = Annotated[str | None, typer.Option(metavar="TEXT", help="With this in the arguments.")]
Since = Annotated[
    str | None, typer.Option(metavar="TIME", help="Enqueued since: 2d ago, or 2026-11-30T08:00.")
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Enqueued before, written alike.")]


def store(url: str, *, make: bool = False) -> Asked:
    """Whom a command asks: the store itself, or a server before one.

    What is changed is told in the audit log: in a store as done by whoever runs the command, by a
    server as done by whoever has the key.

    Args:
        url: where; empty: as an application's default.
        make: see `store_itself`.

    Raises:
        InvalidOption: it is a server, and there is no key, or its URL will not do.
    """
    named = url or load().get("url", DEFAULT_URL)
    if not is_server(named):
        return Shell(store_itself(named, make=make))
    try:
        from tidemill.remote.remote import Remote  # noqa: PLC0415 - who asks a store needs none
    except ImportError as error:
        raise InvalidOption(
            "what asks servers is not installed", hint="pip install 'tidemill[remote]'"
        ) from error
    return Remote(named, os.environ.get(KEY, ""))


def store_itself(url: str, *, make: bool = False) -> Tidemill:
    """The application that knows no task: enough to look at a store from inside.

    Args:
        url: where; empty: as an application's default. A server's is refused when it is opened.
        make: whether a store that is not there is made; looking at one must not, and raises
            `StoreMissing` when it is opened.
    """
    app = Tidemill(url or None)
    app.store.makes = make
    return app


def the_application(named: str, settings: Settings) -> str:
    """The application that is named, here or else by the settings.

    Raises:
        InvalidOption: none is.
    """
    found = named or settings.get("app", "")
    if not found:
        raise InvalidOption(
            "no application is named",
            hint="give --app MODULE:NAME, or set app in tidemill.toml or TIDEMILL_APP",
        )
    return found


def database(url: str) -> str:
    """The PostgreSQL database that is named, here or else in the environment; empty: none.

    What the environment names besides is for other commands: a file there is somebody's own.

    Raises:
        InvalidOption: something else is named here.
    """
    if not url:
        named = os.environ.get("TIDEMILL_URL", "")
        return named if named.startswith(_DATABASES) else ""
    if not url.startswith(_DATABASES):
        raise InvalidOption(
            f"--url begins with {url.partition(':')[0]}:, which is no PostgreSQL database",
            hint="name a database, postgresql://user@host/database, or leave --url out",
        )
    return url


When: TypeAlias = Callable[[Instant], datetime]
"""A moment that was typed, given the time now: it may be said to be so long ago."""


def when(written: str, where: tzinfo | None = None) -> When:
    """A moment as it is typed: so long ago, or a date, perhaps with a time.

    Args:
        written: a date without an offset is one of the zone.
        where: the zone; `None`: the local one.

    Raises:
        InvalidOption: it is neither.
    """
    text = written.removesuffix("ago").strip()
    try:
        ago = millis(text)
    except InvalidOption:
        pass
    else:
        return lambda now: to_datetime(max(now - ago, 0))
    try:
        moment = datetime.fromisoformat(text)
        if where is None or moment.tzinfo:
            moment = moment.astimezone()
        else:
            moment = moment.replace(tzinfo=where)
    except (ValueError, OverflowError):
        raise InvalidOption(
            f"{written!r} is no moment", hint="write so long ago, as 90m or 2d, or 2026-11-30T08:00"
        ) from None
    return lambda _: moment


def confirm(question: str) -> None:
    """Go on only if a person says yes; who cannot be asked has to say so beforehand."""
    try:
        agreed = typer.confirm(question)
    except typer.Abort:
        if sys.stdin.isatty():
            raise  # a person has answered, by Ctrl-C
        raise InvalidOption("nobody answered", hint="--yes goes on without a question") from None
    if not agreed:
        render.echo("Nothing was changed.")
        raise typer.Exit(1)


@contextmanager
def until_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end what is being followed, as the one who followed it has wished."""
    try:
        yield
    except KeyboardInterrupt:
        render.echo(err=True)


class Which:
    """The jobs that options mean; none were given if it is false."""

    def __init__(self, keywords: FilterKeywords, since: str | None, until: str | None) -> None:
        """Read the moments, which may be counted back from a now that is not known yet.

        Raises:
            InvalidOption: one is none.
        """
        self._keywords = keywords
        self._since = when(since) if since else None
        self._until = when(until) if until else None

    def __bool__(self) -> bool:
        return bool(self._keywords or self._since or self._until)

    def at(self, app: Asked) -> FilterKeywords:
        """The filter, its moments counted by the clock of whoever is asked."""
        which = FilterKeywords(**self._keywords)
        if self._since:
            which["created_from"] = self._since(app.now())
        if self._until:
            which["created_before"] = self._until(app.now())
        return which


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which jobs are meant; it is handed them as `which`."""
    options = inspect.signature(_written).parameters
    own = [each for name, each in inspect.signature(command).parameters.items() if name != "which"]

    @wraps(command)
    def with_options(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in options}
        command(which=_written(**chosen), **given)

    parameters = [*own, *options.values()]
    with_options.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # typer reads it
        [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    )
    with_options.__annotations__ = {each.name: each.annotation for each in parameters}
    return with_options


def _written(
    *,
    states: States = None,
    queues: QueueNames = None,
    tasks: TaskNames = None,
    tags: Tags = None,
    tenant: Tenant = None,
    text: Text = None,
    since: Since = None,
    until: Until = None,
) -> Which:
    """Which jobs the options mean."""
    which = FilterKeywords()
    if states:
        which["states"] = states
    if queues:
        which["queues"] = queues
    if tasks:
        which["tasks"] = tasks
    if tags:
        which["tags"] = tags
    if tenant is not None:
        which["tenant"] = tenant
    if text:
        which["text"] = text
    return Which(which, since, until)
