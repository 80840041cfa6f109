"""`mail`: hands letters to a mail server, over lines that are kept, and says who was taken."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from msgspec import Struct
from msgspec.structs import replace

from tidemill.core.errors import HostUnavailable, InvalidOption, MailDeferred, MailRefused
from tidemill.core.identity import check_several, new_id
from tidemill.core.instants import Millis, to_datetime
from tidemill.loops.clock import Clock
from tidemill.services.breaker import Health, Terms
from tidemill.services.breakers import Breakers, Shut
from tidemill.services.letter import Attachment, Letter, check_address, checked, written
from tidemill.services.post import Post, read_url
from tidemill.services.replies import Crowded, Lost, NoUtf8, Taken, Unsure
from tidemill.services.resting import Resting
from tidemill.worker.context import current
from tidemill.worker.run import running

if TYPE_CHECKING:
    from tidemill.services.lines import Lines

TERMS: Final = Terms(failures=1)
"""A server that cannot be reached is left in peace at once: no letter can be the reason."""

_STEPS: Final = 8
"""Steps that a letter to one person takes, from the greeting on."""


class LetterKeywords(TypedDict, total=False):
    """What may be written of a letter behind its text.

    Attributes:
        html: the body again, or instead.
        from_name: the sender's name.
        cc: who else is to see it.
        bcc: who else is to see it, unseen.
        reply_to: whom to answer.
        headers: `X-...`, `List-...`, `References` and the like.
        attachments: of each file the name, the bytes and the media type.
    """

    html: str
    from_name: str
    cc: Iterable[str]
    bcc: Iterable[str]
    reply_to: Iterable[str]
    headers: Mapping[str, str]
    attachments: Iterable[tuple[str, bytes, str]]


class Mailed(Struct, frozen=True):
    """What came of a letter.

    Attributes:
        message_id: what receivers tell it apart by.
        accepted: for whom the server has taken it; it says nothing of who has read it.
        refused: for whom it never will, with what it said.
        deferred: for whom it may take it later, with what it said.
        size: bytes that were sent.
        digest: SHA-256 of them.
    """

    message_id: str
    accepted: tuple[str, ...]
    refused: dict[str, str]
    deferred: dict[str, str]
    size: int
    digest: str


class Mail:
    """Hands letters to one mail server.

    Example:
        >>> mail = current().services["mail"]  # doctest: +SKIP
        >>> mailed = await mail.send(  # doctest: +SKIP
        ...     ["zoe@example.org"], "Paid", "Invoice 7 is paid."
        ... )
        >>> mailed.accepted  # doctest: +SKIP
        ('zoe@example.org',)
    """

    def __init__(
        self,
        post: Post,
        breakers: Breakers,
        clock: Clock,
        lines: "dict[str, Lines] | None" = None,
    ) -> None:
        """Send by this post; nothing is connected yet.

        Args:
            post: which server, and from whom.
            breakers: what is known of how servers do.
            clock: what letters are dated by.
            lines: to servers, by their URLs: senders share them; none yet by default.
        """
        self._post = post
        self._breakers = breakers
        self._clock = clock
        self._resting = Resting(breakers, clock)
        self._lines = {} if lines is None else lines

    def at(self, url: str = "", sender: str = "") -> "Mail":
        """Another server, or another sender; what is not given is as it is set.

        Args:
            url: as `mail.url`.
            sender: as `mail.sender`.

        Raises:
            InvalidOption: no URL of a mail server, or no address.
        """
        if not (url or sender):
            return self
        post = replace(
            self._post,
            url=read_url(url) if url else self._post.url,
            sender=check_address(sender) if sender else self._post.sender,
        )
        return Mail(post, self._breakers, self._clock, self._lines)

    async def send(
        self,
        to: Iterable[str],
        subject: str,
        text: str = "",
        *,
        id: str = "",  # noqa: A002 - what it is
        only: Collection[str] | None = None,
        **parts: Unpack[LetterKeywords],
    ) -> Mailed:
        """Hand one letter over, for everybody at once; what the server said for whom.

        Args:
            to: addresses, up to 50 with those of `cc` and `bcc`.
            subject: one line.
            text: the body.
            id: for its `Message-ID`; by default made of the job, its attempt, and the number of
                the letter in it.
            only: of those to whom it is, whom the server is asked to take it for now.
            parts: see `LetterKeywords` for each.

        Raises:
            InvalidOption: nothing says how mail is sent, or a part of the letter makes no sense.
            MailRefused: it is taken for nobody, and never will be.
            MailDeferred: it is taken for nobody now, or the line broke when it was on its way.
            HostResting: the server does not answer as it should, so the job is put off; let it
                pass.
            HostUnavailable: the same, where no job can be put off.
        """
        lines = self._kept()
        letter = checked(self._letter(id or _letter_id(), to, subject, text, parts))
        asked = tuple(each for each in letter.recipients if only is None or each in only)
        if not asked:
            raise InvalidOption("a letter is to nobody who is left", hint="name one of its people")
        raw = written(letter, to_datetime(self._clock.now()))
        taken = await self._hand_over(lines, letter, asked, raw)
        return _mailed(letter, asked, raw, taken)

    async def aclose(self) -> None:
        """Say goodbye to every server."""
        for lines in [*self._lines.values()]:
            await lines.aclose()

    def _letter(
        self, id_: str, to: Iterable[str], subject: str, text: str, parts: LetterKeywords
    ) -> Letter:
        return Letter(
            id=id_,
            sender=self._post.check().sender,
            to=check_several("to", to),
            subject=subject,
            text=text,
            html=parts.get("html", ""),
            from_name=parts.get("from_name", ""),
            cc=check_several("cc", parts.get("cc", ())),
            bcc=check_several("bcc", parts.get("bcc", ())),
            reply_to=check_several("reply_to", parts.get("reply_to", ())),
            headers=parts.get("headers", {}),
            attachments=tuple(Attachment(*each) for each in parts.get("attachments", ())),
        )

    async def _hand_over(
        self, lines: "Lines", letter: Letter, asked: tuple[str, ...], raw: bytes
    ) -> Taken:
        """Hand a letter to the server, if it may be asked now."""
        server = self._post.server
        try:
            async with lines.room():
                # Looked at in the room: while others waited there, it may have been cut off.
                trial = await self._enter(server, self._post.timeout * (_STEPS + len(asked)))
                return await self._tried(lines, letter, asked, raw, trial=trial)
        except Crowded:
            now = self._clock.now()
            slow = Health(since=now, rest=TERMS.rest)
            self._resting.put_off(server, slow, now + TERMS.rest)
            raise self._resting.unavailable(server, now + TERMS.rest) from None

    async def _tried(
        self, lines: "Lines", letter: Letter, asked: tuple[str, ...], raw: bytes, *, trial: bool
    ) -> Taken:
        """Hand a letter to the server, and keep account of how that did."""
        server = self._post.server
        try:
            taken = await lines.send(letter.sender, asked, raw, utf8=not letter.is_ascii)
        except Lost as lost:
            raise await self._lost(server, lost, trial=trial) from lost
        except Unsure as unsure:
            # It is sent again, so an attempt is spent: nobody is to get it without an end.
            await self._breakers.failed(server, trial=trial)
            raise MailDeferred(
                f"{server} has not said whether it took a letter: {unsure}",
                hint="it is sent again under the same Message-ID",
                deferred=dict.fromkeys(asked, str(unsure)),
            ) from unsure
        except NoUtf8:
            await self._breakers.succeeded(server, trial=trial)
            said = "it takes no such addresses"
            raise MailRefused(
                f"{server} takes addresses in ASCII only", refused=dict.fromkeys(asked, said)
            ) from None
        await self._breakers.succeeded(server, trial=trial)
        return taken

    def _kept(self) -> "Lines":
        url = self._post.url
        if url not in self._lines:
            try:
                from tidemill.services.lines import Lines  # noqa: PLC0415 - only who sends needs it
            except ImportError as error:
                raise InvalidOption(
                    f"the service mail needs {error.name}, which is not installed",
                    hint="pip install 'tidemill[kits]'",
                ) from error
            self._lines[url] = Lines(self._post)
        return self._lines[url]

    async def _enter(self, server: str, length: Millis) -> bool:
        """Ask whether the server may be asked; whether that is a trial."""
        try:
            return await self._breakers.enter(server, length)
        except Shut as shut:
            self._resting.put_off(server, shut.health, shut.again_at)
            raise self._resting.unavailable(server, shut.again_at) from None

    async def _lost(self, server: str, lost: Lost, *, trial: bool) -> HostUnavailable:
        """Tell that the line broke, and put the job off; or what is raised.

        What only a trial has met in the middle of its letter may be the letter's doing: that spends
        an attempt, or it would be tried for ever.
        """
        said = f"{server} cannot be reached: {lost}"
        if running.get(None) is not None:
            current().log(said, "warning")
        health = await self._breakers.failed(server, trial=trial)
        if not (trial and lost.reached):
            self._resting.put_off(server, health, health.until)
        return HostUnavailable(said, hint="ask again later")


def _mailed(letter: Letter, asked: tuple[str, ...], raw: bytes, taken: Taken) -> Mailed:
    """What came of a letter.

    Raises:
        MailRefused: it is taken for nobody, and never will be.
        MailDeferred: it is taken for nobody now.
    """
    said = taken.refused if taken.whole.is_yes else dict.fromkeys(asked, taken.whole)
    if not taken.whole.is_yes:
        # What was said of one of them before is the nearer reason.
        said |= {who: reply for who, reply in taken.refused.items() if not reply.is_later}
    deferred = {who: str(reply) for who, reply in said.items() if reply.is_later}
    refused = {who: str(reply) for who, reply in said.items() if not reply.is_later}
    accepted = tuple(who for who in asked if who not in said)
    if not accepted:
        first = next(iter(deferred.items() if deferred else refused.items()))
        what = f"a letter to {len(asked)} is taken for nobody, such as {first[0]}: {first[1]}"
        if deferred:
            raise MailDeferred(what, deferred=deferred, refused=refused)
        raise MailRefused(what, refused=refused)
    digest = hashlib.sha256(raw).hexdigest()
    return Mailed(letter.message_id, accepted, refused, deferred, len(raw), digest)


def _letter_id() -> str:
    """What tells a letter apart; the same when an attempt is run again without being spent."""
    run = running.get(None)
    return new_id() if run is None else f"{run.claim.id}-{run.claim.attempt}-{run.number()}"
