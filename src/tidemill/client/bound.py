"""A call that is not enqueued yet, and the job that it will be."""

import threading
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from tidemill.client.terms import Terms
from tidemill.client.wishes import Wishes
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.loops.clock import Clock
from tidemill.tasks.signature import Arguments

R_co = TypeVar("R_co", covariant=True)


_sending = threading.Lock()


class Bound(Struct, Generic[R_co], frozen=True, eq=False, gc=False):
    """A call with its arguments checked and its id given: enqueued twice, it is stored once.

    Attributes:
        terms: the task to run, and what this call wants otherwise than its task does.
        arguments: what it is run with.
        id: of the job that it will be; others may wait for it already.
        unsent: whether no store has been asked yet to keep it.
    """

    terms: Terms[R_co]
    arguments: Arguments
    id: str = field(default_factory=new_id)
    unsent: bool = True

    @classmethod
    def of_json(
        cls, terms: Terms[R_co], named: Mapping[str, Any], id_: str | None = None
    ) -> "Bound[R_co]":
        """A call whose arguments are plain JSON values by parameter name.

        Args:
            id_: that the job has if it was asked for before; `None`: it was not.

        Raises:
            InvalidArguments: they do not fit the task.
        """
        arguments = terms.declaration.signature.encode_json(named)
        if id_ is None:
            return cls(terms, arguments)
        return cls(terms, arguments, id_, unsent=False)

    def __repr__(self) -> str:
        return f"<Bound {self.terms.declaration.name} {self.id}>"

    def wishing(self, wishes: Wishes) -> "Bound[R_co]":
        """The same call, of the same id, with other wishes."""
        return Bound(Terms(self.terms.declaration, wishes), self.arguments, self.id, self.send())

    def send(self) -> bool:
        """Note that a store is about to be asked to keep it; answer whether that is the first time.

        Of several threads one is told so.
        """
        with _sending:
            unsent = self.unsent
            force_setattr(self, "unsent", False)
        return unsent

    def new_job(self, tenant: str, clock: Clock) -> NewJob:
        """The job as the store is asked for it; see `Terms.new_job`."""
        return self.terms.new_job(self.id, self.arguments, tenant, clock)
