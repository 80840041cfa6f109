"""A manifest: what a module says of itself in `module.json` or `module.toml`."""

import logging
import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from tidemill.core.errors import InvalidManifest
from tidemill.core.identity import check_name
from tidemill.core.instants import Millis, millis
from tidemill.core.retry import MOST_ATTEMPTS
from tidemill.events.subscription import check_pattern
from tidemill.modules.part import Part
from tidemill.schedules.keywords import ScheduleKeywords, check_options

JSON: Final = "module.json"
TOML: Final = "module.toml"
FILES: Final = (JSON, TOML)

_log = logging.getLogger("tidemill.modules")


class JobEntry(Struct, frozen=True, kw_only=True):
    """One kind of job that a manifest brings.

    Attributes:
        key: where it stands in the manifest, such as `jobs[0]`.
        handler: `"package.module:function"`, or `"file.py:function"` beside the manifest.
        schedule: cron expression; empty: by hand only.
        tz: zone of the schedule.
        on: pattern of the events that it handles; empty: of none.
        timeout: of one attempt; `UNSET`: as every task has it.
        attempts: starts in all; `None`: as every task has it.
        give_up_on: exceptions after which there is no other attempt: `"ValueError"`, or as handlers
            are named.
        queue: where its jobs go; empty: the module's own.
    """

    key: str
    name: str
    handler: str
    description: str
    schedule: str
    tz: str
    on: str
    timeout: Millis | UnsetType
    attempts: int | None
    give_up_on: tuple[str, ...]
    queue: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What a module says of itself.

    Attributes:
        file: where it is written.
        permissions: as written; see `read_permissions`.
        quotas: as written; see `read_quotas`.
        settings: its settings with their defaults.
        events: where the types of payloads are, by patterns of events.
    """

    file: Path
    name: str
    version: str
    description: str
    jobs: tuple[JobEntry, ...]
    permissions: dict[str, Any]
    quotas: dict[str, Any]
    settings: dict[str, Any]
    events: dict[str, str]


def find_manifest(path: Path) -> Path:
    """The manifest at a path, or in the folder that it names.

    Raises:
        InvalidManifest: there is none, or there are two.
    """
    if not path.is_dir():
        return path
    found = [path / name for name in FILES if (path / name).is_file()]
    if len(found) != 1:
        said = "both module.json and module.toml" if found else "no module.json and no module.toml"
        raise InvalidManifest(f"{path} holds {said}", hint="a module has one manifest")
    return found[0]


def read_manifest(path: Path) -> Manifest:
    """Read a manifest; nothing of what it names is looked for or imported.

    Raises:
        InvalidManifest: it cannot be read; the file and the key are named.
    """
    file = find_manifest(path)
    whole = Part(str(file), "", _document(file))
    name = whole.text("name", needed=True)
    whole.made("name", lambda: check_name("module", name))
    version = whole.text("version", needed=True)
    capable = _capable_of_jobs(whole.table("capabilities"))
    entries = tuple(
        _entry(name, part, words=file.suffix == ".toml") for part in whole.tables("jobs")
    )
    if entries and not capable:
        raise whole.wrong("jobs", "stands there, and capabilities.jobs is false", hint="mend one")
    manifest = Manifest(
        file=file,
        name=name,
        version=version,
        description=whole.text("description"),
        jobs=entries,
        permissions=whole.table("permissions").rest(),
        quotas=whole.table("quotas").rest(),
        settings=whole.table("settings").rest(),
        events=_events(whole.table("events")),
    )
    whole.end()
    _check_apart(whole, entries)
    return manifest


def _document(file: Path) -> Any:
    try:
        written = file.read_bytes()
    except OSError as error:
        raise InvalidManifest(
            f"{file} cannot be read: {error.strerror}", hint="name a manifest, or its folder"
        ) from error
    try:
        if file.suffix == ".toml":
            return tomllib.loads(written.decode())
        return msgspec.json.decode(written)
    except (ValueError, RecursionError) as error:
        kind = "TOML" if file.suffix == ".toml" else "JSON"
        raise InvalidManifest(f"{file} is not written in {kind}: {error}") from error


def _capable_of_jobs(part: Part) -> bool:
    capable = part.flag("jobs", otherwise=True)
    part.end()
    return capable


def _entry(module: str, part: Part, *, words: bool) -> JobEntry:
    """One entry of `jobs`.

    Args:
        words: whether its timeout is written in words, rather than in milliseconds.
    """
    given = part.text("name", needed=True)
    name = given if given.startswith(f"{module}.") else f"{module}.{given}"
    part.made("name", lambda: check_name("task", name))
    entry = JobEntry(
        key=part.key,
        name=name,
        handler=part.text("handler", needed=True),
        description=part.text("description"),
        schedule=part.text("schedule"),
        tz=part.text("tz"),
        on=part.text("on"),
        timeout=_timeout(part, words=words),
        attempts=_attempts(part),
        give_up_on=part.texts("give_up_on"),
        queue=part.text("queue"),
    )
    part.end()
    if entry.queue:
        part.made("queue", lambda: check_name("queue", entry.queue))
    if entry.on:
        part.made("on", lambda: check_pattern(entry.on))
    if entry.schedule:
        part.made("schedule", lambda: check_options(name, name, schedule_of(entry)))
    elif entry.tz:
        raise part.wrong("tz", "says nothing without a schedule", hint="leave it out")
    return entry


def _events(part: Part) -> dict[str, str]:
    """Where the types of payloads are, by patterns of events."""
    found = {pattern: part.text(pattern, needed=True) for pattern in part.rest()}
    for pattern in found:
        part.made(pattern, lambda pattern=pattern: check_pattern(pattern))  # type: ignore[misc]  # bound now
    return found


def schedule_of(entry: JobEntry) -> ScheduleKeywords:
    """How an entry recurs."""
    options = ScheduleKeywords(pattern=entry.schedule)
    if entry.tz:
        options["tz"] = entry.tz
    return options


def _timeout(part: Part, *, words: bool) -> Millis | UnsetType:
    written = part.anything("timeout")
    if written is UNSET or written is None:
        return UNSET
    if words:
        if not isinstance(written, str):
            raise part.wrong(
                "timeout", f"holds {written!r}", hint='write it in words, such as "10m"'
            )
        return part.made("timeout", lambda: millis(written))
    length = part.whole("timeout", 1)
    return part.made("timeout", lambda: millis((length or 0) / 1_000))


def _attempts(part: Part) -> int | None:
    retries = part.whole("retries", 0)
    if retries is None:
        return None
    attempts = retries + 1
    if attempts > MOST_ATTEMPTS:
        raise part.wrong("retries", f"holds {retries}", hint=f"at most {MOST_ATTEMPTS - 1}")
    _log.info(
        "%s: %s = %d means %d attempts, the first one included",
        part.place,
        part.path("retries"),
        retries,
        attempts,
    )
    return attempts


def _check_apart(whole: Part, entries: tuple[JobEntry, ...]) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        if entry.name in seen:
            raise whole.wrong(
                f"{entry.key}.name", f"is that of {seen[entry.name]}, too", hint="name one anew"
            )
        seen[entry.name] = entry.key
