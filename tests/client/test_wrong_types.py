"""Values of the wrong kind, given to the front door: each is refused in our own words."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tidemill import Concurrency, Retry, Snooze, Tidemill, Unique, unique
from tidemill.core.errors import (
    InvalidArguments,
    InvalidName,
    InvalidOption,
    PayloadTooLarge,
    Unserialisable,
)
from tidemill.core.instants import to_datetime
from tidemill.tasks.directives import Cancel

app: Any = Tidemill("memory://")  # wrong on purpose is what the type checker would not allow


@app.task  # type: ignore[untyped-decorator]  # as above
def untyped(x: object = None) -> None: ...


work: Any = untyped


five: Any = 5
WRONG: list[object] = [5, b"x", ["a"], object]

NAMED: dict[str, Callable[[Any], object]] = {
    "queue": lambda wrong: work.using(queue=wrong),
    "tenant": lambda wrong: work.using(tenant=wrong),
    "tag": lambda wrong: work.using(tags=[wrong]),
    "key": lambda wrong: work.using(key=wrong),
    "source": lambda wrong: work.using(source=wrong),
    "batch": lambda wrong: work.using(batch=wrong),
    "task": lambda wrong: app.task(name=wrong)(lambda: None),
    "paused": app.queues.pause,
    "note": lambda wrong: app.queues.pause("q", wrong),
    "reason": lambda wrong: app.jobs.cancel(reason=wrong, queues=["q"]),
    "directive": Cancel,
    "event": app.events.emit,
    "said by": lambda wrong: app.events.emit("x", source=wrong),
    "job": app.jobs.get,
    "after": lambda wrong: work.using(after=[wrong]),
}


@pytest.mark.parametrize("wrong", WRONG, ids=["int", "bytes", "list", "class"])
@pytest.mark.parametrize("where", NAMED)
def test_what_is_no_text_is_no_name(where: str, wrong: object) -> None:
    with pytest.raises(InvalidName, match=r"not allowed|cannot be kept"):
        NAMED[where](wrong)


@pytest.mark.parametrize(
    "words", ["half a pair \ud800", "nul \0", "x" * 20_000], ids=["half", "nul", "long"]
)
def test_words_that_no_store_keeps_are_refused(words: str) -> None:
    with pytest.raises(InvalidName, match="cannot be kept"):
        Cancel(words)
    with pytest.raises(InvalidName, match="cannot be kept"):
        app.queues.pause("q", words)


@pytest.mark.parametrize(
    "length",
    [2**63, 10**5_000, 1e308, timedelta.max, "9" * 400 + "s"],
    ids=["large", "huge", "float", "delta", "text"],
)
def test_a_duration_beyond_all_sense_is_refused(length: Any) -> None:
    for ask in (
        lambda: work.using(delay=length),
        lambda: work.using(timeout=length),
        lambda: work.using(expires=length),
        lambda: Snooze(length),
        lambda: Retry.exponential(base=length),
    ):
        with pytest.raises(InvalidOption, match=r"1000 years|not finite|cannot be read"):
            ask()


@pytest.mark.parametrize("moment", ["tomorrow", 5, date(2026, 1, 1), None])
def test_what_is_no_datetime_is_no_moment(moment: Any) -> None:
    with pytest.raises(InvalidOption, match="names no point in time"):
        work.using(at=moment)


def test_a_moment_behind_the_last_one_is_shown_as_the_last_one() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    job = work.using(at=last, expires="900d").enqueue()
    expires_at = job.snapshot().expires_at
    assert expires_at is not None
    assert to_datetime(expires_at) == last


@pytest.mark.parametrize(
    "ask",
    [
        lambda: work.using(retry=3),
        lambda: work.using(unique=True),
        lambda: work.using(tags=5),
        lambda: app.task(tags=5)(lambda: None),
        lambda: app.task(give_up_on=5)(lambda: None),
        lambda: app.task(concurrency=Concurrency(most=1, key=five))(lambda: None),
        lambda: app.schedules.create("s", work.bind(), pattern="0 2 * * *", tz=5),
        lambda: app.__class__(5).open(),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(InvalidOption):
        ask()


def test_a_long_name_is_not_repeated_in_full() -> None:
    with pytest.raises(InvalidName) as refused:
        work.using(queue="x" * 10_000)
    assert len(str(refused.value)) < 300


def test_the_payload_of_an_event_has_the_same_bounds_as_a_result() -> None:
    with pytest.raises(Unserialisable, match=r"payload of event a\.b: NaN"):
        app.events.emit("a.b", float("nan"))
    with pytest.raises(PayloadTooLarge, match=r"payload of event a\.b"):
        app.events.emit("a.b", "x" * 2_000_000)


def on_event(event: object) -> None: ...


def test_handlers_of_events_are_declared_by_text() -> None:
    with pytest.raises(InvalidName, match="event pattern 5"):
        app.on(5)(on_event)


BOUND: Any = work.bind()


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: app.worker(queues="mail"), r"queues='mail' is one .* queues=\['mail'\]"),
        (lambda: app.worker(queues=5), "queues of type int are none"),
        (lambda: app.worker(concurrency="4"), "concurrency='4' is not possible"),
        (lambda: app.jobs.find(queues="mail"), "queues='mail' is one string"),
        (lambda: app.jobs.find(states="failed"), "states='failed' is one string"),
        (lambda: app.jobs.cancel(tags="mail"), "tags='mail' is one string"),
        (lambda: app.jobs.find(tasks=work), "tasks of type PlainTask are none"),
        (lambda: app.jobs.find(tasks=[work]), "task name of type PlainTask is not allowed"),
        (lambda: work.using(tags="mail"), "tags='mail' is one string"),
        (lambda: Unique(by="user"), "by='user' is not the names of parameters"),  # type: ignore[arg-type]  # as above
        (lambda: unique(five), r"by=\(5,\) is not the names"),
        (lambda: app.enqueue_many(BOUND), "is not several calls"),
        (lambda: app.enqueue_many([work]), "<Task .*untyped> is no bound call"),
        (lambda: app.batch(BOUND, BOUND), "is not several calls"),
        (lambda: app.batch(work, [BOUND]), "<Task .*untyped> is no bound call"),
        (lambda: app.enqueue(work), "<Task .*untyped> cannot be enqueued so"),
        (lambda: app.enqueue(BOUND, delay="1m"), "cannot be enqueued so"),
        (lambda: app.schedule("0 2 * * *")(len), "is no task .write @app.schedule above @app.task"),
        (lambda: app.schedule(work), "is no pattern"),
        (lambda: app.queues.limit("mail", most="3"), "concurrency='3' is not possible"),
        (lambda: app.queues.limit("mail", rate="3/m"), "rate='3/m' is no RateLimit"),
        (lambda: app.queues.limit("mail", fair="yes"), "fair='yes' is not possible"),
        (lambda: Retry.fixed(attempts="3"), "attempts='3' is not possible"),  # type: ignore[arg-type]  # as above
    ],
)  # fmt: skip
def test_what_is_taken_amiss_is_refused_with_what_to_write(
    ask: Callable[[], object], said: str
) -> None:
    with pytest.raises((InvalidOption, InvalidName), match=said):
        ask()


def test_one_handler_has_one_pattern() -> None:
    once = app.on("first.*")(app.task(name="heard")(on_event))
    assert app.on("first.*")(once) is once
    with pytest.raises(InvalidOption, match=r"heard handles the events first\.\* already"):
        app.on("second.*")(once)


def test_what_runs_alongside_a_worker_runs_beside_its_roster() -> None:
    assert app.worker(alongside=[])


@pytest.mark.parametrize("text", ["half a pair \ud800", "nul \0", 5], ids=["half", "nul", "int"])
@pytest.mark.parametrize("name", ["tenant", "unique_key", "source", "text"])
def test_a_text_that_is_nowhere_is_not_looked_for(name: str, text: Any) -> None:
    with pytest.raises(InvalidArguments, match=f"^{name} .* is nowhere"):
        app.jobs.find(**{name: text})
    with pytest.raises(InvalidArguments, match=f"^{name} .* is nowhere"):
        app.jobs.cancel(**{name: text})


@pytest.mark.parametrize("name", ["queue", "task", "tenant"])
def test_a_text_that_is_nowhere_has_no_statistics(name: str) -> None:
    with pytest.raises(InvalidArguments, match=f"^{name} .* is nowhere"):
        app.jobs.statistics(datetime.now(UTC), **{name: "nul \0"})


@pytest.mark.parametrize(
    "position",
    [10**30, -(10**30), 2**63, 10**5_000, "1", True],
    ids=["many", "below", "64 bits", "digits", "text", "bool"],
)
def test_events_are_read_from_a_position_that_there_could_be(position: Any) -> None:
    with pytest.raises(InvalidArguments, match="no position in a log"):
        app.events.read(after=position)
