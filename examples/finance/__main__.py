"""Run all of Finance Management by one command: `python -m examples.finance`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvicorn

from examples.finance.application import create
from examples.finance.identity import Identity
from examples.finance.place import ADDRESSES
from examples.finance.post_office import PostOffice
from examples.finance.scene import seed
from examples.finance.serving import api_of
from tidemill.api.serving import configured


def main() -> int:
    """Do what the command line says."""
    asked = _arguments()
    folder = asked.folder.absolute()
    url = asked.url or f"sqlite:///{folder}/jobs.db"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(_everything(url, folder, asked))
    print("Everything has ended.")
    return 0


async def _everything(url: str, folder: Path, asked: argparse.Namespace) -> None:
    """The stand-ins, a worker and the server, until Ctrl-C."""
    with ExitStack() as stack:
        post = stack.enter_context(PostOffice(folder / "mail").serving())
        finance = create(
            url,
            folder,
            tenant=asked.tenant,
            ledger=asked.ledger,
            mail=post.url,
            files=f"{folder}/files",
            zone=asked.zone,
        )
        stack.callback(finance.close)
        identity = stack.enter_context(Identity(asked.tenant).serving())
        server = _Served(configured(api_of(finance, identity.url), "127.0.0.1", asked.port))
        worker = finance.worker()
        seed(finance)
        print(f"Finance Management is at http://127.0.0.1:{asked.port} until Ctrl-C")
        print(f"Log in at {identity.url}/token as")
        for name, password in identity.passwords.items():
            print(f"  {name} with the password {password}")
        print(f"Mail of {', '.join(ADDRESSES.values())} is filed in {folder}/mail")
        working = asyncio.create_task(worker.run())
        try:
            await server.serve()
        finally:
            worker.stop()
            await working


class _Served(uvicorn.Server):
    """Ends by Ctrl-C without raising it anew, for others have to end as well."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear both signals; the server calls this."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.finance", description=__doc__)
    parser.add_argument("--url", default="", help="where jobs are kept; by default in the folder")
    parser.add_argument("--folder", type=Path, default=Path("finance-data"))
    parser.add_argument("--tenant", default="", help="whose its jobs are")
    parser.add_argument("--ledger", default="", help="its database; by default in the folder")
    parser.add_argument("--zone", default="UTC", help="of its schedules and its days")
    parser.add_argument("--port", type=int, default=8421)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
