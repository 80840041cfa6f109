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


def check_acyclic(edges: Iterable[tuple[str, tuple[Edge, ...]]]) -> None:
    """Make sure that jobs stored in one call do not wait for each other in a circle.

    A job that is stored already cannot wait for one that is not, so a circle can only lie within
    one call.

    Raises:
        CircularDependency: with the circle's jobs in order.
    """
    waits_for = {child: [edge.parent for edge in after] for child, after in edges}
    try:
        TopologicalSorter(waits_for).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise CircularDependency(f"jobs wait for each other in a circle: {circle}") from None
