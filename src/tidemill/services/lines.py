"""Lines to a mail server that are kept between letters, and how one letter goes over a line."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from tidemill.services.post import Post
from tidemill.services.replies import Crowded, Lost, NoUtf8, Reply, Taken, Unsure

_IDLE: Final = 10.0
"""Seconds that a line is kept without a letter; servers begin to hang up after some more."""
_MOST_LETTERS: Final = 100
"""Letters over one line; servers count them, too."""
_CLOSING: Final = 421
_LOCKED: Final = frozenset({530, 534, 535, 538})
"""It wants to know first who we are, of every letter (RFC 4954, section 6)."""
_REFUSALS: Final = range(400, 600)


class _Line:
    """One connection, and how often it has been used."""

    __slots__ = ("letters", "smtp", "used_at")

    def __init__(self, smtp: aiosmtplib.SMTP) -> None:
        self.smtp = smtp
        self.letters = 0
        self.used_at = 0.0


class Lines:
    """Connections to one server: so many at once, and those that are free are kept for a while."""

    def __init__(self, post: Post) -> None:
        """Connect to nothing yet."""
        self._post = post
        self._tls: ssl.SSLContext | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._room = asyncio.Semaphore(post.connections)
        self._free: list[_Line] = []
        self._sweeping: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def room(self) -> AsyncIterator[None]:
        """Wait until one more letter may be on its way, as long as a step may take.

        Raises:
            Crowded: that takes too long.
        """
        self._begin()
        room = self._room
        try:
            async with asyncio.timeout(self._post.timeout / 1_000):
                await room.acquire()
        except TimeoutError:
            raise Crowded from None
        try:
            yield
        finally:
            room.release()

    async def send(
        self, sender: str, recipients: Sequence[str], raw: bytes, *, utf8: bool
    ) -> Taken:
        """Hand one letter over, in a room.

        A kept line may have been cut meanwhile, which says nothing of the server: a new one is
        made then.

        Args:
            sender: as it is told on the way, where refusals come back to.
            recipients: whom the server is asked to take it for.
            raw: the letter.
            utf8: whether an address is not in ASCII.

        Raises:
            Lost: the server cannot be reached, or has hung up; it has not taken the letter.
            Unsure: it has hung up, and may have taken it.
            NoUtf8: it does not take such addresses.
        """
        kept = self._take()
        if kept is not None:
            with suppress(Lost):
                async with self._using(kept):
                    return await _over(kept.smtp, sender, recipients, raw, utf8=utf8)
        line = await self._connected()
        async with self._using(line):
            return await _over(line.smtp, sender, recipients, raw, utf8=utf8)

    async def aclose(self) -> None:
        """Say goodbye on every line that is kept."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        free, self._free = self._free, []
        for line in free:
            with suppress(aiosmtplib.SMTPException, OSError):
                await line.smtp.quit(timeout=1)
            line.smtp.close()

    def _begin(self) -> None:
        """Forget lines of an event loop that is gone."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._free, self._sweeping = loop, [], None
            self._room = asyncio.Semaphore(self._post.connections)

    def _take(self) -> _Line | None:
        """The line that was used last, of those that are still there."""
        while self._free:
            line = self._free.pop()
            if line.smtp.is_connected:
                return line
        return None

    @asynccontextmanager
    async def _using(self, line: _Line) -> AsyncIterator[None]:
        """Keep the line afterwards; not if anything went wrong on it, a cancelling included."""
        try:
            yield
        except BaseException:
            line.smtp.close()
            raise
        line.letters += 1
        if line.letters >= _MOST_LETTERS or not line.smtp.is_connected:
            line.smtp.close()
            return
        loop = asyncio.get_running_loop()
        line.used_at = loop.time()
        self._free.append(line)
        if self._sweeping is None:
            self._sweeping = loop.call_later(_IDLE, self._sweep)

    def _sweep(self) -> None:
        """Close what has not been used for a while."""
        loop = asyncio.get_running_loop()
        before = loop.time() - _IDLE
        for line in self._free:
            if line.used_at <= before:
                line.smtp.close()
        self._free = [line for line in self._free if line.smtp.is_connected]
        self._sweeping = loop.call_later(_IDLE, self._sweep) if self._free else None

    async def _connected(self) -> _Line:
        post, server = self._post, urlsplit(self._post.url)
        if self._tls is None and not post.is_plain:
            self._tls = await asyncio.to_thread(_trusting, post.ca)
        smtp = aiosmtplib.SMTP(
            hostname=post.host,
            port=post.port,
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
            use_tls=post.is_wrapped,
            # A password, and whatever is told, is nobody's business on the way.
            start_tls=None if post.is_wrapped else not post.is_plain,
            tls_context=self._tls,
            timeout=post.timeout / 1_000,
        )
        try:
            await smtp.connect()
            if smtp.is_ehlo_or_helo_needed:
                await _greet(smtp)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            smtp.close()
            raise Lost(_told(error), reached=False) from error
        except BaseException:
            smtp.close()
            raise
        return _Line(smtp)


async def _greet(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError:
        await smtp.helo()  # an old one, without extensions


async def _over(
    smtp: aiosmtplib.SMTP, sender: str, recipients: Sequence[str], raw: bytes, *, utf8: bool
) -> Taken:
    """One letter over one line, step by step, so that it is known how far it came."""
    if utf8 and not smtp.supports_extension("smtputf8"):
        raise NoUtf8
    options = [f"SIZE={len(raw)}"] if smtp.supports_extension("size") else []
    encoding = "utf-8" if utf8 else "ascii"
    if utf8:
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    refused: dict[str, Reply] = {}
    try:
        begun = await _asked(smtp, sender, options, encoding)
        if begun is not None:
            return Taken(begun, dict.fromkeys(recipients, begun))
        for address in recipients:
            no = await _named(smtp, address, encoding)
            if no is not None:
                refused[address] = no
        if len(refused) == len(recipients):
            await smtp.rset()
            return Taken(next(iter(refused.values())), refused)
    except (aiosmtplib.SMTPException, OSError) as error:
        reached = getattr(error, "code", 0) not in _LOCKED
        raise Lost(_told(error), reached=reached) from error
    return Taken(await _handed(smtp, raw), refused)


async def _asked(
    smtp: aiosmtplib.SMTP, sender: str, options: list[str], encoding: str
) -> Reply | None:
    """Begin a letter; what the server says if it will have none."""
    try:
        await smtp.mail(sender, options=options, encoding=encoding)
    except aiosmtplib.SMTPResponseException as no:
        _check_answer(smtp, no)
        await smtp.rset()
        return Reply(no.code, no.message)
    return None


async def _named(smtp: aiosmtplib.SMTP, address: str, encoding: str) -> Reply | None:
    """Say for whom it is; what the server says if it does not take it for them."""
    try:
        await smtp.rcpt(address, encoding=encoding)
    except aiosmtplib.SMTPResponseException as no:
        _check_answer(smtp, no)
        return Reply(no.code, no.message)
    return None


async def _handed(smtp: aiosmtplib.SMTP, raw: bytes) -> Reply:
    """Send the letter itself; what the server says."""
    try:
        answer = await smtp.data(raw)
    except aiosmtplib.SMTPDataError as no:
        if no.code not in _REFUSALS:
            raise Unsure(_told(no)) from no
        # It has decided, whatever becomes of the line.
        with suppress(aiosmtplib.SMTPException, OSError):
            await smtp.rset()
        return Reply(no.code, no.message)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Unsure(_told(error)) from error
    return Reply(answer.code, answer.message)


def _check_answer(smtp: aiosmtplib.SMTP, no: aiosmtplib.SMTPResponseException) -> None:
    """See to it that the server has answered what it was asked, knows us, and stays."""
    odd = no.code == _CLOSING or no.code in _LOCKED or no.code not in _REFUSALS
    if odd or not smtp.is_connected:
        smtp.close()
        raise no


def _trusting(ca: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca:
        context.load_verify_locations(ca)
    return context


def _told(error: BaseException) -> str:
    said = str(error)
    return f"{type(error).__name__}: {said}"[:500] if said else type(error).__name__
