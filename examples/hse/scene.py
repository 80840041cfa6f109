"""What goes on: organisations with a past, and a little of each day, for whoever looks on."""

import random
from typing import Final, NamedTuple

from examples.hse.sample import ORGANISED, fill, incident
from examples.hse.system import Hse
from examples.hse.words import ENTITIES, REPORTS
from tidemill.kits.email import Message

_NEW: Final = range(5, 100, 16)
"""At these events an organisation begins; not for ever, or there would be a crowd of them."""


class Told(NamedTuple):
    """Who is told of incidents by webhook.

    Attributes:
        url: where.
        secret: what it knows us by.
    """

    url: str
    secret: str


def seed(hse: Hse, told: Told | None = None) -> None:
    """Have two organisations that have asked for something of each kind; safe twice."""
    fill(hse.books, hse.today, hse.setup.tenant)
    for slug, name in ORGANISED:
        if told is not None:
            _subscribe(hse, slug, name, told)
        if next(iter(hse.app.jobs.find(tenant=hse.tenant(slug))), None) is not None:
            continue
        for kind in REPORTS:
            hse.service(slug).queue_report(kind, form="json", to=[_desk(slug)])
        hse.service(slug).queue_data_export(ENTITIES, form="csv", to=[_desk(slug)])


def _subscribe(hse: Hse, slug: str, name: str, told: Told) -> None:
    """Have one told of incidents who listens now, in place of who has listened before."""
    subscribed = hse.kits.webhooks.subscriptions(hse.app, hse.tenant(slug))
    for former in subscribed.list():
        subscribed.delete(former.id)
    about = f"{name}, control room"
    subscribed.create(told.url, ["incident.*"], description=about, secret=told.secret)


def tick(hse: Hse, number: int) -> None:
    """Something happens in an organisation.

    Args:
        number: counts up; the same number is the same event.
    """
    dice = random.Random(f"hse/{number}")  # noqa: S311 - guards nothing
    slug, name = dice.choice(ORGANISED)
    service = hse.service(slug)
    match number % 4:
        case 0:
            happened = incident(
                dice, dice.choice(hse.stations(slug)), hse.incidents(slug) + 1, hse.today
            )
            hse.report_incident(slug, happened)
            subject = f"{happened['reference']}: {happened['title']}"
            service.queue_email([_desk(slug)], subject, text=f"{name}\n")
        case 1:
            _ask_for_itself(hse, number)
        case 2:
            form = dice.choice(("csv", "html"))
            service.queue_report(dice.choice(REPORTS), form=form, fresh=True)
        case _:
            service.queue_bulk_emails(
                [
                    Message(
                        to=[f"crew{each}@{slug}.example"], subject="Toolbox talk", text="At 7:00."
                    )
                    for each in range(dice.randrange(2, 6))
                ]
            )


def _ask_for_itself(hse: Hse, number: int) -> None:
    """HSE.Digital takes somebody new on, sometimes; else it looks what could be cleaned up."""
    own = hse.service()
    slug = f"site-{number}"
    if number in _NEW:
        own.queue_tenant_onboarding(
            company=f"Site {number}",
            slug=slug,
            adminName="Robin Field",
            adminEmail=f"robin@{slug}.example",
            plan="trial",
        )
    else:
        own.queue_cleanup(dry_run=True)


def _desk(slug: str) -> str:
    return f"desk@{slug}.example"
