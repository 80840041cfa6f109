"""Email: the module of the e-mail kit, its tasks and how each goes about its letter."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, TypedDict

import msgspec
from msgspec import Meta, Struct

import tidemill
from tidemill import JobContext, Module, Priority, RateLimit, Retry, State, current
from tidemill.kits.email.account import Account, Bulk, Sent
from tidemill.kits.email.templates import Templates
from tidemill.kits.email.words import (
    Address,
    Addresses,
    Attachment,
    Attachments,
    Headers,
    Line,
    Recipients,
    Server,
    Template,
)

Body = Annotated[str, Meta(max_length=1_000_000)]

HOPELESS: Final = (
    tidemill.errors.MisuseError,
    tidemill.errors.MailRefused,
    tidemill.errors.NotFound,
)
"""What no other attempt would do better."""

_MOST_BYTES: Final = 25 << 20


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One letter of many: written out, or by a template.

    Attributes:
        to: whom it is to.
        subject: one line; a template has its own.
        text: the body.
        html: the body again, or instead.
        template: the name of a template, in place of subject, text and HTML.
        values: what the template asks for.
        cc: who else is to see it.
        bcc: who else is to see it, unseen.
        reply_to: whom to answer.
        from_name: the sender's name.
        headers: further ones.
        attachments: files that go with it.

    Raises:
        ValueError: it is written out and a template's, or has values without one.
    """

    to: Recipients
    subject: Line = ""
    text: Body = ""
    html: Body = ""
    template: Template | None = None
    values: dict[str, Any] = {}
    cc: Addresses = ()
    bcc: Addresses = ()
    reply_to: Addresses = ()
    from_name: Line = ""
    headers: Headers = {}
    attachments: Attachments = ()

    def __post_init__(self) -> None:
        """Refuse a letter that is both written out and a template's, where it is enqueued."""
        written = self.subject or self.text or self.html
        if self.template is not None and written:
            raise ValueError("a template has its subject, text and HTML itself")
        if self.template is None and self.values:
            raise ValueError("values say nothing without a template")

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody whom it goes to, each once."""
        return tuple(dict.fromkeys((*self.to, *self.cc, *self.bcc)))


class _Options(TypedDict):
    """What all tasks that send a letter have in common."""

    queue: str
    retry: Any
    timeout: str | timedelta
    priority: int


Messages = Annotated[Sequence[Message], Meta(min_length=1, max_length=5_000)]


class Email(Module):
    r"""Sends mail: each letter is a job, with attempts of its own.

    Attributes:
        send: the task that sends one letter.
        send_template: the task that fills a template and sends it.
        send_many: the task that makes a job of each of many letters, as a batch.

    Example:
        >>> email = Email("shop-email", templates={"paid.txt": "Subject: Paid\n\nThank you."})
        >>> call = email.send.bind(["zoe@example.org"], "Paid", "Invoice 7 is paid.")
        >>> later = email.send_template.using(delay="10m").bind("paid", ["zoe@example.org"])
    """

    def __init__(
        self,
        name: str = "email",
        *,
        queue: str = "",
        server: str = "",
        sender: str = "",
        from_name: str = "",
        templates: str | Path | Mapping[str, str] | None = None,
        attempts: int = 5,
        backoff: str | timedelta = "5s",
        timeout: str | timedelta = "5m",
        priority: int = Priority.NORMAL,
        rate: RateLimit | None = None,
    ) -> None:
        """Make the kit; an application includes it.

        Args:
            name: of the module; two applications in one store need two.
            queue: that its jobs wait in; by default called as the module.
            server: the mail server, as the setting `mail.url`, which holds where none is given.
            sender: the address that mail comes from; by default as `mail.sender` says.
            from_name: the name beside it.
            templates: a folder of them, or texts by the names that files in one would have.
            attempts: how often a letter is tried in all.
            backoff: the first wait between two tries; then twice as long, and so on, up to 1 h.
            timeout: of one attempt.
            priority: of its jobs.
            rate: how often they start, as the provider would have it.

        Raises:
            MisuseError: a name or an option that makes no sense.
        """
        super().__init__(
            name,
            version="1.0.0",
            description="Sends mail.",
            needs=["mail", "files"],
            settings={"sender": sender, "from_name": from_name},
        )
        if sender:
            _check("sender", sender, Address)
        if server:
            _check("server", server, Server)
        self._server = server
        self._templates = Templates({} if templates is None else templates)
        retry = Retry.exponential(attempts=attempts, base=backoff)
        options = _Options(queue=queue or name, retry=retry, timeout=timeout, priority=priority)
        self._declare(options, rate)

    def _declare(self, options: _Options, rate: RateLimit | None) -> None:
        name, queue = self.name, options["queue"]
        self.send = self.task(name=f"{name}.send", give_up_on=HOPELESS, rate=rate, **options)(
            self._send
        )
        self.send_template = self.task(
            name=f"{name}.send_template", give_up_on=HOPELESS, rate=rate, **options
        )(self._send_template)
        self.send_many = self.task(
            name=f"{name}.send_many", queue=queue, give_up_on=(tidemill.errors.MisuseError,)
        )(self._send_many)
        self.sent_many = self.task(name=f"{name}.sent_many", queue=queue)(self._sent_many)

    async def _send(
        self,
        to: Recipients,
        subject: Line,
        text: Body = "",
        *,
        html: Body = "",
        cc: Addresses = (),
        bcc: Addresses = (),
        reply_to: Addresses = (),
        from_name: Line = "",
        headers: Headers | None = None,
        attachments: Attachments = (),
    ) -> Sent:
        """Send one letter, as text, HTML or both, to up to 50 people who may see each other."""
        return await self._deliver(
            Message(
                to=to,
                subject=subject,
                text=text,
                html=html,
                cc=cc,
                bcc=bcc,
                reply_to=reply_to,
                from_name=from_name,
                headers=headers or {},
                attachments=attachments,
            )
        )

    async def _send_template(
        self,
        template: Template,
        to: Recipients,
        values: dict[str, Any] | None = None,
        *,
        cc: Addresses = (),
        bcc: Addresses = (),
        reply_to: Addresses = (),
        from_name: Line = "",
        headers: Headers | None = None,
        attachments: Attachments = (),
    ) -> Sent:
        """Fill a template with values, and send it."""
        filled = self._templates.fill(template, values or {})
        return await self._deliver(
            Message(
                to=to,
                subject=filled.subject,
                text=filled.text,
                html=filled.html,
                cc=cc,
                bcc=bcc,
                reply_to=reply_to,
                from_name=from_name,
                headers=headers or {},
                attachments=attachments,
            )
        )

    async def _send_many(self, messages: Messages) -> Bulk:
        """Make a job of each of many letters, once, however often this one is run."""
        batch = await self.abatch(self.sent_many.bind(), [self._call(each) for each in messages])
        return Bulk(batch.id, len(messages))

    async def _sent_many(self) -> Bulk:
        """Say what came of many letters, when all have ended."""
        job = current()
        letters = sent = refused = 0
        async for member in self.jobs.find(batch=job.id, tenant=job.tenant):
            letters += 1
            if member.seen is not None and member.seen.state is State.COMPLETED:
                sent += 1
                refused += len((await member.aresult()).refused)
        bulk = Bulk(job.id, letters, sent=sent, failed=letters - sent, refused=refused)
        await self._say("sent_many", msgspec.to_builtins(bulk))
        return bulk

    def _call(self, message: Message) -> Any:
        """The call that sends one letter of many."""
        said = {name: value for name, value in msgspec.structs.asdict(message).items() if value}
        if message.template is None:
            said.setdefault("subject", "")
            return self.send.bind(**said)
        return self.send_template.bind(**said)

    async def _deliver(self, message: Message) -> Sent:
        """Send a letter to those of its people for whom it has not been decided."""
        job, account = current(), Account.of(current().checkpoint_value)
        left = [who for who in message.recipients if not account.knows(who)]
        if not left:
            return account.sent()
        settings = job.settings
        mail = job.services["mail"].at(self._server, settings["sender"])
        try:
            mailed = await mail.send(
                message.to,
                message.subject,
                message.text,
                html=message.html,
                from_name=message.from_name or settings["from_name"],
                cc=message.cc,
                bcc=message.bcc,
                reply_to=message.reply_to,
                headers=message.headers,
                attachments=[await _attached(job, each) for each in message.attachments],
                id=job.id,
                only=left,
            )
        except tidemill.errors.MailNotTaken as no:
            return await self._not_taken(job, account, no)
        account.add(mailed)
        job.checkpoint(account)
        await self._tell(mailed.accepted, mailed.refused)
        if mailed.deferred:
            raise _deferred(mailed.deferred)
        return account.sent()

    async def _not_taken(
        self, job: JobContext, account: Account, no: tidemill.errors.MailNotTaken
    ) -> Sent:
        """Note that an attempt has brought the letter to nobody.

        Raises:
            MailDeferred: there is somebody for whom it may be taken later.
            MailRefused: there is nobody, and was none in an earlier attempt.
        """
        account.refused = {**account.refused, **no.refused}
        job.checkpoint(account)
        await self._tell((), no.refused)
        if isinstance(no, tidemill.errors.MailDeferred) or not account.accepted:
            raise no
        return account.sent()

    async def _tell(self, accepted: Sequence[str], refused: Mapping[str, str]) -> None:
        """Say what came of an attempt."""
        job = current().id
        if accepted:
            await self._say("sent", {"job": job, "to": list(accepted)})
        if refused:
            await self._say("refused", {"job": job, "refused": dict(refused)})

    async def _say(self, what: str, payload: Mapping[str, Any]) -> None:
        """Emit an event of the kit's; where that fails, what has been sent is sent all the same."""
        try:
            await self.aemit(f"{self.name}.{what}", payload)
        except tidemill.errors.StoreError as error:
            current().log(f"the event {what} is not told: {error}", "warning")


