"""An application in memory that sends mail to a real server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.postbox import Postbox
from tidemill import Tidemill
from tidemill.kits.email import Email
from tidemill.testing import Harness, in_memory

Open = Callable[..., Harness]


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox().serving() as postbox:
        yield postbox


@pytest.fixture
def open_(postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens an application with this kit, and these settings of mail."""
    with ExitStack() as stack:

        def opened(email: Email, **settings: Any) -> Harness:
            said = {"url": postbox.url, "sender": "jobs@example.org", **settings}
            for name, value in said.items():
                monkeypatch.setenv(f"TIDEMILL_MAIL_{name.upper()}", str(value))
            app = stack.enter_context(Tidemill("memory://"))
            app.include(email)
            return stack.enter_context(in_memory(app))

        yield opened


@pytest.fixture
def email() -> Email:
    return Email()


@pytest.fixture
def mill(open_: Open, email: Email) -> Harness:
    return open_(email)
