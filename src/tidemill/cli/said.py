"""How what a program logs is written on its console."""

import logging
from textwrap import indent
from types import TracebackType
from typing import Final

from tidemill.cli.render import plain

_FORMAT: Final = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


class OneLine(logging.Formatter):
    """Each message on one line, and a traceback indented below, whoever has written what is in it.

    Whatever a line begins with is our own word; and nothing in it steers a terminal.
    """

    def __init__(self) -> None:
        """Write in the form of all our programs."""
        super().__init__(_FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line."""
        return plain(super().formatMessage(record)).replace("\n", "\\n")

    def formatException(  # noqa: N802 - logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """The traceback below it."""
        return indent(plain(super().formatException(ei)), "  ", lambda _: True)


def log_to_console() -> None:
    """Write on the console what this program logs, unless its application has seen to that."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
