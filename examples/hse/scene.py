"""What goes on: organisations with a past, and a little of each day, for whoever looks on."""

import random

from examples.hse.receivers import Receivers
from examples.hse.sample import ORGANISED, fill, incident
from examples.hse.system import Hse
from examples.hse.words import ENTITIES, REPORTS
from tidemill.kits.email import Message


def seed(hse: Hse, receivers: Receivers | None = None) -> None:
    """Have two organisations that have asked for something of each kind; safe twice."""
    fill(hse.books, hse.today, hse.setup.tenant)
    for slug, name in ORGANISED:
        if receivers is not None:
            _subscribe(hse, slug, name, receivers)
        if next(iter(hse.app.jobs.find(tenant=hse.tenant(slug))), None) is not None:
            continue
        for kind in REPORTS:
            hse.service(slug).queue_report(kind, form="json", to=[_desk(slug)])
        hse.service(slug).queue_data_export(ENTITIES, form="csv", to=[_desk(slug)])


def _subscribe(hse: Hse, slug: str, name: str, receivers: Receivers) -> None:
    """Have one told of incidents who listens now, in place of who has listened before."""
    subscribed = hse.kits.webhooks.subscriptions(hse.app, hse.tenant(slug))
    for former in subscribed.list():
        subscribed.delete(former.id)
    made = subscribed.create(receivers.url, ["incident.*"], description=f"{name}, control room")
    receivers.secrets.append(made.secret)


def tick(hse: Hse, number: int) -> None:
    """Something happens in an organisation.

    Args:
        number: counts up; the same number is the same event.
    """
    dice = random.Random(f"hse/{number}")  # noqa: S311 - guards nothing
    slug, name = dice.choice(ORGANISED)
    service = hse.service(slug)
    match dice.randrange(4):
        case 0 | 1:
            happened = incident(
                dice, dice.choice(hse.stations(slug)), hse.incidents(slug) + 1, hse.today
            )
            hse.report_incident(slug, happened)
            service.queue_email(
                [_desk(slug)], f"{happened['reference']}: {happened['title']}", text=f"{name}\n"
            )
        case 2:
            kind = dice.choice(REPORTS)
            service.queue_report(kind, form=dice.choice(("csv", "pdf")), fresh=True)
        case _:
            service.queue_bulk_emails(
                [
                    Message(
                        to=[f"crew{each}@{slug}.example"], subject="Toolbox talk", text="At 7:00."
                    )
                    for each in range(dice.randrange(2, 6))
                ]
            )


def _desk(slug: str) -> str:
    return f"desk@{slug}.example"
