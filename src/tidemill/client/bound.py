"""A call that is not enqueued yet, and the job that it will be."""

from typing import Generic, TypeVar

from msgspec import Struct, field

from tidemill.client.terms import Terms
from tidemill.client.wishes import Wishes
from tidemill.core.identity import new_id
from tidemill.core.job import NewJob
from tidemill.loops.clock import Clock
from tidemill.tasks.signature import Arguments

R_co = TypeVar("R_co", covariant=True)


class Bound(Struct, Generic[R_co], frozen=True, eq=False, gc=False):
    """A call with its arguments checked and its id given: enqueued twice, it is stored once.

    Attributes:
        terms: the task to run, and what this call wants otherwise than its task does.
        arguments: what it is run with.
        id: of the job that it will be; others may wait for it already.
    """

    terms: Terms[R_co]
    arguments: Arguments
    id: str = field(default_factory=new_id)

    def __repr__(self) -> str:
        return f"<Bound {self.terms.declaration.name} {self.id}>"

    def wishing(self, wishes: Wishes) -> "Bound[R_co]":
        """The same call, of the same id, with other wishes."""
        return Bound(Terms(self.terms.declaration, wishes), self.arguments, self.id)

    def new_job(self, tenant: str, clock: Clock) -> NewJob:
        """The job as the store is asked for it; see `Terms.new_job`."""
        return self.terms.new_job(self.id, self.arguments, tenant, clock)
