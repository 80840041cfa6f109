"""What is logged on the console: each line begins with our own word, whoever wrote the rest."""

import logging
import sys

from tidemill.cli.said import OneLine

FORGED = "zoe\n2026-01-01 00:00:00,000 1 INFO tidemill: all is well\r\x1b[2J\u2028x"


def record(message: str, *given: object, failed: bool = False) -> logging.LogRecord:
    info = sys.exc_info() if failed else None
    return logging.LogRecord("tidemill", logging.ERROR, "x.py", 1, message, given, info)


def test_a_message_is_one_line() -> None:
    said = OneLine().format(record("user %s failed", FORGED))
    assert said.isprintable()
    assert "zoe" in said
    assert "all is well" in said


def test_a_traceback_stands_apart() -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        said = OneLine().format(record("job %s failed", FORGED, failed=True))
    first, *rest = said.split("\n")
    assert first.isprintable()
    assert len(rest) > 3
    assert all(line.startswith("  ") and line.isprintable() for line in rest)
