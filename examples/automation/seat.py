"""A seat: what a route is given that acts for whoever asks."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request

from examples.automation.adoption import Adoption
from examples.automation.catalogue import Catalogue
from examples.automation.definitions import Definitions
from examples.automation.templates import Templates
from tidemill.access.role import Permission
from tidemill.api.callers import needs
from tidemill.api.desk import Desk


class Seat:
    """Made for each request.

    Attributes:
        whole: the desk of whoever asks, wherever they reach.
        desk: the same for the platform's own tenant alone.
        definitions: the jobs that are defined.
        adoption: makes jobs of what people have made in the dashboard.
        templates: those of which people define their own.
        catalogue: which modules and handlers there are.
        usual: what goes for a job that does not say otherwise.
    """

    def __init__(
        self, desk: Desk, catalogue: Catalogue, usual: Mapping[str, Any], adoption: Adoption
    ) -> None:
        """Sit down at a desk."""
        self.whole = desk
        self.desk = desk.of(desk.app.client.tenant)
        self.catalogue = catalogue
        self.usual = usual
        self.definitions = Definitions(self.desk.client, catalogue)
        self.adoption = adoption
        self.templates = Templates(self.desk.client)

    @property
    def tasks(self) -> list[str]:
        """All that executions can be of."""
        return [task for module in self.catalogue.modules().values() for task in module.tasks]


def seat(permission: Permission) -> Any:
    """What a route declares: the permission without which it does nothing."""

    async def take(request: Request, desk: Annotated[Desk, needs(permission)]) -> Seat:
        system = request.app.state.automation
        return Seat(desk, system.catalogue, system.usual, system.adoption)

    return Depends(take)
