"""Telling people by mail what a job has made: what a kit that does so expects of an e-mail kit."""

from typing import Any, Final, Protocol

from tidemill import Task, current, errors

_MOST: Final = 500
"""Letters of a subject."""


class Letterbox(Protocol):
    """An e-mail kit, or whatever has such a task `send`."""

    @property
    def send(self) -> Task[..., Any]:
        """Sends a mail: it takes `to`, `subject` and `text` by name."""
        ...


class Word:
    """Word that a kit sends of what it has made, if it was given an e-mail kit."""

    def __init__(self, module: str, email: Letterbox | None) -> None:
        """Send it by this e-mail kit, for a module of this name.

        Raises:
            InvalidOption: mail cannot be sent with what was given.
        """
        if email is not None and not isinstance(getattr(email, "send", None), Task):
            raise errors.InvalidOption(
                f"{email!r} sends no mail", hint="give an e-mail kit: email=Email()"
            )
        self._module = module
        self._email = email

    def check(self, to: list[str]) -> None:
        """See to it that it can be sent to these people, before there is anything to send word of.

        Raises:
            InvalidOption: there is no e-mail kit.
            InvalidArguments: one of them is no address.
        """
        if not to:
            return
        if self._email is None:
            raise errors.InvalidOption(
                f"{self._module} has no e-mail kit to send word with",
                hint="make it with email=Email(), or leave out `to`",
            )
        self._email.send.bind(to=to, subject="", text="")

    def send(self, to: list[str], subject: str, text: str) -> None:
        """Send it, once, however often the running job is run.

        Args:
            to: addresses; nobody: it is not sent.
            subject: whatever is in it, it becomes a line that a mail can have.
            text: the body.
        """
        if to and self._email is not None:
            self._email.send.using(key=f"{current().id}-word").enqueue(
                to=to, subject=_line(subject), text=text
            )


def _line(text: str) -> str:
    r"""A text as one line.

    Example:
        >>> _line("Audits\r\nof  May\0")
        'Audits of May'
    """
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:_MOST]
