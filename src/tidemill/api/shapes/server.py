"""What a server is, as it travels."""

from typing import Annotated

from pydantic import Field

from tidemill.api.shapes.shape import Out


class ServerOut(Out):
    """What answers here."""

    release: Annotated[str, Field(description="The version of tidemill.", examples=["1.4.0"])]
    build: Annotated[
        str, Field(description="Another one: the dashboard in the browser is an old one.")
    ]
    engine: Annotated[
        str | None,
        Field(
            description="What jobs are kept in; `null` for callers without `settings.read`.",
            examples=["postgresql"],
        ),
    ]
