"""`/alerts`: when and how people are told, and what was found wrong."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from tidemill.access.role import Permission
from tidemill.alerts.channel import Channel
from tidemill.alerts.rule import AlertRule
from tidemill.api import PREFIX
from tidemill.api.answers import sent, tag
from tidemill.api.callers import needs
from tidemill.api.conditions import IfMatch, version_of
from tidemill.api.desk import Desk
from tidemill.api.shapes.alerts import (
    AlertRuleChangeIn,
    AlertRuleIn,
    AlertRuleOut,
    AlertRulesOut,
    ChannelIn,
    ChannelOut,
    ChannelsOut,
    IncidentOut,
    IncidentsIn,
    IncidentsOut,
    NewChannelOut,
    SaidIn,
    TestedOut,
    changes_of,
    channel_out,
    incident_out,
    rule_of,
    rule_out,
)
from tidemill.api.shapes.shape import Key
from tidemill.client.directory import Kept

routes: Final = APIRouter(prefix=f"{PREFIX}/alerts", tags=["alerts"])

Reading = Annotated[Desk, needs(Permission.ALERTS_READ)]
Answering = Annotated[Desk, needs(Permission.ALERTS_ACKNOWLEDGE)]
Changing = Annotated[Desk, needs(Permission.ALERTS_CHANGE)]


@routes.get("/incidents", operation_id="listIncidents", response_model=IncidentsOut)
async def list_incidents(which: Annotated[IncidentsIn, Query()], desk: Reading) -> Response:
    """List what was found wrong, newest first, and how much of it nobody looks after yet."""
    found = await desk.incidents.afind()
    open_ = [each for each in found if each.stage == "open"]
    return sent(
        {
            "open": len(open_),
            "unacknowledged": sum(each.acknowledged_at is None for each in open_),
            "incidents": [
                incident_out(each) for each in found if which.stage in (None, each.stage)
            ],
        }
    )


@routes.get("/incidents/{id}", operation_id="getIncident", response_model=IncidentOut)
async def get_incident(id: Key, desk: Reading) -> Response:  # noqa: A002 - the word for it
    """Look at one incident."""
    return sent(incident_out(await desk.incidents.aget(id)))


@routes.post(
    "/incidents/{id}/acknowledge", operation_id="acknowledgeIncident", response_model=IncidentOut
)
async def acknowledge(
    id: Key,  # noqa: A002 - the word for it
    desk: Answering,
    body: SaidIn | None = None,
) -> Response:
    """Say that one has seen an incident, and looks after it."""
    note = body.note if body else ""
    return sent(incident_out(await desk.incidents.aacknowledge(id, note)))


@routes.post("/incidents/{id}/resolve", operation_id="resolveIncident", response_model=IncidentOut)
async def resolve(
    id: Key,  # noqa: A002 - the word for it
    desk: Answering,
    body: SaidIn | None = None,
) -> Response:
    """Say that an incident is over; where it is not, its rule finds it anew."""
    note = body.note if body else ""
    return sent(incident_out(await desk.incidents.aresolve(id, note)))


@routes.get("/rules", operation_id="listAlertRules", response_model=AlertRulesOut)
async def list_rules(desk: Reading) -> Response:
    """List alert rules, by name."""
    found = await desk.alert_rules.afind()
    return sent({"rules": [_rule(desk, each.value, each.version) for each in found]})


@routes.post("/rules", operation_id="createAlertRule", status_code=201, response_model=AlertRuleOut)
async def create_rule(body: AlertRuleIn, desk: Changing) -> Response:
    """Have people told when something is wrong."""
    rule = await desk.alert_rules.acreate(rule_of(body))
    return sent(_rule(desk, rule, 1), 201, etag=tag(1))


@routes.get("/rules/{name}", operation_id="getAlertRule", response_model=AlertRuleOut)
async def get_rule(name: Key, desk: Reading) -> Response:
    """Look at one alert rule."""
    return _shown(desk, await desk.alert_rules.aget(name))


@routes.patch("/rules/{name}", operation_id="changeAlertRule", response_model=AlertRuleOut)
async def change_rule(
    name: Key, body: AlertRuleChangeIn, desk: Changing, seen: IfMatch = None
) -> Response:
    """Change an alert rule."""
    changes = changes_of(body)
    kept = await desk.alert_rules.achange(name, changes, expected=version_of(seen))
    return _shown(desk, kept)


@routes.delete("/rules/{name}", operation_id="deleteAlertRule", status_code=204)
async def delete_rule(name: Key, desk: Changing, seen: IfMatch = None) -> Response:
    """Forget an alert rule; what it has found is over."""
    await desk.alert_rules.adelete(name, expected=version_of(seen))
    return Response(status_code=204)


@routes.get("/channels", operation_id="listChannels", response_model=ChannelsOut)
async def list_channels(desk: Reading) -> Response:
    """List the ways by which people are told, by name."""
    found = await desk.channels.afind()
    return sent({"channels": [_channel(desk, each.value, each.version) for each in found]})


@routes.post(
    "/channels", operation_id="createChannel", status_code=201, response_model=NewChannelOut
)
async def create_channel(body: ChannelIn, desk: Changing) -> Response:
    """Make a way by which people are told; a webhook's secret is shown now and never again."""
    channel = await desk.channels.acreate(
        body.name, body.by, to=tuple(body.to), url=body.url, tenant=body.tenant or ""
    )
    return sent({**_channel(desk, channel, 1), "secret": channel.secret}, 201, etag=tag(1))


@routes.post(
    "/channels/{name}/test", operation_id="testChannel", status_code=201, response_model=TestedOut
)
async def test_channel(name: Key, desk: Changing) -> Response:
    """Tell a message of no incident, to see whether it arrives."""
    return sent({"job": await desk.channels.atest(name)}, 201)


@routes.get("/channels/{name}", operation_id="getChannel", response_model=ChannelOut)
async def get_channel(name: Key, desk: Reading) -> Response:
    """Look at one channel."""
    kept = await desk.channels.aget(name)
    return sent(_channel(desk, kept.value, kept.version), etag=tag(kept.version))


@routes.delete("/channels/{name}", operation_id="deleteChannel", status_code=204)
async def delete_channel(name: Key, desk: Changing, seen: IfMatch = None) -> Response:
    """Forget a channel; nobody is told by it any more."""
    await desk.channels.adelete(name, expected=version_of(seen))
    return Response(status_code=204)


def _rule(desk: Desk, rule: AlertRule, version: int) -> object:
    return rule_out(rule, version, confined=desk.actor.tenant is not None)


def _channel(desk: Desk, channel: Channel, version: int) -> dict[str, object]:
    whole = Permission.ALERTS_CHANGE in desk.actor.may
    return channel_out(channel, version, confined=desk.actor.tenant is not None, whole=whole)


def _shown(desk: Desk, kept: Kept[AlertRule]) -> Response:
    return sent(_rule(desk, kept.value, kept.version), etag=tag(kept.version))
