"""An application whose jobs may hold secrets."""

from collections.abc import Iterator

import pytest

from tidemill import Tidemill
from tidemill.tasks.secret import new_key
from tidemill.testing.clock import ManualClock

# No id holds its end: they are of hexadecimal digits.
CANARY = "correct-horse-77zy"

memory_alone = pytest.mark.parametrize("store_url", ["memory"], indirect=True)
"""What is masked is masked before any store sees it, so that one of them will do."""


@pytest.fixture
def app(store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tidemill]:
    monkeypatch.setenv("TIDEMILL_SECRETS_KEYS", new_key("k1"))
    with Tidemill(store_url, clock=ManualClock()) as app:
        yield app
