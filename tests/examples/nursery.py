"""Makes processes that have loaded a program: `nursery MODULE ARGUMENT...`, and a line for each.

For each line that it reads it forks one, in which the module's `main()` runs with the arguments,
and writes its pid. Loading a program takes a second of a processor, which whoever is killed twice a
second would do nothing else with.
"""

import importlib
import os
import signal
import sys
from typing import Any, NoReturn


def main() -> None:
    """Make one for each line, until there is none."""
    module, *arguments = sys.argv[1:]
    program = importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that die
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            _live(program, arguments)
        print(pid, flush=True)  # noqa: T201 - it is how it answers


def _live(program: Any, arguments: list[str]) -> NoReturn:
    """Be one, to the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.argv = [program.__name__, *arguments]
    code = 1
    try:
        code = program.main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
