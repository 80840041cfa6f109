"""The application inside one of somebody's own: it is served below a path, at a port."""

import sys

import uvicorn
from fastapi import FastAPI

from tests.dashboard.harbour import app
from tidemill.api.app import create_api


def main(path: str, port: str) -> None:
    """Serve it."""
    outer = FastAPI()
    outer.mount(path, create_api(app))
    uvicorn.run(outer, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
