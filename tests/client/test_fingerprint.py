"""What makes two failures the same, and what failed jobs have in common."""

import time

import pytest

from tidemill.client.fingerprint import LONGEST, fingerprint, gist, place
from tidemill.client.traits import FEWEST, Feature, shared
from tidemill.core.error_info import ErrorInfo

ACME: Feature = ("argument", "host", '"acme"')
OTHER: Feature = ("argument", "host", '"other"')
MAIL: Feature = ("queue", "", "mail")


def trace(*frames: tuple[str, str], message: str = "x", line: int = 1) -> str:
    """A traceback through these files and functions."""
    told = [f'  File "{file}", line {line}, in {name}\n    code()\n' for file, name in frames]
    return "Traceback (most recent call last):\n" + "".join(told) + f"ValueError: {message}\n"


class TestMessages:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("took 3 s", "took 12.5 s"),
            ("order 99999999", "order 100000000"),
            (
                "user 01939d2c-7b1a-7e3f-9c58-0a4e6f2b9d10",
                "user 12345678-7b1a-7e3f-9c58-0a4e",
            ),
            ("no 'blue' here", "no 'red one' here"),
            ('KeyError: "a"', 'KeyError: "b"'),
            ("GET https://a.test/1?x=2 failed", "GET http://b.test failed"),
            ("<Job at 0x7f1c>", "<Job at 0x9a>"),
            ("to zoe@example.org", "to bob.b@mail.example.com"),
            ("10.0.0.1:5432 refused", "192.168.7.7:80 refused"),
            ("at 2026-11-29T11:30:53Z", "at 2027-01-01T00:00:00Z"),
            ("temperature -4", "temperature 17"),
        ],
    )
    def test_what_differs_from_job_to_job_makes_no_difference(self, one: str, other: str) -> None:
        assert gist(one) == gist(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [("not found", "no access"), ("can't open, won't close", "can't open"), ("a", "")],
    )
    def test_other_words_do(self, one: str, other: str) -> None:
        assert gist(one) != gist(other)

    def test_of_a_long_one_the_beginning_counts_and_costs_little(self) -> None:
        begun = time.perf_counter()
        for piece in ("'", '"', "a@", "a.", "1", "-", "x1", "http://", "a@a.a."):
            assert len(gist(piece * 100_000)) <= 20 * LONGEST
        assert time.perf_counter() - begun < 1


class TestPlaces:
    def test_the_innermost_frame_of_ones_own_is_meant(self) -> None:
        traceback = trace(
            ("/srv/shop/jobs.py", "run"),
            ("/srv/shop/pay.py", "charge"),
            ("/srv/.venv/lib/python3.11/site-packages/httpx/_client.py", "send"),
            ("/usr/lib/python3.11/ssl.py", "read"),
            ("<frozen importlib>", "load"),
        )
        assert place(ErrorInfo("ValueError", "x", traceback)) == "shop/pay.py in charge"

    def test_without_any_it_is_the_innermost(self) -> None:
        traceback = trace(("/usr/lib/python3.11/json/decoder.py", "decode"))
        assert place(ErrorInfo("E", "x", traceback)) == "json/decoder.py in decode"

    def test_what_an_error_says_is_no_frame(self) -> None:
        says = 'y\n  File "/srv/secret.py", line 1, in hunter2'
        traceback = trace(("C:\\shop\\pay.py", "charge"), message=says)
        assert place(ErrorInfo("ValueError", says, traceback)) == "shop/pay.py in charge"

    def test_nobody_knows_without_a_traceback(self) -> None:
        assert place(ErrorInfo("E", "")) == ""

    def test_lines_and_folders_move_and_it_stays_the_same(self) -> None:
        old = trace(("/srv/4.1/shop/pay.py", "charge"), line=10)
        new = trace(("/srv/4.2/shop/pay.py", "charge"), line=12)
        prints = {fingerprint("pay", ErrorInfo("E", "x", each)) for each in (old, new)}
        assert len(prints) == 1

    @pytest.mark.parametrize(
        ("task", "error"),
        [
            ("refund", ErrorInfo("E", "x", trace(("shop/pay.py", "charge")))),
            ("pay", ErrorInfo("F", "x", trace(("shop/pay.py", "charge")))),
            ("pay", ErrorInfo("E", "z", trace(("shop/pay.py", "charge"), message="z"))),
            ("pay", ErrorInfo("E", "x", trace(("shop/pay.py", "refund")))),
        ],
    )
    def test_task_error_words_and_place_tell_failures_apart(
        self, task: str, error: ErrorInfo
    ) -> None:
        known = fingerprint("pay", ErrorInfo("E", "x", trace(("shop/pay.py", "charge"))))
        assert fingerprint(task, error) != known


class TestTraits:
    def test_what_most_failed_jobs_have_and_few_others(self) -> None:
        failed = [frozenset([ACME, MAIL])] * 9 + [frozenset([OTHER, MAIL])]
        completed = [frozenset([OTHER, MAIL])] * 9 + [frozenset([ACME, MAIL])]
        (found,) = shared(failed, completed)
        assert (found.kind, found.name, found.value) == ACME
        assert (found.have, found.of, found.others_have, found.others) == (9, 10, 1, 10)

    def test_what_others_have_as_well_sets_nothing_apart(self) -> None:
        assert shared([frozenset([ACME])] * 5, [frozenset([ACME])] * 5) == ()

    def test_what_only_some_have_is_no_trait(self) -> None:
        failed = [frozenset([ACME])] * 7 + [frozenset([OTHER])] * 3
        assert shared(failed, [frozenset([MAIL])] * 5) == ()

    def test_without_any_to_compare_with_only_what_was_given_counts(self) -> None:
        (found,) = shared([frozenset([ACME, MAIL])] * FEWEST, [])
        assert (found.kind, found.others) == ("argument", 0)

    def test_of_too_few_nothing_is_said(self) -> None:
        assert shared([frozenset([ACME])] * (FEWEST - 1), [frozenset([OTHER])] * 9) == ()
