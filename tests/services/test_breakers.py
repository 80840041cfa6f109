"""Hosts that fail are left in peace by all nodes, and asked again by one."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.third_party import Answer, ThirdParty
from tidemill import Retry, Tidemill, current
from tidemill.core.errors import HostUnavailable
from tidemill.services.breaker import WELL, Health, Terms, failed
from tidemill.services.breakers import Breakers, Shut
from tidemill.services.http_calls import Http, Manners
from tidemill.services.outbound import Reach
from tidemill.services.outlet import Outlet
from tidemill.services.retry_after import retry_after
from tidemill.testing.clock import ManualClock

HOST = "api.example.org:443"
TERMS = Terms(failures=3, window=10_000, rest=1_000, longest=4_000)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def stored(store_url: str, clock: ManualClock) -> Iterator[Tidemill]:
    with Tidemill(store_url, clock=clock) as app:
        yield app


def node(app: Tidemill) -> Breakers:
    """What one process knows of hosts."""
    return Breakers(app.store, TERMS)


async def cut_off(breakers: Breakers) -> None:
    for _ in range(TERMS.failures):
        await breakers.failed(HOST, trial=False)


class TestRules:
    def test_failures_in_a_row_within_the_window_open_it(self) -> None:
        health = WELL
        for at in (1_000, 9_000, 11_500):  # the first is too long ago for the third
            health = failed(health, TERMS, at, trial=False)
        assert not health.is_open
        health = failed(health, TERMS, 12_000, trial=False)
        assert (health.since, health.until) == (12_000, 13_000)

    def test_each_trial_that_fails_doubles_the_rest_up_to_the_longest(self) -> None:
        health, now, rests = Health(since=1, until=1, rests=0), 1, []
        for _ in range(5):
            health = failed(health, TERMS, now, trial=True)
            rests.append(health.until - now)
            now = health.until
        assert rests == [1_000, 2_000, 4_000, 4_000, 4_000]

    def test_one_that_has_been_away_for_long_is_asked_less_often(self) -> None:
        away = Health(since=1, rests=30)
        for hours, rest in ((0.01, 4_000), (0.1, 36_000), (1, 300_000), (100, 300_000)):
            now = 1 + int(hours * 3_600_000)
            assert failed(away, TERMS, now, trial=True).until - now == rest

    def test_a_late_failure_neither_prolongs_nor_shortens_a_rest(self) -> None:
        health = Health(since=1, until=5_000, rest=1_000, rests=1)
        assert failed(health, TERMS, 4_000, trial=False) == health
        assert failed(health, TERMS, 4_000, trial=False, asked=500) == health
        assert failed(health, TERMS, 4_000, trial=False, asked=9_000).until == 13_000

    def test_a_clock_that_is_ahead_cuts_nobody_off_for_long(self) -> None:
        ahead = failed(WELL, Terms(failures=1), 3_600_000, trial=False)
        assert ahead.shut_until(1_000) == 0
        assert ahead.shut_until(3_600_000) == ahead.until

    @given(
        steps=st.lists(
            st.tuples(st.integers(0, 60_000), st.booleans(), st.none() | st.integers(0, 10**10)),
            max_size=30,
        )
    )
    def test_whatever_happens_no_rest_is_longer_than_an_hour(
        self, steps: list[tuple[int, bool, int | None]]
    ) -> None:
        health, now = WELL, 1
        for wait, trial, asked in steps:
            now += wait
            health = failed(health, TERMS, now, trial=trial and health.is_open, asked=asked)
            assert health.shut_until(now) <= now + 3_600_000
            assert health.is_open == (health.since > 0)


class TestAmongNodes:
    async def test_what_one_has_met_is_known_to_the_others(
        self, stored: Tidemill, clock: ManualClock
    ) -> None:
        one, other = node(stored), node(stored)
        assert not await other.enter(HOST, 1_000)
        await cut_off(one)
        with pytest.raises(Shut):
            await node(stored).enter(HOST, 1_000)
        clock.advance("1s")  # so long the other one believes what it has read
        assert await node(stored).enter(HOST, 30_000)
        with pytest.raises(Shut):
            await other.enter(HOST, 1_000)

    async def test_failures_of_several_count_together(self, stored: Tidemill) -> None:
        nodes = [node(stored) for _ in range(3)]
        healths = [await each.failed(HOST, trial=False) for each in nodes]
        assert [health.is_open for health in healths] == [False, False, True]

    async def test_one_trial_is_let_through_over_all(
        self, stored: Tidemill, clock: ManualClock
    ) -> None:
        nodes = [node(stored) for _ in range(4)]
        await cut_off(nodes[0])
        clock.advance("1s")
        asked = [each.enter(HOST, 30_000) for each in nodes for _ in range(5)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert answers.count(True) == 1
        assert sum(isinstance(answer, Shut) for answer in answers) == 19

    async def test_it_closes_for_all_when_the_trial_is_answered(
        self, stored: Tidemill, clock: ManualClock
    ) -> None:
        one, other = node(stored), node(stored)
        await cut_off(one)
        clock.advance("1s")
        assert await one.enter(HOST, 30_000)
        await one.succeeded(HOST, trial=True)
        assert not await other.enter(HOST, 30_000)

    async def test_a_trial_that_is_never_heard_of_again_makes_room_for_another(
        self, stored: Tidemill, clock: ManualClock
    ) -> None:
        one, other = node(stored), node(stored)
        await cut_off(one)
        clock.advance("1s")
        assert await one.enter(HOST, 30_000)
        with pytest.raises(Shut):
            await other.enter(HOST, 30_000)
        clock.advance("30s")
        assert await other.enter(HOST, 30_000)

    async def test_a_success_wipes_out_the_failures_before_it(self, stored: Tidemill) -> None:
        breakers = node(stored)
        for _ in range(5):
            await breakers.failed(HOST, trial=False)
            await breakers.failed(HOST, trial=False)
            await breakers.succeeded(HOST, trial=False)
        assert not await breakers.enter(HOST, 1_000)

    async def test_hosts_do_not_answer_for_each_other(self, stored: Tidemill) -> None:
        breakers = node(stored)
        await cut_off(breakers)
        assert not await breakers.enter("other.example.org:443", 1_000)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_without_a_store_each_goes_by_what_it_has_seen(
    stored: Tidemill, clock: ManualClock
) -> None:
    breakers = node(stored)
    engine = await stored.aopen()
    await engine.close()
    assert not await breakers.enter(HOST, 1_000)
    await cut_off(breakers)
    with pytest.raises(Shut):
        await breakers.enter(HOST, 1_000)
    clock.advance("1s")
    assert await breakers.enter(HOST, 1_000)


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": " 120 "}, 120_000),
        ({"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, 10_000),
        (
            {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT",
             "Date": "Sun, 06 Nov 1994 08:48:37 GMT"},
            60_000,
        ),
        ({"Retry-After": "Sun, 06 Nov 1994 08:49:17 GMT"}, 0),
        ({}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "9" * 5_000}, None),
        ({"Retry-After": "Sun, 99 Nov 1994 08:49:37 GMT"}, None),
    ],
)  # fmt: skip
def test_a_host_says_how_long_it_wants_rest(headers: dict[str, str], asked: int | None) -> None:
    now = 784_111_777_000 - 10_000  # ten seconds before the moment that RFC 9110 has
    assert retry_after(headers, now) == asked


class TestInJobs:
    """One third party, and a worker whose time stands still but for what a test winds."""

    @pytest.fixture
    def app(self, own_app: Tidemill, clock: ManualClock) -> Iterator[Tidemill]:
        with Tidemill(own_app.url, clock=clock) as app:

            @app.task(name="ask", retry=Retry.fixed(attempts=8, base="1s"), timeout="1h")
            async def ask(url: str) -> int:
                answer = await current().services["http"].post(url)
                answer.raise_for_status()
                return int(answer.status_code)

            yield app

    @pytest.mark.parametrize("status", [429, 503])
    @pytest.mark.parametrize("as_date", [False, True])
    async def test_a_host_that_asks_for_rest_gets_it_from_every_job(
        self, app: Tidemill, clock: ManualClock, third: ThirdParty, status: int,
        as_date: bool,  # noqa: FBT001 - of a parameter
    ) -> None:  # fmt: skip
        # By the clock of the host, which it tells itself; ours shows another year.
        moment = format_datetime(datetime.now(UTC) + timedelta(seconds=121), usegmt=True)
        wish = ("Retry-After", moment if as_date else "120")
        third.behave = lambda _: Answer(status, headers=(wish,))
        jobs = [app.enqueue("ask", {"url": f"{third.url}/{n}"}) for n in range(20)]
        await app.worker(async_concurrency=1).run_until_idle()
        assert len(third.asked) == 1
        third.behave = lambda _: Answer()
        clock.advance("119s")
        await app.worker().run_until_idle()
        assert len(third.asked) == 1
        clock.advance("121s")
        await app.worker().run_until_idle()
        for _ in range(3):
            clock.advance("125s")
            await app.worker().run_until_idle()
        seen = [app.jobs.get(job).seen for job in jobs]
        assert {(job.state, job.attempt) for job in seen if job} == {("completed", 1)}
        assert len(third.asked) == 21

    async def test_a_request_that_itself_makes_a_host_fail_does_not_wait_for_ever(
        self, app: Tidemill, clock: ManualClock, third: ThirdParty
    ) -> None:
        third.behave = lambda _: Answer(500)
        job = app.enqueue("ask", {"url": third.url})
        for _ in range(6):
            await app.worker().run_until_idle()
            clock.advance("1s")
        assert app.jobs.get(job).state == "scheduled"  # the host is cut off, by its doing
        for _ in range(12):
            clock.advance("40s")
            await app.worker().run_until_idle()
        assert app.jobs.get(job).state == "failed"

    async def test_jobs_wait_for_a_host_that_cannot_be_reached_as_long_as_there_is_patience(
        self, app: Tidemill, clock: ManualClock, third: ThirdParty
    ) -> None:
        third.behave = lambda _: Answer(503)
        jobs = [app.enqueue("ask", {"url": f"{third.url}/{n}"}) for n in range(6)]
        for _ in range(15):
            await app.worker().run_until_idle()
            clock.advance("40m")
        assert {app.jobs.get(job).state for job in jobs} == {"scheduled"}
        for _ in range(30):
            await app.worker().run_until_idle()
            clock.advance("1h")
        assert {app.jobs.get(job).state for job in jobs} == {"failed"}


async def test_outside_of_a_job_one_is_told(own_app: Tidemill, third: ThirdParty) -> None:
    reach = Reach(allowed=("127.0.0.1",))
    breakers = Breakers(own_app.store, Terms(failures=1))
    http = Http(own_app.store, breakers, Outlet(reach), reach, Manners(tries=1))
    third.behave = lambda _: Answer(503, headers=(("Retry-After", "7"),))
    assert (await http.get(third.url)).status_code == 503
    with pytest.raises(HostUnavailable) as told:
        await http.get(third.url)
    assert told.value.wait == 7
    await http.aclose()
