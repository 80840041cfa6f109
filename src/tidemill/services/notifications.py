"""`notifications`: tells people, by mail, SMS, push or chat."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from tidemill.core.errors import InvalidOption, MailNotTaken, ServiceError
from tidemill.core.identity import check_words
from tidemill.services.letter import MOST_ADDRESSES, check_address, one_line
from tidemill.services.mail import Mail

EMAIL: Final = "email"
CHANNELS: Final = (EMAIL, "sms", "push", "chat")

_MOST_BODY: Final = 100_000
_MOST_TO: Final = 500


class Told(Struct, frozen=True):
    """What came of telling one person.

    Attributes:
        to: who it was.
        error: why it was not taken; empty: it was.
    """

    to: str
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was taken; by a server, which says nothing of who has read it."""
        return not self.error


class Report(Struct, frozen=True):
    """What came of telling some people, each in the order of asking."""

    told: tuple[Told, ...]

    @property
    def failures(self) -> tuple[Told, ...]:
        """Those that were not told."""
        return tuple(each for each in self.told if not each.ok)

    def raise_for_failures(self) -> "Report":
        """Answer itself if all were told.

        Raises:
            ServiceError: somebody was not.
        """
        if failures := self.failures:
            first = failures[0]
            raise ServiceError(
                f"{len(failures)} of {len(self.told)} could not be told, such as {first.to}:"
                f" {first.error}"
            )
        return self


class Notifications:
    """Tells people.

    Example:
        >>> notifications = current().services["notifications"]  # doctest: +SKIP
        >>> report = await notifications.send(  # doctest: +SKIP
        ...     "email", ["zoe@example.org"], "Paid", "Invoice 7 is paid."
        ... )
        >>> report.raise_for_failures()  # doctest: +SKIP
    """

    def __init__(self, mail: Mail, ways: Mapping[str, Sequence[str]]) -> None:
        """Send mail by this service, and by each other channel through these URLs of apprise.

        Args:
            mail: how mail leaves the house.
            ways: URLs by channel; `{to}` in one stands for who is told.
        """
        self._mail = mail
        self._ways = ways

    async def send(
        self, channel: str, to: str | Sequence[str], subject: str, body: str, *, html: str = ""
    ) -> Report:
        """Tell each of these people by one channel; what came of it, one by one.

        Nobody sees who else is told. Who was told before the handler failed is told again by the
        next attempt.

        Args:
            channel: `"email"`, `"sms"`, `"push"` or `"chat"`.
            to: mail addresses, up to 50; telephone numbers or names, up to 500, of the channel.
            subject: one line.
            body: plain text, up to 100,000 characters.
            html: the body again, for mail.

        Raises:
            InvalidOption: a channel that is not known or not set up, an address that is none, too
                many of them, or a package that is not installed.
            InvalidName: a text that cannot be sent.
            HostResting: the mail server does not answer as it should, so the job is put off; let it
                pass.
            HostUnavailable: the same, where no job can be put off.
        """
        if channel not in CHANNELS:
            raise InvalidOption(
                f"no channel is called {channel!r}", hint=f"use one of {', '.join(CHANNELS)}"
            )
        people = (to,) if isinstance(to, str) else tuple(to)
        most = MOST_ADDRESSES if channel == EMAIL else _MOST_TO
        if not 1 <= len(people) <= most:
            raise InvalidOption(f"{len(people)} cannot be told at once", hint=f"from 1 to {most}")
        check_words("subject", subject)
        if max(len(body), len(html)) > _MOST_BODY:
            raise InvalidOption("a body is too long", hint=f"up to {_MOST_BODY:,} characters")
        if channel == EMAIL:
            return await self._write(people, one_line(subject), body, html)
        return await self._apprise(channel, people, subject, body)

    async def aclose(self) -> None:
        """Let go of the mail server."""
        await self._mail.aclose()

    async def _write(self, people: tuple[str, ...], subject: str, body: str, html: str) -> Report:
        for person in people:
            check_address(person)
        told = []
        for person in people:
            try:
                await self._mail.send((person,), subject, body, html=html)
            except MailNotTaken as no:
                said = no.deferred | no.refused
                told.append(Told(person, said.get(person, no.message)))
            else:
                told.append(Told(person))
        return Report(tuple(told))

    async def _apprise(
        self, channel: str, people: tuple[str, ...], subject: str, body: str
    ) -> Report:
        try:
            import apprise  # noqa: PLC0415 - only who tells so needs it
        except ImportError as error:
            raise _missing("apprise") from error
        ways = self._ways.get(channel, ())
        if not ways:
            raise InvalidOption(
                f"nothing says how to tell people by {channel}",
                hint=f"set services.notifications.{channel}",
            )
        told = []
        for person in people:
            way = apprise.Apprise()
            # Quoted, so that a name is a name: no other host, no other option.
            urls = (url.replace("{to}", quote(person, safe="")) for url in ways)
            if not all(way.add(url) for url in urls):
                told.append(Told(person, f"the URL that is set for {channel} is none"))
            elif await way.async_notify(body=body, title=subject):
                told.append(Told(person))
            else:
                told.append(Told(person, f"it was not taken by the service behind {channel}"))
        return Report(tuple(told))


def _missing(package: str) -> InvalidOption:
    return InvalidOption(
        f"the service notifications needs {package}, which is not installed",
        hint="pip install 'tidemill[notifications]'",
    )
