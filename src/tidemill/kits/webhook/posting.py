"""One webhook: what is posted, and what the answer to it means."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

import tidemill
from tidemill import Snooze

if TYPE_CHECKING:
    from tidemill import JobContext

FIRST: Final = 1_024
"""Bytes that are kept of an answer."""

DISABLED: Final = "its subscription is disabled"
"""How the reason begins for which a delivery is cancelled that a subscription does not want."""

GONE: Final = 410
"""A receiver answers so that wants to hear no more."""

_WORTH_ANOTHER: Final = frozenset({408, 409, 421, 423, 425, 429})
"""Refusals that say something of this moment; every other one between 400 and 499 says that the
same request will not be taken later either."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_TRIES: Final = 50
_LONGEST_ERROR: Final = 300


class NotDelivered(tidemill.errors.ServiceError):
    """A receiver has not taken a webhook, and may take it another time.

    Attributes:
        status: what it has answered.
    """

    code = "service.not_delivered"

    def __init__(self, message: str, *, hint: str = "", status: int = 0) -> None:
        """Keep the answer beside the message."""
        super().__init__(message, hint=hint)
        self.status = status


class Refused(NotDelivered):
    """A receiver has not taken a webhook, and says that it never will."""

    code = "service.not_delivered.refused"


class Delivered(Struct, frozen=True):
    """A receiver has taken a webhook: the result of its job.

    Attributes:
        status: 200 to 299.
        body: the first 1,024 bytes of what it has answered.
        took: milliseconds.
        at: when it was sent, milliseconds UTC.
        attempt: number of the attempt.
    """

    status: int
    body: str
    took: int
    at: int
    attempt: int


class Try(Struct, frozen=True, omit_defaults=True):
    """One time that a webhook was posted.

    Attributes:
        attempt: number of the attempt; a job that is retried by hand begins again with 1.
        at: when, milliseconds UTC.
        took: milliseconds.
        status: what the receiver has answered; 0: nothing.
        body: the first 1,024 bytes of its answer.
        error: what went wrong where there was no answer.
    """

    attempt: int
    at: int
    took: int
    status: int = 0
    body: str = ""
    error: str = ""


class Message(Struct, frozen=True):
    """What a webhook says.

    Attributes:
        id: the same however often, and to however many, it is sent.
        event: what happened, such as `invoice.paid`.
        at: when, milliseconds UTC.
        data: whatever belongs to it, as JSON values.
    """

    id: str
    event: str
    at: int
    data: Any

    @property
    def body(self) -> bytes:
        """The body, as Standard Webhooks recommends: type, timestamp, data."""
        moment = (_EPOCH + timedelta(milliseconds=self.at)).isoformat(timespec="milliseconds")
        timestamp = moment.replace("+00:00", "Z")
        told = {"type": self.event, "timestamp": timestamp, "data": self.data}
        return msgspec.json.encode(told)


class Target(Struct, frozen=True, kw_only=True):
    """Where one webhook goes, and how.

    Attributes:
        secrets: what it is signed with; none: it is not signed.
        headers: that are sent along.
        answer: how long the receiver may take, as `"15s"`.
        allow: hosts that may be asked wherever they are.
    """

    url: str
    secrets: list[str]
    headers: Mapping[str, str]
    answer: str
    allow: tuple[str, ...]


async def post(job: "JobContext", target: Target, message: Message) -> Delivered:
    """Post one webhook, and say what the answer means.

    Raises:
        NotDelivered: it was not taken, and is to be sent again.
        Refused: it was not taken, and is not to be sent again.
        Snooze: its host is left in peace; it is sent again after that, and no attempt is spent.
        AddressRefused: it may not be sent there.
        httpx.TransportError: it could not be sent, or was not answered in time.
    """
    body, begun = message.body, job.now
    headers = {**target.headers, "Content-Type": "application/json"}
    if target.secrets:
        headers |= tidemill.signatures.sign(target.secrets, message.id, body, at=begun)
    try:
        answer = await job.services["http"].post(
            target.url,
            content=body,
            headers=headers,
            connect="5s",
            read=target.answer,
            timeout=target.answer,
            tries=1,
            first=FIRST,
            allow=target.allow,
            key="",
        )
    except Snooze:
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
        note(job, Try(job.attempt, begun, job.now - begun, error=told))
        raise
    status, text = answer.status_code, answer.content.decode(errors="replace").replace("\0", "�")
    took = job.now - begun
    if 200 <= status < 300:
        return Delivered(status, text, took, begun, job.attempt)
    note(job, Try(job.attempt, begun, took, status, text))
    raise judged(urlsplit(target.url).hostname or "", status)


def judged(host: str, status: int) -> NotDelivered:
    """What it means that a receiver has not taken a webhook.

    Example:
        >>> type(judged("example.org", 500)), type(judged("example.org", 404))
        (<class 'tidemill.kits.webhook.posting.NotDelivered'>, \
<class 'tidemill.kits.webhook.posting.Refused'>)
    """
    said = f"{host} answers {status}"
    if 400 <= status < 500 and status not in _WORTH_ANOTHER:
        hint = "the same request will not be taken later either"
        return Refused(said, hint=hint, status=status)
    hint = "redirects are not followed: change the URL" if 300 <= status < 400 else ""
    return NotDelivered(said, hint=hint, status=status)


def note(job: "JobContext", failed: Try) -> None:
    """Remember an attempt beside those before it; of very many the oldest are forgotten."""
    earlier = job.checkpoint_value or []
    job.checkpoint([*earlier, msgspec.to_builtins(failed)][-_MOST_TRIES:])


def noted(checkpoint: bytes | None) -> list[Try]:
    """The attempts that a job remembers."""
    return [] if checkpoint is None else msgspec.json.decode(checkpoint, type=list[Try])


def made_at(job: str) -> int:
    """When a job was enqueued, as its id says it (RFC 9562, section 5.7); 0: it does not."""
    return int(job.replace("-", "")[:12], 16) if job[14:15] == "7" else 0
