"""The webhook kit: events are posted, signed, to whoever has subscribed to them."""

import tidemill
from tidemill.kits.webhook.deliveries import Deliveries, Delivery, Page
from tidemill.kits.webhook.kit import Settings, Webhooks
from tidemill.kits.webhook.posting import Delivered, NotDelivered, Refused, Try
from tidemill.kits.webhook.subscription import Subscription
from tidemill.kits.webhook.subscriptions import Subscriptions

__all__ = [
    "Delivered",
    "Deliveries",
    "Delivery",
    "NotDelivered",
    "Page",
    "Refused",
    "Settings",
    "Subscription",
    "Subscriptions",
    "Try",
    "Webhooks",
    "sign",
    "verify",
]

sign = tidemill.signatures.sign
verify = tidemill.signatures.verify
