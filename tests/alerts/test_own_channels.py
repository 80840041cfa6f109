"""A rule of a tenant tells by channels of that tenant, and by no others."""

import msgspec
import pytest

from tests.alerts.conftest import deep
from tidemill import Tidemill
from tidemill.access.actor import Actor
from tidemill.access.audit import Scribe
from tidemill.alerts.delivery import Delivery
from tidemill.alerts.store import AlertRules, Channels
from tidemill.core.errors import NotFound


def test_a_channel_of_the_instance_is_not_a_tenants(app: Tidemill, delivery: Delivery) -> None:
    acme = app.client.on_behalf("acme", Scribe(actor=Actor(kind="user", name="zoe")))
    Channels(app.client, delivery).create("boss", "mail", to=("boss@example.org",))
    with pytest.raises(NotFound, match="no channel 'boss'"):
        AlertRules(acme).create(deep(channels=("boss",)))
    AlertRules(acme).create(deep())
    with pytest.raises(NotFound):
        AlertRules(acme).change("deep", {"channels": ("boss",)})
    with pytest.raises(NotFound):
        AlertRules(app.client).create(deep(name="by-root", tenant="acme", channels=("boss",)))
    AlertRules(app.client).create(deep(channels=("boss",)))
    Channels(acme, delivery).create("boss", "mail", to=("zoe@example.org",))
    AlertRules(acme).change("deep", {"channels": ("boss",)})


def test_a_tenants_channel_is_tried_out_by_its_own_name(app: Tidemill, delivery: Delivery) -> None:
    channels = Channels(app.client, delivery)
    channels.create("ops", "mail", to=("ops@example.org",), tenant="acme")
    snapshot = app.jobs.get(channels.test("acme/ops")).snapshot()
    given = msgspec.json.decode(snapshot.args)
    assert (snapshot.tenant, given["channel"]) == ("acme", "ops")
