"""Incidents: what a rule has found, from when it began until it was over."""

from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tidemill.alerts.rule import AlertRule, Finding, Severity
from tidemill.core.identity import derived_id
from tidemill.core.instants import Instant, Millis
from tidemill.core.record import Put, Record

KIND: Final = "incident"
"""The kind of record that incidents are."""

Stage = Literal["pending", "open", "resolved"]

KEPT: Final[Millis] = 90 * 86_400_000
"""So long an incident is kept when it is over."""


class Incident(Struct, frozen=True, kw_only=True):
    """One thing that went wrong once.

    Attributes:
        rule: what has found it: the key of the rule.
        subject: which queue, schedule or worker.
        stage: `"pending"`: it has to last before anybody is told; `"open"`; `"resolved"`.
        text: what is wrong, as it was last seen.
        began_at: when it was first found.
        opened_at: when people were told; `None`: they were not yet.
        acknowledged_at: when somebody said that they have seen it.
        acknowledged_by: who.
        resolved_at: when it was over, or somebody said so.
        resolved_by: who has said so; empty: it was over by itself.
        note: what they have said.
    """

    id: str
    rule: str
    subject: str
    severity: Severity
    channels: tuple[str, ...]
    tenant: str
    stage: Stage
    value: float
    text: str
    began_at: Instant
    opened_at: Instant | None = None
    acknowledged_at: Instant | None = None
    acknowledged_by: str = ""
    resolved_at: Instant | None = None
    resolved_by: str = ""
    note: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What it is about: there is one of these at a time."""
        return self.rule, self.subject


def id_of(rule: str, subject: str, number: int) -> str:
    """The id of an incident: of those of one rule and subject, the so-manieth.

    Whoever finds the same at the same time gives it the same id, so that it is kept once.
    """
    return derived_id(KIND, rule, subject, str(number))


def begun(id_: str, rule: AlertRule, finding: Finding, now: Instant) -> Incident:
    """One that has just been found."""
    return Incident(
        id=id_,
        rule=rule.key,
        subject=finding.subject,
        severity=rule.severity,
        channels=rule.channels,
        tenant=rule.tenant,
        stage="pending",
        value=finding.value,
        text=finding.text,
        began_at=now,
    )


def moved_on(
    incident: Incident, rule: AlertRule | None, finding: Finding | None, now: Instant
) -> Incident:
    """What becomes of one that is not over: it lasts, it is told, or it is over."""
    if rule is None or finding is None:
        return replace(incident, stage="resolved", resolved_at=now)
    last = replace(incident, value=finding.value, text=finding.text)
    if last.stage == "pending" and now - last.began_at >= rule.hold:
        return replace(last, stage="open", opened_at=now)
    return last


def of_record(record: Record) -> Incident:
    """An incident as it was kept."""
    return _decode(record.doc)


def record_of(incident: Incident, *, expected: int) -> Put:
    """An incident as it is to be kept, if the one that is there is of this version."""
    return Put(KIND, incident.id, msgspec.json.encode(incident), expected=expected)


_decode: Final = msgspec.json.Decoder(Incident).decode
