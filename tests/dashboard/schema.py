"""Writes the types of the API's document for the dashboard: `python -m tests.dashboard.schema`."""

import json
import tempfile
from pathlib import Path

from dashboard import build
from tidemill import Tidemill
from tidemill.api.app import create_api

WRITTEN = build.HERE / "src" / "server" / "schema.gen.ts"
_PROGRAM = "node_modules/openapi-typescript/bin/cli.js"


def write(to: Path) -> None:
    """Write what the API says today."""
    with tempfile.TemporaryDirectory() as folder, Tidemill("memory://") as app:
        told = Path(folder) / "openapi.json"
        told.write_text(json.dumps(create_api(app).openapi()))
        build.run("writing the API's types", _PROGRAM, str(told), "-o", str(to))


if __name__ == "__main__":
    build.install()
    write(WRITTEN)
