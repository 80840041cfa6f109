"""Jobs that wait for jobs: the edges, and why they can hold no circle."""

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from msgspec import Struct

from tidemill.core.errors import CircularDependency

OnFailure = Literal["cancel", "run"]


class Edge(Struct, frozen=True):
    """A job waits for this parent.

    Attributes:
        parent: id of the job to wait for.
        on_failure: what happens when the parent fails or is cancelled: `"cancel"` this job too,
            or `"run"` it all the same.
    """

    parent: str
    on_failure: OnFailure = "cancel"


def check_acyclic(jobs: Iterable[tuple[str, tuple[Edge, ...], str | None]]) -> None:
    """Make sure that jobs stored in one call do not wait for each other in a circle.

    A job that is stored already cannot wait for one that is not, so a circle can only lie within
    one call.

    Args:
        jobs: of each its id, the edges to its parents, and its batch, whose callback waits for it.

    Raises:
        CircularDependency: with the circle's jobs in order.
    """
    waits_for: dict[str, list[str]] = {}
    for id_, after, batch in jobs:
        waits_for.setdefault(id_, []).extend(edge.parent for edge in after)
        if batch is not None:
            waits_for.setdefault(batch, []).append(id_)
    try:
        TopologicalSorter(waits_for).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise CircularDependency(f"jobs wait for each other in a circle: {circle}") from None
