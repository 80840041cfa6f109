"""Third parties on this machine, and services that may ask them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.services.third_party import ThirdParty
from tidemill import Tidemill
from tidemill.services.breaker import Terms
from tidemill.services.breakers import Breakers
from tidemill.services.http_calls import Http, Manners
from tidemill.services.outbound import Reach, addresses_of
from tidemill.services.outlet import Outlet

MakeHttp = Callable[..., Http]


@pytest.fixture
def third() -> Iterator[ThirdParty]:
    with ThirdParty().serving() as third:
        yield third


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Tidemill]:
    with Tidemill(f"sqlite:///{tmp_path}/jobs.db") as app:
        yield app


@pytest.fixture
def own_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tidemill]:
    """One whose settings let handlers ask this machine."""
    monkeypatch.setenv("TIDEMILL_SERVICES_ALLOW", "127.0.0.1")
    with Tidemill(f"sqlite:///{tmp_path}/jobs.db") as app:
        yield app


@pytest.fixture
async def make_http(app: Tidemill) -> AsyncIterator[MakeHttp]:
    """Makes the service as one node has it, for whom this machine is out in the world."""
    made: list[Http] = []

    def make(
        reach: Reach | None = None,
        terms: Terms | None = None,
        manners: Manners | None = None,
        ca: str = "",
        lookup: Callable[[str, int], Awaitable[Sequence[str]]] | None = None,
    ) -> Http:
        reach = reach or Reach(allowed=("127.0.0.1",))
        outlet = Outlet(reach, ca=ca, lookup=lookup or addresses_of)
        breakers = Breakers(app.store, terms or Terms())
        made.append(Http(app.store, breakers, outlet, reach, manners or Manners()))
        return made[-1]

    yield make
    for http in made:
        await http.aclose()
