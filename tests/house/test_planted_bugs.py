"""Classic bugs of job queues, planted one at a time: each must turn a test red.

A test that stays green with the bug in place would prove nothing. The source is copied, one place
in the copy is changed, and the tests that guard the promise are run on it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.house.source import ROOT

CONFORMANCE = "tests/engines/test_conformance.py"
RELATIONAL = "engines/relational"
SQLITE = "engines/sqlite"
POSTGRES = "engines/postgres"


class Bug(NamedTuple):
    """One place, what it says, what it says with the bug in it, and the tests that guard it."""

    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]


BUGS = {
    "the fence is not compared": Bug(
        f"{RELATIONAL}/settling.py",
        "if fence != claim.fence or (facts and facts.id != claim.id):",
        "if facts is not None and facts.id != claim.id:",
        (CONFORMANCE, "-k", "TestSettlingFence and sqlite and not apsw"),
    ),
    "the unique index is dropped": Bug(
        f"{SQLITE}/migrations/0001_jobs_and_records.sql",
        "CREATE UNIQUE INDEX job_unique",
        "CREATE INDEX job_unique",
        (CONFORMANCE, "-k", "(TestUniqueness or TestChangingRetry) and sqlite and not apsw"),
    ),
    "a job is popped instead of leased": Bug(
        f"{SQLITE}/sql/expired.sql",
        "WHERE state = 'running'",
        "WHERE state = 'popped'",
        (CONFORMANCE, "-k", "TestExpired and sqlite and not apsw"),
    ),
    "a limit is counted beside what runs": Bug(
        f"{RELATIONAL}/keys.py",
        "self._known: dict[str, _Key] = {}",
        'self._known: dict[str, _Key] = globals().setdefault("_counted", {})',
        (CONFORMANCE, "-k", "TestLimitingKeys and sqlite and not apsw"),
    ),
    "the next tick is taken from the clock": Bug(
        "schedules/tick.py",
        "        tick = schedule.tick_after(tick)\n    return",
        "        tick = schedule.tick_after(now)\n    return",
        ("tests/schedules/test_tick.py",),
    ),
    "an event is told before its cause is committed": Bug(
        f"{SQLITE}/writer.py",
        '            self._run_queued(transaction, batch)\n            link.run("COMMIT")\n',
        "            self._run_queued(transaction, batch)\n"
        '            self._tell(transaction.signals)\n            link.run("COMMIT")\n',
        (CONFORMANCE, "-k", "TestSignalling and sqlite and not apsw"),
    ),
    "the heartbeat is stopped before the drain": Bug(
        "worker/shutdown.py",
        "    await _stop_fetching(shift, whistle)\n    shift.floor.hand_back()",
        "    await _stop_fetching(shift, whistle)\n    await shift.session.give_back()\n"
        "    shift.floor.hand_back()",
        ("tests/worker/test_worker.py",),
    ),
    "a plain settlement does not compare the fence": Bug(
        f"{POSTGRES}/sql/settle_plain.sql",
        "job.seq = given.seq AND job.fence = given.fence AND worker IS NOT NULL",
        "job.seq = given.seq AND worker IS NOT NULL",
        (CONFORMANCE, "-k", "TestSettlingFence and postgres"),
    ),
    "a worker does not ask for what it was given unheard": Bug(
        "worker/fetcher.py",
        "unheard = [claim for claim in held if (claim.ref, claim.fence) not in known]",
        "unheard = [claim for claim in held if claim.ref in known]",
        ("tests/journeys/test_cuts.py", "-k", "answer and claim"),
    ),
    "a server's clock is believed, however it jumps": Bug(
        f"{POSTGRES}/ground.py",
        "if self._clock is None:\n            self._watch.look(",
        "if self._clock is not None:\n            self._watch.look(",
        ("tests/engines/test_postgres_clock.py", "-k", "never_comes_back"),
    ),
    "a job that is just completing is asked for again": Bug(
        f"{POSTGRES}/sql/insert_plain.sql",
        "AND NOT EXISTS (SELECT 1 FROM tidemill.job AS live WHERE live.id = given.id)",
        "AND true",
        ("tests/engines/test_postgres_side_by_side.py", "-k", "asked_for_again"),
    ),
    "promotion ignores a pause": Bug(
        f"{RELATIONAL}/gates.py",
        "return 0 if _is_paused(tx, name) else None, None",
        "return None, None",
        (CONFORMANCE, "-k", "TestPromotingGates and sqlite and not apsw"),
    ),
}


@pytest.mark.timeout(300)  # it runs tests in turn
@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_turns_a_test_red(name: str, tmp_path: Path) -> None:
    bug = BUGS[name]
    # With what was compiled of it: only the place that is changed is compiled anew.
    shutil.copytree(ROOT / "src", tmp_path / "src")
    victim = tmp_path / "src" / "tidemill" / bug.file
    source = victim.read_text()
    assert source.count(bug.right) == 1, f"{bug.file} does not say that any more"
    victim.write_text(source.replace(bug.right, bug.wrong))
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-x", "-p", "no:cacheprovider", *bug.tests],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "src"), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, f"stayed green:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
    # As it is told when it fails: what the bug leaves open may end the run before its summary.
    assert " FAILED " in ran.stdout, ran.stdout[-2000:]
