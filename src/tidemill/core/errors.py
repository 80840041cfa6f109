"""Every error that tidemill raises, as one tree.

    TidemillError                     tidemill.error
    +-- MisuseError                   misuse
    |   +-- InvalidOption             misuse.option
    |   +-- InvalidArguments          misuse.arguments
    |   +-- InvalidName               misuse.name
    |   +-- UnknownTask               misuse.unknown_task
    |   +-- DuplicateTask             misuse.duplicate_task
    |   +-- UnknownParent             misuse.unknown_parent
    |   +-- CircularDependency        misuse.circular
    |   +-- PayloadTooLarge           misuse.payload_too_large
    |   +-- Unserialisable            misuse.unserialisable
    |   +-- WrongTransaction          misuse.transaction
    |   +-- InvalidManifest           misuse.manifest
    |   +-- OutsideJob                misuse.outside_job
    |   +-- InsideJob                 misuse.inside_job
    |   +-- InsideLoop                misuse.inside_loop
    |   +-- AddressRefused            misuse.address
    +-- StateError                    state
    |   +-- NotFound                  state.not_found
    |   +-- JobNotFound               state.job_not_found
    |   +-- NotUnique                 state.not_unique
    |   +-- LeaseLost                 state.lease_lost
    |   +-- AttemptOver               state.attempt_over
    |   +-- VersionConflict           state.version_conflict
    |   +-- ReleaseInUse              state.release_in_use
    |   +-- JobNotFinished            state.job_not_finished
    |   +-- JobFailed                 state.job_failed
    +-- AccessError                   access
    |   +-- NotAuthenticated          access.unauthenticated
    |   +-- NotAllowed                access.denied
    |   +-- NotPermitted              access.not_permitted
    |   +-- SignatureRefused          access.signature
    |   +-- OverQuota                 access.over_quota
    |   +-- TooManyRequests           access.too_many
    +-- ServiceError                  service
    |   +-- HostUnavailable           service.unavailable
    |   +-- AnswerTooLarge            service.too_large
    |   +-- MailNotTaken              service.mail
    |       +-- MailRefused           service.mail.refused
    |       +-- MailDeferred          service.mail.deferred
    +-- StoreError                    store
        +-- StoreUnavailable          store.unavailable
        +-- StoreMissing              store.missing
        +-- StoreLocked               store.locked
        +-- StoreReadOnly             store.read_only
        +-- StoreFull                 store.full
        +-- StoreCorrupt              store.corrupt
        +-- SchemaMismatch            store.schema

A message says what happened and to which thing; the hint says what to do. The code is stable:
programs compare it, people search for it.
"""

from collections.abc import Mapping
from typing import ClassVar

from tidemill.core.error_info import ErrorInfo


class TidemillError(Exception):
    """The root: catch this to catch everything that tidemill raises.

    Attributes:
        code: stable dotted name of the kind of error.
        hint: what to do about it; empty when the message already says so.
    """

    code: ClassVar[str] = "tidemill.error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the message and the hint apart, so that each surface may show them its own way."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class MisuseError(TidemillError):
    """The caller asked for something that cannot be; nothing was changed."""

    code = "misuse"


class InvalidOption(MisuseError):
    """An option, a duration, a policy or a setting has a value that makes no sense."""

    code = "misuse.option"


class InvalidArguments(MisuseError):
    """The arguments of a call do not fit the task's parameters; the parameter is named."""

    code = "misuse.arguments"


class InvalidName(MisuseError):
    """A queue, task, tenant, key or tag has a name with characters that are not allowed."""

    code = "misuse.name"


class UnknownTask(MisuseError):
    """No task of that name is registered with this application."""

    code = "misuse.unknown_task"


class DuplicateTask(MisuseError):
    """Two different functions ask for one task name."""

    code = "misuse.duplicate_task"


class UnknownParent(MisuseError):
    """A job is to run after a job that the store does not know."""

    code = "misuse.unknown_parent"


class CircularDependency(MisuseError):
    """Jobs of one call wait for each other in a circle."""

    code = "misuse.circular"


class PayloadTooLarge(MisuseError):
    """Arguments or a result are larger than the configured limit."""

    code = "misuse.payload_too_large"


class Unserialisable(MisuseError):
    """A value has no JSON form; the path to it is named."""

    code = "misuse.unserialisable"


class WrongTransaction(MisuseError):
    """The transaction handed over is not one this engine can write into."""

    code = "misuse.transaction"


class InvalidManifest(MisuseError):
    """The manifest of a module cannot be used; the file and the key in it are named."""

    code = "misuse.manifest"


class OutsideJob(MisuseError):
    """Something that exists only inside a running job was asked for elsewhere."""

    code = "misuse.outside_job"


class InsideJob(MisuseError):
    """Something was asked for inside a running job that would take the ground from its worker."""

    code = "misuse.inside_job"


class InsideLoop(MisuseError):
    """Async code asked to wait in a way that would hold up its event loop, and so itself."""

    code = "misuse.inside_loop"


