"""A client that may be killed: `customer_process NAME` stores a hundred jobs and puts each first.

Its journal beside the ledger says, before each step, what is asked for, and after it, what was
answered. Whoever comes after one that was killed begins with what that one was never told of.
"""

import os
from pathlib import Path

import msgspec

from tests.journeys.crowd import a_job
from tidemill import Tidemill
from tidemill.core.change import Reprioritise, Which

ORDERS = 100
JOURNAL = "journal"


def entries(journal: Path) -> list[tuple[str, str]]:
    """What the journal says so far, as words and ids; the last line may be torn."""
    if not journal.exists():
        return []
    whole, _, _ = journal.read_text().rpartition("\n")
    return [(word, id_) for word, id_ in (line.split() for line in whole.splitlines())]


def told(journal: Path, word: str) -> list[str]:
    """The ids behind a word, in order, each once."""
    return [*dict.fromkeys(id_ for said, id_ in entries(journal) if said == word)]


def main() -> None:
    path = Path(os.environ["LEDGER"]).with_name(JOURNAL)
    asked, accepted = told(path, "asked"), set(told(path, "accepted"))
    again = [id_ for id_ in asked if id_ not in accepted]
    jobs = Tidemill().open().jobs
    with path.open("a", buffering=1) as journal:
        for number in range(len(accepted), ORDERS):
            job = a_job("quick", number, attempts=25, crashes=25)
            if again:
                job = msgspec.structs.replace(job, id=again.pop())
            journal.write(f"asked {job.id}\n")
            jobs.insert([job]).wait()
            journal.write(f"accepted {job.id}\n")
            jobs.change(Which(ids=(job.id,)), Reprioritise(number % 3)).wait()


if __name__ == "__main__":
    main()
