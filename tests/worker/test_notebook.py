"""Notes are throttled where they may be, bounded where they must be, and never lose the last."""

import msgspec

from tidemill.core.job import Progress
from tidemill.testing.sample import a_claim
from tidemill.worker.notebook import MOST_LINES, Notebook


def a_notebook() -> Notebook:
    return Notebook(a_claim(tenant="acme"), lambda _: None)


def test_progress_is_handed_over_ten_times_a_second_at_most() -> None:
    book = a_notebook()
    taken = []
    for step in range(100):
        book.show(Progress(step))
        note, held = book.take(step / 100)
        if note is not None:
            taken.append(note.progress)
        else:
            assert held
    assert len(taken) == 10
    book.show(Progress(100))
    note, held = book.take(0.991, last=True)
    assert note
    assert note.progress == Progress(100)
    assert not held


def test_lines_and_checkpoints_are_handed_over_at_once() -> None:
    book = a_notebook()
    book.show(Progress(1))
    book.take(0)
    book.show(Progress(2))
    book.keep(b"1")
    book.keep(b"2")
    book.add("info", "said", {"a": 1})
    note, held = book.take(0.01)
    assert note
    assert held
    assert note.progress is None
    assert note.checkpoint == b"2"
    (line,) = note.lines
    assert line.tenant == "acme"
    assert msgspec.json.decode(line.data) == {"a": 1, "message": "said"}
    assert book.take(0.02) == (None, True)


def test_lines_beyond_the_limit_are_counted() -> None:
    book = a_notebook()
    kept = 0
    for number in range(MOST_LINES + 7):
        book.add("info", str(number), {})
        if number % 100 == 0:
            note, _ = book.take(number)
            kept += len(note.lines) if note else 0
    note, _ = book.take(10_000, last=True)
    assert note
    assert kept + len(note.lines) == MOST_LINES + 1
    assert msgspec.json.decode(note.lines[-1].data)["message"] == "7 more lines were dropped"


def test_a_line_is_kept_whatever_is_in_it() -> None:
    book = a_notebook()
    looped: list[object] = []
    looped.append(looped)
    book.add("info", "half a pair: \ud800", {})
    book.add("info", "an object", {"thing": object()})
    book.add("info", "a loop", {"loop": looped})
    note, _ = book.take(0)
    assert note
    said = [msgspec.json.decode(line.data) for line in note.lines]
    assert said[0]["message"] == "half a pair: \\ud800"
    assert said[1]["thing"].startswith("<object object")
    assert said[2]["message"] == "a loop"


def test_one_that_is_shut_hands_nothing_over_before_the_end() -> None:
    book = a_notebook()
    book.show(Progress(40))
    assert book.take(0)[0]
    book.add("info", "said", {})
    assert book.shut() == Progress(40)
    book.show(Progress(80))
    assert book.take(1) == (None, False)
    book.reopen()
    note, _ = book.take(2)
    assert note
    assert (note.progress, len(note.lines)) == (Progress(80), 1)
    book.add("info", "more", {})
    assert book.shut() == Progress(80)
    note, _ = book.take(3, last=True)
    assert note
    assert len(note.lines) == 1
