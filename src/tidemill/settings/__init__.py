"""Settings: what a file and the environment say where a program says nothing.

A setting stands in `tidemill.toml`, or in a variable of the environment, which goes before the
file; what a program gives, `Tidemill(settings={...})`, goes before both. A setting that is written
nowhere has no value here, so that it can never take the place of one that a program has chosen.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from msgspec import Struct

from tidemill.core.errors import InvalidOption, TidemillError
from tidemill.core.instants import millis
from tidemill.core.retention import Keep
from tidemill.engines import file_of
from tidemill.loops.failpoint import VARIABLE as FAILPOINTS
from tidemill.settings.known import ALL, PREFIX, Setting

T = TypeVar("T")

FILE: Final = "tidemill.toml"
CONFIG: Final = "TIDEMILL_CONFIG"
KEY: Final = "TIDEMILL_KEY"
PROGRAM: Final = "the program"
"""What set a value that was given to `Tidemill` itself."""

ROOT_MARKS: Final = ("pyproject.toml", ".git")
"""What the root of a project holds; nothing above it is read, for it may be someone else's."""

OTHERS: Final = frozenset({CONFIG, KEY, "TIDEMILL_CREW", FAILPOINTS})
"""Variables that are no settings: where the file is, the key that commands come to a server with,
which is to stand in no file of a project, and what our own processes tell each other."""

_OF_A_SERVICE: Final = re.compile(
    r"TIDEMILL(_\w+)?_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)"
)
"""What Kubernetes puts into every container beside a service whose name begins with tidemill."""

_PATHS: Final = ("url", "services.database.url")
_BY_NAME: Final = {setting.name: setting for setting in ALL}
_BY_VARIABLE: Final = {setting.variable: setting for setting in ALL}


class Written(Struct, frozen=True):
    """A value that was set, and where: the path of a file, the name of a variable, or `PROGRAM`."""

    value: Any
    origin: str


class Settings:
    """What is set; what is not has no value."""

    def __init__(self, written: Mapping[str, Written], file: Path | None = None) -> None:
        """Hold what was written, by the names of settings, and the file that was read."""
        self._written = written
        self.file = file

    def given(self, values: Mapping[str, Any]) -> "Settings":
        """These settings, and before them what a program says itself.

        Args:
            values: by the names that settings have in the file, as one would write them there;
                paths are as the program has them.

        Raises:
            InvalidOption: a setting that is not known or makes no sense.

        Example:
            >>> load({}, Path("/")).given({"worker.concurrency": 8}).worker()
            {'concurrency': 8}
        """
        written = dict(self._written)
        for name, value in values.items():
            if name not in _BY_NAME:
                raise _unknown(f"{PROGRAM} sets {name}, which is no setting", name, _BY_NAME)
            written[name] = Written(_read(_BY_NAME[name], value, PROGRAM), PROGRAM)
        return Settings(written, self.file)

    def get(self, name: str, otherwise: T) -> T:
        """The value of a setting, or another one where it is not set."""
        found = self._written.get(_BY_NAME[name].name)
        value: T = otherwise if found is None else found.value
        return value

    def origin(self, name: str) -> str:
        """Where a setting is set; empty where it is not."""
        found = self._written.get(name)
        return "" if found is None else found.origin

    def table(self, table: str) -> dict[str, Any]:
        """What is set in a table, by the names in it."""
        begin = f"{table}."
        return {
            name.removeprefix(begin): each.value
            for name, each in self._written.items()
            if name.startswith(begin)
        }

    def worker(self) -> dict[str, Any]:
        """The options that a worker has where its program gives no others."""
        options = self.table("worker")
        # These are about processes, of which a program starts its own.
        return {name: options[name] for name in options.keys() - {"processes", "nice"}}

    def keep(self) -> Keep:
        """How long finished things are kept."""
        return Keep(**{name: millis(value) for name, value in self.table("keep").items()})

    def check_address(self, url: str, *, allow: Iterable[str] | None = None) -> str:
        """Return a URL that handlers may ask by the service `http`.

        What its name stands for is looked up when it is asked, and looked at again then.

        Args:
            url: somebody's wish, such as where a webhook is to go.
            allow: hosts that may be asked wherever they are, in place of `services.allow`.

        Raises:
            AddressRefused: it may not be asked.

        Example:
            >>> from tidemill import Tidemill
            >>> Tidemill("memory://").settings.check_address("https://hooks.example.org/in")
            'https://hooks.example.org/in'
        """
        from tidemill.services.outbound import check_url, only, reach_of  # noqa: PLC0415 - few ask

        reach = reach_of(self.table("services"))
        check_url(url, reach if allow is None else only(reach, allow))
        return url


