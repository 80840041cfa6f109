"""Telling people by mail: what a kit that does so expects of an e-mail kit."""

from typing import Any, Protocol

from tidemill import Task, errors


class Letterbox(Protocol):
    """An e-mail kit, or whatever has such a task `send`."""

    @property
    def send(self) -> Task[..., Any]:
        """Sends a mail: it takes `to`, `subject` and `text` by name."""
        ...


def check_letterbox(email: Letterbox | None) -> Letterbox | None:
    """What was given, if mail can be sent with it.

    Raises:
        InvalidOption: it cannot.
    """
    if email is not None and not isinstance(getattr(email, "send", None), Task):
        raise errors.InvalidOption(
            f"{email!r} sends no mail", hint="give an e-mail kit: email=Email()"
        )
    return email
