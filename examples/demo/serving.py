"""One server: the dashboard of the whole store, and below it what each application serves."""

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.routing import Mount

from examples.demo.cast import Cast
from tidemill import Tidemill
from tidemill.api.app import create_api
from tidemill.loops.clock import Clock


def whole(
    url: str, casts: Mapping[str, Cast], settings: Mapping[str, str], clock: Clock | None = None
) -> Tidemill:
    """The application that looks at all jobs of a store, and knows everybody's tasks."""
    app = Tidemill(url, tenant="", settings=settings, clock=clock)
    for cast in casts.values():
        for task in cast.app.registry:
            app.registry.add(task, own=True)
    return app


def site(app: Tidemill, casts: Mapping[str, Cast]) -> Starlette:
    """What is served.

    Args:
        app: the application that looks at all.
        casts: what is served below it, by its name.
    """
    below = [Mount(f"/{name}", cast.api()) for name, cast in casts.items()]
    return Starlette(routes=[*below, Mount("/", create_api(app))])