def load(environment: Mapping[str, str] | None = None, here: Path | None = None) -> Settings:
    """Read what is set.

    Args:
        environment: variables; by default those of this process. An empty one counts for none.
        here: where the search for `tidemill.toml` begins; by default the working directory.

    Raises:
        InvalidOption: a setting that is not known or makes no sense, or a file that cannot be read.

    Example:
        >>> load({"TIDEMILL_WORKER_CONCURRENCY": "8"}, Path("/")).worker()
        {'concurrency': 8}
    """
    variables = os.environ if environment is None else environment
    file = _find(variables.get(CONFIG), here)
    written = {} if file is None else _of_file(file)
    return Settings(written | _of_environment(variables), file)


def shown(value: Any) -> str:
    """A value as it may be shown: in words, and without the password that a URL may hold."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}:***" for name in value)
    return re.sub(r"(?<=//)([^/@:]*):[^/]*@", r"\1:***@", str(value))


def _find(named: str | None, here: Path | None) -> Path | None:
    """The file that was named, or the nearest one from here up to the root of the project."""
    if named:
        return Path(named).absolute()
    try:
        start = (here or Path.cwd()).absolute()
    except FileNotFoundError:
        return None  # the working directory is gone, and nothing lies in it
    folders = (start, *start.parents)
    # Where no root is found the file of a stranger further up must not count.
    root = next((number for number, each in enumerate(folders) if _is_root(each)), 0)
    files = (folder / FILE for folder in folders[: root + 1])
    return next((file for file in files if os.path.isfile(file)), None)  # noqa: PTH113 - see below


def _is_root(folder: Path) -> bool:
    # `Path.exists` raises where a folder above is closed to us; this answers that nothing is there.
    return any(os.path.exists(folder / mark) for mark in ROOT_MARKS)  # noqa: PTH110 - see above


def _of_file(file: Path) -> dict[str, Written]:
    import tomllib  # noqa: PLC0415 - most programs have no file

    try:
        values = list(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))
    except OSError as error:
        raise InvalidOption(
            f"the settings in {file} cannot be read: {error.strerror}",
            hint=f"put the file there, or name another one by {CONFIG}",
        ) from error
    except RecursionError:
        raise InvalidOption(f"{file} is nested too deeply", hint="settings are in tables") from None
    except ValueError as error:
        raise InvalidOption(f"{file} is not written in TOML: {error}") from error
    written = {}
    for name, value in values:
        if name not in _BY_NAME:
            raise _unknown(f"{file} sets {name}, which is no setting", name, _BY_NAME)
        read = _read(_BY_NAME[name], value, str(file))
        if name in _PATHS:
            read = _beside(file, read)
        elif name == "modules.folders":
            read = tuple(str(file.parent / folder) for folder in read)
        elif name == "files.folder":
            read = str(file.parent / read)
        written[name] = Written(read, str(file))
    return written


def _flat(document: Mapping[str, Any], begin: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document by its dotted name."""
    for key, value in document.items():
        if f"{begin}{key}" in _BY_NAME:
            yield f"{begin}{key}", value
        elif isinstance(value, dict) and value:
            yield from _flat(value, f"{begin}{key}.")
        elif value != {}:
            yield f"{begin}{key}", value


def _of_environment(variables: Mapping[str, str]) -> dict[str, Written]:
    written = {}
    for variable, value in variables.items():
        if not variable.startswith(PREFIX) or not value or variable in OTHERS:
            continue
        setting = _BY_VARIABLE.get(variable)
        if setting is not None:
            written[setting.name] = Written(_read(setting, value, variable), variable)
        elif not _OF_A_SERVICE.fullmatch(variable):
            what = f"the environment has {variable}, which is no setting"
            raise _unknown(what, variable, _BY_VARIABLE)
    return written


def _read(setting: Setting, written: Any, origin: str) -> Any:
    try:
        return setting.kind.read(written)
    except (TidemillError, ValueError, KeyError):
        said = shown(written) if isinstance(written, str) else written
        if setting.kind.secret:
            said = "***"
        raise InvalidOption(
            f"{origin} sets {setting.name} to {said!r}", hint=f"give {setting.kind.expected}"
        ) from None


def _unknown(what: str, written: str, known: Mapping[str, Setting]) -> InvalidOption:
    near = get_close_matches(written, known, n=1)
    hint = f"is {near[0]} meant? " if near else ""
    return InvalidOption(what, hint=f"{hint}`tidemill settings` shows what can be set")


def _beside(file: Path, url: str) -> str:
    """A URL of a file whose path is relative to the file of settings, wherever the program runs."""
    path = file_of(url)
    if path is None or path.is_absolute():
        return url
    scheme, _, rest = url.partition("://")
    _, mark, options = rest.partition("?")
    return f"{scheme}:///{quote(str(file.parent / path))}{mark}{options}"
