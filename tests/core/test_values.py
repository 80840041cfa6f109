"""The small values that everything rests on: times, waits, rates, counts, names, ids."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.core import histogram
from tidemill.core.errors import CircularDependency, InvalidName, InvalidOption
from tidemill.core.event import matches
from tidemill.core.graph import Edge, check_acyclic
from tidemill.core.identity import check_key, check_name, derived_id, new_id
from tidemill.core.instants import from_datetime, millis, to_datetime, words
from tidemill.core.limits import Flow, Rate, rate
from tidemill.core.retry import RetryPolicy, policy

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.mark.parametrize(
    ("written", "length"),
    [("90s", 90_000), ("1h30m", 5_400_000), ("250ms", 250), ("1.5s", 1_500), (2, 2_000),
     (0.5, 500), (timedelta(minutes=1), 60_000), ("1d 2h", 93_600_000), (0, 0)],
)  # fmt: skip
def test_durations_are_read(written: object, length: int) -> None:
    assert millis(written) == length  # type: ignore[arg-type]  # one of each kind


@pytest.mark.parametrize(
    "written", ["", "soon", "1x", "-1s", -1, float("nan"), float("inf"), True, None, "1 000s x"]
)
def test_durations_that_make_no_sense_are_refused(written: object) -> None:
    with pytest.raises(InvalidOption):
        millis(written)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.timeout(10)
@pytest.mark.parametrize("written", ["1" * 1_000_000, "1." * 500_000, " " * 51, "1s" * 26])
def test_durations_that_are_far_too_long_are_refused_at_once(written: str) -> None:
    with pytest.raises(InvalidOption, match=f"of {len(written)} characters"):
        millis(written)


@given(st.integers(0, 10**13))
def test_lengths_said_in_words_are_read_again_within_their_two_units(length: int) -> None:
    said = millis(words(length))
    assert said <= length
    assert length < 1_000 or length - said < max(length * 0.2, 1_000)


@given(st.datetimes(timezones=st.just(UTC)))
def test_points_in_time_come_back_to_the_millisecond(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)
    assert to_datetime(from_datetime(moment)) == moment


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidOption, match="no time zone"):
        from_datetime(datetime(2026, 1, 1))  # noqa: DTZ001 - wrong on purpose


@given(
    st.builds(
        RetryPolicy,
        attempts=st.integers(1, 1_000),
        shape=st.sampled_from(["exponential", "linear", "fixed"]),
        base=st.integers(0, 10**6),
        cap=st.integers(0, 10**7),
        jitter=st.booleans(),
    ),
    st.integers(1, 1_000),
    st.floats(0, 1, exclude_max=True),
)
def test_a_wait_is_never_negative_nor_above_its_cap(
    chosen: RetryPolicy, failures: int, dice: float
) -> None:
    assert 0 <= chosen.wait(failures, dice) <= chosen.cap


@pytest.mark.parametrize("attempts", [0, -1, 1_001, True])
def test_a_number_of_attempts_that_makes_no_sense_is_refused(attempts: int) -> None:
    with pytest.raises(InvalidOption):
        policy("fixed", attempts, "1s", "1h", jitter=True)


@given(
    st.builds(Rate, count=st.integers(1, 50), per=st.integers(10, 10_000)),
    st.lists(st.integers(0, 2_000), max_size=60),
)
def test_a_rate_is_never_exceeded_in_any_window(chosen: Rate, gaps: list[int]) -> None:
    flow, now, starts = Flow(), 1_000_000, []
    for gap in gaps:
        now += gap
        free = flow.free(chosen, now)
        assert 0 <= free <= chosen.count
        flow = flow.take(chosen, now, free)
        starts += [now] * free
        assert flow.free(chosen, now) == 0
        at = flow.next_at(chosen, now)
        assert at > now
        assert flow.free(chosen, at) >= 1
        assert flow.free(chosen, at - 2) == 0  # rounding may cost one
    interval = chosen.per / chosen.count
    for number, begin in enumerate(starts):
        # A burst of `count`, and from then on one start for each interval.
        for later, end in enumerate(starts[number:], start=1):
            assert later <= chosen.count + (end - begin) / interval + 1


@pytest.mark.parametrize(("count", "per", "burst"), [(0, "1s", 0), (1, 0, 0), (5, "1s", 6)])
def test_a_rate_that_makes_no_sense_is_refused(count: int, per: object, burst: int) -> None:
    with pytest.raises(InvalidOption):
        rate(count, per, burst=burst)  # type: ignore[arg-type]  # wrong on purpose


@given(st.lists(st.integers(0, 10**8), min_size=1), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_percentile_lies_in_the_bin_of_the_true_one(lengths: list[int], share: float) -> None:
    counts = [0] * histogram.BINS
    for length in lengths:
        counts[histogram.bin_of(length)] += 1
    told = histogram.percentile(counts, share)
    ranked = sorted(lengths)
    true = ranked[max(-(-len(ranked) * share // 1) - 1, 0).__int__()]
    assert told is not None
    bounds = (0, *histogram.BOUNDS)
    low = max(bound for bound in bounds if bound <= true)
    high = min((bound for bound in bounds if bound > true), default=low)
    assert low <= told <= high


def test_nothing_counted_has_no_percentile() -> None:
    assert histogram.percentile(histogram.EMPTY, 0.5) is None


@pytest.mark.parametrize(
    ("pattern", "name", "meant"),
    [
        ("invoice.paid", "invoice.paid", True),
        ("invoice.*", "invoice.paid", True),
        ("invoice.*", "invoice", False),
        ("invoice.*", "invoice.paid.twice", False),
        ("invoice.**", "invoice", True),
        ("invoice.**", "invoice.paid.twice", True),
        ("**", "anything.at.all", True),
        ("**.paid", "paid", True),
        ("**.paid", "a.b.paid", True),
        ("*.paid", "paid", False),
        ("a.**.z", "a.z", True),
        ("a.**.z", "a.b.c.z", True),
        ("a.**.z", "a.b.c", False),
        ("in-voice.x_1", "in-voice.x_1", True),
        ("a.b", "a-b", False),
    ],
)
def test_a_pattern_means_names(pattern: str, name: str, meant: bool) -> None:  # noqa: FBT001 - a table
    assert matches(pattern, name) is meant


@pytest.mark.parametrize("pattern", ["", ".", "a.", "a..b", "a.***", "a b", "a.*b", "x" * 256])
def test_a_pattern_that_makes_no_sense_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidName):
        matches(pattern, "a")


def test_ids_are_uuids_that_only_grow() -> None:
    made = [new_id() for _ in range(5_000)]
    assert made == sorted(set(made))
    assert all(UUID.fullmatch(each) for each in made)


def test_a_derived_id_depends_on_every_part_and_its_place() -> None:
    made = {derived_id("a", "b"), derived_id("b", "a"), derived_id("ab"), derived_id("a", "b", "")}
    assert len(made) == 4
    assert all(UUID.fullmatch(each) for each in made)
    assert derived_id("a", "b") == derived_id("a", "b")


@pytest.mark.parametrize("name", ["", "-x", ".x", "a b", "a/b", "ä", "x" * 129, "a\n"])
def test_names_that_are_not_allowed(name: str) -> None:
    with pytest.raises(InvalidName):
        check_name("queue", name)


@pytest.mark.parametrize("key", ["", "a\nb", "\x00", "tab\t", "x" * 256])
def test_keys_that_are_not_allowed(key: str) -> None:
    with pytest.raises(InvalidName):
        check_key("key", key)


def test_a_circle_is_named_and_a_diamond_is_none() -> None:
    diamond = [("a", (), None), ("b", (Edge("a"),), None), ("c", (Edge("a"),), None),
               ("d", (Edge("b"), Edge("c")), None)]  # fmt: skip
    check_acyclic(diamond)
    with pytest.raises(CircularDependency, match=r"a -> b -> a|b -> a -> b"):
        check_acyclic([("a", (Edge("b"),), None), ("b", (Edge("a"),), None)])
    with pytest.raises(CircularDependency):
        check_acyclic([("member", (Edge("callback"),), "callback"), ("callback", (), None)])
