"""An application that takes the same body as ours, and does nothing with it."""

from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field


class Wanted(BaseModel):
    """A job, as a bare application would ask for it."""

    model_config = ConfigDict(extra="forbid")
    task: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}$")]
    arguments: dict[str, Any]


app = FastAPI()


@app.post("/api/v1/jobs", status_code=201)
async def enqueue(wanted: Wanted) -> dict[str, Any]:
    """Answer as if a job had been stored."""
    return {"id": "01a225d6-3a3b-7f91-8914-18d0321e6db8", "task": wanted.task, "created": True}
