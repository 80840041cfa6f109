"""What was found wrong behind a server, when people are told, and how; see `alerts.store`."""

from functools import partial
from typing import Any

import msgspec

from tidemill.alerts.channel import By, Channel
from tidemill.alerts.incident import Incident, Stage
from tidemill.alerts.rule import AlertRule
from tidemill.client.directory import Kept
from tidemill.remote.reading import Sent, kept, nothing, owned, part, value
from tidemill.remote.wire import Wire


class RemoteIncidents:
    """The incidents behind a server."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def find(self, *stages: Stage) -> list[Incident]:
        """Incidents in these stages, all but the pending ones by default, newest first."""
        only = stages[0] if len(stages) == 1 else None
        found = self._wire.get(_incidents, "/alerts/incidents", {"stage": only})
        return [each for each in found if each.stage in stages or not stages]

    def acknowledge(self, id: str, note: str = "") -> Incident:  # noqa: A002 - the word for it
        """Say that somebody has seen it, and looks after it."""
        path = f"/alerts/incidents/{part(id)}/acknowledge"
        return self._wire.ask(_incident, "POST", path, {"note": note})

    def resolve(self, id: str, note: str = "") -> Incident:  # noqa: A002 - see above
        """Say that it is over; where it is not, its rule finds it anew."""
        path = f"/alerts/incidents/{part(id)}/resolve"
        return self._wire.ask(_incident, "POST", path, {"note": note})


class RemoteAlertRules:
    """The alert rules behind a server; one of a tenant is called `tenant/name`."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def find(self) -> list[Kept[AlertRule]]:
        """All rules, by name."""
        return self._wire.get(
            lambda sent: [_rule(each["name"], each) for each in sent["rules"]], "/alerts/rules"
        )

    def get(self, name: str) -> Kept[AlertRule]:
        """One rule.

        Raises:
            NotFound: there is none of this name.
        """
        owner, plain = owned(name)
        return self._wire.get(partial(_rule, name), f"/alerts/rules/{plain}", tenant=owner)

    def create(self, rule: AlertRule) -> AlertRule:
        """Keep a new rule."""
        body: dict[str, Any] = {
            "name": rule.name,
            "when": rule.when,
            "above": rule.above,
            "window": rule.window / 1_000,
            "hold": rule.hold / 1_000,
            "queue": rule.queue or None,
            "task": rule.task or None,
            "severity": rule.severity,
            "channels": rule.channels,
            "tenant": rule.tenant or None,
        }
        return self._wire.ask(partial(_rule, rule.key), "POST", "/alerts/rules", body).value

    def change(self, name: str, changes: dict[str, Any]) -> Kept[AlertRule]:
        """Change a rule; what is not given stays.

        Raises:
            NotFound: there is none of this name.
        """
        owner, plain = owned(name)
        path = f"/alerts/rules/{plain}"
        return self._wire.ask(partial(_rule, name), "PATCH", path, changes, tenant=owner)

    def delete(self, name: str) -> None:
        """Forget a rule; what it has found is over."""
        owner, plain = owned(name)
        self._wire.ask(nothing, "DELETE", f"/alerts/rules/{plain}", tenant=owner)


class RemoteChannels:
    """The channels behind a server; one of a tenant is called `tenant/name`."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def find(self) -> list[Kept[Channel]]:
        """All channels, by name."""
        return self._wire.get(
            lambda sent: [_channel(each["name"], each) for each in sent["channels"]],
            "/alerts/channels",
        )

    def get(self, name: str) -> Kept[Channel]:
        """One channel.

        Raises:
            NotFound: there is none of this name.
        """
        owner, plain = owned(name)
        return self._wire.get(partial(_channel, name), f"/alerts/channels/{plain}", tenant=owner)

    def create(
        self, name: str, by: By, *, to: tuple[str, ...] = (), url: str = "", tenant: str = ""
    ) -> Channel:
        """Keep a new channel; what a webhook is signed with is made there, and shown this once."""
        body = {"name": name, "by": by, "to": to, "url": url, "tenant": tenant or None}
        return self._wire.ask(partial(_channel, name), "POST", "/alerts/channels", body).value

    def test(self, name: str) -> str:
        """Tell a message of no incident by a channel; answer the id of the job that does."""
        owner, plain = owned(name)
        path = f"/alerts/channels/{plain}/test"
        return self._wire.ask(_job, "POST", path, tenant=owner)

    def delete(self, name: str) -> None:
        """Forget a channel; nobody is told by it any more."""
        owner, plain = owned(name)
        self._wire.ask(nothing, "DELETE", f"/alerts/channels/{plain}", tenant=owner)


def _incidents(sent: Sent) -> list[Incident]:
    return [_incident(each) for each in sent["incidents"]]


def _incident(sent: Sent) -> Incident:
    times = ("began_at", "opened_at", "acknowledged_at", "resolved_at")
    return value(Incident, sent, at=times)


def _rule(key: str, sent: Sent) -> Kept[AlertRule]:
    """A rule that whoever asks calls so."""
    plain = key.rpartition("/")[2]
    return kept(value(AlertRule, sent, spans=("window", "hold"), name=plain), sent, key)


def _channel(key: str, sent: Sent) -> Kept[Channel]:
    """A channel that whoever asks calls so."""
    plain = key.rpartition("/")[2]
    return kept(value(Channel, sent, at=("created_at",), name=plain), sent, key)


def _job(sent: Sent) -> str:
    return msgspec.convert(sent["job"], str)
