"""Handlers of tests: one answers, one fails, one waits, one wants what it may not have."""

import asyncio
from typing import Any

from msgspec import Struct

from examples.automation.context import Context
from tidemill import Module, Retry


class Trouble(Struct, kw_only=True):
    """How it fails."""

    times: int = 1_000
    says: str = "out of order"


async def echo(context: Context[dict[str, Any]]) -> dict[str, Any]:
    """Answer what it is given."""
    await context.job.progress(50, "half-way")
    await context.job.log("echoing", level="warning", of=context.job_id)
    return {
        "jobId": context.job_id,
        "executionId": context.execution_id,
        "config": context.config,
    }


async def fail(context: Context[Trouble]) -> int:
    """Fail so many times, then answer the number of the attempt."""
    if context.job.attempt <= context.config.times:
        try:
            raise ValueError(context.config.says)
        except ValueError as error:
            raise Retry(after="1ms") from error
    return context.job.attempt


async def wait(context: Context[dict[str, Any]]) -> None:
    """Wait until it is told to stop."""
    del context
    await asyncio.Event().wait()


async def sneak(context: Context[dict[str, str]]) -> None:
    """Ask for a service, or say an event, that the module has no permission for."""
    if "event" in context.config:
        await Module("automation.odds").aemit(context.config["event"], {})
    _ = context.services.http
