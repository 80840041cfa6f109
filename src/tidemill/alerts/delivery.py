"""Telling people, as jobs: each message by each channel is one, with attempts of its own."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

from tidemill.alerts import signature
from tidemill.alerts.channel import KIND, Channel, key_of
from tidemill.alerts.message import Message
from tidemill.client.bound import Bound
from tidemill.client.client import Client
from tidemill.client.steps import Walk
from tidemill.client.terms import Terms
from tidemill.client.wishes import NONE
from tidemill.core.errors import InvalidOption
from tidemill.core.identity import OWN_QUEUE, derived_id
from tidemill.core.instants import Instant, Millis
from tidemill.core.job import NewJob
from tidemill.services.outbound import Lookup, Reach, addresses_of, check_url
from tidemill.services.retry_after import retry_after
from tidemill.tasks.declaration import Declaration
from tidemill.tasks.directives import Cancel, Retry
from tidemill.tasks.options import read_options

if TYPE_CHECKING:
    from email.message import EmailMessage

    import httpx

TELL: Final = "tidemill-tell"

_PATIENCE: Final = 15.0
"""Seconds that a receiver has to answer, as Standard Webhooks recommends."""
_GONE: Final = 410
"""A receiver answers so that wants to hear no more."""
_BUSY: Final = frozenset({429, 502, 503, 504})
_LONGEST_WAIT: Final[Millis] = 3_600_000


class Post(Struct, frozen=True):
    """How mail leaves the house, as the settings have it.

    Attributes:
        url: `smtp://user:password@host:587`, or `smtps://`; empty: it does not.
        sender: the address it comes from.
        internal: whether webhooks may go to addresses inside one's own network.
    """

    url: str = ""
    sender: str = ""
    internal: bool = False


class Delivery:
    """Makes the jobs that tell people, and runs them.

    Attributes:
        task: what these jobs are of.
        internal: whether webhooks may go to addresses inside one's own network.
    """

    def __init__(self, client: Client, post: Post, lookup: Lookup = addresses_of) -> None:
        """Look up channels through this client, and what names of hosts stand for by this."""
        self._client = client
        self._lookup = lookup
        self._post = post
        self.internal = post.internal
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
        import aiosmtplib  # noqa: PLC0415 - only who tells by mail needs it

        if not (self._post.url and self._post.sender):
            raise InvalidOption(
                "mail cannot be sent, for nothing says how", hint="set mail.url and mail.sender"
            )
        server = urlsplit(self._post.url)
        wrapped = server.scheme == "smtps"
        await aiosmtplib.send(
            _letter(self._post.sender, channel.to, message),
            hostname=server.hostname,
            port=server.port or (465 if wrapped else 587),
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
            use_tls=wrapped,
            # A password, and whatever went wrong here, is nobody's business on the way.
            start_tls=None if wrapped else not _is_plain(server.query),
            timeout=_PATIENCE,
        )
        return f"sent to {len(channel.to)} addresses"

    async def _webhook(self, channel: Channel, message: Message) -> str:
        import httpx  # noqa: PLC0415 - only who tells by webhook needs it

        from tidemill.services.outlet import Outlet, timeouts  # noqa: PLC0415 - as above

        reach = Reach(internal=self._post.internal)
        check_url(channel.url, reach)
        clock = self._client.store.clock
        signed = signature.headers(
            channel.secret, message.id, clock.now() // 1_000, message.payload
        )
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


def _letter(sender: str, to: tuple[str, ...], message: Message) -> "EmailMessage":
    from email.message import EmailMessage  # noqa: PLC0415 - only who tells by mail needs it
    from email.policy import SMTP  # noqa: PLC0415 - as above

    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    letter["To"] = ", ".join(to)
    letter["Subject"] = " ".join(message.title.split())
    letter["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.body)
    return letter


def _is_plain(query: str) -> bool:
    """Whether a URL says that a server needs no TLS, as one on this very machine may not."""
    return query == "tls=off"
