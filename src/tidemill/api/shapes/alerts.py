"""Alert rules, channels and incidents as they travel."""

from typing import Annotated, Any, Literal

from pydantic import Field

from tidemill.alerts.channel import By, Channel
from tidemill.alerts.incident import Incident
from tidemill.alerts.rule import MOST_CHANNELS, AlertRule, Condition, Severity
from tidemill.api.shapes.shape import At, In, Name, Out, Span, Words, moment, seconds
from tidemill.core.instants import millis
from tidemill.services.letter import MOST_ADDRESSES

Channels = Annotated[list[Name], Field(max_length=MOST_CHANNELS, description="Who are told, how.")]
Above = Annotated[
    float, Field(ge=0, le=1e15, description="More than this is wrong.", examples=[100])
]
Window = Annotated[Span, Field(description="How far back is looked; 1m to 24h.")]
Hold = Annotated[Span, Field(description="So long it has to be wrong before people are told.")]


class AlertRuleIn(In):
    """When people are to be told."""

    name: Name
    when: Condition
    above: Above
    window: Window = "5m"
    queue: Annotated[Name | None, Field(description="By default each by itself.")] = None
    task: Name | None = None
    hold: Hold = 0
    severity: Severity = "warning"
    channels: Annotated[Channels, Field(default_factory=list)]
    tenant: Annotated[
        Name | None, Field(description="Whose jobs alone; by default everybody's.")
    ] = None


class AlertRuleChangeIn(In):
    """What is to be different; what is not there stays."""

    above: Above | None = None
    window: Window | None = None
    hold: Hold | None = None
    severity: Severity | None = None
    channels: Channels | None = None
    enabled: bool | None = None


class AlertRuleOut(Out):
    """When people are told."""

    name: Annotated[str, Field(description="One of a tenant is `tenant/name` to everybody else.")]
    when: Condition
    above: float
    window: Annotated[float, Field(description="Seconds.")]
    queue: str
    task: str
    hold: Annotated[float, Field(description="Seconds.")]
    severity: Severity
    channels: list[str]
    tenant: str
    enabled: bool
    version: int


class AlertRulesOut(Out):
    """Alert rules, by name."""

    rules: list[AlertRuleOut]


class ChannelIn(In):
    """How people are to be told."""

    name: Name
    by: By
    to: Annotated[
        list[Annotated[str, Field(max_length=320, examples=["ops@example.org"])]],
        Field(max_length=MOST_ADDRESSES, description="Addresses, for mail.", default_factory=list),
    ]
    url: Annotated[
        str, Field(max_length=2_000, description="For a webhook: https, and not an inner address.")
    ] = ""
    tenant: Name | None = None


class ChannelOut(Out):
    """How people are told."""

    name: str
    by: By
    to: list[str]
    url: Annotated[str, Field(description="Its host alone for callers without `alerts.change`.")]
    tenant: str
    created_at: At
    version: int


class NewChannelOut(ChannelOut):
    """A channel that has just been made."""

    secret: Annotated[
        str, Field(description="What webhooks are signed with; shown now and never again.")
    ]


class ChannelsOut(Out):
    """Channels, by name."""

    channels: list[ChannelOut]


class TestedOut(Out):
    """The job that tells a message of no incident."""

    job: str


class IncidentsIn(In):
    """Which incidents are looked for."""

    stage: Literal["open", "resolved"] | None = None


class SaidIn(In):
    """What somebody says of an incident."""

    note: Words = ""


class IncidentOut(Out):
    """One thing that went wrong once."""

    id: str
    rule: str
    subject: Annotated[str, Field(description="Which queue, schedule or worker.")]
    severity: Severity
    stage: Literal["open", "resolved", "pending"]
    text: str
    value: float
    tenant: str
    channels: list[str]
    began_at: At
    opened_at: At | None
    acknowledged_at: At | None
    acknowledged_by: str
    resolved_at: At | None
    resolved_by: Annotated[str, Field(description="Empty: it was over by itself.")]
    note: str


class IncidentsOut(Out):
    """Incidents, newest first."""

    open: int
    unacknowledged: Annotated[int, Field(description="Of the open ones: what a badge shows.")]
    incidents: list[IncidentOut]


def rule_of(body: AlertRuleIn) -> AlertRule:
    """A rule as the wing takes it."""
    return AlertRule(
        name=body.name,
        when=body.when,
        above=body.above,
        window=millis(body.window),
        queue=body.queue or "",
        task=body.task or "",
        hold=millis(body.hold),
        severity=body.severity,
        channels=tuple(body.channels),
        tenant=body.tenant or "",
    )


def changes_of(body: AlertRuleChangeIn) -> dict[str, Any]:
    """What is to be different, as the wing takes it."""
    given = {
        name: value for name in body.model_fields_set if (value := getattr(body, name)) is not None
    }
    for name in ("window", "hold"):
        if name in given:
            given[name] = millis(given[name])
    if "channels" in given:
        given["channels"] = tuple(given["channels"])
    return given


def rule_out(rule: AlertRule, version: int, *, confined: bool) -> dict[str, Any]:
    """A rule as it travels."""
    return {
        "name": rule.name if confined else rule.key,
        "when": rule.when,
        "above": rule.above,
        "window": seconds(rule.window),
        "queue": rule.queue,
        "task": rule.task,
        "hold": seconds(rule.hold),
        "severity": rule.severity,
        "channels": rule.channels,
        "tenant": rule.tenant,
        "enabled": rule.enabled,
        "version": version,
    }


def channel_out(channel: Channel, version: int, *, confined: bool, whole: bool) -> dict[str, Any]:
    """A channel as it travels: without what it is signed with.

    Args:
        channel: the channel.
        version: the version of it.
        confined: whether it is named as its tenant names it.
        whole: whether its URL is told, by which whoever knows it may post there themselves.
    """
    return {
        "name": channel.name if confined else channel.key,
        "by": channel.by,
        "to": channel.to,
        "url": channel.url if whole else channel.host,
        "tenant": channel.tenant,
        "created_at": moment(channel.created_at),
        "version": version,
    }


def incident_out(incident: Incident) -> dict[str, Any]:
    """An incident as it travels."""
    return {
        "id": incident.id,
        "rule": incident.rule,
        "subject": incident.subject,
        "severity": incident.severity,
        "stage": incident.stage,
        "text": incident.text,
        "value": incident.value,
        "tenant": incident.tenant,
        "channels": incident.channels,
        "began_at": moment(incident.began_at),
        "opened_at": moment(incident.opened_at),
        "acknowledged_at": moment(incident.acknowledged_at),
        "acknowledged_by": incident.acknowledged_by,
        "resolved_at": moment(incident.resolved_at),
        "resolved_by": incident.resolved_by,
        "note": incident.note,
    }
