"""`python -m benchmarks`: choose contests by name, run them, report."""

import argparse
import tempfile
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.contest import Contest
from benchmarks.dashboard.contests import CONTESTS as IN_A_BROWSER
from benchmarks.findings import Finding
from benchmarks.harness import Harness
from benchmarks.http.contests import CONTESTS as OVER_HTTP
from benchmarks.machine import check_disk
from benchmarks.mailing import CONTESTS as MAILING
from benchmarks.postgres.contests import CONTESTS as ON_POSTGRES
from benchmarks.postgres.contests import SIZES as SIZES_ON_POSTGRES
from benchmarks.report import Report, show
from benchmarks.scale import FULL, QUICK, Scale
from benchmarks.sqlite.contests import CONTESTS as ON_SQLITE
from benchmarks.stores import stores_of

RESULTS: Final = Path(__file__).parent / "results"
CONTESTS: Final[dict[str, tuple[Contest, ...]]] = {
    "sqlite": (*ON_SQLITE, *OVER_HTTP, *MAILING, *IN_A_BROWSER),
    "postgres": (*ON_POSTGRES, *OVER_HTTP, *MAILING, *IN_A_BROWSER),
}
SIZES: Final = {"sqlite": FULL, "postgres": SIZES_ON_POSTGRES}


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer 0 when every bar is cleared, 1 when one is missed, 2 on misuse."""
    options = _parser().parse_args(arguments)
    scale = _scale(options)
    contests = CONTESTS[options.engine]
    wanted = [each for each in contests if each.name in (options.contests or _names(contests))]
    options.disk.mkdir(parents=True, exist_ok=True)
    check_disk(options.disk.resolve())
    found = []
    with (
        tempfile.TemporaryDirectory(prefix="run-", dir=options.disk) as disk,
        stores_of(options.engine, Path(disk)) as stores,
    ):
        harness = Harness(Path(disk), stores, scale, lambda what: print(f"  {what}", flush=True))
        report = Report(options.engine, scale, stores.describe())
        for contest in wanted:
            print(contest.about, flush=True)
            runs = min(options.runs, contest.most_rounds or options.runs)
            found.append(Finding(contest, harness.run(contest.subjects, runs)))
            # After each, so that a long run that is stopped leaves what it has found.
            report.write(found, RESULTS)
    show(found)
    print(f"written: {RESULTS}/{options.engine}.json, .md and .svg")
    return 0 if all(verdict.cleared for each in found for verdict in each.verdicts) else 1


def _names(contests: Iterable[Contest]) -> list[str]:
    return sorted({contest.name for contest in contests})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    names = ", ".join(_names(chain.from_iterable(CONTESTS.values())))
    parser.add_argument(
        "contests", nargs="*", metavar="CONTEST", help=f"of {names}; by default all of the engine's"
    )
    parser.add_argument("--engine", choices=list(CONTESTS), default="sqlite", help="(sqlite)")
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
    unknown = set(options.contests) - set(_names(CONTESTS[options.engine]))
    if unknown:
        _parser().error(f"{options.engine} has no contest called {', '.join(sorted(unknown))}")
    options.runs = options.runs or (1 if options.quick else 5)
    sizes = {name: getattr(options, name) for name in msgspec.structs.asdict(FULL)}
    given = {name: size for name, size in sizes.items() if size is not None}
    return msgspec.structs.replace(QUICK if options.quick else SIZES[options.engine], **given)


if __name__ == "__main__":
    raise SystemExit(main())
