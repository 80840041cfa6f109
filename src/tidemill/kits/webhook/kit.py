"""Webhooks: the module of the webhook kit, and its tasks."""

from typing import Any, Final

from msgspec import Struct

import tidemill
from tidemill import (
    Cancel,
    Concurrency,
    Event,
    Module,
    Priority,
    Retry,
    Secret,
    Task,
    Tidemill,
    millis,
    unique,
)
from tidemill.kits.webhook.deliveries import Deliveries
from tidemill.kits.webhook.posting import (
    DISABLED,
    GONE,
    Delivered,
    Message,
    NotDelivered,
    Refused,
    Target,
    made_at,
    post,
)
from tidemill.kits.webhook.subscription import check_headers, plain, stored
from tidemill.kits.webhook.subscriptions import MOST, Subscriptions, kept_as

_WANTS_NO_MORE: Final = "its receiver has answered 410, and wants to hear no more"
_ONCE: Final = unique(window="1h")
"""Whoever hands an event out again within this time hands out nothing twice."""


class Settings(Struct, frozen=True):
    """What may be set of the kit.

    Attributes:
        allow: hosts that may be posted to wherever they are, as `services.allow` has them; that
            setting itself counts nothing here, for others say where webhooks go.
        answer: how long a receiver may take to answer.
    """

    allow: tuple[str, ...] = ()
    answer: str = "15s"

    def __post_init__(self) -> None:
        """Check it where it is written or read."""
        if not millis(self.answer):
            raise tidemill.errors.InvalidOption(
                f"answer={self.answer!r} leaves no time to answer", hint='write answer="15s"'
            )


