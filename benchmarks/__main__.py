"""`python -m benchmarks`: choose contests by name, run them, report."""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.contests import CONTESTS
from benchmarks.findings import Finding
from benchmarks.harness import Harness
from benchmarks.machine import check_disk
from benchmarks.report import show, write
from benchmarks.scale import FULL, QUICK, Scale

RESULTS: Final = Path(__file__).parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer 0 when every bar is cleared, 1 when one is missed, 2 on misuse."""
    options = _parser().parse_args(arguments)
    scale = _scale(options)
    wanted = [contest for contest in CONTESTS if contest.name in (options.contests or _names())]
    options.disk.mkdir(parents=True, exist_ok=True)
    check_disk(options.disk.resolve())
    found = []
    with tempfile.TemporaryDirectory(prefix="run-", dir=options.disk) as disk:
        harness = Harness(Path(disk), scale, lambda what: print(f"  {what}", flush=True))
        for contest in wanted:
            print(contest.about, flush=True)
            found.append(Finding(contest, harness.run(contest.subjects, options.runs)))
            # After each, so that a long run that is stopped leaves what it has found.
            write(found, scale, RESULTS)
    show(found)
    print(f"\nwritten: {RESULTS}/latest.json, {RESULTS}/latest.svg")
    return 0 if all(verdict.cleared for each in found for verdict in each.verdicts) else 1


def _names() -> list[str]:
    return [contest.name for contest in CONTESTS]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument(
        "contests", nargs="*", metavar="CONTEST", help=f"of {', '.join(_names())}; by default all"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes: does it all work?")
    parser.add_argument("--runs", type=int, help="rounds of each contest (5, or 1 with --quick)")
    parser.add_argument(
        "--disk", type=Path, default=RESULTS, help="folder for the stores, on a real disk"
    )
    for name, size in msgspec.structs.asdict(FULL).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(size), metavar="N")
    return parser


def _scale(options: argparse.Namespace) -> Scale:
    """The sizes that were asked for; finds what is wrong with the rest on the way."""
    unknown = set(options.contests) - set(_names())
    if unknown:
        _parser().error(f"no contest is called {', '.join(sorted(unknown))}")
    options.runs = options.runs or (1 if options.quick else 5)
    sizes = {name: getattr(options, name) for name in msgspec.structs.asdict(FULL)}
    given = {name: size for name, size in sizes.items() if size is not None}
    return msgspec.structs.replace(QUICK if options.quick else FULL, **given)


if __name__ == "__main__":
    raise SystemExit(main())
