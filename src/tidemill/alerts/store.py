"""Rules and channels, made and changed by people; incidents, which they say something of."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from tidemill.alerts import incident as incidents
from tidemill.alerts.channel import KIND as CHANNEL
from tidemill.alerts.channel import By, Channel, key_of
from tidemill.alerts.channel import checked as checked_channel
from tidemill.alerts.delivery import Delivery
from tidemill.alerts.incident import Incident, Stage
from tidemill.alerts.message import Message
from tidemill.alerts.rule import KIND as RULE
from tidemill.alerts.rule import AlertRule
from tidemill.alerts.rule import checked as checked_rule
from tidemill.client.client import Client
from tidemill.client.directory import Directory, Kept
from tidemill.client.steps import Steps, ask, awaiting, blocking
from tidemill.client.witness import written
from tidemill.core.errors import NotFound, StateError, VersionConflict
from tidemill.core.identity import check_words, new_id
from tidemill.signatures import new_secret

_TRIES: Final = 10


class AlertRules:
    """The rules of one store; every verb comes with an `a` before it for async code.

    A rule of a tenant is named `tenant/name`; asked through a client that is confined to the
    tenant, it is named without it, and no others are there. The same goes for channels.
    """

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self._client = client
        self._kept = Directory(client, RULE, AlertRule, "alerts.rules", _owners)

    @blocking
    def find(self) -> Steps[list[Kept[AlertRule]]]:
        """All rules, by name."""
        return [each for each in (yield from self._kept.all()) if _sees(self._client, each.value)]

    afind = awaiting(find)

    @blocking
    def get(self, name: str) -> Steps[Kept[AlertRule]]:
        """One rule.

        Raises:
            NotFound: there is none of this name.
        """
        return self._kept.get(_key(self._client, name), f"alert rule {name!r}")

    aget = awaiting(get)

    @blocking
    def create(self, rule: AlertRule) -> Steps[AlertRule]:
        """Keep a new rule.

        Raises:
            InvalidName: no name for a rule.
            InvalidOption: a condition, a bound or a channel that makes no sense.
            NotFound: a channel that it tells is not there.
            VersionConflict: there is a rule of this name.
        """
        owned = checked_rule(replace(rule, tenant=self._client.whose(rule.tenant or None)))
        yield from self._check_channels(owned)
        try:
            return (yield from self._kept.add(owned.key, owned))
        except VersionConflict as error:
            raise _taken("an alert rule", rule.name) from error

    acreate = awaiting(create)

    @blocking
    def change(
        self, name: str, changes: dict[str, Any], *, expected: int | None = None
    ) -> Steps[Kept[AlertRule]]:
        """Change a rule; what is not given stays.

        Args:
            changes: fields of `AlertRule` by name, but for its name and tenant.
            expected: the version that was seen; `None`: whichever is there.

        Raises:
            NotFound: there is no rule of this name, or a channel that it tells is not there.
            InvalidOption: a condition, a bound or a channel that makes no sense.
            VersionConflict: it is not of the version that was seen.
        """
        old = yield from self._kept.get(_key(self._client, name), f"alert rule {name!r}")
        yield from self._check_channels(checked_rule(replace(old.value, **changes)))
        return (
            yield from self._kept.change(
                old.key,
                lambda rule: checked_rule(replace(rule, **changes)),
                shown=f"alert rule {name!r}",
                expected=expected,
            )
        )

    achange = awaiting(change)

    @blocking
    def delete(self, name: str, *, expected: int | None = None) -> Steps[None]:
        """Forget a rule; what it has found is over.

        Raises:
            NotFound: there is none of this name.
            VersionConflict: it is not of the version that was seen.
        """
        return self._kept.remove(
            _key(self._client, name), shown=f"alert rule {name!r}", expected=expected
        )

    adelete = awaiting(delete)

    def _check_channels(self, rule: AlertRule) -> Steps[None]:
        engine = yield from self._client.store.engine()
        for name in rule.channels:
            key = key_of(rule.tenant, name)
            if (yield from ask(engine.records.get(CHANNEL, key))) is None:
                raise NotFound(
                    f"there is no channel {name!r}", hint="`tidemill alerts channels` names them"
                )


class Channels:
    """The channels of one store; see `AlertRules` for names, and verbs for async code."""

    def __init__(self, client: Client, delivery: Delivery) -> None:
        """Ask through this client, and tell by this delivery."""
        self._client = client
        self._delivery = delivery
        self._kept = Directory(client, CHANNEL, Channel, "alerts.channels", _owners)

    @blocking
    def find(self) -> Steps[list[Kept[Channel]]]:
        """All channels, by name."""
        return [each for each in (yield from self._kept.all()) if _sees(self._client, each.value)]

    afind = awaiting(find)

    @blocking
    def get(self, name: str) -> Steps[Kept[Channel]]:
        """One channel.

        Raises:
            NotFound: there is none of this name.
        """
        return self._get(name)

    aget = awaiting(get)

    @blocking
    def create(
        self, name: str, by: By, *, to: tuple[str, ...] = (), url: str = "", tenant: str = ""
    ) -> Steps[Channel]:
        """Keep a new channel; what a webhook is signed with is made here.

        Raises:
            InvalidName: no name for a channel.
            InvalidOption: no addresses, or ones that are none.
            AddressRefused: a URL that may not be posted to.
            VersionConflict: there is a channel of this name.
        """
        channel = checked_channel(
            Channel(
                name=name,
                by=by,
                to=to,
                url=url,
                secret=new_secret() if by == "webhook" else "",
                tenant=self._client.whose(tenant or None),
                created_at=self._client.store.clock.now(),
            ),
            internal=self._delivery.internal,
        )
        try:
            return (yield from self._kept.add(channel.key, channel))
        except VersionConflict as error:
            raise _taken("a channel", name) from error

    acreate = awaiting(create)

    @blocking
    def test(self, name: str) -> Steps[str]:
        """Tell a message of no incident by a channel; answer the id of the job that does.

        Raises:
            NotFound: there is none of this name.
        """
        channel = (yield from self._get(name)).value
        now = self._client.store.clock.now()
        message = Message(
            id=new_id(),
            turn="opened",
            incident="test",
            rule="test",
            subject=name,
            severity="info",
            text=f"this is a test of the channel {name}",
            value=0,
            tenant=channel.tenant,
            began_at=now,
            at=now,
        )
        job = self._delivery.job(message, channel.name)
        audit = self._client.audit("alerts.channels.test", channel.key, given={"job": job.id})
        engine = yield from self._client.store.engine()
        yield from ask(engine.jobs.insert([job], audit=audit))
        return job.id

    atest = awaiting(test)

    @blocking
    def delete(self, name: str, *, expected: int | None = None) -> Steps[None]:
        """Forget a channel; nobody is told by it any more.

        Raises:
            NotFound: there is none of this name.
            VersionConflict: it is not of the version that was seen.
        """
        return self._kept.remove(
            _key(self._client, name), shown=f"channel {name!r}", expected=expected
        )

    adelete = awaiting(delete)

    def _get(self, name: str) -> Steps[Kept[Channel]]:
        return self._kept.get(_key(self._client, name), f"channel {name!r}")


class Incidents:
    """What was found wrong; every verb comes with an `a` before it for async code."""

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self._client = client

    @blocking
    def find(self, *stages: Stage) -> Steps[list[Incident]]:
        """Incidents in these stages, all but the pending ones by default, newest first."""
        engine = yield from self._client.store.engine()
        found: list[Incident] = []
        for stage in stages or ("open", "resolved"):
            records = yield from ask(engine.records.find(incidents.KIND, {"stage": stage}))
            found += map(incidents.of_record, records)
        ours = [each for each in found if _sees(self._client, each)]
        return sorted(ours, key=lambda each: (each.began_at, each.id), reverse=True)

    afind = awaiting(find)

    @blocking
    def get(self, id: str) -> Steps[Incident]:  # noqa: A002 - the word for it
        """One incident.

        Raises:
            NotFound: there is none of this id.
        """
        incident, _ = yield from self._read(id)
        return incident

    aget = awaiting(get)

    @blocking
    def acknowledge(self, id: str, note: str = "") -> Steps[Incident]:  # noqa: A002 - see above
        """Say that somebody has seen it, and looks after it.

        Raises:
            NotFound: there is none of this id.
            StateError: it is over.
        """
        said, by = check_words("note", note), self._client.asker

        def acknowledged(old: Incident) -> Incident:
            now = self._client.store.clock.now()
            return replace(old, acknowledged_at=now, acknowledged_by=by, note=said or old.note)

        return self._change("alerts.acknowledge", id, acknowledged)

    aacknowledge = awaiting(acknowledge)

    @blocking
    def resolve(self, id: str, note: str = "") -> Steps[Incident]:  # noqa: A002 - see above
        """Say that it is over; where it is not, its rule finds it anew.

        Raises:
            NotFound: there is none of this id.
            StateError: it is over already.
        """
        said, by = check_words("note", note), self._client.asker

        def resolved(old: Incident) -> Incident:
            now = self._client.store.clock.now()
            return replace(
                old, stage="resolved", resolved_at=now, resolved_by=by, note=said or old.note
            )

        return self._change("alerts.resolve", id, resolved)

    aresolve = awaiting(resolve)

    def _read(self, id_: str) -> Steps[tuple[Incident, int]]:
        engine = yield from self._client.store.engine()
        record = yield from ask(engine.records.get(incidents.KIND, id_))
        incident = None if record is None else incidents.of_record(record)
        if record is None or incident is None or not _sees(self._client, incident):
            raise NotFound(
                f"there is no incident {id_!r}", hint="`tidemill alerts list` names what there is"
            )
        return incident, record.version

    def _change(
        self, action: str, id_: str, changed: Callable[[Incident], Incident]
    ) -> Steps[Incident]:
        """Read, change and write; made anew when the watch comes between."""
        engine = yield from self._client.store.engine()
        for left in reversed(range(_TRIES)):
            old, version = yield from self._read(id_)
            if old.stage != "open":
                raise StateError(f"incident {id_} is {old.stage}, not open")
            new = changed(old)
            audit = self._client.audit(
                action,
                id_,
                before=written(old),
                after=written(new),
            )
            put = incidents.record_of(new, expected=version)
            try:
                yield from ask(engine.records.put(put, audit=audit))
            except VersionConflict:
                if not left:
                    raise
            else:
                return new
        raise AssertionError  # the loop answers or raises


def _key(client: Client, name: str) -> str:
    """What is kept under a name that whoever asks calls so."""
    return key_of(client.tenant, name) if client.confined else name


def _owners(thing: AlertRule | Channel) -> tuple[str, ...]:
    return (thing.tenant,) if thing.tenant else ()


def _sees(client: Client, thing: AlertRule | Channel | Incident) -> bool:
    return not client.confined or thing.tenant == client.tenant


def _taken(what: str, name: str) -> VersionConflict:
    return VersionConflict(f"there is {what} {name!r} already", hint="take another name")
