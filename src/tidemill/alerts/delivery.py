"""Telling people, as jobs: each message by each channel is one, with attempts of its own."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from tidemill.alerts.channel import KIND, Channel, key_of
from tidemill.alerts.message import Message
from tidemill.client.bound import Bound
from tidemill.client.client import Client
from tidemill.client.steps import Walk
from tidemill.client.terms import Terms
from tidemill.client.wishes import NONE
from tidemill.core.identity import OWN_QUEUE, derived_id
from tidemill.core.instants import Instant, Millis
from tidemill.core.job import NewJob
from tidemill.services.breakers import Breakers
from tidemill.services.letter import one_line
from tidemill.services.mail import TERMS, Mail
from tidemill.services.outbound import Lookup, Reach, addresses_of, check_url
from tidemill.services.post import Post
from tidemill.services.retry_after import retry_after
from tidemill.signatures import sign
from tidemill.tasks.declaration import Declaration
from tidemill.tasks.directives import Cancel, Retry
from tidemill.tasks.options import read_options

if TYPE_CHECKING:
    import httpx

TELL: Final = "tidemill-tell"

_PATIENCE: Final = 15.0
"""Seconds that a receiver has to answer, as Standard Webhooks recommends."""
_GONE: Final = 410
"""A receiver answers so that wants to hear no more."""
_BUSY: Final = frozenset({429, 502, 503, 504})
_LONGEST_WAIT: Final[Millis] = 3_600_000


class Delivery:
    """Makes the jobs that tell people, and runs them.

    Attributes:
        task: what these jobs are of.
        internal: whether webhooks may go to addresses inside one's own network.
    """

    def __init__(
        self,
        client: Client,
        post: Post,
        *,
        internal: bool = False,
        lookup: Lookup = addresses_of,
    ) -> None:
        """Look up channels through this client, and what names of hosts stand for by this."""
        self._client = client
        self._lookup = lookup
        self._post = post
        self.internal = internal
        options = read_options(
            self.tell,
            {
                "queue": OWN_QUEUE,
                "retry": Retry.exponential(attempts=8, base="5s", cap="1h"),
                "timeout": "60s",
            },
        )
        self.task: Declaration[str] = Declaration(self.tell, options, name=TELL)

    def job(self, message: Message, channel: str) -> NewJob:
        """The job that tells one message by one channel: always the same one."""
        id_ = derived_id(TELL, message.id, channel)
        arguments = self.task.encode_args((message, channel), {})
        call = Bound(Terms(self.task, NONE), arguments, id_)
        job = call.new_job(message.tenant, self._client.store.clock)
        return msgspec.structs.replace(job, source=f"incident:{message.incident}")

    async def tell(self, message: Message, channel: str) -> str:
        """Tell people of an incident, by one channel."""
        found = await self._channel(key_of(message.tenant, channel))
        if found is None:
            raise Cancel(f"there is no channel {channel} any more")
        if found.by == "mail":
            return await self._mail(found, message)
        return await self._webhook(found, message)

    async def _channel(self, key: str) -> Channel | None:
        engine = await Walk(self._client.store.engine())
        record = await engine.records.get(KIND, key)
        return None if record is None else msgspec.json.decode(record.doc, type=Channel)

    async def _mail(self, channel: Channel, message: Message) -> str:
        store = self._client.store
        mail = Mail(self._post, Breakers(store, TERMS), store.clock)
        try:
            mailed = await mail.send(
                channel.to, one_line(message.title), message.body, id=message.id
            )
        finally:
            await mail.aclose()
        return f"taken for {len(mailed.accepted)} of {len(channel.to)} addresses"

    async def _webhook(self, channel: Channel, message: Message) -> str:
        import httpx  # noqa: PLC0415 - only who tells by webhook needs it

        from tidemill.services.outlet import Outlet, timeouts  # noqa: PLC0415 - as above

        reach = Reach(internal=self.internal)
        check_url(channel.url, reach)
        clock = self._client.store.clock
        signed = sign(channel.secret, message.id, message.payload, at=clock.now())
        request = httpx.Request(
            "POST",
            channel.url,
            content=message.payload,
            headers={"Content-Type": "application/json", "User-Agent": "tidemill", **signed},
            extensions=timeouts(_PATIENCE, _PATIENCE),
        )
        outlet = Outlet(reach, lookup=self._lookup)
        try:
            # What it says is of no use, and may be without an end.
            answer = await outlet.send(request, most=None)
        finally:
            await outlet.aclose()
        return _judged(channel, answer, clock.now())


def _judged(channel: Channel, answer: "httpx.Response", now: Instant) -> str:
    """What a receiver's answer means.

    Raises:
        Retry: it is to be sent again later.
        Cancel: it is not to be sent again.
        ConnectionError: it was not taken.
    """
    status = answer.status_code
    if answer.is_success:
        return f"answered {status}"
    if status == _GONE:
        raise Cancel(f"{channel.name} answers 410: it wants to hear no more")
    wait = retry_after(answer.headers, now)
    if status in _BUSY and wait is not None:
        raise Retry(after=timedelta(milliseconds=min(wait, _LONGEST_WAIT)))
    raise ConnectionError(f"{channel.name} answers {status}")
