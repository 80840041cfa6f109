"""What a program pays that only says `import tidemill`: for no driver, framework or event loop."""

import subprocess
import sys

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
