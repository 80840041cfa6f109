"""Finding modules: those that installed packages name, and those that lie in folders."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Final

from msgspec import Struct

from tidemill.core.errors import InvalidManifest, InvalidOption, TidemillError
from tidemill.modules.loading import make_module, read_module
from tidemill.modules.manifest import FILES, find_manifest, read_manifest
from tidemill.modules.module import Module

GROUP: Final = "tidemill.modules"
"""The group of entry points by which a package names its modules."""

EVERY: Final = "*"
"""Stands for every module that is found, but for kits."""

_KITS: Final = "tidemill.kits."


class Found(Struct, frozen=True):
    """A module that was found, of which nothing has been imported yet.

    Attributes:
        place: where.
        load: makes it; whatever its code raises comes out of it.
        kit: whether it is one of ours, which is there wherever tidemill is.
    """

    name: str
    place: str
    load: Callable[[], Module]
    kit: bool = False


def find(folders: Iterable[str], wanted: Iterable[str]) -> list[Found]:
    """The modules that are wanted, by name.

    Where two have one name, neither is loaded: which of them would run is not for chance to say,
    nor for the order in which they were found. One that is wanted and not there is told as one
    that cannot be loaded. A kit makes room for a module of its name from elsewhere.

    Args:
        folders: in each folder that lies in one of these with a manifest is a module.
        wanted: their names; `"*"` is every one but the kits, each of which has to be named.
    """
    names = set(wanted)
    if not names:
        return []
    by_name = defaultdict[str, list[Found]](list)
    for found in (*_installed(), *_lying_in(folders)):
        if found.name in names or (EVERY in names and not found.kit):
            by_name[found.name].append(found)
    for name in names - by_name.keys() - {EVERY}:
        by_name[name] = [_missing(name)]
    return [_only(by_name[name]) for name in sorted(by_name)]


def lying(folders: Iterable[Path | str]) -> list[Found]:
    """The modules that lie in these folders, by name; see `find`."""
    by_name = defaultdict[str, list[Found]](list)
    for found in _lying_in(map(str, folders)):
        by_name[found.name].append(found)
    return [_only(by_name[name]) for name in sorted(by_name)]


def _only(found: list[Found]) -> Found:
    several = [each for each in found if not each.kit] or found
    if len(several) == 1:
        return several[0]
    places = " and ".join(found.place for found in several)
    error = InvalidOption(
        f"two modules are called {several[0].name!r}: {places}",
        hint="remove or rename one; until then neither is included",
    )
    return Found(several[0].name, places, _raising(error))


def _missing(name: str) -> Found:
    error = InvalidOption(
        f"modules.include names {name!r}, which is not found",
        hint=f"install a package with an entry point in {GROUP}, or see modules.folders",
    )
    return Found(name, "modules.include", _raising(error))


def _raising(error: TidemillError) -> Callable[[], Module]:
    def load() -> Module:
        raise error

    return load


def _installed() -> Iterator[Found]:
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        package = f" of {point.dist.name}" if point.dist else ""
        place = f"entry point {point.value}{package}"
        load = partial(_named, point)
        yield Found(point.name, place, load, kit=point.value.startswith(_KITS))


def _named(point: EntryPoint) -> Module:
    """The module that an entry point names, by itself, its class or its package."""
    named = point.load()
    if isinstance(named, ModuleType) and named.__file__:
        named = read_module(Path(named.__file__).parent)
    elif isinstance(named, type) and issubclass(named, Module):
        make: Callable[[], Module] = named  # as a kit is made where nobody says more
        named = make()
    if not isinstance(named, Module):
        raise InvalidOption(
            f"{point.value} is no module",
            hint="name a tidemill.Module, or a package with a manifest in its folder",
        )
    if named.name != point.name:
        raise InvalidOption(
            f"the entry point is called {point.name!r}, and its module {named.name!r}",
            hint="call them alike",
        )
    return named


def _lying_in(folders: Iterable[str]) -> Iterator[Found]:
    for each in dict.fromkeys(folders):
        folder = Path(each)
        if not folder.is_dir():
            error = InvalidOption(f"modules.folders names {each}, which is no folder")
            yield Found(folder.name, each, _raising(error))
            continue
        for inner in sorted(folder.iterdir()):
            if any((inner / name).is_file() for name in FILES):
                yield _lying(inner)


def _lying(folder: Path) -> Found:
    """The module of a folder; one that cannot be read is called as its folder is."""
    try:
        manifest = read_manifest(find_manifest(folder))
    except InvalidManifest as error:
        return Found(folder.name, str(folder), _raising(error))
    return Found(manifest.name, str(manifest.file), lambda: make_module(manifest))
