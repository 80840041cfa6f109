"""What people are told of an incident: once when it opens, once when it is over."""

from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from tidemill.alerts.incident import Incident
from tidemill.alerts.rule import Severity
from tidemill.core.instants import Instant, to_datetime

Turn = Literal["opened", "resolved"]

_MOST_SUBJECT: Final = 150
"""Letters of a subject: a mail server may refuse a longer line."""


class Message(Struct, frozen=True, kw_only=True):
    """What is told; it says all there is to say, whatever has become of the incident since.

    Attributes:
        id: of the message: the same however often, and by however many ways, it is sent.
        at: when the turn was taken.
    """

    id: str
    turn: Turn
    incident: str
    rule: str
    subject: str
    severity: Severity
    text: str
    value: float
    tenant: str
    began_at: Instant
    at: Instant

    @property
    def title(self) -> str:
        """One line."""
        mark = "over" if self.turn == "resolved" else self.severity
        return f"[{mark}] {self.text}"[:_MOST_SUBJECT]

    @property
    def body(self) -> str:
        """Some lines of plain text."""
        lines = [
            f"{self.text}.",
            "",
            f"rule       {self.rule}",
            f"severity   {self.severity}",
            f"since      {_written(self.began_at)}",
        ]
        if self.turn == "resolved":
            lines.append(f"until      {_written(self.at)}")
        if self.tenant:
            lines.append(f"tenant     {self.tenant}")
        lines.append(f"incident   {self.incident}")
        return "\n".join(lines) + "\n"

    @property
    def payload(self) -> bytes:
        """The body of a webhook, as Standard Webhooks recommends: type, timestamp, data."""
        data: dict[str, Any] = {
            "incident": self.incident,
            "rule": self.rule,
            "subject": self.subject,
            "severity": self.severity,
            "text": self.text,
            "value": self.value,
            "tenant": self.tenant,
            "began_at": _written(self.began_at),
        }
        told = {"type": f"alert.{self.turn}", "timestamp": _written(self.at), "data": data}
        return msgspec.json.encode(told)


def message_of(incident: Incident, turn: Turn, at: Instant) -> Message:
    """What is told of one turn that an incident has taken."""
    return Message(
        id=f"{incident.id}-{turn}-{at}",
        turn=turn,
        incident=incident.id,
        rule=incident.rule,
        subject=incident.subject,
        severity=incident.severity,
        text=incident.text,
        value=incident.value,
        tenant=incident.tenant,
        began_at=incident.began_at,
        at=at,
    )


def _written(instant: Instant) -> str:
    return to_datetime(instant).isoformat(timespec="seconds").replace("+00:00", "Z")
