"""Endpoints of those who talk to it by webhook: subscribers to its events, and Stripe to it."""

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

import msgspec
from fastapi import APIRouter, Request

from examples.hse.office import Asking, Office, Seeing
from examples.hse.shapes import (
    OnboardingIn,
    QueuedOut,
    SubscriptionIn,
    SubscriptionOut,
    SubscriptionsOut,
    subscription_out,
)
from tidemill import Records, errors
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.api.callers import ANYONE
from tidemill.kits.webhook import Subscriptions

if TYPE_CHECKING:
    from examples.hse.system import Hse

routes: Final = APIRouter(prefix="/api/webhooks", tags=["webhooks"])
stripe: Final = APIRouter(prefix="/api/stripe", tags=["stripe"])

_OLDEST: Final = 300
"""Seconds after which what Stripe has signed counts nothing."""
_MOST: Final = 64 << 10
_PAID: Final = "checkout.session.completed"
_STRIPE: Final = Actor(kind="host", name="stripe")
"""How the audit log names it."""


@routes.get("")
async def list_subscriptions(who: Seeing) -> SubscriptionsOut:
    """List who wants to hear of what."""
    found = await _of(who).alist()
    return SubscriptionsOut(subscriptions=[subscription_out(each) for each in found])


@routes.post("", status_code=201)
async def subscribe(body: SubscriptionIn, who: Asking) -> SubscriptionOut:
    """Begin a subscription; its secret is shown this once."""
    made = await _of(who).acreate(body.url, body.events, description=body.description)
    return subscription_out(made)


@routes.post("/{id}/rotate")
async def rotate(id: str, who: Asking) -> SubscriptionOut:  # noqa: A002 - its word
    """Give it a new secret; the old one signs as well for a day."""
    return subscription_out(await _of(who).arotate(id, overlap="24h"))


@routes.delete("/{id}", status_code=204)
async def unsubscribe(id: str, who: Asking) -> None:  # noqa: A002 - its word
    """End a subscription."""
    subscriptions = _of(who)
    await subscriptions.aget(id)  # nobody is told in the audit log to have ended what is not there
    await subscriptions.adelete(id)


@stripe.post("/webhook", status_code=202, dependencies=[ANYONE])
async def hear_stripe(request: Request) -> QueuedOut | None:
    """Begin the organisation that somebody has paid for; whatever else Stripe says is let be."""
    hse: Hse = request.app.state.hse
    body = await request.body()
    now = hse.app.store.clock.now() // 1_000
    _check(hse.setup.stripe, request.headers.get("stripe-signature", ""), body, now)
    try:
        told = msgspec.json.decode(body, type=_Told)
        if told.type != _PAID:
            return None
        session = msgspec.json.decode(told.data, type=_Paid).object
        wanted = OnboardingIn.model_validate(session.metadata)
    except (msgspec.MsgspecError, ValueError) as error:
        raise errors.InvalidArguments(f"what Stripe says cannot be read: {error}") from None
    about = {**wanted.about(), "stripeCustomer": session.customer}
    # Stripe says things more than once: its id of the event is the key.
    call = hse.calls(hse.tenant()).onboarding(about, key=f"stripe-{told.id}")
    asks = hse.app.client.on_behalf(hse.tenant() or None, Scribe(actor=_STRIPE))
    job = await asks.aenqueue(call)
    return QueuedOut(job_id=job.id, queue="tenant-onboarding", status="waiting")


class _Told(msgspec.Struct):
    id: str
    type: str
    data: msgspec.Raw


class _Session(msgspec.Struct):
    customer: str
    metadata: dict[str, str]


class _Paid(msgspec.Struct):
    object: _Session


def _check(secret: str, signature: str, body: bytes, now: int) -> None:
    """See to it that Stripe has said so, and just now.

    Raises:
        NotAuthenticated: it was somebody else, or long ago.
    """
    parts = dict(part.partition("=")[::2] for part in signature.split(","))
    at, given = parts.get("t", ""), parts.get("v1", "")
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    fresh = at.isascii() and at.isdigit() and abs(now - int(at[:12])) <= _OLDEST
    if not (secret and fresh and hmac.compare_digest(signed, given)) or len(body) > _MOST:
        raise errors.NotAuthenticated("it was not Stripe that has said so")


def _of(who: Office) -> Subscriptions:
    """The subscriptions of the organisation; the audit log tells who changes them.

    Raises:
        InvalidArguments: none is named, and whoever asks is of none.
    """
    _ = who.calls
    kit = who.hse.kits.webhooks
    records = Records(who.client, kit.kept_as)
    return kit.subscriptions(who.hse.app, who.tenant, records=records)
