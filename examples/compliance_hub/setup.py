"""What a hub is made with, and how workers in other processes come to know of it."""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from examples.compliance_hub.jobs import SYSTEM
from examples.compliance_hub.standin import Secrets

FILE: Final = "setup.json"


class Setup(Struct, frozen=True, kw_only=True):
    """What a hub is made with.

    Attributes:
        third_party: URL of the accounting and the training system.
        known: what whoever asks them has to show.
        mail: the server that takes mail, as `mail.url` has it.
        sender: where mail comes from.
        admins: who is told of jobs that fail for good.
        chat: URLs of apprise at which a chat, such as Slack, hears of them, too.
        address: where the hub is served, for links in letters; empty: they are paths.
        tenant: whose all of it is, in a store that several systems share.
    """

    third_party: str
    known: Secrets
    mail: str
    sender: str = "hub@harbour.example"
    admins: tuple[str, ...] = ("it@harbour.example",)
    chat: tuple[str, ...] = ()
    address: str = ""
    tenant: str = SYSTEM


def keep_setup(folder: Path, setup: Setup) -> None:
    """Keep a setup in a folder, for the workers to come; nobody else can read it."""
    path = folder / FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(setup))


def kept_setup(folder: Path) -> Setup:
    """The setup that was kept in a folder."""
    return msgspec.json.decode((folder / FILE).read_bytes(), type=Setup)
