"""Workers as they travel."""

from typing import Annotated, Any

from pydantic import Field

from tidemill.api.shapes.shape import At, Out, moment
from tidemill.client.worker_info import WorkerInfo


class WorkerOut(Out):
    """A worker that holds its lease."""

    session: int
    name: str
    host: str
    pid: int
    release: str
    queues: Annotated[list[str] | None, Field(description="`null`: from any.")]
    tasks: list[str]
    modules: Annotated[
        dict[str, str], Field(description="Versions of the modules that it includes.")
    ]
    running: Annotated[int, Field(description="Jobs that it holds.")]
    slots: Annotated[
        int | None, Field(description="Jobs that it may run at once; `null`: it does not say.")
    ]
    refused: Annotated[int, Field(description="Jobs that it reported too late.")]
    started_at: At | None
    progress_at: Annotated[At | None, Field(description="When its event loop last moved.")]
    lease_until: At


class WorkersOut(Out):
    """Workers that hold their leases."""

    workers: list[WorkerOut]


def worker_out(worker: WorkerInfo) -> dict[str, Any]:
    """A worker as it travels; what it does not say of itself is plain."""
    info = worker.info
    return {
        "session": worker.session,
        "name": str(info.get("name", worker.name)),
        "host": str(info.get("host", "")),
        "pid": int(info.get("pid", 0)),
        "release": str(info.get("version", "")),
        "queues": info.get("queues"),
        "tasks": info.get("tasks") or [],
        "modules": info.get("modules") or {},
        "running": int(info.get("running", 0)),
        "slots": info.get("slots"),
        "refused": int(info.get("refused", 0)),
        "started_at": moment(info.get("started_at")),
        "progress_at": moment(info.get("progress_at")),
        "lease_until": moment(worker.until),
    }
