"""What callers send, as the document of the API says it; whatever is not asked for is refused."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from examples.automation.definition import (
    DEFAULT_RETRIES,
    DEFAULT_TIMEOUT,
    MOST_RETRIES,
    PriorityName,
)
from examples.automation.executions import Status

Id = Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*$")]
Limit = Annotated[int, Field(ge=1, le=200)]
Config = Annotated[dict[str, Any], Field(description="What the handler is given.")]


class In(BaseModel):
    """A body or a query."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    def told(self) -> dict[str, Any]:
        """What was sent, by the names that it was sent under."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class DaysIn(In):
    """Days on which a schedule rests."""

    business_days: bool = False
    holidays: Annotated[str, Field(max_length=60, examples=["AU-NSW"])] = ""
    blackouts: list[tuple[datetime, datetime]] = []


class JobPatch(In):
    """What is to be different about a job."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = ""
    description: Annotated[str, Field(max_length=2_000)] = ""
    module_id: Annotated[str, Field(examples=["automation.scraper"])] = ""
    handler: Annotated[str, Field(examples=["scrape"])] = ""
    schedule: Annotated[
        str, Field(max_length=200, description="Cron expression; empty: by hand only.")
    ] = ""
    timezone: str = "UTC"
    days: DaysIn = DaysIn()
    enabled: bool = True
    priority: PriorityName = "normal"
    timeout: Annotated[
        int, Field(ge=1, le=86_400_000, description="Milliseconds that one attempt has.")
    ] = DEFAULT_TIMEOUT
    retries: Annotated[
        int, Field(ge=0, le=MOST_RETRIES, description="Attempts after the first one.")
    ] = DEFAULT_RETRIES
    config: Config = {}
    conditions: Annotated[
        list[dict[str, Any]],
        Field(
            max_length=20,
            description="What has to be so when it is to run: `lastStatus`, `hours`, `eventSeen`,"
            " `atMost`.",
            examples=[[{"rule": "hours", "since": "08:00", "until": "18:00"}]],
        ),
    ] = []


class JobIn(JobPatch):
    """A job to be defined."""

    id: Id | None = None
    name: Annotated[str, Field(min_length=1, max_length=200)]
    module_id: Annotated[str, Field(examples=["automation.scraper"])]
    handler: Annotated[str, Field(examples=["scrape"])]


class OfTemplateIn(JobPatch):
    """What is to be different from a template."""

    id: Id | None = None


class CloneIn(In):
    """What the other one is called."""

    name: Annotated[str, Field(max_length=200)] = ""


class ExecuteIn(In):
    """How it is to run, this once."""

    config: Config = {}
    force: Annotated[bool, Field(description="Whatever its conditions are.")] = False


class TemplateIn(In):
    """A template."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_\-]{0,63}$")]
    title: Annotated[str, Field(max_length=200)] = ""
    job: Annotated[dict[str, Any], Field(description="Parts of a job, as one would send them.")]


class OfJobIn(In):
    """The template that is to be made of a job."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_\-]{0,63}$")]
    title: Annotated[str, Field(max_length=200)] = ""


class WebhookIn(In):
    """Where the results of a job are to be posted."""

    url: Annotated[str, Field(max_length=2_000, examples=["https://ops.example.org/results"])]
    on: Annotated[
        list[Literal["completed", "failed", "timeout", "cancelled"]],
        Field(description="Which results; by default all."),
    ] = []


class JobsIn(In):
    """Which jobs are meant."""

    module_id: str = ""
    enabled: bool | None = None
    search: Annotated[str, Field(max_length=200, description="In the name or the id.")] = ""
    after: Annotated[str, Field(description="Behind this id.")] = ""
    limit: Limit = 50


class ExecutionsIn(In):
    """Which executions are meant."""

    job_id: str = ""
    module_id: str = ""
    status: Status | None = None
    cursor: str | None = None
    limit: Limit = 25


class EmitIn(In):
    """Something that has happened."""

    name: Annotated[str, Field(min_length=1, max_length=255, examples=["stock.counted"])]
    payload: Any = None
    source: Annotated[str, Field(max_length=200)] = ""


class EventsIn(In):
    """Which events are meant."""

    name: Annotated[str, Field(description="A name, or a pattern: `stock.*`.")] = "**"
    source: str | None = None
    cursor: int | None = None
    limit: Limit = 50
