"""Tasks for child processes: the well-behaved, the broken, and the hostile."""

import asyncio
import ctypes
import logging
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from tidemill import Tidemill, current

app = Tidemill("memory://")


@app.task(executor="process")
def pid() -> int:
    return os.getpid()


@app.task(executor="process")
def completes_itself(path: str) -> None:
    with sqlite3.connect(path) as connection:
        current().complete(tx=connection)


@app.task(executor="process")
def environment(name: str) -> str | None:
    return os.environ.get(name)


@app.task(executor="process")
async def asynchronous(number: int) -> int:
    await asyncio.to_thread(int)
    return number * 2


@app.task(executor="process")
def talks() -> None:
    job = current()
    for percent in range(101):
        job.progress(percent, "counting", step=percent, of=100)
    job.checkpoint({"at": 5})
    job.log("by hand", level="warning", shelf=7)
    logging.getLogger("shop").warning("by logging", extra={"order": 3})


@app.task(executor="process")
def checkpoint() -> object:
    return current().checkpoint_value


@app.task(executor="process", give_up_on=[LookupError])
def raises(kind: str) -> None:
    raise LookupError("gone") if kind == "LookupError" else ValueError("no")


@app.task(executor="process")
def exits() -> None:
    sys.exit("bye")


@app.task(executor="process")
def dies(how: str) -> None:
    match how:
        case "exit":
            os._exit(7)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "term":
            os.kill(os.getpid(), signal.SIGTERM)
        case _:
            ctypes.string_at(0)


@app.task(executor="process")
def scribbles() -> str:
    os.write(1, b"\x00\x00\x00\x05hello not a message\n")
    print("printed")  # noqa: T201 - what a handler may do
    sys.stdout.close()
    return "fine"


@app.task(executor="process")
def closes_files() -> str:
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    return "still here"


@app.task(executor="process")
def forks() -> str:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return "parent"
    return "child"


@app.task(executor="process")
def leaves_its_folder() -> None:
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    Path(folder).rmdir()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@app.task(executor="process")
def stands() -> tuple[str, bool]:
    return str(Path.cwd()), signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


@app.task(executor="process")
def uses_processes() -> list[int]:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(abs, [-1, -2])


@app.task(executor="process", memory="64MB")
def eats(megabytes: int) -> int:
    return len(bytearray(megabytes << 20))


@app.task(executor="process")
def spins(fifo: str) -> None:
    Path(fifo).write_text(str(os.getpid()))
    while True:
        pass


@app.task(executor="process")
def spins_deaf(fifo: str) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    kept = subprocess.Popen(["sleep", "600"])  # noqa: S607 - a stand-in for any program
    Path(fifo).write_text(str(kept.pid))
    while True:
        pass


@app.task(executor="process")
def looks(fifo: str) -> None:
    Path(fifo).write_text(str(os.getpid()))
    while True:
        current().raise_if_cancelled()


@app.task(executor="process")
async def waits(fifo: str) -> None:
    await asyncio.to_thread(Path(fifo).write_text, str(os.getpid()))
    await asyncio.Event().wait()
