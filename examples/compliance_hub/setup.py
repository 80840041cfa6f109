"""What a hub is made with."""

from msgspec import Struct

from examples.compliance_hub.jobs import SYSTEM
from examples.compliance_hub.standin import Secrets


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
