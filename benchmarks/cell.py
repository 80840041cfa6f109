"""One measurement in a process of its own: `benchmarks.cell MODULE:FUNCTION FOLDER SCALE`."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.scale import Scale


def main(name: str, folder: str, scale: str) -> None:
    """Call the function and print its answer as JSON."""
    module, _, function = name.partition(":")
    work: Any = getattr(import_module(module), function)
    answer = work(Path(folder), msgspec.json.decode(scale, type=Scale))
    print(msgspec.json.encode(answer).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
