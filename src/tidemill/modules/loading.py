"""From a manifest to a module: its handlers are found, each where it says."""

import builtins
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from msgspec import UnsetType

from tidemill.client.task import Task
from tidemill.core.retry import RetryPolicy
from tidemill.modules.manifest import JobEntry, Manifest, read_manifest, schedule_of
from tidemill.modules.module import Module
from tidemill.modules.part import Part
from tidemill.tasks.options import TaskKeywords


def read_module(path: Path) -> Module:
    """The module that a manifest describes.

    Raises:
        InvalidManifest: it cannot be used; the file and the key are named.
    """
    return make_module(read_manifest(path))


def make_module(manifest: Manifest) -> Module:
    """The module of a manifest that has been read; its handlers are imported.

    Raises:
        InvalidManifest: a handler cannot be found, or is none; the key is named.
    """
    whole = Part(str(manifest.file), "", {})
    module = whole.made(
        "name",
        lambda: Module(
            manifest.name,
            version=manifest.version,
            description=manifest.description,
            settings=manifest.settings,
            permissions=manifest.permissions,
            quotas=manifest.quotas,
            place=str(manifest.file),
        ),
    )
    events = Part(str(manifest.file), "events", {})
    for pattern, reference in manifest.events.items():
        kind = _named(events, pattern, manifest, reference)
        events.made(pattern, lambda: module.event(pattern)(kind))  # noqa: B023 - called at once
    for entry in manifest.jobs:
        part = Part(str(manifest.file), entry.key, {})
        function = _handler(part, manifest, entry.handler)
        fatal = [_exception(part, manifest, each) for each in entry.give_up_on]
        part.made("handler", lambda: _bring(module, entry, function, fatal))  # noqa: B023 - called at once
    return module


def _bring(
    module: Module,
    entry: JobEntry,
    function: Callable[..., Any],
    fatal: Sequence[type[Exception]],
) -> None:
    options = TaskKeywords()
    if fatal:
        options["give_up_on"] = fatal
    if not isinstance(entry.timeout, UnsetType):
        options["timeout"] = entry.timeout / 1_000
    if entry.attempts is not None:
        options["retry"] = RetryPolicy(attempts=entry.attempts)
    if entry.queue:
        options["queue"] = entry.queue
    if entry.description and not function.__doc__:
        function.__doc__ = entry.description
    task = module.task(name=entry.name, **options)(function)
    if entry.on:
        module.on(entry.on)(task)
    if entry.schedule:
        module.schedule(**schedule_of(entry))(task)
    _ = task.declaration.signature  # an annotation that JSON cannot carry is told now


def _handler(part: Part, manifest: Manifest, reference: str) -> Callable[..., Any]:
    """The function that a reference names."""
    found = _named(part, "handler", manifest, reference)
    if isinstance(found, Task) or not inspect.isfunction(found):
        name = reference.rpartition(":")[2]
        raise part.wrong(
            "handler", f"names {name!r}, which is no plain function", hint="give a function"
        )
    return found


def _exception(part: Part, manifest: Manifest, reference: str) -> type[Exception]:
    """The exception that a reference names; without a colon, one of Python's own."""
    key = "give_up_on"
    if ":" in reference:
        found = _named(part, key, manifest, reference)
    else:
        found = getattr(builtins, reference, None)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        raise part.wrong(
            key,
            f"names {reference!r}, which is no exception",
            hint='write "ValueError" for one of Python\'s, or "file.py:Name"',
        )
    return found


def _named(part: Part, key: str, manifest: Manifest, reference: str) -> Any:
    """What a reference names that stands under this key."""
    where, _, name = reference.rpartition(":")
    if not where or not name.isidentifier():
        raise part.wrong(
            key,
            f"holds {reference!r}",
            hint='write "package.module:name" or "file.py:name"',
        )
    if where.endswith(".py") or "/" in where or "\\" in where:
        home = _of_file(part, key, manifest, where)
    else:
        home = _imported(part, key, where, lambda: importlib.import_module(where))
    found = getattr(home, name, None)
    if found is None:
        own = [value for value in vars(home).values() if inspect.isfunction(value)]
        names = [each.__name__ for each in own if each.__module__ == home.__name__]
        raise part.wrong(
            key,
            f"names {name!r}, which {where} has not",
            hint=f"it has {', '.join(names)}" if names else "it has no function",
        )
    return found


def _of_file(part: Part, key: str, manifest: Manifest, where: str) -> ModuleType:
    """The code of a file in the folder of the manifest, or below it."""
    folder = manifest.file.parent.resolve()
    path = (folder / where).resolve()
    if not path.is_relative_to(folder):
        raise part.wrong(
            key,
            f"leaves the folder of the module: {where}",
            hint="its files lie beside the manifest; import what lies elsewhere",
        )
    if not path.is_file():
        raise part.wrong(key, f"names {where}, which is not there", hint=f"put it in {folder}")
    stem = ".".join(path.relative_to(folder).with_suffix("").parts)
    name = f"tidemill_module_{manifest.name}.{stem}".replace("-", "_")
    known = sys.modules.get(name)
    if known is not None and known.__file__ == str(path):
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise part.wrong(key, f"names {where}, which is no Python file")
    code = importlib.util.module_from_spec(spec)
    loader = spec.loader
    sys.modules[name] = code  # where annotations and dataclasses look for it

    def run() -> ModuleType:
        try:
            loader.exec_module(code)
        except BaseException:
            del sys.modules[name]
            raise
        return code

    return _imported(part, key, where, run)


def _imported(part: Part, key: str, where: str, load: Callable[[], ModuleType]) -> ModuleType:
    try:
        return load()
    except ModuleNotFoundError as error:
        raise part.wrong(
            key, f"names {where}: {error.msg}", hint="is it installed where workers run?"
        ) from error
    except (Exception, SystemExit) as error:
        said = f"{type(error).__name__}: {error}"
        raise part.wrong(key, f"names {where}, which raised {said}") from error
