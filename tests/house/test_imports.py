"""What a program pays that only says `import tidemill`: for no driver, framework or event loop."""

import subprocess
import sys
import tomllib

from tests.house.source import ROOT

LOADED = "import sys, tidemill; print(*sys.modules, sep='\\n')"

KEPT_OUT = {
    "apsw",
    "asyncio",
    "fastapi",
    "hiredis",
    "psycopg",
    "pydantic",
    "redis",
    "rich",
    "sqlalchemy",
    "sqlite3",
    "starlette",
    "typer",
    "uvicorn",
}


def test_the_front_door_loads_no_driver_no_web_framework_and_no_event_loop() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in answer.stdout.split()}
    assert "tidemill" in loaded
    assert loaded & KEPT_OUT == set()


def test_guests_may_come_into_no_room_but_by_the_front_door() -> None:
    """Some modules are at the door themselves, so the rule has to list all others by name."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (guests,) = [rule for rule in rules["contracts"] if rule["id"] == "guests"]
    rooms = {path.stem for path in (ROOT / "src" / "tidemill").iterdir() if path.stem[0] != "_"}
    at_the_door = {"errors", "signatures", "py"}  # `py.typed` is no module
    assert set(guests["forbidden_modules"]) == {
        f"tidemill.{room}" for room in rooms - at_the_door - {"demo", "kits"}
    }
