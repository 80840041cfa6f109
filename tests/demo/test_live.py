"""What the demo shows: it fits 80 columns, and nothing jumps from one look to the next."""

import io

import pytest
from rich.console import Console

from tidemill.demo.live import SHOWN, Screen, line, picture
from tidemill.demo.look import Look, Queue
from tidemill.demo.report import Failure

LONG = Failure("test/" + "deep/" * 20 + "broken.py", "SyntaxError", "invalid [bold]syntax\nmore")

BEGUN = Look(
    1790, 0, 0.0, tuple(Queue(name, {}, 0.0) for name in ("measure", "report", "stock")), (), (), 0
)
BUSY = Look(
    1_234_567,
    765_432,
    3_600.4,
    (
        Queue("measure", {"waiting": 469_132, "running": 12, "completed": 765_400}, 1234.5),
        Queue("report", {"blocked": 1}, 0.0),
        Queue("stock", {"completed": 360, "retrying": 1}, 0.1),
    ),
    (LONG,) * 5,
    tuple(range(1_000_001, 1_000_033)),
    7,
)


def drawn(look: Look, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(picture(look))
    return capture.get().splitlines()


@pytest.mark.parametrize("look", [BEGUN, BUSY])
def test_it_fits_eighty_columns(look: Look) -> None:
    assert max(map(len, drawn(look))) <= 80


def test_its_height_is_always_the_same() -> None:
    assert len(drawn(BEGUN)) == len(drawn(BUSY)) <= 24


def test_it_shows_the_counts_the_last_failures_and_whom_one_may_kill() -> None:
    text = "\n".join(drawn(BUSY))
    for shown in ("469,132", "765,400", "1234.5", "765,432 of 1,234,567 files in 3600 s"):
        assert shown in text
    assert text.count("test/deep/") == SHOWN
    assert "kill -9 1000001" in text
    assert "more" not in text  # of a message, the first line


def test_it_says_that_workers_were_started_anew() -> None:
    look = Look(9, 1, 1.0, BEGUN.queues, (), (17, 18), 1)
    assert "worker processes 17 18, 1 started anew" in "\n".join(drawn(look))


def test_a_line_tells_the_same_in_short() -> None:
    assert line(BUSY).startswith(
        "3600 s  765,432 of 1,234,567 files, 1234.6 per s, 5 failed, workers 1000001 "
    )


def test_in_a_pipe_there_is_a_plain_line_every_two_seconds_and_at_the_end() -> None:
    written = io.StringIO()
    with Screen(Console(file=written)) as screen:
        for tenths in range(0, 45, 5):
            screen.show(Look(9, tenths, tenths / 10, BEGUN.queues, (), (), 0))
        screen.show(Look(9, 9, 4.1, BEGUN.queues, (), (), 0), last=True)
    shown = written.getvalue().splitlines()
    assert [text.split()[0] for text in shown] == ["0", "2", "4", "4"]
    assert "\x1b" not in written.getvalue()


def test_on_a_terminal_the_picture_is_drawn_in_its_place() -> None:
    written = io.StringIO()
    console = Console(file=written, width=80, force_terminal=True)
    with Screen(console) as screen:
        screen.show(BEGUN)
        screen.show(BUSY)
    assert "\x1b[1A" in written.getvalue()  # the cursor goes up to draw over the look before
    assert written.getvalue().endswith("\x1b[?25h")  # and is shown again in the end