class Webhooks(Module):
    """Posts events, signed, to whoever has subscribed to them.

    Attributes:
        deliver: the task that posts one event to one subscription.
        post: the task that posts one event to a URL that nobody has subscribed with.
        fan_out: the task that runs for each event, and enqueues a delivery for each subscription.

    Example:
        >>> from tidemill import Tidemill
        >>> app, webhooks = Tidemill("memory://"), Webhooks()
        >>> app.include(webhooks)
        >>> made = webhooks.subscriptions(app).create("https://crm.example.org/in", ["invoice.*"])
        >>> made.enabled, made.secret[:6]
        (True, 'whsec_')
    """

    def __init__(
        self,
        name: str = "webhook",
        *,
        queue: str = "",
        hears: str = "**",
        at_once: int = 20,
        retry: Any = None,
        priority: int = Priority.NORMAL,
        settings: Settings = Settings(),  # noqa: B008 - a value
    ) -> None:
        """Make the kit; an application includes it.

        Args:
            name: of the module; two applications in one store need two.
            queue: that its jobs wait in; by default called as the module.
            hears: pattern of the events that may be subscribed to.
            at_once: deliveries to one subscription at the same time, so that a receiver that is
                slow keeps no worker from the others.
            retry: how often, and after what waits, a delivery is tried again; by default five
                attempts, the first wait 10 s, twice as long each time.
            priority: of its jobs, -100 to 100.
            settings: see `Settings`.

        Raises:
            InvalidName: no name for a module, or no pattern.
            InvalidOption: an option that makes no sense.
        """
        super().__init__(
            name,
            version="1.0.0",
            description="Posts events, signed, to whoever has subscribed to them.",
            needs=["http", "events"],
            settings=settings,
            place=f'Webhooks("{name}")',
        )
        waits = queue or name
        options: dict[str, Any] = {
            "queue": waits,
            "retry": retry or Retry.exponential(attempts=5, base="10s", cap="1h"),
            "priority": priority,
            "timeout": "60s",
            "give_up_on": [Refused, tidemill.errors.AddressRefused],
        }
        each = Concurrency(at_once, key=f"{name}/{{subscription}}")
        self.deliver = self.task(name=f"{name}.deliver", concurrency=each, **options)(self._deliver)
        self.post = self.task(name=f"{name}.post", **options)(self._post)
        fans = self.task(name=f"{name}.fan_out", queue=waits, priority=priority)
        self.fan_out = self.on(hears)(fans(self._fan_out))

    @property
    def kept_as(self) -> str:
        """The kind of the records as which subscriptions are kept."""
        return kept_as(self.name)

    def subscriptions(
        self, app: Tidemill, tenant: str | None = None, *, records: "tidemill.Records | None" = None
    ) -> Subscriptions:
        """Who wants to be told of what; one tenant's, by default the application's own.

        Args:
            app: includes the kit.
            tenant: whose they are.
            records: those of the kind `kept_as` through which they are asked for, in the place of
                the application's: where they ask for somebody, the audit log tells who it was.
        """
        return Subscriptions(app, self.name, tenant, records=records)

    def deliveries(self, app: Tidemill, tenant: str | None = None) -> Deliveries:
        """What has been posted, and what came of it."""
        return Deliveries(app, self.deliver, tenant)

    def to(self, subscription: str) -> Task[..., Delivered]:
        """The task `deliver`, whose jobs are found as deliveries of one subscription.

        Example:
            >>> webhooks = Webhooks()
            >>> call = webhooks.to("sub_1").bind("sub_1", "invoice.paid", {"id": 7})
        """
        return self.deliver.using(tags=[subscription])

    async def _deliver(
        self,
        subscription: str,
        event: str,
        data: Any = None,
        *,
        id: str = "",  # noqa: A002 - the word for it
        at: int = 0,
    ) -> Delivered:
        """Post one event to one subscription.

        Args:
            subscription: its id.
            event: what happened, such as `invoice.paid`.
            data: whatever belongs to it.
            id: of the message; by default made of the job's.
            at: when it happened, milliseconds UTC; by default when the job was enqueued.
        """
        job = tidemill.current()
        records = self.records("subscriptions")
        found = await records.aget(subscription)
        if found is None:
            raise Cancel(f"the subscription {subscription} is not there any more")
        known = stored(found.value)
        if known.disabled_at:
            raise Cancel(f"{DISABLED}: {known.reason}")
        settings = job.settings
        target = Target(
            url=known.url,
            secrets=known.secrets(job.now),
            headers=known.revealed_headers(),
            answer=settings.answer,
            allow=settings.allow,
        )
        try:
            return await post(job, target, self._message(event, data, id, at))
        except Refused as refusal:
            if refusal.status != GONE:
                raise
        await self._disable(subscription, known.url)
        raise Cancel(f"{DISABLED}: {_WANTS_NO_MORE}")

    async def _post(
        self,
        url: str,
        event: str,
        data: Any = None,
        secret: Secret | None = None,
        headers: dict[str, str] | None = None,
        *,
        id: str = "",  # noqa: A002 - the word for it
        at: int = 0,
    ) -> Delivered:
        """Post one event to a URL.

        Args:
            url: where to.
            event: what happened.
            data: whatever belongs to it.
            secret: what it is signed with; without one it is not signed.
            headers: to be sent along; they are kept with the job, for whoever may see its
                arguments.
            id: of the message; by default made of the job's.
            at: when it happened, milliseconds UTC; by default when the job was enqueued.
        """
        job = tidemill.current()
        settings = job.settings
        secrets = [] if secret is None else [secret.reveal()]
        check_headers(headers or {})
        target = Target(
            url=url,
            secrets=secrets,
            headers=headers or {},
            answer=settings.answer,
            allow=settings.allow,
        )
        return await post(job, target, self._message(event, data, id, at))

    async def _fan_out(self, event: Event) -> int:
        """Enqueue a delivery of one event for each subscription that wants it."""
        records = self.records("subscriptions")
        id_ = f"msg_{event.position:x}_{event.at:x}"
        calls = [
            self.to(kept.key)
            .using(
                key=f"{self.name}/{id_}/{kept.key}",
                unique=_ONCE,
                source=f"event:{event.position}",
                tenant=event.tenant,
            )
            .bind(kept.key, event.name, event.payload, id=id_, at=event.at)
            for kept in await records.afind(limit=MOST)
            if stored(kept.value).wants(event)
        ]
        await self.aenqueue_many(calls)
        return len(calls)

    def _message(self, event: str, data: Any, id_: str, at: int) -> Message:
        """What is posted: the same at each attempt of a job."""
        job = tidemill.current()
        return Message(id_ or f"msg_{job.id}", event, at or made_at(job.id) or job.now, data)

    async def _disable(self, subscription: str, url: str) -> None:
        """Disable a subscription whose receiver wants to hear no more.

        Raises:
            NotDelivered: by now it is another receiver that is posted to, or none.
        """
        job, records = tidemill.current(), self.records("subscriptions")

        def disabled(value: Any) -> Any:
            if value is None or stored(value).url != url:
                raise NotDelivered("the subscription has moved meanwhile", status=GONE)
            return plain(stored(value).disabled(_WANTS_NO_MORE, job.now), seals=records.seals)

        await records.achange(subscription, disabled)
        told = {"subscription": subscription, "reason": _WANTS_NO_MORE}
        events = job.services["events"]
        await events.emit(f"{self.name}.disabled", told, source=f"module:{self.name}")
