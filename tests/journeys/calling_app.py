"""An application whose handler asks a third party over HTTP."""

import os
import sys

from tidemill import Retry, Tidemill, current

app = Tidemill()


@app.task(name="call", retry=Retry.exponential(attempts=3, base="500ms"))
async def call(number: int) -> int:
    answer = await current().services["http"].post(f"{os.environ['THIRD']}/{number}")
    answer.raise_for_status()
    return number


def main() -> int:
    """Work until we are stopped."""
    return app.worker(grace="5s").run_blocking()


if __name__ == "__main__":
    sys.exit(main())
