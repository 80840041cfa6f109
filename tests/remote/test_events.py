"""Events of a server, told and followed as those of a store are."""

from collections.abc import Iterator

import pytest

from tests.api.conftest import api, app, clock, served  # noqa: F401 - fixtures
from tidemill import Tidemill
from tidemill.access.keys import Keys
from tidemill.remote.remote import Remote

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)


@pytest.fixture
def far(app: Tidemill, served: str) -> Iterator[Remote]:  # noqa: F811 - the fixture
    with Remote(served, Keys(app.client, "t").create("t", role="admin").secret) as far:
        yield far


def test_they_are_followed_from_afar_over_as_many_pages_as_there_are(
    app: Tidemill,  # noqa: F811 - the fixture
    far: Remote,
) -> None:
    first = app.events.emit("seen.before")
    assert far.events.read(first) == []
    for number in range(250):
        app.events.emit("invoice.paid", {"id": number})
    behind = far.events.read(first)
    assert behind == app.events.read(first, limit=1_000)
    assert [event.payload["id"] for event in behind] == list(range(250))
    assert far.events.recent(230) == app.events.recent(230)


def test_a_rare_one_is_found_however_far_back_it_lies(
    app: Tidemill,  # noqa: F811 - the fixture
    far: Remote,
) -> None:
    app.events.emit("order.placed", 1)
    for number in range(1_001):
        app.events.emit("invoice.paid", number)
    (near,) = app.events.recent(pattern="order.*")
    assert far.events.recent(pattern="order.*") == [near]
