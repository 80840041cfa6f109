"""Tasks as they travel, with the JSON Schema of what they take."""

from typing import Annotated, Any

from pydantic import Field

from tidemill.api.shapes.queues import CountsOut, RateOut, counts_out, rate_out, task_rules_out
from tidemill.api.shapes.shape import At, Out, seconds
from tidemill.core.query import QueueCounts
from tidemill.core.rules import TaskRules
from tidemill.tasks.declaration import Declaration


class ConcurrencyOut(Out):
    """How many jobs of one key run at once."""

    most: int
    key: str


class TaskOut(Out):
    """A task: how its jobs run, and what it takes."""

    task: str
    known: Annotated[bool, Field(description="Whether this server's application declares it.")]
    description: str
    queue: str | None
    priority: int | None
    executor: str | None
    timeout: Annotated[float | None, Field(description="Seconds.")]
    attempts: int | None
    concurrency: ConcurrencyOut | None
    rate: RateOut | None
    tags: list[str]
    parameters: Annotated[
        dict[str, Any] | None, Field(description="JSON Schema of the arguments, by name.")
    ]
    counts: CountsOut
    paused: bool
    note: Annotated[str, Field(description="Why it is paused.")]
    paused_by: Annotated[str, Field(description="As the audit log names them.")]
    paused_at: At | None
    version: int


class TasksOut(Out):
    """Tasks, by name."""

    tasks: list[TaskOut]


def task_out(
    name: str,
    declaration: Declaration[Any] | None,
    counts: list[QueueCounts],
    rules: TaskRules | None,
) -> dict[str, Any]:
    """A task as it travels."""
    mine = counts_out(each for each in counts if each.task == name)
    out: dict[str, Any] = {
        "task": name,
        "known": declaration is not None,
        "description": "",
        "queue": None,
        "priority": None,
        "executor": None,
        "timeout": None,
        "attempts": None,
        "concurrency": None,
        "rate": None,
        "tags": [],
        "parameters": None,
        "counts": mine,
        **task_rules_out(rules),
    }
    if declaration is not None:
        options = declaration.options
        limit = options.concurrency
        out |= {
            "description": (declaration.function.__doc__ or "").strip(),
            "queue": options.queue,
            "priority": int(options.priority),
            "executor": options.executor,
            "timeout": seconds(options.timeout),
            "attempts": options.retry.attempts,
            "concurrency": limit and {"most": limit.most, "key": limit.key},
            "rate": rate_out(options.rate.rate if options.rate else None),
            "tags": options.tags,
            "parameters": declaration.signature.schema(),
        }
    return out