def _check(option: str, given: str, kind: Any) -> None:
    """See to it that a text is of a kind; what it is may hold a password, and is not repeated."""
    try:
        msgspec.convert(given, kind)
    except msgspec.ValidationError:
        (meta,) = kind.__metadata__
        raise tidemill.errors.InvalidOption(
            f"the {option} of the e-mail kit cannot be used", hint=f"give {meta.description}"
        ) from None


async def _attached(job: JobContext, attachment: Attachment) -> tuple[str, bytes, str]:
    """The name, the bytes and the media type of what is attached.

    Raises:
        InvalidOption: it is neither bytes nor a kept file, or both, or has no name.
        NotFound: the file is not kept any more.
    """
    name, content, kind = attachment.name, attachment.content, attachment.media_type
    if (content is None) == (attachment.file is None):
        raise tidemill.errors.InvalidOption(
            "an attachment is its bytes or a kept file", hint="give content or file"
        )
    if attachment.file is not None:
        files = job.services["files"]
        kept = await files.get(attachment.file)
        if kept.size > _MOST_BYTES:
            raise tidemill.errors.InvalidOption(
                f"{kept.name} has {kept.size:,} bytes, too many for a letter",
                hint="send a link to it: files.link(...)",
            )
        async with files.open(kept) as opened:
            content = b"".join([piece async for piece in opened])
        name, kind = name or kept.name, kind or kept.media_type
    if not name:
        raise tidemill.errors.InvalidOption("an attachment has no name", hint="give name")
    return name, content or b"", kind or "application/octet-stream"


def _deferred(deferred: Mapping[str, str]) -> tidemill.errors.MailDeferred:
    who, said = next(iter(deferred.items()))
    return tidemill.errors.MailDeferred(
        f"a letter is not taken for {len(deferred)} of its people yet, such as {who}: {said}",
        hint="those alone are tried again",
        deferred=deferred,
    )
