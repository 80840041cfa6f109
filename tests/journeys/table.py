"""Brings about every fault on every engine and writes what it came to: `./dev faults`.

With words, only the faults in whose line they all stand are brought about, and only those lines of
the page are written anew.
"""

import argparse
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from tests.house.source import ROOT
from tests.journeys.figures import Figures, total
from tests.journeys.programme import FAULTS, Fault, Journey
from tests.journeys.stage import Stage, far, near
from tests.servers import VERSION, postgres

PAGE: Final = ROOT / "docs" / "reference" / "faults.md"
AT_ONCE: Final = 6
"""Journeys made at once of those that mostly wait for a lease to run out."""

NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

HEAD: Final = (
    "engine", "fault", "accepted", "killed", "restarts", "cut", "lost", "repeated",
    "refused", "recovered", "runs",
)  # fmt: skip

NONE: Final = "–"  # noqa: RUF001 - a dash, as pages have it


def main(words: Sequence[str]) -> int:
    """Bring about the faults that are meant; 1 if anything was as it must not be."""
    with postgres() as server:
        return bring_about(FAULTS, words, server.url, PAGE)


def bring_about(faults: Iterable[Fault], words: Sequence[str], server: str, page: Path) -> int:
    """Bring about those whose line has all the words, and write onto the page what came to be.

    Where anything was as it must not be, it is told, the line stays as it was, and the answer is 1.
    """
    flaws = []
    for fault in faults:
        for scheme in fault.schemes:
            if not all(word in f"{scheme} {fault.name}" for word in words):
                continue
            begun = time.monotonic()
            found = suffer(fault, scheme, server)
            say(f"{row(scheme, fault, found)} {time.monotonic() - begun:.0f} s")
            if found.flaws:
                flaws += [f"{fault.name} on {NAMES[scheme]}: {flaw}" for flaw in found.flaws]
            else:
                lines = read_page(page) | {(NAMES[scheme], fault.name): row(scheme, fault, found)}
                write_page(page, lines)
    for flaw in flaws:
        say(f"not on the page: {flaw}")
    return 1 if flaws else 0


def suffer(fault: Fault, scheme: str, server: str) -> Figures:
    """Make all journeys of a fault on one engine."""
    travel = travel_far if fault.is_far else partial(travel_near, scheme, server)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return total(pool.map(travel, fault.journeys))


def travel_near(scheme: str, server: str, journey: Journey) -> Figures:
    """Make a journey in a folder, or on the server that they share."""
    with tempfile.TemporaryDirectory() as folder, near(Path(folder), scheme, server) as stage:
        return attempt(journey, stage)


def travel_far(journey: Journey) -> Figures:
    """Make a journey on a server of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres() as server,
        far(Path(folder), server) as stage,
    ):
        return attempt(journey, stage)


def attempt(journey: Journey, stage: Stage) -> Figures:
    """Make a journey; what does not come to pass in it counts as a flaw, and the others go on."""
    try:
        return journey(stage)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        return Figures(flaws=(f"{error}",))


def row(scheme: str, fault: Fault, found: Figures) -> str:
    """A line of the table."""
    counts = (found.accepted, found.kills, found.restarts, found.cuts)
    ends = (found.lost, found.repeated, found.refused)
    cells = [NAMES[scheme], fault.name]
    cells += [f"{count:,}" if count else NONE for count in counts]
    cells += [f"{count:,}" for count in ends]
    half, most = found.recovered_by(0.5), found.recovered_by(0.99)
    cells.append(NONE if half is None or most is None else f"{half:.1f}, {most:.1f}")
    return line((*cells, str(found.seeds)))


def line(cells: Iterable[str]) -> str:
    """Cells as Markdown has them."""
    return f"| {' | '.join(cells)} |"


def read_page(page: Path) -> dict[tuple[str, str], str]:
    """The lines of the table as the page has them, by engine and fault."""
    rows = {}
    for text in page.read_text().splitlines():
        engine, _, rest = text.removeprefix("| ").partition(" | ")
        if engine in NAMES.values():
            rows[engine, rest.partition(" | ")[0]] = text
    return rows


def write_page(page: Path, rows: Mapping[tuple[str, str], str]) -> None:
    """Put the table into the page in place of the one that is there, in the programme's order."""
    where = (
        f"On {os.cpu_count()} processors, with Python {platform.python_version()}, SQLite"
        f" {sqlite3.sqlite_version} and PostgreSQL {VERSION}:"
    )
    keys = [(NAMES[scheme], fault.name) for fault in FAULTS for scheme in fault.schemes]
    head = [line(HEAD), "|---|---|" + "--:|" * (len(HEAD) - 2)]
    table = "\n".join([where, "", *head, *(rows[key] for key in keys if key in rows)])
    before, _, rest = page.read_text().partition("On ")
    _, _, after = rest.partition("\n\n- ")
    page.write_text(f"{before}{table}\n\n- {after}")


def say(what: str) -> None:
    """Tell whoever waits."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="./dev faults", description=__doc__)
    parser.add_argument("words", nargs="*", help="such as: sqlite claim")
    sys.exit(main(parser.parse_args().words))
