"""The hub among its third parties, with data to work on, and with what comes in as time goes by."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from examples.compliance_hub.hub import Hub, create
from examples.compliance_hub.jobs import STOCK, SYSTEM
from examples.compliance_hub.phrases import make_feedback
from examples.compliance_hub.sample import COURSES, GRIEVANCES, elsewhere, fill
from examples.compliance_hub.setup import Setup
from examples.compliance_hub.standin import Secrets, StandIn
from examples.compliance_hub.tables import COMPLAINTS, FEEDBACK
from examples.stage.kept import keep
from examples.stage.mailroom import Mailroom

FAILS_EVERY: Final = 17
"""Of so many requests to the third parties one fails."""


@contextmanager
def staged(
    url: str,
    folder: Path,
    *,
    database: str = "",
    tenant: str = SYSTEM,
    address: str = "",
    fails_every: int = FAILS_EVERY,
) -> Iterator[Hub]:
    """A hub, with the systems that it asks and the server of its mail, until the block ends.

    Args:
        url: where its jobs are kept.
        folder: where its files are kept.
        database: as `create` has it.
        tenant: whose all of it is.
        address: where it is served.
        fails_every: as `StandIn` has it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    today = datetime.now(UTC).date()
    stand_in = StandIn(elsewhere(today), Secrets.new(), fails_every=fails_every)
    with Mailroom().serving() as mailroom, stand_in.serving():
        setup = Setup(
            third_party=stand_in.url,
            known=stand_in.known,
            mail=mailroom.url,
            address=address,
            tenant=tenant,
        )
        keep(folder, setup)
        hub = create(url, folder, setup, database=database)
        try:
            yield hub
        finally:
            hub.close()


def seed(hub: Hub) -> None:
    """Fill an empty hub, and run each of its jobs once; call it when nothing runs yet."""
    fill(hub.books, hub.now().date())
    hub.keep_rules()
    hub.app.schedules.publish()
    for stock in STOCK:
        hub.app.schedules.run(stock.name)


def tick(hub: Hub, number: int) -> None:
    """Have something happen that happens in such a place now.

    Args:
        number: counts up; the same number is the same event.
    """
    dice = random.Random(number)  # noqa: S311 - guards nothing
    with hub.books.begin() as tx:
        (said,) = make_feedback(1, number)
        hub.books.add(tx, FEEDBACK, [{
            "external": f"form-{number}", "course": dice.choice(COURSES), "words": said.words,
            "given_on": hub.now().date(),
        }])  # fmt: skip
        if number % 5 == 0:
            known = tx.execute(select(func.count()).select_from(COMPLAINTS)).scalar_one()
            hub.books.add(tx, COMPLAINTS, [{
                "reference": f"C-{known + 1:04}", "student": "Isla Moore",
                "summary": dice.choice(GRIEVANCES), "owner": dice.choice((1, 2, 3)),
                "opened_on": hub.now().date() - timedelta(days=dice.choice((0, 7, 55))),
            }])  # fmt: skip
    hub.app.schedules.run(dice.choice(STOCK).name)