class AddressRefused(MisuseError):
    """A URL leads into one's own network, or somewhere else that may not be asked."""

    code = "misuse.address"


class StateError(TidemillError):
    """The request is sound, but what is stored does not allow it now."""

    code = "state"


class NotFound(StateError):
    """What was named, other than a job, is not there, or not for whoever asks."""

    code = "state.not_found"


class JobNotFound(StateError):
    """No job of that id is stored, or its history has been pruned."""

    code = "state.job_not_found"


class NotUnique(StateError):
    """A live job already holds the unique key, and the caller asked to be told."""

    code = "state.not_unique"


class LeaseLost(StateError):
    """The lease ran out, so what was held under it may now belong to another worker."""

    code = "state.lease_lost"


class AttemptOver(StateError):
    """The attempt has been settled already: completed before, or given up by its worker."""

    code = "state.attempt_over"


class VersionConflict(StateError):
    """The record, or the rules, were changed by someone else since they were read."""

    code = "state.version_conflict"


class ReleaseInUse(StateError):
    """Workers of an older release are at work, and need what is to be taken away."""

    code = "state.release_in_use"


class JobNotFinished(StateError):
    """The job did not finish in the time that the caller gave it."""

    code = "state.job_not_finished"


class JobFailed(StateError):
    """A result was asked of a job that failed or was cancelled.

    Attributes:
        error: what its last attempt failed with; `None` when no attempt failed, such as when it
            was cancelled before it ran.
        reason: why it failed or was cancelled, as the job says it; see `Snapshot.reason`.
    """

    code = "state.job_failed"

    def __init__(
        self, message: str, *, hint: str = "", error: ErrorInfo | None = None, reason: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.error = error
        self.reason = reason


class AccessError(TidemillError):
    """Whoever asks may not have it; nothing was changed."""

    code = "access"


class NotAuthenticated(AccessError):
    """Nobody is logged in, or the key is not, or not any more, one that opens anything."""

    code = "access.unauthenticated"


class NotAllowed(AccessError):
    """Whoever asks is known, and has no permission for it."""

    code = "access.denied"


class NotPermitted(AccessError):
    """The code of a module asks for what the module has no permission for."""

    code = "access.not_permitted"


class SignatureRefused(AccessError):
    """A webhook is not signed by anybody who knows the secret, or was signed too long ago."""

    code = "access.signature"


class OverQuota(AccessError):
    """The tenant has all that it may have already."""

    code = "access.over_quota"


class TooManyRequests(AccessError):
    """It was asked for too often, or by too many at a time.

    Attributes:
        wait: whole seconds after which to try again.
    """

    code = "access.too_many"

    def __init__(self, message: str, *, hint: str = "", wait: int = 1) -> None:
        super().__init__(message, hint=hint)
        self.wait = wait


class ServiceError(TidemillError):
    """Somebody else, whom a handler asked by a service, did not do what was asked."""

    code = "service"


class HostUnavailable(ServiceError):
    """A host has failed so often, or has said that it wants rest, that it is not asked now.

    Attributes:
        wait: whole seconds after which to try again.
    """

    code = "service.unavailable"

    def __init__(self, message: str, *, hint: str = "", wait: int = 1) -> None:
        super().__init__(message, hint=hint)
        self.wait = wait


class AnswerTooLarge(ServiceError):
    """An answer is longer, has more rows, or unpacks to more than may be taken of it."""

    code = "service.too_large"


class MailNotTaken(ServiceError):
    """A mail server has taken a letter for nobody.

    Attributes:
        refused: what it has said, by address, of those for whom it never will.
        deferred: what it has said of those for whom it may take it later.
    """

    code = "service.mail"

    def __init__(self, message: str, *, hint: str = "", **said: Mapping[str, str]) -> None:
        super().__init__(message, hint=hint)
        self.refused, self.deferred = (dict(said.get(each, {})) for each in ("refused", "deferred"))


class MailRefused(MailNotTaken):
    """A mail server takes a letter for nobody, and says so for good."""

    code = "service.mail.refused"


class MailDeferred(MailNotTaken):
    """A mail server does not take a letter now, or nobody knows whether it did; later it may."""

    code = "service.mail.deferred"


class StoreError(TidemillError):
    """The store did not do what was asked; nothing was reported as done that was not."""

    code = "store"


class StoreUnavailable(StoreError):
    """The store cannot be reached, or it has been closed."""

    code = "store.unavailable"


class StoreMissing(StoreError):
    """The store that was there before is gone; no empty one is made in its place."""

    code = "store.missing"


class StoreLocked(StoreError):
    """Another process has held the store's write lock for too long."""

    code = "store.locked"


class StoreReadOnly(StoreError):
    """The store can be read but not written."""

    code = "store.read_only"


class StoreFull(StoreError):
    """The disk that holds the store is full."""

    code = "store.full"


class StoreCorrupt(StoreError):
    """The store's file is damaged, or is not a tidemill store at all."""

    code = "store.corrupt"


class SchemaMismatch(StoreError):
    """The store was written by an older or newer release than this one can serve."""

    code = "store.schema"
