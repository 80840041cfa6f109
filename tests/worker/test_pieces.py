"""What a library has cut: the beginning and the end of a secret that are left next to the cut."""

import reprlib
import time

import pytest

from tidemill.worker.failure import PIECE, describe, forms_of, hidden

SECRET = "postgresql://zoe:correct-horse-battery@db.example.org/ledger"  # noqa: S105 - of nobody


@pytest.mark.parametrize(
    "text",
    [
        reprlib.repr(SECRET),
        f"no route to {SECRET[:20]}...",
        f"no route to '{SECRET[:20]}'...",
        f"no route to {SECRET[:20]}…",
        f"no route to {SECRET[:20]} [...]",
        f"no route to {SECRET[:40]}",
        f"...{SECRET[-9:]} has no route",
        f"[...] {SECRET[-9:]} has no route",
        f"…{SECRET[-30:]}",
        f"{SECRET[:12]}...{SECRET[-12:]} twice {SECRET[:12]}...{SECRET[-12:]}",
    ],
)
def test_pieces_next_to_a_cut_are_masked(text: str) -> None:
    masked = hidden(text, forms_of([SECRET]))
    pieces = {SECRET[at : at + PIECE] for at in range(len(SECRET) - PIECE)}
    assert not [piece for piece in pieces if piece in masked]
    assert "***" in masked


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://db.example.org is away",
        "postgre... is away",
        "the disk is full...",
        "see https://example.org/ledger",
        "",
        "...",
    ],
)
def test_what_only_begins_or_ends_as_it_does_is_left(text: str) -> None:
    assert hidden(text, forms_of([SECRET])) == text


def test_an_error_is_masked_so() -> None:
    error = describe(ValueError(reprlib.repr(SECRET)), secrets=forms_of([SECRET]))
    assert error.message == "'***...***'"


def test_it_takes_no_time_worth_mentioning() -> None:
    forms = forms_of(["a" * 200, SECRET])
    began = time.perf_counter()
    hidden("a" * 199 + "b" + (SECRET[:20] + " ") * 2_000, forms)
    assert time.perf_counter() - began < 2
