"""The context: what a handler of a module is given, and the six services that it asks."""

from collections.abc import Mapping
from typing import Any, Generic, Self, TypeVar

from msgspec import Struct

from tidemill import JobContext, current

C = TypeVar("C")


class Services:
    """What a handler may ask of others, as far as its module has permission."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        """Hand these out."""
        self._given = given

    @property
    def browser(self) -> Any:
        """Drives Chromium: `launch`, `new_page`, `goto`, `evaluate`, `content`, `close`."""
        return self._given["browser"]

    @property
    def notifications(self) -> Any:
        """Tells people: `send(channel, to, subject, body)`."""
        return self._given["notifications"]

    @property
    def http(self) -> Any:
        """Asks third parties, with headers, a timeout and more than one try."""
        return self._given["http"]

    @property
    def logger(self) -> Any:
        """Writes lines with fields into the log of the execution."""
        return self._given["logger"]

    @property
    def database(self) -> Any:
        """Asks the platform's database: `query(sql, params)`."""
        return self._given["database"]

    @property
    def events(self) -> Any:
        """Says that something happened: `emit(name, payload)`."""
        return self._given["events"]


class Context(Struct, Generic[C], frozen=True, rename="camel"):
    """What a handler is given; of it, the job and its configuration are kept with the execution.

    A handler says by its annotation what the configuration has to be: a job whose configuration
    does not fit is refused when it is defined, not when it runs.

    Attributes:
        job_id: the definition that is executed.
        config: the configuration, as the definition has it.
    """

    job_id: str
    config: C

    @classmethod
    def of_event(cls, config: C) -> Self:
        """The context of a handler that an event has called, which no definition configures."""
        return cls(current().task, config)

    @property
    def execution_id(self) -> str:
        """This execution's own id."""
        return current().id

    @property
    def job(self) -> JobContext:
        """What the platform knows of the execution: its attempt, progress, checkpoint."""
        return current()

    @property
    def services(self) -> Services:
        """The six services."""
        return Services(current().services)
