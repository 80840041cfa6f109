"""Options that several commands share, and the store that they mean."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Annotated, Any, Final

import typer

from tidemill.app import Tidemill
from tidemill.client.lookup import FilterKeywords
from tidemill.core.errors import StoreMissing
from tidemill.core.instants import millis
from tidemill.core.state import State
from tidemill.engines import file_of

_STATES: Final = ", ".join(state.value for state in State)

Url = Annotated[
    str,
    typer.Option(
        envvar="TIDEMILL_URL", metavar="URL", help="The store: sqlite:///jobs.db, and so on."
    ),
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
    str | None, typer.Option(metavar="TIME", help="Enqueued no longer ago than this: 90m, 2d.")
]


def store(url: str, *, make: bool = False) -> Tidemill:
    """The application that knows no task: enough to look at a store and to ask things of it.

    Args:
        url: where; empty: as an application's default.
        make: whether a store that is not there is made; looking at one must not.

    Raises:
        StoreMissing: nothing is there.
    """
    app = Tidemill(url or None)
    path = file_of(app.url)
    if path is not None and not make and path.parent.is_dir() and not path.exists():
        raise StoreMissing(
            f"there is no store at {path.absolute()}",
            hint="name it by --url or TIDEMILL_URL; `tidemill engine migrate` makes a new one",
        )
    return app


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
) -> FilterKeywords:
    """Which jobs the options mean; empty when none is given."""
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
    if since:
        which["created_from"] = datetime.now(UTC) - timedelta(milliseconds=millis(since))
    return which
