"""Jobs and schedules are made on a page: task, arguments, when and how; mistakes are told."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.deeds import ask, ends, heading, state
from tests.dashboard.site import Site
from tests.dashboard.visits import Visits, settle

pytestmark = pytest.mark.timeout(240)

BIG = 12345678901234567890


def made(page: Page) -> str:
    """The id of the job that a page has made and shows now."""
    expect(page).to_have_url(re.compile(r"/jobs/[0-9a-f-]{20,}"))
    return page.url.rpartition("/")[2]


class TestJob:
    def test_a_task_is_found_its_arguments_are_asked_for_and_its_job_runs(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/jobs")
        settle(page)
        page.get_by_role("link", name="New job").click()
        page.get_by_label("Find a task").fill("letter")
        page.get_by_role("radio", name=re.compile("^mail.send")).click()
        expect(page.locator("main")).to_contain_text("Send a letter.")
        page.get_by_role("button", name="Create job").click()
        # What is missing is told beside its field.
        expect(page.locator("main")).to_contain_text("It is needed.")
        page.get_by_label("to", exact=True).fill("crew@example.org")
        page.get_by_label("Timeout of an attempt").fill("soon")
        expect(page.locator("main")).to_contain_text("Write a length such as 90s")
        page.get_by_label("Timeout of an attempt").fill("90s")
        page.get_by_label("Attempts").fill("7")
        page.get_by_label("Priority").select_option("high")
        page.get_by_label("Tags").fill("crew, spring")
        page.get_by_role("button", name="Create job").click()
        job = made(page)
        ends(harbour, job, "completed")
        kept = harbour.app.jobs.get(job).snapshot()
        assert (kept.max_attempts, kept.priority, kept.timeout) == (7, 50, 90_000)
        assert {"crew", "spring"} <= set(kept.tags)
        expect(heading(page)).to_have_text("mail.send has completed")

    def test_arguments_are_written_as_json_too_and_big_numbers_stay_exact(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/jobs/new?task=models.train")
        settle(page)
        page.get_by_role("button", name="JSON", exact=True).click()
        page.get_by_label("Arguments as JSON").fill(f'{{"step": {BIG}')
        page.get_by_role("button", name="Create job").click()
        expect(page.locator("main")).to_contain_text("This is no JSON.")
        page.get_by_label("Arguments as JSON").fill(f'{{"step": {BIG}}}')
        page.get_by_role("button", name="Form", exact=True).click()
        expect(page.get_by_label("step")).to_have_value(str(BIG))
        page.get_by_role("button", name="Create job").click()
        made(page)
        page.get_by_role("link", name="Payload").click()
        expect(page.get_by_role("region", name="Arguments")).to_contain_text(str(BIG))
        # So it is in a result, and in what runs it again.
        job = ask(harbour, "reports.render", month="2026-12")
        ends(harbour, job, "completed")
        page.goto(f"{harbour.url}/jobs/{job}?tab=result")
        expect(page.get_by_role("region", name="Result")).to_contain_text(str(BIG))

    def test_what_was_given_is_kept_when_it_is_run_again_with_something_else(
        self, harbour: Site, visits: Visits
    ) -> None:
        job = ask(harbour, "models.train", step=BIG)
        page = visits(harbour.url, "oto", f"/jobs/{job}")
        settle(page)
        page.get_by_role("button", name="Run again with…").click()
        step = page.get_by_label("step")
        expect(step).to_have_value(str(BIG))
        step.fill("2")
        page.get_by_role("button", name="Create job").click()
        expect(page).not_to_have_url(re.compile("/new"))
        again = made(page)
        assert again != job
        page.get_by_role("link", name="Payload").click()
        expect(page.get_by_role("region", name="Arguments")).to_contain_text("step: 2")

    def test_one_for_later_waits_until_then(self, harbour: Site, visits: Visits) -> None:
        page = visits(harbour.url, "oto", "/jobs/new?task=models.train")
        settle(page)
        page.get_by_label("step").fill("3")
        page.get_by_role("radio", name="At a time").click()
        page.get_by_label("Or so long from now").fill("2h")
        page.get_by_role("button", name="Create job").click()
        job = made(page)
        assert state(harbour, job) == "scheduled"
        expect(page.locator("main")).to_contain_text("It is due in 1 h 59 m")
        page.get_by_role("button", name="Run now").click()
        page.get_by_role("dialog").get_by_role("button", name="Run now 1 job").click()
        expect(heading(page)).to_have_text("models.train is waiting")

    def test_a_draft_is_still_there_for_who_comes_back(self, harbour: Site, visits: Visits) -> None:
        page = visits(harbour.url, "oto", "/jobs/new?task=models.train")
        settle(page)
        page.get_by_label("step").fill("77")
        page.get_by_role("link", name="Queues").click()
        settle(page)
        page.goto(f"{harbour.url}/jobs/new")
        settle(page)
        expect(page.get_by_label("step")).to_have_value("77")
        page.get_by_label("step").press("Control+Enter")
        made(page)


class TestSchedule:
    @pytest.mark.parametrize(
        ("preset", "pattern"),
        [
            ("every minute", "* * * * *"),
            ("5 min", "*/5 * * * *"),
            ("15 min", "*/15 * * * *"),
            ("30 min", "*/30 * * * *"),
            ("hour", "0 * * * *"),
            ("6 hours", "0 */6 * * *"),
            ("daily, midnight", "0 0 * * *"),
            ("daily, noon", "0 12 * * *"),
            ("Monday 9:00", "0 9 * * 1"),
        ],
    )
    def test_patterns_that_are_often_used_are_taken_by_a_press(
        self, harbour: Site, visits: Visits, preset: str, pattern: str
    ) -> None:
        page = visits(harbour.url, "oto", "/schedules/new?task=ledger.sync")
        settle(page)
        page.get_by_role("button", name=preset, exact=True).click()
        expect(page.get_by_label("As one line")).to_have_value(pattern)
        expect(page.get_by_role("table", name="Next 10 runs").locator("tbody tr")).to_have_count(10)

    def test_one_by_hand_only_never_comes_by_itself(self, harbour: Site, visits: Visits) -> None:
        page = visits(harbour.url, "oto", "/schedules/new?task=ledger.sync")
        settle(page)
        page.get_by_role("button", name="manual only").click()
        page.get_by_label("Name").fill("by-hand")
        page.get_by_role("button", name="Create schedule").click()
        expect(heading(page)).to_have_text("by-hand runs by hand only")
        assert harbour.app.schedules.get("by-hand").next_at is None

    def test_one_that_is_not_to_begin_at_once_is_paused_from_the_start(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/schedules/new?task=ledger.sync")
        settle(page)
        begin = page.get_by_label("Begin at once")
        expect(begin).to_be_checked()
        begin.uncheck()
        expect(page.locator("main")).to_contain_text("nothing runs by itself before")
        page.get_by_label("Name").fill("not-yet")
        page.get_by_role("button", name="Create schedule").click()
        expect(heading(page)).to_have_text("not-yet is paused")
        expect(page.locator("main")).to_contain_text("Paused by oto")
        kept = harbour.app.schedules.get("not-yet")
        # It was never awake: nobody has changed it since it was made.
        assert (kept.paused, kept.next_at, kept.version) == (True, None, 1)

    def test_a_pattern_is_built_field_by_field_and_told_in_words_in_its_zone(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/schedules/new?task=ledger.sync")
        settle(page)
        page.get_by_label("As one line").fill("0 9 * * 1")
        page.get_by_label("Minute", exact=True).fill("30")
        page.get_by_label("Weekday").fill("1-5")
        expect(page.get_by_label("As one line")).to_have_value("30 9 * * 1-5")
        expect(page.get_by_text("At 09:30 on Monday to Friday, ")).to_be_visible()
        page.get_by_label("Time zone").fill("Australia/Sydney")
        expect(page.get_by_text("At 09:30 on Monday to Friday, Australia/Sydney.")).to_be_visible()
        page.get_by_label("Name").fill("sydney-mornings")
        page.get_by_label("Timeout of an attempt").fill("1h30m")
        page.get_by_label("Attempts").fill("0")
        expect(page.locator("main")).to_contain_text("How often it may start, 1 to 1000.")
        page.get_by_label("Attempts").fill("7")
        page.get_by_role("button", name="Create schedule").click()
        expect(heading(page)).to_contain_text("sydney-mornings comes next")
        kept = harbour.app.schedules.get("sydney-mornings")
        assert (kept.cron, kept.zone) == ("30 9 * * 1-5", "Australia/Sydney")
        assert (kept.job.timeout, kept.job.retry.attempts) == (5_400_000, 7)
        expect(page.get_by_role("complementary")).to_contain_text("1 h 30 m")

    def test_a_pattern_that_makes_no_sense_is_refused_by_the_server_in_words(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/schedules/new?task=ledger.sync")
        settle(page)
        line = page.get_by_label("As one line")
        for hostile in ("1--100000000 * * * *", "0 25 * * *", "*/0 * * * *", "tomorrow"):
            line.fill(hostile)
            expect(line).to_have_attribute("aria-invalid", "true")
        page.get_by_label("Name").fill("never-made")
        page.get_by_role("button", name="Create schedule").click()
        expect(page).to_have_url(re.compile("/schedules/new"))

    def test_who_wants_the_busy_minute_is_told_of_the_crowd_and_of_a_free_one(
        self, harbour: Site, visits: Visits
    ) -> None:
        page = visits(harbour.url, "oto", "/schedules/new?task=ledger.sync")
        settle(page)
        page.get_by_label("Time zone").fill("Europe/Berlin")
        page.get_by_label("As one line").fill("0 9 * * MON-FRI")
        expect(page.locator("main")).to_contain_text(re.compile(r"other schedules? starts? at"))
        free = page.get_by_role("button", name=re.compile("^Take "))
        free.click()
        expect(page.get_by_label("As one line")).not_to_have_value("0 9 * * MON-FRI")
