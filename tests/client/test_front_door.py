"""The front door is light, and holds what it says."""

import subprocess
import sys

import tidemill

HEAVY = ("sqlite3", "apsw", "pydantic", "typer", "rich", "fastapi", "tidemill.worker")


def test_importing_loads_no_driver_and_no_web() -> None:
    program = f"import sys, tidemill; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    for name in tidemill.__all__:
        assert getattr(tidemill, name) is not None
    assert tidemill.__all__ == sorted(tidemill.__all__)
